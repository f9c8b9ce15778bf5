"""Questionnaires for tests: one of four questions, an appraisal, and people who answer them."""

from datetime import timedelta
from typing import Any

from gongzhi.people.models import Appointment, Household, Person
from gongzhi.people.permissions import Viewer
from gongzhi.surveys import actions, queries
from gongzhi.surveys.actions.answers import fields_of, the_round
from gongzhi.surveys.models import Sheet
from people import NOW, START, County

SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(days=7)
AFTER = NOW + timedelta(days=8)


def crowd(county: County, n: int) -> list[Person]:
    """More adults of Ah-Mei's village."""
    homes = Household.objects.bulk_create(
        Household(place=county.place("building"), door=f"2单元 {i}") for i in range(n)
    )
    return Person.objects.bulk_create(
        Person(name=f"村民{i}", household=h) for i, h in enumerate(homes)
    )


def survey(county: County, by: str = "supervisor") -> int:
    """Which group, how satisfied, what next, words."""
    viewer = county.viewer(by)
    made = actions.make_instrument(
        place_id=county.place("village").pk, kind="survey", title="村里的路", intro="一分钟。",
        viewer=viewer, at=NOW,
    )  # fmt: skip
    for kind, words, options, groups in (
        ("single", "您是", "村民代表\n党员\n村民", True),
        ("scale", "路修得怎么样", "", False),
        ("multiple", "接下来修什么", "路灯\n水沟\n广场", False),
        ("yesno", "愿意来开会吗", "", False),
        ("words", "还想说什么", "", False),
    ):
        actions.add_question(
            instrument_id=made, kind=kind, words=words, options=options, needed=kind != "words",
            groups=groups, viewer=viewer, at=NOW,
        )  # fmt: skip
    return made


def appraisal(county: County) -> int:
    """The yearly appraisal, as the supervision committee makes it."""
    return actions.make_instrument(
        place_id=county.place("village").pk, kind="appraisal", title="2026年民主评议", intro="",
        viewer=county.viewer("supervisor"), at=NOW,
    )  # fmt: skip


def second_supervisor(county: County) -> Person:
    """One more of the supervision committee, for the second typing."""
    person = Person.objects.create(name="周")
    Appointment.objects.create(
        person=person, role="supervisor", place=county.place("village"), from_on=START
    )
    return person


def opened(county: County, instrument: int, by: str = "supervisor", **more: Any) -> int:
    """A round of it for a week."""
    wanted: dict[str, Any] = {"audience": "sheets", "sheets": 20, "closes_at": LATER}
    return actions.open_round(
        instrument_id=instrument, viewer=county.viewer(by), at=NOW, **(wanted | more)
    )


def typed(round_id: int, *values: str | list[str]) -> dict[str, list[str]]:
    """Answers by field, in the order of the form."""
    fields = fields_of(the_round(round_id))
    return {f.field: [v] if isinstance(v, str) else v for f, v in zip(fields, values, strict=False)}


def codes(round_id: int) -> list[str]:
    """The codes of the sheets in order."""
    return list(
        Sheet.objects.filter(round=round_id).order_by("number").values_list("code", flat=True)
    )


def counted(county: County, round_id: int, by: Viewer | None = None) -> dict[str, Any]:
    """Closed and counted by the supervision committee; what everybody then sees."""
    viewer = by or county.viewer("supervisor")
    actions.close_round(round_id=round_id, viewer=viewer, at=AFTER)
    actions.count_round(round_id=round_id, viewer=viewer, at=AFTER)
    return queries.result(round_id, viewer)
