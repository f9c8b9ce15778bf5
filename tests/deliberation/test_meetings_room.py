"""Five hundred people at the door: what signing in costs, and who hears of it."""

import pytest

import people
from assemblies import meeting, villagers
from gongzhi.core.models import Outbox
from gongzhi.deliberation.meetings import actions, queries
from gongzhi.people.models import Person
from gongzhi.reactions import live
from lives import statements

pytestmark = pytest.mark.django_db


def test_the_desk_finds_one_of_five_hundred_with_two_statements(county: people.County) -> None:
    villagers(county, 500)
    made = meeting(county, "villagers_assembly").notice().begins()
    found: list[str] = []
    took = statements(lambda: found.extend(row["name"] for row in queries.search(made.id, "cm077")))
    assert found == ["村民077"]
    assert len(took) == 2


def test_signing_in_costs_the_same_for_the_first_and_the_five_hundredth(
    county: people.County,
) -> None:
    everybody = villagers(county, 500)
    made = meeting(county, "villagers_assembly").notice().begins()

    def signs(person: Person) -> int:
        return len(statements(lambda: made.comes(person, how="desk")))

    first = signs(everybody[0])
    made.comes(*everybody[1:499])
    assert signs(everybody[499]) == first <= 4
    assert queries.counts(made.id).present == 500


def test_the_desk_finds_people_by_first_letters(county: people.County) -> None:
    made = meeting(county).notice().begins()
    assert [row["name"] for row in queries.search(made.id, "AF")] == ["阿芳"]


def test_open_pages_hear_that_somebody_came(county: people.County) -> None:
    made = meeting(county).notice().begins().comes(county.ah_mei)
    rows = list(Outbox.objects.filter(kind="session.came").values("kind", "subject_id"))
    assert rows == [{"kind": "session.came", "subject_id": made.id}]
    told = statements(lambda: live.tell(rows))
    assert len(told) == 1
    assert "pg_notify" in told[0]


def test_a_town_leader_is_counted_as_what_he_came(county: people.County) -> None:
    made = meeting(county).notice().begins()
    actions.sign_in(session_id=made.id, person_id=county.holders["town_officer"].pk, how="desk",
                    by=made.host.pk, at=made.at, came_as="town_leader")  # fmt: skip
    actions.sign_in_guest(session_id=made.id, name="外村老张", by=made.host.pk, at=made.at)
    by_class = {row["came_as"]: row["heads"] for row in queries.attendance_by_class(made.id)}
    assert by_class == {"town_leader": 1, "": 1}
