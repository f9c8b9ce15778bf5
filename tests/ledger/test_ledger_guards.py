"""What careless or bad SQL tries against the books, and that it is refused."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from gongzhi.ledger import actions, queries
from ledger_books import AT, Books, open_books

pytestmark = pytest.mark.django_db
OPEN = "set local search_path = public, ledger_open; "


@pytest.fixture
def books() -> Books:
    made = open_books()
    actions.transfer(key="a", debit=made.budget, credit=made.residents[0], amount=10, code="award",
                     by=1, at=AT)  # fmt: skip
    actions.hold(key="h", account=made.residents[0], credit=made.shop, amount=4, code="spend", by=1,
                 at=AT, expires_at=AT + timedelta(hours=1))  # fmt: skip
    return made


def attempt(sql: str) -> str:
    with pytest.raises(DatabaseError) as told, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql + "; set constraints all immediate")
    return str(told.value)


@pytest.mark.parametrize("sql", [
    "update ledger_account set balance = balance + 1",
    "update ledger_account set held = 0",
    "update ledger_lot set remaining = amount",
    "update ledger_hold set state = 'void', ended_at = at",
    "insert into ledger_slot (account_id, slot, balance) select id, 1, 0 from ledger_account",
    "insert into ledger_draw (lot_id, hold_id, amount) select lot_id, hold_id, -1 from ledger_draw",
    "insert into ledger_account (unit, kind, owner_kind, owner_id, name, floor, slots, lots,"
    " balance, held, pseudonym, opened_at) values ('points', 'desk', '', 9, '', 0, 0, false, 0, 0,"
    " '', now())",
    "insert into ledger_transfer select * from ledger_transfer",
])  # fmt: skip
def test_rows_are_written_by_the_functions_alone(books, sql):
    assert "alone" in attempt(sql)


@pytest.mark.parametrize("table", ["transfer", "draw", "account", "slot", "hold", "lot"])
def test_nothing_is_deleted_or_emptied_even_inside(books, table):
    if table != "slot":
        attempt(f"{OPEN} delete from ledger_{table}")
    attempt(f"{OPEN} truncate ledger_{table} cascade")


@pytest.mark.parametrize("sql", [
    "update ledger_transfer set amount = 1",
    "update ledger_draw set amount = 1",
    "update ledger_account set floor = null",
    "update ledger_account set unit = 'hours'",
    "update ledger_account set owner_id = 77",
    "update ledger_lot set expires_on = '2999-01-01'",
    "update ledger_hold set amount = 1",
    "update ledger_account set balance = balance + 1 where lots",
    "update ledger_account set balance = -1 where kind = 'budget'",
    "update ledger_account set held = -1 where kind = 'merchant'",
    "update ledger_account set held = 5000 where kind = 'budget'",
    "update ledger_hold set state = 'captured', captured = 3, ended_at = at",
    "update ledger_lot set remaining = 11",
    "insert into ledger_transfer (key, request_hash, debit_id, credit_id, unit, amount, code, rule,"
    " evidence, event, dated, at) select gen_random_uuid(), '', debit_id, credit_id, unit, -1,"
    " code, '', '', '', dated, at from ledger_transfer",
    "insert into ledger_transfer (key, request_hash, debit_id, credit_id, unit, amount, code, rule,"
    " evidence, event, dated, at) select gen_random_uuid(), '', debit_id, credit_id, 'hours', 1,"
    " code, '', '', '', dated, at from ledger_transfer",
    "insert into ledger_transfer (key, request_hash, debit_id, credit_id, unit, amount, code, rule,"
    " evidence, event, dated, at) select gen_random_uuid(), '', credit_id, debit_id, unit, 1,"
    " code, '', '', '', dated, at from ledger_transfer",
    "insert into ledger_transfer (key, request_hash, debit_id, credit_id, unit, amount, code, rule,"
    " evidence, event, dated, at) select gen_random_uuid(), '', debit_id, -1, unit, 1,"
    " code, '', '', '', dated, at from ledger_transfer",
    "insert into ledger_transfer (key, request_hash, debit_id, credit_id, unit, amount, code, rule,"
    " evidence, event, dated, at) select gen_random_uuid(), '', -1, credit_id, unit, 1,"
    " code, '', '', '', dated, at from ledger_transfer",
    "insert into ledger_transfer (key, request_hash, debit_id, credit_id, unit, amount, code, rule,"
    " evidence, event, dated, at, reverses_id) select gen_random_uuid(), '', credit_id, o.id,"
    " t.unit, amount, 'reverse', '', '', '', dated, at, t.id from ledger_transfer t"
    " join ledger_account o on o.unit = t.unit and o.kind = 'merchant' where t.code = 'award'"
    " limit 1",
    "insert into ledger_transfer (key, request_hash, debit_id, credit_id, unit, amount, code, rule,"
    " evidence, event, dated, at, reverses_id) select gen_random_uuid(), '', o.id, debit_id,"
    " t.unit, amount, 'reverse', '', '', '', dated, at, t.id from ledger_transfer t"
    " join ledger_account o on o.unit = t.unit and o.kind = 'merchant' where t.code = 'award'"
    " limit 1",
    "insert into ledger_transfer (key, request_hash, debit_id, credit_id, unit, amount, code, rule,"
    " evidence, event, dated, at, reverses_id) select gen_random_uuid(), '', credit_id, debit_id,"
    " unit, amount + 1, 'reverse', '', '', '', dated, at, id from ledger_transfer",
    "insert into ledger_transfer (key, request_hash, debit_id, credit_id, amount, code, rule,"
    " evidence, event, dated, at, reverses_id) select gen_random_uuid(), '', credit_id, debit_id,"
    " amount, 'reverse', '', '', '', dated, at, id + 100 from ledger_transfer",
    "insert into ledger_transfer (key, request_hash, debit_id, credit_id, amount, code, rule,"
    " evidence, event, dated, at, reverses_id) select gen_random_uuid(), '', credit_id, debit_id,"
    " amount, 'spend', '', '', '', dated, at, id from ledger_transfer",
    "insert into ledger_transfer (key, request_hash, debit_id, credit_id, amount, code, rule,"
    " evidence, event, dated, at) select gen_random_uuid(), '', credit_id, debit_id,"
    " amount, 'reverse', '', '', '', dated, at from ledger_transfer",
    "insert into ledger_transfer (key, request_hash, debit_id, credit_id, amount, code, rule,"
    " evidence, event, dated, at, hold_id) select gen_random_uuid(), '', debit_id, credit_id,"
    " 1, code, '', '', '', dated, at, (select max(id) from ledger_hold) from ledger_transfer"
    " where code = 'award' order by id desc limit 1",
    "insert into ledger_transfer (key, request_hash, debit_id, credit_id, amount, code, rule,"
    " evidence, event, dated, at, hold_id) select gen_random_uuid(), '', h.account_id, h.credit_id,"
    " 1, h.code, '', '', '', t.dated, t.at, h.id + 1 from ledger_transfer t, ledger_hold h",
    *(
        "insert into ledger_transfer (key, request_hash, debit_id, credit_id, amount, code, rule,"
        " evidence, event, dated, at) select gen_random_uuid(), '', debit_id, credit_id, 1, code,"
        f" {texts}, dated, at from ledger_transfer"
        for texts in ("repeat('r', 81), '', ''", "'', repeat('e', 201), ''",
                      "'', '', repeat('v', 81)")
    ),
])  # fmt: skip
def test_even_with_the_door_open_what_is_false_is_refused(books, sql):
    attempt(OPEN + sql)


def test_the_same_row_without_the_fault_is_let_in(books):
    with connection.cursor() as cursor:
        cursor.execute(OPEN)
        cursor.execute(
            "insert into ledger_transfer (key, request_hash, debit_id, credit_id, amount,"
            " code, rule, evidence, event, dated, at) select gen_random_uuid(), '', debit_id,"
            " credit_id, 1, code, repeat('r', 80), repeat('e', 200), repeat('v', 80), dated, at"
            " from ledger_transfer returning unit"
        )
        assert set(cursor.fetchall()) == {("points",)}


def test_the_audit_names_what_a_superuser_changed(books):
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table ledger_account disable trigger user")
        cursor.execute("update ledger_account set balance = balance + 5 where id = %s",
                       [books.residents[0]])  # fmt: skip
        cursor.execute("alter table ledger_account enable trigger user")
    assert {fault for fault, _ in queries.audit()} == {"balance", "sum", "lots"}


def test_a_role_of_its_own_may_look_and_call_but_not_write(books):
    with connection.cursor() as cursor:
        cursor.execute(
            "select rolcreaterole or rolsuper from pg_roles where rolname = current_user"
        )
        if not cursor.fetchone()[0]:
            pytest.skip("this role cannot make roles")
        cursor.execute("create role gongzhi_reader")
        cursor.execute("grant select on ledger_transfer to gongzhi_reader")
        cursor.execute("set local role gongzhi_reader")
        cursor.execute("select count(*) from ledger_transfer")
        assert cursor.fetchone()[0] == 2
    assert "permission denied" in attempt("update ledger_transfer set amount = 1")
    assert "permission denied" in attempt("select ledger_void(1, now())")
