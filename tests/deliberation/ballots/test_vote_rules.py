"""What the law wants of a vote: notice, who stands aside, what binds, what stands for ever."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

import people
from gongzhi.core.errors import BadInput, NotAllowed, Refused, Stale
from gongzhi.deliberation.ballots import actions, queries
from gongzhi.deliberation.ballots.models import Elector, Motion, Use
from gongzhi.people.models import Appointment, Kinship
from gongzhi.publications.models import Publication
from lives import statements
from voters import HOUR, Poll, noticed, poll, sql, villagers

pytestmark = pytest.mark.django_db


def test_what_the_law_asks_notice_for_cannot_open_without_it(county: people.County) -> None:
    vote = poll(county, rule="villagers_assembly")
    with pytest.raises(Refused) as soon:
        vote.open()
    assert "第二十五条" in soon.value.todo
    noticed(vote, days=9)
    with pytest.raises(Refused):
        vote.open()
    vote.at += timedelta(days=1)
    vote.open()
    assert vote.row.binding


def test_special_circumstances_allow_shorter_notice_only_where_the_law_says_so(
    county: people.County,
) -> None:
    flood = noticed(poll(county, rule="villagers_assembly"), days=0)
    flood.open(adhoc="汛期抢险，当天要定")
    assert flood.row.adhoc
    old = poll(county, rule="villagers_assembly", edition="2018", voters=villagers(county, 3))
    with pytest.raises(Refused):
        noticed(old, days=0).open(adhoc="汛期抢险，当天要定")


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("选举新一届村民委员会主任", ""),
        ("社区居委会换届选举", ""),
        ("罢免村委会副主任", ""),
        ("定一件事", "village_committee_election"),
    ],
)
def test_committee_elections_are_refused_with_the_article(
    county: people.County, title: str, subject: str
) -> None:
    with pytest.raises(Refused) as refused:
        poll(county, title=title, subject=subject)
    assert refused.value.code == "off_line_only"
    assert "第" in refused.value.todo
    assert not Motion.objects.exists()


def test_an_owners_committee_may_be_chosen_here(county: people.County) -> None:
    owners: dict[str, Any] = {"voters": villagers(county, 2), "areas": [1, 1]}
    assert poll(county, title="选举业主委员会成员", rule="owners_meeting_ordinary", **owners).id


def test_representatives_cannot_decide_what_the_law_keeps_for_all_members(
    county: people.County,
) -> None:
    with pytest.raises(Refused) as withheld:
        poll(county, rule="collective_rep_assembly", subject="merger_division")
    assert "第二十八条" in withheld.value.todo


def test_a_forums_opinion_never_binds(county: people.County) -> None:
    vote = poll(county)
    assert not vote.row.binding
    with pytest.raises(IntegrityError, match="forum_opinion_never_binds"), transaction.atomic():
        Motion.objects.filter(pk=vote.id).update(binding=True)


def test_family_kin_and_firm_of_a_party_stand_aside(county: people.County) -> None:
    voters = villagers(county, 8, household_of=2)
    Kinship.objects.create(person=voters[0], other=voters[4], how="兄弟")
    Appointment.objects.create(
        person=voters[5], role="org_manager", place=county.place("village"),
        organisation=county.water, from_on=people.START,
    )  # fmt: skip
    vote = poll(county, voters=voters, parties=[voters[0].pk], firms=[county.water.pk]).open()
    reasons = [vote.line(n).blocked for n in range(6)]
    assert [bool(reason) for reason in reasons] == [True, True, False, False, True, True]
    for blocked in (0, 1, 4, 5):
        with pytest.raises(NotAllowed) as aside:
            vote.vote(blocked)
        assert aside.value.code == "conflict"
        assert vote.line(blocked).blocked in aside.value.words
    vote.vote(2)
    with pytest.raises(IntegrityError, match="conflict_blocks_vote"), transaction.atomic():
        Elector.objects.filter(pk=vote.line(0).pk).update(voted="phone")


def test_somebody_may_stand_aside_himself_before_he_has_voted(county: people.County) -> None:
    vote = poll(county).open()
    me, other = vote.voters[0].pk, vote.voters[1].pk
    actions.declare_conflict(
        motion_id=vote.id, person_id=me, reason="路灯装在我家地上", by=me, at=vote.at + HOUR
    )
    with pytest.raises(NotAllowed):
        vote.vote(0)
    with pytest.raises(NotAllowed):
        actions.declare_conflict(
            motion_id=vote.id, person_id=other, reason="他有利害关系", by=me, at=vote.at + HOUR
        )
    vote.vote(1)
    with pytest.raises(Refused):
        actions.declare_conflict(
            motion_id=vote.id, person_id=other, reason="已经投了", by=other, at=vote.at + HOUR
        )


def test_what_was_counted_stands_for_ever(county: people.County) -> None:
    vote = poll(county).open().votes(**{"for": 6})
    vote.close()
    for change in (
        f"update ballots_motion set result = '{{}}' where id = {vote.id}",
        f"update ballots_motion set state = 'open' where id = {vote.id}",
        f"delete from ballots_motion where id = {vote.id}",
        f"""update ballots_ballot set choice = '["against"]' where motion_id = {vote.id}""",
        f"delete from ballots_ballot where motion_id = {vote.id}",
        f"update ballots_elector set voted = '' where motion_id = {vote.id}",
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            sql(change)


def test_what_is_put_to_the_vote_does_not_change_meanwhile(county: people.County) -> None:
    vote = poll(county).open()
    for change in ("title = '别的事'", "rule = 'villagers_assembly'", "options = '[]'",
                   "closes_at = closes_at + interval '1 hour'", "state = 'draft'"):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            sql(f"update ballots_motion set {change} where id = {vote.id}")
    with pytest.raises(IntegrityError, match="result_only_when_closed"), transaction.atomic():
        sql(f"update ballots_motion set result = '{{}}' where id = {vote.id}")


def test_more_ballots_than_voters_can_never_be_counted(county: people.County) -> None:
    vote = poll(county, secret=True).open().votes(**{"for": 6})
    sql(
        "insert into ballots_ballot (id, motion_id, secret, choice, weight, receipt, version)"
        f""" values (gen_random_uuid(), {vote.id}, true, '["for"]', 0, 'stuffed', 1)"""
    )
    with pytest.raises(IntegrityError, match="6 on the roll"), transaction.atomic():
        vote.close()
    assert vote.row.state == "open"


def test_before_the_count_nobody_reads_how_it_stands(county: people.County) -> None:
    vote = poll(county).open().votes(**{"for": 6, "against": 1})
    for who in ("workshop_host", "committee", "town_officer", "supervisor"):
        seen = queries.get(county.viewer(who), vote.id)
        assert seen["result"] is None
        assert seen["choice"] is None
        told = queries.turnout(seen)
        assert told["voted"] == 7
        assert not {"for", "against", "votes"} & told.keys()
        line = queries.roll(vote.id)["rows"][0]
        assert "choice" not in line
    with pytest.raises(Refused):
        queries.board(vote.id)
    assert all(row["verdict"] is None for row in queries.desk(county.viewer("committee"))["rows"])


def test_a_vote_is_at_most_two_statements(county: people.County) -> None:
    for secret in (False, True):
        vote = poll(county, secret=secret, voters=villagers(county, 3)).open()
        assert len(statements(lambda v=vote: v.vote(0))) <= 2  # type: ignore[misc]
        assert len(statements(lambda v=vote: v.vote(0, "against", seen=1))) <= 2  # type: ignore[misc]


def test_only_those_who_run_it_open_and_count(county: people.County) -> None:
    vote = poll(county)
    outsider = replace(vote, voters=vote.voters)
    for who in (county.ah_mei, county.he, county.foreign["committee"]):
        with pytest.raises(NotAllowed):
            actions.open_motion(
                motion_id=outsider.id, by=who.pk, at=vote.at, closes_at=vote.at + HOUR
            )
    vote.open().votes(**{"for": 6})
    with pytest.raises(NotAllowed):
        vote.close(by=county.ah_mei.pk)
    assert vote.row.state == "open"


def test_the_clock_counts_what_is_over(county: people.County) -> None:
    from gongzhi.deliberation.ballots import jobs

    vote = poll(county).open().votes(**{"for": 6})
    assert jobs.sweep(at=vote.at + 23 * HOUR) == 0
    assert jobs.sweep(at=vote.at + 24 * HOUR) == 1
    assert (vote.row.result or {})["verdict"] == "pass"
    assert jobs.sweep(at=vote.at + 25 * HOUR) == 0


def test_used_or_not_is_said_once_with_a_reason_and_only_of_an_opinion(
    county: people.County,
) -> None:
    vote = poll(county).open().votes(**{"for": 6})
    said: dict[str, Any] = {"motion_id": vote.id, "by": vote.host.pk, "at": vote.at + 40 * HOUR}
    with pytest.raises(Refused):
        actions.say_use(used=False, reason="预算不够，明年再办", **said)
    vote.close()
    with pytest.raises(BadInput):
        actions.say_use(used=False, reason="不", **said)
    actions.say_use(used=False, reason="预算不够，明年再办", **said)
    with pytest.raises(Stale):
        actions.say_use(used=True, reason="改主意了吧", **said)
    assert "预算不够" in Publication.objects.get(subject="motion_use").body["body"]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Use.objects.update(used=True)


def test_a_binding_resolution_is_not_used_or_unused(county: people.County) -> None:
    vote: Poll = noticed(poll(county, rule="villagers_assembly")).open().votes(**{"for": 6})
    assert vote.close().verdict == "pass"
    with pytest.raises(Refused):
        actions.say_use(
            motion_id=vote.id,
            used=True,
            reason="照办就是了",
            by=vote.host.pk,
            at=vote.at + 40 * HOUR,
        )
    with pytest.raises(IntegrityError, match="opinion"), transaction.atomic():
        Use.objects.create(
            motion_id=vote.id, used=True, reason="照办", by=vote.host, at=vote.at + 40 * HOUR
        )
