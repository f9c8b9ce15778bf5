"""Votes of owners by area and heads, and the rules a forum sets itself, from the pages."""

import io
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

import people
from gongzhi.core import tables
from gongzhi.core.errors import BadInput
from gongzhi.deliberation.ballots import actions, owners
from gongzhi.deliberation.ballots.models import Elector, Motion
from gongzhi.deliberation.bodies import actions as bodies
from gongzhi.deliberation.bodies.models import Body
from gongzhi.deliberation.bodies.rules import house_parts
from gongzhi.people.models import Account, Household, Person
from gongzhi.playbooks import rules as law

DAY = timedelta(days=1)


@pytest.fixture
def homes(county: people.County) -> list[Person]:
    """Four owners in Ah-Mei's building, two of them of one name."""
    names = ("赵一", "钱二", "孙三", "孙三")
    made = Household.objects.bulk_create(
        Household(place=county.place("building"), grid=county.place("grid"), door=f"9单元 {n}01")
        for n in range(1, 5)
    )
    return Person.objects.bulk_create(
        Person(name=name, household=home, head=True, phone=f"1391111000{n}")
        for n, (name, home) in enumerate(zip(names, made, strict=True))
    )


def of(person: Person) -> Client:
    client = Client()
    client.force_login(Account.objects.get(person=person))
    return client


def typed(county: people.County, **more: Any) -> dict[str, Any]:
    return {
        "place": county.place("village").pk, "title": "动用维修资金修屋面",
        "text": "修2号楼的屋面，从维修资金里出。", "rule": "owners_meeting_ordinary",
        "electorate": "residents_18", "method": "for_against", "secret": "no", "live": "no",
    } | more  # fmt: skip


def book(*rows: tuple[Any, ...]) -> io.BytesIO:
    out = io.BytesIO()
    tables.write_xlsx(out, owners.HEADERS, rows)
    out.seek(0)
    out.name = "业主.xlsx"
    return out


@pytest.mark.django_db
def test_the_roll_comes_as_a_table_and_both_counts_decide(
    county: people.County, homes: list[Person]
) -> None:
    """The areas are kept in 0.01 m²; two units of one owner are one head."""
    host = county.holders["workshop_host"]
    table = book(
        ("赵一", "9单元101", "", "", 89.5), ("赵一", "车库 3", "13911110000", "", "10.05"),
        ("钱二", "", "13911110001", "", "100.00㎡"), ("孙三", "9单元 301", "", "", 120),
    )  # fmt: skip
    answer = of(host).post("/staff/votes/new", typed(county, owners_file=table))
    assert answer.status_code == 302, answer.content.decode()
    motion = Motion.objects.get()
    assert motion.listed == [[homes[0].pk, 9955], [homes[1].pk, 10000], [homes[2].pk, 12000]]
    assert (motion.weighted, motion.electorate, motion.binding) == (True, "listed", True)
    page = of(host).get(f"/staff/votes/{motion.pk}").content.decode()
    assert "3位业主" in page
    assert "319.55 平方米" in page
    opened = motion.at + 15 * DAY
    actions.announce_motion(motion_id=motion.pk, by=host.pk, at=motion.at)
    actions.open_motion(motion_id=motion.pk, by=host.pk, at=opened, closes_at=opened + DAY)
    assert Elector.objects.get(person=homes[0]).area == 9955


@pytest.mark.django_db
def test_a_wrong_row_is_told_and_nothing_is_imported(
    county: people.County, homes: list[Person]
) -> None:
    table = book(
        ("赵一", "9单元101", "", "", "89.505"), ("孙三", "", "", "", 50),
        ("无此人", "", "", "", 50),
        ("钱二", "9单元 201", "", "", -3), ("孙三", "9单元 401", "", "", 77),
        ("孙三", "9单元 401", "", "", 77),
    )  # fmt: skip
    answer = of(county.holders["workshop_host"]).post(
        "/staff/votes/new", typed(county, owners_file=table)
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    for told in ("有5行要改", "最多写两位小数", "有几位“孙三”", "没有找到“无此人”",
                 "面积要大于零", "和第6行重复"):  # fmt: skip
        assert told in page
    assert "孙三,9单元 401" in page  # the file stands in the field, to be mended there
    assert "动用维修资金修屋面" in page
    assert not Motion.objects.exists()


@pytest.mark.django_db
def test_lines_are_enough_and_without_a_roll_it_is_refused(
    county: people.County, homes: list[Person]
) -> None:
    client = of(county.holders["workshop_host"])
    none = client.post("/staff/votes/new", typed(county))
    assert none.status_code == 422
    assert "要有业主名单" in none.content.decode()
    lines = "赵一，9单元101，89.5\n孙三，9单元 401，60"
    answer = client.post("/staff/votes/new", typed(county, owners=lines))
    assert answer.status_code == 302, answer.content.decode()
    assert Motion.objects.get().listed == [[homes[0].pk, 8950], [homes[3].pk, 6000]]


@pytest.mark.django_db
def test_a_table_to_fill_in_can_be_had(county: people.County) -> None:
    answer = of(county.holders["workshop_host"]).get("/staff/votes/owners.xlsx")
    table = tables.read(answer.content, "x.xlsx")
    assert table.records((owners.NAME,)).headers == owners.HEADERS


@pytest.mark.django_db
def test_the_roll_is_read_with_one_statement(
    county: people.County, homes: list[Person], django_assert_num_queries: Any
) -> None:
    lines = owners.typed("姓名，房号，面积\n" + "赵一，9单元101，1\n钱二，9单元201，2")
    with django_assert_num_queries(1):
        owners.read(lines, "x.csv", county.place("village").path)


@pytest.mark.django_db
def test_a_house_rule_of_the_vote_is_exact_and_never_binds(county: people.County) -> None:
    own = {"rule": "house", "house_share": "2/3", "house_op": ">=", "house_base": "members",
           "house_there": "1/3", "house_least": "5"}  # fmt: skip
    client = of(county.holders["workshop_host"])
    answer = client.post("/staff/votes/new", typed(county, **own))
    assert answer.status_code == 302, answer.content.decode()
    motion = Motion.objects.get()
    assert not motion.binding
    rule = law.house(motion.house)
    assert rule.pass_all_of == (law.Part(Fraction(2, 3), ">=", "members"),)
    assert [(p.share, p.least) for p in rule.quorum_all_of] == [(Fraction(1, 3), 0), (0, 5)]
    wrong = client.post("/staff/votes/new", typed(county, **own | {"house_share": "7/3"}))
    assert wrong.status_code == 422
    assert "比例要大于0" in wrong.content.decode()


@pytest.mark.django_db
def test_a_forum_sets_its_rule_and_the_law_s_bodies_cannot(county: people.County) -> None:
    by = county.holders["committee"]
    place = county.place("village").pk
    forum = bodies.found(place_id=place, blueprint="village_council", by=by.pk, at=people.NOW)
    client = of(by)
    address = f"/staff/bodies/{forum}/rule"
    assert client.get(address).status_code == 200
    sent = {"house_share": "3/5", "house_op": ">=", "house_base": "present", "there_op": ">",
            "house_there": "1/2", "there_base": "households", "least": ""}  # fmt: skip
    assert client.post(address, sent).status_code == 302
    rule = law.house(Body.objects.get(pk=forum).house)
    assert rule.pass_all_of == (law.Part(Fraction(3, 5), ">=", "present"),)
    assert rule.quorum_all_of == (law.Part(Fraction(1, 2), ">", "households"),)
    assert 'value="3/5"' in client.get(address).content.decode()
    assembly = bodies.found(place_id=place, blueprint="villagers_assembly", by=by.pk, at=people.NOW)
    assert client.get(f"/staff/bodies/{assembly}/rule").status_code == 404


@given(st.integers(1, 10**8))
def test_an_area_is_read_to_the_hundredth(area: int) -> None:
    assert owners.hundredths(f"{area // 100}.{area % 100:02}㎡") == area


@given(st.fractions(0, 2))
def test_a_share_is_taken_exactly_or_refused(part: Fraction) -> None:
    possible = 0 < part < 1 and part.denominator <= 1000
    try:
        made = house_parts(share=str(part), op=">", base="present")
    except BadInput:
        assert not possible
        return
    assert possible
    assert Fraction(made["pass"][0]["share"]) == part
