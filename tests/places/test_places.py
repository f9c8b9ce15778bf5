"""Places: the real table, history, working time, what they govern by, where a point lies."""

import json
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from gongzhi.core.clock import SHANGHAI, Term
from gongzhi.core.errors import BadInput, NotFound
from gongzhi.core.models import Outbox
from gongzhi.places import actions, queries, rules
from gongzhi.places.models import Place, Succession
from people import NOW, START, County

BOX = (118.70, 33.00, 118.80, 33.10)
SPRING = date(2026, 4, 1)


def test_the_division_table_loads_whole_and_only_once(db: None) -> None:
    assert actions.load_divisions(by=None, at=NOW) == 23_563
    assert actions.load_divisions(by=None, at=NOW) == 0
    street = queries.by_code("320903050000")
    assert queries.full_name(street, since="province") == "江苏省 盐城市 盐都区 新都街道"
    assert len(queries.children(street.pk)) == 11
    kinds = dict.fromkeys(Place.objects.values_list("kind", flat=True).distinct(), 0)
    assert set(kinds) == {"province", "prefecture", "county", "town", "village"}


def test_a_path_follows_a_place_that_moves(county: County) -> None:
    grid = county.place("grid")
    grid.parent = county.place("sibling_village")
    grid.save()
    building = Place.objects.get(pk=county.place("building").pk)
    assert building.path.startswith(county.place("sibling_village").path)


def test_a_place_does_not_lie_inside_itself(county: County) -> None:
    town = county.place("town")
    town.parent = county.place("grid")
    with pytest.raises(IntegrityError, match="inside itself"), transaction.atomic():
        town.save()


@pytest.mark.parametrize(
    ("code", "kind", "above"),
    [
        ("32083010120101", "grid", "village"),  # 14 digits
        ("320830101202003", "grid", "village"),  # another village's digits
        ("320830101201003", "grid", "town"),  # not directly inside a town
        ("320830101203", "town", "village"),
        ("320830101201001", "grid", "village"),  # taken
    ],
)
def test_a_place_that_does_not_fit_is_refused(
    county: County, code: str, kind: str, above: str
) -> None:
    with pytest.raises(BadInput):
        actions.add_place(
            code=code, name="新网格", kind=kind, parent_id=county.place(above).pk, by=None, at=NOW
        )


def test_a_grid_code_has_fifteen_digits_also_for_the_database(county: County) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.create(
            code="3208301012010", name="短", kind="grid", parent=county.place("village"),
            valid_from=START,
        )  # fmt: skip


def test_a_qr_code_leads_to_its_building_until_it_is_renewed(county: County) -> None:
    building = county.place("building")
    first = actions.new_token(place_id=building.pk, by=None, at=NOW)
    assert queries.by_token(first) == building
    second = actions.new_token(place_id=building.pk, by=None, at=NOW)
    assert queries.by_token(second) == building
    with pytest.raises(NotFound, match="停用"):
        queries.by_token(first)


def test_merging_keeps_the_history_and_moves_what_is_inside(county: County) -> None:
    old = (county.place("village"), county.place("sibling_village"))
    new = actions.merge(
        place_ids=(old[0].pk, old[1].pk), code="320830101210", name="双蔡村委会", on=SPRING,
        by=None, at=NOW,
    )  # fmt: skip
    assert Place.objects.get(pk=county.place("grid").pk).parent == new
    assert queries.by_code("320830101201", on=SPRING - timedelta(days=1)) == old[0]
    with pytest.raises(NotFound):
        queries.by_code("320830101201")
    assert {row["predecessor__code"] for row in queries.history(new.pk)["before"]} == {
        "320830101201", "320830101202",
    }  # fmt: skip
    assert Outbox.objects.filter(kind="place_merge", subject_id=new.pk).exists()


def test_the_24_villages_of_fengqiao_become_seven_communities(db: None) -> None:
    actions.load_divisions(by=None, at=NOW)
    street = queries.by_code("320505003000")
    villages = [
        actions.add_place(
            code=f"3205050039{n:02d}", name=f"第{n}村", kind="village", parent_id=street.pk,
            by=None, at=NOW, valid_from=date(2004, 6, 1),
        ).pk
        for n in range(24)
    ]  # fmt: skip
    parts = [villages[n::7] for n in range(7)]
    made = [
        actions.merge(place_ids=tuple(part), code=f"3205050038{n:02d}", name=f"第{n}社区",
                      on=date(2005, 6, 1), by=None, at=NOW)
        for n, part in enumerate(parts)
    ]  # fmt: skip
    assert len(made) == 7
    assert Succession.objects.filter(successor__in=made).count() == 24


def test_splitting_says_where_each_part_goes(county: County) -> None:
    village = county.place("village")
    first, second = county.place("grid"), county.place("sibling_grid")
    into = (("320830101211", "双马东村"), ("320830101212", "双马西村"))
    with pytest.raises(BadInput, match="归哪一边"):
        actions.split(place_id=village.pk, into=into, parts={}, on=SPRING, by=None, at=NOW)
    parts = {first.pk: "320830101211", second.pk: "320830101212"}
    actions.split(place_id=village.pk, into=into, parts=parts, on=SPRING, by=None, at=NOW)
    parent = Place.objects.get(pk=second.pk).parent
    assert parent is not None
    assert parent.name == "双马西村"


def test_a_renamed_place_keeps_its_code_and_its_old_name(county: County) -> None:
    actions.rename(place_id=county.place("village").pk, name="双马新村", on=SPRING, by=None, at=NOW)
    assert queries.by_code("320830101201").name == "双马新村"
    assert queries.by_code("320830101201", on=START).name == "双马村委会"


def test_working_time_comes_from_the_nearest_office_above(county: County) -> None:
    village, street = county.place("village"), county.place("street")
    actions.set_hours(place_id=county.place("county").pk, weekdays=(0, 1, 2, 3, 4, 5),
                      spans=(("08:30", "12:00"), ("14:30", "18:00")), by=None, at=NOW)  # fmt: skip
    saturday = datetime(2026, 11, 28, 9, 0, tzinfo=SHANGHAI)
    assert queries.calendar(village.pk).is_workday(saturday.date())
    assert not queries.calendar(street.pk).is_workday(saturday.date())
    assert queries.calendar(village.pk) is queries.calendar(county.place("grid").pk)


def test_a_day_is_open_or_not_for_the_country_then_for_the_place(county: County) -> None:
    day, village = date(2026, 12, 3), county.place("village")
    actions.set_day(place_id=None, day=day, open=False, name="放假", by=None, at=NOW)
    assert not queries.calendar(village.pk).is_workday(day)
    actions.set_day(place_id=county.place("town").pk, day=day, open=True, by=None, at=NOW)
    assert queries.calendar(village.pk).is_workday(day)
    assert not queries.calendar(county.place("street").pk).is_workday(day)
    actions.clear_day(place_id=None, day=day, by=None, at=NOW)
    assert queries.calendar(county.place("street").pk).is_workday(day)


def test_announced_holidays_count(county: County) -> None:
    actions.load_holidays(years=[2026], by=None, at=NOW)
    assert actions.load_holidays(years=[2026], by=None, at=NOW) > 20
    calendar = queries.calendar(county.place("village").pk)
    assert not calendar.is_workday(date(2026, 10, 1))
    before = datetime(2026, 9, 30, 10, 0, tzinfo=SHANGHAI)
    assert calendar.add(before, Term.parse("1wd")).date() > date(2026, 10, 3)


@pytest.mark.parametrize(
    ("weekdays", "spans"),
    [((), (("09:00", "12:00"),)), ((0,), ()), ((0,), (("12:00", "09:00"),)),
     ((7,), (("09:00", "12:00"),)), ((0,), (("nine", "12:00"),))],
)  # fmt: skip
def test_hours_in_which_nobody_works_are_refused(
    county: County, weekdays: tuple[int, ...], spans: tuple[tuple[str, str], ...]
) -> None:
    with pytest.raises(BadInput, match="办公时间"):
        actions.set_hours(
            place_id=county.place("town").pk, weekdays=weekdays, spans=spans, by=None, at=NOW
        )


def test_a_calendar_asked_for_again_costs_no_statement(
    county: County, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    village = county.place("village").pk
    queries.calendar(village)
    queries.adopted(village, NOW.date())
    with django_assert_num_queries(0):
        queries.calendar(village)
        queries.adopted(village, NOW.date())


def test_a_place_that_adopted_nothing_says_so(county: County) -> None:
    with pytest.raises(queries.NoPlaybook, match="没有采用"):
        queries.adopted(county.place("province").pk, NOW.date())


def test_points_find_their_grid_and_layers_say_they_are_schematic(county: County) -> None:
    village = county.place("village")
    assert queries.grid_at(118.75, 33.05) is None
    drawn = actions.make_grid_schematic(place_id=village.pk, seed=7, bounds=BOX, by=None, at=NOW)
    assert drawn == 2
    grid = queries.grid_at(118.75, 33.05)
    assert grid in (county.place("grid"), county.place("sibling_grid"))
    assert queries.grid_at(121.0, 31.0) is None
    layer = queries.layer("grid", village.path)
    assert len(layer["features"]) == 2
    assert all(feature["properties"]["schematic"] for feature in layer["features"])


def test_an_uploaded_boundary_replaces_the_schematic_one(county: County) -> None:
    grid = county.place("grid")
    ring = [[118.71, 33.01], [118.73, 33.01], [118.73, 33.03], [118.71, 33.03], [118.71, 33.01]]
    features = [
        {"type": "Feature", "properties": {"code": code},
         "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for code in (grid.code, "999999999999999")
    ]  # fmt: skip
    data = json.dumps({"type": "FeatureCollection", "features": features})
    told = actions.load_polygons(data=data.encode(), by=None, at=NOW)
    assert told["drawn"] == [grid.code]
    assert told["unknown"] == ["999999999999999"]
    assert queries.grid_at(118.72, 33.02) == grid
    assert not Place.objects.get(pk=grid.pk).schematic


def test_codes_below_a_village_begin_with_its_digits() -> None:
    assert rules.stem("320830101000", "town") == "320830101"
    assert rules.stem("320830101201001", "grid") == "320830101201"
