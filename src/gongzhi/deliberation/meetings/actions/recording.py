"""Minutes: generated from what happened, corrected only by another version, put on the board."""

from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from django.db import IntegrityError, transaction

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, Refused, Stale
from gongzhi.deliberation.bodies import permissions
from gongzhi.deliberation.meetings import queries, store
from gongzhi.deliberation.meetings.models import Minutes
from gongzhi.people.permissions import NOBODY
from gongzhi.publications import actions as board
from gongzhi.publications.models import MIN_DAYS, Publication


def write_minutes(*, session_id: int, by: int | None, at: datetime) -> int:
    """The first version, out of the records; its number. Called by the closing of the session."""
    known = Minutes.objects.filter(session=session_id).order_by("-version").first()
    if known is not None:
        return known.version
    return _keep(session_id, 1, told(session_id, at), "", by, at)


def correct_minutes(
    *, session_id: int, correction: str, reason: str, by: int | None, at: datetime, seen: int
) -> int:
    """Another version with a correction in words; nothing is overwritten. Its number.

    `seen` is the version that was read: who comes second is told.
    """
    said = text.clean(correction, 2000, field="correction")
    why = text.clean(reason, 200, field="reason", one_line=True)
    if len(said) < 4:
        raise BadInput("correction", "请写明更正成什么。")
    if len(why) < 2:
        raise BadInput("reason", "请写明为什么更正。")
    row = store.session(session_id)
    permissions.runner(by, row["place_path"], row["level"], at)
    last = Minutes.objects.filter(session=session_id).order_by("-version").first()
    if last is None:
        raise Refused("会还没有散，没有纪要可以更正。")
    if last.version != seen:
        raise Stale("刚才已经有人更正过，请先看最新的一版。")
    body = dict(last.body)
    body["corrections"] = [*body.get("corrections", ()), {"at": at.isoformat(), "words": said}]
    with transaction.atomic():
        version = _keep(session_id, last.version + 1, body, why, by, at)
        if last.version and _published(session_id):
            _publish(row, body, by=by, at=at, reason=why)
    return version


def publish_minutes(*, session_id: int, by: int | None, at: datetime) -> int | None:
    """Put the newest version on the board, for at least fifteen days; None if it hangs already."""
    row = store.session(session_id)
    permissions.runner(by, row["place_path"], row["level"], at)
    last = Minutes.objects.filter(session=session_id).order_by("-version").first()
    if last is None:
        raise Refused("会还没有散，没有纪要可以公开。")
    with transaction.atomic():
        made = _publish(row, last.body, by=by, at=at, reason=last.reason)
        store.step(session_id, "published", by=by, at=at, data={"version": last.version})
    return made


def add_survey(*, session_id: int, round_id: int, at: datetime) -> int | None:
    """A questionnaire of the session was counted after it closed: the next version has its totals.

    None when there are no minutes yet (they will have them), or when they have them already.
    """
    row = store.session(session_id, lock=True)
    last = Minutes.objects.filter(session=session_id).order_by("-version").first()
    if last is None:
        return None
    body, told = dict(last.body), queries.surveys_told(session_id)
    by_round = {one["round"]: one for one in told.values()}
    agenda = [
        item | {"survey": by_round.get(item["survey"]["round"], item["survey"])}
        if item.get("survey") else item
        for item in body["agenda"]
    ]  # fmt: skip
    if round_id not in by_round or agenda == body["agenda"]:
        return None
    body["agenda"], why = agenda, "问卷已经计票，补上结果。"
    version = _keep(session_id, last.version + 1, body, why, None, at)
    if _published(session_id):
        _publish(row, body, by=None, at=at, reason=why)
    return version


def _publish(
    row: dict[str, Any], body: dict[str, Any], *, by: int | None, at: datetime, reason: str
) -> int | None:
    audience = {"town": Publication.Audience.TOWN, "village": Publication.Audience.COMMUNITY}
    return board.publish(
        place_id=row["place_id"], subject="minutes", subject_id=row["id"],
        title=f"{row['title']}纪要"[:120], body=body,
        audience=audience.get(row["level"], Publication.Audience.COMMUNITY), days=MIN_DAYS,
        by=by, at=at, masked=True, reason=reason,
    )  # fmt: skip


def _published(session_id: int) -> bool:
    return Publication.objects.filter(subject="minutes", subject_id=session_id).exists()


def _keep(
    session_id: int, version: int, body: dict[str, Any], reason: str, by: int | None, at: datetime
) -> int:
    digest = sha256(msgspec.json.encode(body, order="deterministic")).hexdigest()
    try:
        with transaction.atomic():
            Minutes.objects.create(
                session_id=session_id, version=version, body=body, digest=digest, reason=reason,
                by_id=by, at=at,
            )  # fmt: skip
            store.step(session_id, "minutes", by=by, at=at, data={"version": version})
    except IntegrityError as twice:
        raise Stale("刚才已经有人更正过，请先看最新的一版。") from twice
    return version


def told(session_id: int, at: datetime) -> dict[str, Any]:
    """What happened, as plain JSON: nothing in it is typed for the minutes themselves."""
    row = store.session(session_id)
    page = queries.page(session_id, NOBODY)
    standing = queries.standing(row)
    counted, rule = standing["counts"], standing["rule"]
    return {
        "title": row["title"], "number": row["number"], "forum": row["body"],
        "place": page["place"], "venue": page["venue"], "mode": page["mode"],
        "binding": rule.binding, "law": rule.law,
        "starts_at": _iso(row["starts_at"]), "opened_at": _iso(row["opened_at"]),
        "closed_at": _iso(row["closed_at"] or at), "hosts": _hosts(session_id),
        "notice": {"at": _iso(row["noticed_at"]), "days": row["notice_days"],
                   "short": page["short_notice"],
                   "papers": [paper["title"] for paper in queries.papers(session_id)]},
        "attendance": {
            "members": counted.members, "present": counted.present,
            "households": counted.households, "households_present": counted.households_present,
            "area": counted.area, "area_present": counted.area_present,
            "heads": standing["heads"], "onsite": standing["onsite"],
            "online": standing["online"], "expected": standing["expected"],
            "classes": [dict(one) for one in queries.attendance_by_class(session_id)],
        },
        "quorum": [
            {"base": line.base, "have": line.have, "of": line.of, "needed": line.needed,
             "reached": line.reached} for line in standing["lines"]
        ],
        "reached": standing["reached"],
        "agenda": _agenda(session_id),
        "questions": [
            {name: one[name] for name in ("number", "text", "asker", "state", "answer", "answerer",
                                          "suggestion")}
            for one in queries.questions(session_id)
        ],
        "pledges": [
            {"text": one["text"], "owner": one["owner"], "due_on": one["due_on"].isoformat()}
            for one in queries.pledges_of_session(session_id, at)
        ],
        "corrections": [],
    }  # fmt: skip


def _agenda(session_id: int) -> list[dict[str, Any]]:
    sides, surveys = queries.parties(session_id), queries.surveys_told(session_id)
    return [
        {"title": item["title"], "kind": item["kind"], "depth": item["depth"],
         "started_at": _iso(item["started_at"]), "ended_at": _iso(item["ended_at"]),
         "planned": item["minutes"], "speaker": item["speaker"], "record": item["record"],
         "outcome": item["outcome"], "data": item["data"], "matter": item["matter"],
         "lead": item["lead"], "due_at": _iso(item["due_at"]), "sorted_as": item["sorted_as"],
         "parties": [{"name": side["name"], "stand": side["stand"],
                      "statement": side["statement"]} for side in sides.get(item["id"], ())],
         "survey": surveys.get(item["id"])}
        for item in queries.agenda(session_id)
    ]  # fmt: skip


def _hosts(session_id: int) -> list[str]:
    """Who really ran it: those whose steps opened it, led its parts and closed it."""
    return [
        name
        for (name,) in db.rows(
            "select p.name from meetings_sessionevent e join people_person p on p.id = e.by_id"
            " where e.session_id = %s::bigint and e.verb in ('opened', 'part', 'closed')"
            " group by p.name order by min(e.seq)",
            (session_id,),
        )
    ]


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
