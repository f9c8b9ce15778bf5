"""By what a place governs: its own playbook, the nearest above, and how it goes back."""

from datetime import date, timedelta

import pytest

import lives
from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.core.models import Outbox
from gongzhi.places import actions, queries
from gongzhi.places.models import Adoption
from people import NOW, County, shipped

pytestmark = pytest.mark.django_db
SPRING = date(2026, 3, 1)
TODAY = NOW.date()
DAY = timedelta(days=1)


def test_a_place_governs_by_the_nearest_adoption_above(county: County) -> None:
    version, playbook = queries.adopted(county.place("building").pk, NOW.date())
    assert playbook.id == "xuyi"
    assert version.digest == playbook.digest
    assert queries.adopted(county.place("compound").pk, NOW.date())[1].id == "xindu"
    actions.adopt(place_id=county.place("village").pk, playbook=shipped("xindu"),
                  from_on=NOW.date(), by=None, at=NOW)  # fmt: skip
    assert queries.adopted(county.place("building").pk, NOW.date())[1].id == "xindu"
    yesterday = NOW.date() - timedelta(days=1)
    assert queries.adopted(county.place("building").pk, yesterday)[1].id == "xuyi"
    assert queries.adopted(county.place("sibling_village").pk, NOW.date())[1].id == "xuyi"


def test_a_new_adoption_ends_the_one_before(county: County) -> None:
    place = county.place("county")
    actions.adopt(place_id=place.pk, playbook=shipped("xindu"), from_on=SPRING, by=None, at=NOW)
    first, second = Adoption.objects.filter(place=place).order_by("from_on")
    assert first.to_on == SPRING - timedelta(days=1)
    assert second.to_on is None
    with pytest.raises(BadInput, match="不能更早"):
        actions.adopt(place_id=place.pk, playbook=shipped("xuyi"),
                      from_on=SPRING - timedelta(days=9), by=None, at=NOW)  # fmt: skip


def test_a_plan_that_has_not_begun_gives_way_to_the_next(county: County) -> None:
    place, today = county.place("county"), NOW.date()
    for ahead in (90, 30):  # a mistake, then the day that was meant
        actions.adopt(place_id=place.pk, playbook=shipped("xindu"),
                      from_on=today + timedelta(days=ahead), by=None, at=NOW)  # fmt: skip
    first, second = Adoption.objects.filter(place=place).order_by("from_on")
    assert (first.to_on, second.to_on) == (today + timedelta(days=29), None)
    assert queries.adopted(place.pk, today)[1].id == "xuyi"
    assert queries.adopted(place.pk, second.from_on)[1].id == "xindu"
    with pytest.raises(BadInput, match="太远"):
        actions.adopt(place_id=place.pk, playbook=shipped("xindu"), from_on=date.max, by=None,
                      at=NOW)  # fmt: skip


def own(county: County) -> int:
    """The village adopts a playbook of its own in spring."""
    village = county.place("village").pk
    actions.adopt(place_id=village, playbook=shipped("xindu"), from_on=SPRING, by=None, at=NOW)
    return village


def end(place_id: int, on: date = TODAY + DAY, reason: str = "村民会议决定") -> None:
    actions.end_adoption(place_id=place_id, on=on, by=None, at=NOW, reason=reason)


def test_a_place_goes_back_to_the_playbook_above_from_a_day_on(county: County) -> None:
    village, building = own(county), county.place("building").pk
    end(village)
    assert queries.adopted(building, TODAY)[1].id == "xindu"
    assert queries.adopted(building, TODAY + DAY)[1].id == "xuyi"
    row = Adoption.objects.get(place=village)
    assert (row.to_on, row.end_reason) == (TODAY, "村民会议决定")
    told = Outbox.objects.get(kind="adoption_ended", subject_id=village).data
    assert (told["playbook"], told["above"], told["reason"]) == ("xindu", "xuyi", "村民会议决定")


def test_running_matters_keep_their_version_when_an_adoption_ends(county: County) -> None:
    village = own(county)
    life = lives.xuyi(county)
    end(village, on=TODAY)
    assert life.row.version.playbook == "xindu"
    assert lives.xuyi(county).row.version.playbook == "xuyi"


def test_a_place_may_adopt_again_after_it_went_back(county: County) -> None:
    village = own(county)
    end(village)
    later = TODAY + 30 * DAY
    actions.adopt(place_id=village, playbook=shipped("xindu"), from_on=later, by=None, at=NOW)
    assert [queries.adopted(village, day)[1].id for day in (TODAY, TODAY + DAY, later)] == [
        "xindu", "xuyi", "xindu",
    ]  # fmt: skip


def test_a_plan_is_dropped_by_ending_it_before_it_begins(county: County) -> None:
    village = county.place("village").pk
    actions.adopt(
        place_id=village, playbook=shipped("xindu"), from_on=TODAY + 9 * DAY, by=None, at=NOW
    )
    end(village)
    assert not Adoption.objects.filter(place=village).exists()


def test_what_cannot_be_ended_is_refused_with_the_reason(county: County) -> None:
    village = county.place("village").pk
    with pytest.raises(Refused, match="没有采用自己的"):
        end(village)
    own(county)
    for wrong in (TODAY - DAY, date.max):
        with pytest.raises(BadInput) as refused:
            end(village, on=wrong)
        assert refused.value.field == "on"
    with pytest.raises(BadInput, match="为什么"):
        end(village, reason=" ")
    with pytest.raises(Refused, match="没有办法可依"):
        end(county.place("county").pk)
    with pytest.raises(NotFound):
        end(0)
