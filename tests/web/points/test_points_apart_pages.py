"""Every service is given where nobody can read points: their tables are taken away (R7)."""

import pytest
from django.apps import apps
from django.db import connection

from gongzhi.channels import actions as channels
from gongzhi.matters import actions as matters
from gongzhi.matters.models import Matter
from ledger import points_life as life
from people import NOW, County
from web import six_steps
from web.conftest import SignIn

pytestmark = pytest.mark.django_db
PAGES = ("/", "/report", "/mine", "/board", "/votes", "/surveys", "/proposals", "/meetings",
         "/rounds", "/budgets", "/channels", "/me")  # fmt: skip
DESK = ("/staff/", "/staff/meetings", "/staff/votes", "/staff/people", "/staff/calendar")


def without_points() -> None:
    """Whoever reads points from now on fails: no way round an import or a name is left."""
    tables = [model._meta.db_table for label in ("points", "ledger", "mall")
              for model in apps.get_app_config(label).get_models()]  # fmt: skip
    assert len(tables) > 30
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        for table in tables:
            cursor.execute(f"alter table {table} rename to no_{table}")


def test_a_matter_is_raised_done_judged_and_published_without_points(
    county: County, sign_in: SignIn
) -> None:
    life.in_force(county)
    without_points()
    mei = sign_in(county.ah_mei)
    typed = {"key": "k", "body": "村口路灯不亮", "category": "", "where": "东门口",
             "place": str(county.place("building").pk)}  # fmt: skip
    assert mei.post("/report", typed).status_code == 302
    row = Matter.objects.get()
    six_steps.until_published(county, matters.Raised(row.pk, row.number))
    assert Matter.objects.get().outcome == "done"
    channel = channels.open_channel(place_id=county.place("village").pk, kind="community",
                                    name="双马村", about="", by=county.holders["committee"].pk,
                                    at=NOW)  # fmt: skip
    channels.say(channel_id=channel, words="路灯亮了，谢谢", by=county.ah_mei.pk, at=NOW)
    for who, pages in ((mei, PAGES), (sign_in("committee"), DESK)):
        for page in pages:
            assert who.get(page).status_code == 200, page


def test_reading_points_would_have_been_noticed(county: County, sign_in: SignIn) -> None:
    life.in_force(county)
    me = sign_in(county.ah_mei)
    me.raise_request_exception = False
    assert me.get("/points").status_code == 200
    without_points()
    assert me.get("/points").status_code == 500
