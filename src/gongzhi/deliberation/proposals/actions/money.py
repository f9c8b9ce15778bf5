"""Money of a project, in fen: where it comes from, what households agreed to, what was spent."""

from datetime import date, datetime

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound
from gongzhi.deliberation.proposals import store
from gongzhi.deliberation.proposals.actions.common import (
    household_of,
    may_edit,
    project_of,
    told,
)
from gongzhi.deliberation.proposals.models import Levy, MoneyLine, Spending

MAX_FEN = 10**12


def add_line(
    *, proposal_id: int, by: int, at: datetime, source: str, name: str, planned_fen: int
) -> int:
    """A source of money: community fund, residents' levy, departments, donation; in fen."""
    if source not in dict(MoneyLine.SOURCES):
        raise BadInput("source", "请选钱从哪里来。")
    if not 0 < planned_fen <= MAX_FEN:
        raise BadInput("planned", "金额不对。", todo="请填正数，单位是元，最多两位小数。")
    with db.atomic():
        project = project_of(proposal_id, by, at)
        made = MoneyLine.objects.create(
            project=project, source=source, planned_fen=planned_fen,
            name=text.clean(name, 100, field="name", one_line=True),
        )  # fmt: skip
        store.event(proposal_id, "money_added", by=by, at=at, line=made.pk)
    return made.pk


def agree_levy(
    *,
    proposal_id: int,
    line_id: int,
    by: int,
    at: datetime,
    amount_fen: int,
    person_id: int | None = None,
    how: str = "",
) -> bool:
    """A household agrees to pay its part: its own member on the phone, or staff from paper.

    False if it had agreed already. Nothing can be spent of a levy beyond what was agreed.
    """
    who = by if person_id is None else person_id
    if not 0 < amount_fen <= MAX_FEN:
        raise BadInput("amount", "金额不对。", todo="请填正数，单位是元，最多两位小数。")
    with db.atomic():
        it = store.load(proposal_id)
        if who != by and not may_edit(it, by, at):
            raise NotAllowed("只有本社区（村）的工作人员能代人登记。")
        if who != by and len(how.strip()) < 2:
            raise BadInput("how", "请写明本人怎样同意的。", todo="例如：在同意书上签了名。")
        line = MoneyLine.objects.filter(
            pk=line_id, project__proposal=proposal_id, source="levy"
        ).first()  # fmt: skip
        household = household_of(who, it.row["reach_path"])
        if line is None:
            raise NotFound("没有这一项自筹。")
        _made, new = Levy.objects.get_or_create(
            line=line, household_id=household, withdrawn_at=None,
            defaults={
                "agreed_by_id": who, "amount_fen": amount_fen, "at": at,
                "how": text.clean(how, 100, field="how", one_line=True) or "本人在手机上同意",
            },
        )  # fmt: skip
    return new


def withdraw_levy(*, proposal_id: int, line_id: int, by: int, at: datetime) -> bool:
    """The household takes its consent back, as long as the money has not been spent."""
    with db.atomic():
        store.load(proposal_id)
        with told():
            return bool(
                Levy.objects.filter(
                    line=line_id, line__project__proposal=proposal_id, withdrawn_at=None,
                    household__people=by,
                ).update(withdrawn_at=at)
            )  # fmt: skip


def spend(
    *,
    proposal_id: int,
    line_id: int,
    by: int,
    at: datetime,
    amount_fen: int,
    what: str,
    spent_on: date,
    receipt: str = "",
    key: str | None = None,
) -> None:
    """Money went out: what for, on which day, with which receipt. Never changed, only reversed."""
    what = text.clean(what, 200, field="what", one_line=True)
    if len(what) < 2:
        raise BadInput("what", "请写明花在什么上。")
    if not 0 < amount_fen <= MAX_FEN:
        raise BadInput("amount", "金额不对。", todo="请填正数，单位是元，最多两位小数。")
    if spent_on > at.date():
        raise BadInput("spent_on", "日期不能在今天以后。")
    with db.atomic():
        if not store.first_time(
            f"spend:{proposal_id}", by, key, line_id, amount_fen, what, str(spent_on)
        ):
            return
        project = project_of(proposal_id, by, at)
        if not MoneyLine.objects.filter(pk=line_id, project=project).exists():
            raise BadInput("line", "请选钱从哪一项出。")
        with told():
            Spending.objects.create(
                line_id=line_id, what=what, amount_fen=amount_fen, spent_on=spent_on, by_id=by,
                receipt=text.clean(receipt, 60, field="receipt", one_line=True), at=at,
            )  # fmt: skip
        store.event(proposal_id, "spent", by=by, at=at, fen=amount_fen)


def reverse(*, proposal_id: int, spending_id: int, by: int, at: datetime, why: str) -> None:
    """A wrong entry is put right by one that takes it back; once."""
    why = text.clean(why, 150, field="why", one_line=True)
    if len(why) < 2:
        raise BadInput("why", "请写明为什么冲销。")
    with db.atomic():
        project = project_of(proposal_id, by, at)
        wrong = Spending.objects.filter(pk=spending_id, line__project=project).first()
        if wrong is None or wrong.reverses_id is not None:
            raise NotFound("没有这笔支出。")
        if Spending.objects.filter(reverses=wrong).exists():
            return
        Spending.objects.create(
            line_id=wrong.line_id, what=f"冲销：{why}", amount_fen=-wrong.amount_fen,
            spent_on=at.date(), reverses=wrong, by_id=by, at=at,
        )  # fmt: skip
        store.event(proposal_id, "reversed", by=by, at=at, fen=-wrong.amount_fen)
