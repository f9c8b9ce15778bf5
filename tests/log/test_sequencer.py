"""From the business transaction to the signed head: nothing lost, nothing twice, no gap."""

import threading
import uuid
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import Error, connection, transaction

from gongzhi.core import db
from gongzhi.core.errors import BadInput, KeyReused, NotFound, Refused
from gongzhi.log import actions, checkpoints, jobs, keys, leaves, notes, queries, receipts, witness
from gongzhi.log.models import Checkpoint, Leaf, Pending, Tile
from gongzhi.log.notes import Signer
from gongzhi.log.tiles import unbundle
from gongzhi.log.tree import Tree, consistent
from people import NOW

pytestmark = pytest.mark.django_db


def add(number: int, fields: dict[str, Any] | None = None) -> receipts.Promise:
    return actions.append(
        kind="matter.closed", subject=f"matter:{number}", fields=fields or {"number": number},
        at=NOW + timedelta(seconds=number),
    )  # fmt: skip


def grow(to: int, start: int = 0) -> None:
    for number in range(start, to):
        add(number)
    jobs.sequence(at=NOW)


def opened() -> checkpoints.Checkpoint:
    return checkpoints.opened(queries.checkpoint(), [keys.signer().verifier])[0]


def test_an_entry_is_one_insert_and_gone_with_the_transaction_that_wrote_it(
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(1):
        add(1)
    broken_off = transaction.atomic()
    broken_off.__enter__()
    add(2)
    broken_off.__exit__(RuntimeError, RuntimeError(), None)
    assert list(Pending.objects.values_list("subject", flat=True)) == ["matter:1"]


def test_waiting_entries_get_indexes_without_gaps_and_a_signed_head() -> None:
    assert jobs.sequence(at=NOW) == 0
    assert opened().size == 0
    grow(3)
    grow(300, 3)
    assert opened().size == 300
    assert list(Leaf.objects.order_by("index").values_list("index", "subject")) == [
        (number, f"matter:{number}") for number in range(300)
    ]
    tree = Tree()
    for leaf in Leaf.objects.order_by("index"):
        tree.append(bytes(leaf.leaf))
    assert opened().root == tree.root()
    assert not Pending.objects.exists()
    assert consistent(3, tree.root(3), 300, tree.root(), queries.consistency(3, 300))


def test_a_batch_that_was_full_says_there_may_be_more() -> None:
    for number in range(5):
        add(number)
    assert jobs.sequence(at=NOW, batch=2) == 2
    assert jobs.sequence(at=NOW, batch=2) == 2
    assert jobs.sequence(at=NOW, batch=2) == 0
    assert list(Checkpoint.objects.order_by("size").values_list("size", flat=True)) == [2, 4, 5]


def test_the_same_entry_again_is_no_second_entry_and_another_under_its_name_is_refused() -> None:
    add(1)
    assert add(1).leaf_hash == add(1).leaf_hash
    with pytest.raises(KeyReused):
        add(1, {"number": 2})
    jobs.sequence(at=NOW)
    add(1)
    with pytest.raises(KeyReused):
        add(1, {"number": 2})
    jobs.sequence(at=NOW)
    assert Leaf.objects.count() == 1


def test_a_receipt_stands_and_says_what_it_is_of() -> None:
    add(0)
    with pytest.raises(Refused, match="一分钟"):
        queries.receipt("matter.closed", "matter:0")
    grow(700, 1)
    with pytest.raises(NotFound):
        queries.receipt("matter.closed", "matter:701")
    head = opened()
    for number in (0, 255, 256, 511, 699):
        read = receipts.parse(queries.receipt("matter.closed", f"matter:{number}"))
        assert read.stands(head.size, head.root)
        assert leaves.decode(read.leaf).fields == {"number": number}


def test_a_promise_is_kept_or_is_the_evidence() -> None:
    made = add(1)
    raw = queries.promise("matter.closed", "matter:1", NOW)
    promise, note = receipts.parse_promise(raw)
    assert notes.verified(note, [keys.signer().verifier])
    assert (promise.leaf_hash, promise.due - promise.at) == (made.leaf_hash, 60_000_000)
    jobs.sequence(at=NOW)
    assert queries.tile(0, "000.p/1") == promise.leaf_hash


def test_a_promise_asked_again_is_due_at_the_same_moment() -> None:
    add(1)
    connection.cursor().execute("update log_pending set since = %s", (NOW - timedelta(hours=1),))
    asked = [queries.promise("matter.closed", "matter:1", NOW + late)
             for late in (timedelta(0), timedelta(minutes=9))]  # fmt: skip
    assert len(set(asked)) == 1
    due = receipts.parse_promise(asked[0])[0].due
    assert due == leaves.micros(NOW - timedelta(minutes=59)), "it is late, and says so"


def test_a_person_is_forgotten_and_every_proof_stays_valid() -> None:
    who = actions.pseudonym("account:7")
    assert actions.pseudonym("account:7") == who != actions.pseudonym("account:8")
    add(1, {"account": who})
    jobs.sequence(at=NOW)
    before = queries.receipt("matter.closed", "matter:1", opened=[("account", "account:7")])
    assert receipts.parse(before).opened() == {"account": "account:7"}
    assert actions.forget("account:7")
    assert not actions.forget("account:7")
    after = receipts.parse(
        queries.receipt("matter.closed", "matter:1", opened=[("account", "account:7")])
    )
    assert after.opened() == {}
    assert after.stands(1, opened().root)
    assert actions.pseudonym("account:7") != who


@pytest.mark.parametrize("sql", [
    "update log_leaf set leaf = 'x' where index = 1", "delete from log_leaf where index = 1",
    "truncate log_leaf", "update log_leaf set index = 9 where index = 1",
    "update log_checkpoint set at = now()", "delete from log_checkpoint",
    "truncate log_checkpoint cascade",
    "update log_tile set hashes = sha256('x') || substring(hashes from 33)",
    "update log_tile set hashes = substring(hashes from 33)", "delete from log_tile",
    "update log_tile set hashes = hashes || 'x'", "truncate log_tile",
    "update log_nonce set nonce = 'x'",
    "insert into log_leaf values (1, 'a.b', 'c', 'd', now())",
    "insert into log_leaf values (-1, 'a.b', 'c', 'd', now())",
    "insert into log_leaf select 9, kind, subject, leaf, at from log_leaf limit 1",
    "insert into log_checkpoint values (9, 'r', 'n', now())",
    "insert into log_checkpoint values (2, 'r', 'n', now())",
])  # fmt: skip
def test_the_database_refuses_to_bend_the_log(sql: str) -> None:
    actions.pseudonym("account:7")
    grow(3)
    with pytest.raises(Error), transaction.atomic():
        connection.cursor().execute(sql)


def test_a_head_with_a_gap_below_it_is_refused() -> None:
    grow(3)
    connection.cursor().execute("insert into log_leaf values (4, 'a.b', 'c', 'd', now())")
    with pytest.raises(Error, match="does not fit"), transaction.atomic():
        connection.cursor().execute("insert into log_checkpoint values (5, 'r', 'n', now())")


def test_the_ledgers_own_functions_write_the_same_bytes_as_python() -> None:
    key, debit, credit = uuid.uuid4(), bytes(32), bytes(range(32))
    [(made,)] = db.rows(
        "select log_transfer_leaf(12, %s::uuid, %s::bytea, %s::bytea, 'points', 5, 'earn',"
        " 'yard@3', null, 4, %s::timestamptz)", (key, debit, credit, NOW),
    )  # fmt: skip
    fields: dict[str, leaves.Value] = {
        "amount": 5, "code": "earn", "credit": credit, "debit": debit, "hold": 4,
        "key": key.bytes, "rule": "yard@3", "unit": "points",
    }  # fmt: skip
    at = leaves.micros(NOW)
    assert bytes(made) == leaves.encode("ledger.transfer", "transfer:12", at, fields)
    [(bare,)] = db.rows(
        "select log_account_leaf(3, %s::bytea, 'points', 0, %s::timestamptz)", (credit, NOW)
    )
    assert bytes(bare) == leaves.encode(
        "ledger.account", "account:3", at, {"account": credit, "floor": 0, "unit": "points"}
    )
    db.rows("select log_append('ledger.account', 'account:3', %s::bytea, now())", (bare,))
    assert queries.entry("ledger.account", "account:3") == bytes(bare)


def test_an_entry_without_bytes_is_refused_or_stops_the_sequencer_and_stays() -> None:
    with pytest.raises(Error, match="no entry"), transaction.atomic():
        db.rows("select log_append('matter.closed', 'matter:8', null, now())")
    add(7)
    db.run(
        "insert into log_pending (kind, subject, at) values ('matter.closed', 'matter:8', now())"
    )
    with pytest.raises(Error, match="leaf"), transaction.atomic():
        jobs.sequence(at=NOW)
    assert Pending.objects.count() == 2
    assert Leaf.objects.count() == 0


def test_tiles_and_bundles_are_served_for_heads_that_were_given() -> None:
    grow(300)
    first = queries.tile(0, "000")
    assert len(first) == 8192
    assert queries.tile(0, "001.p/44")[:32] == queries.tile(0, "001.p/1")
    assert len(queries.tile(1, "000.p/1")) == 32
    entries = unbundle(queries.bundle("000"))
    assert [keys.hashing().leaf(entry) for entry in entries] == [
        first[at : at + 32] for at in range(0, 8192, 32)
    ]
    for level, path in ((0, "001"), (0, "001.p/45"), (0, "002"), (1, "000"), (9, "000"), (0, "1")):
        with pytest.raises(NotFound):
            queries.tile(level, path)
    with pytest.raises(NotFound):
        queries.bundle("001")


def a_witness(number: int = 1) -> Signer:
    made = Signer(f"village{number}/witness", notes.COSIGNATURE, bytes([number]) * 32)
    actions.register(name=made.name, title=f"第{number}村监委会", public=made.verifier.public,
                     by=None, at=NOW)  # fmt: skip
    return made


def sign_head(who: Signer, size: int) -> None:
    head = checkpoints.parse(queries.bare(size))[0]
    line = checkpoints.cosign(head, who, int(NOW.timestamp()))
    actions.cosigned(size=size, line=str(line), at=NOW)


def test_the_public_head_waits_ten_minutes_for_a_majority_of_its_witnesses() -> None:
    one, two, three = map(a_witness, (1, 2, 3))
    add(1)
    jobs.sequence(at=NOW)
    sign_head(one, 1)
    assert queries.watched(NOW)["behind"]
    sign_head(two, 1)
    sign_head(two, 1)  # again is no second line
    assert not queries.watched(NOW)["behind"]
    add(2)
    jobs.sequence(at=NOW + timedelta(minutes=5))
    rule = queries.policy()
    head, _, by = checkpoints.opened(queries.checkpoint(), rule.logs, rule.witnesses.values())
    assert head.size == 1
    assert {key.name for key in by} == {one.name, two.name}
    add(3)
    jobs.sequence(at=NOW + timedelta(minutes=11))
    assert opened().size == 3
    assert queries.watched(NOW)["behind"]
    read = receipts.parse(queries.receipt("matter.closed", "matter:1"))
    assert checkpoints.parse(read.checkpoint)[0].size == 1  # below a head with its quorum
    sign_head(three, 3)
    assert queries.last_signed(three.name) == 3
    actions.end_witness(name=three.name, at=NOW)
    with pytest.raises(BadInput):
        sign_head(three, 3)


def test_a_line_that_does_not_hold_or_of_nobody_we_know_is_refused() -> None:
    known = a_witness()
    grow(2)
    head = checkpoints.parse(queries.bare(2))[0]
    other = checkpoints.cosign(head._replace(root=bytes(32)), known, 5)
    for line in (str(other), "nonsense", str(checkpoints.cosign(head, Signer.new("x", 4), 5))):
        with pytest.raises(BadInput):
            actions.cosigned(size=2, line=line, at=NOW)
    with pytest.raises(NotFound):
        actions.cosigned(size=9, line=str(other), at=NOW)
    with pytest.raises(KeyReused):
        actions.register(name=known.name, title="别人", public=bytes(32), by=None, at=NOW)


def test_this_installation_is_a_witness_of_another_and_refuses_its_fork() -> None:
    other = Signer.new("neighbour/log")
    tree, forged = Tree(), Tree()
    for number in range(20):
        tree.append(b"%d" % number)
        forged.append(b"%d" % (number + (number == 3)))

    def asked(of: Tree, old: int, size: int) -> witness.Answer:
        head = checkpoints.Checkpoint(other.name, size, of.root(size))
        note = str(checkpoints.sign(head, [other], 0))
        body = witness.Asked(old, tuple(of.consistency(old, size)), note).text()
        return actions.add_checkpoint(body=body, at=NOW)

    assert asked(tree, 0, 5).status == 404
    actions.watch(vkey=str(other.verifier))
    assert asked(tree, 0, 5).status == 200
    stale = asked(tree, 0, 7)
    assert (stale.status, stale.body) == (409, "5\n")
    assert asked(forged, 5, 9).status == 422
    assert asked(forged, 5, 5).status == 409
    good = asked(tree, 5, 20)
    head = checkpoints.Checkpoint(other.name, 20, tree.root())
    line = notes.parse_line(good.body)
    read = notes.Note(head.text(), (line,))
    assert checkpoints.verified(head, read, [keys.witness().verifier])
    assert actions.add_checkpoint(body="nonsense", at=NOW).status == 400


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_entries_of_many_connections_while_sequencing_are_all_there_once() -> None:
    info = connection.get_connection_params()
    address = {name: info[name] for name in ("dbname", "user", "host", "port") if name in info}
    stop = threading.Event()

    def write(who: int) -> None:
        with psycopg.connect(**address, autocommit=True) as own:
            for number in range(100):
                with own.transaction():
                    own.execute(
                        "select log_append('a.b', %s, %s, now())",
                        (f"{who}:{number}", f"{who}:{number}".encode()),
                    )

    def drain() -> None:
        while not stop.is_set():
            jobs.sequence(at=NOW)
        connection.close()

    writers = [threading.Thread(target=write, args=[who]) for who in range(6)]
    sequencers = [threading.Thread(target=drain) for _ in range(2)]
    for thread in (*writers, *sequencers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sequencers:
        thread.join()
    jobs.sequence(at=NOW)
    held = list(Leaf.objects.order_by("index").values_list("index", "subject"))
    assert [index for index, _ in held] == list(range(600))
    assert len({subject for _, subject in held}) == 600
    tree = Tree()
    for leaf in Leaf.objects.order_by("index"):
        tree.append(bytes(leaf.leaf))
    assert opened() == checkpoints.Checkpoint(keys.signer().name, 600, tree.root())
    assert Tile.objects.get(level=0, index=0).hashes[:32] == tree.leaf(0)


def test_two_processes_make_one_key() -> None:
    made = {str(keys.signer().verifier) for _ in range(3)}
    assert len(made) == 1
    assert keys.witness().verifier.type == notes.COSIGNATURE
