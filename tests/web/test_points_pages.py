"""Pages of points and channels, as the people of the cast meet them, without JavaScript."""

import pytest
from django.test import Client

from channels import channel_life
from gongzhi.channels.models import Post
from gongzhi.ledger.points import actions
from gongzhi.ledger.points.models import Claim, Holder, RuleBook
from gongzhi.matters.models import Matter
from ledger import points_life as life
from ledger.points_life import TODAY
from people import County

pytestmark = pytest.mark.django_db


def words(web: Client, address: str, status: int = 200) -> str:
    """What a page says."""
    answer = web.get(address)
    assert answer.status_code == status, answer.content.decode()[-2000:]
    return answer.content.decode()


def test_a_resident_joins_claims_and_reads_why(county: County, sign_in) -> None:
    book = life.in_force(county)
    me = sign_in(county.ah_mei)
    assert "参加全凭自愿" in words(me, "/points")
    me.post("/points/join")
    assert "怎样得积分" in words(me, "/points")
    typed = {"key": "k", "item": life.item(book, "H01"), "on": str(TODAY), "times": "1",
             "words": "扫了楼前", "evidence": ""}  # fmt: skip
    again = me.post("/points/claim", typed)
    assert again.status_code == 422
    assert "扫了楼前" in again.content.decode()
    assert me.post("/points/claim", typed | {"evidence": "witness"}).status_code == 302
    page = words(me, "/points")
    assert "等初审" in page
    assert "依据：积分办法第1版 H01" in page
    assert "不足5" not in words(sign_in(county.he), "/points")


def test_two_people_check_and_the_totals_are_on_the_boards_without_names(
    county: County, sign_in
) -> None:
    book = life.in_force(county)
    claim = actions.claim(deed=life.deed(book), by=county.ah_mei.pk, at=life.NOW)
    for who in ("grid_worker", "committee"):
        web = sign_in(who)
        assert "大扫除" in words(web, "/staff/points")
        done = web.post(f"/staff/points/claims/{claim}", {"verdict": "yes"})
        assert done.status_code == 302
    web = sign_in("committee")
    web.post(f"/staff/points/places/{county.place('village').pk}/notice")
    assert Claim.objects.get(pk=claim).state == "noticed"
    boards = words(sign_in(county.ah_mei), f"/community/{county.place('village').code}")
    for board in ("首页", "市容", "安全", "稳定", "党建", "积分自治", "阵地建设"):
        assert f">{board}</h2>" in boards
    main = boards[boards.index("<main") : boards.index("</main")]
    assert county.ah_mei.name not in main
    assert "正在公示" in main


def test_a_barred_item_is_refused_on_the_form_with_its_article(county: County, sign_in) -> None:
    book = life.drafted(county)
    web = sign_in("committee")
    assert "32" in words(web, "/staff/points/books")
    typed = {"code": "X1", "title": "不上访得分", "area": "care", "kind": "regular",
             "subject": "person", "points": "5", "unit": "次", "cap": "1",
             "evidence": ["words"]}  # fmt: skip
    answer = web.post(f"/staff/points/books/{book}/items/0", typed)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "《信访工作条例》" in page
    assert "不上访得分" in page


def test_the_book_is_led_through_its_steps_on_the_page(county: County, sign_in) -> None:
    web = sign_in("committee")
    village = county.place("village").pk
    web.post("/staff/points/books/new", {"place": village, "title": "双马村积分办法", "key": "b"})
    book = RuleBook.objects.get()
    step = f"/staff/points/books/{book.pk}/steps"
    assert (
        web.post(f"{step}/talk", {"on": str(TODAY), "words": "议过了，没有意见"}).status_code == 302
    )
    vote = {"meeting": "representatives", "on": str(TODAY), "electorate": "30", "present": "10",
            "votes_for": "9"}  # fmt: skip
    assert web.post(f"{step}/vote", vote).status_code == 422
    assert web.post(f"{step}/vote", vote | {"present": "24", "votes_for": "20"}).status_code == 302
    assert sign_in("town_officer").post(f"{step}/file").status_code == 302
    assert web.post(f"{step}/publish", {"on": str(TODAY)}).status_code == 302
    book.refresh_from_db()
    assert book.state == "published"
    assert book.text_hash in words(sign_in(county.ah_mei), f"/points/books/{book.pk}")


def test_budgets_are_made_and_filled(county: County, sign_in) -> None:
    life.in_force(county)
    web = sign_in("committee")
    made = web.post("/staff/points/budgets", {"place": county.place("village").pk,
                                              "name": "文化节", "key": "f"})  # fmt: skip
    assert made.status_code == 302
    assert web.post(made["Location"], {"points": "500", "why": "11月代表会议", "key": "g"}
                    ).status_code == 302  # fmt: skip
    page = words(web, "/staff/points/budgets")
    assert "文化节" in page
    assert "500" in page


def test_leaving_is_one_form(county: County, sign_in) -> None:
    life.in_force(county)
    me = sign_in(county.ah_mei)
    me.post("/points/join")
    holder = Holder.objects.get()
    assert sign_in(county.neighbour).post(
        f"/points/holders/{holder.pk}/leaving", {"wish": "keep"}
    ).status_code == 404  # fmt: skip
    me.post(f"/points/holders/{holder.pk}/leaving", {"wish": "keep"})
    holder.refresh_from_db()
    assert holder.left == "keep"


def test_a_word_in_a_channel_is_answered_and_made_a_matter_in_two_taps(
    county: County, sign_in
) -> None:
    channel = channel_life.opened(county)
    me, worker = sign_in(county.ah_mei), sign_in("grid_worker")
    assert "双马村的频道" in words(me, "/channels")
    assert me.post(f"/channels/{channel}", {"words": "", "key": "1"}).status_code == 422
    me.post(f"/channels/{channel}", {"words": "村口路灯不亮，晚上看不见", "key": "2"})
    post = Post.objects.get()
    words(me, f"/channels/{channel}")
    assert "转成一件事" in words(worker, f"/staff/channels/{channel}")
    form = words(worker, f"/staff/channels/posts/{post.pk}/matter")
    assert "路灯" in form
    worker.post(f"/staff/channels/posts/{post.pk}/matter", {
        "category": "facilities.lighting", "place": county.place("grid").pk})  # fmt: skip
    assert Matter.objects.get().raised_by_id == county.ah_mei.pk
    assert Matter.objects.get().number in words(me, f"/channels/{channel}")


def test_residents_never_read_how_many_saw_a_notice(county: County, sign_in) -> None:
    channel = channel_life.opened(county)
    worker, me = sign_in("grid_worker"), sign_in(county.ah_mei)
    worker.post(f"/staff/channels/{channel}", {"kind": "notice", "words": "明天停水", "key": "n"})
    post = Post.objects.get()
    me.post(f"/channels/posts/{post.pk}/seen")
    assert "1人点过" in words(worker, f"/staff/channels/{channel}")
    assert "人点过" not in words(me, f"/channels/{channel}")


def test_a_poll_is_made_and_answered(county: County, sign_in) -> None:
    channel = channel_life.opened(county)
    worker, me = sign_in("grid_worker"), sign_in(county.ah_mei)
    made = worker.post(f"/staff/channels/{channel}", {
        "kind": "poll", "words": "哪天办？", "options": "周六\n周日", "until": "2026-12-01T10:00",
        "key": "p"})  # fmt: skip
    assert made.status_code == 302
    poll = Post.objects.get()
    me.post(f"/channels/posts/{poll.pk}/vote", {"option": "1"})
    assert "我选的" in words(me, f"/channels/{channel}")


def test_hiding_asks_why(county: County, sign_in) -> None:
    channel = channel_life.opened(county)
    post = channel_life.said(county, channel)
    worker = sign_in("grid_worker")
    assert worker.post(f"/staff/channels/posts/{post}/hiding", {"why": ""}).status_code == 422
    worker.post(f"/staff/channels/posts/{post}/hiding", {"why": "频道里不发广告"})
    assert "频道里不发广告" in words(sign_in(county.neighbour), f"/channels/{channel}")
    assert words(worker, "/staff/channels")
