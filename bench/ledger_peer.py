"""Transfers through Django by eight processes: ours, ours without the log, django-hordak's.

Run with a word it is one of the eight: it warms up, says so, and transfers whenever it is told.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

ACCOUNTS = 1000


@dataclass
class Crew:
    """Processes that wait for the word."""

    children: list[subprocess.Popen[str]]

    def rate(self, seconds: float) -> float:
        """Transfers per second of all together."""
        for child in self.children:
            assert child.stdin is not None
            child.stdin.write(f"{seconds}\n")
            child.stdin.flush()
        return sum(map(_heard, self.children))


def _heard(child: subprocess.Popen[str]) -> float:
    assert child.stdout is not None
    said = child.stdout.readline()
    if not said:
        raise SystemExit("a client of the bench ended")
    return float(said)


@contextmanager
def crew(who: str, env: dict[str, str], first: int, clients: int) -> Iterator[Crew]:
    """`clients` processes with a connection each, warmed up."""
    command = [sys.executable, __file__, who, str(first)]
    children = [
        subprocess.Popen(command, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(clients)
    ]
    try:
        for child in children:
            _heard(child)
        yield Crew(children)
    finally:
        for child in children:
            assert child.stdin is not None
            child.stdin.close()
            child.wait(20)


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


def environment(env: dict[str, str], *, url: str, hordak: bool) -> dict[str, str]:
    """Of a client: the database, and whose settings."""
    paths = [str(ROOT), str(ROOT / "src")]
    more = {"PYTHONPATH": os.pathsep.join(paths), "DATABASE_URL": url}
    if hordak:
        more |= {"HORDAK_URL": url, "DJANGO_SETTINGS_MODULE": "bench.hordak_settings"}
    return os.environ | env | more


def _ours(first: int) -> Callable[[], object]:
    from gongzhi.ledger import actions

    def transfer() -> object:
        debit, credit = random.sample(range(first, first + ACCOUNTS), 2)
        return actions.transfer(
            key=uuid4(), debit=debit, credit=credit, amount=1, code="inherit", by=1,
            at=datetime.now(UTC), evidence="bench",
        )  # fmt: skip

    return transfer


def _hordak(first: int) -> Callable[[], object]:
    from django.db import transaction
    from hordak.models import Account
    from moneyed import Money

    accounts, amount = list(Account.objects.order_by("pk")), Money(1, "CNY")
    assert accounts[0].pk == first

    def transfer() -> object:
        debit, credit = random.sample(accounts, 2)
        with transaction.atomic():  # its check of the legs waits for the end of a transaction
            return debit.transfer_to(credit, amount, description="bench")

    return transfer


def main(who: str, first: int) -> None:
    """One client: a line with seconds comes in, a line with transfers per second goes out."""
    import django

    django.setup()
    transfer = {"ours": _ours, "hordak": _hordak}[who](first)
    for _ in range(20):  # statements are prepared, plans made
        transfer()
    print(0, flush=True)
    for line in sys.stdin:
        done, began = 0, time.perf_counter()
        while time.perf_counter() - began < float(line):
            transfer()
            done += 1
        print(done / (time.perf_counter() - began), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
