"""Building a questionnaire: questions in order, and a new version of one that is in use."""

from datetime import datetime
from typing import Any

from django.db.models import F, Max

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.people.permissions import Viewer
from gongzhi.places import queries as places
from gongzhi.surveys import permissions, rules
from gongzhi.surveys.actions.base import once
from gongzhi.surveys.models import Instrument, Question


def make_instrument(
    *, place_id: int, kind: str, title: str, intro: str, viewer: Viewer, at: datetime,
    key: str | None = None,
) -> int:  # fmt: skip
    """A new questionnaire; an appraisal begins with its one question. Its id."""
    place = places.by_id(place_id)
    permissions.need_builds(viewer, place.path)
    me = permissions.me(viewer)
    if kind not in Instrument.Kind.values:
        raise BadInput("kind", "请选一种。")
    said = _title(title), text.clean(intro, 500, field="intro")

    def make() -> int:
        made = Instrument.objects.create(
            place=place, kind=kind, title=said[0], intro=said[1], by_id=me, at=at
        )
        if kind == Instrument.Kind.APPRAISAL:
            Question.objects.create(
                instrument=made, position=1, kind="appraise",
                words="您认为这位同志一年来的工作怎么样？",
                options=rules.options_of("appraise", ()),
            )  # fmt: skip
        return made.pk

    with db.atomic():
        return once(key, me, (place_id, kind, *said), make)


def rename(*, instrument_id: int, title: str, intro: str, viewer: Viewer, at: datetime) -> None:
    """Another title and introduction, while it is not in use."""
    with db.atomic():
        row = _draft(instrument_id, viewer)
        row.title, row.intro = _title(title), text.clean(intro, 500, field="intro")
        row.save(update_fields=["title", "intro"])


def add_question(
    *, instrument_id: int, kind: str, words: str, options: str, needed: bool, groups: bool,
    viewer: Viewer, at: datetime, key: str | None = None,
) -> int:  # fmt: skip
    """A question at the end; `options` one a line. Its id."""
    with db.atomic():
        row = _draft(instrument_id, viewer)
        said = _question(row, kind, words, options, needed, groups)

        def make() -> int:
            place = row.questions.aggregate(last=Max("position"))["last"] or 0
            if row.questions.count() >= rules.MOST_QUESTIONS:
                raise Refused(
                    f"一份问卷最多{rules.MOST_QUESTIONS}题。", todo="题少一些，答的人才多。"
                )
            _one_grouping(row, None, groups)
            return Question.objects.create(instrument=row, position=place + 1, **said).pk

        return once(key, permissions.me(viewer), (instrument_id, said), make)


def change_question(
    *, question_id: int, kind: str, words: str, options: str, needed: bool, groups: bool,
    viewer: Viewer, at: datetime,
) -> None:  # fmt: skip
    """Write a question anew, in its place."""
    with db.atomic():
        question = _question_of(question_id)
        row = _draft(question.instrument_id, viewer)
        said = _question(row, kind, words, options, needed, groups)
        _one_grouping(row, question_id, groups)
        Question.objects.filter(pk=question_id).update(**said)


def move_question(*, question_id: int, up: bool, viewer: Viewer, at: datetime) -> None:
    """Change places with the neighbour; at the edge nothing happens."""
    with db.atomic():
        question = _question_of(question_id)
        row = _draft(question.instrument_id, viewer)
        others = row.questions.filter(
            **{"position__lt" if up else "position__gt": question.position}
        )
        other = others.order_by("-position" if up else "position").first()
        if other is not None:
            db.run(
                "update surveys_question set position = case when id = %s::bigint then %s::int"
                " else %s::int end where id in (%s::bigint, %s::bigint)",
                (question.pk, other.position, question.position, question.pk, other.pk),
            )


def remove_question(*, question_id: int, viewer: Viewer, at: datetime) -> None:
    """Take a question out; those after it move up. Gone already: nothing happens."""
    with db.atomic():
        question = Question.objects.filter(pk=question_id).first()
        if question is None:
            return
        row = _draft(question.instrument_id, viewer)
        question.delete()
        row.questions.filter(position__gt=question.position).update(position=F("position") - 1)


def new_version(*, instrument_id: int, viewer: Viewer, at: datetime) -> int:
    """A draft with the same questions; the newest draft there is, if there is one. Its id."""
    with db.atomic():
        old = _locked(instrument_id)
        permissions.need_builds(viewer, old.place.path)
        first = old.first_id or old.pk
        Instrument.objects.select_for_update().get(pk=first)
        last = Instrument.objects.filter(first=first).order_by("-version").first()
        newest = last or Instrument.objects.get(pk=first)
        if newest.frozen_at is None:
            return newest.pk
        made = Instrument.objects.create(
            first_id=first, version=newest.version + 1, place=old.place, kind=old.kind,
            title=old.title, intro=old.intro, by_id=permissions.me(viewer), at=at,
        )  # fmt: skip
        Question.objects.bulk_create(
            Question(
                instrument=made, position=q.position, kind=q.kind, words=q.words,
                options=q.options, needed=q.needed, groups=q.groups,
            )
            for q in old.questions.all()
        )  # fmt: skip
    return made.pk


def _locked(instrument_id: int) -> Instrument:
    row = Instrument.objects.select_for_update(of=("self",)).select_related("place")
    found = row.filter(pk=instrument_id).first()
    if found is None:
        raise NotFound("没有这份问卷。")
    return found


def _draft(instrument_id: int, viewer: Viewer) -> Instrument:
    row = _locked(instrument_id)
    permissions.need_builds(viewer, row.place.path)
    if row.frozen_at is not None:
        raise Refused("这一版已经用过，不能再改。", code="frozen", todo="请另做一版，再改新版。")
    return row


def _question_of(question_id: int) -> Question:
    found = Question.objects.filter(pk=question_id).first()
    if found is None:
        raise NotFound("没有这一题，可能刚被别人去掉了。")
    return found


def _one_grouping(row: Instrument, question_id: int | None, groups: bool) -> None:
    others = row.questions.filter(groups=True).exclude(pk=question_id or 0)
    if groups and others.exists():
        raise BadInput("groups", "只能有一道分组题：两道交叉起来，会看出是谁答的。")


def _question(
    row: Instrument, kind: str, words: str, options: str, needed: bool, groups: bool
) -> dict[str, Any]:
    if kind not in Question.Kind.values or (
        kind == "appraise" and row.kind != Instrument.Kind.APPRAISAL
    ):
        raise BadInput("kind", "请选一种题型。")
    said = text.clean(words, 200, field="words", one_line=True)
    if len(said) < 2:
        raise BadInput("words", "请写出要问什么。")
    if groups and kind != "single":
        raise BadInput("groups", "只有“选一个”的题能用来分组。")
    chosen = rules.options_of(kind, options.splitlines())
    return {"kind": kind, "words": said, "options": chosen, "needed": needed, "groups": groups}


def _title(words: str) -> str:
    title = text.clean(words, 80, field="title", one_line=True)
    if len(title) < 2:
        raise BadInput("title", "请给问卷起个名字。")
    return title
