"""A vote at a meeting: its roll, its room, its agenda item, and the matter it decides."""

import pytest
from django.db import transaction

import people
from assemblies import DAY, HOUR, Meeting, body, meeting
from gongzhi.core.errors import Refused
from gongzhi.core.models import Outbox
from gongzhi.deliberation.ballots import actions, queries
from gongzhi.deliberation.bodies import actions as bodies
from gongzhi.deliberation.meetings import actions as meetings
from gongzhi.deliberation.meetings.models import Mandate
from gongzhi.people.models import Person
from lives import Life, xuyi
from voters import Poll, villagers

pytestmark = pytest.mark.django_db


def representatives(county: people.County, number: int = 10) -> tuple[Meeting, list[Person]]:
    """The village's representatives' meeting, seated, with a session some days ahead."""
    whose = body(county, "villager_rep_meeting")
    seated = villagers(county, number)
    for person in seated:
        bodies.seat(
            body_id=whose, person_id=person.pk, seat_class="representative",
            by=county.holders["committee"].pk, at=people.NOW, from_on=people.START,
        )  # fmt: skip
    return meeting(county, of=whose, mode="hybrid", online="点“线上参会”"), seated


def at_vote(
    county: people.County, matter: int | None = None, **more: object
) -> tuple[Meeting, Poll]:
    """The session is open, seven of ten are there, two of them on line; the vote is open."""
    held, seated = representatives(county)
    item = meetings.add_item(
        session_id=held.id, kind="motion", title="装不装路灯", by=held.host.pk, at=held.at
    )
    held.notice().begins().comes(*seated[:5]).comes(*seated[5:7], how="online").opens()
    wanted: dict[str, object] = {
        "title": "装不装路灯", "text_": "村口到小学装十二盏，从集体收入出钱。",
        "session_id": held.id, "item_id": item, "matter_id": matter,
        "by": held.host.pk, "at": held.at,
    }  # fmt: skip
    motion = actions.propose_motion(**(wanted | more))  # type: ignore[arg-type]
    vote = Poll(county, motion, seated, held.at)
    actions.open_motion(motion_id=motion, by=held.host.pk, at=held.at)
    return held, vote


def test_on_site_by_hand_and_on_line_by_phone_are_one_count(county: people.County) -> None:
    held, vote = at_vote(county)
    assert (vote.row.rule, vote.row.binding) == ("villager_rep_meeting", True)
    turnout = queries.turnout(queries.get(county.viewer("committee"), vote.id))
    assert (turnout["members"], turnout["present"], turnout["reached"]) == (10, 7, True)
    at = held.at + HOUR
    vote.vote(5, "against", at=at)
    vote.vote(6, "for", at=at)
    with pytest.raises(Refused, match="5人"), transaction.atomic():
        actions.count_hands(motion_id=vote.id, counts={"for": 6}, by=held.host.pk, at=at)
    actions.count_hands(motion_id=vote.id, counts={"for": 3, "against": 2}, by=held.host.pk, at=at)
    result = vote.close(by=held.host.pk, at=at)
    assert (result.verdict, result.counts.for_, result.counts.present) == ("pass", 4, 7)
    item = held.item("motion")
    assert (item.outcome, item.data["verdict"], item.data["motion"]) == (
        "resolution", "pass", vote.id,
    )  # fmt: skip
    held.settles().closes()


def test_silence_of_those_who_are_there_is_no_yes(
    county: people.County,
) -> None:
    held, seated = representatives(county)
    item = meetings.add_item(
        session_id=held.id, kind="motion", title="装不装路灯", by=held.host.pk, at=held.at
    )
    held.notice().begins().comes(*seated[:7]).opens()
    motion = actions.propose_motion(
        title="装不装路灯", text_="村口到小学装十二盏。", session_id=held.id, item_id=item,
        by=held.host.pk, at=held.at,
    )  # fmt: skip
    actions.open_motion(motion_id=motion, by=held.host.pk, at=held.at)
    vote = Poll(county, motion, seated, held.at)
    for who in range(3):
        vote.vote(who, "for", at=held.at + HOUR)
    result = vote.close(by=held.host.pk, at=held.at + HOUR)
    assert result.verdict == "fail"  # three of seven there are no majority
    assert held.item("motion").outcome == "resolution"


def test_a_binding_resolution_citing_its_session_lets_the_matter_go_to_work(
    county: people.County,
) -> None:
    life: Life = xuyi(county).to("decide")
    life.move("mark", county.holders["committee"], item="village_public_works")
    held, vote = at_vote(county, life.id)
    for who in range(6):
        vote.vote(who, "for", at=held.at + HOUR)
    vote.close(by=held.host.pk, at=held.at + HOUR)
    assert life.row.stage == "handle"
    assert life.row.resolution == str(held.row.number)
    told = Outbox.objects.get(kind="motion.closed", subject_id=vote.id)
    assert told.data["matter"] == "moved"


def test_a_matter_that_has_ended_meanwhile_hinders_no_count(county: people.County) -> None:
    life: Life = xuyi(county)
    held, vote = at_vote(county, life.id)
    life.at = people.NOW
    life.move("recall", county.ah_mei)
    for who in range(6):
        vote.vote(who, "for", at=held.at + HOUR)
    with transaction.atomic():
        assert vote.close(by=held.host.pk, at=held.at + HOUR).verdict == "pass"
    told = Outbox.objects.get(kind="motion.closed", subject_id=vote.id)
    assert told.data["matter"] == "refused"


def test_a_written_proxy_votes_for_whom_he_stands(county: people.County) -> None:
    held, seated = representatives(county)
    held.notice().begins()
    Mandate.objects.create(
        session_id=held.id, holder=seated[0], for_person=seated[9], slot=1, at=held.at,
        paper="委托书，存村部",
    )  # fmt: skip
    held.comes(*seated[:7]).opens()
    motion = actions.propose_motion(
        title="装不装路灯", text_="村口到小学装十二盏。", session_id=held.id, by=held.host.pk,
        at=held.at,
    )  # fmt: skip
    actions.open_motion(motion_id=motion, by=held.host.pk, at=held.at)
    vote = Poll(county, motion, seated, held.at)
    at = held.at + HOUR
    seen = queries.get(county.viewer(seated[0], at), motion)
    assert [row["name"] for row in seen["stands_for"]] == [seated[9].name]
    vote.vote(0, at=at)
    vote.vote(9, "against", by=seated[0].pk, at=at)
    assert len(vote.ballots()) == 2


def test_a_session_cannot_be_left_while_its_vote_is_open(county: people.County) -> None:
    held, vote = at_vote(county)
    with pytest.raises(Refused):
        held.closes()
    vote.close(by=held.host.pk, at=held.at + DAY)
