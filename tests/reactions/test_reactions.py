"""What happened in one area is told elsewhere, once."""

from datetime import timedelta

import pytest

import lives
import people
from gongzhi import reactions
from gongzhi.core.models import Outbox
from gongzhi.matters import actions, jobs
from gongzhi.matters.models import Follower, Matter
from gongzhi.people import gateway, notes
from gongzhi.people.actions import give_consent
from gongzhi.people.models import Account, Note
from gongzhi.reactions import messages, rounds

pytestmark = pytest.mark.django_db(transaction=True)
LATER = people.NOW + timedelta(hours=1)


def accepted(county: people.County) -> actions.Raised:
    matter = actions.raise_matter(
        by=county.ah_mei.pk, at=people.NOW, key=None, body="水沟堵了，下雨就漫到路上。",
        place_id=county.place("building").pk, source="page",
    )  # fmt: skip
    actions.move(
        matter_id=matter.id, verb="accept", by=county.holders["committee"].pk, at=people.NOW
    )
    return matter


def test_the_raiser_is_told_once_that_it_was_accepted(county: people.County) -> None:
    matter = accepted(county)
    assert reactions.run(at=LATER) > 0
    assert reactions.run(at=LATER) == 0
    told = notes.of(county.ah_mei.pk)
    assert [note["words"].count(matter.number) for note in told] == [1]
    assert not Outbox.objects.filter(done_at=None).exists()


def test_each_is_told_in_the_language_he_reads(county: people.County) -> None:
    matter = accepted(county)
    Follower.objects.create(
        matter_id=matter.id, person=county.neighbour, why="joined", at=people.NOW
    )
    Account.objects.filter(person=county.ah_mei).update(language="en")
    reactions.run(at=LATER)
    mine, hers = (notes.of(p.pk)[0]["words"] for p in (county.ah_mei, county.neighbour))
    assert "is accepted" in mine
    assert "已受理" in hers
    assert matter.number in mine


def test_who_reads_what_is_asked_once_for_all(county: people.County) -> None:
    for _ in range(3):
        accepted(county)
    rows = list(Outbox.objects.filter(done_at=None).values("id", "kind", "subject_id", "data"))
    assert len(lives.statements(lambda: list(messages.wanted(rows)))) == 2


def test_a_reaction_repeated_tells_nobody_twice(county: people.County) -> None:
    accepted(county)
    reactions.run(at=LATER)
    Outbox.objects.update(done_at=None)
    reactions.run(at=LATER)
    assert notes.unread(county.ah_mei.pk) == 1


def test_a_sensitive_matter_is_never_named_in_a_note(county: people.County) -> None:
    matter = accepted(county)
    Matter.objects.filter(pk=matter.id).update(sensitive=True)
    reactions.run(at=LATER)
    assert "水沟" not in notes.of(county.ah_mei.pk)[0]["words"]


def test_a_text_goes_only_to_those_who_agreed_to_texts(county: people.County) -> None:
    gateway.console.last.clear()
    accepted(county)
    reactions.run(at=LATER)
    rounds.work(at=LATER)
    assert gateway.console.last == {}
    me = county.ah_mei.pk
    give_consent(person_id=me, purpose=notes.TEXTS, words="可以给我发短信", by=me, at=LATER)
    type(county.ah_mei).objects.filter(pk=county.ah_mei.pk).update(phone="13900000001")
    accepted(county)
    reactions.run(at=LATER)
    rounds.work(at=LATER)
    assert list(gateway.console.last) == ["13900000001"]
    assert Note.objects.filter(person=county.ah_mei, texted_at=None).count() == 1


def test_a_late_matter_is_announced_to_its_handler(county: people.County) -> None:
    matter = accepted(county)
    jobs.sweep(at=people.NOW + timedelta(days=60))
    reactions.run(at=people.NOW + timedelta(days=60))
    assert Outbox.objects.filter(kind="matter.tick", subject_id=matter.id).exists()
