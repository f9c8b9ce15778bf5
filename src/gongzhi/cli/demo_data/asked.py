"""The questionnaire of the last small-stool assembly: handed out, answered, counted there."""

from datetime import datetime, timedelta

from gongzhi.cli.demo_data.towns import Town
from gongzhi.deliberation.meetings import actions as meetings
from gongzhi.people import queries as people
from gongzhi.surveys import actions as surveys
from gongzhi.surveys.actions.answers import fields_of, the_round
from gongzhi.surveys.models import Sheet

QUESTIONS = (
    ("single", "您是", "村民代表\n党员\n村民", True),
    ("scale", "上次交办的事办得怎么样", "", False),
    ("yesno", "提的问题当场听明白了吗", "", False),
    ("multiple", "接下来最该办什么", "修路\n机井\n路灯\n排水沟", False),
)
HANDED, BACK = 60, 44
MINUTE = timedelta(minutes=1)


def ask(town: Town, code: str, item: int, at: datetime) -> None:
    """Sixty sheets out, forty-four back, counted by the supervision committee before the end."""
    host, watch = town.post("workshop_host", code), town.post("supervisor", code)
    maker = people.viewer(town.post("committee", code), at)
    form = surveys.make_instrument(
        place_id=town.villages[code], kind="survey", title="小板凳大会测评表", viewer=maker,
        at=at - timedelta(days=5), intro="不用写名字，一分钟填完，填好放进箱子。",
    )  # fmt: skip
    for kind, words, options, groups in QUESTIONS:
        surveys.add_question(
            instrument_id=form, kind=kind, words=words, options=options, needed=True,
            groups=groups, viewer=maker, at=at - timedelta(days=5),
        )  # fmt: skip
    given = meetings.open_survey(
        item_id=item, by=town.post("committee", code), at=at, instrument_id=form, sheets=HANDED
    )
    chair = people.viewer(host, at)
    surveys.hand_out(round_id=given, first=1, last=HANDED, viewer=chair, at=at)
    fields = [field.field for field in fields_of(the_round(given))]
    codes = Sheet.objects.filter(round=given).order_by("number").values_list("code", flat=True)
    for n, sheet in enumerate(codes[:BACK]):
        says = (2 if n % 3 else n % 2, 3 + (n % 5 > 1) if n % 7 else 1, int(n % 9 == 0), n % 4)
        surveys.answer_sheet(
            code=sheet,
            at=at + 5 * MINUTE,
            typed={name: [str(v)] for name, v in zip(fields, says, strict=True)},
        )
    counter = people.viewer(watch, at)
    surveys.close_round(round_id=given, viewer=counter, at=at + 10 * MINUTE)
    surveys.count_round(round_id=given, viewer=counter, at=at + 11 * MINUTE)
