"""What is done with the matter of a proposal reaches the proposal, once, through the outbox."""

import pytest

from deliberation.proposals_cast import Street, make_street
from gongzhi import reactions
from gongzhi.deliberation.proposals.models import Review
from gongzhi.matters import actions as matters
from people import County

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
