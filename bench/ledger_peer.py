"""Through Django by eight processes: our transfers and django-hordak's; hours served and confirmed.

One process leads eight: they warm up, it says so, and they transfer whenever it is told.
"""

import itertools
import multiprocessing
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[1]
ACCOUNTS = 1000


@dataclass
class Crew:
    """Processes that wait for the word; one leads them."""

    leader: subprocess.Popen[str]

    def rate(self, seconds: float) -> float:
        """Transfers per second of all together."""
        assert self.leader.stdin is not None
        self.leader.stdin.write(f"{seconds}\n")
        self.leader.stdin.flush()
        return self.heard()

    def heard(self) -> float:
        """The next line of the leader."""
        assert self.leader.stdout is not None
        said = self.leader.stdout.readline()
        if not said:
            raise SystemExit("the clients of the bench ended")
        return float(said)


@contextmanager
def crew(who: str, env: dict[str, str], first: int, clients: int) -> Iterator[Crew]:
    """`clients` processes with a connection each, warmed up."""
    code = f"from bench import ledger_peer; ledger_peer.lead({who!r}, {first}, {clients})"
    leader = subprocess.Popen(
        [sys.executable, "-c", code], env=env, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    made = Crew(leader)
    try:
        made.heard()
        yield made
    finally:
        assert leader.stdin is not None
        leader.stdin.close()
        leader.wait(20)


def lay_hordak(env: dict[str, str]) -> int:
    """Its tables and a thousand accounts, by itself; the number of the first."""
    code = (
        "import django; django.setup(); from hordak.models import Account;"
        "from django.core.management import call_command; call_command('migrate', verbosity=0);"
        f"print(Account.objects.bulk_create([Account(name=f'a{{n}}', code=None, type='LI',"
        f" currencies=['CNY'], lft=1, rght=2, tree_id=n, level=0) for n in range({ACCOUNTS})])"
        "[0].pk)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"django-hordak: {done.stderr[-800:]}")
    return int(done.stdout.split()[-1])


def lay_village() -> int:
    """A village: who writes hours down, who was there, a thousand who serve; the first of them."""
    from gongzhi.people.models import Appointment, Household, Person
    from gongzhi.places.models import Place

    since = date(2020, 1, 1)
    village = Place.objects.create(
        code="320903050001", name="某村", kind="village", valid_from=since
    )
    home = Household.objects.create(place=village)
    people = Person.objects.bulk_create(
        Person(name=f"村民{n}", household=home) for n in range(2 + ACCOUNTS)
    )
    Appointment.objects.create(person=people[0], role="committee", place=village, from_on=since)
    return people[0].pk


def environment(env: dict[str, str], *, url: str, hordak: bool) -> dict[str, str]:
    """Of a client: the database, and whose settings."""
    paths = [str(ROOT), str(ROOT / "src")]
    more = {"PYTHONPATH": os.pathsep.join(paths), "DATABASE_URL": url}
    if hordak:
        more |= {"HORDAK_URL": url, "DJANGO_SETTINGS_MODULE": "bench.hordak_settings"}
    return os.environ | env | more


def _pairs() -> Iterator[tuple[int, int]]:
    """Who pays whom, chosen before the clock runs: choosing is no work of the books."""
    chosen = [random.sample(range(ACCOUNTS), 2) for _ in range(10_000)]
    return itertools.cycle([(debit, credit) for debit, credit in chosen])


def _ours(first: int) -> Callable[[], object]:
    from gongzhi.ledger import actions

    pairs = _pairs()

    def transfer() -> object:
        debit, credit = next(pairs)
        return actions.transfer(
            key=uuid4(), debit=first + debit, credit=first + credit, amount=1, code="inherit", by=1,
            at=datetime.now(UTC), evidence="bench",
        )  # fmt: skip

    return transfer


def _hours(first: int) -> Callable[[], object]:
    from gongzhi.ledger.points.actions import hours

    writer, witness = first, first + 1

    def serve() -> object:
        at = datetime.now(UTC)
        number = hours.record(
            person_id=random.randrange(first + 2, first + 2 + ACCOUNTS), minutes=1, what="巡逻",
            on=at.date() - timedelta(days=random.randrange(1, 60)), by=writer, at=at,
            witness_id=witness,
        )  # fmt: skip
        return hours.confirm(service_id=number, by=witness, at=at)

    return serve


def _hordak(first: int) -> Callable[[], object]:
    from django.db import transaction
    from hordak.models import Account
    from moneyed import Money

    accounts, amount = list(Account.objects.order_by("pk")), Money(1, "CNY")
    assert accounts[0].pk == first

    pairs = _pairs()

    def transfer() -> object:
        debit, credit = next(pairs)
        with transaction.atomic():  # its check of the legs waits for the end of a transaction
            return accounts[debit].transfer_to(accounts[credit], amount, description="bench")

    return transfer


def _client(who: str, first: int, line: Connection) -> None:
    """One client: seconds come in, what was done per second goes out."""
    transfer = {"ours": _ours, "hours": _hours, "hordak": _hordak}[who](first)
    for _ in range(20):  # statements are prepared, plans made
        transfer()
    line.send(0.0)
    while seconds := line.recv():
        done, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            transfer()
            done += 1
        line.send(done / (time.perf_counter() - began))


def lead(who: str, first: int, clients: int) -> None:
    """Django is set up once; the clients are forked and connect by themselves."""
    import django

    django.setup()
    lines = []
    for _ in range(clients):
        mine, its = multiprocessing.Pipe()
        lines.append(mine)
        multiprocessing.get_context("fork").Process(
            target=_client, args=(who, first, its), daemon=True
        ).start()
    print(sum(line.recv() for line in lines), flush=True)
    for told in sys.stdin:
        for line in lines:
            line.send(float(told))
        print(sum(line.recv() for line in lines), flush=True)
