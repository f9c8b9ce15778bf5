"""An answer from a phone: who has answered goes to the roll, what was answered to the box."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotAllowed, NotFound
from gongzhi.people.permissions import Viewer
from gongzhi.surveys import permissions, rules
from gongzhi.surveys.actions.base import NotNow
from gongzhi.surveys.models import Answer, Question, Rated, Response, Round

Typed = Mapping[str, Sequence[str]]


def answer(*, round_id: int, viewer: Viewer, at: datetime, typed: Typed) -> bool:
    """Somebody on the roll answers; False when his answer is there already: the first one counts.

    The mark on the roll and the answers share no id and no time of day.
    """
    if viewer.person_id is None:
        raise NotAllowed("请先登录，再答问卷。")
    row = the_round(round_id)
    permissions.keep_out(row.pk, viewer)
    with db.atomic():
        mark = db.rows(
            "select id, how from surveys_roll where round_id = %s::bigint"
            " and person_id = %s::bigint for update",
            (row.pk, viewer.person_id),
        )
        if not mark:
            raise NotFound("没有找到这份问卷，或者您不在答卷的名单上。")
        if mark[0][1] == "paper":
            raise NotNow("您领过纸质问卷，请交纸质的那一张。", todo="一个人只算一份。")
        if mark[0][1]:
            return False
        _still_open(row, at)
        given = rules.read(fields_of(row), typed, paper=False)
        db.run(
            "update surveys_roll set how = 'phone', \"on\" = %s::date where id = %s::bigint",
            (at.astimezone(SHANGHAI).date(), mark[0][0]),
        )
        into_the_box(row, given, "phone")
    return True


def answer_sheet(*, code: str, at: datetime, typed: Typed) -> bool:
    """Somebody with a sheet answers by its code; False when the sheet was answered already."""
    with db.atomic():
        found = db.rows(
            "select s.id, s.round_id, s.state, r.audience from surveys_sheet s"
            " join surveys_round r on r.id = s.round_id where s.code = %s for update of s",
            (code.upper(),),
        )
        if not found or found[0][3] != Round.Audience.SHEETS:
            raise NotFound("没有这个编号的问卷。", todo="请照纸上的字再输一遍。")
        sheet, round_id, state, _ = found[0]
        if state in ("valid", "void"):
            return False
        if state == "returned":
            raise NotNow("这张问卷的纸质已经交回，不能再在手机上答。")
        row = the_round(round_id)
        _still_open(row, at)
        given = rules.read(fields_of(row), typed, paper=False)
        db.run(
            "update surveys_sheet set state = 'valid', channel = 'phone' where id = %s::bigint",
            (sheet,),
        )
        into_the_box(row, given, "phone")
    return True


def the_round(round_id: int) -> Round:
    """The round with its questionnaire; NotFound."""
    found = Round.objects.select_related("instrument", "place").filter(pk=round_id).first()
    if found is None:
        raise NotFound("没有找到这份问卷。")
    return found


def fields_of(row: Round) -> list[rules.Asked]:
    """The fields of the form of a round. Two statements."""
    questions = Question.objects.filter(instrument=row.instrument_id).order_by("position")
    rated = list(Rated.objects.filter(round=row).order_by("id").values_list("id", flat=True))
    return rules.asked(
        [dict(q) for q in questions.values("id", "kind", "options", "needed")], rated
    )


def into_the_box(row: Round, given: rules.Given, channel: str) -> None:
    """A valid set of answers, without a name."""
    response = Response.objects.create(round=row, channel=channel)
    Answer.objects.bulk_create(_answers(response, given))


def _answers(response: Response, given: rules.Given) -> Iterable[Answer]:
    for name, value in given.items():
        question, _, rated = name.partition(":")
        words = isinstance(value, str)
        yield Answer(
            response=response, question_id=int(question), rated_id=int(rated) if rated else None,
            picks=[] if words else value, words=value if words else "",
        )  # fmt: skip


def _still_open(row: Round, at: datetime) -> None:
    if row.state != Round.State.OPEN or row.closes_at < at:
        raise NotNow("这份问卷已经截止，没有再收。", todo="计票以后，结果会公布在公开栏。")
