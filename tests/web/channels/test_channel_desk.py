"""掌上社区 at the desk: relay, two taps to a matter, hand on, settle, appeal, close, the month."""

from typing import Any

import pytest
from django.test import Client

from channels.channel_life import HOUR, opened, said
from gongzhi import reactions
from gongzhi.channels import actions
from gongzhi.channels.models import Appeal, Channel, Handing, Post, Report
from gongzhi.core import db
from gongzhi.matters.models import Matter
from gongzhi.people.models import Note
from gongzhi.places import queries as places
from gongzhi.places.models import DayException
from people import NOW, County
from web.conftest import SignIn

pytestmark = pytest.mark.django_db
PASTE = "张三:\n楼道灯坏了 13912345678\n\n李四 :\n张三说得对\n[图片]\n"


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def told(person: Any) -> str:
    reactions.run(at=NOW)
    return " ".join(Note.objects.filter(person=person).values_list("words", flat=True))


def test_a_paste_is_looked_at_message_by_message_before_it_is_relayed(
    county: County, sign_in: SignIn
) -> None:
    channel = opened(county)
    wen = sign_in("grid_worker")
    look = wen.post("/staff/channels/share", {"channel": channel, "paste": PASTE})
    page = look.content.decode()
    assert "楼道灯坏了 139****5678</textarea>" in page
    assert "邻居说得对</textarea>" in page
    assert "去掉了这些（2行）" in page
    assert Post.objects.count() == 0, "looking writes nothing"
    form = {"key": "r1", "message": ["楼道灯坏了", "邻居说得对"], "take": ["0"], "paste": PASTE}
    for _ in range(2):
        wen.post(f"/staff/channels/{channel}/relay", form)
    assert list(Post.objects.values_list("kind", "words")) == [("relay", "楼道灯坏了")]
    again = wen.post("/staff/channels/share", {"channel": channel, "paste": "老王：楼道灯坏了"})
    assert "以前转过" in again.content.decode()


def test_a_relay_of_nothing_keeps_what_was_typed(county: County, sign_in: SignIn) -> None:
    channel = opened(county)
    wen = sign_in("grid_worker")
    form = {"key": "r1", "message": ["楼道灯坏了", "第二条"], "paste": PASTE}
    answer = wen.post(f"/staff/channels/{channel}/relay", form)
    assert answer.status_code == 422
    assert "还没有选要转的话" in answer.content.decode()
    assert "第二条</textarea>" in answer.content.decode()
    empty = wen.post("/staff/channels/share", {"channel": channel, "paste": "[图片]"})
    assert "没有读出可以转的话" in empty.content.decode()


def test_a_telephones_share_menu_fills_the_form_and_writes_nothing(
    county: County, sign_in: SignIn
) -> None:
    channel = opened(county)
    wen = sign_in("grid_worker")
    shared = wen.post("/staff/channels/share", {"title": "", "text": "老王：井盖坏了"})
    assert "老王：井盖坏了</textarea>" in shared.content.decode()
    assert Post.objects.count() == 0
    target = wen.get("/staff/channels/app.webmanifest").json()["share_target"]
    assert target["action"] == "/staff/channels/share"
    assert sign_in("supervisor").get("/staff/channels/share").status_code == 403
    assert sign_in("supervisor").post(f"/staff/channels/{channel}/relay").status_code in (403, 404)


def test_two_taps_make_a_matter_and_its_end_comes_back_without_a_name(
    county: County, sign_in: SignIn
) -> None:
    channel = opened(county)
    post = said(county, channel)
    wen = sign_in("grid_worker")
    page = text(wen, f"/staff/channels/posts/{post}/matter")
    assert f'<option value="{county.place("grid").pk}" selected>' in page, "his own grid first"
    form = {"category": "facilities", "place": county.place("grid").pk}
    wen.post(f"/staff/channels/posts/{post}/matter", form)
    matter = Matter.objects.get()
    assert matter.raised_by_id == county.ah_mei.pk
    reactions.run(at=NOW)
    Matter.objects.update(outcome="done", closed_at=NOW + HOUR, due_at=None, tick_at=None)
    db.run(
        "insert into core_outbox (kind, subject_id, data)"
        " values ('matter.close', %s::bigint, '{}')",
        (matter.pk,),
    )
    reactions.run(at=NOW + HOUR)
    seen = text(sign_in(county.neighbour), f"/channels/{channel}")
    assert "办好了" in seen
    assert matter.number in seen
    assert county.ah_mei.name not in seen


def test_a_post_is_handed_to_a_colleague_who_is_told(county: County, sign_in: SignIn) -> None:
    channel = opened(county)
    post = said(county, channel)
    wen, chen = county.holders["grid_worker"], sign_in("committee")
    assert wen.name in text(chen, f"/staff/channels/posts/{post}/hand")
    for _ in range(2):
        chen.post(f"/staff/channels/posts/{post}/hand", {"to": wen.pk})
    assert Handing.objects.count() == 1
    assert f"请{wen.name}答复" in text(chen, f"/staff/channels/{channel}")
    assert "请您答复" in text(sign_in("grid_worker"), f"/staff/channels/{channel}?only=mine")
    assert "没有交给您的" in text(chen, f"/staff/channels/{channel}?only=mine")
    assert "请您答复频道里的一条" in told(wen)
    assert Post.objects.get(pk=post).due_at == NOW + HOUR / 2, "the hour stays"
    outsider = chen.post(f"/staff/channels/posts/{post}/hand", {"to": county.ah_mei.pk})
    assert outsider.status_code == 422
    assert "请谁答复" not in text(sign_in(county.neighbour), f"/channels/{channel}")
    actions.say(channel_id=channel, words="马上去", under=post, by=wen.pk, at=NOW)
    late = chen.post(f"/staff/channels/posts/{post}/hand", {"to": county.holders["committee"].pk})
    assert "已经答复" in late.content.decode()


def test_a_neighbour_reports_and_learns_what_came_of_it(county: County, sign_in: SignIn) -> None:
    channel = opened(county)
    post = said(county, channel, "卖保健品，加我")
    neighbour = sign_in(county.neighbour)
    assert f"/channels/posts/{post}/report" in text(neighbour, f"/channels/{channel}")
    for _ in range(2):
        neighbour.post(f"/channels/posts/{post}/report", {"why": "这是广告"})
    assert Report.objects.count() == 1
    assert "您反映过这一条" in text(neighbour, f"/channels/{channel}")
    chen = sign_in("committee")
    page = text(chen, "/staff/channels/care")
    assert "这是广告" in page
    assert county.neighbour.name not in page, "who reported is not shown"
    bare = chen.post(f"/staff/channels/posts/{post}/reports", {"what": "hidden", "why": ""})
    assert bare.status_code == 422
    chen.post(f"/staff/channels/posts/{post}/reports", {"what": "hidden", "why": "频道里不发广告"})
    seen = text(neighbour, f"/channels/{channel}")
    assert "频道里不发广告" in seen
    assert "卖保健品" not in seen
    assert "已经隐藏" in told(county.neighbour)
    assert "没有等您处理的反映" in text(chen, "/staff/channels/care")


def test_a_report_may_be_left_and_nobody_settles_one_about_himself(
    county: County, sign_in: SignIn
) -> None:
    channel = opened(county)
    chen = county.holders["committee"]
    post = actions.say(channel_id=channel, words="我说了算", by=chen.pk, at=NOW)
    actions.report(post_id=post, why="说话不好听", by=county.neighbour.pk, at=NOW)
    assert "说话不好听" not in text(sign_in("committee"), "/staff/channels/care")
    form = {"what": "kept", "why": "是意见，可以说"}
    own = sign_in("committee").post(f"/staff/channels/posts/{post}/reports", form)
    assert own.status_code == 403
    sign_in("supervisor").post(f"/staff/channels/posts/{post}/reports", form)
    assert "是意见，可以说" in told(county.neighbour)
    assert "我说了算" in text(sign_in(county.neighbour), f"/channels/{channel}")


def test_the_author_appeals_and_another_decides(county: County, sign_in: SignIn) -> None:
    channel = opened(county)
    post = said(county, channel, "物业费太高了")
    sign_in("committee").post(f"/staff/channels/posts/{post}/hiding", {"why": "说得不对"})
    mei = sign_in(county.ah_mei)
    assert "申诉" in text(mei, f"/channels/{channel}")
    assert sign_in(county.neighbour).get(f"/channels/posts/{post}/appeal").status_code == 404
    assert mei.post(f"/channels/posts/{post}/appeal", {"words": ""}).status_code == 422
    mei.post(f"/channels/posts/{post}/appeal", {"words": "这是正当的意见"})
    appeal = Appeal.objects.get()
    assert "等另外的人复查" in text(mei, f"/channels/{channel}")
    assert "这是正当的意见" not in text(sign_in("committee"), "/staff/channels/care")
    form = {"what": "restored", "why": "意见可以说"}
    at = f"/staff/channels/appeals/{appeal.pk}"
    assert sign_in("committee").post(at, form).status_code == 404
    sign_in("supervisor").post(at, form)
    assert "物业费太高了" in text(sign_in(county.neighbour), f"/channels/{channel}")
    assert "恢复显示" in told(county.ah_mei)
    assert "意见可以说" in text(mei, f"/channels/{channel}")


def test_a_second_hiding_can_be_appealed_again(county: County) -> None:
    post, chen = said(county, opened(county)), county.holders["committee"].pk
    for hour in (0, 1):
        actions.hide(post_id=post, why="说得不对", by=chen, at=NOW + hour * HOUR)
        appeal = actions.appeal(post_id=post, words="说得对的", by=county.ah_mei.pk, at=NOW)
        actions.decide(appeal_id=appeal, restored=True, answer="可以说的",
                       by=county.holders["supervisor"].pk, at=NOW)  # fmt: skip
    assert Appeal.objects.count() == 2


def test_a_channel_is_changed_closed_and_opened_again(county: County, sign_in: SignIn) -> None:
    channel = opened(county)
    chen = sign_in("committee")
    form = {"name": "双马村", "about": "大家的事", "minutes": "120"}
    chen.post(f"/staff/channels/{channel}/settings", form)
    assert "上班时间两小时内答复" in text(sign_in(county.ah_mei), f"/channels/{channel}")
    assert chen.post(f"/staff/channels/{channel}/settings", form | {"minutes": "7"}
                     ).status_code == 422  # fmt: skip
    assert sign_in("grid_worker").post(f"/staff/channels/{channel}/close").status_code == 403
    for _ in range(2):
        chen.post(f"/staff/channels/{channel}/close")
    mei = sign_in(county.ah_mei)
    assert "已经关了" in text(mei, f"/channels/{channel}")
    refused = mei.post(f"/channels/{channel}", {"words": "还能说吗"})
    assert "已经关了" in refused.content.decode()
    assert "还能说吗" not in [p.words for p in Post.objects.all()]
    assert "再开起来" in text(chen, f"/staff/channels/{channel}/settings")
    chen.post(f"/staff/channels/{channel}/reopen")
    assert Channel.objects.get().closed_at is None
    mei.post(f"/channels/{channel}", {"words": "又能说了"})
    assert Post.objects.filter(words="又能说了").exists()


def test_a_closed_channel_whose_place_was_taken_stays_closed(
    county: County, sign_in: SignIn
) -> None:
    channel, chen = opened(county), sign_in("committee")
    chen.post(f"/staff/channels/{channel}/close")
    opened(county)
    answer = chen.post(f"/staff/channels/{channel}/reopen", follow=True)
    assert "已经有频道了" in answer.content.decode() or "同名" in answer.content.decode()
    assert Channel.objects.get(pk=channel).closed_at is not None


@pytest.mark.parametrize(("kind", "place"), [
    ("building", "building"), ("compound", "grid"), ("community", "village"), ("topic", "village"),
])  # fmt: skip
def test_the_four_kinds_of_channels_are_opened_from_the_desk(
    county: County, sign_in: SignIn, kind: str, place: str
) -> None:
    form = {"place": county.place(place).pk, "kind": kind, "name": "我们的频道", "minutes": "30",
            "key": kind}  # fmt: skip
    sign_in("committee").post("/staff/channels/new", form)
    assert Channel.objects.get().kind == kind
    assert "我们的频道" in text(sign_in(county.ah_mei), "/channels")
    assert "我们的频道" not in text(sign_in(county.he), "/channels")


def test_the_hour_of_an_answer_follows_the_places_own_calendar(county: County) -> None:
    village = county.place("village")
    DayException.objects.create(place=village, day=NOW.date(), open=False, name="赶集")
    places.forget()
    post = Post.objects.get(pk=said(county, opened(county)))
    assert post.due_at is not None
    assert post.due_at.date() == NOW.date().replace(day=24)


def test_the_month_is_public_and_counts_channels_not_persons(
    county: County, sign_in: SignIn
) -> None:
    channel, wen = opened(county), county.holders["grid_worker"].pk
    posts = [said(county, channel, f"第{n}件") for n in range(3)]
    actions.say(channel_id=channel, words="马上去", under=posts[0], by=wen, at=NOW + HOUR / 4)
    actions.say(channel_id=channel, words="晚了些", under=posts[1], by=wen, at=NOW + HOUR)
    actions.make_matter(post_id=posts[2], place_id=county.place("grid").pk,
                        category="facilities.lighting", by=wen, at=NOW + 2 * HOUR)  # fmt: skip
    page = Client().get("/channels/months/320830101201").content.decode()
    cells = page[page.index("双马村的频道") :].split("</tr>")[0]
    assert [part.split("<")[0] for part in cells.split('<td class="n">')[1:]] == [
        "3", "1", "0", "1", "0"]  # fmt: skip
    for person in (county.ah_mei, *county.holders.values()):
        assert person.name not in page or len(person.name) == 1
    assert "不排名" in page
    assert "第0件" not in page
    assert "这个月还没有频道" in text(Client(), "/channels/months/320830101201?month=2025-12")
    assert Client().get("/channels/months/999999999999").status_code == 404
