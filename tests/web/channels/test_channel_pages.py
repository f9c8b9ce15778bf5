"""掌上社区 as residents see it: talk, notices, polls, search, marks of new words, muting."""

from typing import Any

import pytest
from django.test import Client

from channels.channel_life import HOUR, opened, said
from gongzhi import reactions
from gongzhi.channels import actions
from gongzhi.channels.models import Mark, Post
from gongzhi.people.models import Note
from people import NOW, County
from web.conftest import SignIn

pytestmark = pytest.mark.django_db


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_where_nobody_opened_a_channel_the_page_says_what_to_do(sign_in: SignIn) -> None:
    assert "还没有频道" in text(sign_in("committee"), "/staff/channels")
    page = text(Client(), "/channels/months")
    assert "这个月还没有频道" in page


def test_a_resident_without_channels_is_led_to_reporting(county: County, sign_in: SignIn) -> None:
    page = text(sign_in(county.ah_mei), "/channels")
    assert "您住的地方还没有频道" in page
    assert 'href="/report"' in page


def test_a_resident_speaks_and_reads_until_when_he_is_answered(
    county: County, sign_in: SignIn
) -> None:
    channel = opened(county)
    mei = sign_in(county.ah_mei)
    assert "上班时间半小时内答复" in text(mei, f"/channels/{channel}")
    form = {"words": "村口路灯不亮", "key": "k1"}
    answer = mei.post(f"/channels/{channel}", form, follow=True)
    assert "上班时间半小时内答复" in answer.content.decode()
    assert "前答复" in answer.content.decode()
    mei.post(f"/channels/{channel}", form)
    post = Post.objects.get()
    assert post.due_at == NOW + HOUR / 2
    wen = sign_in("grid_worker")
    wen.post(f"/channels/{channel}", {"words": "马上去看", "under": post.pk, "key": "k2"})
    page = text(mei, f"/channels/{channel}")
    assert "马上去看" in page
    assert "前答复" not in page
    reactions.run(at=NOW)
    assert "社区答复了" in Note.objects.get(person=county.ah_mei).words


def test_nothing_typed_is_lost_when_it_is_refused(county: County, sign_in: SignIn) -> None:
    channel = opened(county)
    post = said(county, channel)
    neighbour = sign_in(county.neighbour)
    answer = neighbour.post(f"/channels/{channel}", {"words": "我", "under": post})
    assert answer.status_code == 422
    assert ">我</textarea>" in answer.content.decode()
    for address, name in ((f"/channels/posts/{post}/report", "why"),):
        answer = neighbour.post(address, {name: "坏"})
        assert answer.status_code == 422
        assert "坏</textarea>" in answer.content.decode()


def test_new_words_are_marked_until_they_were_shown(county: County, sign_in: SignIn) -> None:
    channel = opened(county)
    for _ in range(3):
        said(county, channel)
    neighbour = sign_in(county.neighbour)
    assert "3条新的" in text(neighbour, "/channels")
    assert "新</span>" in text(neighbour, f"/channels/{channel}")
    assert "新</span>" not in text(neighbour, f"/channels/{channel}")
    assert "新的" not in text(neighbour, "/channels")
    assert "新的" not in text(sign_in(county.ah_mei), "/channels"), "one's own words are not new"
    assert set(Mark.objects.values_list("person", flat=True)) == {county.neighbour.pk}


def test_a_muted_channel_is_last_marks_nothing_and_sends_nothing(
    county: County, sign_in: SignIn
) -> None:
    channel = opened(county)
    topic = actions.open_channel(
        place_id=county.place("village").pk, kind="topic", name="文化节",
        by=county.holders["committee"].pk, at=NOW,
    )  # fmt: skip
    post = said(county, channel)
    mei = sign_in(county.ah_mei)
    answer = mei.post(f"/channels/{channel}/mute", {"muted": "1"}, follow=True)
    assert "还是提醒我" in answer.content.decode()
    actions.say(channel_id=channel, words="马上去看", under=post,
                by=county.holders["grid_worker"].pk, at=NOW)  # fmt: skip
    reactions.run(at=NOW)
    assert not Note.objects.filter(person=county.ah_mei).exists()
    page = text(mei, "/channels")
    assert "不提醒" in page
    assert "新的" not in page
    assert page.index(f"/channels/{topic}") < page.index(f'/channels/{channel}"')
    mei.post(f"/channels/{channel}/mute", {"muted": "0"})
    assert "1条新的" in text(mei, "/channels")


def test_search_finds_answers_too_but_nothing_that_is_hidden(
    county: County, sign_in: SignIn
) -> None:
    channel = opened(county)
    lamp = said(county, channel)
    actions.say(channel_id=channel, words="电工下午到", under=lamp,
                by=county.holders["grid_worker"].pk, at=NOW)  # fmt: skip
    spam = said(county, channel, "卖保健品 100% 有效")
    neighbour = sign_in(county.neighbour)
    assert f'id="p{lamp}"' in text(neighbour, f"/channels/{channel}?q=电工")
    found = text(neighbour, f"/channels/{channel}?q=100%25 有")
    assert f'id="p{spam}"' in found
    assert f'id="p{lamp}"' not in found
    actions.hide(post_id=spam, why="不发广告", by=county.holders["committee"].pk, at=NOW)
    assert "没有找到" in text(neighbour, f"/channels/{channel}?q=保健品")
    assert "没有找到" in text(neighbour, f"/channels/{channel}?q=_")


def test_what_was_said_is_paged(county: County, sign_in: SignIn) -> None:
    channel = opened(county)
    for number in range(24):
        said(county, channel, f"第{number}句话")
    neighbour = sign_in(county.neighbour)
    first = text(neighbour, f"/channels/{channel}")
    assert "第23句话" in first
    assert "第3句话" not in first
    assert "第3句话" in text(neighbour, f"/channels/{channel}?page=2")


def test_a_notice_is_acknowledged_and_only_staff_read_by_how_many(
    county: County, sign_in: SignIn
) -> None:
    channel = opened(county)
    chen = sign_in("committee")
    chen.post(f"/staff/channels/{channel}", {"kind": "notice", "words": "明天停水", "key": "n"})
    post = Post.objects.get()
    mei = sign_in(county.ah_mei)
    assert "看到了</button>" in text(mei, f"/channels/{channel}")
    mei.post(f"/channels/posts/{post.pk}/seen")
    mine = text(mei, f"/channels/{channel}")
    assert "您看到了" in mine
    assert "人点过" not in mine
    assert "1人点过" in text(chen, f"/staff/channels/{channel}")
    # Also on the resident's page a member of staff reads no number of readers.
    assert "人点过" not in text(sign_in(county.neighbour), f"/channels/{channel}")


def test_a_poll_is_open_changed_at_will_and_says_that_it_decides_nothing(
    county: County, sign_in: SignIn
) -> None:
    channel = opened(county)
    chen = sign_in("committee")
    form = {"kind": "poll", "words": "文化节哪天办？", "options": "周六\n周日",
            "until": "2026-11-30T18:00", "key": "p"}  # fmt: skip
    chen.post(f"/staff/channels/{channel}", form)
    poll = Post.objects.get(kind="poll")
    mei = sign_in(county.ah_mei)
    mei.post(f"/channels/posts/{poll.pk}/vote", {"option": "0"})
    mei.post(f"/channels/posts/{poll.pk}/vote", {"option": "1"})
    page = text(mei, f"/channels/{channel}")
    assert "1人选过" in page
    assert "不是表决" in page
    assert "我选的" in page
    refused = mei.post(f"/channels/posts/{poll.pk}/vote", {"option": "9"}, follow=True)
    assert "请从列出的里面选一个" in refused.content.decode()
    chen.post(f"/staff/channels/{channel}/close")
    closed = mei.post(f"/channels/posts/{poll.pk}/vote", {"option": "0"}, follow=True)
    assert "已经关了" in closed.content.decode()


def test_a_reader_of_another_place_is_not_taken_for_staff_here(
    county: County, sign_in: SignIn
) -> None:
    channel = opened(county)
    stranger = county.foreign["committee"]
    stranger.household = county.ah_mei.household
    stranger.save(update_fields=["household"])
    actions.say(channel_id=channel, words="我刚搬来", by=stranger.pk, at=NOW)
    page = text(sign_in(county.neighbour), f"/channels/{channel}")
    assert "我刚搬来" in page
    assert stranger.name not in page or len(stranger.name) == 1
    assert 'class="tag">社区' not in page


def test_the_pages_of_channels_ask_the_database_little(
    county: County, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    channel = opened(county)
    for _ in range(15):
        post = said(county, channel)
        actions.say(channel_id=channel, words="我也是", under=post, by=county.brother.pk, at=NOW)
    neighbour, wen = sign_in(county.neighbour), sign_in("grid_worker")
    for client, address in ((neighbour, "/channels"), (neighbour, f"/channels/{channel}"),
                            (neighbour, "/channels/months"), (wen, "/staff/channels"),
                            (wen, f"/staff/channels/{channel}")):  # fmt: skip
        with django_assert_max_num_queries(16):
            text(client, address)
