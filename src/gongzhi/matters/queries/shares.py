"""How matters were settled: shares by level with intervals, and what stands where in a county."""

from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.matters import rules, words
from gongzhi.matters.queries import lists
from gongzhi.people.permissions import Viewer
from gongzhi.places import queries as places
from gongzhi.playbooks.schema import Level, Playbook

_SHARES = """
select m.version_id, m.settled_level as level, count(*) as settled, 0 as reopened
from matters_matter m
where m.place_path ~>=~ %(low)s::text and m.place_path ~<~ %(high)s::text
  and m.settled_level <> '' and m.outcome = 'done' and not m.unsolved
  and m.closed_at >= %(since)s::timestamptz and m.closed_at < %(until)s::timestamptz
group by 1, 2
union all
select m.version_id, e.data->>'settled_level', count(*), count(*)
from matters_matter m join matters_event e on e.matter_id = m.id and e.verb = 'reopen'
where m.reopened > 0 and m.place_path ~>=~ %(low)s::text and m.place_path ~<~ %(high)s::text
  and e.at >= %(since)s::timestamptz and e.at < %(until)s::timestamptz
group by 1, 2
"""


def shares_by_level(place_path: str, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Endings by the level on which the work was verified; one that was reopened counts there too.

    Each row: level, name, target (Fraction or None), settled, share, low and high (Wilson 95 %),
    reopened, reopened_share, note ("high"/"low" against the target). A thermometer, never a score
    (cases.md, case 9). One playbook's levels: that which most of these matters ran under. What
    ended although those concerned say it is not solved was settled nowhere.
    """
    low, high = lists.span(place_path)
    params = {"low": low, "high": high, "since": since, "until": until}
    counted: dict[str, dict[str, list[int]]] = {}
    newest: dict[str, Playbook] = {}
    for row in db.dicts(_SHARES, params):
        playbook = places.playbook(row["version_id"])
        here = counted.setdefault(playbook.id, {}).setdefault(row["level"], [0, 0])
        here[0] += row["settled"]
        here[1] += row["reopened"]
        newest[playbook.id] = playbook
    if not counted:
        return []
    totals = {name: sum(n for n, _ in levels.values()) for name, levels in counted.items()}
    chosen = max(totals, key=lambda name: totals[name])
    playbook, levels = newest[chosen], counted[chosen]
    return [
        _share(playbook, level, levels.get(level.id, [0, 0]), totals[chosen])
        for level in playbook.levels
    ]


def _share(playbook: Playbook, level: Level, here: list[int], total: int) -> dict[str, Any]:
    settled, reopened = here
    share = settled / total
    low, high = rules.wilson(settled, total)
    return {
        "level": level.id,
        "name": words.of(playbook).levels.get(level.id, level.id),
        "target": level.target_share,
        "settled": settled,
        "total": total,
        "share": share,
        "low": low,
        "high": high,
        "reopened": reopened,
        "reopened_share": reopened / settled if settled else 0.0,
        "note": rules.off_target(share, level.target_share),
        "playbook": playbook.id,
    }


_COUNTY = """
with below as (select id, name, code, path from places_place
  where parent_id = %(place)s::bigint and valid_to is null),
counted as (
  select b.id, m.version_id, m.stage, m.outcome, count(*) as n,
    count(*) filter (where m.outcome = '' and m.paused_at is null
      and m.due_at < %(at)s::timestamptz) as overdue,
    count(*) filter (where m.outcome = '' and m.created_at > %(at)s::timestamptz - interval '1 day')
      as d1,
    count(*) filter (where m.outcome = '' and m.created_at <= %(at)s::timestamptz
      - interval '1 day' and m.created_at > %(at)s::timestamptz - interval '3 days') as d3,
    count(*) filter (where m.outcome = '' and m.created_at <= %(at)s::timestamptz
      - interval '3 days' and m.created_at > %(at)s::timestamptz - interval '7 days') as d7,
    count(*) filter (where m.outcome = '' and m.created_at <= %(at)s::timestamptz
      - interval '7 days') as older
  from below b join matters_matter m on m.place_path ~>=~ b.path
    and m.place_path ~<~ (rtrim(b.path, '/') || '0')
  group by 1, 2, 3, 4
)
select b.name, b.code, c.* from below b join counted c on c.id = b.id order by b.code
"""
AGES = ("d1", "d3", "d7", "older")


def county_view(viewer: Viewer, place_id: int, at: datetime) -> dict[str, Any]:
    """Towns (or villages) below a place × stages: how many stand where, and how old they are.

    {"stages": [{"id", "name", "open"}], "places": [{"name", "code", "open", "ended", "overdue",
    "by_stage", "ages"}], "ages": {...}, "total"}. Counts of matters, never of people.
    """
    found = db.dicts(_COUNTY, {"place": place_id, "at": at})
    rows: dict[str, dict[str, Any]] = {}
    stages = _stages(found)
    ages = dict.fromkeys(AGES, 0)
    for row in found:
        place = rows.setdefault(
            row["code"],
            {
                "name": row["name"], "code": row["code"], "open": 0, "ended": 0, "overdue": 0,
                "by_stage": {}, "ages": dict.fromkeys(AGES, 0),
            },
        )  # fmt: skip
        if row["outcome"]:
            place["ended"] += row["n"]
            continue
        stages[row["stage"]]["open"] += row["n"]
        place["open"] += row["n"]
        place["overdue"] += row["overdue"]
        place["by_stage"][row["stage"]] = place["by_stage"].get(row["stage"], 0) + row["n"]
        for age in AGES:
            place["ages"][age] += row[age]
            ages[age] += row[age]
    total = sum(place["open"] for place in rows.values())
    return {
        "stages": list(stages.values()), "places": list(rows.values()), "ages": ages,
        "total": total,
    }  # fmt: skip


def _stages(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Every stage of the ways these matters go, in order, also those where none stands now."""
    stages: dict[str, dict[str, Any]] = {}
    standing = {row["stage"] for row in found if not row["outcome"]}
    for digest in dict.fromkeys(row["version_id"] for row in found):
        playbook = places.playbook(digest)
        shown = {*rules.straight_way(playbook), *standing}
        for stage in playbook.stages:
            if stage.id in shown:
                name = words.of(playbook).stages[stage.id].name
                stages.setdefault(stage.id, {"id": stage.id, "name": name, "open": 0})
    return stages
