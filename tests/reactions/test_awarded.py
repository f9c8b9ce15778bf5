"""Points by themselves: for what the system recorded, once an event, nothing the list forbids."""

from datetime import timedelta

import pytest

import assemblies
import lives
from gongzhi.core.models import Outbox
from gongzhi.ledger.points import actions, rules
from gongzhi.ledger.points.models import Claim, RuleItem
from gongzhi.matters.models import Matter
from gongzhi.people import notes
from gongzhi.publications.models import Publication
from gongzhi.reactions import awarded, run
from ledger import points_life as life
from people import NOW, County

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def takes_part(county: County) -> int:
    book = life.in_force(county)
    actions.join(person_id=county.ah_mei.pk, by=county.ah_mei.pk, at=NOW)
    return book


def again() -> None:
    """Every row of the outbox is handed out once more, as after a crash."""
    Outbox.objects.update(done_at=None, tries=0)
    run(at=NOW + DAY)


def mended(county: County) -> lives.Life:
    """Ah-Mei's lamp, repaired and verified to the end."""
    made = lives.xuyi(county, category="facilities.lighting").to("end")
    run(at=made.at)
    return made


def test_a_lamp_reported_mended_and_verified_earns_once(county: County) -> None:
    takes_part(county)
    made = mended(county)
    claim = Claim.objects.get()
    assert claim.event == f"matter:{made.id}"
    assert (claim.state, claim.evidence, claim.by_id, claim.first_id) == (
        "approved", "record", None, None,
    )  # fmt: skip
    again()
    assert Claim.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [{"category": "neighbours.noise"}, {"category": "other"}, {"sensitive": True},
     {"raised_by_id": None}, {"outcome": "refused"}],
    ids=["a quarrel", "anything else", "sensitive", "nobody", "refused"],
)  # fmt: skip
def test_what_is_no_common_good_seen_to_earns_nothing(
    county: County, change: dict[str, object]
) -> None:
    takes_part(county)
    made = lives.xuyi(county, category="facilities.lighting").to("end")
    Matter.objects.filter(pk=made.id).update(**change)
    run(at=made.at)
    assert not Claim.objects.exists()


def test_who_takes_no_part_gets_nothing_and_is_not_made_to(county: County) -> None:
    life.in_force(county)
    mended(county)
    assert not Claim.objects.exists()


def test_who_came_to_a_meeting_earns_in_the_room_and_on_line_alike(county: County) -> None:
    takes_part(county)
    actions.join(person_id=county.neighbour.pk, by=county.neighbour.pk, at=NOW)
    meeting, _ = assemblies.one_four_one(county)
    meeting.notice().begins().comes(county.ah_mei, county.holders["party_secretary"])
    meeting.comes(county.holders["committee"], county.holders["supervisor"], how="code")
    meeting.comes(county.holders["org_manager"])
    meeting.opens().reads_back().settles().closes()
    run(at=meeting.at)
    found = Claim.objects.values_list("event", "item__code")
    assert list(found) == [(f"session:{meeting.id}:{county.ah_mei.pk}", "M02")]
    again()
    assert Claim.objects.count() == 1


def test_whole_hours_of_volunteering_earn_when_confirmed(county: County) -> None:
    takes_part(county)
    for minutes, on in ((59, life.TODAY), (150, life.TODAY - DAY)):
        service = actions.record(
            person_id=county.ah_mei.pk, on=on, minutes=minutes, what="陪老人看病", at=NOW,
            by=county.holders["grid_worker"].pk,
        )  # fmt: skip
        actions.confirm(service_id=service, by=county.neighbour.pk, at=NOW)
    run(at=NOW)
    assert not Claim.objects.exists()  # 59 minutes are no hour; yesterday no rule was in force
    service = actions.record(
        person_id=county.ah_mei.pk, on=life.TODAY, minutes=150, what="教老人用手机", at=NOW,
        by=county.holders["grid_worker"].pk,
    )  # fmt: skip
    run(at=NOW)
    assert not Claim.objects.exists()
    actions.confirm(service_id=service, by=county.neighbour.pk, at=NOW)
    run(at=NOW)
    again()
    claim = Claim.objects.get()
    assert (claim.event, claim.times, claim.points) == (f"service:{service}", 2, 8)


def test_what_awards_itself_is_on_no_negative_list() -> None:
    assert {c.split(".")[0] for c in awarded.CATEGORIES} == {
        "environment", "facilities", "safety", "traffic"}  # fmt: skip
    triggers = {t.value for t in RuleItem.Trigger} - {""}
    assert triggers == {"matter", "meeting", "service"}  # no petition, visit, vote or birth
    for trigger in RuleItem.Trigger:
        assert rules.barred(str(trigger.label)) is None


def test_a_wrong_award_is_told_to_him_with_the_reason_and_the_totals_are_corrected(
    county: County,
) -> None:
    book = life.in_force(county)
    life.entered(county, book, "H01", "H03")
    run(at=NOW + 3 * DAY)
    assert Publication.objects.filter(subject="points_notice").count() == 1
    by = county.holders["committee"].pk
    for number, code in enumerate(("H01", "H03"), start=1):
        wrong = Claim.objects.get(item__code=code)
        actions.reverse(claim_id=wrong.pk, reason="其实是上周做的", by=by, at=NOW + 4 * DAY)
        run(at=NOW + 4 * DAY)
        again()
        assert Publication.objects.filter(subject="points_correction").count() == number
    papers = Publication.objects.filter(subject="points_correction").order_by("id")
    assert "环境：1件，5分" in str(papers[0].body)
    assert "环境：2件，8分" in str(papers[1].body)
    assert county.ah_mei.name not in str(papers[1].body)
    told = [note["words"] for note in notes.of(county.ah_mei.pk)]
    assert [words for words in told if "其实是上周做的" in words and "冲回" in words]
    assert len([words for words in told if "冲回" in words]) == 2


def test_a_refusal_is_told_with_its_reason(county: County) -> None:
    book = life.in_force(county)
    claim = actions.claim(deed=life.deed(book), by=county.ah_mei.pk, at=NOW)
    actions.refuse(claim_id=claim, reason="那天没有大扫除", at=NOW,
                   by=county.holders["grid_worker"].pk)  # fmt: skip
    run(at=NOW)
    assert "那天没有大扫除" in str(notes.of(county.ah_mei.pk))
