"""A representatives' meeting opens only if it is composed as its law says; nobody is named."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import people
from assemblies import Meeting, body, meeting, villagers
from gongzhi.core.errors import Refused
from gongzhi.deliberation.bodies import actions as bodies
from gongzhi.deliberation.meetings import rules
from gongzhi.people.models import Person
from gongzhi.playbooks import rules as law

VILLAGE = law.presets()["villager_rep_meeting"]
COLLECTIVE = law.presets()["collective_rep_assembly"]


def seated(
    county: people.County, *, women: int, men: int, committee: int = 0, unsaid: int = 0,
    blueprint: str = "villager_rep_meeting",
) -> Meeting:  # fmt: skip
    """A session of that body on its day, everybody there."""
    whose = body(county, blueprint)
    everybody = villagers(county, women + men + committee + unsaid, a_home=1)
    sexes = ["女"] * women + ["男"] * (men + committee) + [""] * unsaid
    for n, (person, sex) in enumerate(zip(everybody, sexes, strict=True)):
        Person.objects.filter(pk=person.pk).update(gender=sex)
        sits = "committee" if women + men <= n < women + men + committee else "representative"
        bodies.seat(body_id=whose, person_id=person.pk, seat_class=sits,
                    by=county.holders["committee"].pk, at=people.NOW,
                    from_on=people.START)  # fmt: skip
    return meeting(county, of=whose).notice().begins().comes(*everybody)


@pytest.mark.django_db
def test_four_fifths_are_representatives_and_a_third_women(county: people.County) -> None:
    seated(county, women=5, men=7, committee=3).opens()  # 12 of 15, 5 of 15: both exactly


@pytest.mark.django_db
def test_too_many_of_the_committee_keep_it_from_opening(county: people.County) -> None:
    with pytest.raises(Refused, match="组成人员15人里，代表只有11人，至少要12人") as told:
        seated(county, women=6, men=5, committee=4).opens()
    assert "第二十九条" in told.value.todo
    assert told.value.code == "composition"


@pytest.mark.django_db
def test_too_few_women_keep_it_from_opening_and_nobody_is_named(county: people.County) -> None:
    with pytest.raises(Refused, match="妇女代表最多4人，至少要5人") as told:
        seated(county, women=4, men=9, committee=2).opens()
    assert "妇女村民代表" in told.value.todo
    assert "村民0" not in told.value.words


@pytest.mark.django_db
def test_a_roster_that_does_not_say_proves_nothing(county: people.County) -> None:
    seated(county, women=2, men=9, committee=1, unsaid=3).opens()


@pytest.mark.django_db
def test_a_residents_meeting_asks_only_for_four_fifths(county: people.County) -> None:
    seated(county, women=0, men=4, committee=1, blueprint="resident_rep_meeting").opens()


def test_a_collective_has_more_than_twenty_representatives_some_of_them_women() -> None:
    few = rules.gaps(COLLECTIVE, rules.Seated(20, 20, 3, 0))
    assert [(gap.kind, gap.needed) for gap in few] == [("number", 21)]
    assert [gap.kind for gap in rules.gaps(COLLECTIVE, rules.Seated(21, 21, 0, 0))] == [
        "some_women"
    ]
    assert rules.gaps(COLLECTIVE, rules.Seated(21, 21, 1, 0)) == []


def test_a_forum_without_a_law_lacks_nothing() -> None:
    assert rules.gaps(law.house({}), rules.Seated(9, 0, 0, 0)) == []


@given(st.integers(1, 400), st.data())
def test_the_number_asked_for_is_the_least_that_suffices(members: int, data: st.DataObject) -> None:
    reps = data.draw(st.integers(0, members))
    women = data.draw(st.integers(0, reps))
    found = {gap.kind: gap for gap in rules.gaps(VILLAGE, rules.Seated(members, reps, women, 0))}
    for kind, have, share in (
        ("representatives", reps, Fraction(4, 5)), ("women", women, Fraction(1, 3)),
    ):  # fmt: skip
        assert (kind in found) == (Fraction(have, members) < share)
        if kind in found:
            needed = found[kind].needed
            assert Fraction(needed, members) >= share > Fraction(needed - 1, members)
