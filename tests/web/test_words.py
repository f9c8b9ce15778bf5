"""Times and majorities as people say them, in both languages."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from django.utils import translation

from gongzhi.web import words

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)  # noon in China


@pytest.mark.parametrize(
    ("time", "zh", "en"),
    [
        (timedelta(days=1), "剩 1天", "1 day left"),
        (timedelta(days=2), "剩 2天", "2 days left"),
        (timedelta(hours=-1), "超期 1小时", "overdue by 1 hour"),
        (timedelta(minutes=-5), "超期 5分钟", "overdue by 5 minutes"),
    ],
)
def test_time_left_is_counted_in_the_largest_unit(time: timedelta, zh: str, en: str) -> None:
    with translation.override("zh-hans"):
        assert words.left(NOW + time, NOW)["text"] == zh
    with translation.override("en"):
        assert words.left(NOW + time, NOW)["text"] == en


def test_an_english_date_cannot_be_read_two_ways() -> None:
    with translation.override("en"):
        assert words.day(NOW.date()) == "2026-11-23"
        assert words.when(NOW + timedelta(days=14), NOW) == "12-07 Mon 12:00"
        assert words.when(NOW + timedelta(days=60), NOW) == "2027-01-22 Fri 12:00"


@pytest.mark.parametrize(
    ("op", "of", "zh", "en"),
    [
        (">", "present", "赞成超过到会人数的 2/3 为通过", "more than 2/3 of those present agree"),
        (">=", "present", "赞成达到到会人数的 2/3 为通过", "at least 2/3 of those present agree"),
        (">", "all", "赞成超过全体的 2/3 为通过", "more than 2/3 of all members agree"),
        (">=", "all", "赞成达到全体的 2/3 为通过", "at least 2/3 of all members agree"),
    ],
)
def test_a_majority_is_a_sentence(op: str, of: str, zh: str, en: str) -> None:
    with translation.override("zh-hans"):
        assert words.majority(op, of, Fraction(2, 3)) == zh
    with translation.override("en"):
        assert words.majority(op, of, Fraction(2, 3)).endswith(en)


def test_a_quorum_keeps_more_than_and_at_least_apart() -> None:
    with translation.override("zh-hans"):
        assert words.quorum(">", Fraction(1, 2)) == "到会超过 1/2 才算数"
        assert words.quorum(">=", Fraction(1, 2)) == "到会达到 1/2 才算数"
