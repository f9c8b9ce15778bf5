"""What is done with the matter of a proposal reaches the proposal, once, through the outbox."""

from typing import Any

import pytest

import assemblies
from deliberation.proposals_cast import HOUR, Street, make_street
from gongzhi import reactions
from gongzhi.deliberation.ballots import actions as ballots
from gongzhi.deliberation.ballots import rules
from gongzhi.deliberation.bodies import actions as bodies
from gongzhi.deliberation.meetings import actions as meetings
from gongzhi.deliberation.proposals import actions
from gongzhi.deliberation.proposals.models import Decision, Proposal, Review
from gongzhi.matters import actions as matters
from people import START, County

pytestmark = pytest.mark.django_db


@pytest.fixture
def street(county: County) -> Street:
    """Ah-Mei's town, which governs by four platforms."""
    return make_street(county)


def test_a_matter_accepted_at_the_desk_accepts_its_proposal(street: Street) -> None:
    proposal = street.filed()
    assert proposal.matter_id is not None
    matters.move(matter_id=proposal.matter_id, verb="accept", by=street.held("committee"),
                 at=street.at)  # fmt: skip
    while reactions.run(at=street.at):
        pass
    assert street.again(proposal).accepted_at == street.at
    assert Review.objects.get(proposal=proposal).accepted


def test_a_matter_refused_at_the_desk_returns_its_proposal_with_the_reason(street: Street) -> None:
    proposal = street.filed()
    assert proposal.matter_id is not None
    matters.move(matter_id=proposal.matter_id, verb="refuse", by=street.held("committee"),
                 at=street.at, reason="这是物业合同里的事")  # fmt: skip
    while reactions.run(at=street.at):
        pass
    assert street.again(proposal).phase == "returned"
    assert Review.objects.get(proposal=proposal).reasons == "这是物业合同里的事"


def put_to_the_vote(street: Street, proposal: Proposal, **more: object) -> int:
    """A motion on the proposal's matter; ten neighbours vote for it, and it is counted."""
    by = street.held("committee")
    asked: dict[str, Any] = {
        "title": "装不装扶手", "text_": "从一楼到四楼装上木扶手。", "by": by, "at": street.at,
        "matter_id": proposal.matter_id,
    }  # fmt: skip
    motion = ballots.propose_motion(**(asked | more))
    ballots.open_motion(motion_id=motion, by=by, at=street.at, closes_at=street.at + HOUR)
    for person in street.neighbours[:10]:
        ballots.vote(motion_id=motion, person_id=person.pk, by=person.pk, choice=("for",),
                     receipt=rules.receipt_code(), at=street.at)  # fmt: skip
    street.at += HOUR
    ballots.close_motion(motion_id=motion, by=by, at=street.at)
    return motion


def react(street: Street) -> None:
    while reactions.run(at=street.at):
        pass


def test_a_vote_on_the_matter_is_the_decision_of_its_proposal(street: Street) -> None:
    proposal = street.accepted()
    street.at += HOUR
    actions.hear(proposal_id=proposal.pk, by=street.held("committee"), at=street.at, seats=12,
                 present=9, words="都说要装")  # fmt: skip
    motion = put_to_the_vote(
        street, proposal, place_id=street.county.place("building").pk,
        house={"quorum": [{"share": "1/2", "op": ">"}]},
        listed=[(person.pk, 0) for person in street.neighbours],
    )  # fmt: skip
    react(street)
    made = Decision.objects.get(proposal=proposal)
    assert (made.motion_id, made.session_id, made.verdict, made.binding) == (
        motion, None, "pass", False,
    )  # fmt: skip
    assert (made.method, made.level) == ("vote", "courtyard")
    actions.follow_motion(motion)  # told twice, kept once
    assert Decision.objects.filter(proposal=proposal).count() == 1
    assert street.get(proposal)["decisions"][0]["motion"] == motion


def test_a_binding_vote_at_a_session_is_kept_with_that_session(street: Street) -> None:
    proposal = street.accepted()
    street.at += HOUR
    actions.hear(proposal_id=proposal.pk, by=street.held("committee"), at=street.at, seats=12,
                 present=9, words="都说要装")  # fmt: skip
    whose = assemblies.body(street.county, "villager_rep_meeting")
    for person in street.neighbours:
        bodies.seat(body_id=whose, person_id=person.pk, seat_class="representative",
                    by=street.held("committee"), at=street.at, from_on=START)  # fmt: skip
    held = assemblies.meeting(street.county, of=whose)
    item = meetings.add_item(session_id=held.id, kind="motion", title="装不装扶手",
                             by=held.host.pk, at=held.at)  # fmt: skip
    held.notice().begins().comes(*street.neighbours).opens()
    street.at = held.at
    motion = put_to_the_vote(street, proposal, session_id=held.id, item_id=item)
    react(street)
    made = Decision.objects.get(proposal=proposal)
    assert (made.motion_id, made.session_id, made.binding) == (motion, held.id, True)


def test_a_vote_about_no_proposal_leaves_no_decision(street: Street) -> None:
    proposal = street.accepted()
    put_to_the_vote(
        street, proposal, place_id=street.county.place("building").pk, matter_id=None,
        house={"quorum": [{"share": "1/2", "op": ">"}]},
        listed=[(person.pk, 0) for person in street.neighbours],
    )  # fmt: skip
    react(street)
    assert not Decision.objects.exists()
