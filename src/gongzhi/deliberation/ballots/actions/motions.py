"""A motion is drafted, announced where the law wants notice, and opened with its roll frozen."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotFound, Refused, Stale
from gongzhi.core.models import Outbox
from gongzhi.deliberation.ballots import electorates, permissions, rules, store
from gongzhi.deliberation.ballots.models import Method, Motion
from gongzhi.deliberation.bodies import queries as bodies
from gongzhi.places.models import Place
from gongzhi.playbooks import rules as law
from gongzhi.playbooks.rules import Rule
from gongzhi.publications import actions as publications
from gongzhi.publications.models import MIN_DAYS, Publication

LEAST, LONGEST = timedelta(minutes=1), timedelta(days=60)
IN_A_ROOM = timedelta(hours=12)  # a live vote nobody closed ends by itself


def propose_motion(
    *,
    title: str,
    text_: str,
    by: int,
    at: datetime,
    place_id: int | None = None,
    body_id: int | None = None,
    session_id: int | None = None,
    item_id: int | None = None,
    matter_id: int | None = None,
    rule: str = "house",
    edition: str = law.EDITION,
    house: Mapping[str, Any] | None = None,
    method: str = "for_against",
    options: Iterable[str] = (),
    most: int = 1,
    secret: bool = False,
    electorate: str = "",
    listed: Sequence[tuple[int, int]] = (),
    subject: str = "",
    parties: Sequence[int] = (),
    firms: Sequence[int] = (),
    live: bool = False,
    key: str | None = None,
) -> int:
    """Draft a motion; its id. Nothing is put to the vote yet.

    `rule` is a preset of `playbooks.rules` or "house" with `house` in its form; a body or session
    brings its own. `listed` is (person, area in 0.01 m²) for the electorate "listed". Refused with
    the article: the election or recall of a committee, and what a law withholds from that meeting.
    """
    said = text.clean(title, 80, field="title", one_line=True)
    body = text.clean(text_, 4000, field="text")
    if len(said) < 4 or len(body) < 4:
        raise BadInput("title" if len(said) < 4 else "text", "请写清楚要表决什么。")
    rules.refuse_off_line(subject, f"{said}\n{body}")
    place, about = _where(place_id, body_id, session_id)
    permissions.runner(by, place.path, about["level"], at)
    rule, edition = about["rule"] or rule, about["edition"] or edition
    own = dict(about["house"] if house is None else house) if rule == "house" else {}
    judged = rules.rule_of(rule, edition, own)
    rules.refuse_withheld(judged, subject)
    _method_fits(method, judged, secret=secret)
    made = rules.options_of(method, options)
    with db.atomic():
        if key and (known := _known(key)):
            return known
        motion = Motion.objects.create(
            place=place, place_path=place.path, body_id=about["body_id"], session_id=session_id,
            item_id=item_id, matter_id=matter_id, title=said, text=body, subject=subject,
            rule=rule, edition=edition, house=own, binding=judged.binding, method=method,
            options=made, most=max(1, min(most, len(made) - 1)), secret=secret,
            weighted=judged.weighted, electorate=_electorate(electorate, about, listed),
            listed=[list(row) for row in listed], parties=list(parties), firms=list(firms),
            live=live or session_id is not None, by_id=by, at=at,
        )  # fmt: skip
        _remember(key, motion.pk)
        Outbox.objects.create(kind="motion.proposed", subject_id=motion.pk, at=at)
    return motion.pk


def _where(
    place_id: int | None, body_id: int | None, session_id: int | None
) -> tuple[Place, dict[str, Any]]:
    """The place, and the level, rule and edition that a body or session brings along."""
    if session_id is not None:
        found = db.dicts(
            "select body_id, rule, edition, house from meetings_session where id = %s::bigint",
            (session_id,),
        )
        if not found:
            raise NotFound("没有这次会议。")
        session = found[0]
        body_id = session["body_id"]
    if body_id is not None:
        body = bodies.whereabouts(body_id)
        own = session if session_id is not None else body
        place = Place.objects.get(pk=body["place_id"])
        return place, {
            "body_id": body_id, "level": body["level"], "rule": own["rule"] or "house",
            "edition": own["edition"], "house": db.load(own["house"]),
            "electorate": "session" if session_id is not None else "body",
        }  # fmt: skip
    place_ = Place.objects.filter(pk=place_id or 0, valid_to=None).first()
    if place_ is None:
        raise NotFound("没有找到这个地方。")
    return place_, {"body_id": None, "level": level_of(place_.kind), "rule": "", "edition": "",
                    "house": {}, "electorate": ""}  # fmt: skip


def level_of(place_kind: str) -> str:
    """The level of a place: votes of a building or grid may be run by its grid worker."""
    return {"compound": "building", "building": "building", "grid": "grid"}.get(
        place_kind, "village"
    )


def _electorate(wanted: str, about: Mapping[str, Any], listed: Sequence[Any]) -> str:
    chosen = wanted or about["electorate"] or ("listed" if listed else "")
    if chosen not in Motion.Electorate.values:
        raise BadInput("electorate", "请选择谁来投票。")
    if chosen == "listed" and not listed:
        raise BadInput("electorate", "请列出投票的人。")
    if chosen == "body" and about["body_id"] is None:
        raise BadInput("electorate", "没有说是哪个会的成员。")
    return str(chosen)


def _method_fits(method: str, rule: Rule, *, secret: bool) -> None:
    if method not in Method.values:
        raise BadInput("method", "请选择投票的方法。")
    if secret and rule.weighted:
        raise BadInput("secret", "按面积计票的表决要记名：从面积能认出是谁家。")


def _known(key: str) -> int | None:
    found = db.rows("select answer from core_once where key = %s", (f"motion:{key}"[:80],))
    return int(found[0][0]) if found else None


def _remember(key: str | None, motion_id: int) -> None:
    if key:
        db.run(
            "insert into core_once (key, request_hash, answer) values (%s, '', %s::bigint)",
            (f"motion:{key}"[:80], motion_id),
        )


def locked(motion_id: int) -> dict[str, Any]:
    """The motion's row under a lock, with its level; NotFound. Only inside a transaction."""
    found = db.dicts(
        """select m.*, w.kind as place_kind, w.name as place_name
        from ballots_motion m join places_place w on w.id = m.place_id
        where m.id = %s::bigint for update of m""",
        (motion_id,),
    )
    if not found:
        raise NotFound("没有这个表决。")
    row = found[0]
    for name in ("options", "house", "listed", "parties", "firms", "result"):
        row[name] = db.load(row[name])
    row["level"] = level_of(row["place_kind"])
    if row["body_id"] is not None:
        row["level"] = bodies.whereabouts(row["body_id"])["level"]
    return row


def announce_motion(*, motion_id: int, by: int, at: datetime) -> None:
    """Put the draft on the board, from which day the law's notice runs. Once."""
    with db.atomic():
        motion = locked(motion_id)
        permissions.runner(by, motion["place_path"], motion["level"], at)
        if motion["state"] != "draft":
            raise Stale("这个表决已经开始或结束了。")
        if motion["noticed_at"] is not None:
            return
        Motion.objects.filter(pk=motion_id).update(noticed_at=at)
        rule = rules.rule_of(motion["rule"], motion["edition"], motion["house"])
        publications.publish(
            place_id=motion["place_id"], subject="motion", subject_id=motion_id,
            title=f"要表决的事：{motion['title']}", audience=Publication.Audience.COMMUNITY,
            body=board_words(motion, rule, motion["text"]), days=max(MIN_DAYS, rule.notice_days),
            by=by, at=at,
        )  # fmt: skip
        Outbox.objects.create(kind="motion.announced", subject_id=motion_id, at=at)


def board_words(motion: Mapping[str, Any], rule: Rule, words: str) -> dict[str, Any]:
    """What a motion says on the board, in the form every item there has."""
    return {
        "body": words, "where": motion["place_name"], "raised_by": "",
        "playbook": (rule.names or {}).get("zh-Hans", ""), "law": rule.law, "steps": [],
        "motion": motion["id"],
    }  # fmt: skip


def open_motion(
    *, motion_id: int, by: int, at: datetime, closes_at: datetime | None = None, adhoc: str = ""
) -> None:
    """Freeze the roll and let people vote until `closes_at` (a live vote: until the host says so).

    Where the law wants notice and no session gave it, the announcement must be old enough;
    `adhoc` is the special circumstance for which the 2025 laws allow it shorter.
    """
    with db.atomic():
        motion = locked(motion_id)
        permissions.runner(by, motion["place_path"], motion["level"], at)
        if motion["state"] != "draft":
            raise Stale("这个表决已经开始或结束了。")
        until = closes_at or (at + IN_A_ROOM if motion["live"] else None)
        if until is None or not LEAST <= until - at <= LONGEST:
            raise BadInput("closes_at", "请写投票到什么时候为止：最短1分钟，最长60天。")
        why = text.clean(adhoc, 200, field="adhoc", one_line=True)
        rule = rules.rule_of(motion["rule"], motion["edition"], motion["house"])
        _noticed(motion, rule, why, at)
        electorates.freeze(motion, at)
        Motion.objects.filter(pk=motion_id).update(
            state="open", opens_at=at, closes_at=until, adhoc=why
        )
        Outbox.objects.create(kind="motion.opened", subject_id=motion_id, at=at)
        store.tell(motion_id)


def _noticed(motion: Mapping[str, Any], rule: Rule, adhoc: str, at: datetime) -> None:
    if motion["session_id"] is not None or not rule.notice_days:
        return
    if adhoc and rule.adhoc_notice and motion["noticed_at"] is not None:
        return
    told = motion["noticed_at"]
    if told is None or at < told + timedelta(days=rule.notice_days):
        article = next((a for a in rule.articles if "通知" in a.text), None)
        raise Refused(
            f"还没有提前{rule.notice_days}天公布要表决的事，不能开始投票。", code="no_notice",
            todo=f"《{article.law}》{article.number}：{article.text}" if article else "请先公布。",
        )  # fmt: skip


def void_motion(*, motion_id: int, reason: str, by: int, at: datetime) -> None:
    """Withdraw a motion before it is counted, with a reason everybody reads."""
    why = text.clean(reason, 200, field="reason", one_line=True)
    if len(why) < 4:
        raise BadInput("reason", "请写明为什么作废。")
    with db.atomic():
        motion = locked(motion_id)
        permissions.runner(by, motion["place_path"], motion["level"], at)
        if motion["state"] not in ("draft", "open"):
            raise Stale("这个表决已经计票或作废了。")
        Motion.objects.filter(pk=motion_id).update(state="void", void_reason=why)
        Outbox.objects.create(kind="motion.voided", subject_id=motion_id, at=at)
        store.tell(motion_id)
