"""At the desk: a matter is marked as what the law gives to an assembly, and then waits for it."""

import pytest
from django.test import Client

from gongzhi.matters.actions import Raised
from gongzhi.matters.models import Matter
from web.conftest import SignIn

pytestmark = pytest.mark.django_db


def _mark(client: Client, lamp: Raised, item: str, reason: str = "") -> str:
    answer = client.post(
        f"/staff/matters/{lamp.number}/moves/mark",
        {"key": f"mark-{item}-1234", "seen": "1", "item": item, "reason": reason},
        follow=True,
    )
    return str(answer.content.decode())


def test_the_list_is_offered_with_its_articles(sign_in: SignIn, lamp: Raised) -> None:
    Matter.objects.filter(pk=lamp.id).update(category="facilities.lighting")
    html = sign_in("committee").get(f"/staff/matters/{lamp.number}/moves/mark").content.decode()
    assert "《村民委员会组织法》第二十八条第一款第四项" in html
    assert html.index("按这件事的类别") < html.index("误工补贴")


def test_marked_it_says_who_decides_and_where_that_is_written(
    sign_in: SignIn, lamp: Raised
) -> None:
    html = _mark(sign_in("committee"), lamp, "village_public_works")
    assert Matter.objects.get(pk=lamp.id).statutory == "village_public_works"
    assert "现在还不能办" in html
    assert "村民代表会议" in html


def test_an_item_that_is_not_in_the_list_is_refused_and_nothing_typed_is_lost(
    sign_in: SignIn, lamp: Raised
) -> None:
    html = _mark(sign_in("committee"), lamp, "made_up", reason="想来想去应该是")
    assert "想来想去应该是" in html
    assert Matter.objects.get(pk=lamp.id).statutory == ""


def test_the_raiser_reads_it_too(sign_in: SignIn, lamp: Raised) -> None:
    _mark(sign_in("committee"), lamp, "village_public_works")
    raiser = Matter.objects.select_related("raised_by").get(pk=lamp.id).raised_by
    assert raiser is not None
    assert "现在还不能办" in sign_in(raiser).get(f"/matters/{lamp.number}").content.decode()
