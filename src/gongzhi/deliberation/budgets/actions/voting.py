"""The roll is frozen, voices approve of projects, the rule fixed before divides the money."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, Refused
from gongzhi.deliberation.budgets import permissions, queries, rules, store
from gongzhi.deliberation.budgets.allocation import completion, report
from gongzhi.deliberation.budgets.allocation.election import Election
from gongzhi.publications import actions as board

_ROLL = {
    "household": """
insert into budgets_elector (budget_id, household_id)
select distinct %(budget)s::bigint, h.id from people_household h
  join places_place w on w.id = h.place_id join people_person p on p.household_id = h.id
 where w.path like %(path)s || '%%' and (p.born_on is null or p.born_on <= %(born)s::date)
""",
    "person": """
insert into budgets_elector (budget_id, person_id)
select distinct %(budget)s::bigint, p.id from people_household h
  join places_place w on w.id = h.place_id join people_person p on p.household_id = h.id
 where w.path like %(path)s || '%%' and (p.born_on is null or p.born_on <= %(born)s::date)
""",
}


def born_before(at: datetime) -> date:
    """The last birthday of those who are of age on that day."""
    today = at.astimezone(SHANGHAI).date()
    try:
        return today.replace(year=today.year - rules.ADULT)
    except ValueError:  # 29 February
        return today.replace(year=today.year - rules.ADULT, day=28)


def open_vote(*, budget_id: int, by: int, at: datetime) -> int:
    """Freeze the roll; from `vote_from` on votes count. How many voices there are."""
    with store.guarded():
        row = store.budget(budget_id, lock=True)
        permissions.runner(by, row["place_path"], at)
        store.at_stage(row, "costing")
        if at >= row["vote_until"]:
            raise Refused(
                "说好的投票时间已经过了，不能再开。", todo="请重新公布一笔资金和新的时间。"
            )
        _all_judged(budget_id)
        voices = db.run(
            _ROLL[row["per"]],
            {"budget": budget_id, "path": row["place_path"], "born": born_before(at)},
        )
        if not voices:
            raise Refused("这里还没有能投票的住户。", todo="请先导入名册。")
        db.run(
            "update budgets_budget set stage = 'vote', opened_at = %s::timestamptz"
            " where id = %s::bigint",
            (at, budget_id),
        )
        store.tell("budget.opened", budget_id)
    return voices


def _all_judged(budget_id: int) -> None:
    counts = dict(
        db.rows(
            "select state, count(*) from budgets_idea where budget_id = %s::bigint group by state",
            (budget_id,),
        )
    )
    if counts.get("open"):
        raise Refused(f"还有{counts['open']}个点子没有核算。", todo="每个点子都要有费用或理由。")
    if not counts.get("costed"):
        raise Refused("还没有可以投票的项目。")


_STANDING = """
select b.stage, b.vote_from, b.vote_until, b.place_path,
  (select e.id from budgets_elector e where e.budget_id = b.id and e.person_id = %(by)s::bigint
   union all
   select e.id from people_person p join budgets_elector e on e.household_id = p.household_id
    where p.id = %(by)s::bigint and e.budget_id = b.id
      and (p.born_on is null or p.born_on <= %(born)s::date) limit 1),
  (select count(*) from budgets_idea i where i.budget_id = b.id and i.state = 'costed'
    and i.id = any(%(projects)s::bigint[]))
from budgets_budget b where b.id = %(budget)s::bigint
"""
_VOTE = """
insert into budgets_vote (elector_id, budget_id, projects, by_id, at, changes)
values (%(elector)s::bigint, %(budget)s::bigint, %(projects)s::bigint[], %(by)s::bigint,
  %(at)s::timestamptz, 0)
on conflict (elector_id) do update set projects = excluded.projects, by_id = excluded.by_id,
  at = excluded.at, changes = budgets_vote.changes + 1
where budgets_vote.projects is distinct from excluded.projects
"""


def vote(*, budget_id: int, projects: Iterable[int], by: int, at: datetime) -> int:
    """Approve of projects (ids), as many as one likes; the last vote before the end counts.

    Sent twice it is one vote. How many projects it names; none is a vote too.
    """
    chosen = sorted(set(projects))
    with store.guarded():
        params = {
            "by": by, "budget": budget_id, "projects": chosen, "born": born_before(at), "at": at,
        }  # fmt: skip
        found = db.rows(_STANDING, params)
        if not found:
            store.budget(budget_id)
        stage, begins, ends, _, elector, known = found[0]
        if stage != "vote" or not begins <= at < ends:
            raise Refused("现在不是投票时间。", code="not_open", todo="投票的时间写在这一页上。")
        if elector is None:
            raise NotAllowed("您不在这次投票的名单上。", todo="如果弄错了，请告诉村（社区）。")
        if known < len(chosen):
            raise BadInput("projects", "选的项目里有不能投的，请重新选。")
        db.run(_VOTE, params | {"elector": elector})
    return len(chosen)


def allocate(*, budget_id: int, by: int, at: datetime) -> int:
    """Divide the money by the rule fixed before the vote, publish why. How many are funded.

    Projects nobody approves of are left out, so that filling up never funds one of them.
    """
    with store.guarded():
        row = store.budget(budget_id, lock=True)
        permissions.runner(by, row["place_path"], at)
        store.at_stage(row, "vote")
        if at < row["vote_until"]:
            raise Refused("投票还没有结束，现在谁都看不到结果。")
        election, ids = queries.election(budget_id)
        outcome = completion.allocate(election, row["rule"], row["completion"])
        result = report.as_data(election, outcome)
        electors = _write(row, election, result, by, at)
        winners = [ids[name] for name in result["winners"]]
        db.run(
            "update budgets_idea i set funded = w.place from unnest(%s::bigint[])"
            " with ordinality w(id, place) where i.id = w.id",
            (winners,),
        )
        db.run("update budgets_budget set stage = 'allocated' where id = %s::bigint", (budget_id,))
        store.tell("budget.allocated", budget_id)
        _publish(row, result, electors, by, at)
    return len(winners)


def _write(
    row: dict[str, Any], election: Election, result: dict[str, Any], by: int, at: datetime
) -> int:
    """The result beside the ballots it came from, in an order that tells nothing."""
    made = db.rows(
        "insert into budgets_allocation (budget_id, rule, completion, electors, result, ballots,"
        " by_id, at) select %(id)s::bigint, %(rule)s, %(completion)s, (select count(*) from"
        " budgets_elector where budget_id = %(id)s::bigint), %(result)s::jsonb, %(ballots)s,"
        " %(by)s::bigint, %(at)s::timestamptz returning electors",
        {
            "id": row["id"], "rule": row["rule"], "completion": row["completion"],
            "result": db.dump(result), "ballots": queries.as_pb(row, election), "by": by, "at": at,
        },
    )  # fmt: skip
    return int(made[0][0])


def _publish(
    row: dict[str, Any], result: dict[str, Any], electors: int, by: int, at: datetime
) -> None:
    body = queries.board_body(row, result, electors)
    board.publish(
        place_id=row["place_id"], subject="budget", subject_id=row["id"],
        title=f"{row['title']}：结果", body=body, audience="community", days=15, by=by, at=at,
    )  # fmt: skip
