"""A proposal is written on the small form and seconded by households."""

from datetime import date

import pytest

from deliberation.proposals_cast import ALL_YES, DAY, HOUR, Street, make_street
from gongzhi.core.errors import BadInput, KeyReused, NotAllowed, NotFound, Refused
from gongzhi.core.models import Outbox
from gongzhi.deliberation.proposals import actions, queries
from gongzhi.deliberation.proposals.models import (
    Proposal,
    Seconder,
)
from lives import statements
from people import County

pytestmark = pytest.mark.django_db


@pytest.fixture
def street(county: County) -> Street:
    """Ah-Mei's town, which governs by four platforms."""
    return make_street(county)


def test_a_proposal_opens_to_seconders(street: Street) -> None:
    proposal = street.propose()
    assert proposal.phase == "seconding"
    assert proposal.number.startswith("TA26")
    assert proposal.needed == 3
    assert proposal.reach_path == street.county.place("building").path
    assert proposal.matter is None
    assert [e.kind for e in proposal.events.all()] == ["opened"]
    assert Outbox.objects.filter(kind="proposal.opened", subject_id=proposal.pk).exists()


def test_a_wider_reach_needs_five_households(street: Street) -> None:
    assert street.propose(reach="grid").needed == 5
    wide = street.propose(reach="street")
    assert wide.needed == 5
    assert wide.reach_path == street.county.place("town").path


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("title", {"title": "扶手"}), ("wrong", {"wrong": ""}), ("wrong", {"wrong": "长" * 301}),
        ("propose", {"propose": ""}), ("topic", {"topic": "money"}), ("topic", {"topic": ""}),
        ("households", {"households": None}), ("households", {"households": 0}),
        ("reach", {"reach": "world"}), ("place", {"place_id": 999_999_999}),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_by_its_field(
    street: Street, field: str, wrong: dict[str, object]
) -> None:
    with pytest.raises(BadInput) as refused:
        street.propose(**wrong)
    assert refused.value.field == field
    assert not Proposal.objects.exists()


def test_the_same_form_sent_twice_is_one_proposal(street: Street) -> None:
    send = {"by": street.county.ah_mei.pk, "at": street.at, "key": "one"}
    first = actions.propose(**send, form=street.form())  # type: ignore[arg-type]
    again = actions.propose(**send, form=street.form())  # type: ignore[arg-type]
    assert (again.id, again.repeated) == (first.id, True)
    with pytest.raises(KeyReused):
        actions.propose(**send, form=street.form(title="另一件事情"))  # type: ignore[arg-type]
    assert Proposal.objects.count() == 1


def test_a_draft_is_seen_by_its_author_alone(street: Street) -> None:
    county = street.county
    made = actions.propose(by=county.ah_mei.pk, at=street.at, key=None, draft=True,
                           form=street.form(wrong="", propose="", topic=""))  # fmt: skip
    assert queries.get(county.viewer(county.ah_mei), made.number, street.at)["state"] == "draft"
    for other in (county.neighbour, county.holders["committee"]):
        with pytest.raises(NotFound):
            queries.get(county.viewer(other), made.number, street.at)
    actions.rewrite(proposal_id=made.id, by=county.ah_mei.pk, at=street.at,
                    form=street.form(), open_=True)  # fmt: skip
    assert queries.get(county.viewer(county.neighbour), made.number, street.at)["state"] == (
        "seconding"
    )


def test_what_neighbours_have_seconded_is_not_rewritten(street: Street) -> None:
    proposal = street.propose()
    ah_mei = street.county.ah_mei.pk
    actions.rewrite(proposal_id=proposal.pk, by=ah_mei, at=street.at,
                    form=street.form(title="楼道装木扶手"), open_=False)  # fmt: skip
    street.second(proposal, 1)
    with pytest.raises(Refused, match="不能再改"):
        actions.rewrite(proposal_id=proposal.pk, by=ah_mei, at=street.at, form=street.form(),
                        open_=False)  # fmt: skip
    assert street.again(proposal).title == "楼道装木扶手"


def test_enough_households_file_it_as_a_matter_of_the_proposer(street: Street) -> None:
    proposal = street.propose()
    street.second(proposal, 2)
    assert street.again(proposal).phase == "seconding"
    street.second(proposal, 3)
    filed = street.again(proposal)
    assert (filed.phase, filed.seconded) == ("running", 3)
    matter = filed.matter
    assert matter is not None
    assert (matter.stage, matter.level) == ("ti", "courtyard")
    assert matter.raised_by_id == street.county.ah_mei.pk
    assert street.state(proposal) == "waiting"
    # Three working days from Monday 10:00.
    assert street.get(proposal)["due_at"].date() == date(2026, 11, 26)


def test_the_same_household_is_counted_once(street: Street) -> None:
    proposal, county = street.propose(), street.county
    assert actions.second(proposal_id=proposal.pk, by=county.brother.pk, at=street.at)
    assert not actions.second(proposal_id=proposal.pk, by=county.neighbour.pk, at=street.at)
    assert street.again(proposal).seconded == 1


def test_ones_own_household_and_strangers_cannot_second(street: Street) -> None:
    proposal, county = street.propose(), street.county
    with pytest.raises(NotAllowed, match="自己家"):
        actions.second(proposal_id=proposal.pk, by=county.ah_mei.pk, at=street.at)
    with pytest.raises(NotAllowed, match="涉及范围"):
        actions.second(proposal_id=proposal.pk, by=county.he.pk, at=street.at)
    assert not Seconder.objects.exists()


def test_a_household_may_stand_back_until_acceptance(street: Street) -> None:
    proposal = street.filed()
    first = street.neighbours[0].pk
    assert actions.withdraw_second(proposal_id=proposal.pk, by=first, at=street.at)
    assert not actions.withdraw_second(proposal_id=proposal.pk, by=first, at=street.at)
    assert street.again(proposal).seconded == 2
    assert actions.second(proposal_id=proposal.pk, by=first, at=street.at + HOUR)
    actions.accept(proposal_id=proposal.pk, by=street.held("committee"), at=street.at + HOUR,
                   answers=ALL_YES)  # fmt: skip
    with pytest.raises(Refused, match="不能再撤回"):
        actions.withdraw_second(proposal_id=proposal.pk, by=first, at=street.at + HOUR)


def test_staff_write_down_a_signature_on_paper_and_say_how(street: Street) -> None:
    proposal, grid_worker = street.propose(), street.held("grid_worker")
    who = street.neighbours[0].pk
    with pytest.raises(BadInput) as refused:
        actions.second(proposal_id=proposal.pk, by=grid_worker, at=street.at, for_person=who)
    assert refused.value.field == "how"
    assert actions.second(proposal_id=proposal.pk, by=grid_worker, at=street.at, for_person=who,
                          how="本人在纸上签名")  # fmt: skip
    with pytest.raises(NotAllowed):
        actions.second(proposal_id=proposal.pk, by=street.neighbours[1].pk, at=street.at,
                       for_person=street.neighbours[2].pk, how="他说同意")  # fmt: skip


def test_after_thirty_days_seconding_is_over(street: Street) -> None:
    proposal = street.propose()
    street.at += 31 * DAY
    with pytest.raises(Refused, match="过了"):
        street.second(proposal, 1)
    assert street.state(proposal) == "shelved"


def test_a_second_takes_three_statements(street: Street) -> None:
    proposal = street.propose(reach="grid")
    sent = statements(lambda: street.second(proposal, 1))
    assert len(sent) <= 3, sent
