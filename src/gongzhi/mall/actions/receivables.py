"""A claim on the fund: made, confirmed by who owes it, split, passed on; cancelled before only."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import BadInput, Refused
from gongzhi.mall import books, exchange, permissions, rules, store
from gongzhi.mall.models import Assignment, Receivable


def claim_of(
    statement: dict[str, Any], mall: dict[str, Any], due_on: date, why: str, at: datetime
) -> int:
    """The root claim of a confirmed statement, inside its transaction."""
    today = store.day(at)
    rules.due(today, due_on, mall["usual_months"], mall["most_months"], why)
    count = db.rows(
        "select count(*) from mall_receivable where statement_id = %s::bigint", (statement["id"],)
    )[0][0]
    made = Receivable.objects.create(
        statement_id=statement["id"], holder_id=statement["organisation_id"],
        number=f"YS{mall['id']}-{statement['merchant_id']}-{statement['number']:04d}-{count + 1}",
        face_fen=statement["net_fen"], due_on=due_on, late_why=why.strip(),
        limit_on=rules.later(today, mall["most_months"]), at=at,
    )  # fmt: skip
    return int(made.pk)


def make_claim(*, statement_id: int, due_on: date, why: str, by: int, at: datetime) -> int:
    """Again a claim after the first was withdrawn, with another term."""
    with store.guarded():
        row = store.read("statement", statement_id, lock=True)
        permissions.seller(by, row, at)
        store.at_state(row, "confirmed")
        before = db.rows(
            "select id, state, due_on, late_why from mall_receivable"
            " where statement_id = %s::bigint and state <> 'cancelled'", (statement_id,),
        )  # fmt: skip
        if before and before[0][1:] == ("draft", due_on, why.strip()):
            return int(before[0][0])  # pressed twice
        if before:
            raise Refused("这张对账单已经有应收账款。")
        return claim_of(row, store.read("mall", row["mall_id"]), due_on, why, at)


def withdraw_claim(*, receivable_id: int, by: int, at: datetime) -> None:
    """The holder takes it back before the funder has confirmed it; never after."""
    with store.guarded():
        row = store.read("receivable", receivable_id, lock=True)
        permissions.holder(by, row["holder_id"], at)
        if row["state"] == "cancelled":
            return
        if row["state"] != "draft":
            raise Refused("出资方已经确认，不能再撤销。")
        Receivable.objects.filter(pk=receivable_id).update(state="cancelled")


def confirm_claim(*, receivable_id: int, by: int, at: datetime) -> None:
    """The funder has seen the proof of trade and owes the sum on the day."""
    with store.guarded():
        row = store.read("receivable", receivable_id, lock=True)
        permissions.funder(by, store.read("mall", row["mall_id"]), at)
        if row["state"] == "open":
            return
        store.at_state(row, "draft")
        Receivable.objects.filter(pk=receivable_id).update(
            state="open", confirmed_by=by, confirmed_at=at
        )
        books.owed(receivable_id, row["mall_id"], row["holder_id"], row["face_fen"], by=by, at=at)
        store.tell("mall.confirmed", receivable_id)


def split(*, receivable_id: int, parts_fen: Sequence[int], by: int, at: datetime) -> list[int]:
    """Into parts that add up exactly; the whole is closed, the parts keep its day.

    The same split again gives the same parts.
    """
    with store.guarded():
        row = store.read("receivable", receivable_id, lock=True)
        permissions.holder(by, row["holder_id"], at)
        if row["state"] == "split":
            return _same_parts(row, parts_fen)
        store.at_state(row, "open")
        parts = rules.parts(row["face_fen"], parts_fen)
        _free(receivable_id)
        Receivable.objects.filter(pk=receivable_id).update(state="split")
        made = Receivable.objects.bulk_create(
            Receivable(
                statement_id=row["statement_id"], parent_id=receivable_id, at=at,
                number=f"{row['number']}.{n}"[:40], holder_id=row["holder_id"], face_fen=part,
                due_on=row["due_on"], limit_on=row["limit_on"], late_why=row["late_why"],
                state="open", confirmed_by_id=row["confirmed_by_id"],
                confirmed_at=row["confirmed_at"],
            )
            for n, part in enumerate(parts, 1)
        )  # fmt: skip
        store.tell("mall.split", receivable_id)
    return [int(child.pk) for child in made]


def _same_parts(row: dict[str, Any], parts_fen: Sequence[int]) -> list[int]:
    """The parts, where it was split just so; Stale otherwise."""
    made = db.rows(
        "select id, face_fen from mall_receivable where parent_id = %s::bigint order by id",
        (row["id"],),
    )
    if [face for _, face in made] != list(parts_fen):
        store.at_state(row, "open")
    return [int(number) for number, _ in made]


def _free(receivable_id: int) -> None:
    """Refused where a bank looks at it or it is being paid."""
    busy = db.rows(
        "select exists (select 1 from mall_financing where receivable_id = %(id)s::bigint"
        " and state in ('asked', 'offered', 'accepted', 'live')), exists (select 1"
        " from mall_payment where receivable_id = %(id)s::bigint and alive)",
        {"id": receivable_id},
    )[0]
    if busy[0]:
        raise Refused("这笔应收账款正在融资。", code="financed_once")
    if busy[1]:
        raise Refused("这笔应收账款已经在付款当中。", code="being_paid")


def assign(*, receivable_id: int, taker_id: int, reason: str, by: int, at: datetime) -> None:
    """The holder passes it on to another merchant or financier of the mall; the fund is told."""
    said = store.text_of(reason, "reason", "请写明为什么转让，例如货款。", most=200)
    with store.guarded():
        row = store.read("receivable", receivable_id, lock=True)
        if _passed_on(row, taker_id, said, by):
            return
        permissions.holder(by, row["holder_id"], at)
        store.at_state(row, "open")
        _free(receivable_id)
        if taker_id == row["holder_id"]:
            raise BadInput("taker", "要转给别的单位。")
        known = db.rows(
            store.TAKERS.format(who="o.name") + " and o.id = %(taker)s::bigint",
            {"mall": row["mall_id"], "taker": taker_id, "today": store.day(at)},
        )
        if not known:
            raise BadInput("taker", "只能转给本商城的商户或持牌的金融机构。")
        hand_over(row, "assign", taker_id, known[0][0], said, by, at)


def _passed_on(row: dict[str, Any], taker_id: int, reason: str, by: int) -> bool:
    """Whether this very assignment is what happened last: the button was pressed twice."""
    last = db.rows(
        "select taker_id, reason, by_id from mall_assignment where receivable_id = %s::bigint"
        " order by id desc limit 1", (row["id"],),
    )  # fmt: skip
    return last == [(taker_id, reason, by)] and row["holder_id"] == taker_id


def hand_over(
    row: dict[str, Any], kind: str, taker_id: int, taker: str, reason: str, by: int, at: datetime
) -> None:
    """The assignment, the new holder and the notice, inside a transaction with the row locked."""
    made = Assignment.objects.create(
        receivable_id=row["id"], kind=kind, giver_id=row["holder_id"], taker_id=taker_id,
        reason=reason, by_id=by, at=at,
    )  # fmt: skip
    Receivable.objects.filter(pk=row["id"]).update(holder_id=taker_id)
    books.assigned(made.pk, row["holder_id"], taker_id, row["face_fen"], by=by, at=at)
    body = exchange.notice(
        number=row["number"], giver=row["holder"], taker=taker, face_fen=row["face_fen"],
        due_on=str(row["due_on"]), at=at.isoformat(timespec="seconds"),
    )  # fmt: skip
    store.message(
        mall_id=row["mall_id"], kind="notice", body=body, receivable_id=row["id"], at=at,
        name=f"notice-{row['number']}-{made.pk}.txt",
    )  # fmt: skip
    store.tell("mall.assigned", row["id"])
