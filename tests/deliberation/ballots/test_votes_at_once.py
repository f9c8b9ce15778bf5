"""Many phones, many connections, one vote: each ballot exactly once."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

import people
from gongzhi.core.errors import Refused
from gongzhi.deliberation.ballots import actions, recount, rules
from gongzhi.deliberation.ballots.models import Ballot, Elector, Motion
from gongzhi.publications.models import Publication
from voters import HOUR, Poll, poll

pytestmark = pytest.mark.django_db(transaction=True)
HANDS = 8


def at_once(calls: list[Any]) -> list[Any]:
    """What each call gave, or the refusal; all on connections of their own."""
    gate = Barrier(min(HANDS, len(calls)))

    def first(call: Any) -> Any:
        if gate.n_waiting < gate.parties and not gate.broken:
            try:
                gate.wait(0.5)
            except Exception:
                gate.abort()
        try:
            return call()
        except Refused as refusal:
            return refusal

    with ThreadPoolExecutor(HANDS) as pool:
        answers = list(pool.map(first, calls))
        list(pool.map(lambda _: connection.close(), range(HANDS * 2)))
    return answers


def thrice(vote: Poll, who: int) -> list[Any]:
    """The same vote twice from one phone, and another one from a second device."""
    choice = "for" if who % 3 else "against"
    first = partial(vote.vote, who, choice)
    return [first, first, partial(Poll(vote.county, vote.id, vote.voters).vote, who, "abstain")]


def everybody_votes(county: people.County, count: int, *, secret: bool) -> None:
    vote = poll(county, count=count, secret=secret).open()
    for who in range(count):
        vote.codes[who] = rules.receipt_code()
    answers = at_once([call for who in range(count) for call in thrice(vote, who)])
    assert all(isinstance(answer, actions.Voted | Refused) for answer in answers)
    assert Ballot.objects.filter(motion=vote.id).count() == count
    assert Elector.objects.filter(motion=vote.id, voted="phone").count() == count
    result = vote.close(at=vote.at + 2 * HOUR)
    assert result.counts.participating == count
    assert recount.problems(vote.board) == []


@pytest.mark.parametrize("secret", [False, True])
@pytest.mark.slow
def test_every_phone_sends_twice_and_from_two_devices_and_counts_once(
    county: people.County, secret: bool
) -> None:
    everybody_votes(county, 120, secret=secret)


@pytest.mark.nightly
def test_a_thousand_phones_in_the_same_minute(county: people.County) -> None:
    everybody_votes(county, 1000, secret=True)


def test_a_vote_that_meets_the_closing_is_counted_or_refused_never_lost(
    county: people.County,
) -> None:
    vote = poll(county, count=40, live=True).open(closes_at=None)
    calls: list[Any] = [lambda w=who: vote.vote(w) for who in range(40)]
    calls.insert(20, lambda: vote.close(at=vote.at + HOUR))
    answers = at_once(calls)
    cast = sum(isinstance(answer, actions.Voted) for answer in answers)
    assert (Motion.objects.get(pk=vote.id).result or {})["ballots"] == cast
    assert len(vote.board["ballots"]) == cast
    late = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(late) == 40 - cast
    assert {refusal.code for refusal in late} <= {"closed"}


def test_two_hosts_close_together_and_it_is_counted_once(county: people.County) -> None:
    vote = poll(county, count=6).open().votes(**{"for": 6})
    answers = at_once([vote.close] * 4)
    assert len({answer.root for answer in answers}) == 1
    assert Publication.objects.filter(subject="motion", subject_id=vote.id).count() == 1


def test_paper_and_phone_at_the_same_moment_are_one_vote(county: people.County) -> None:
    vote = poll(county, count=12).open()
    sun = county.holders["supervisor"].pk
    calls: list[Any] = []
    for who, person in enumerate(vote.voters):
        calls.append(lambda w=who: vote.vote(w))
        calls.append(
            lambda p=person: actions.hand_out(
                motion_id=vote.id, person_ids=[p.pk], by=sun, at=vote.at + HOUR
            )
        )
    at_once(calls)
    phones = Elector.objects.filter(motion=vote.id, voted="phone").count()
    papers = Elector.objects.filter(motion=vote.id, voted="paper").count()
    assert phones + papers == 12
    assert Ballot.objects.filter(motion=vote.id).count() == phones
