"""Calendar, appointments, tokens, playbooks, outlines: one call each, refused with a sentence."""

import json
from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from gongzhi.matters import actions
from gongzhi.matters.models import Matter
from gongzhi.people.actions import add_proxy
from gongzhi.people.models import Appointment, Proxy
from gongzhi.places import queries
from gongzhi.places.models import Adoption, DayException
from people import NOW, County
from web.conftest import SignIn

pytestmark = pytest.mark.django_db


def test_a_day_is_changed_with_its_reason(county: County, sign_in: SignIn) -> None:
    clerk, village = sign_in("committee"), county.place("village")
    address = f"/staff/calendar/2026-12-05?place={village.pk}"
    assert clerk.post(address, {"open": "yes", "name": ""}).status_code == 422
    assert clerk.post(address, {"open": "yes", "name": "年底清账"}).status_code == 302
    assert DayException.objects.get(place=village).name == "年底清账"
    html = clerk.get(f"/staff/calendar?place={village.pk}&month=2026-12").content.decode()
    assert "年底清账" in html


def test_who_may_only_look_at_the_calendar_is_told(county: County, sign_in: SignIn) -> None:
    grid = county.place("grid")
    answer = sign_in("grid_worker").post(
        f"/staff/calendar/2026-12-05?place={grid.pk}", {"open": "yes", "name": "加班"}
    )
    assert answer.status_code == 403
    assert "没有维护这里的地图、日历和治理办法的权限" in answer.content.decode()


@pytest.mark.parametrize("hours", ["", "9点到12点", "12:00-09:00", "25:00-26:00", "09:00-12:00-"])
def test_hours_nobody_could_work_are_refused_beside_the_field(
    county: County, sign_in: SignIn, hours: str
) -> None:
    answer = sign_in("committee").post(
        f"/staff/calendar/hours?place={county.place('village').pk}",
        {"weekdays": ["0", "1"], "hours": hours},
    )
    assert answer.status_code == 422
    assert 'id="id_hours_error"' in answer.content.decode()


def test_an_appointment_against_the_law_is_refused_with_the_law(
    county: County, sign_in: SignIn
) -> None:
    village, chen = county.place("village"), county.holders["committee"]
    clerk = sign_in("town_officer")
    wanted = {"person": chen.pk, "role": "supervisor", "from_on": "2026-11-23"}
    answer = clerk.post(f"/staff/places/{village.pk}/appointments", wanted)
    assert answer.status_code == 409
    assert "不得担任监督委员会成员" in answer.content.decode()
    assert not Appointment.objects.filter(person=chen, role="supervisor").exists()


def test_a_post_is_given_and_ended_with_a_reason(county: County, sign_in: SignIn) -> None:
    village, clerk = county.place("village"), sign_in("town_officer")
    wanted = {"person": county.neighbour.pk, "role": "workshop_member", "from_on": "2026-11-23"}
    assert clerk.post(f"/staff/places/{village.pk}/appointments", wanted).status_code == 302
    post = Appointment.objects.get(person=county.neighbour)
    address = f"/staff/appointments/{post.pk}/end"
    assert clerk.post(address, {"reason": ""}).status_code == 422
    assert clerk.post(address, {"reason": "搬走了"}).status_code == 302
    post.refresh_from_db()
    assert post.ended_reason == "搬走了"


def test_a_token_is_shown_once_and_ended(sign_in: SignIn) -> None:
    admin = sign_in("security_admin")
    html = admin.post(
        "/staff/tokens", {"name": "热线", "scopes": ["matters:read"]}
    ).content.decode()  # fmt: skip
    assert "gz_" in html
    page = admin.get("/staff/tokens").content.decode()
    assert "gz_" not in page
    number = page.split("/staff/tokens/")[1].split("/")[0]
    assert admin.get(f"/staff/tokens/{number}/revocation").status_code == 405
    assert admin.post(f"/staff/tokens/{number}/revocation").status_code == 302
    assert "已停用" in admin.get("/staff/tokens").content.decode()


def test_only_the_security_admin_gives_tokens(sign_in: SignIn) -> None:
    answer = sign_in("town_officer").get("/staff/tokens")
    assert answer.status_code == 403
    assert "安全管理员" in answer.content.decode()


def test_a_place_adopts_a_playbook_from_a_day(county: County, sign_in: SignIn) -> None:
    village, clerk = county.place("village"), sign_in("committee")
    wanted = {"a-place": village.pk, "a-from_on": "2026-12-01", "a-reason": "村民代表会议通过"}
    assert clerk.post("/staff/playbooks/xindu/adoptions", wanted).status_code == 302
    row = Adoption.objects.get(place=village)
    assert (row.playbook, row.reason) == ("xindu", "村民代表会议通过")
    wanted["a-place"] = county.place("sibling_village").pk
    assert clerk.post("/staff/playbooks/xindu/adoptions", wanted).status_code == 422


def test_a_place_goes_back_to_the_playbook_above_by_a_button(
    county: County, sign_in: SignIn
) -> None:
    village, clerk = county.place("village"), sign_in("committee")
    typed = {"a-place": village.pk, "a-from_on": "2026-11-01", "a-reason": "试行"}
    clerk.post("/staff/playbooks/xindu/adoptions", typed)
    assert "停用，改按上一级的办法" in clerk.get("/staff/playbooks/xindu").content.decode()
    address = "/staff/playbooks/xindu/adoptions/end"
    wanted = {"e-place": village.pk, "e-on": "2026-12-01", "e-reason": ""}
    refused = clerk.post(address, wanted)
    assert refused.status_code == 422
    assert 'value="2026-12-01"' in refused.content.decode()
    assert clerk.post(address, wanted | {"e-reason": "试行到期"}).status_code == 302
    assert Adoption.objects.get(place=village).to_on == date(2026, 11, 30)
    again = clerk.post(address, wanted | {"e-reason": "试行到期"})
    assert again.status_code == 409  # nothing is in force there any more on that day
    assert "试行到期" in clerk.get("/staff/playbooks/xindu").content.decode()


def test_a_place_one_may_not_open_is_named_but_not_linked(county: County, sign_in: SignIn) -> None:
    village, above = county.place("village"), county.place("county")
    desk = f"/staff/places/{above.pk}"
    for page in (f"/staff/places/{village.pk}", "/staff/playbooks", "/staff/playbooks/xuyi",
                 "/staff/permissions"):  # fmt: skip
        low = sign_in("committee").get(page).content.decode()
        assert f'href="{desk}"' not in low
        assert f'href="?place={above.pk}' not in low
        if "permissions" not in page:
            assert above.name in low
            assert f'href="{desk}"' in sign_in("county_leader").get(page).content.decode()


def square(code: str) -> SimpleUploadedFile:
    ring = [[118.5, 33.0], [118.6, 33.0], [118.6, 33.1], [118.5, 33.1], [118.5, 33.0]]
    feature = {"type": "Feature", "properties": {"code": code},
               "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip
    content = {"type": "FeatureCollection", "features": [feature]}
    return SimpleUploadedFile("map.geojson", json.dumps(content).encode())


def test_a_place_says_who_holds_which_post(county: County, sign_in: SignIn) -> None:
    page = sign_in("committee").get(f"/staff/places/{county.place('village').pk}")
    chen = county.holders["committee"].name
    post = page.content.decode().partition(f"<li>{chen}")[2].partition("</li>")[0]
    assert "村（居）两委成员" in post


def test_outlines_are_uploaded_and_drawn(county: County, sign_in: SignIn) -> None:
    village, grid = county.place("village"), county.place("grid")
    clerk = sign_in("committee")
    address = f"/staff/places/{village.pk}/layer"
    typed = {"u-file": square(grid.code), "u-system": "wgs84"}
    page = clerk.post(address, typed, follow=True).content.decode()
    assert "画好了1个地方的边界" in page
    assert "<path" in page
    typed = {"u-file": square("999999999999999"), "u-system": "wgs84"}
    assert "在这里找不到" in clerk.post(address, typed, follow=True).content.decode()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\x00\xff", b'{"type":"Point","coordinates":[1,2]}']
)
def test_a_file_that_is_no_map_is_refused_beside_the_field(
    county: County, sign_in: SignIn, content: bytes
) -> None:
    answer = sign_in("committee").post(
        f"/staff/places/{county.place('village').pk}/layer",
        {"u-file": SimpleUploadedFile("map.geojson", content), "u-system": "wgs84"},
    )
    assert answer.status_code == 422
    assert 'id="id_u-file_error"' in answer.content.decode()


def test_schematic_grids_are_captioned_as_such(county: County, sign_in: SignIn) -> None:
    village = county.place("village")
    page = sign_in("committee").post(
        f"/staff/places/{village.pk}/scheme", {"s-lon": "118.5", "s-lat": "33", "s-km": "2"},
        follow=True,
    ).content.decode()  # fmt: skip
    assert "示意图：不是实测边界" in page
    assert len(queries.layer("grid", village.path)["features"]) == 2


@pytest.mark.parametrize("role", ["observer", "audit_admin"])
def test_who_takes_nothing_in_is_offered_no_form_for_it(sign_in: SignIn, role: str) -> None:
    assert "/staff/intake" not in sign_in(role).get("/staff/").content.decode()
    assert "/staff/intake" in sign_in("grid_worker").get("/staff/").content.decode()
    for answer in (sign_in(role).get("/staff/intake"), sign_in(role).post("/staff/intake")):
        assert answer.status_code == 403  # told at the door, not after the form is filled in
        assert "不代别人提事" in answer.content.decode()


def test_a_matter_is_taken_by_telephone_without_script(county: County, sign_in: SignIn) -> None:
    clerk, building = sign_in("committee"), county.place("building")
    typed = {"source": "telephone", "who": "阿梅", "near": "1 号楼", "body": "门口的井盖松了",
             "consent_note": "本人来电同意", "key": "intake-1"}  # fmt: skip
    looked = clerk.post("/staff/intake", {**typed, "do": "find"}).content.decode()
    assert "139****0001" in looked
    assert "门口的井盖松了" in looked
    typed |= {"person": str(county.ah_mei.pk), "place": str(building.pk), "do": "raise"}
    raised = clerk.post("/staff/intake", typed, follow=True)
    assert "陈代填：本人来电同意" in raised.content.decode()
    again = clerk.post("/staff/intake", typed)
    assert again["Location"] == raised.redirect_chain[0][0]  # the same form twice is one matter


def test_somebody_new_is_registered_without_losing_the_text(sign_in: SignIn) -> None:
    typed = {
        "who": "新来的老吴",
        "new_phone": "13700001111",
        "body": "路口没有灯",
        "do": "register",
    }
    html = sign_in("committee").post("/staff/intake", typed).content.decode()
    assert "路口没有灯" in html
    assert "新来的老吴" in html
    wrong = sign_in("committee").post("/staff/intake", typed | {"new_phone": "12"})
    assert wrong.status_code == 422
    assert "手机号应是" in wrong.content.decode()
    assert "路口没有灯" in wrong.content.decode()


def test_the_raiser_must_be_somebody_the_clerk_may_see(county: County, sign_in: SignIn) -> None:
    place = str(county.place("building").pk)
    typed = {"source": "telephone", "person": str(county.he.pk), "consent_note": "同意",
             "place": place, "body": "试一试", "do": "raise"}  # fmt: skip
    answer = sign_in("committee").post("/staff/intake", typed)
    assert answer.status_code == 403
    assert county.he.name not in answer.content.decode()
    assert not Matter.objects.filter(raised_by=county.he).exists()


def test_the_photo_of_a_failed_form_is_kept(sign_in: SignIn, lamp: actions.Raised) -> None:
    out = BytesIO()
    Image.new("RGB", (40, 30), "#888").save(out, "JPEG")
    clerk = sign_in("committee")
    answer = clerk.post(
        "/staff/intake",
        {"do": "raise", "key": "photo-key-1",
         "photos": SimpleUploadedFile("a.jpg", out.getvalue(), "image/jpeg")},
    )  # fmt: skip
    assert answer.status_code == 422
    assert "已经收好1张照片" in answer.content.decode()


def test_a_proxy_signed_on_paper_is_recorded_at_the_counter(
    county: County, sign_in: SignIn
) -> None:
    proxy = add_proxy(
        person_id=county.brother.pk, acts_for_id=county.ah_mei.pk, until_on=date(2027, 1, 1),
        by=county.brother.pk, at=NOW,
    )  # fmt: skip
    proxy_id = proxy if isinstance(proxy, int) else proxy.pk
    clerk, page = sign_in("committee"), f"/staff/people/{county.ah_mei.pk}"
    assert "本人已在纸上签字" in clerk.get(page).content.decode()
    address = f"{page}/proxies/{proxy_id}/agreement"
    abroad = sign_in(county.foreign["committee"])
    assert abroad.post(address).status_code in (403, 404)
    assert clerk.post(address).status_code == 302
    assert Proxy.objects.get(pk=proxy_id).agreed_at is not None
    assert clerk.post(address).status_code == 404
