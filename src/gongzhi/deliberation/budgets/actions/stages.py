"""A budget begins, and goes from step to step; never back."""

from dataclasses import dataclass
from datetime import date, datetime

from gongzhi.core import db, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.deliberation.budgets import permissions, rules, store
from gongzhi.deliberation.budgets.models import Budget


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new budget says of itself. `amount` and dates as the rules check them."""

    title: str
    amount_fen: int
    source: str
    times: rules.Times
    doing_until: date
    about: str = ""
    per: str = "household"
    rule: str = "equal-shares"
    completion: str = "add1+greedy"


def propose(*, place_id: int, plan: Plan, by: int, at: datetime, key: str | None = None) -> int:
    """Announce a sum for a place, with its rule, before anybody votes. The budget's id."""
    place = db.rows("select path from places_place where id = %s::bigint", (place_id,))
    if not place:
        raise NotFound("没有这个地方。")
    permissions.runner(by, place[0][0], at)
    values = _checked(plan, at)
    with store.guarded():
        before = store.once("budgets_budget", key, by)
        if before is not None:
            return before
        made = Budget.objects.create(
            place_id=place_id, place_path=place[0][0], by_id=by, at=at, key=key or None, **values
        )
        store.tell("budget.announced", made.pk)
    return int(made.pk)


def _checked(plan: Plan, at: datetime) -> dict[str, object]:
    title = text.clean(plan.title, 80, field="title", one_line=True)
    source = text.clean(plan.source, 120, field="source", one_line=True)
    if len(title) < 4:
        raise BadInput("title", "请写一个标题，例如“2027年社区为民资金”。")
    if len(source) < 2:
        raise BadInput("source", "请写明钱从哪里来。")
    for field, value, known in (
        ("per", plan.per, Budget.Per), ("rule", plan.rule, Budget.Rule),
        ("completion", plan.completion, Budget.Completion),
    ):  # fmt: skip
        if value not in known.values:
            raise BadInput(field, "请从列出的里面选一个。")
    plan.times.check(at)
    if plan.doing_until < plan.times.vote_until.astimezone(SHANGHAI).date():
        raise BadInput("doing_until", "实施要在投票之后。")
    return {
        "title": title, "source": source, "amount_fen": plan.amount_fen, "per": plan.per,
        "about": text.clean(plan.about, 1000, field="about"), "rule": plan.rule,
        "completion": plan.completion, "ideas_until": plan.times.ideas_until,
        "vote_from": plan.times.vote_from, "vote_until": plan.times.vote_until,
        "doing_until": plan.doing_until,
    }  # fmt: skip


def close_ideas(*, budget_id: int, by: int, at: datetime) -> None:
    """No more ideas: costing begins. Not before the promised day."""
    with store.guarded():
        row = store.budget(budget_id, lock=True)
        permissions.runner(by, row["place_path"], at)
        store.at_stage(row, "ideas")
        if at < row["ideas_until"]:
            raise Refused("征集点子的时间还没有到。", todo="说好的截止时间以前，谁都可以提。")
        _go(budget_id, "costing")


def begin(*, budget_id: int, by: int, at: datetime) -> int:
    """Each funded project gets an account with its cost. How many there are."""
    with store.guarded():
        row = store.budget(budget_id, lock=True)
        permissions.runner(by, row["place_path"], at)
        store.at_stage(row, "allocated")
        _go(budget_id, "doing")
        return db.run(
            'insert into budgets_entry (project_id, seq, kind, amount_fen, balance_fen, "to",'
            " words, decision, by_id, at) select id, 0, 'allot', cost_fen, 0, '', '', '',"
            " %s::bigint, %s::timestamptz from budgets_idea where budget_id = %s::bigint"
            " and funded is not null order by funded",
            (by, at, budget_id),
        )


def end(*, budget_id: int, by: int, at: datetime) -> None:
    """All projects are finished and their accounts closed."""
    with store.guarded():
        row = store.budget(budget_id, lock=True)
        permissions.runner(by, row["place_path"], at)
        store.at_stage(row, "doing")
        left = db.rows(
            "select count(*) from budgets_idea where budget_id = %s::bigint"
            " and funded is not null and finished_at is null",
            (budget_id,),
        )[0][0]
        if left:
            raise Refused(f"还有{left}个项目没有结清。", todo="请先把每个项目的账结清。")
        _go(budget_id, "done")


def _go(budget_id: int, stage: str) -> None:
    db.run("update budgets_budget set stage = %s where id = %s::bigint", (stage, budget_id))
    store.tell(f"budget.{stage}", budget_id)
