"""The inbox and the lists: what waits, by time left; named lists; work given out in bulk."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gongzhi.matters import actions
from gongzhi.matters.models import Matter
from people import NOW, County
from web.conftest import SignIn

pytestmark = pytest.mark.django_db


def crowd(lamp: actions.Raised, n: int) -> None:
    """The same matter many times over, due one after the other."""
    first = Matter.objects.get(pk=lamp.id)
    first.title = "村" * 60
    rows = []
    for index in range(n):
        copy = Matter(**{f.attname: getattr(first, f.attname) for f in Matter._meta.fields})
        copy.pk, copy.number = None, f"GZ99{index:07}"
        copy.due_at = NOW + timedelta(hours=index - n // 4)
        rows.append(copy)
    Matter.objects.bulk_create(rows)


def test_each_matter_stands_in_the_group_of_its_time_left(
    sign_in: SignIn, lamp: actions.Raised
) -> None:
    html = sign_in("committee").get("/staff/").content.decode()
    group = html.split('id="g-three_days"')[1]
    assert lamp.number in group
    assert "剩 3天" in group or "剩 2天" in group


def test_an_empty_inbox_says_so(sign_in: SignIn) -> None:
    assert "都办完了，现在没有待办" in sign_in("committee").get("/staff/").content.decode()


def test_a_full_inbox_is_small_and_asks_the_database_little(
    sign_in: SignIn, lamp: actions.Raised
) -> None:
    crowd(lamp, 400)
    clerk = sign_in("committee")
    clerk.get("/staff/")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = clerk.get("/staff/")
    assert len(answer.content) <= 150_000
    assert len(asked) <= 10
    assert "还有" in answer.content.decode()  # each group says how many more there are


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=路灯", True), ("q=不存在", False), ("stage=propose", True), ("stage=handle", False),
     ("source=page", True), ("source=paper", False), ("state=overdue", False), ("mine=1", False),
     ("stage=nonsense", True), ("unit=x", True), ("q=%27%22%3C%5C", False)],
)  # fmt: skip
def test_the_filter_lives_in_the_address(
    sign_in: SignIn, lamp: actions.Raised, query: str, found: bool
) -> None:
    html = sign_in("committee").get(f"/staff/?{query}").content.decode()
    assert (f"/staff/matters/{lamp.number}" in html) is found


def test_a_filter_is_kept_under_a_name_and_forgotten(sign_in: SignIn, lamp: actions.Raised) -> None:
    clerk = sign_in("committee")
    kept = clerk.post("/staff/filters", {"name": "路灯的", "query": "q=路灯"}, follow=True)
    html = kept.content.decode()
    assert "已存成常用“路灯的”" in html
    number = html.split("/staff/filters/")[1].split("/")[0]
    gone = clerk.post(f"/staff/filters/{number}/removal", follow=True).content.decode()
    assert "路灯的</a>" not in gone


def test_nobody_forgets_the_list_of_another(sign_in: SignIn) -> None:
    html = sign_in("committee").post(
        "/staff/filters", {"name": "我的", "query": "q=a"}, follow=True
    ).content.decode()  # fmt: skip
    number = html.split("/staff/filters/")[1].split("/")[0]
    sign_in("party_secretary").post(f"/staff/filters/{number}/removal")
    assert "我的</a>" in sign_in("committee").get("/staff/").content.decode()


def ready_to_dispatch(county: County, lamp: actions.Raised) -> None:
    Matter.objects.filter(pk=lamp.id).update(stage="handle", step="dispatching")


def test_work_is_given_out_in_bulk_after_a_look(
    county: County, sign_in: SignIn, lamp: actions.Raised
) -> None:
    ready_to_dispatch(county, lamp)
    clerk, wen = sign_in("committee"), county.holders["grid_worker"]
    looked = clerk.post("/staff/bulk", {"number": [lamp.number]})
    assert "派出这1件" in looked.content.decode()
    assert Matter.objects.get(pk=lamp.id).step == "dispatching"
    given = clerk.post(
        "/staff/bulk", {"number": [lamp.number], "to": f"p{wen.pk}", "key": "bulk-key-1"}
    )
    assert "派出了1件" in given.content.decode()
    assert Matter.objects.get(pk=lamp.id).step == "handling"


def test_what_cannot_be_given_out_is_said_and_left_alone(
    sign_in: SignIn, lamp: actions.Raised
) -> None:
    html = sign_in("committee").post("/staff/bulk", {"number": [lamp.number]}).content.decode()
    assert "现在不能派的 1 件" in html
    assert "选的事里没有现在能派的" in html


@pytest.mark.parametrize("numbers", [[], [f"GZ{n}" for n in range(51)]])
def test_nothing_ticked_and_too_much_ticked_are_told(sign_in: SignIn, numbers: list[str]) -> None:
    answer = sign_in("committee").post("/staff/bulk", {"number": numbers})
    assert answer.status_code == 422
    assert "一次最多50件" in answer.content.decode()


def test_what_an_office_stands_in_for_waits_in_its_inbox(county: County, sign_in: SignIn) -> None:
    grid = county.foreign["grid_worker"]
    raised = actions.raise_matter(
        by=county.he.pk, at=NOW, key=None, body="楼上空调滴水滴到我家窗台。",
        place_id=county.place("compound").pk, source="page",
    )  # fmt: skip
    filer, handed = sign_in(county.foreign["committee"]), f"/staff/matters/{raised.number}"
    assert handed in sign_in(grid).get("/staff/").content.decode()
    actions.move(matter_id=raised.id, verb="accept", by=grid.pk, at=NOW)
    assert handed in filer.get("/staff/").content.decode()  # filed by the community's desk
    assert handed not in sign_in(county.foreign["supervisor"]).get("/staff/").content.decode()


def test_what_is_parked_is_not_overdue(sign_in: SignIn, lamp: actions.Raised) -> None:
    Matter.objects.filter(pk=lamp.id).update(
        due_at=NOW - timedelta(days=3), paused_at=NOW - timedelta(days=4),
        pause_reason="等材料", parked_until=NOW + timedelta(days=9),
    )  # fmt: skip
    html = sign_in("committee").get("/staff/").content.decode()
    assert 'id="g-overdue"' not in html
    assert "挂账到" in html
