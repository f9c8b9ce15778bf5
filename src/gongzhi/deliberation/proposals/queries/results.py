"""What became of proposals in a place: shares, how many climbed, time at each level, cost."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from gongzhi.core import db
from gongzhi.deliberation.proposals import rules, words
from gongzhi.deliberation.proposals.queries import lists
from gongzhi.matters.rules import wilson
from gongzhi.places import queries as places

# Counted by platform only from the matters of the period; one row per proposal.
_ROWS = f"""
with {lists.KINDS}
select p.id, p.topic, p.matter_id, p.filed_at, p.accepted_at, {lists.STATE} as state,
  {lists.REACH} as reach, m.climbs, v.on_time,
  (select sum(n.planned_fen) from proposals_moneyline n join proposals_project j
    on j.id = n.project_id where j.proposal_id = p.id)::bigint as planned,
  (select sum(s.amount_fen) from proposals_spending s join proposals_moneyline n
    on n.id = s.line_id join proposals_project j on j.id = n.project_id
    where j.proposal_id = p.id)::bigint as spent
from proposals_proposal p {lists.JOINS}
left join lateral (select v.at <= v.due_at as on_time from proposals_review v
  where v.proposal_id = p.id and v.due_at is not null order by v.id limit 1) v on true
where p.filed_at >= %(since)s::timestamptz and p.filed_at < %(until)s::timestamptz
  and p.place_path ~>=~ %(path)s and p.place_path ~<~ %(end)s
"""
_EVENTS = """
select e.matter_id, e.at, e.position->>'level' as level, m.version_id, m.closed_at
from matters_event e join matters_matter m on m.id = e.matter_id
where e.matter_id = any(%s::bigint[]) order by e.matter_id, e.seq
"""


def results(path: str, since: datetime, until: datetime) -> dict[str, Any]:
    """Everything the results page says, computed from the records of proposals filed in between.

    Shares carry their numerator and denominator and a 95 % interval; times are means in days of
    24 hours per platform, money in fen. Two statements.
    """
    rows = db.dicts(
        _ROWS,
        {"at": until, "since": since, "until": until, "path": path, "end": path[:-1] + "0"},
        prepare=False,
    )
    accepted = [row for row in rows if row["accepted_at"] is not None]
    done = [row for row in accepted if row["state"] in ("done", "rated")]
    judged = [row for row in rows if row["on_time"] is not None]
    return {
        "filed": len(rows),
        "accepted": _share(len(accepted), len(rows)),
        "done": _share(len(done), len(accepted)),
        "climbed": _share(sum((row["climbs"] or 0) > 0 for row in accepted), len(accepted)),
        "in_time": _share(sum(row["on_time"] for row in judged), len(judged)),
        "returned": sum(row["state"] == "returned" for row in rows),
        "merged": sum(row["state"] == "merged" for row in rows),
        "topics": _by(rows, "topic", "topics"),
        "platforms": _by(done, "reach", "reaches"),
        "times": _times([row["matter_id"] for row in accepted], until),
        "planned": sum(row["planned"] or 0 for row in rows),
        "spent": sum(row["spent"] or 0 for row in rows),
    }


def _share(part: int, whole: int) -> dict[str, Any]:
    low, high = wilson(part, whole)
    return {"part": part, "whole": whole, "share": part / whole if whole else None,
            "low": low, "high": high}  # fmt: skip


def _by(rows: list[dict[str, Any]], column: str, kind: str) -> list[dict[str, Any]]:
    """How many of each topic or platform, in the order of the small form."""
    return [
        {
            "id": one,
            "name": words.platform(one) if kind == "reaches" else words.entry(kind, one),
            "n": sum(row[column] == one for row in rows),
        }
        for one in rules.entries(kind)
    ]


def _times(matters: list[int], until: datetime) -> list[dict[str, Any]]:
    """Mean time on each level and of how many proposals, from the events of their matters."""
    spent: dict[tuple[int, str], timedelta] = defaultdict(timedelta)
    names: dict[str, str] = {}
    before: dict[str, Any] | None = None
    for event in [*(db.dicts(_EVENTS, (matters,)) if matters else []), None]:
        if before is not None:
            same = event is not None and event["matter_id"] == before["matter_id"]
            end = event["at"] if same and event else before["closed_at"] or until
            spent[before["matter_id"], before["level"]] += max(end - before["at"], timedelta(0))
            names.setdefault(before["level"], before["version_id"])
        before = event
    levels: dict[str, list[timedelta]] = defaultdict(list)
    for (_, level), took in spent.items():
        levels[level].append(took)
    return sorted(
        (_mean(level, version, levels[level]) for level, version in names.items()),
        key=lambda row: row["order"],
    )


def _mean(level: str, version: str, took: list[timedelta]) -> dict[str, Any]:
    """One platform: how many were there and how long on average, in days of 24 hours."""
    playbook = places.playbook(version)
    mean = sum(took, timedelta(0)) / len(took)
    return {
        "level": level, "order": playbook.level_index(level), "n": len(took), "mean": mean,
        "name": playbook.words(words.language()).levels.get(level, level),
        "days": round(mean.total_seconds() / 86400, 1),
    }  # fmt: skip
