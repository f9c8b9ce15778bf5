"""The books: what moves, what is refused, and what is never there twice."""

from datetime import date, timedelta
from itertools import product

import pytest
from django.db import connection, transaction

from gongzhi.core.errors import BadInput, KeyReused, NotFound, Refused
from gongzhi.ledger import actions, queries, rules
from gongzhi.ledger.actions import Wanted
from gongzhi.ledger.models import Account, Kind, Lot, Transfer, Unit
from ledger_books import AT, Books, open_books, points

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def books() -> Books:
    return open_books()


def award(books: Books, who: int, amount: int, key: str, until: date | None = None) -> int:
    return actions.transfer(
        key=key, debit=books.budget, credit=books.residents[who], amount=amount, code="award",
        by=7, at=AT, rule="points-1@1", expires_on=until,
    ).id  # fmt: skip


def spend(books: Books, who: int, amount: int, key: str, at=AT) -> int:
    return actions.transfer(
        key=key, debit=books.residents[who], credit=books.shop, amount=amount, code="spend",
        by=7, at=at,
    ).id  # fmt: skip


def refused(wanted: type[Refused], /, call, *args, **more) -> Refused:
    with pytest.raises(wanted) as told, transaction.atomic():
        call(*args, **more)
    return told.value


def whole() -> None:
    """Nothing is wrong, deferred rules included."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate; set constraints all deferred")
    assert list(queries.audit()) == []


def lots(account: int) -> list[tuple[int, date | None]]:
    left = Lot.objects.filter(account=account, remaining__gt=0).order_by("id")
    return list(left.values_list("remaining", "expires_on"))


def test_an_award_takes_from_the_budget_and_gives_to_the_resident(books):
    award(books, 0, 10, "a")
    assert books.balances() == [990, 10, 0, 0, 0]
    whole()


def test_the_same_key_gives_the_same_answer_and_moves_nothing_again(books):
    first = award(books, 0, 10, "a")
    again = actions.transfer(
        key="a", debit=books.budget, credit=books.residents[0], amount=10, code="award", by=8,
        at=AT + DAY, rule="points-1@1",
    )  # fmt: skip
    assert again == (first, True)
    assert books.balances()[1] == 10


@pytest.mark.parametrize("changed", [{"amount": 11}, {"evidence": "other"}, {"event": "e"},
                                     {"rule": "points-1@2"},
                                     {"expires_on": date(2027, 1, 1)}])  # fmt: skip
def test_a_reused_key_with_other_content_is_refused(books, changed):
    award(books, 0, 10, "a")
    asked = {"key": "a", "debit": books.budget, "credit": books.residents[0], "amount": 10,
             "code": "award", "by": 7, "at": AT, "rule": "points-1@1"} | changed  # fmt: skip
    refused(KeyReused, actions.transfer, **asked)
    assert books.balances()[1] == 10


def test_nobody_spends_more_than_there_is(books):
    award(books, 0, 10, "a")
    refused(actions.Overdraft, spend, books, 0, 11, "b")
    spend(books, 0, 10, "c")
    refused(actions.Overdraft, spend, books, 0, 1, "d")
    assert books.balances() == [990, 0, 0, 0, 10]
    whole()


def test_a_budget_is_a_cap(books):
    refused(actions.Overdraft, award, books, 0, 1001, "a")
    award(books, 0, 1000, "b")
    refused(actions.Overdraft, award, books, 1, 1, "c")


@pytest.mark.parametrize("amount", [0, -5])
def test_nothing_and_less_are_refused(books, amount):
    refused(BadInput, award, books, 0, amount, "a")


def test_an_account_that_is_not_there_is_told(books):
    refused(NotFound, actions.transfer, key="x", debit=books.budget, credit=10**9, amount=1,
            code="award", by=7, at=AT)  # fmt: skip


def test_points_do_not_go_from_one_resident_to_another(books):
    award(books, 0, 10, "a")
    one, other = books.residents[:2]
    for code in ("spend", "award", "sale", "inherit", "opening"):
        refused(actions.NotLawful, actions.transfer, key=f"p2p{code}", debit=one, credit=other,
                amount=1, code=code, by=7, at=AT)  # fmt: skip


def test_points_hours_and_money_never_meet(books):
    hours = actions.open_account(
        unit="hours", kind="holder", owner_kind="person", owner_id=1, at=AT
    )
    fund = actions.open_account(unit="cny", kind="fund", owner_kind="place", owner_id=1, at=AT)
    for n, credit in enumerate((hours, fund)):
        for code in ("award", "spend", "service", "deposit"):
            refused(actions.NotLawful, actions.transfer, key=f"{n}{code}", debit=books.budget,
                    credit=credit, amount=1, code=code, by=7, at=AT)  # fmt: skip


def test_no_flow_of_points_is_a_gift_a_purchase_or_cash():
    flows = {flow for flow in rules.FLOWS if flow[0] == "points"}
    assert not [f for f in flows if f[2] == f[3] == "holder"]
    assert {f[2] for f in flows if f[3] == "holder"} == {"budget", "opening"}
    assert not [f for f in flows if {"outside", "fund", "claim", "owed", "fee"} & {*f[2:]}]


def test_the_database_knows_the_same_flows():
    codes = {flow[1] for flow in rules.FLOWS}
    every = [*product(Unit.values, codes, Kind.values, Kind.values)]
    with connection.cursor() as cursor:
        cursor.execute(
            "select unit, code, d, c from unnest(%s::text[]) unit, unnest(%s::text[]) code,"
            " unnest(%s::text[]) d, unnest(%s::text[]) c where ledger_lawful(unit, code, d, c)",
            [Unit.values, sorted(codes), Kind.values, Kind.values],
        )
        assert set(cursor.fetchall()) == {one for one in every if rules.lawful(*one)}


@pytest.mark.parametrize(("unit", "kind", "floor"), [
    ("points", "fund", 0), ("points", "outside", None), ("hours", "merchant", 0),
    ("cny", "holder", 0), ("shares", "merchant", 0), ("points", "holder", None),
    ("points", "budget", None), ("points", "merchant", -5), ("cny", "claim", None)])  # fmt: skip
def test_accounts_that_must_not_be_are_not_opened(unit, kind, floor):
    refused(actions.NotLawful, actions.open_account, unit=unit, kind=kind, owner_kind="person",
            owner_id=1, floor=floor, at=AT)  # fmt: skip


def test_an_account_is_opened_once(books):
    assert points("budget", "activity", 1) == books.budget
    found = actions.account_of(unit="points", kind="budget", owner_kind="activity", owner_id=1)
    assert found == books.budget
    refused(KeyReused, points, "issuance", "place", 1, floor=None, slots=4)


# Lots


def test_what_ends_first_goes_first(books):
    award(books, 0, 10, "late", date(2027, 6, 1))
    award(books, 0, 10, "stays")
    award(books, 0, 10, "soon", date(2027, 1, 1))
    spend(books, 0, 15, "s")
    assert lots(books.residents[0]) == [(5, date(2027, 6, 1)), (10, None)]
    whole()


def test_the_last_day_still_counts_and_the_day_after_does_not(books):
    award(books, 0, 10, "a", date(2026, 11, 23))
    spend(books, 0, 1, "on the day", at=AT)
    refused(actions.Overdraft, spend, books, 0, 1, "after", at=AT + DAY)
    standing = queries.standing(books.residents[0], on=date(2026, 11, 24))
    assert (standing.balance, standing.available) == (9, 0)


def test_what_ended_is_taken_away_once(books):
    award(books, 0, 10, "a", date(2026, 11, 20))
    award(books, 0, 5, "b")
    assert actions.expire_day(date(2026, 11, 20), at=AT) == 0
    assert actions.expire_day(date(2026, 11, 21), at=AT) == 1
    assert actions.expire_day(date(2026, 11, 21), at=AT) == 0
    assert books.balances()[1] == 5
    whole()


def test_a_day_that_has_not_come_takes_nothing(books):
    award(books, 0, 10, "a", date(2026, 12, 1))
    refused(BadInput, actions.expire_day, date(2026, 12, 24), at=AT)


def test_a_refund_goes_back_to_the_lots_it_came_from(books):
    award(books, 0, 10, "soon", date(2027, 1, 1))
    award(books, 0, 10, "late", date(2027, 6, 1))
    spent = spend(books, 0, 15, "s")
    actions.reverse(key="r", transfer=spent, by=7, at=AT)
    assert lots(books.residents[0]) == [(10, date(2027, 1, 1)), (10, date(2027, 6, 1))]
    assert books.balances() == [980, 20, 0, 0, 0]
    whole()


def test_a_refund_in_part_gives_back_what_lasts_longest(books):
    award(books, 0, 10, "soon", date(2027, 1, 1))
    award(books, 0, 10, "late", date(2027, 6, 1))
    spent = spend(books, 0, 15, "s")
    actions.reverse(key="r", transfer=spent, amount=7, by=7, at=AT)
    assert lots(books.residents[0]) == [(2, date(2027, 1, 1)), (10, date(2027, 6, 1))]
    whole()


def test_points_that_ended_meanwhile_come_back_ended(books):
    award(books, 0, 10, "soon", date(2026, 11, 24))
    spent = spend(books, 0, 10, "s")
    later = AT + 5 * DAY
    actions.reverse(key="r", transfer=spent, by=7, at=later)
    refused(actions.Overdraft, spend, books, 0, 1, "again", at=later)
    assert actions.expire_day(date(2026, 11, 28), at=later) == 1
    assert books.balances()[1] == 0
    whole()


def test_a_wrong_award_is_taken_back_from_its_own_lot(books):
    first = award(books, 0, 10, "first", date(2027, 6, 1))
    award(books, 0, 10, "second", date(2027, 1, 1))
    actions.reverse(key="r", transfer=first, by=7, at=AT)
    assert lots(books.residents[0]) == [(10, date(2027, 1, 1))]
    whole()


def test_an_award_that_is_spent_cannot_be_taken_back_below_nothing(books):
    first = award(books, 0, 10, "first")
    spend(books, 0, 4, "s")
    refused(actions.Overdraft, actions.reverse, key="r", transfer=first, by=7, at=AT)
    actions.reverse(key="r", transfer=first, amount=6, by=7, at=AT)
    assert books.balances()[1] == 0


def test_what_expired_is_not_taken_back_a_second_time(books):
    first = award(books, 0, 10, "first", date(2026, 11, 22))
    award(books, 0, 10, "second")
    actions.expire_day(date(2026, 11, 23), at=AT)
    refused(actions.NotReversible, actions.reverse, key="r", transfer=first, by=7, at=AT)
    assert lots(books.residents[0]) == [(10, None)]


def test_a_transfer_is_reversed_once_and_a_reversal_never(books):
    first = award(books, 0, 10, "first")
    back = actions.reverse(key="r", transfer=first, amount=3, by=7, at=AT)
    assert actions.reverse(key="r", transfer=first, amount=3, by=7, at=AT) == (back.id, True)
    refused(actions.NotReversible, actions.reverse, key="r2", transfer=first, amount=3, by=7, at=AT)
    refused(actions.NotReversible, actions.reverse, key="r3", transfer=back.id, by=7, at=AT)
    refused(KeyReused, actions.reverse, key="r", transfer=first, amount=4, by=7, at=AT)


def test_no_more_is_reversed_than_there_was(books):
    first = award(books, 0, 10, "first")
    award(books, 0, 10, "second")
    refused(actions.NotReversible, actions.reverse, key="r", transfer=first, amount=11, by=7, at=AT)


# Holds


def hold(books: Books, who: int, amount: int, key: str, minutes: int = 10) -> int:
    return actions.hold(
        key=key, account=books.residents[who], credit=books.shop, amount=amount, code="spend",
        by=7, at=AT, expires_at=AT + timedelta(minutes=minutes),
    ).id  # fmt: skip


def test_what_is_held_cannot_be_spent_or_held_again(books):
    award(books, 0, 50, "a")
    for n in range(5):
        hold(books, 0, 10, f"h{n}")
    refused(actions.Overdraft, hold, books, 0, 10, "h6")
    refused(actions.Overdraft, spend, books, 0, 1, "s")
    assert queries.balance(books.residents[0]) == 50
    assert queries.available(books.residents[0]) == 0
    whole()


def test_a_hold_is_captured_once_in_whole_or_part(books):
    award(books, 0, 50, "a", date(2027, 1, 1))
    held = hold(books, 0, 30, "h")
    done = actions.capture(key="c", hold=held, amount=20, by=7, at=AT)
    assert actions.capture(key="c", hold=held, amount=20, by=7, at=AT) == (done.id, True)
    refused(KeyReused, actions.capture, key="c", hold=held, amount=19, by=7, at=AT)
    refused(actions.HoldGone, actions.capture, key="c2", hold=held, amount=10, by=7, at=AT)
    refused(actions.HoldGone, actions.void, hold=held, at=AT)
    assert books.balances() == [950, 30, 0, 0, 20]
    assert queries.available(books.residents[0]) == 30
    whole()
    actions.reverse(key="r", transfer=done.id, by=7, at=AT)
    assert lots(books.residents[0]) == [(50, date(2027, 1, 1))]
    whole()


def test_no_more_is_captured_than_was_held(books):
    award(books, 0, 50, "a")
    held = hold(books, 0, 30, "h")
    refused(BadInput, actions.capture, key="c", hold=held, amount=31, by=7, at=AT)


def test_a_void_hold_is_free_again_and_cannot_be_captured(books):
    award(books, 0, 50, "a", date(2027, 1, 1))
    held = hold(books, 0, 30, "h")
    assert actions.void(hold=held, at=AT) is False
    assert actions.void(hold=held, at=AT) is True
    refused(actions.HoldGone, actions.capture, key="c", hold=held, by=7, at=AT)
    assert lots(books.residents[0]) == [(50, date(2027, 1, 1))]
    whole()


def test_a_hold_past_its_time_is_gone_even_before_it_is_swept(books):
    award(books, 0, 50, "a")
    held = hold(books, 0, 30, "h")
    late = AT + timedelta(minutes=11)
    refused(actions.HoldGone, actions.capture, key="c", hold=held, by=7, at=late)
    assert actions.expire_holds(at=AT) == 0
    assert actions.expire_holds(at=late) == 1
    assert queries.available(books.residents[0]) == 50
    whole()


def test_a_hold_for_one_shop_is_not_captured_by_another(books):
    award(books, 0, 50, "a")
    held = hold(books, 0, 30, "h")
    other = points("merchant", "merchant", 99)
    refused(actions.NotLawful, actions.capture, key="c", hold=held, credit=other, by=7, at=AT)
    refused(actions.NotLawful, actions.hold, key="h2", account=books.residents[0],
            credit=books.residents[1], amount=1, code="spend", by=7, at=AT,
            expires_at=AT + DAY)  # fmt: skip


def test_a_hold_that_names_no_shop_is_captured_lawfully_or_not_at_all(books):
    award(books, 0, 50, "a")
    held = actions.hold(key="h", account=books.residents[0], amount=5, by=7, at=AT,
                        expires_at=AT + DAY).id  # fmt: skip
    refused(actions.NotLawful, actions.capture, key="c", hold=held, credit=books.residents[1],
            code="spend", by=7, at=AT)  # fmt: skip
    actions.capture(key="c", hold=held, credit=books.shop, code="sale", by=7, at=AT)
    assert books.balances()[-1] == 5
    whole()


# Batches


def row(books: Books, n: int, **changed) -> Wanted:
    return Wanted(**{"key": f"row{n}", "debit": books.budget, "credit": books.residents[n % 3],
                     "amount": 10 + n, "code": "award"} | changed)  # fmt: skip


def test_a_batch_is_written_in_the_order_given(books):
    done = actions.batch([row(books, n) for n in range(5)], by=7, at=AT)
    amounts = [Transfer.objects.get(pk=one.id).amount for one in done]
    assert amounts == [10, 11, 12, 13, 14]
    assert sorted(one.id for one in done) == [one.id for one in done]
    assert books.balances() == [940, 23, 25, 12, 0]
    whole()


def test_a_batch_twice_is_a_batch_once(books):
    rows = [row(books, n) for n in range(5)]
    first = actions.batch(rows, by=7, at=AT)
    again = actions.batch([*rows, row(books, 5)], by=7, at=AT)
    assert [one.id for one in again[:5]] == [one.id for one in first]
    assert [one.repeated for one in again] == [True] * 5 + [False]
    assert books.balances()[0] == 1000 - 75
    whole()


def test_every_wrong_row_says_why_and_nothing_is_written(books):
    actions.batch([row(books, 9)], by=7, at=AT)
    rows = [row(books, 0), row(books, 1, credit=10**9), row(books, 2, amount=0),
            row(books, 3, code="spend"), row(books, 9, amount=1), row(books, 5, key="row0"),
            row(books, 6, credit=books.budget)]  # fmt: skip
    told = refused(actions.RowsWrong, actions.batch, rows, by=7, at=AT)
    assert set(told.rows) == {0, 1, 2, 3, 4, 5, 6}
    assert told.rows[4] == "这个编号已经记过另一笔"
    assert books.balances() == [981, 19, 0, 0, 0]


def test_the_row_that_empties_the_budget_is_named(books):
    rows = [row(books, 0, amount=600), row(books, 1, amount=300), row(books, 2, amount=101)]
    told = refused(actions.RowsWrong, actions.batch, rows, by=7, at=AT)
    assert told.rows == {2: "余额不够"}
    assert books.balances()[0] == 1000


def test_a_batch_does_not_spend_before_it_earns(books):
    earn = row(books, 0)
    buy = row(books, 1, debit=books.residents[0], credit=books.shop, amount=10, code="spend")
    told = refused(actions.RowsWrong, actions.batch, [buy, earn], by=7, at=AT)
    assert told.rows == {0: "余额不够"}
    actions.batch([earn, buy], by=7, at=AT)
    assert books.balances() == [990, 0, 0, 0, 10]
    whole()


def test_a_batch_does_not_spend_what_is_past_its_day(books):
    award(books, 0, 10, "a", date(2026, 11, 20))
    buy = row(books, 1, debit=books.residents[0], credit=books.shop, amount=10, code="spend")
    rows = [row(books, 0, credit=books.residents[1]), buy]
    told = refused(actions.RowsWrong, actions.batch, rows,
                   by=7, at=AT)  # fmt: skip
    assert told.rows == {1: "能用的余额不够，有的已经过期"}


def test_slots_add_up(books):
    busy = actions.open_account(unit="hours", kind="issuance", owner_kind="place", owner_id=1,
                                floor=None, slots=4, at=AT)  # fmt: skip
    person = actions.open_account(
        unit="hours", kind="holder", owner_kind="person", owner_id=1, at=AT
    )
    done = actions.transfer(key="one", debit=busy, credit=person, amount=60, code="service", by=7,
                            at=AT)  # fmt: skip
    rows = [Wanted(key=f"s{n}", debit=busy, credit=person, amount=30, code="service")
            for n in range(3)]  # fmt: skip
    actions.batch(rows, by=7, at=AT)
    actions.reverse(key="back", transfer=done.id, by=7, at=AT)
    assert (queries.balance(busy), queries.balance(person)) == (-90, 90)
    assert Account.objects.get(pk=busy).balance == 0
    whole()
