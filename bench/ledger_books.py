"""The books a benchmark writes: accounts of a county, opened and filled by the ledger itself."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import psycopg
from bench import limit

CLIENTS = 8
_OPEN = """
select min(id), max(id) from (
  select ledger_open_account(null, %(unit)s, %(kind)s, %(owner)s, n, '', %(floor)s, %(slots)s::int,
    %(lots)s, now()) as id from generate_series(1, %(many)s::int) n) made
"""
_FILL = """
select count(*) from generate_series(0, (%(many)s::int - 1) / 1000) part,
  ledger_post_batch((select array_agg((n, gen_random_uuid(), %(from)s, n, 1000000, %(code)s, '',
      'bench', '', null, null)::ledger_row)
    from generate_series(%(first)s + part * 1000,
      least(%(first)s + part * 1000 + 999, %(first)s + %(many)s::bigint - 1)) n), 1, now())
"""


@dataclass
class Row:
    """Accounts of one make, by number one after the other."""

    first: int
    many: int

    def pick(self, name: str) -> str:
        """A pgbench line that chooses one of them."""
        return f"\\set {name} random({self.first}, {self.first + self.many - 1})\n"

    def other(self, name: str, than: str) -> str:
        """A pgbench line that chooses another one than `than`."""
        return (
            f"\\set {name} {self.first} + (:{than} - {self.first} + random(1, {self.many - 1}))"
            f" % {self.many}\n"
        )


@dataclass
class Books:
    """Where the money is."""

    url: str
    people: Row  # shares of people: floor 0, no lots
    sources: Row  # hours come from here: one of many
    hot: Row  # or all from this one, in 16 slots
    minutes: Row  # hours of people
    budgets: Row
    holders: Row  # points of people, in lots
    shops: Row

    def scripts(self) -> dict[str, str]:
        """One transfer each, as pgbench sends it."""
        return {
            "transfer": self.people.pick("d") + self.people.other("c", "d") + _call("inherit"),
            "cold": self.sources.pick("d") + self.minutes.pick("c") + _call("service"),
            "hot": self.hot.pick("d") + self.minutes.pick("c") + _call("service"),
            "award": self.budgets.pick("d") + self.holders.pick("c") + _call("award"),
            "spend": self.holders.pick("d") + self.shops.pick("c") + _call("spend"),
        }

    def batches(self) -> dict[str, str]:
        """A thousand transfers each, in one statement."""
        part = self.people.many // CLIENTS
        mine = f"{self.people.first} + :client_id * {part}"
        return {
            "anybody": self.people.pick("d")
            + _many("inherit", ":d", f"{self.people.first} + (:d - {self.people.first} + 1 + n * 7)"
                    f" % {self.people.many}"),
            "own people": _many("inherit", f"{mine} + n", f"{mine} + (n + 1) % 1000"),
            "award": self.holders.pick("c")
            + _many("award", f"{self.budgets.first} + :client_id", f"{self.holders.first} +"
                    f" (:c - {self.holders.first} + n) % {self.holders.many}"),
        }  # fmt: skip

    def filling(self) -> str:
        """A statement that enters a thousand transfers."""
        return _many("inherit", f"{self.people.first} + n", f"{self.people.first} + (n + 1) % 1000")


def _call(code: str) -> str:
    """The client brings the key: making it is no work of the books."""
    return (
        "\\set k random(1, 9223372036854775806)\n"
        "select ledger_post(lpad(to_hex((:k)::bigint), 32, '0')::uuid, :d, :c, 1,"
        f" '{code}', 1, now(), '', 'bench');"
    )


def _many(code: str, debit: str, credit: str) -> str:
    return (
        "select count(*) from ledger_post_batch((select array_agg((n, gen_random_uuid(),"
        f" {debit}, {credit}, 1, '{code}', '', 'bench', '', null, null)::ledger_row)"
        " from generate_series(0, 999) n), 1, now());"
    )


def lay(url: str, people: int) -> Books:
    """Open the accounts and give everybody plenty."""
    with psycopg.connect(url, autocommit=True) as link:
        owned = _row(link, people, unit="shares", kind="holder")
        holders = _row(link, people, unit="points", kind="holder", lots=True)
        budgets = _row(link, 1000, unit="points", kind="budget", owner="activity")
        made = Books(
            url, owned, _row(link, 1000, unit="hours", kind="issuance", floor=None),
            _row(link, 1, unit="hours", kind="issuance", owner="hot", floor=None, slots=16),
            _row(link, people, unit="hours", kind="holder"), budgets, holders,
            _row(link, 1000, unit="points", kind="merchant", owner="shop"),
        )  # fmt: skip
        paper = {"floor": None, "owner": "paper"}
        _fill(link, _row(link, 1, unit="shares", kind="opening", **paper), owned, "opening")
        _fill(link, _row(link, 1, unit="points", kind="opening", **paper), holders, "opening")
        _fill(link, _row(link, 1, unit="points", kind="issuance", **paper), budgets, "fund")
        _take_in()
        link.execute("vacuum analyze")
    return made


def _take_in() -> None:
    """What waits enters the log, as it does all the time: its room is free for what comes."""
    from gongzhi.log import jobs

    while jobs.sequence(at=datetime.now(UTC)):
        pass


def _row(
    link: psycopg.Connection, many: int, *, unit: str, kind: str, owner: str = "person",
    floor: int | None = 0, slots: int = 0, lots: bool = False,
) -> Row:  # fmt: skip
    asked = {"unit": unit, "kind": kind, "owner": owner, "floor": floor, "slots": slots,
             "lots": lots, "many": many}  # fmt: skip
    found = link.execute(_OPEN, asked).fetchone()
    assert found is not None
    assert found[1] - found[0] == many - 1
    return Row(found[0], many)


def _fill(link: psycopg.Connection, source: Row, many: Row, code: str) -> None:
    link.execute(_FILL, {"from": source.first, "first": many.first, "many": many.many,
                         "code": code})  # fmt: skip


def sibling(url: str, name: str) -> str:
    """The address of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@contextmanager
def copies(books: Books) -> Iterator[tuple[str, str]]:
    """Two copies of the books, made alike; the `ledger_post` of the second leaves the log alone."""
    maker = sibling(books.url, "postgres")
    logged, bare = sibling(books.url, "logged"), sibling(books.url, "bare")
    with psycopg.connect(maker, autocommit=True) as link:
        link.execute("create database logged template gongzhi")
        link.execute("create database bare template gongzhi")
    for url in (logged, bare):
        with psycopg.connect(url, autocommit=True) as link:
            found = link.execute("select pg_get_functiondef('ledger_post'::regproc)").fetchone()
            assert found is not None
            link.execute(_unlogged(found[0]) if url == bare else found[0])
            link.execute("vacuum analyze")
    yield logged, bare
    with psycopg.connect(maker, autocommit=True) as link:
        link.execute("drop database logged with (force)")
        link.execute("drop database bare with (force)")


_ENTRY = re.compile(r"insert into log_pending .*?;", re.DOTALL)


def _unlogged(function: str) -> str:
    """The function without what it writes for the log."""
    bare = _ENTRY.sub("", function)
    assert bare != function
    return bare


def make(url: str, name: str) -> str:
    """An empty database beside ours; its address."""
    with psycopg.connect(sibling(url, "postgres"), autocommit=True) as link:
        link.execute(f"create database {name}")  # type: ignore[arg-type]
    return sibling(url, name)


def tpcb(url: str, scale: int) -> str:
    """A database with pgbench's own tables; its address."""
    made = make(url, "tpcb")
    limit.pgbench(made, "-i", "-q", "-s", str(scale))
    return made
