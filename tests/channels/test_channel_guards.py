"""No SQL makes the facts of a channel false."""

import pytest
from django.db import IntegrityError, connection, transaction

from channels.channel_life import HOUR, opened, said
from gongzhi.channels import actions
from gongzhi.channels.models import Appeal, Receipt, Report
from people import NOW, County

db = pytest.mark.django_db


def refused(name: str, sql: str, *params: object) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        connection.cursor().execute(sql, params)
    assert error.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


@db
def test_no_sql_makes_the_facts_of_a_channel_false(county: County) -> None:
    channel = opened(county)
    post = said(county, channel)
    worker = county.holders["committee"].pk
    poll = actions.ask(
        channel_id=channel,
        words="哪天？",
        options=["一", "二"],
        until=NOW + HOUR,
        by=worker,
        at=NOW,
    )
    refused("said_stays_said", "update channels_post set words = 'x' where id = %s", post)
    refused("said_stays_said", "delete from channels_post where id = %s", post)
    refused("hidden_with_reason", "update channels_post set hidden_at = now(), hidden_by_id = %s"
            " where id = %s", worker, post)  # fmt: skip
    refused("answered_by_another", "update channels_post set answered_at = now(),"
            " answered_by_id = by_id where id = %s", post)  # fmt: skip
    insert = "insert into channels_vote (post_id, person_id, option, at) values (%s, %s, %s, %s)"
    refused("voice_for_an_option", insert, poll, worker, 2, NOW)
    refused("voice_in_time", insert, poll, worker, 0, NOW + HOUR)
    refused("voice_in_time", insert, post, worker, 0, NOW)
    actions.vote(post_id=poll, option=0, by=county.ah_mei.pk, at=NOW)
    refused("one_voice_a_poll", insert, poll, county.ah_mei.pk, 1, NOW)
    refused("voice_in_time", "delete from channels_vote where post_id = %s", poll)
    refused("receipt_of_a_notice", "insert into channels_receipt (post_id, person_id, at)"
            " values (%s, %s, now())", post, worker)  # fmt: skip
    new = ("insert into channels_post (channel_id, kind, words, by_id, at, event, options,"
           " until_at, hidden_why) values (%s, %s, %s, %s, now(), %s, %s, %s, '')")  # fmt: skip
    refused("only_the_system_sums_up", new, channel, "summary", "x", worker, "e", [], None)
    refused("only_the_system_sums_up", new, channel, "talk", "x", None, None, [], None)
    refused("poll_is_whole", new, channel, "poll", "x", worker, None, ["a"], NOW + 9 * HOUR)
    refused("post_says_something", new, channel, "talk", "", worker, None, [], None)
    refused("one_channel_a_place", "insert into channels_channel (place_id, place_path, kind, name,"
            " about, at) select place_id, place_path, kind, 'other', '', at from channels_channel"
            " where id = %s", channel)  # fmt: skip
    assert Receipt.objects.count() == 0


@db
def test_a_report_is_settled_once_and_by_another(county: County) -> None:
    post = said(county, opened(county))
    report = actions.report(post_id=post, why="这是广告", by=county.neighbour.pk, at=NOW)
    settle = ("update channels_report set outcome = 'kept', answer = 'x', settled_at = now(),"
              " settled_by_id = %s where id = %s")  # fmt: skip
    refused("report_settled_whole", settle, county.neighbour.pk, report)
    refused("report_settled_by_another", settle, county.ah_mei.pk, report)
    refused("report_settled_whole", "update channels_report set outcome = 'kept' where id = %s",
            report)  # fmt: skip
    refused("report_stays", "update channels_report set why = 'y' where id = %s", report)
    refused("report_stays", "delete from channels_report where id = %s", report)
    again = "insert into channels_report (post_id, by_id, why, at) values (%s, %s, %s, now())"
    refused("reported_once", again, post, county.neighbour.pk, "广告")
    refused("report_says_why", again, post, county.brother.pk, "")
    actions.settle(
        post_id=post, hidden=False, answer="不是广告", by=county.holders["committee"].pk, at=NOW
    )
    refused("report_stays", "update channels_report set outcome = 'hidden' where id = %s", report)
    assert Report.objects.get().outcome == "kept"


@db
def test_an_appeal_is_the_authors_and_decided_by_another(county: County) -> None:
    post = said(county, opened(county))
    worker = county.holders["committee"].pk
    actions.hide(post_id=post, why="不发广告", by=worker, at=NOW)
    new = ("insert into channels_appeal (post_id, by_id, words, at, hid_by_id, hid_at, hid_why)"
           " values (%s, %s, %s, now(), %s, %s, '不发广告')")  # fmt: skip
    mei = county.ah_mei.pk
    refused("appeal_of_the_author", new, post, county.brother.pk, "x", worker, NOW)
    refused("appeal_of_the_author", new, post, mei, "x", county.brother.pk, NOW)
    refused("appeal_of_the_author", new, post, mei, "x", worker, NOW + HOUR)
    refused("appeal_says_why", new, post, mei, "", worker, NOW)
    appeal = actions.appeal(post_id=post, words="不是广告", by=mei, at=NOW)
    refused("one_appeal_a_hiding", new, post, mei, "x", worker, NOW)
    decide = ("update channels_appeal set outcome = 'stays', answer = 'x', judged_at = now(),"
              " judged_by_id = %s where id = %s")  # fmt: skip
    refused("appeal_judged_by_another", decide, worker, appeal)
    refused("appeal_judged_by_another", decide, mei, appeal)
    refused("appeal_stays", "update channels_appeal set words = 'y' where id = %s", appeal)
    refused("appeal_stays", "delete from channels_appeal where id = %s", appeal)
    actions.decide(appeal_id=appeal, restored=False, answer="就是广告",
                   by=county.holders["supervisor"].pk, at=NOW)  # fmt: skip
    refused("appeal_stays", decide, county.holders["supervisor"].pk, appeal)
    assert Appeal.objects.get().outcome == "stays"


@db
def test_marks_are_one_a_person_and_times_to_answer_are_known_ones(county: County) -> None:
    channel, mei = opened(county), county.ah_mei.pk
    actions.read(channel_id=channel, upto=3, by=mei)
    refused("mark_once", "insert into channels_mark (channel_id, person_id) values (%s, %s)",
            channel, mei)  # fmt: skip
    refused("channel_answer_minutes", "update channels_channel set answer_minutes = 7")


@db
def test_a_handing_on_stays(county: County) -> None:
    post, worker = said(county, opened(county)), county.holders["grid_worker"].pk
    actions.hand(post_id=post, to=worker, by=county.holders["committee"].pk, at=NOW)
    for sql in ("update channels_handing set words = 'x'", "delete from channels_handing"):
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            connection.cursor().execute(sql)
