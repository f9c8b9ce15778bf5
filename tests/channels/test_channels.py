"""What neighbours say in a channel, who answers by when, and how a word becomes a matter."""

from datetime import datetime

import pytest
from django.db import connection, transaction

from channels.channel_life import HOUR, opened, said
from gongzhi import reactions
from gongzhi.channels import actions, figures, queries, rules
from gongzhi.channels.models import Post, Vote
from gongzhi.core.clock import SHANGHAI, WorkCalendar
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.matters.models import Matter
from gongzhi.people.models import Note
from people import NOW, County


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def test_an_answer_is_due_in_half_an_hour_of_office_time_or_next_morning() -> None:
    office = WorkCalendar()
    assert rules.due(office, at(10)) == at(10, 30)
    assert rules.due(office, at(11, 45)) == at(14, 15)
    assert rules.due(office, at(20)) == at(9, 30, day=24)
    assert rules.due(office, at(20, day=27)) == at(9, 30, day=30)  # Friday evening: Monday


def test_every_channel_has_its_own_time_to_answer() -> None:
    office = WorkCalendar()
    assert rules.due(office, at(10), 15) == at(10, 15)
    assert rules.due(office, at(11), 120) == at(15)
    assert rules.due(office, at(17, 30), 480) == at(9, 30, day=25)


db = pytest.mark.django_db


@db
def test_a_resident_speaks_and_the_first_word_of_a_keeper_is_the_answer(county: County) -> None:
    channel = opened(county)
    post = said(county, channel)
    assert Post.objects.get(pk=post).due_at == NOW + HOUR / 2
    neighbour = county.neighbour.pk
    actions.say(channel_id=channel, words="我家门口也是", under=post, by=neighbour, at=NOW)
    assert Post.objects.get(pk=post).answered_at is None
    worker, later = county.holders["grid_worker"].pk, NOW + HOUR / 4
    actions.say(channel_id=channel, words="马上去看", under=post, by=worker, at=later)
    row = Post.objects.get(pk=post)
    assert (row.answered_at, row.answered_by_id) == (later, worker)


@db
def test_an_outsider_neither_reads_nor_writes(county: County) -> None:
    channel = opened(county)
    with pytest.raises(NotFound), transaction.atomic():
        actions.say(channel_id=channel, words="你们好", by=county.he.pk, at=NOW)
    with pytest.raises(NotFound), transaction.atomic():
        queries.channel(county.viewer(county.he), channel)
    with pytest.raises(NotAllowed), transaction.atomic():
        actions.notify(channel_id=channel, words="通知", by=county.ah_mei.pk, at=NOW)


@db
def test_the_same_form_twice_is_said_once_and_a_flood_is_stopped(county: County) -> None:
    channel = opened(county)
    for _ in range(2):
        actions.say(channel_id=channel, words="灯坏了", by=county.ah_mei.pk, at=NOW, key="k")
    assert Post.objects.count() == 1
    for _ in range(actions.A_DAY - 1):
        said(county, channel)
    with pytest.raises(Refused) as refused, transaction.atomic():
        said(county, channel)
    assert refused.value.code == "too_many"


@db
def test_a_post_becomes_a_matter_of_its_author_and_its_end_is_told_without_names(
    county: County,
) -> None:
    channel = opened(county)
    post = said(county, channel)
    worker = county.holders["grid_worker"].pk
    made = actions.make_matter(
        post_id=post, place_id=county.place("building").pk, category="facilities.lighting",
        by=worker, at=NOW,
    )  # fmt: skip
    again = actions.make_matter(
        post_id=post, place_id=county.place("building").pk, category="", by=worker, at=NOW
    )
    assert (again.id, again.repeated) == (made.id, True)
    matter = Matter.objects.get(pk=made.id)
    assert matter.raised_by_id == county.ah_mei.pk
    assert Post.objects.get(pk=post).answered_by_id == worker
    reactions.run(at=NOW)
    Matter.objects.filter(pk=made.id).update(
        outcome="done", closed_at=NOW + HOUR, due_at=None, tick_at=None
    )
    with connection.cursor() as cursor:
        for _ in range(2):
            cursor.execute(
                "insert into core_outbox (kind, subject_id, data) values"
                " ('matter.close', %s, '{}')", [made.id],
            )  # fmt: skip
    reactions.run(at=NOW + HOUR)
    summary = Post.objects.get(kind="summary")
    assert summary.under_id == post
    assert county.ah_mei.name not in summary.words
    assert made.number in summary.words


@db
def test_a_relayed_message_is_the_workers_matter(county: County) -> None:
    channel, worker = opened(county), county.holders["grid_worker"].pk
    post = actions.relay(channel_id=channel, words="老王：路边井盖坏了", by=worker, at=NOW)
    assert Post.objects.get(pk=post).words == "路边井盖坏了"
    made = actions.make_matter(
        post_id=post, place_id=county.place("grid").pk, category="", by=worker, at=NOW
    )
    assert Matter.objects.get(pk=made.id).raised_by_id == worker


@db
def test_a_matter_is_made_only_in_the_channels_own_community(county: County) -> None:
    post = said(county, opened(county))
    with pytest.raises(BadInput), transaction.atomic():
        actions.make_matter(
            post_id=post, place_id=county.place("compound").pk, category="",
            by=county.holders["grid_worker"].pk, at=NOW,
        )  # fmt: skip


@db
def test_how_many_saw_a_notice_is_for_staff(county: County) -> None:
    channel, village = opened(county), county.place("village").path
    post = actions.notify(
        channel_id=channel, words="明天停水", by=county.holders["committee"].pk, at=NOW
    )
    for _ in range(2):
        actions.seen(post_id=post, by=county.ah_mei.pk, at=NOW)
    staff, resident = county.viewer("committee"), county.viewer(county.ah_mei)
    assert queries.seen_by(channel, [post], staff, village) == {post: 1}
    assert queries.seen_by(channel, [post], resident, village) == {}


@db
def test_a_poll_has_one_voice_a_person_until_its_end(county: County) -> None:
    channel = opened(county)
    poll = actions.ask(
        channel_id=channel, words="文化节哪天办？", options=["周六", "周日"], until=NOW + HOUR,
        by=county.holders["committee"].pk, at=NOW,
    )  # fmt: skip
    for option in (0, 1):
        actions.vote(post_id=poll, option=option, by=county.ah_mei.pk, at=NOW)
    assert list(Vote.objects.values_list("option", flat=True)) == [1]
    with pytest.raises(Refused), transaction.atomic():
        actions.vote(post_id=poll, option=7, by=county.ah_mei.pk, at=NOW)
    with pytest.raises(Refused), transaction.atomic():
        actions.vote(post_id=poll, option=0, by=county.ah_mei.pk, at=NOW + HOUR)
    with pytest.raises(NotFound), transaction.atomic():
        actions.vote(post_id=poll, option=0, by=county.he.pk, at=NOW)


@db
def test_what_is_hidden_keeps_its_reason_and_its_author_is_told(county: County) -> None:
    channel = opened(county)
    post = said(county, channel, "卖保健品，加我")
    worker = county.holders["grid_worker"].pk
    with pytest.raises(BadInput), transaction.atomic():
        actions.hide(post_id=post, why="", by=worker, at=NOW)
    actions.hide(post_id=post, why="频道里不发广告", by=worker, at=NOW)
    row = queries.channel(county.viewer(county.neighbour), channel)
    shown = queries.posts(row, county.viewer(county.neighbour))["rows"][0]
    assert (shown["words"], shown["hidden_why"]) == ("", "频道里不发广告")
    reactions.run(at=NOW)
    assert "频道里不发广告" in Note.objects.get(person=county.ah_mei).words


@db
def test_a_page_of_a_channel_takes_two_statements(
    county: County, django_assert_num_queries: object
) -> None:
    channel = opened(county)
    for _ in range(12):
        post = said(county, channel)
        actions.say(channel_id=channel, words="我也是", under=post, by=county.brother.pk, at=NOW)
    viewer = county.viewer(county.ah_mei)
    row = queries.channel(viewer, channel)
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = queries.posts(row, viewer)
    assert all(len(p["answers"]) == 1 for p in found["rows"])


@db
def test_the_month_counts_what_was_said_and_never_by_whom(county: County) -> None:
    channel = opened(county)
    said(county, channel)
    month = figures.month(county.place("village").path, NOW - HOUR, NOW + HOUR)
    assert (month["asked"], month["answered"]) == (1, 0)
