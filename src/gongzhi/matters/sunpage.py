"""晒事: the page of a matter on the board, made from what happened, masked, never typed.

Names of playbook and stages are kept (and hashed) in both languages; each reader sees his own.
"""

from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.spoken import spoken
from gongzhi.matters.store import Loaded
from gongzhi.playbooks.schema import Playbook, Publish
from gongzhi.publications import actions as board

SKIPPED = ("comment", "tick", "raise")
ORDER = ("raiser", "grid", "community", "town", "public")

_PAGE = """
select m.title, m.body, m.anonymous, m.sensitive, m.place_id, w.name as where_name,
  p.name as raiser,
  (select json_object_agg(a.kind, a.id) from places_place a where a.id =
    any(string_to_array(trim(both '/' from w.path), '/')::bigint[])) as above,
  (select coalesce(json_agg(json_build_object('verb', e.verb, 'result', e.result, 'at', e.at,
     'position', e.position, 'data', e.data, 'seq', e.seq, 'reason', e.reason)
     order by e.seq), '[]')
     from matters_event e where e.matter_id = m.id and not e.private) as events,
  (select coalesce(sum(a.cost_fen), 0) from matters_assignment a where a.matter_id = m.id) as cost,
  (select json_build_object('asked', count(*), 'answered', count(c.answered_at),
     'solved', count(*) filter (where c.solved)) from matters_callback c
    where c.matter_id = m.id and c.round = m.round) as ratings
from matters_matter m join places_place w on w.id = m.place_id
left join people_person p on p.id = m.raised_by_id where m.id = %s::bigint
"""


def publish_stage(
    playbook: Playbook, matter: Loaded, stage_id: str, *, by: int | None, at: datetime
) -> int | None:
    """Publish the matter's page as the passed stage asks for; None when it asks for nothing."""
    return _publish(playbook, matter, stage_id, playbook.stage(stage_id).publish, by=by, at=at)


def publish_refusal(
    playbook: Playbook, matter: Loaded, stage_id: str, *, by: int | None, at: datetime
) -> int | None:
    """Publish that it was refused, and why; None when the stage does not ask for that."""
    return _publish(playbook, matter, stage_id, playbook.stage(stage_id).refusal, by=by, at=at)


def _publish(
    playbook: Playbook,
    matter: Loaded,
    stage_id: str,
    wanted: Publish | None,
    *,
    by: int | None,
    at: datetime,
) -> int | None:
    if wanted is None or wanted.to == "raiser" or matter.row["sensitive"]:
        return None
    page = db.dicts(_PAGE, (matter.id,))[0]
    if wanted is playbook.stage(stage_id).refusal:
        page["anonymous"] = True  # reasons are published without the name (cases.md, case 10)
    place = board.board_place(wanted.to, db.load(page["above"]))
    if place is None:
        return None
    return board.publish(
        place_id=place,
        subject="matter",
        subject_id=matter.id,
        title=page["title"],
        body=body(playbook, page, parts=published_parts(playbook, stage_id, wanted)),
        audience=widest(playbook, stage_id, wanted),
        days=wanted.days,
        by=by,
        at=at,
        masked=wanted.mask,
        names=(page["raiser"],) if page["anonymous"] else (),
    )


def published_parts(
    playbook: Playbook, stage_id: str, wanted: Publish
) -> dict[str, tuple[str, ...]]:
    """Which parts of which stages are public once this stage publishes what it wants.

    What a stage tells when it refuses stays told later.
    """
    last = playbook.stage_index(stage_id)
    parts: dict[str, tuple[str, ...]] = {}
    for stage in playbook.stages[: last + 1]:
        boards = [b for b in (stage.publish, stage.refusal) if b is not None]
        if stage.id == stage_id and wanted not in boards:
            boards.append(wanted)
        if boards:
            parts[stage.id] = tuple(dict.fromkeys(part for b in boards for part in b.what))
    return parts


def widest(playbook: Playbook, stage_id: str, wanted: Publish) -> str:
    """Whom it is published to; a page never goes back to fewer readers."""
    earlier = playbook.stages[: playbook.stage_index(stage_id)]
    before = [s.publish.to for s in earlier if s.publish is not None]
    return max([*before, wanted.to], key=ORDER.index)


def body(
    playbook: Playbook, page: dict[str, Any], parts: dict[str, tuple[str, ...]]
) -> dict[str, Any]:
    """The page as data: what was raised, then each published stage with what happened in it."""
    words, english = playbook.words(), playbook.words("en")
    what = {part for wanted in parts.values() for part in wanted}
    shown: dict[str, Any] = {"where": page["where_name"], "playbook": words.name}
    shown["playbook_en"] = english.name
    shown["raised_by"] = "一位居民" if page["anonymous"] else _surname(page["raiser"])
    if "body" in what:
        shown["body"] = page["body"]
    shown["steps"] = [
        {
            "stage": stage_id, "name": words.stages[stage_id].name,
            "name_en": english.stages[stage_id].name, "lines": lines,
        }
        for stage_id in parts
        if (lines := _lines(stage_id, db_events(page), parts[stage_id]))
    ]  # fmt: skip
    if "cost" in what and page["cost"]:
        shown["cost_fen"] = int(page["cost"])
    ratings = db.load(page["ratings"])
    if "rating" in what and ratings["asked"]:
        shown["ratings"] = ratings
    return shown


def db_events(page: dict[str, Any]) -> list[dict[str, Any]]:
    """The events of the page query as data, read once."""
    if isinstance(page["events"], str):
        page["events"] = db.load(page["events"])
    events: list[dict[str, Any]] = page["events"]
    return events


def _lines(
    stage_id: str, events: list[dict[str, Any]], parts: tuple[str, ...]
) -> list[dict[str, Any]]:
    """What happened while the matter stood in the stage: an event counts where it came from."""
    lines, stood_in = [], ""
    for event in events:
        came_from, stood_in = stood_in, event["position"]["stage"]
        if came_from != stage_id or event["verb"] in SKIPPED:
            continue
        line = {"at": event["at"], "verb": event["verb"], "result": event["result"]}
        data = event["data"]
        if "votes" in parts and "tally" in data:
            line["tally"] = data["tally"]
        elif "votes" in parts and "resolution" in data:
            counted = dict(data["resolution"]["tally"])
            line["tally"] = {"electorate": counted.pop("members", 0), **counted}
        if "attendance" in data:
            line["attendance"] = data["attendance"]
        if {"progress", "decision", "result"} & set(parts) and data.get("note"):
            line["note"] = data["note"]
        if event["verb"] == "refuse" and event.get("reason"):
            line["note"] = event["reason"]
        if "assignees" in data:
            line["handlers"] = len(data["assignees"])
        lines.append(line)
    return lines


def _surname(name: str | None) -> str:
    return f"{name[:1]}姓居民" if name else "一位居民"


def read_in(shown: dict[str, Any], language: str) -> dict[str, Any]:
    """A published page for a reader of that language; what people wrote stays as they wrote it.

    Pages published before both languages were kept have only Chinese names.
    """
    steps = [{**step, "name": _own(step, "name", language)} for step in shown["steps"]]
    playbook, who = _own(shown, "playbook", language), spoken(shown["raised_by"])
    return {**shown, "playbook": playbook, "raised_by": who, "steps": steps}


def _own(part: dict[str, Any], name: str, language: str) -> str:
    return str(part.get(f"{name}_{language}") or part[name])
