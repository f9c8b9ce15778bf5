"""The account of a funded project: receipts, running balance, supervisors who confirm."""

from datetime import datetime
from typing import Any

from gongzhi.core import db, photos, text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.deliberation.budgets import permissions, queries, rules, store
from gongzhi.deliberation.budgets.models import Confirmation, Entry, Receipt, Supervisor
from gongzhi.people import queries as people
from gongzhi.publications import actions as board

ENTERED = ("pay", "refund", "raise", "return")


def keep_receipt(*, by: int, at: datetime, key: str, data: bytes, name: str) -> int:
    """Store the picture of a receipt the moment it arrives; its id. The same key, the same one."""
    if not 8 <= len(key) <= 80:
        raise BadInput("receipt", "上传编号不对，请刷新页面。")
    before = store.once("budgets_receipt", key, by)
    if before is not None:
        return before
    photo = photos.accept(data, name, field="receipt")
    made = Receipt.objects.create(
        sha256=photo.sha256, content=photo.jpeg, thumb=photo.thumb, by_id=by, at=at, key=key
    )
    return int(made.pk)


def enter(
    *, project_id: int, kind: str, amount_fen: int, by: int, at: datetime, to: str = "",
    words: str = "", decision: str = "", receipt_id: int | None = None, key: str | None = None,
) -> int:  # fmt: skip
    """Write one line of the account, in fen, and put the account on the board anew. Its id.

    A payment names who got it and has a receipt; a raise names the decision. The balance is the
    database's own; Refused when it would fall below nothing.
    """
    values = _typed(kind, to, words, decision, receipt_id)
    with store.guarded():
        before = store.once("budgets_entry", key, by)
        if before is not None:
            return before
        row = store.idea(project_id, lock=True)
        permissions.runner(by, row["place_path"], at)
        _affordable(row, kind, amount_fen)
        if (
            receipt_id is not None
            and not Receipt.objects.filter(pk=receipt_id, by_id=by, entry=None).exists()
        ):
            raise BadInput("receipt", "这张单据已经用在别的账上。")
        made = Entry.objects.create(
            project_id=project_id, kind=kind, amount_fen=amount_fen, by_id=by, at=at,
            key=key or None, receipt_id=receipt_id, **values,
        )  # fmt: skip
        store.tell("budget.entry", made.pk)
        publish_account(row, by, at)
    return int(made.pk)


def _typed(kind: str, to: str, words: str, decision: str, receipt_id: int | None) -> dict[str, str]:
    typed = {
        "to": text.clean(to, 80, field="to", one_line=True),
        "words": text.clean(words, 200, field="words", one_line=True),
        "decision": text.clean(decision, 200, field="decision", one_line=True),
    }
    if kind not in ENTERED:
        raise BadInput("kind", "请选是哪一种。")
    if kind == "pay" and not typed["to"]:
        raise BadInput("to", "请写付给了谁。")
    if kind == "pay" and receipt_id is None:
        raise BadInput("receipt", "支出要有单据照片。")
    if kind == "raise" and len(typed["decision"]) < 4:
        raise BadInput("decision", "追加要写明是哪次会议、哪一天决定的。")
    return typed


def _affordable(row: dict[str, Any], kind: str, amount_fen: int) -> None:
    """The guards in words, before they have to speak."""
    if row["stage"] != "doing" or row["funded"] is None or row["finished_at"] is not None:
        raise Refused(store.GUARDS["account_of_project"])
    if amount_fen <= 0:
        raise BadInput("amount", "金额要大于零。")
    if kind in {"pay", "return"} and amount_fen > queries.balance(row["id"]):
        raise BadInput(
            "amount", "余额不够。", todo="要追加，先开会决定，再记一笔“追加”。", code="overspent"
        )


def publish_account(row: dict[str, Any], by: int, at: datetime) -> None:
    """The account as it now stands, on the board."""
    board.publish(
        place_id=row["place_id"], subject="budget_account",
        subject_id=row["id"], title=f"项目账目：{row['title']}",
        body=queries.account_body(row), audience="community", days=15, by=by, at=at,
        reason="记了新的账",
    )  # fmt: skip


def appoint_supervisor(*, project_id: int, person_id: int, by: int, at: datetime) -> None:
    """A resident looks after the project: neither he who runs the money nor one who costed it."""
    with store.guarded():
        row = store.idea(project_id, lock=True)
        permissions.runner(by, row["place_path"], at)
        store.at_stage(row, "allocated", "doing")
        if row["funded"] is None:
            raise Refused("这个项目没有选中。")
        person = people.viewer(person_id, at)
        if person.person_id is None:
            raise NotFound("没有找到这个人。")
        if not person.lives_in(row["place_path"]):
            raise BadInput("person", "监督员要是住在这里的居民。")
        if permissions.may_cost(person, row["place_path"]) or person_id == by:
            raise NotAllowed("管钱和核算的人不能当监督员。")
        Supervisor.objects.get_or_create(
            project_id=project_id, person_id=person_id, defaults={"by_id": by, "at": at}
        )


def confirm(*, entry_id: int, right: bool, words: str = "", by: int, at: datetime) -> None:
    """A supervisor says whether the receipt and what was done agree. Once."""
    said = text.clean(words, 200, field="words", one_line=True)
    if not right and len(said) < 4:
        raise BadInput("words", "请写明哪里不对。")
    with store.guarded():
        found = db.rows(
            "select e.project_id, e.by_id, exists (select 1 from budgets_supervisor s where"
            " s.project_id = e.project_id and s.person_id = %s::bigint) from budgets_entry e"
            " where e.id = %s::bigint",
            (by, entry_id),
        )
        if not found:
            raise NotFound("没有这一笔账。")
        project, entered_by, supervises = found[0]
        if not supervises or entered_by == by:
            raise NotAllowed(store.GUARDS["confirmed_by_supervisor"])
        made = Confirmation.objects.get_or_create(
            entry_id=entry_id, by_id=by, defaults={"right": right, "words": said, "at": at}
        )
        if made[1]:
            store.tell("budget.confirmed", entry_id)
            publish_account(store.idea(project), by, at)


def finish(*, project_id: int, by: int, at: datetime) -> None:
    """Close the account: nothing is left, and two supervisors have confirmed every receipt."""
    with store.guarded():
        row = store.idea(project_id, lock=True)
        permissions.runner(by, row["place_path"], at)
        if row["finished_at"] is not None:
            return
        store.at_stage(row, "doing")
        waiting = db.rows(
            "select count(*) from budgets_entry e where e.project_id = %s::bigint"
            " and e.kind = 'pay' and (select count(*) from budgets_confirmation c"
            ' where c.entry_id = e.id and c."right") < %s::int',
            (project_id, rules.CONFIRMATIONS),
        )[0][0]
        if waiting or queries.balance(project_id):
            raise Refused(store.GUARDS["finished_when_confirmed"])
        db.run(
            "update budgets_idea set finished_at = %s::timestamptz where id = %s::bigint",
            (at, project_id),
        )
        store.tell("budget.finished", project_id)
        publish_account(row, by, at)
