"""Reading a programme: its phases with dates, what is met and by which numbers, its reviews."""

from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.deliberation.programmes import actions
from gongzhi.deliberation.programmes.definition import Definition, Phase, parse
from gongzhi.deliberation.programmes.models import Evidence, Programme, Review

_DESK = """
select w.id, w.name, w.code, w.path, p.id as programme, s.phase, s."on"
from places_place w left join programmes_programme p on p.place_id = w.id and p.ended_at is null
  left join lateral (select phase, "on" from programmes_step s where s.programme_id = p.id
    order by seq desc limit 1) s on true
where w.kind = 'village' and w.valid_to is null
  and exists (select 1 from unnest(%(posts)s::text[]) post where w.path like post || '%%')
order by w.code limit 101
"""


def of_place(place_id: int, at: datetime, language: str = "zh") -> dict[str, Any] | None:
    """The running programme of a place, whole; None where none was adopted.

    {"id", "name", "phases": [{"key", "name", "self", "state" done|now|ahead, "from_on", "to_on",
    "criteria": [...], "review"}], "finished"}. Numbers are computed for the present phase; of a
    phase that is passed they are those its review had before it.
    """
    found = Programme.objects.select_related("definition", "place")
    row = found.filter(place=place_id, ended_at=None).first()
    if row is None:
        return None
    definition = parse(row.definition.source)
    steps = list(row.steps.order_by("seq").values("phase", "on"))
    reviews = [dict(r) for r in row.reviews.order_by("id").values()]
    evidence = _evidence(row.pk)
    began = {s["phase"]: s["on"] for s in steps}
    now = steps[-1]["phase"]
    phases = [
        _phase(row, definition, i, began, now, reviews, evidence, at, language)
        for i in range(len(definition.phase))
    ]
    return {
        "id": row.pk, "name": definition.name.said(language), "place": row.place.name,
        "place_id": row.place_id, "code": row.place.code, "path": row.place.path,
        "phases": phases, "now": now, "finished": now == "done", "digest": row.definition_id,
        "finished_on": began.get("done"),
    }  # fmt: skip


def _phase(
    row: Programme, definition: Definition, i: int, began: dict[str, Any], now: str,
    reviews: list[dict[str, Any]], evidence: dict[str, list[dict[str, Any]]], at: datetime,
    language: str,
) -> dict[str, Any]:  # fmt: skip
    phase = definition.phase[i]
    after = definition.phase[i + 1].key if i + 1 < len(definition.phase) else "done"
    mine = [r for r in reviews if r["phase"] == phase.key]
    state = "now" if phase.key == now else "done" if phase.key in began else "ahead"
    if state == "now":
        figures = actions.figures_of(row, definition, phase.key, at)
    else:
        passed = next((r for r in mine if r["verdict"] == "pass"), None)
        figures = passed["figures"] if passed else _ahead(phase)
    return {
        "key": phase.key, "name": phase.name.said(language), "self": phase.self_.said(language),
        "state": state, "from_on": began.get(phase.key), "to_on": began.get(after),
        "criteria": [_said(phase, f, evidence, language) for f in figures],
        "reviews": mine, "waiting": next((r for r in mine if not r["verdict"]), None),
    }  # fmt: skip


def _ahead(phase: Phase) -> list[dict[str, Any]]:
    return [
        {"key": c.key, "words": c.words.zh, "words_en": c.words.en, "met": None,
         "measure": c.measure}
        for c in phase.criterion
    ]  # fmt: skip


def _said(
    phase: Phase, figure: dict[str, Any], evidence: dict[str, list[dict[str, Any]]], language: str
) -> dict[str, Any]:
    words = figure["words_en"] if language.startswith("en") else figure["words"]
    wanted = next((c.evidence for c in phase.criterion if c.key == figure["key"]), None)
    return figure | {
        "words": words, "evidence": evidence.get(figure["key"], []),
        "wanted": wanted.said(language) if wanted else "",
    }  # fmt: skip


def _evidence(programme_id: int) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    rows = db.dicts(
        "select e.id, e.criterion, e.words, e.photo is not null as photo, e.at, e.accepted,"
        " e.reason, e.by_id, p.name as by, c.name as checked_by"
        " from programmes_evidence e join people_person p on p.id = e.by_id"
        " left join people_person c on c.id = e.checked_by_id"
        " where e.programme_id = %s::bigint order by e.id limit 500",
        (programme_id,),
    )
    for row in rows:
        found.setdefault(row["criterion"], []).append(row)
    return found


def desk(posts: list[str]) -> list[dict[str, Any]]:
    """Villages below these places, with the programme and phase each is in, if any."""
    return db.dicts(_DESK, {"posts": posts})


def photo(evidence_id: int) -> tuple[bytes, str] | None:
    """The photo of a piece of evidence and the path of its place; None where there is none."""
    row = (
        Evidence.objects.filter(pk=evidence_id, photo__isnull=False)
        .values_list("photo", "programme__place__path")
        .first()
    )
    return None if row is None else (bytes(row[0] or b""), row[1])


def review_of(programme_id: int) -> Review | None:
    """The review that waits for the meeting."""
    return Review.objects.filter(programme=programme_id, verdict="").first()
