"""Lists, the inbox, search, and counts beside each other."""

import random
from datetime import timedelta
from typing import Any

import pytest

import people
from gongzhi.core.errors import NotAllowed, NotFound
from gongzhi.matters import actions, jobs, queries, rules
from gongzhi.matters.actions import Assignee
from gongzhi.matters.models import Matter
from gongzhi.matters.queries import Filters
from gongzhi.people.permissions import NOBODY
from lives import DAY, HOUR, Life, statements, xindu, xuyi

pytestmark = pytest.mark.django_db


def numbers(county: people.County, who: Any = "town_officer", **filters: Any) -> set[str]:
    found = queries.list_(county.viewer(who), Filters(**filters), people.NOW + 2 * HOUR)
    return {row["number"] for row in found["rows"]}


@pytest.fixture
def several(county: people.County) -> dict[str, Life]:
    made = {
        "plain": xuyi(county),
        "light": xuyi(county, category="facilities.lighting"),
        "handled": xuyi(county).to("handle"),
        "patrol": xuyi(county, by=county.holders["grid_worker"].pk, source="patrol"),
        "sibling": xuyi(county, place_id=county.place("sibling_village").pk),
        "urgent": xuyi(county, urgent=True),
        "recalled": xuyi(county),
        "parked": xuyi(county),
        "paused": xuyi(county).to("handling"),
    }
    made["recalled"].move("recall", county.ah_mei)
    chen = county.holders["committee"]
    made["parked"].move("park", chen, reason="等钱", until=people.NOW + 30 * DAY)
    made["paused"].move("pause", chen, reason="waiting_villager")
    return made


FILTERS: list[tuple[dict[str, Any], set[str]]] = [
    ({"stage": "handle"}, {"handled", "paused"}),
    ({"stage": "handle\0"}, set()),
    ({"category": "facilities"}, {"light"}),
    ({"category": "facilities.lighting"}, {"light"}),
    ({"category": "facility"}, set()),
    ({"source": "patrol"}, {"patrol"}),
    ({"state": "ended"}, {"recalled"}),
    ({"state": "parked"}, {"parked"}),
    ({"state": "paused"}, {"paused"}),
    ({"state": "overdue"}, {"urgent"}),
    ({"place": "320830101202"}, {"sibling"}),
    ({"level": "county"}, set()),
]


@pytest.mark.parametrize(("filters", "expected"), FILTERS)
def test_each_filter_narrows(
    county: people.County, several: dict[str, Life], filters: dict[str, Any], expected: set[str]
) -> None:
    assert numbers(county, **filters) == {several[name].number for name in expected}


def test_where_the_clock_stands_still_nothing_is_overdue(
    county: people.County, several: dict[str, Life]
) -> None:
    late = people.NOW + 20 * DAY  # past every first limit, before the parked one's review
    viewer = county.viewer("town_officer")
    over = queries.list_(viewer, Filters(state="overdue"), late)["rows"]
    assert {row["number"] for row in over}.isdisjoint(
        {several["parked"].number, several["paused"].number}
    )
    counted = queries.county_view(viewer, county.place("town").pk, late)
    assert sum(place["overdue"] for place in counted["places"]) == len(over)


def test_time_and_openness_filter_too(county: people.County, several: dict[str, Life]) -> None:
    assert len(numbers(county, state="open")) == len(several) - 1
    assert numbers(county, since=people.NOW + HOUR) == set()
    assert len(numbers(county, until=people.NOW + HOUR)) == len(several)
    with pytest.raises(NotFound):
        numbers(county, place="999")


def test_who_sees_which_list(county: people.County, several: dict[str, Life]) -> None:
    everything = {life.number for life in several.values()}
    village = everything - {several["sibling"].number}
    assert numbers(county) == everything
    assert numbers(county, "committee") == village
    assert numbers(county, "grid_worker") == village
    assert numbers(county, county.ah_mei) == everything - {several["patrol"].number}
    assert numbers(county, county.neighbour) == set()
    assert numbers(county, "observer") == everything
    assert numbers(county, county.foreign["town_officer"]) == set()
    with pytest.raises(NotAllowed):
        queries.list_(NOBODY, Filters(), people.NOW)


def test_what_is_mine_to_do(county: people.County, several: dict[str, Life]) -> None:
    assert numbers(county, "grid_worker", mine=True) == {several["paused"].number}
    life = several["handled"]
    life.move("dispatch", county.holders["committee"],
              assignees=(Assignee(None, county.water.pk),))  # fmt: skip
    assert numbers(county, "dept_officer", mine=True) == {life.number}
    assert numbers(county, unit=county.water.pk) == {life.number}


def test_pages_follow_each_other(county: people.County, several: dict[str, Life]) -> None:
    viewer = county.viewer("town_officer")
    for sort in ("newest", "oldest", "due", "changed", "nonsense"):
        pages = [queries.list_(viewer, Filters(size=4, page=n, sort=sort), people.NOW)
                 for n in (1, 2, 3)]  # fmt: skip
        assert [len(p["rows"]) for p in pages] == [4, 4, 1]
        assert [p["more"] for p in pages] == [True, True, False]
        assert len({row["id"] for p in pages for row in p["rows"]}) == 9
    far = queries.list_(viewer, Filters(page=10**12), people.NOW)
    assert far["rows"] == []
    assert len(queries.list_(viewer, Filters(size=-5, page=-3), people.NOW)["rows"]) == 1


def test_the_number_finds_it_in_any_writing(county: people.County) -> None:
    life = xuyi(county)
    for query in (life.number, life.number.lower(), life.number[:8], f" {life.number} "):
        assert life.number in numbers(county, q=query)


TEXTS = (
    "村口路灯不亮，晚上走路看不见。", "三组水渠堵了\n庄稼淹了", "WiFi信号差，100%没有网",
    "李家门口_堆垃圾_有味道", "反斜杠\\和'引号'的事", "gz开头的车牌苏GZ1234乱停", "😀笑脸的灯坏了",
    "道路坑洼，道路坑洼，道路坑洼", "A座电梯B座电梯", "老人摔倒了两次，请修台阶",
)  # fmt: skip


def test_every_piece_of_the_text_is_found_and_nothing_else(county: people.County) -> None:
    for text in TEXTS:
        xuyi(county, body=text, where=text[:3][::-1])
    rows = list(Matter.objects.values("number", "title", "body", "where"))
    dice = random.Random(4)
    for _ in range(150):
        row = dice.choice(rows)
        text = row["body"]
        start = dice.randrange(len(text))
        piece = text[start : start + dice.randrange(1, 8)]
        terms = piece.split()
        if not terms:
            continue
        expected = {
            r["number"] for r in rows
            if all(t.lower() in f"{r['title']}\n{r['body']}\n{r['where']}".lower() for t in terms)
        }  # fmt: skip
        assert numbers(county, q=piece) == expected, piece
        assert row["number"] in expected


def test_a_search_finds_only_what_may_be_seen(county: people.County) -> None:
    near, secret = xuyi(county), xuyi(county, sensitive=True)
    far = xindu(county, body="村口路灯不亮，晚上走路看不见。")
    assert numbers(county, q="路灯") == {near.number, secret.number}
    assert numbers(county, "observer", q="路灯") == {near.number}
    assert numbers(county, county.foreign["town_officer"], q="路灯") == {far.number}
    assert numbers(county, county.neighbour, q="路灯") == set()


# The inbox


def groups(county: people.County, who: Any, at: Any, **more: Any) -> dict[str, set[str]]:
    found = queries.inbox(county.viewer(who), at, **more)
    assert found["total"] == sum(group["count"] for group in found["groups"])
    return {g["key"]: {row["number"] for row in g["rows"]} for g in found["groups"] if g["rows"]}


def test_the_inbox_groups_by_time_left(county: people.County) -> None:
    late, soon, calm = xuyi(county, urgent=True), xuyi(county), xuyi(county).to("handle")
    assert groups(county, "committee", people.NOW + HOUR) == {
        "overdue": {late.number}, "three_days": {soon.number}, "later": {calm.number}
    }  # fmt: skip
    assert groups(county, "committee", people.NOW + 3 * DAY - HOUR) == {
        "overdue": {late.number}, "today": {soon.number}, "later": {calm.number}
    }  # fmt: skip


def test_an_inbox_holds_what_is_held_here_or_given_to_me(county: people.County) -> None:
    life = xuyi(county).to("handling")
    assert groups(county, "grid_worker", life.at) == {"later": {life.number}}
    assert groups(county, "committee", life.at) == {"later": {life.number}}
    assert groups(county, "town_officer", life.at) == {}
    life.move("escalate", county.holders["committee"], reason="办不了")
    assert groups(county, "committee", life.at) == {}
    assert groups(county, "town_officer", life.at) == {"later": {life.number}}
    # A post that only handles waits until it is given something.
    assert groups(county, "dept_officer", life.at) == {}
    life.move("dispatch", county.holders["town_officer"],
              assignees=(Assignee(None, county.water.pk),))  # fmt: skip
    assert groups(county, "dept_officer", life.at) == {"later": {life.number}}
    life.move("report_done", county.holders["dept_officer"])
    assert groups(county, "dept_officer", life.at) == {}


def test_a_leader_finds_what_came_up_to_him_also_when_sensitive(county: people.County) -> None:
    life = xindu(county, category="safety.major", sensitive=True)
    found = groups(county, county.foreign["county_leader"], people.NOW)
    assert found == {"three_days": {life.number}} or found == {"today": {life.number}}


def test_each_group_shows_a_few_and_counts_all(county: people.County) -> None:
    for _ in range(4):
        xuyi(county)
    found = queries.inbox(county.viewer("committee"), people.NOW, most=2)
    group = next(g for g in found["groups"] if g["rows"])
    assert (len(group["rows"]), group["count"], found["total"]) == (2, 4, 4)


def test_mine_are_those_i_raised_or_joined_and_what_i_am_asked(county: people.County) -> None:
    life = xuyi(county)
    actions.join(matter_id=life.id, by=county.neighbour.pk, at=life.at)
    life.to("appraise")
    jobs.ask_those_concerned(at=life.at + 2 * DAY)
    for person in (county.ah_mei, county.neighbour):
        (row,) = queries.mine(county.viewer(person), life.at)
        assert (row["number"], bool(row["please_answer"])) == (life.number, True)
    assert queries.mine(county.viewer(county.he), life.at) == []


def test_lists_cost_few_statements(county: people.County, several: dict[str, Life]) -> None:
    at = people.NOW
    for who in ("town_officer", "observer", "dept_officer"):
        viewer = county.viewer(who)
        queries.list_(viewer, Filters(q="路灯", place="320830101201"), at)
        full = Filters(q="路灯", place="320830101201", state="open", mine=False)
        assert len(statements(lambda v=viewer, f=full: queries.list_(v, f, at))) <= 4  # type: ignore[misc]
        assert len(statements(lambda v=viewer: queries.inbox(v, at))) <= 4  # type: ignore[misc]
        assert len(statements(lambda v=viewer: queries.mine(v, at))) <= 2  # type: ignore[misc]


# Counting


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(10, 100, 0.0552, 0.1744), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 2, 0.0945, 0.9055),
     (81, 263, 0.2553, 0.3662), (0, 0, 0.0, 1.0)],
)  # fmt: skip
def test_the_interval_is_wilsons(part: int, whole: int, low: float, high: float) -> None:
    found = rules.wilson(part, whole)
    assert found == pytest.approx((low, high), abs=2e-4)


def test_a_part_is_never_more_than_the_whole() -> None:
    for part, whole in ((3, 2), (-1, 2)):
        with pytest.raises(ValueError, match="between"):
            rules.wilson(part, whole)


def shares(county: people.County, since: Any = people.NOW, days: int = 90) -> dict[str, Any]:
    path = county.place("street").path
    return {r["level"]: r for r in queries.shares_by_level(path, since, since + days * DAY)}


def test_shares_stand_beside_their_targets_with_intervals(county: people.County) -> None:
    for _ in range(3):
        xindu(county).to("end")
    climbed = xindu(county).to("handle")
    climbed.move("escalate", county.foreign["committee"], reason="要社区办")
    climbed.to("end")
    xindu(county).to("appraise")  # not over yet
    xuyi(county).to("end")  # elsewhere
    found = shares(county)
    assert {level: row["settled"] for level, row in found.items()} == {
        "grid": 3, "community": 1, "street": 0, "district": 0
    }  # fmt: skip
    grid = found["grid"]
    assert (grid["total"], grid["share"]) == (4, 0.75)
    assert (grid["low"], grid["high"]) == rules.wilson(3, 4)
    assert str(grid["target"]) == "2/5"


def test_what_was_reopened_is_counted_where_it_had_been_settled(county: people.County) -> None:
    life = xindu(county).to("end")
    xindu(county).to("end")
    life.move("reopen", county.he)
    again = shares(county)
    assert (again["grid"]["settled"], again["grid"]["reopened"]) == (2, 1)
    life.move("escalate", county.foreign["committee"], reason="要社区办")
    life.to("end")
    found = shares(county)
    assert [(found[k]["settled"], found[k]["reopened"]) for k in ("grid", "community")] == [
        (2, 1), (1, 0)
    ]  # fmt: skip
    assert found["grid"]["reopened_share"] == 0.5


def test_a_remark_moves_nothing_between_months(county: people.County) -> None:
    life = xindu(county).to("end")
    life.move("comment", county.he, later=40 * DAY, note="谢谢")
    assert shares(county, days=30)["grid"]["settled"] == 1
    assert shares(county, since=people.NOW + 35 * DAY) == {}


def test_what_nobody_could_solve_is_not_counted_as_settled(county: people.County) -> None:
    life = xindu(county).to("end")
    Matter.objects.filter(pk=life.id).update(unsolved=True)
    assert shares(county) == {}


def test_the_county_view_counts_by_place_stage_and_age(county: people.County) -> None:
    several = [xuyi(county), xuyi(county).to("handle"), xuyi(county)]
    several[2].move("recall", county.ah_mei)
    xuyi(county, at=people.NOW - 10 * DAY)
    view = queries.county_view(
        county.viewer("county_leader"), county.place("county").pk, people.NOW + timedelta(hours=5)
    )
    (town,) = view["places"]
    assert (town["open"], town["ended"], town["overdue"]) == (3, 1, 1)
    assert town["by_stage"] == {"propose": 2, "handle": 1}
    named = {s["id"]: s["open"] for s in view["stages"]}
    assert (named["propose"], named["handle"]) == (2, 1)
    assert view["ages"] == {"d1": 2, "d3": 0, "d7": 0, "older": 1}
    assert view["total"] == 3
