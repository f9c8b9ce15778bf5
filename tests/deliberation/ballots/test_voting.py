"""A vote: once, changed until the end, secret where it is secret, counted and never typed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

import people
from gongzhi.core.errors import BadInput, NotAllowed, Refused, Stale
from gongzhi.core.models import Outbox
from gongzhi.deliberation.ballots import actions, rules
from gongzhi.deliberation.ballots.models import Ballot, Elector, Motion
from gongzhi.publications.models import Publication
from voters import HOUR, noticed, poll, sql, villagers

pytestmark = pytest.mark.django_db


def test_a_vote_is_counted_judged_and_published(county: people.County) -> None:
    vote = poll(county).open().votes(**{"for": 5, "against": 1})
    result = vote.close()
    assert (result.verdict, result.won, result.counts.for_) == ("pass", ("for",), 5)
    published = Publication.objects.get(subject="motion", subject_id=vote.id)
    assert result.root in published.body["root"]
    assert "通过" in published.body["body"]
    assert "不代替法定会议的决定" in published.body["body"]
    told = Outbox.objects.get(kind="motion.closed", subject_id=vote.id)
    assert told.data["root"] == result.root == vote.board["root"]


def test_half_of_those_there_is_not_a_majority(county: people.County) -> None:
    assert poll(county).open().votes(**{"for": 3, "against": 3}).close().verdict == "fail"


def test_a_missed_quorum_is_no_decision(county: people.County) -> None:
    vote = poll(county).open().votes(**{"for": 5})
    result = vote.close()
    assert (result.verdict, result.won) == ("no_decision", ())
    published = Publication.objects.get(subject="motion", subject_id=vote.id)
    assert "没有作出决定" in published.body["body"]
    assert "没有通过" not in published.body["body"]


def test_a_vote_can_be_changed_until_the_end(county: people.County) -> None:
    vote = poll(county).open()
    first = vote.vote(0, "for")
    second = vote.vote(0, "against", seen=first.version)
    assert second.version == 2
    assert [b.choice for b in vote.ballots()] == [["against"]]


def test_the_same_vote_sent_again_is_one_ballot(county: people.County) -> None:
    for secret in (False, True):
        vote = poll(county, secret=secret, voters=villagers(county, 3)).open()
        first, again = vote.vote(0, "for"), vote.vote(0, "for")
        assert (first.repeated, again.repeated, again.version) == (False, True, 1)
        assert len(vote.ballots()) == 1


def test_an_old_request_arriving_late_does_not_undo_a_change(county: people.County) -> None:
    vote = poll(county).open()
    vote.vote(0, "for")
    vote.vote(0, "against", seen=1)
    with pytest.raises(Stale):
        vote.vote(0, "for")
    with pytest.raises(Stale):
        vote.vote(0, "abstain", seen=1)
    assert vote.ballots()[0].choice == ["against"]


def test_after_the_end_no_vote_counts_even_before_the_count(county: people.County) -> None:
    vote = poll(county).open()
    vote.vote(0, at=vote.at + 24 * HOUR - timedelta(microseconds=1))
    with pytest.raises(Refused) as late:
        vote.vote(1, at=vote.at + 24 * HOUR)
    assert late.value.code == "closed"
    with pytest.raises(Refused):
        vote.vote(1, at=vote.at - HOUR)
    with pytest.raises(Refused):
        vote.vote(0, "against", seen=1, at=vote.at + 24 * HOUR)
    assert len(vote.ballots()) == 1


def test_an_announced_end_is_kept_unless_everybody_voted(county: people.County) -> None:
    vote = poll(county, count=3).open().votes(**{"for": 2})
    with pytest.raises(Refused) as early:
        vote.close(at=vote.at + 2 * HOUR)
    assert early.value.code == "too_early"
    vote.vote(2, "against")
    assert vote.close(at=vote.at + 2 * HOUR).verdict == "pass"


def test_counted_twice_gives_the_same_result(county: people.County) -> None:
    vote = poll(county).open().votes(**{"for": 6})
    assert vote.close() == vote.close(at=vote.at + 30 * HOUR)
    assert Outbox.objects.filter(kind="motion.closed").count() == 1


def test_who_is_not_on_the_roll_does_not_vote(county: people.County) -> None:
    vote = poll(county).open()
    vote.voters.append(county.he)
    with pytest.raises(NotAllowed) as stranger:
        vote.vote(10)
    assert stranger.value.code == "not_on_roll"
    with pytest.raises(NotAllowed):
        vote.vote(0, by=county.he.pk)
    assert vote.ballots() == []


def test_the_roll_is_frozen_when_the_vote_opens(county: people.County) -> None:
    vote = poll(county, electorate="villagers_18", voters=villagers(county, 4)).open()
    late = villagers(county, 1)
    vote.voters += late
    with pytest.raises(NotAllowed):
        vote.vote(4)
    for change in (
        "insert into ballots_elector (motion_id, person_id, area, blocked, here, voted)"
        f" values ({vote.id}, {late[0].pk}, 0, '', false, '')",
        f"update ballots_elector set area = 7 where motion_id = {vote.id}",
        f"delete from ballots_elector where motion_id = {vote.id}",
    ):
        with pytest.raises(DatabaseError, match="roll"), transaction.atomic():
            sql(change)


@pytest.mark.parametrize("wrong", [(), ("for", "against"), ("nothing",)])
def test_a_vote_the_method_does_not_know_is_refused(
    county: people.County, wrong: tuple[str, ...]
) -> None:
    vote = poll(county).open()
    with pytest.raises(BadInput):
        actions.vote(
            motion_id=vote.id, person_id=vote.voters[0].pk, choice=wrong, at=vote.at + HOUR,
            receipt=rules.receipt_code(), by=vote.voters[0].pk,
        )  # fmt: skip
    assert not Ballot.objects.filter(motion=vote.id).exists()


def test_one_of_several_needs_the_majority_and_a_tie_chooses_none(county: people.County) -> None:
    more: dict[str, Any] = {"method": "single", "options": ["东头", "西头", "桥边"]}
    vote = poll(county, **more).open().votes(o1=6, o2=2, o3=1, abstain=1)
    assert vote.close().won == ("o1",)
    tied = poll(county, voters=villagers(county, 10), **more).open().votes(o1=5, o2=5)
    assert tied.close().won == ()
    weak = poll(county, voters=villagers(county, 10), **more).open().votes(o1=4, o2=3, o3=3)
    assert weak.close().verdict == "fail"


def test_several_may_be_ticked_up_to_the_number_said(county: people.County) -> None:
    vote = poll(county, method="multiple", options=["甲", "乙", "丙"], most=2).open()
    vote.vote(0, "o1", "o2")
    with pytest.raises(BadInput):
        vote.vote(1, "o1", "o2", "o3")
    with pytest.raises(BadInput):
        vote.vote(1, "o1", "abstain")
    for who in range(1, 6):
        vote.vote(who, "o1", "o3")
    assert vote.close().won == ("o1", "o3")


def test_approval_takes_every_option_that_has_the_majority(county: people.County) -> None:
    vote = poll(county, method="approval", options=["甲", "乙", "丙"]).open()
    for who in range(8):
        vote.vote(who, *(["o1", "o2", "o3"][: 1 + who % 3]))
    result = vote.close()
    assert result.won == ("o1", "o2")
    assert vote.board["head"]["result"]["votes"]["o3"]["votes"] == 2


def test_owners_are_weighed_by_area_and_heads_both(county: people.County) -> None:
    owners = villagers(county, 6)
    vote = poll(
        county, voters=owners, areas=[50_000, 10_000, 10_000, 10_000, 10_000, 10_000],
        rule="owners_meeting_ordinary",
    )  # fmt: skip
    noticed(vote).open()
    vote.votes(**{"for": 1, "against": 3})
    result = vote.close()
    assert result.verdict == "fail"  # five ninths of the area, but one head of four
    assert (result.counts.for_area, result.counts.participating_area) == (50_000, 80_000)
    assert {b["area"] for b in vote.board["ballots"]} == {50_000, 10_000}


def test_an_owner_without_a_known_area_stops_the_opening(county: people.County) -> None:
    vote = noticed(poll(county, count=3, areas=[100, 0, 100], rule="owners_meeting_ordinary"))
    with pytest.raises(Refused, match="面积"), transaction.atomic():
        vote.open()
    assert vote.row.state == "draft"
    assert not Elector.objects.filter(motion=vote.id).exists()


def test_area_and_secrecy_do_not_go_together(county: people.County) -> None:
    with pytest.raises(BadInput):
        poll(county, rule="owners_meeting_ordinary", secret=True)
    vote = poll(county)
    with pytest.raises(IntegrityError, match="area_would_tell_the_voter"), transaction.atomic():
        Motion.objects.filter(pk=vote.id).update(secret=True, weighted=True)
