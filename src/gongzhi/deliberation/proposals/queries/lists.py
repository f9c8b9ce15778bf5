"""Lists of proposals: near me, filtered, by page; what is like it; what waits at the desk.

Where a proposal stands is computed in SQL from its phase and its matter's gate, as `rules.state`
does; a test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gongzhi.core import db, text
from gongzhi.deliberation.proposals import rules, words
from gongzhi.deliberation.proposals.actions.testing import may_answer
from gongzhi.matters import permissions
from gongzhi.matters.suggest import duplicates
from gongzhi.people.permissions import Viewer
from gongzhi.people.roles import Permission
from gongzhi.places import queries as places
from gongzhi.publications import rules as masking

SIZE = 20
MAX_PAGE = 10_000
LEAST_CHARACTERS = 6

# What each stage and level of every known edition of a playbook is; a handful of rows.
KINDS = """kinds as materialized (
  select v.digest, s->>'id' as stage, s->'gate'->>'kind' as kind
  from places_playbookversion v, jsonb_array_elements(v.source->'stages') s
), rungs as materialized (
  select v.digest, l->>'id' as level, l->>'unit' as unit
  from places_playbookversion v, jsonb_array_elements(v.source->'levels') l
)"""
JOINS = """join places_place w on w.id = p.place_id
left join matters_matter m on m.id = p.matter_id
left join places_place h on h.id = m.held_by_id
left join kinds k on k.digest = m.version_id and k.stage = m.stage
left join rungs r on r.digest = m.version_id and r.level = m.level"""


def _cases(column: str, table: Mapping[str, str]) -> str:
    return " ".join(f"when {column} = '{key}' then '{value}'" for key, value in table.items())


STATE = (
    "case when p.phase = 'seconding' and p.closes_at < %(at)s::timestamptz then 'shelved'"
    " when p.phase <> 'running' then p.phase "
    + _cases("m.outcome", rules.STATE_OF_OUTCOME)
    + " when m.parked_until is not null then 'shelved'"
    " when k.kind = 'joint' and m.step = 'dispatching' then 'decided' "
    + _cases("k.kind", rules.STATE_OF_GATE)
    + " end"
)
REACH = (
    "coalesce(case "
    + _cases(
        "r.unit",
        {unit: one.id for one in rules.entries("reaches").values() for unit in one.more["units"]},
    )
    + " end, p.reach)"
)
# Accepted or answered in public: everybody. Before that: who lives in the town, and its staff.
SEEN = """(p.accepted_at is not null or p.phase in ('returned', 'merged')
  or p.proposer_id = %(who)s::bigint
  or (p.phase not in ('draft', 'withdrawn') and (exists (
    select 1 from unnest(%(places)s::text[]) own where own like p.town_path || '%%')
  or exists (select 1 from unnest(%(posts)s::text[]) post
    where p.place_path like post || '%%' or post like p.town_path || '%%'))))"""
ROW = f"""p.id, p.number, p.title, p.topic, p.phase, p.seconded, p.needed, p.talked, p.households,
  p.opened_at, p.closes_at, p.created_at, p.accepted_at, p.place_path, m.number as matter,
  m.level, m.due_at, m.version_id, m.paused_at, w.name as place, h.name as held_by,
  x.name as proposer, {STATE} as state, {REACH} as reach"""

OPEN = ("seconding", "waiting", "deliberating", "deciding", "decided", "project", "done")
GROUPS = {"open": OPEN, "ended": ("rated", "returned", "merged", "shelved")}
SORTS = {
    "newest": "id desc",
    "seconded": "seconded desc, id desc",
    "closing": "case when state = 'seconding' then closes_at"
    " when state in ('waiting', 'deliberating', 'deciding') then due_at end nulls last, id desc",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; empty means all that may be read."""

    q: str = ""
    topic: str = ""
    state: str = ""  # one of rules.STATES, or "open", "ended"
    reach: str = ""  # the platform it is on
    path: str = ""  # near this place: inside it, or reaching it
    mine: bool = False  # what I proposed, drafts too, and what my household seconds
    sort: str = "newest"
    page: int = 1
    size: int = SIZE


def who(viewer: Viewer) -> dict[str, Any]:
    """The parameters of SEEN."""
    return {
        "who": viewer.person_id,
        "household": viewer.household_id,
        "places": list(viewer.places),
        "posts": [post.place_path for post in viewer.posts],
    }


def list_(viewer: Viewer, filters: Filters, at: datetime) -> dict[str, Any]:
    """A page of proposals the viewer may read: {"rows", "page", "more"}.

    One statement, prepared: planning so many joins takes longer than running them.
    """
    page = min(max(filters.page, 1), MAX_PAGE)
    size = min(max(filters.size, 1), 100)
    where, params = _where(filters)
    order = SORTS.get(filters.sort, SORTS["newest"])
    states = GROUPS.get(filters.state, (filters.state,)) if filters.state else ()
    rows = db.dicts(
        f"with {KINDS} select * from (select {ROW} from proposals_proposal p"
        f" join people_person x on x.id = p.proposer_id {JOINS} where {where}) found"
        " where (%(states)s::text[] = '{}' or state = any(%(states)s::text[]))"
        " and (%(reach)s = '' or reach = %(reach)s)"
        f" order by {order} limit %(size)s::int offset %(skip)s::int",
        params
        | who(viewer)
        | {
            "at": at, "states": list(states), "reach": filters.reach.replace("\0", ""),
            "size": size + 1, "skip": (page - 1) * size,
        },
    )  # fmt: skip
    return {"rows": worded(rows[:size]), "page": page, "more": len(rows) > size}


def _where(filters: Filters) -> tuple[str, dict[str, Any]]:
    parts, params = [SEEN], {}
    if filters.mine:
        parts.append(
            "(p.proposer_id = %(who)s::bigint or exists (select 1 from proposals_seconder s"
            " where s.proposal_id = p.id and s.household_id = %(household)s::bigint"
            " and s.withdrawn_at is null))"
        )
    else:
        parts.append("p.phase not in ('draft', 'withdrawn')")
    if filters.topic:
        parts.append("p.topic = %(topic)s")
        params["topic"] = filters.topic.replace("\0", "")
    if filters.path:
        parts.append(
            "((p.place_path ~>=~ %(path)s and p.place_path ~<~ %(end)s)"
            " or %(path)s like p.reach_path || '%%')"
        )
        params |= {"path": filters.path, "end": filters.path[:-1] + "0"}
    if filters.q.strip():
        sql, found = _search(filters.q)
        parts.append(sql)
        params |= found
    return " and ".join(parts), params


def _search(query: str) -> tuple[str, dict[str, str]]:
    """By number, or by any piece of what it says."""
    number = text.number(query)
    if number.startswith("TA") and len(number) > 3:
        return "p.number like %(number)s", {"number": f"{number[:20]}%"}
    column = "(p.title || E'\\n' || p.wrong || E'\\n' || p.propose)"
    sql, params = text.where("p.search", column, query)
    for index, _value in enumerate(params):
        sql = sql.replace("%s", f"%(q{index})s", 1)
    return f"({sql})", {f"q{index}": value for index, value in enumerate(params)}


def worded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with their words, and without the name of who proposed it."""
    for row in rows:
        row["title"] = masking.mask(row["title"], (row.pop("proposer"),))
        row["state_name"] = words.state(row["state"])
        row["tone"] = words.TONES.get(row["state"], "")
        row["topic_name"] = words.entry("topics", row["topic"])
        row["platform"] = words.platform(row["reach"])
        row["stages"] = words.five(row["state"])
        row["level_name"] = _level(row)
        if row["paused_at"] is not None:
            row["due_at"] = None
    return rows


def _level(row: Mapping[str, Any]) -> str:
    if not row["version_id"]:
        return ""
    named = places.playbook(row["version_id"]).words(words.language())
    return str(named.levels.get(row["level"], row["level"]))


def alike(
    viewer: Viewer, said: str, path: str, at: datetime, *, but: int = 0
) -> list[dict[str, Any]]:
    """Up to three open proposals near `path` that read like this one, best first.

    Compared by title and by what is wrong; `why` are pieces both have. Two statements.
    """
    if len(said.strip()) < LEAST_CHARACTERS or not path:
        return []
    found = list_(viewer, Filters(state="open", path=path, size=100), at)["rows"]
    by_id = {row["id"]: row for row in found if row["id"] != but}
    told = db.rows(
        "select id, title || '，' || wrong from proposals_proposal where id = any(%s::bigint[])",
        (list(by_id),),
    )
    likely = duplicates.similar(said, [(int(key), words_) for key, words_ in told], 3)
    return [by_id[one.key] | {"why": list(one.why)} for one in likely]


_APPEALS = """
select p.id, p.number, p.title, p.place_path, a.at, a.against_id, v.desk_path, w.name as place
from proposals_appeal a join proposals_review v on v.id = a.review_id
join proposals_proposal p on p.id = v.proposal_id join places_place w on w.id = p.place_id
where a.answered_at is null and exists (select 1 from unnest(%s::text[]) post
  where v.desk_path like post || '_%%') order by a.at limit 50
"""
DESK = ("waiting", "deliberating", "deciding", "decided", "project", "done")
SOON = timedelta(days=1)


def inbox(viewer: Viewer, at: datetime, *, most: int = 100) -> dict[str, Any]:
    """What waits at the viewer's desk, soonest first, by state; appeals he may answer. Two
    statements."""
    posts = permissions.posts_with(viewer, Permission.TRIAGE, Permission.DECIDE)
    paths = sorted({post.place_path for post in posts})
    if not paths:
        return {"groups": [], "appeals": [], "total": 0, "late": 0}
    rows = db.dicts(
        f"with {KINDS} select * from (select {ROW} from proposals_proposal p"
        f" join people_person x on x.id = p.proposer_id {JOINS}"
        " where p.phase = 'running' and m.outcome = '' and exists ("
        " select 1 from unnest(%(posts)s::text[]) post where p.place_path like post || '%%')) found"
        " where state = any(%(states)s::text[]) order by due_at nulls last, id"
        " limit %(most)s::int",
        {"at": at, "posts": paths, "states": list(DESK), "most": most},
        prepare=False,
    )
    worded(rows)
    groups = [
        {"state": state, "name": words.state(state), "rows": here}
        for state in DESK
        if (here := [row for row in rows if row["state"] == state])
    ]
    appeals = [
        row
        for row in db.dicts(_APPEALS, (paths,))
        if row["against_id"] != viewer.person_id
        and may_answer(viewer, row["desk_path"], row["place_path"])
    ]
    late = sum(bool(row["due_at"] and row["due_at"] < at) for row in rows)
    return {"groups": groups, "appeals": appeals, "total": len(rows), "late": late}
