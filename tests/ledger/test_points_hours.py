"""Volunteer time: recorded by one, confirmed by another, corrected with a reason, never points."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from gongzhi.core.errors import BadInput, NotAllowed, Refused
from gongzhi.ledger import actions as ledger
from gongzhi.ledger.points import accounts, actions, served
from gongzhi.ledger.points.models import Claim, Holder, Service
from gongzhi.reactions import run
from ledger import points_life as life
from ledger.points_life import TODAY
from people import NOW, County

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def recorded(county: County, **more: object) -> int:
    said: dict[str, object] = {
        "person_id": county.ah_mei.pk, "on": TODAY, "minutes": 120, "what": "陪老人看病",
        "by": county.holders["grid_worker"].pk, "at": NOW,
    }  # fmt: skip
    return actions.record(**(said | more))  # type: ignore[arg-type]


def test_whoever_was_named_finds_it_and_nobody_else_may_answer_for_him(county: County) -> None:
    service = recorded(county, witness_id=county.neighbour.pk)
    asked = served.to_witness(county.viewer(county.neighbour))
    assert [row["id"] for row in asked] == [service]
    with pytest.raises(NotAllowed), transaction.atomic():
        actions.confirm(service_id=service, by=county.brother.pk, at=NOW)
    actions.confirm(service_id=service, by=county.neighbour.pk, at=NOW)
    actions.confirm(service_id=service, by=county.neighbour.pk, at=NOW)
    assert served.to_witness(county.viewer(county.neighbour)) == []
    assert served.mine(county.viewer(county.ah_mei))["minutes"] == 120
    assert accounts.balance(accounts.hours(county.ah_mei.pk, county.place("village").pk, at=NOW)
                            ) == 120  # fmt: skip


def test_staff_confirm_for_a_witness_without_a_phone(county: County) -> None:
    service = recorded(county, witness_id=county.neighbour.pk)
    actions.confirm(service_id=service, by=county.holders["committee"].pk, at=NOW)
    assert Service.objects.get().confirmed_by == county.holders["committee"]


def test_it_was_not_so_leaves_room_in_the_day_and_is_told_with_the_reason(county: County) -> None:
    service = recorded(county, minutes=480, witness_id=county.neighbour.pk)
    with pytest.raises(BadInput), transaction.atomic():
        actions.not_so(service_id=service, reason="", by=county.neighbour.pk, at=NOW)
    actions.not_so(service_id=service, reason="那天我没有看到他", by=county.neighbour.pk, at=NOW)
    assert recorded(county, minutes=480, what="另一件事")
    with pytest.raises(Refused), transaction.atomic():
        actions.confirm(service_id=service, by=county.neighbour.pk, at=NOW)
    run(at=NOW)
    assert "那天我没有看到他" in notes_of(county.ah_mei.pk)


def notes_of(person: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select string_agg(words, '\n') from people_note where person_id = %s",
                       [person])  # fmt: skip
        return str(cursor.fetchone()[0])


def test_minutes_taken_back_take_their_points_along(county: County) -> None:
    life.in_force(county)
    me, chief = county.ah_mei.pk, county.holders["committee"].pk
    actions.join(person_id=me, by=me, at=NOW)
    service = recorded(county)
    actions.confirm(service_id=service, by=county.neighbour.pk, at=NOW)
    run(at=NOW)
    claim = Claim.objects.get(event=f"service:{service}")
    assert claim.points == 8
    notice = actions.post(place_id=county.place("village").pk, by=chief, at=NOW)
    actions.enter(notice_id=notice, by=chief, at=NOW + 3 * DAY)
    with pytest.raises(NotAllowed), transaction.atomic():
        actions.take_back(service_id=service, reason="记错了人", at=NOW + 4 * DAY,
                          by=county.holders["grid_worker"].pk)  # fmt: skip
    actions.take_back(service_id=service, reason="记错了人", by=chief, at=NOW + 4 * DAY)
    claim.refresh_from_db()
    assert claim.state == "reversed"
    assert accounts.balance(Holder.objects.get().account) == 0
    assert accounts.balance(accounts.hours(me, county.place("village").pk, at=NOW)) == 0
    assert served.mine(county.viewer(county.ah_mei))["minutes"] == 0


def test_nobody_is_his_own_witness_and_old_times_are_not_made_up(county: County) -> None:
    with pytest.raises(BadInput), transaction.atomic():
        recorded(county, witness_id=county.ah_mei.pk)
    with pytest.raises(BadInput), transaction.atomic():
        recorded(county, on=TODAY - 91 * DAY)
    with pytest.raises(BadInput), transaction.atomic():
        recorded(county, on=TODAY + DAY)


def refused(name: str, sql: str, *params: object) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        connection.cursor().execute(sql, params)
    assert error.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


def test_no_sql_lets_hours_and_points_share_an_account(county: County) -> None:
    life.in_force(county)
    me, village = county.ah_mei.pk, county.place("village").pk
    hours = accounts.hours(me, village, at=NOW)
    holder = actions.join(person_id=me, by=me, at=NOW)
    points = Holder.objects.get(pk=holder).account
    assert hours != points
    refused("account_in_points", "insert into points_holder (place_id, place_path, subject,"
            " person_id, account, joined_at, \"left\") select place_id, place_path, subject, %s,"
            " %s, now(), '' from points_holder", county.brother.pk, hours)  # fmt: skip
    refused("account_in_points", "update points_activity set account = %s", hours)
    with pytest.raises(ledger.NotLawful), transaction.atomic():
        ledger.transfer(key="x", debit=accounts.hours_source(village, at=NOW), credit=points,
                        amount=5, code="service", by=me, at=NOW)  # fmt: skip
    service = recorded(county)
    earned = ledger.transfer(key="y", debit=accounts.issuing(village, at=NOW), amount=120, by=me,
                             credit=life.budget(county), code="fund", at=NOW)  # fmt: skip
    refused("service_in_hours", "update points_service set transfer = %s, confirmed_by_id = %s,"
            " confirmed_at = now() where id = %s", earned.id, county.neighbour.pk,
            service)  # fmt: skip


def test_no_sql_makes_the_facts_of_a_service_false(county: County) -> None:
    service = recorded(county, witness_id=county.neighbour.pk)
    refused("service_ended_with_reason", "update points_service set ended_at = now() where id ="
            " %s", service)  # fmt: skip
    refused("service_stays", "update points_service set minutes = 60 where id = %s", service)
    refused("service_stays", "delete from points_service where id = %s", service)
    actions.confirm(service_id=service, by=county.neighbour.pk, at=NOW)
    refused("service_stays", "update points_service set confirmed_by_id = %s where id = %s",
            county.brother.pk, service)  # fmt: skip
    refused("service_witness_is_another", "insert into points_service (place_id, place_path,"
            ' person_id, "on", minutes, what, by_id, at, witness_id, reason) select place_id,'
            " place_path, person_id, \"on\" - 1, minutes, what, by_id, at, by_id, ''"
            " from points_service", )  # fmt: skip
