"""Who may not hold which posts at once: refused in a sentence, and by the database itself."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from gongzhi.core.errors import BadInput, NotAllowed, NotFound
from gongzhi.people import actions, rules
from gongzhi.people.models import Appointment, Consent, Person, Proxy
from people import NOW, START, County

NEXT_YEAR = date(2027, 1, 1)


def appoint(county: County, person: Person, role: str, kind: str = "village") -> int:
    return actions.appoint(
        person_id=person.pk, role=role, place_id=county.place(kind).pk, by=None, at=NOW
    )


@pytest.mark.parametrize("rule", rules.BARRED)
@pytest.mark.parametrize("swapped", [False, True])
def test_barred_pairs_are_refused_in_words(
    county: County, rule: rules.Barred, swapped: bool
) -> None:
    one, other = (rule.other, rule.one) if swapped else (rule.one, rule.other)
    appoint(county, county.neighbour, one)
    with pytest.raises(actions.Conflict) as refused:
        appoint(county, county.neighbour, other)
    assert "阿芳" not in refused.value.words
    assert county.place("village").name in refused.value.words
    assert "依据" in refused.value.words


@pytest.mark.parametrize("rule", rules.BARRED)
@pytest.mark.parametrize("swapped", [False, True])
def test_barred_pairs_are_refused_by_the_database(
    county: County, rule: rules.Barred, swapped: bool
) -> None:
    one, other = (rule.other, rule.one) if swapped else (rule.one, rule.other)
    village = county.place("village")
    Appointment.objects.create(person=county.neighbour, role=one, place=village, from_on=START)
    with pytest.raises(IntegrityError, match="conflicts"), transaction.atomic():
        Appointment.objects.create(
            person=county.neighbour, role=other, place=village, from_on=START
        )


def test_administrators_are_separate_everywhere(county: County) -> None:
    appoint(county, county.neighbour, "system_admin", "county")
    with pytest.raises(actions.Conflict):
        appoint(county, county.neighbour, "audit_admin", "village")


def test_other_pairs_are_barred_at_one_place_only(county: County) -> None:
    appoint(county, county.neighbour, "supervisor", "village")
    appoint(county, county.neighbour, "committee", "sibling_village")


def test_one_post_after_the_other_is_no_conflict(county: County) -> None:
    person, village = county.neighbour, county.place("village")
    actions.appoint(person_id=person.pk, role="committee", place_id=village.pk, by=None, at=NOW,
                    to_on=date(2026, 12, 31))  # fmt: skip
    actions.appoint(person_id=person.pk, role="supervisor", place_id=village.pk, by=None, at=NOW,
                    from_on=NEXT_YEAR)  # fmt: skip


def test_near_kin_of_the_committee_do_not_supervise_it(county: County) -> None:
    appoint(county, county.brother, "committee")
    with pytest.raises(actions.Conflict, match="近亲属阿强"):
        appoint(county, county.ah_mei, "supervisor")
    with pytest.raises(IntegrityError, match="conflicts"), transaction.atomic():
        Appointment.objects.create(
            person=county.ah_mei, role="supervisor", place=county.place("village"), from_on=START
        )
    appoint(county, county.ah_mei, "supervisor", "sibling_village")


def test_a_resident_is_not_appointed_and_an_unknown_role_does_not_exist(county: County) -> None:
    for role in ("resident", "household_head", "emperor"):
        with pytest.raises(BadInput):
            appoint(county, county.ah_mei, role)


def test_the_same_post_twice_is_said_to_be_there(county: County) -> None:
    appoint(county, county.ah_mei, "volunteer")
    with pytest.raises(BadInput, match="已经在这里"):
        appoint(county, county.ah_mei, "volunteer")


def test_a_post_ends_with_a_reason_and_once(county: County) -> None:
    post = appoint(county, county.ah_mei, "volunteer")
    with pytest.raises(BadInput, match="为什么"):
        actions.end_appointment(appointment_id=post, by=None, at=NOW, reason=" ")
    actions.end_appointment(appointment_id=post, by=None, at=NOW, reason="本人提出")
    with pytest.raises(NotFound):
        actions.end_appointment(appointment_id=post, by=None, at=NOW, reason="本人提出")


def test_consent_is_withdrawn_by_the_person_alone(county: County) -> None:
    consent = actions.give_consent(
        person_id=county.ah_mei.pk, purpose="call", words="同意电话回访", by=None, at=NOW
    )
    with pytest.raises(NotFound):
        actions.withdraw_consent(consent_id=consent, by=county.brother.pk, at=NOW)
    actions.withdraw_consent(consent_id=consent, by=county.ah_mei.pk, at=NOW)
    assert Consent.objects.get(pk=consent).withdrawn_at == NOW
    again = actions.give_consent(
        person_id=county.ah_mei.pk, purpose="call", words="同意电话回访", by=None, at=NOW
    )
    assert again != consent


def test_a_paper_is_witnessed_by_who_takes_matters_in_where_the_person_lives(
    county: County,
) -> None:
    mother, son, clerk = county.ah_mei, county.brother, county.holders["committee"]
    proxy = actions.add_proxy(
        person_id=son.pk, acts_for_id=mother.pk, until_on=NEXT_YEAR, by=son.pk, at=NOW
    )
    for no in (county.foreign["committee"], county.holders["observer"], county.neighbour, son):
        with pytest.raises(NotAllowed):
            actions.agree_proxy(proxy_id=proxy, by=no.pk, at=NOW, witnessed=True)
    with pytest.raises(NotAllowed, match="自己同意"):
        actions.agree_proxy(proxy_id=proxy, by=clerk.pk, at=NOW)
    actions.agree_proxy(proxy_id=proxy, by=clerk.pk, at=NOW, witnessed=True)
    assert county.viewer(son).acts_for == (mother.pk,)
    with pytest.raises(NotFound):
        actions.agree_proxy(proxy_id=proxy, by=clerk.pk, at=NOW, witnessed=True)


def test_a_proxy_counts_once_the_person_represented_agrees(county: County) -> None:
    son, mother = county.neighbour, county.ah_mei
    proxy = actions.add_proxy(
        person_id=son.pk, acts_for_id=mother.pk, until_on=NEXT_YEAR, by=son.pk, at=NOW
    )
    assert county.viewer(son).acts_for == ()
    with pytest.raises(NotAllowed):
        actions.agree_proxy(proxy_id=proxy, by=son.pk, at=NOW, witnessed=True)
    actions.agree_proxy(proxy_id=proxy, by=mother.pk, at=NOW)
    assert county.viewer(son).acts_for == (mother.pk,)
    assert county.viewer(son, NOW + timedelta(days=60)).acts_for == ()
    actions.withdraw_proxy(proxy_id=proxy, by=mother.pk, at=NOW)
    assert county.viewer(son).acts_for == ()
    assert Proxy.objects.get(pk=proxy).withdrawn_at == NOW
