"""One matter at the desk: forms that lose nothing, refusals in words, two clerks at once."""

from typing import Any

import pytest
from django.test import Client

from gongzhi.matters.actions import Raised
from gongzhi.matters.models import Event, Matter
from people import County
from web.conftest import SignIn

pytestmark = pytest.mark.django_db


def at(raised: Raised, rest: str = "") -> str:
    return f"/staff/matters/{raised.number}{rest}"


def post(client: Client, address: str, **typed: Any) -> Any:
    return client.post(address, {"key": f"once{address}"[-60:], **typed})


def test_the_page_opens_the_form_of_what_it_waits_for(sign_in: SignIn, lamp: Raised) -> None:
    html = sign_in("committee").get(at(lamp)).content.decode()
    assert at(lamp, "/moves/accept") in html
    assert html.count('class="btn"') >= 1


def test_who_may_not_act_reads_whose_turn_it_is(sign_in: SignIn, lamp: Raised) -> None:
    html = sign_in("supervisor").get(at(lamp)).content.decode()
    assert "现在轮到" in html
    assert "/moves/accept" not in html


def test_accepting_moves_the_matter_and_says_so(sign_in: SignIn, lamp: Raised) -> None:
    clerk = sign_in("committee")
    answer = clerk.post(at(lamp, "/moves/accept"), {"key": "k1234567", "seen": "1"}, follow=True)
    assert "现在到了“睦邻议事”" in answer.content.decode()
    assert Matter.objects.get(pk=lamp.id).stage == "deliberate"


def test_sent_twice_it_is_done_once(sign_in: SignIn, lamp: Raised) -> None:
    clerk = sign_in("committee")
    for _ in range(2):
        assert post(clerk, at(lamp, "/moves/accept"), seen="1").status_code == 302
    assert Event.objects.filter(matter_id=lamp.id, verb="accept").count() == 1


def test_a_refusal_without_a_reason_is_asked_for_it(sign_in: SignIn, lamp: Raised) -> None:
    answer = post(sign_in("committee"), at(lamp, "/moves/refuse"), seen="1", reason="")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "请填写“理由”" in html
    assert "有1处需要改" in html
    assert "<title>错误：" in html


def test_the_second_clerk_is_told_who_was_faster_and_keeps_his_text(
    sign_in: SignIn, lamp: Raised
) -> None:
    post(sign_in("committee"), at(lamp, "/moves/accept"), seen="1")
    answer = post(
        sign_in("committee"), at(lamp, "/moves/refuse"), seen="1", reason="不归我们管",
        key="another-key",
    )  # fmt: skip
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "刚才陈已经处理过这件事" in html
    assert "不归我们管" in html
    assert "睦邻议事" in html  # the new state
    assert 'name="seen" value="2"' in html


def test_the_tally_is_judged_before_it_is_written(
    county: County, sign_in: SignIn, lamp: Raised
) -> None:
    host = sign_in("workshop_host")
    post(sign_in("committee"), at(lamp, "/moves/accept"), seen="1")
    post(
        host, at(lamp, "/moves/hear"), seen="2", form="talk", seats="11", present="9",
        role_affected="2", said="都说该换灯",
    )  # fmt: skip
    hands = {"electorate": 30, "present": 21, "for_": 15, "against": 4, "abstain": 2}
    looked = post(
        host, at(lamp, "/moves/resolve"), seen="3", look="1", note="换六盏灯", **hands
    ).content.decode()
    assert "按规则算：通过" in looked
    assert "村民委员会组织法" in looked
    assert Matter.objects.get(pk=lamp.id).stage == "decide"


def test_hands_that_do_not_add_up_are_refused_in_words(sign_in: SignIn, lamp: Raised) -> None:
    host = sign_in("workshop_host")
    post(sign_in("committee"), at(lamp, "/moves/accept"), seen="1")
    post(host, at(lamp, "/moves/hear"), seen="2", form="talk", seats="11", present="9",
         role_affected="2", said="都说该换灯")  # fmt: skip
    hands = {"electorate": 30, "present": 21, "for_": 15, "against": 14, "abstain": 2}
    answer = post(host, at(lamp, "/moves/resolve"), seen="3", note="换六盏灯", **hands)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "票数对不上" in html.partition('id="id_present_error"')[2].partition("</p>")[0]
    assert "换六盏灯" in html


def test_a_move_that_is_not_open_says_why(sign_in: SignIn, lamp: Raised) -> None:
    html = sign_in("committee").get(at(lamp, "/moves/verify")).content.decode()
    assert "不能核查通过" in html


def test_an_extension_shows_the_new_deadline_before(sign_in: SignIn, lamp: Raised) -> None:
    html = sign_in("committee").get(at(lamp, "/moves/extend")).content.decode()
    assert "新的期限" in html
    assert "提出人会看到新的期限和理由" in html


@pytest.mark.parametrize(
    "reason", ["\x00", "长" * 300, "\u202e反", "🙂" * 10, "　　", "<script>alert(1)</script>"]
)
def test_whatever_is_typed_is_no_accident(sign_in: SignIn, lamp: Raised, reason: str) -> None:
    answer = post(sign_in("committee"), at(lamp, "/moves/refuse"), seen="1", reason=reason)
    assert answer.status_code in (302, 409, 422)
    assert b"<script>alert" not in answer.content


@pytest.mark.parametrize("seen", ["", "x", "-1", "99999999999999999999", "１"])
def test_a_forged_seen_is_no_accident(sign_in: SignIn, lamp: Raised, seen: str) -> None:
    answer = post(sign_in("committee"), at(lamp, "/moves/accept"), seen=seen)
    assert answer.status_code in (302, 409, 422)


def test_the_phone_of_the_raiser_needs_a_purpose_and_is_logged(
    county: County, sign_in: SignIn, lamp: Raised
) -> None:
    clerk = sign_in("committee")
    assert post(clerk, at(lamp, "/contact")).status_code == 422
    html = clerk.post(at(lamp, "/contact"), {"t-purpose": "约上门时间"}).content.decode()
    assert "13900000001" in html
    person = clerk.get(f"/staff/people/{county.ah_mei.pk}").content.decode()
    assert "约上门时间" in person
    assert "13900000001" not in person


def test_a_comment_may_be_for_handlers_only(county: County, sign_in: SignIn, lamp: Raised) -> None:
    clerk = sign_in("committee")
    clerk.post(at(lamp, "/comments"), {"c-note": "先问电工", "c-private": "on", "c-key": "k" * 9})
    assert "先问电工" in clerk.get(at(lamp)).content.decode()
    page = sign_in(county.ah_mei).get(f"/matters/{lamp.number}").content.decode()
    assert "先问电工" not in page


def test_one_report_becomes_several(sign_in: SignIn, lamp: Raised) -> None:
    clerk = sign_in("committee")
    parts = {"p-parts": "路灯不亮\n路边有坑", "p-reason": "两件事", "p-key": "k" * 9}
    assert clerk.post(at(lamp, "/parts"), parts).status_code == 302
    assert Matter.objects.filter(parent_id=lamp.id).count() == 2


def test_the_category_is_confirmed_by_a_person(sign_in: SignIn, lamp: Raised) -> None:
    sign_in("committee").post(at(lamp, "/category"), {"k-category": "facilities.lighting"})
    row = Matter.objects.get(pk=lamp.id)
    assert (row.category, row.category_confirmed) == ("facilities.lighting", True)
