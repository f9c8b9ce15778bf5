"""A community's way through its phases: adopted, shown, reviewed, and then the next phase."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import db, photos, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotFound, Refused, Stale
from gongzhi.core.models import Outbox
from gongzhi.deliberation.ballots.models import Motion
from gongzhi.deliberation.programmes import measures, permissions
from gongzhi.deliberation.programmes.definition import (
    Criterion,
    Definition,
    digest,
    parse,
    shipped,
)
from gongzhi.deliberation.programmes.models import (
    DefinitionText,
    Evidence,
    Programme,
    Review,
    Step,
)
from gongzhi.people.permissions import Viewer
from gongzhi.places import queries as places
from gongzhi.playbooks import rules

RULES = ("villager_rep_meeting", "resident_rep_meeting")


@dataclass(frozen=True, slots=True)
class Held:
    """What the representatives' meeting came to: who was there and how they voted."""

    on: date
    members: int
    present: int
    votes_for: int
    against: int
    abstain: int


def adopt(*, place_id: int, key: str, viewer: Viewer, at: datetime) -> int:
    """A place takes up a programme and begins its first phase today; the programme's id.

    Adopted already: the one there is.
    """
    place = places.by_id(place_id)
    permissions.need_keeps(viewer, place.path)
    if key not in shipped():
        raise BadInput("definition", "没有这份规划。")
    source = shipped()[key]
    definition, mark = parse(source), digest(source)
    with db.atomic():
        db.rows("select 1 from places_place where id = %s::bigint for update", (place_id,))
        running = Programme.objects.filter(place=place, ended_at=None).first()
        if running is not None:
            return running.pk
        DefinitionText.objects.get_or_create(
            pk=mark, defaults={"key": key, "source": source, "at": at}
        )
        made = Programme.objects.create(
            place=place, definition_id=mark, by_id=permissions.me(viewer), at=at
        )
        Step.objects.create(
            programme=made, seq=1, phase=definition.phase[0].key,
            on=at.astimezone(SHANGHAI).date(), by_id=permissions.me(viewer), at=at,
        )  # fmt: skip
        _happened("adopted", made.pk, at)
    return made.pk


def show_evidence(
    *, programme_id: int, criterion: str, words: str, photo: bytes | None, viewer: Viewer,
    at: datetime,
) -> int:  # fmt: skip
    """Evidence for a criterion that records cannot answer; its id. Words, a photo if one likes."""
    with db.atomic():
        row, definition = _open(programme_id, viewer)
        wanted = next(
            (c for p in definition.phase for c in p.criterion if c.key == criterion), None
        )
        if wanted is None or wanted.measure:
            raise BadInput("criterion", "这一条由系统自动算，不用交材料。")
        said = text.clean(words, 500, field="words")
        if len(said) < 4:
            raise BadInput("words", "请写清楚：哪天、做了什么、材料在哪里。")
        jpeg = photos.accept(photo, "photo", field="photo").jpeg if photo else None
        same = Evidence.objects.filter(
            programme=row,
            criterion=criterion,
            words=said,
            by_id=permissions.me(viewer),
            accepted=None,
        ).first()
        if same is not None:
            return same.pk
        made = Evidence.objects.create(
            programme=row,
            criterion=criterion,
            words=said,
            photo=jpeg,
            by_id=permissions.me(viewer),
            at=at,
        )
    return made.pk


def check_evidence(
    *, evidence_id: int, accepted: bool, reason: str, viewer: Viewer, at: datetime
) -> None:
    """Another person says whether it shows what it should; refusing takes a reason."""
    with db.atomic():
        row = Evidence.objects.select_for_update().filter(pk=evidence_id).first()
        if row is None:
            raise NotFound("没有这份材料。")
        _open(row.programme_id, viewer)
        if row.by_id == viewer.person_id:
            raise Refused("自己交的材料要由另一个人来核。", code="own_evidence")
        why = text.clean(reason, 200, field="reason", one_line=True)
        if not accepted and not why:
            raise BadInput("reason", "请写明为什么不算。")
        if row.accepted is not None:
            if row.accepted == accepted and row.checked_by_id == viewer.person_id:
                return
            raise Stale
        row.accepted, row.reason = accepted, why
        row.checked_by_id, row.checked_at = viewer.person_id, at
        row.save()


def request_review(*, programme_id: int, viewer: Viewer, at: datetime) -> int:
    """Put the present phase before the representatives' meeting, with its figures as they are.

    Asked already: the request there is. Refused while a criterion is not met.
    """
    with db.atomic():
        row, definition = _open(programme_id, viewer)
        phase = _present(row)
        waiting = Review.objects.filter(programme=row, phase=phase, verdict="").first()
        if waiting is not None:
            return waiting.pk
        if phase == "done":
            raise Refused("四步都走完了，不用再评审。")
        figures = figures_of(row, definition, phase, at)
        unmet = [f["words"] for f in figures if not f["met"]]
        if unmet:
            raise Refused(f"还有没做到的：{'；'.join(unmet)}。", todo="做到了再请代表会议评审。")
        made = Review.objects.create(
            programme=row, phase=phase, figures=figures, asked_at=at,
            asked_by_id=permissions.me(viewer), rule=_rule(row.place.code),
        )  # fmt: skip
        _happened("review_asked", made.pk, at)
    return made.pk


def record_review(
    *, review_id: int, viewer: Viewer, at: datetime, held: Held | None = None, minutes: str = "",
    motion_id: int | None = None, session_id: int | None = None,
) -> str:  # fmt: skip
    """What the representatives' meeting decided: "pass", "fail" or "no_decision", judged.

    Either a motion voted on here, whose count is taken over, or the count of the minutes (`held`)
    with the words that name the meeting. A pass begins the next phase on the day of recording.
    """
    with db.atomic():
        review = Review.objects.select_for_update().filter(pk=review_id).first()
        if review is None:
            raise NotFound("没有这次评审。")
        row, definition = _open(review.programme_id, viewer)
        role = permissions.recorder(viewer, row.place_id)
        if review.verdict:
            raise Stale("这次评审已经记过结果，不能改写。")
        if motion_id is not None:
            held = _of_motion(motion_id, row, review)
        if held is None:
            raise BadInput("members", "请填会议的人数和票数。")
        said = text.clean(minutes, 300, field="minutes", one_line=True)
        _check(held, review, at, said or motion_id or session_id)
        review.verdict = _judged(review.rule, held)
        review.minutes, review.motion_id, review.session_id = said, motion_id, session_id
        _write(review, held, viewer, role, at)
        if review.verdict == "pass":
            _next(row, definition, review, viewer, at)
        _happened("reviewed", review.pk, at, verdict=review.verdict)
    return review.verdict


def figures_of(
    row: Programme, definition: Definition, phase: str, at: datetime
) -> list[dict[str, Any]]:
    """Every criterion of a phase as it stands: key, words, met, and the numbers or the evidence."""
    found = next(p for p in definition.phase if p.key == phase)
    shown = set(
        Evidence.objects.filter(programme=row, accepted=True).values_list("criterion", flat=True)
    )
    return [_figure(c, row, c.key in shown, at) for c in found.criterion]


def _figure(c: Criterion, row: Programme, shown: bool, at: datetime) -> dict[str, Any]:
    told: dict[str, Any] = {"key": c.key, "words": c.words.zh, "words_en": c.words.en}
    if not c.measure:
        return told | {"met": shown, "measure": ""}
    counted = measures.measure(c, row.place.path, at)
    return told | {
        "met": counted.met, "measure": c.measure, "have": counted.have, "of": counted.of,
        "sql": counted.sql, "with": c.with_,
    }  # fmt: skip


def _of_motion(motion_id: int, row: Programme, review: Review) -> Held:
    motion = Motion.objects.filter(pk=motion_id, place=row.place_id).first()
    if motion is None or motion.state != Motion.State.CLOSED or motion.closed_at is None:
        raise BadInput("motion", "没有找到这次表决，或者还没有计票。")
    if motion.rule != review.rule:
        raise BadInput("motion", "这次表决不是代表会议的表决，不能用来评审。")
    counts = (motion.result or {})["counts"]
    return Held(
        motion.closed_at.astimezone(SHANGHAI).date(), counts["members"], counts["present"],
        counts["for_"], counts["against"], counts["abstain"],
    )  # fmt: skip


def _check(held: Held, review: Review, at: datetime, named: object) -> None:
    if not named:
        raise BadInput("minutes", "请写明是哪次会议，会议记录在哪里。")
    if not review.asked_at.astimezone(SHANGHAI).date() <= held.on <= at.astimezone(SHANGHAI).date():
        raise BadInput("held_on", "会议要在提请评审之后、今天以前。")
    votes = held.votes_for + held.against + held.abstain
    if not 0 < held.present <= held.members or votes > held.present:
        raise BadInput("present", "人数对不上：到会不能多过应到，票数不能多过到会。")


def _judged(rule: str, held: Held) -> str:
    counts = rules.Counts(
        members=held.members, present=held.present, participating=held.present,
        for_=held.votes_for, against=held.against, abstain=held.abstain,
    )  # fmt: skip
    return rules.judge(rules.presets()[rule], counts)


def _write(review: Review, held: Held, viewer: Viewer, role: str, at: datetime) -> None:
    review.held_on, review.members, review.present = held.on, held.members, held.present
    review.votes_for, review.against, review.abstain = held.votes_for, held.against, held.abstain
    review.recorded_by_id, review.recorded_role, review.recorded_at = viewer.person_id, role, at
    review.save()


def _next(
    row: Programme, definition: Definition, review: Review, viewer: Viewer, at: datetime
) -> None:
    index = definition.index(review.phase) + 1
    phase = definition.phase[index].key if index < len(definition.phase) else "done"
    last = row.steps.order_by("-seq")[0]
    try:
        with transaction.atomic():
            Step.objects.create(
                programme=row, seq=last.seq + 1, phase=phase, on=at.astimezone(SHANGHAI).date(),
                review=review, by_id=permissions.me(viewer), at=at,
            )  # fmt: skip
    except IntegrityError as wrong:
        raise Refused("这一步今天才开始，至少过一天才能进下一步。") from wrong


def _open(programme_id: int, viewer: Viewer) -> tuple[Programme, Definition]:
    found = Programme.objects.select_for_update(of=("self",)).select_related("place", "definition")
    row = found.filter(pk=programme_id, ended_at=None).first()
    if row is None:
        raise NotFound("这里没有在走的规划。")
    permissions.need_keeps(viewer, row.place.path)
    return row, parse(row.definition.source)


def _present(row: Programme) -> str:
    return row.steps.order_by("-seq")[0].phase


def _rule(code: str) -> str:
    residents = code[9:12].isdecimal() and 1 <= int(code[9:12]) <= 199
    return RULES[residents]


def _happened(kind: str, subject: int, at: datetime, **data: Any) -> None:
    Outbox.objects.create(kind=f"programme.{kind}", subject_id=subject, at=at, data=data)
