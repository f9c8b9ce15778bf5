"""Ideas of residents; what each would cost, or why it cannot be done."""

from datetime import datetime
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused, Stale
from gongzhi.deliberation.budgets import permissions, store
from gongzhi.deliberation.budgets.allocation.election import Election
from gongzhi.deliberation.budgets.allocation.money import FEN
from gongzhi.people import queries as people
from gongzhi.publications import actions as board

MOST_EACH = 10  # ideas of one person in one budget; more is not an idea but a flood

_INSERT = """
with b as (update budgets_budget set ideas = ideas + 1 where id = %(budget)s::bigint
  and stage = any(%(stages)s::text[]) returning id, ideas)
insert into budgets_idea (budget_id, number, title, text, "where", state, reason, by_id, at, key)
select b.id, b.ideas, %(title)s, %(text)s, %(where)s, 'open', '', %(by)s::bigint,
  %(at)s::timestamptz, %(key)s::text from b returning id
"""


def submit(
    *, budget_id: int, title: str, body: str = "", where: str = "", by: int, at: datetime,
    key: str | None = None,
) -> int:  # fmt: skip
    """A resident's idea, one sentence is enough. The idea's id; the same key, the same idea."""
    values = _typed(title, body, where)
    with store.guarded():
        before = store.once("budgets_idea", key, by)
        if before is not None:
            return before
        row = store.budget(budget_id)
        _may_submit(row, by, at)
        return _insert(budget_id, values | {"by": by, "at": at, "key": key or None}, "ideas")


def _typed(title: str, body: str, where: str) -> dict[str, object]:
    said = text.clean(title, 40, field="title", one_line=True)
    if len(said) < 2:
        raise BadInput("title", "请用一句话写出您的点子。")
    return {
        "title": said, "text": text.clean(body, 1000, field="body"),
        "where": text.clean(where, 80, field="where", one_line=True),
    }  # fmt: skip


def _may_submit(row: dict[str, object], by: int, at: datetime) -> None:
    viewer = people.viewer(by, at)
    path = str(row["place_path"])
    if not permissions.may_see(viewer, path):
        raise NotFound("没有这笔社区资金。")
    if not viewer.lives_in(path):
        raise NotAllowed("点子由住在这里的居民来提。")
    until = row["ideas_until"]
    assert isinstance(until, datetime)
    if row["stage"] != "ideas" or at >= until:
        raise Refused("征集点子的时间已经过了。", todo="下一次征集会贴在公开栏上。")
    own = db.rows(
        "select count(*) from budgets_idea where budget_id = %s::bigint and by_id = %s::bigint"
        " and state <> 'withdrawn'",
        (row["id"], by),
    )[0][0]
    if own >= MOST_EACH:
        raise Refused(f"一个人最多提{MOST_EACH}个点子。", todo="可以先撤回一个。")


def _insert(budget_id: int, values: dict[str, object], *stages: str) -> int:
    made = db.rows(_INSERT, values | {"budget": budget_id, "stages": list(stages)})
    if not made:
        raise Stale("征集点子的时间已经过了。")
    store.tell("budget.idea", int(made[0][0]))
    return int(made[0][0])


def withdraw(*, idea_id: int, by: int, at: datetime) -> None:
    """Take back one's own idea while it has not been costed."""
    with store.guarded():
        row = store.idea(idea_id, lock=True)
        if row["by_id"] != by:
            raise NotAllowed("只能撤回自己提的点子。")
        if row["state"] == "withdrawn":
            return
        store.at_stage(row, "ideas", "costing")
        if row["state"] != "open":
            raise Refused("已经核算过，不能再撤回。")
        db.run("update budgets_idea set state = 'withdrawn' where id = %s::bigint", (idea_id,))
        store.tell("budget.idea", idea_id)


def cost(
    *, idea_id: int, cost_fen: int, note: str, by: int, at: datetime,
    low_fen: int | None = None, high_fen: int | None = None,
) -> None:  # fmt: skip
    """Say what an idea costs, in fen, within what range, and how that was reckoned."""
    low, high = low_fen or cost_fen, high_fen or cost_fen
    if not 0 < low <= cost_fen <= high:
        raise BadInput("low", "费用要在最低和最高之间。")
    _judge(idea_id, "costed", note, (cost_fen, low, high), by, at)


def refuse(*, idea_id: int, reason: str, by: int, at: datetime) -> None:
    """Say why an idea cannot be done; the reason is published for at least fifteen days."""
    row = _judge(idea_id, "refused", reason, (None, None, None), by, at)
    board.publish(
        place_id=row["place_id"], subject="budget_idea", subject_id=idea_id, by=by, at=at,
        title=f"点子没有列入投票：{row['title']}", audience="community", days=15,
        body={
            "body": f"{row['budget']}：第{row['number']}号点子“{row['title']}”没有列入投票。",
            "where": row["place"],
            "sections": [{"name": "理由", "lines": [text.clean(reason, 500)]}],
        },
    )  # fmt: skip


def _judge(
    idea_id: int, state: str, reason: str, amounts: tuple[int | None, int | None, int | None],
    by: int, at: datetime,
) -> dict[str, Any]:  # fmt: skip
    """Write what an official found. He may correct it until the vote; never for his own idea."""
    said = text.clean(reason, 500, field="reason")
    if len(said) < 4:
        raise BadInput("reason", "请写明怎么算的，或者为什么不能做。大家都看得到。")
    with store.guarded():
        row = store.idea(idea_id, lock=True)
        permissions.coster(by, row["place_path"], at)
        store.at_stage(row, "ideas", "costing")
        if row["by_id"] == by:
            raise NotAllowed("自己提的点子，请别的同事来核算。")
        if row["state"] == "withdrawn":
            raise Stale("提点子的人已经撤回了。")
        if (amounts[0] or 0) > row["amount_fen"]:
            raise BadInput(
                "cost", "比资金总额还多。", todo="可以和提点子的人商量缩小，或写明理由不列入。"
            )
        db.run(
            "update budgets_idea set state = %s, reason = %s, cost_fen = %s::bigint,"
            " low_fen = %s::bigint, high_fen = %s::bigint, judged_by_id = %s::bigint,"
            " judged_at = %s::timestamptz where id = %s::bigint",
            (state, said, *amounts, by, at, idea_id),
        )
        store.tell("budget.idea", idea_id)
    return row


def take_in(*, budget_id: int, election: Election, by: int, at: datetime) -> int:
    """Take the projects of a .pb file as ideas with their costs. How many; votes are not taken."""
    listed = election.projects
    if not listed or len(listed) > 500:
        raise BadInput("file", "文件里没有项目，或者超过500个。")
    if election.per_unit != FEN:
        raise BadInput("file", "金额最多到分。")
    with store.guarded():
        row = store.budget(budget_id, lock=True)
        permissions.coster(by, row["place_path"], at)
        store.at_stage(row, "ideas", "costing")
        for project in listed:
            title = text.clean(project.name or project.id, 1000, one_line=True)[:40]
            values: dict[str, object] = {
                "title": title,
                "text": "",
                "where": "",
                "by": None,
                "at": at,
                "key": None,
            }
            made = _insert(budget_id, values, "ideas", "costing")
            if 0 < project.cost <= row["amount_fen"]:
                day = at.astimezone(SHANGHAI).date()
                cost(idea_id=made, cost_fen=project.cost, by=by, at=at,
                     note=f"{day}从文件导入，编号{project.id}。")  # fmt: skip
    return len(listed)
