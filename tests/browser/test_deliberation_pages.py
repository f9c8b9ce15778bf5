"""Pages of votes, on line rounds, budgets, questionnaires and programmes: for everybody's eyes."""

import pytest

from browser import looking
from browser.conftest import Visit, Way, at

pytestmark = pytest.mark.browser

OWN: dict[str, tuple[str, Way]] = {
    "rounds": ("laozhao", at("/rounds")),
    "rules of rounds": ("laozhao", at("/rounds/rules")),
    "votes": ("laozhao", at("/votes")),
    "budgets": ("laozhao", at("/budgets")),
    "questionnaires": ("laozhao", at("/surveys")),
    "programmes": ("laozhao", at("/programmes")),
    "meetings": ("laozhao", at("/meetings")),
}
DESK: dict[str, tuple[str, Way]] = {
    "rounds": ("chen", at("/staff/rounds")),
    "a new round": ("chen", at("/staff/rounds/new")),
    "a new vote": ("chen", at("/staff/votes/new")),
    "budgets": ("chen", at("/staff/budgets")),
    "questionnaires": ("chen", at("/staff/surveys")),
    "a new questionnaire": ("chen", at("/staff/surveys/new")),
    "programmes": ("luo", at("/staff/programmes")),
    "bodies": ("chen", at("/staff/bodies")),
}


@pytest.mark.parametrize("name", OWN)
def test_a_page_of_neighbours_is_for_everybody(visit: Visit, name: str) -> None:
    """At 390 pixels, in large type, and at 320 with the text doubled."""
    who, way = OWN[name]
    page = visit(who)
    answer = page.goto(way(page))
    assert answer is not None
    assert answer.ok
    assert looking.faults(page) == []
    assert looking.small_targets(page, 44) == []
    assert looking.overflowing(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    looking.double_text(page)
    assert looking.overflowing(page) == []
    large = visit(who, elder=True)
    large.goto(way(large))
    assert looking.faults(large) == []
    assert looking.small_targets(large, 60) == []
    assert looking.overflowing(large) == []


@pytest.mark.parametrize("name", DESK)
def test_a_page_of_the_host_is_for_everybody(visit: Visit, name: str) -> None:
    who, way = DESK[name]
    page = visit(who, width=1366, height=768)
    answer = page.goto(way(page))
    assert answer is not None
    assert answer.ok
    assert looking.faults(page) == []
    assert looking.overflowing(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert looking.overflowing(page) == []
    assert looking.faults(page) == []
