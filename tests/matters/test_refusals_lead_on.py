"""In Anguo a refused topic may be appealed, and why a result is not used is on the board."""

from datetime import timedelta
from typing import Any

import pytest
from test_intake import picture

import people
from gongzhi.matters.actions import raise_matter, upload
from gongzhi.places.actions import adopt
from gongzhi.playbooks.moves import Attendance
from gongzhi.publications.models import Publication
from lives import DAY, Life

pytestmark = pytest.mark.django_db
FIVE = {"party": 1, "committee": 3, "supervision": 2, "stakeholder": 9, "unit": 2}


@pytest.fixture
def life(county: people.County) -> Life:
    """Ah-Mei proposes a topic in a village that has adopted Anguo's way."""
    village = county.place("village").pk
    adopt(place_id=village, playbook=people.shipped("anguo"), from_on=people.NOW.date(),
          by=None, at=people.NOW - 30 * DAY)  # fmt: skip
    made = raise_matter(
        by=county.ah_mei.pk, at=people.NOW, key=None, source="page",
        body="菜场门口乱停车，能不能单行。", place_id=county.place("building").pk,
    )  # fmt: skip
    return Life(county, made.id, made.number)


def _published(life: Life) -> dict[str, Any]:
    item = Publication.objects.get(subject="matter", subject_id=life.id, replaced_at=None)
    return {"body": item.body}


def _notes(item: dict[str, Any]) -> str:
    return str(item["body"]["steps"])


def test_a_refused_topic_is_published_with_its_reason_and_without_the_name(
    county: people.County, life: Life
) -> None:
    moved = life.move("refuse", county.holders["party_secretary"], reason="去年刚议过")
    assert (moved.result, moved.stage, moved.outcome) == ("refuse", "appeal", "")
    item = _published(life)
    assert "去年刚议过" in _notes(item)
    assert item["body"]["raised_by"] == "一位居民"
    life.move("sign", county.ah_mei)
    assert life.row.stage == "review"
    life.move("accept", county.holders["town_officer"], note="可以议")
    assert life.row.stage == "notice"


def test_without_an_appeal_it_ends_as_not_accepted(county: people.County, life: Life) -> None:
    life.move("refuse", county.holders["party_secretary"], reason="去年刚议过")
    while not life.row.outcome:
        life.sweep()
    assert life.row.outcome == "refused"


def test_a_result_that_is_not_used_is_published_with_the_reason(
    county: people.County, life: Life
) -> None:
    held = county.holders
    life.move("accept", held["party_secretary"])
    paper = upload(by=held["workshop_host"].pk, at=life.at, key="paper-of-notice",
                   data=picture(), name="a.jpg")  # fmt: skip
    life.move("attach", held["workshop_host"], uploads=(paper.key,))
    life.move("hear", held["workshop_host"], later=timedelta(days=4),
              attendance=Attendance(300, 86))  # fmt: skip
    life.move("hear", held["workshop_host"], attendance=Attendance(40, 23, FIVE))
    for who in ("committee", "supervisor", "org_manager"):
        life.move("sign", held[who])
    life.move("sign", county.ah_mei)
    assert life.row.stage == "use"
    moved = life.move("refuse", held["party_secretary"], reason="明年统一改造，不另花钱")
    assert (moved.result, moved.stage) == ("refuse", "publish")
    assert "明年统一改造" in _notes(_published(life))
    life.move("publish", held["supervisor"])
    assert (life.row.outcome, life.row.unsolved) == ("done", False)
    assert "明年统一改造" in _notes(_published(life))
