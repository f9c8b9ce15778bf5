"""Totals are made public, then the points are entered; a wrong entry is reversed, never edited."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, Refused
from gongzhi.ledger.actions import NotReversible, Overdraft
from gongzhi.ledger.points import accounts, permissions, rules, store
from gongzhi.ledger.points.actions import budgets
from gongzhi.ledger.points.models import Claim, Notice

LEAST = timedelta(days=1)

_TOTALS = """
select i.area, count(*) as deeds, sum(c.points) as points, count(distinct c.holder_id) as holders
from points_claim c join points_ruleitem i on i.id = c.item_id
join points_holder h on h.id = c.holder_id
where h.place_id = %s::bigint and c.state = 'approved' group by i.area order by i.area
"""


def post(*, place_id: int, by: int, at: datetime) -> int:
    """Make the totals of all that was approved public: by area, in numbers, never by person."""
    path, _ = store.place(place_id)
    permissions.must(by, permissions.SECOND, path, at)
    with store.guarded():
        # Whoever approves just now waits, so that the totals are those of the claims below.
        db.rows("select 1 from points_claim c join points_holder h on h.id = c.holder_id where"
                " h.place_id = %s::bigint and c.state = 'approved' for update of c",
                (place_id,))  # fmt: skip
        found = db.dicts(_TOTALS, (place_id,))
        if not found:
            raise Refused("没有等公示的积分。")
        totals = [
            {"area": r["area"], "deeds": r["deeds"], "points": int(r["points"]),
             "holders": rules.small(r["holders"])} for r in found
        ]  # fmt: skip
        made = Notice.objects.create(
            place_id=place_id, place_path=path, totals=totals, posted_at=at, by_id=by,
            enter_from=at + _days(place_id),
        )  # fmt: skip
        db.run(
            "update points_claim c set state = 'noticed', notice_id = %s::bigint"
            " from points_holder h where h.id = c.holder_id and h.place_id = %s::bigint"
            " and c.state = 'approved'", (made.pk, place_id),
        )  # fmt: skip
        store.tell("points.noticed", made.pk)
    return int(made.pk)


def _days(place_id: int) -> timedelta:
    found = db.rows(
        "select notice_days from points_rulebook where place_id = %s::bigint"
        " and state = 'published'", (place_id,),
    )  # fmt: skip
    return timedelta(days=found[0][0]) if found else LEAST


_READY = """
select c.id, c.points, c.times, a.account as budget, h.account, h.subject, h.id as holder,
  i.code, b.version, p.code as place_code, b.month_cap, b.group_cap, b.lasts, b.months,
  coalesce((select sum(o.points) from points_claim o where o.holder_id = h.id
    and o.state = 'entered' and date_trunc('month', o.entered_at at time zone 'Asia/Shanghai')
      = date_trunc('month', %(at)s::timestamptz at time zone 'Asia/Shanghai')), 0) as used
from points_claim c join points_holder h on h.id = c.holder_id
join points_ruleitem i on i.id = c.item_id join points_rulebook b on b.id = i.book_id
join points_activity a on a.id = c.activity_id join places_place p on p.id = b.place_id
where c.notice_id = %(notice)s::bigint and c.state = 'noticed'
order by h.id, c.id for no key update of h, c
"""


def enter(*, notice_id: int, by: int, at: datetime) -> int:
    """When the notice has run, every claim in it becomes an entry, all or none. How many.

    What goes beyond the month in which it is recorded waits for the next notice. Refused while the
    fund behind the points could not pay for all that is out (rules.md §8 R8).
    """
    with store.guarded():
        row = store.one(
            "select * from points_notice where id = %s::bigint for update", (notice_id,),
            "没有这次公示。",
        )  # fmt: skip
        permissions.must(by, permissions.SECOND, row["place_path"], at)
        if row["entered_at"] is not None:
            return 0
        if at < row["enter_from"]:
            raise Refused("公示的日子还没有满。", todo="到时候再入账。")
        budgets.solvent(row["place_id"], 0, at)  # what is in budgets is counted as given already
        Notice.objects.filter(pk=notice_id).update(entered_at=at)
        now, later = _split(db.dicts(_READY, {"notice": notice_id, "at": at}))
        _defer(later)
        made = accounts.award(now, by=by, at=at)
        _entered(now, made, at)
        store.tell("points.entered", notice_id)
    return len(now)


def _split(rows: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    now: list[dict[str, Any]] = []
    later: list[dict[str, Any]] = []
    used: dict[int, int] = {}
    for row in rows:
        cap = row["month_cap"] if row["subject"] == "person" else row["group_cap"]
        sofar = used.setdefault(row["holder"], int(row["used"]))
        if sofar + row["points"] > cap:
            later.append(row)
            continue
        used[row["holder"]] = sofar + row["points"]
        now.append(row)
    return now, later


def _defer(rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        db.run(
            "update points_claim set state = 'approved', notice_id = null"
            " where id = any(%s::bigint[])", ([r["id"] for r in rows],),
        )  # fmt: skip


def _entered(rows: Sequence[dict[str, Any]], transfers: Sequence[int], at: datetime) -> None:
    if rows:
        db.run(
            "update points_claim c set state = 'entered', transfer = n.transfer,"
            " entered_at = %s::timestamptz from unnest(%s::bigint[], %s::bigint[])"
            " as n(id, transfer) where c.id = n.id",
            (at, [r["id"] for r in rows], list(transfers)),
        )


def reverse(*, claim_id: int, reason: str, by: int, at: datetime) -> None:
    """A wrong award is taken back by a mirror entry; the only way points are ever taken (R7)."""
    said = text.clean(reason, 300, field="reason")
    if len(said) < 4:
        raise BadInput("reason", "请写明哪里记错了，本人看得到。")
    with store.guarded():
        row = store.claim(claim_id, lock=True)
        permissions.must(by, permissions.SECOND, row["place_path"], at)
        if row["state"] == "reversed":
            return
        if row["state"] != "entered":
            raise Refused("还没有入账，不用冲回。")
        if by in (row["doer_id"], row["person_id"]):
            raise Refused(store.GUARDS["nobody_checks_himself"])
        _reverse(row, said, by, at)


def _reverse(row: dict[str, Any], reason: str, by: int, at: datetime) -> None:
    try:
        accounts.reverse(row["transfer"], row["id"], by=by, at=at)
    except (Overdraft, NotReversible) as error:
        raise Refused(
            "这些积分本人已经用掉或过期了，不能冲回；积分不会变成负数。", code="spent",
            todo="请在季度核对里写明这一笔。",
        ) from error  # fmt: skip
    Claim.objects.filter(pk=row["id"]).update(
        state="reversed", reason=reason, reversed_by_id=by, reversed_at=at
    )
    store.tell("points.reversed", row["id"])


def undo_event(*, event: str, reason: str, by: int, at: datetime) -> None:
    """What the system awarded for a record that turned out wrong is taken back with it.

    Inside the transaction of the record's own correction.
    """
    found = db.rows("select id from points_claim where event = %s", (event,))
    if not found:
        return
    row = store.claim(found[0][0], lock=True)
    if row["state"] == "entered":
        _reverse(row, reason, by, at)
    elif row["state"] in ("approved", "noticed"):
        Claim.objects.filter(pk=row["id"]).update(state="withdrawn", reason=reason, notice=None)
