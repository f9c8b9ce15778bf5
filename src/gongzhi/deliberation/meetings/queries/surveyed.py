"""Questionnaires answered at a session: sheets handed out and back, and the totals once counted."""

from typing import Any

from gongzhi.core import db
from gongzhi.surveys import queries as surveys

_OF_SESSION = """
select i.id as item, r.id, r.title, r.state, r.audience, q.kind
from meetings_agendaitem i join surveys_round r on r.id = i.survey_id
  join surveys_instrument q on q.id = r.instrument_id
where i.session_id = %s::bigint order by i.position, i.id limit 12
"""
# The newest version of each form of the places around, and appraisals that run there now.
_OFFERED = """
select 'form' as what, i.id, i.title, w.name as place
from surveys_instrument i join places_place w on w.id = i.place_id
where i.kind = 'survey' and starts_with(%(path)s, w.path)
  and not exists (select 1 from surveys_instrument n where n.version > i.version
    and n.first_id = coalesce(i.first_id, i.id))
  and exists (select 1 from surveys_question q where q.instrument_id = i.id)
union all
select 'round', r.id, r.title, w.name from surveys_round r join places_place w
  on w.id = r.place_id
where r.state = 'open' and r.place_path = %(path)s
  and not exists (select 1 from meetings_agendaitem i where i.survey_id = r.id)
order by 1 desc, 2 desc limit 60
"""


def surveys_of(session_id: int) -> dict[int, dict[str, Any]]:
    """By item: id, title, state, kind, `counts` (surveys.queries.Counts), `questions` once counted.

    An appraisal rates people by name: its totals are for the place to read, not for the minutes,
    so `questions` stays empty for it. One statement for a session without any.
    """
    found = db.dicts(_OF_SESSION, (session_id,))
    for row in found:
        row["counts"] = surveys.counts(row["id"])
        told = row["state"] == "counted" and row["kind"] != "appraisal"
        row["questions"] = surveys.totals(row["id"])["questions"] if told else []
    return {row.pop("item"): row for row in found}


def surveys_offered(place_path: str) -> list[dict[str, Any]]:
    """What the host may hand out: forms of this place and those around it, and rounds that run."""
    return db.dicts(_OFFERED, {"path": place_path})


def surveys_told(session_id: int) -> dict[int, dict[str, Any]]:
    """The same as plain JSON for the minutes, by item."""
    return {item: _told(row) for item, row in surveys_of(session_id).items()}


def _told(row: dict[str, Any]) -> dict[str, Any]:
    n = row["counts"]
    return {
        "round": row["id"], "title": row["title"], "counted": row["state"] == "counted",
        "handed": n.handed, "returned": n.returned, "valid": n.valid, "void": n.void,
        "questions": [
            {"words": q.words, "kind": q.kind, "n": q.n, "hidden": q.hidden,
             "shares": [{"words": s.words, "k": s.k, "n": s.n} for s in q.shares]}
            for q in row["questions"] if q.kind != "words"
        ],
    }  # fmt: skip
