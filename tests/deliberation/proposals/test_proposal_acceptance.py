"""The acceptance test with its reasons, the appeal to the level above, and merging."""

import pytest

from deliberation.proposals_cast import ALL_YES, DAY, Street, make_street
from gongzhi.core.errors import BadInput, NotAllowed, Refused, Stale
from gongzhi.deliberation.proposals import actions
from gongzhi.deliberation.proposals.models import (
    Proposal,
    Review,
)
from gongzhi.matters import actions as matters
from gongzhi.matters.models import Follower
from gongzhi.people.models import Note
from gongzhi.publications.models import Publication
from people import County

pytestmark = pytest.mark.django_db


@pytest.fixture
def street(county: County) -> Street:
    """Ah-Mei's town, which governs by four platforms."""
    return make_street(county)


def test_accepting_answers_every_test_and_binds_the_seconders(street: Street) -> None:
    proposal = street.filed()
    by = street.held("committee")
    with pytest.raises(BadInput, match="五问"):
        actions.accept(proposal_id=proposal.pk, by=by, at=street.at,
                       answers=ALL_YES | {"lawful": False})  # fmt: skip
    actions.accept(proposal_id=proposal.pk, by=by, at=street.at, answers=ALL_YES, key="k")
    actions.accept(proposal_id=proposal.pk, by=by, at=street.at, answers=ALL_YES, key="k")
    review = Review.objects.get(proposal=proposal)
    assert (review.accepted, review.failed) == (True, [])
    assert street.state(proposal) == "deliberating"
    assert Follower.objects.filter(matter=street.again(proposal).matter).count() == 3
    with pytest.raises(Stale):
        actions.accept(proposal_id=proposal.pk, by=by, at=street.at, answers=ALL_YES)


def test_only_the_desk_accepts(street: Street) -> None:
    proposal = street.filed()
    for who in (street.neighbours[0].pk, street.held("supervisor"), street.county.ah_mei.pk):
        with pytest.raises(NotAllowed):
            actions.accept(proposal_id=proposal.pk, by=who, at=street.at, answers=ALL_YES)
    assert not Review.objects.exists()


def test_a_refusal_is_published_with_its_reasons_and_without_the_name(street: Street) -> None:
    proposal = street.filed(wrong="阿梅家门口没有扶手，老人难走。")
    with pytest.raises(BadInput) as refused:
        actions.give_back(proposal_id=proposal.pk, by=street.held("committee"), at=street.at,
                          failed=(), reasons="这是物业合同里的事")  # fmt: skip
    assert refused.value.field == "failed"
    actions.give_back(proposal_id=proposal.pk, by=street.held("committee"), at=street.at,
                      failed=("in_scope",), reasons="这是物业合同里的事，请找物业。")  # fmt: skip
    assert street.state(proposal) == "returned"
    item = Publication.objects.get(subject="proposal", subject_id=proposal.pk)
    assert (item.until_at - item.from_at).days >= 15
    assert "阿梅" not in str(item.body)
    assert "物业合同" in str(item.body)
    assert Note.objects.filter(person=street.county.ah_mei).get().words.count("物业合同") == 1


def returned(street: Street) -> Proposal:
    proposal = street.filed()
    actions.give_back(proposal_id=proposal.pk, by=street.held("committee"), at=street.at,
                      failed=("in_scope",), reasons="这是物业合同里的事，请找物业。")  # fmt: skip
    return street.again(proposal)


def test_the_level_above_answers_an_appeal_and_takes_the_proposal_on(street: Street) -> None:
    proposal = returned(street)
    ah_mei, officer = street.county.ah_mei.pk, street.held("town_officer")
    with pytest.raises(NotAllowed):
        actions.appeal(proposal_id=proposal.pk, by=street.neighbours[0].pk, at=street.at,
                       words="我们都要")  # fmt: skip
    actions.appeal(proposal_id=proposal.pk, by=ah_mei, at=street.at, words="合同里没有写扶手")
    with pytest.raises(NotAllowed, match="上一级"):
        actions.answer_appeal(proposal_id=proposal.pk, by=street.held("committee"), at=street.at,
                              upheld=True, answer="还是我来看")  # fmt: skip
    before = proposal.matter_id
    actions.answer_appeal(proposal_id=proposal.pk, by=officer, at=street.at, upheld=True,
                          answer="合同里确实没有，应当受理。")  # fmt: skip
    again = street.again(proposal)
    assert again.matter_id != before
    assert again.matter is not None
    assert (again.matter.level, again.matter.stage) == ("street", "yi")
    assert street.state(proposal) == "deliberating"
    with pytest.raises(Stale):
        actions.answer_appeal(proposal_id=proposal.pk, by=officer, at=street.at, upheld=False,
                              answer="再想想不行")  # fmt: skip


def test_an_appeal_not_upheld_leaves_it_returned_and_comes_in_time_only(street: Street) -> None:
    proposal = returned(street)
    with pytest.raises(Refused, match="已经过了"):
        actions.appeal(proposal_id=proposal.pk, by=street.county.ah_mei.pk,
                       at=street.at + 16 * DAY, words="我不同意退回")  # fmt: skip
    actions.appeal(proposal_id=proposal.pk, by=street.county.ah_mei.pk, at=street.at,
                   words="我不同意退回")  # fmt: skip
    actions.answer_appeal(proposal_id=proposal.pk, by=street.held("town_officer"), at=street.at,
                          upheld=False, answer="物业合同第三条写了。")  # fmt: skip
    assert street.state(proposal) == "returned"
    assert street.get(proposal)["review"]["appeal"]["upheld"] is False


def test_what_the_desk_does_with_the_matter_reaches_the_proposal(street: Street) -> None:
    proposal = street.filed()
    assert proposal.matter_id is not None
    matters.move(matter_id=proposal.matter_id, verb="accept", by=street.held("committee"),
                 at=street.at)  # fmt: skip
    row = {"kind": "matter.accept", "subject_id": proposal.matter_id}
    for _ in range(2):
        actions.follow_matter(row, street.at)
    assert street.again(proposal).accepted_at == street.at
    assert Review.objects.filter(proposal=proposal).count() == 1


def test_merging_carries_each_household_over_once(street: Street) -> None:
    other = street.filed(title="扶手从一楼装到六楼")
    made = actions.propose(by=street.neighbours[5].pk, at=street.at, key=None,
                           form=street.form(title="楼梯要装扶手"))  # fmt: skip
    proposal = Proposal.objects.get(pk=made.id)
    for person in (street.neighbours[0], street.neighbours[6]):  # the first seconded both
        actions.second(proposal_id=proposal.pk, by=person.pk, at=street.at)
    carried = actions.merge(proposal_id=proposal.pk, into=other.number, at=street.at,
                            by=street.held("committee"), reason="说的是同一件事")  # fmt: skip
    assert carried == 2  # the new household and the proposer's
    assert street.again(other).seconded == 5
    assert street.state(proposal) == "merged"
    assert Note.objects.filter(person=street.neighbours[5]).exists()


def test_a_filed_proposal_is_merged_with_its_matter(street: Street) -> None:
    one, two = street.filed(), street.filed(title="再装一次扶手")
    actions.merge(proposal_id=one.pk, into=two.number, by=street.held("committee"), at=street.at,
                  reason="重复提了")  # fmt: skip
    merged = street.again(one).matter
    assert merged is not None
    assert (merged.outcome, merged.merged_into_id) == ("merged", street.again(two).matter_id)
    with pytest.raises(BadInput):
        actions.merge(proposal_id=one.pk, into=two.number, by=street.held("committee"),
                      at=street.at, reason="再并一次")  # fmt: skip
