"""报一件事: by anybody, with or without script, and nothing typed is ever lost."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from gongzhi.matters import actions
from gongzhi.matters.models import Attachment, Follower, Matter
from gongzhi.people import actions as people_actions
from gongzhi.places.models import Place
from people import NOW, County
from web.conftest import SignIn

pytestmark = pytest.mark.django_db


def picture(colour: str = "#446") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "JPEG")
    return SimpleUploadedFile("a.jpg", out.getvalue(), "image/jpeg")


def form(county: County, **more: object) -> dict[str, object]:
    filled: dict[str, object] = {
        "key": "key-of-this-form", "body": "村口路灯不亮", "category": "",
        "place": str(county.place("building").pk), "where": "东门口",
    }  # fmt: skip
    return filled | more


def test_a_report_becomes_a_matter_with_a_number(county: County, sign_in: SignIn) -> None:
    client = sign_in(county.ah_mei)
    done = client.post("/report", form(county))
    matter = Matter.objects.get()
    assert done.status_code == 302
    page = client.get(done["Location"]).content.decode()
    assert matter.number in page
    assert "接下来" in page
    assert (matter.raised_by_id, matter.anonymous, matter.where) == (
        county.ah_mei.pk,
        True,
        "东门口",
    )


def test_a_stranger_is_asked_to_sign_in_first(county: County) -> None:
    answer = Client().get("/report")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in?next=/report")


def test_the_code_on_the_building_fills_in_the_place(county: County, sign_in: SignIn) -> None:
    building = county.place("building")
    Place.objects.filter(pk=building.pk).update(token="tokenB01")
    client = sign_in(county.he)  # who lives elsewhere
    scanned = client.get("/q/tokenB01")
    assert scanned["Location"] == f"/report?place={building.pk}"
    page = client.get(scanned["Location"]).content.decode()
    assert f'value="{building.pk}" checked' in page
    assert client.get("/q/nosuchcode").status_code == 404


def test_the_same_form_sent_twice_is_one_matter(county: County, sign_in: SignIn) -> None:
    client = sign_in(county.ah_mei)
    first, second = (client.post("/report", form(county)) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Matter.objects.count() == 1


def test_a_refused_form_keeps_everything_photos_too(county: County, sign_in: SignIn) -> None:
    client = sign_in(county.ah_mei)
    wrong = form(county, body="", category="facilities", album=[picture(), picture("#c33")])
    page = client.post("/report", wrong)
    words = page.content.decode()
    assert page.status_code == 422
    assert "<title>错误：" in words
    assert "东门口" in words
    assert 'value="facilities" checked' in words
    kept = list(Attachment.objects.filter(matter=None).values_list("key", flat=True))
    assert len(kept) == 2
    assert all(f'value="{key}"' in words for key in kept)
    client.post("/report", form(county, uploads=kept, drop=kept[:1]))
    assert Matter.objects.get().attachments.count() == 1


def test_a_file_that_is_no_picture_is_told_and_the_text_stays(
    county: County, sign_in: SignIn
) -> None:
    bad = SimpleUploadedFile("a.jpg", b"not a picture at all", "image/jpeg")
    page = sign_in(county.ah_mei).post("/report", form(county, album=[bad, picture()]))
    assert 400 <= page.status_code < 500
    assert "村口路灯不亮" in page.content.decode()
    good = Attachment.objects.get(matter=None).key  # the one after it is not lost
    assert f'value="{good}"' in page.content.decode()
    assert not Matter.objects.exists()


def test_a_photo_sent_ahead_is_seen_only_by_its_sender(county: County, sign_in: SignIn) -> None:
    client = sign_in(county.ah_mei)
    sent = client.post("/report/photo", {"key": "k" * 12, "n": "1", "file": picture()})
    assert sent.status_code == 200
    address = sent.json()["url"]
    assert client.get(address)["Content-Type"] == "image/jpeg"
    assert sign_in(county.neighbour).get(address).status_code == 404
    client.post("/report", form(county, uploads=[sent.json()["key"]]))
    assert Matter.objects.get().attachments.count() == 1


def test_a_photo_of_a_matter_is_for_those_who_see_the_matter(
    county: County, sign_in: SignIn
) -> None:
    client = sign_in(county.ah_mei)
    client.post("/report", form(county, album=[picture()]))
    sha = Attachment.objects.get().sha256
    answer = client.get(f"/media/{sha}")
    assert answer.status_code == 200
    assert "private" in answer["Cache-Control"]
    assert sign_in(county.he).get(f"/media/{sha}").status_code == 404
    assert Client().get(f"/media/{sha}").status_code == 404
    assert sign_in("committee").get(f"/media/{sha}?small=1").status_code == 200


def test_neighbours_reports_are_offered_and_joined(
    county: County, sign_in: SignIn, lamp: actions.Raised
) -> None:
    client = sign_in(county.neighbour)
    asked = {"body": "村口的路灯不亮好几天了", "place": county.place("building").pk}
    offered = client.post("/report/similar", asked).content.decode()
    assert lamp.number in offered
    assert client.post("/report/similar", asked | {"body": "路灯"}).content == b""
    client.post(f"/matters/{lamp.number}/join")
    client.post(f"/matters/{lamp.number}/join")
    assert Follower.objects.filter(person=county.neighbour).count() == 1
    assert lamp.number in client.get("/mine").content.decode()


def test_a_category_is_suggested_with_its_why_and_not_when_one_was_chosen(
    county: County, sign_in: SignIn
) -> None:
    client = sign_in(county.ah_mei)
    asked = {"body": "小区门口的路灯坏了三天", "place": county.place("building").pk}
    offered = client.post("/report/similar", asked).content.decode()
    assert 'data-pick="facilities"' in offered
    assert "路灯" in offered
    chosen = client.post("/report/similar", asked | {"category": "other"}).content.decode()
    assert "data-pick" not in chosen


def test_one_may_report_for_a_parent_only_with_an_agreed_proxy(
    county: County, sign_in: SignIn
) -> None:
    client = sign_in(county.neighbour)
    for_him = form(county, whose=str(county.brother.pk))
    refused = client.post("/report", for_him)
    assert refused.status_code == 403
    assert "村口路灯不亮" in refused.content.decode()
    proxy = people_actions.add_proxy(
        person_id=county.neighbour.pk, acts_for_id=county.brother.pk,
        until_on=NOW.date().replace(year=2027), by=county.neighbour.pk, at=NOW,
    )  # fmt: skip
    people_actions.agree_proxy(proxy_id=proxy, by=county.brother.pk, at=NOW)
    assert client.post("/report", for_him | {"key": "another-key"}).status_code == 302
    matter = Matter.objects.get()
    assert (matter.raised_by_id, matter.entered_by_id) == (county.brother.pk, county.neighbour.pk)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("body", "x" * 5000),
        ("body", "有\x00零字节的内容"),
        ("place", "999999999999"),
        ("place", "abc"),
        ("place", "map"),
        ("whose", "987654321"),
        ("category", "x" * 300),
        ("where", "w" * 5000),
    ],
)
def test_whatever_is_sent_the_answer_is_a_sentence(
    county: County, sign_in: SignIn, field: str, value: str
) -> None:
    page = sign_in(county.ah_mei).post("/report", form(county, **{field: value}))
    assert page.status_code < 500
    if page.status_code != 302:
        assert 'class="errors"' in page.content.decode()


@pytest.mark.parametrize("body", ["路灯不亮\u202e反着写", "灯坏了😀😀", "３号楼门口有积水"])
def test_odd_letters_are_taken_as_people_type_them(
    county: County, sign_in: SignIn, body: str
) -> None:
    done = sign_in(county.ah_mei).post("/report", form(county, body=body))
    assert done.status_code == 302
    assert "\u202e" not in Matter.objects.get().body


def test_a_community_is_found_by_a_piece_of_its_name(county: County, sign_in: SignIn) -> None:
    client = sign_in(county.he)
    page = client.get("/choose", {"q": "双马"}).content.decode()
    village = county.place("village")
    assert village.code in page
    chosen = client.post("/choose", {"code": village.code})
    assert chosen["Location"] == f"/report?place={village.pk}"
    assert "没有找到" in client.get("/choose", {"q": "没有的地方"}).content.decode()
