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
    who, way = OWN[name]
    page = visit(who)
    looking.suits_everybody(page, way(page))


@pytest.mark.parametrize("name", DESK)
def test_a_page_of_the_host_is_for_everybody(visit: Visit, name: str) -> None:
    who, way = DESK[name]
    page = visit(who, width=1366, height=768)
    looking.suits_the_desk(page, way(page))
