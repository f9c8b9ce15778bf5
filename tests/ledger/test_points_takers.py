"""Who takes part: teams and firms, a household's children, and leaving at any time."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.ledger.points import accounts, actions, queries, takers
from gongzhi.ledger.points.models import Claim, Holder, Member, Team
from gongzhi.people.models import Appointment, Organisation, Person
from ledger import points_life as life
from ledger.points_life import TODAY
from people import NOW, START, County

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def dancers(county: County) -> int:
    """Ah-Mei's team; the holder's id."""
    return actions.join_team(
        place_id=county.place("village").pk, name="双马舞蹈队", about="每晚在广场",
        lead_id=county.ah_mei.pk, by=county.ah_mei.pk, at=NOW,
    )  # fmt: skip


def shop(county: County) -> tuple[int, Person]:
    """A firm that takes part, and its manager; the holder's id."""
    firm = Organisation.objects.create(name="双马粮油店", kind="company",
                                       place=county.place("village"))  # fmt: skip
    manager = Person.objects.create(name="店长", household=county.he.household)
    Appointment.objects.create(person=manager, role="org_manager", place=county.place("village"),
                               from_on=START, organisation=firm)  # fmt: skip
    holder = actions.join_organisation(
        place_id=county.place("village").pk, organisation_id=firm.pk, at=NOW,
        by=county.holders["generalist_worker"].pk,
    )  # fmt: skip
    return holder, manager


def test_a_team_and_a_firm_earn_for_themselves_and_their_people_do_not_check(
    county: County,
) -> None:
    book = life.in_force(county)
    team, (firm, manager) = dancers(county), shop(county)
    danced = actions.claim(deed=life.deed(book, "C03", evidence="record"), holder_id=team,
                           by=county.ah_mei.pk, at=NOW)  # fmt: skip
    opened = actions.claim(deed=life.deed(book, "A05", evidence="record"), holder_id=firm,
                           by=manager.pk, at=NOW)  # fmt: skip
    assert Claim.objects.get(pk=danced).doer_id is None
    with pytest.raises((NotAllowed, BadInput)), transaction.atomic():
        actions.claim(deed=life.deed(book, "C03", evidence="record"), holder_id=team,
                      by=county.neighbour.pk, at=NOW)  # fmt: skip
    worker = county.holders["grid_worker"]
    Person.objects.filter(pk=worker.pk).update(household=county.brother.household)
    actions.enter_team(team_id=Team.objects.get().pk, by=worker.pk, at=NOW)
    with pytest.raises(Refused) as refused, transaction.atomic():
        actions.check_first(claim_id=danced, by=worker.pk, at=NOW)
    assert refused.value.code == "checked_by_people_apart"
    for claim, first in ((danced, county.holders["generalist_worker"]), (opened, worker)):
        actions.check_first(claim_id=claim, by=first.pk, at=NOW)
        actions.check_second(claim_id=claim, by=county.holders["committee"].pk, at=NOW)
    by = county.holders["committee"].pk
    notice = actions.post(place_id=county.place("village").pk, by=by, at=NOW)
    assert actions.enter(notice_id=notice, by=by, at=NOW + 3 * DAY) == 2
    assert [h["balance"] for h in queries.own(county.viewer(county.ah_mei))] == [10]
    assert [h["balance"] for h in queries.own(county.viewer(manager))] == [15]


def test_neighbours_come_and_go_and_the_lead_hands_over(county: County) -> None:
    dancers(county)
    team = Team.objects.get().pk
    me, other = county.ah_mei.pk, county.neighbour.pk
    for _ in range(2):
        actions.enter_team(team_id=team, by=other, at=NOW)
    assert takers.team(county.viewer(county.ah_mei), team)["members"] == 2
    with pytest.raises(Refused), transaction.atomic():
        actions.leave_team(team_id=team, person_id=me, by=me, at=NOW)
    with pytest.raises(NotAllowed), transaction.atomic():
        actions.leave_team(team_id=team, person_id=me, by=other, at=NOW)
    actions.hand_over(team_id=team, to=other, by=me, at=NOW)
    actions.leave_team(team_id=team, person_id=me, by=me, at=NOW + DAY)
    assert Team.objects.get().lead_id == other
    assert Member.objects.filter(left_at=None).count() == 1
    with pytest.raises(NotFound):
        takers.team(county.viewer(county.he), team)
    assert takers.team(county.viewer(county.ah_mei), team)["people"] == []  # names for members
    with pytest.raises((Refused, NotAllowed)), transaction.atomic():
        actions.enter_team(team_id=team, by=county.he.pk, at=NOW)


def test_a_name_taken_is_not_taken_again(county: County) -> None:
    dancers(county)
    with pytest.raises(BadInput), transaction.atomic():
        actions.join_team(place_id=county.place("village").pk, name="双马舞蹈队",
                          lead_id=county.neighbour.pk, by=county.neighbour.pk, at=NOW)  # fmt: skip


def child_of(county: County) -> Person:
    return Person.objects.create(name="小宝", household=county.ah_mei.household,
                                 born_on=date(2015, 5, 1))  # fmt: skip


def test_a_guardian_agrees_and_takes_it_back_and_what_waits_is_withdrawn(county: County) -> None:
    book, child = life.in_force(county), child_of(county)
    me = county.viewer(county.ah_mei)
    assert [c["agreed_at"] for c in takers.children(me, TODAY)] == [None]
    assert takers.children(county.viewer(county.he), TODAY) == []
    actions.agree_for(minor_id=child.pk, by=county.ah_mei.pk, at=NOW)
    claim = actions.claim(deed=life.deed(book), doer_id=child.pk, by=county.ah_mei.pk, at=NOW)
    with pytest.raises(NotAllowed), transaction.atomic():
        actions.no_longer_agree(minor_id=child.pk, by=county.he.pk, at=NOW)
    actions.no_longer_agree(minor_id=child.pk, by=county.ah_mei.pk, at=NOW + DAY)
    assert Claim.objects.get(pk=claim).state == "withdrawn"
    with pytest.raises(Refused), transaction.atomic():
        actions.claim(deed=life.deed(book), doer_id=child.pk, by=county.ah_mei.pk, at=NOW + DAY)
    actions.agree_for(minor_id=child.pk, by=county.ah_mei.pk, at=NOW + 2 * DAY)
    assert actions.consent(child.pk) is not None


def test_no_sql_claims_for_a_minor_whose_guardian_took_it_back(county: County) -> None:
    book, child = life.in_force(county), child_of(county)
    actions.agree_for(minor_id=child.pk, by=county.ah_mei.pk, at=NOW)
    actions.claim(deed=life.deed(book), doer_id=child.pk, by=county.ah_mei.pk, at=NOW)
    actions.no_longer_agree(minor_id=child.pk, by=county.ah_mei.pk, at=NOW)
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        connection.cursor().execute(
            "insert into points_claim (item_id, holder_id, doer_id, activity_id, place_path, times,"
            ' points, "on", words, evidence, photo, state, at, reason, by_id) select item_id,'
            ' holder_id, doer_id, activity_id, place_path, times, points, "on", words, evidence,'
            " photo, 'claimed', at, '', by_id from points_claim"
        )
    assert error.value.__cause__.diag.constraint_name == "guardian_agrees_first"  # type: ignore[union-attr]


def test_leaving_withdraws_what_waits_and_nobody_brings_him_back(county: County) -> None:
    book = life.in_force(county)
    me, by = county.ah_mei.pk, county.holders["committee"].pk
    life.approved(county, book)
    notice = actions.post(place_id=county.place("village").pk, by=by, at=NOW)
    waiting = actions.claim(deed=life.deed(book, "H03"), by=me, at=NOW)
    holder = Holder.objects.get()
    assert queries.waiting(holder.pk) == 2
    actions.leave(holder_id=holder.pk, wish="keep", by=me, at=NOW + DAY)
    assert Claim.objects.get(pk=waiting).state == "withdrawn"
    assert actions.enter(notice_id=notice, by=by, at=NOW + 3 * DAY) == 0
    assert accounts.balance(holder.account) == 0
    worker = county.holders["generalist_worker"].pk
    with pytest.raises(Refused), transaction.atomic():
        actions.claim(deed=life.deed(book), doer_id=me, by=worker, at=NOW + 4 * DAY)
    with pytest.raises(Refused) as refused, transaction.atomic():
        actions.claim(deed=life.deed(book), by=me, at=NOW + 4 * DAY)
    assert "退出" in refused.value.words
    assert actions.automatic(event="matter:9", trigger="matter", person_id=me, on=TODAY,
                             words="路灯", at=NOW + 4 * DAY) is None  # fmt: skip
    assert actions.join(person_id=me, by=me, at=NOW + 5 * DAY) == holder.pk


def test_no_sql_enters_points_for_who_has_left(county: County) -> None:
    book = life.in_force(county)
    claim = life.approved(county, book)
    by = county.holders["committee"].pk
    notice = actions.post(place_id=county.place("village").pk, by=by, at=NOW)
    connection.cursor().execute("update points_holder set left_at = now(), \"left\" = 'keep'")
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        connection.cursor().execute(
            "update points_claim set state = 'entered', transfer = 1, entered_at = now(),"
            " notice_id = %s where id = %s", [notice, claim],
        )  # fmt: skip
    assert error.value.__cause__.diag.constraint_name == "claim_of_who_takes_part"  # type: ignore[union-attr]


def test_staff_enter_deeds_only_for_who_takes_part_and_join_nobody_unasked(county: County) -> None:
    book = life.in_force(county)
    worker, me = county.holders["generalist_worker"].pk, county.ah_mei.pk
    with pytest.raises(Refused), transaction.atomic():
        actions.claim(deed=life.deed(book), doer_id=me, by=worker, at=NOW)
    with pytest.raises(BadInput), transaction.atomic():
        actions.join(person_id=me, by=worker, at=NOW, agreed=False)
    actions.join(person_id=me, by=worker, at=NOW, agreed=True)
    assert actions.claim(deed=life.deed(book), doer_id=me, by=worker, at=NOW)
