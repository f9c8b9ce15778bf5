"""One matter, as much of it as the viewer may see: row, timeline, parts, what he may do now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from gongzhi.core import db, text
from gongzhi.core.errors import NotFound
from gongzhi.matters import facts, permissions, positions, rules, store, words
from gongzhi.matters.permissions import Sight
from gongzhi.people.permissions import Viewer
from gongzhi.places import queries as places
from gongzhi.playbooks import play
from gongzhi.playbooks.moves import Verb
from gongzhi.playbooks.schema import Playbook, Words
from gongzhi.publications import queries as board
from gongzhi.publications import rules as masking

_DETAIL = """
select m.*, w.name as place, w.code as place_code, h.name as held_by, r.name as raiser,
  e.name as entered, v.path as village_path, v.phone as village_phone, i.number as into_number,
  u.number as parent_number,
  (select coalesce(json_agg(x.number order by x.id), '[]') from matters_matter x
    where x.parent_id = m.id) as part_numbers,
  (select count(*) from matters_follower f where f.matter_id = m.id) as followers,
  exists (select 1 from matters_follower f
    where f.matter_id = m.id and f.person_id = %(who)s::bigint) as follows,
  exists (select 1 from matters_assignment a where a.matter_id = m.id
    and (a.person_id = %(who)s::bigint
      or a.organisation_id = any(%(units)s::bigint[]))) as assigned,
  (select coalesce(json_agg(json_build_object('id', a.id, 'lead', a.lead, 'round', a.round,
     'person_id', a.person_id, 'person', p.name, 'organisation_id', a.organisation_id,
     'organisation', o.name, 'due_at', a.due_at, 'done_at', a.done_at, 'ended_at', a.ended_at,
     'note', a.done_note, 'cost_fen', a.cost_fen) order by a.round, not a.lead, a.id), '[]')
     from matters_assignment a left join people_person p on p.id = a.person_id
     left join people_organisation o on o.id = a.organisation_id
     where a.matter_id = m.id) as assignments,
  (select coalesce(json_agg(json_build_object('sha256', t.sha256, 'kind', t.kind, 'seq', t.seq,
     'mime', t.mime, 'width', t.width, 'height', t.height) order by t.id), '[]')
     from matters_attachment t where t.matter_id = m.id) as attachments,
  (select json_build_object('ask_at', c.ask_at, 'asked_at', c.asked_at, 'answered_at',
     c.answered_at, 'solved', c.solved, 'score', c.score, 'words', c.words, 'person', c.person_id)
     from matters_callback c where c.matter_id = m.id and c.round = m.round
     and c.person_id = any(%(people)s::bigint[]) order by c.id limit 1) as call_back,
  (select json_build_object('asked', count(*), 'answered', count(c.answered_at))
     from matters_callback c where c.matter_id = m.id and c.round = m.round) as answers
from matters_matter m
join places_place w on w.id = m.place_id join places_place h on h.id = m.held_by_id
left join people_person r on r.id = m.raised_by_id
left join people_person e on e.id = m.entered_by_id
left join matters_matter i on i.id = m.merged_into_id
left join matters_matter u on u.id = m.parent_id
left join lateral (select a.path, a.phone from places_place a
  where a.id = any(string_to_array(trim(both '/' from m.place_path), '/')::bigint[])
    and a.kind in ('village', 'town', 'county') order by length(a.path) desc limit 1) v on true
where m.number = %(number)s
"""
_EVENTS = """
select e.seq, e.verb, e.result, e.at, e.by_id, p.name as by, e.role, e.reason, e.position, e.data,
  e.private from matters_event e left join people_person p on p.id = e.by_id
where e.matter_id = %s::bigint order by e.seq
"""
_JSON = ("ladder", "part_numbers", "assignments", "attachments", "call_back", "answers")


def get(viewer: Viewer, number: str, at: datetime) -> dict[str, Any]:
    """A matter by its number, with timeline, parts, pictures, words, and the moves open to him.

    NotFound both when there is none and when he may not see it. At most five statements.
    """
    people = [p for p in (viewer.person_id, *viewer.acts_for) if p is not None]
    found = db.dicts(
        _DETAIL,
        {
            "who": viewer.person_id, "units": sorted(viewer.organisations), "people": people,
            "number": text.number(number)[:20],
        },
    )  # fmt: skip
    if not found:
        raise NotFound("没有找到这件事。", todo="请核对编号。")
    row = found[0]
    answer = permissions.sight(viewer, row)
    if not answer:
        raise NotFound("没有找到这件事，或者您不能看到它。", todo=answer.reason)
    for name in _JSON:
        row[name] = db.load(row[name])
    playbook = places.playbook(row["version_id"])
    row |= {"sight": answer.sight, "why": answer.reason, "staff": answer.sight is Sight.STAFF}
    row |= _worded(playbook, row)
    row["events"] = timeline(playbook, row, db.dicts(_EVENTS, (row["id"],)))
    row["stages"] = progress(playbook, row)
    row["allowed"] = _allowed(playbook, row, viewer, at)
    row["publication"] = board.of_subject(viewer, "matter", row["id"])
    return _masked(row)


def _worded(playbook: Playbook, row: Mapping[str, Any]) -> dict[str, Any]:
    named = words.of(playbook)
    return {
        "playbook": playbook.id,
        "playbook_name": named.name,
        "playbook_version": playbook.version,
        "stage_name": named.stages[row["stage"]].name,
        "stage_what": named.stages[row["stage"]].what,
        "level_name": named.levels.get(row["level"], row["level"]),
        "settled_level_name": named.levels.get(row["settled_level"], ""),
        "status": words.status(words.of(playbook), dict(row)),
        "law": words.law(row),
        "outcome_word": _(words.OUTCOMES[row["outcome"]]) if row["outcome"] else "",
        "category_name": words.category(row["category"]),
        "source_word": words.source(row["source"]),
        "pause_word": named.reasons.get(row["pause_reason"], row["pause_reason"]),
    }


def timeline(
    playbook: Playbook, row: Mapping[str, Any], events: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The events in words, oldest first. `took` and `limit` compare time used with time given."""
    named = words.of(playbook)
    lines: list[dict[str, Any]] = []
    before: dict[str, Any] | None = None
    for event in events:
        if event["private"] and not row["staff"]:
            continue
        position = db.load(event["position"])
        data = db.load(event["data"])
        line = {k: event[k] for k in ("seq", "verb", "result", "at", "by", "by_id", "private")}
        line |= {
            "reason": named.reasons.get(event["reason"], event["reason"]),
            "data": data,
            "note": data.get("note", "") or words.decided(data),
            "verb_name": words.verb(event["verb"]),
            "result_name": words.result(event["result"]),
            "role_name": named.roles.get(event["role"], ""),
            "stage": position["stage"],
            "stage_name": _stage_name(named, position["stage"]),
            "level_name": named.levels.get(position["level"], position["level"]),
            "took": None,
            "limit": None,
        }
        if before is not None and before["stage"] != position["stage"]:
            since = datetime.fromisoformat(before["entered_at"])
            line["took"] = event["at"] - since
            if before.get("due_at"):
                line["limit"] = datetime.fromisoformat(before["due_at"]) - since
        lines.append(line)
        before = position
    return lines


def _stage_name(named: Words, stage: str) -> str:
    """A matter may have passed a stage that its present version of the playbook no longer has."""
    return named.stages[stage].name if stage in named.stages else stage


def progress(playbook: Playbook, row: Mapping[str, Any]) -> list[dict[str, str]]:
    """Each stage of the way as done, now or next: the bar on top of the page.

    Stages off the straight way (leaders' joint handling) show only while the matter stands there.
    """
    named = words.of(playbook)
    shown = {*rules.straight_way(playbook), row["stage"]}
    here = playbook.stage_index(row["stage"])
    ended = row["outcome"] == "done"
    bar = []
    for index, stage in enumerate(playbook.stages):
        if stage.id not in shown:
            continue
        state = "done" if index < here or ended else "now" if index == here else "next"
        if row["outcome"] and not ended and index == here:
            state = "ended"
        told = named.stages[stage.id]
        bar.append({"id": stage.id, "name": told.name, "status": told.status, "state": state})
    return bar


def _allowed(
    playbook: Playbook, row: Mapping[str, Any], viewer: Viewer, at: datetime
) -> list[dict[str, str]]:
    """The moves `decide` would let this viewer make, in the order of the verbs."""
    if viewer.person_id is None:
        return []
    matter = store.peek(row["id"], by=viewer.person_id, at=at)
    calendar = places.calendar(row["place_id"])
    around = facts.gather(playbook, matter, by=viewer.person_id, calendar=calendar)
    verbs = play.available(playbook, positions.from_row(row), around, at)
    return [{"verb": verb.value, "name": words.verb(verb.value)} for verb in verbs]


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    """Names covered for those who need none. A neighbour never learns who raised it."""
    sight = row["sight"]
    for event in row["events"]:
        if event["verb"] == Verb.RATE:  # sealed: who said what is nobody's to see (rules.md R5)
            event["by"], event["by_id"] = _("居民"), None
        elif sight is Sight.OWN and event["by_id"] not in (None, row["raised_by_id"]):
            event["by"] = event["role_name"] or _("工作人员")
    return row if sight in (Sight.OWN, Sight.STAFF) else _without_names(row)


# What an event may tell everybody who may see the matter at all.
_HARMLESS = ("tally", "attendance", "until", "warned", "photos", "ratings", "kind")


def _without_names(row: dict[str, Any]) -> dict[str, Any]:
    names = (row["raiser"], row["entered"])
    for name in ("title", "body", "where", "advice", "pause_reason", "pause_word"):
        row[name] = masking.mask(row[name], names)
    row["raiser"] = _("一位居民")
    for name in ("entered", "consent_note", "raised_by_id", "entered_by_id", "lon", "lat"):
        row[name] = None
    row["attachments"] = []
    for event in row["events"]:
        event["by"] = event["role_name"] or (_("居民") if event["verb"] == "raise" else "")
        event["by_id"] = None
        event["data"] = {name: event["data"][name] for name in _HARMLESS if name in event["data"]}
        for name in ("note", "reason"):
            event[name] = masking.mask(event[name], names)
    for part in row["assignments"]:
        part["person"] = part["person_id"] = None
        part["note"] = masking.mask(part["note"], names)
    return row
