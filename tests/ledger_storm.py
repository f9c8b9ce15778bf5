"""Clients that write to the books all at once while connections and processes are killed.

Run as a program it is one client: it writes with keys, tries again after a lost connection, and
notes what it was told, line by line, in a file that outlives it.
"""

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TextIO
from uuid import uuid4

import psycopg

LOST = (psycopg.OperationalError, psycopg.InterfaceError)
REFUSED = {"23514", "GZ003", "GZ004", "GZ005", "GZ006", "GZ007", "GZ008"}
ROW = "({n}, {key}, {debit}, {credit}, {amount}, {code}, '', '', '', null, null)::ledger_row"
POST = "select ledger_post(%s, %s, %s, %s, %s, 1, now(), '', '', '', %s, null)"


@dataclass
class Told:
    """What the clients were told: key → amount, and what ought not to have happened."""

    entered: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)


class Client:
    """One of eight: a step after the other until it is stopped."""

    def __init__(self, dsn: str, name: str, seed: int, accounts: dict[str, Any], out: TextIO):
        self.dsn, self.name, self.out = dsn, name, out
        self.a, self.random = accounts, random.Random(seed)
        self.holds: list[tuple[int, int]] = []
        self.entered: list[tuple[int, int]] = []
        self.connection: Any = None

    def go_on(self, stop: Path) -> None:
        """Step after step, until there is that file."""
        self.note("ready", "", "")
        steps: list[Callable[[], None]] = [
            self.award, self.award, self.spend, self.spend, self.hold, self.capture, self.void,
            self.reverse, self.batch, self.fund, self.night,
        ]  # fmt: skip
        while not stop.exists():
            self.random.choice(steps)()

    def ask(self, key: str, kind: str, amount: int, sql: str, *said: Any) -> Any:
        """The answer, asked for again with the same key whenever the connection is lost."""
        while True:
            try:
                if self.connection is None or self.connection.closed:
                    self.connection = psycopg.connect(
                        self.dsn, autocommit=True, application_name=self.name
                    )
                answer = self.connection.execute(sql, said).fetchall()
            except LOST as lost:
                if lost.sqlstate == "40P01":
                    return self.note("odd", key, f"deadlock in {kind}")
                self.connection = None
                time.sleep(0.01)
            except psycopg.Error as error:
                if error.sqlstate in REFUSED:
                    return self.note("refused", key, kind)
                return self.note("odd", key, f"{kind}: {error}")
            else:
                self.note(kind, key, str(amount))
                return answer

    def note(self, what: str, key: str, words: str) -> None:
        """On paper at once: a client that is killed has told what it knew."""
        self.out.write(f"{what}\t{key}\t{' '.join(words.split())}\n")
        self.out.flush()

    def post(self, debit: int, credit: int, amount: int, code: str, until: Any = None) -> None:
        key = str(uuid4())
        found = self.ask(key, "entered", amount, POST, key, debit, credit, amount, code, until)
        if found:
            self.entered.append((abs(found[0][0]), amount))  # below zero: had been made

    def award(self) -> None:
        until = self.random.choice([None, date.today(), date.today() + timedelta(days=9)])
        self.post(self.random.choice(self.a["budgets"]), self.random.choice(self.a["people"]),
                  self.random.randint(1, 9), "award", until)  # fmt: skip

    def spend(self) -> None:
        self.post(self.random.choice(self.a["people"]), self.random.choice(self.a["shops"]),
                  self.random.randint(1, 9), "spend")  # fmt: skip

    def fund(self) -> None:
        self.post(self.a["issuance"], self.random.choice(self.a["budgets"]), 2, "fund")

    def hold(self) -> None:
        key, amount = str(uuid4()), self.random.randint(1, 9)
        found = self.ask(
            key, "held", amount, "select * from ledger_hold(%s, %s, %s, %s, 'spend', 1, now(),"
            " now() + interval '2 seconds')", key, self.random.choice(self.a["people"]),
            self.random.choice(self.a["shops"]), amount,
        )  # fmt: skip
        if found:
            self.holds.append((found[0][0], amount))

    def capture(self) -> None:
        if self.holds:
            number, amount = self.random.choice(self.holds)
            part, key = self.random.randint(1, amount), str(uuid4())
            self.ask(key, "entered", part, "select * from ledger_capture(%s, %s, %s, 1, now())",
                     key, number, part)  # fmt: skip

    def void(self) -> None:
        if self.holds:
            number, _ = self.holds.pop(0)
            self.ask(str(uuid4()), "done", 0, "select ledger_void(%s, now())", number)

    def reverse(self) -> None:
        if self.entered:
            number, amount = self.random.choice(self.entered[-20:])
            key = str(uuid4())
            self.ask(key, "entered", amount, "select * from ledger_reverse(%s, %s, %s, 1, now())",
                     key, number, amount)  # fmt: skip

    def batch(self) -> None:
        rows, keys = [], []
        for n in range(self.random.randint(2, 8)):
            key, way = str(uuid4()), self.random.random()
            pay: tuple[int, int, str] = (
                (self.a["issuance"], self.random.choice(self.a["budgets"]), "fund") if way < 0.3
                else (self.random.choice(self.a["budgets"]),
                      self.random.choice(self.a["people"]), "award") if way < 0.8
                else (self.random.choice(self.a["people"]),
                      self.random.choice(self.a["shops"]), "spend")
            )  # fmt: skip
            keys.append(key)
            rows.append(ROW.format(n=n, key=f"'{key}'", debit=pay[0], credit=pay[1], amount=1,
                                   code=f"'{pay[2]}'"))  # fmt: skip
        sql = f"select * from ledger_post_batch(array[{','.join(rows)}], 1, now())"
        if self.ask(keys[0], "entered", 1, sql):
            for key in keys[1:]:
                self.note("entered", key, "1")

    def night(self) -> None:
        self.ask(str(uuid4()), "done", 0, "select ledger_expire_holds(now(), 50)")
        self.ask(str(uuid4()), "done", 0, "select ledger_expire_day(current_date, now(), 50)")


class Storm:
    """Eight clients, and somebody who pulls plugs."""

    def __init__(self, dsn: str, folder: Path, accounts: dict[str, Any], seed: int) -> None:
        self.dsn, self.folder, self.accounts = dsn, folder, accounts
        self.stop = folder / "stop"
        self.random, self.made, self.cut = random.Random(seed), 0, Counter[str]()

    def blow(self, seconds: float, clients: int = 8) -> Told:
        """For so long after all are there; what the clients were told."""
        running = [self._client() for _ in range(clients)]
        while sum(line[0] == "ready" for line in self._lines()) < clients:
            time.sleep(0.1)
        until = time.time() + seconds
        with psycopg.connect(self.dsn, autocommit=True) as mine:
            while time.time() < until:
                time.sleep(0.2)
                one = self.random.randrange(clients)
                if self.random.random() < 0.3:
                    running[one].send_signal(signal.SIGKILL)
                    running[one].wait()
                    running[one] = self._client()
                    self.cut["process"] += 1
                else:
                    self._terminate(mine)
        self.stop.touch()
        for process in running:
            assert process.wait(timeout=60) == 0
        return self._told()

    def _client(self) -> "subprocess.Popen[bytes]":
        self.made += 1
        out, seed = str(self.folder / f"{self.made}.txt"), str(self.random.randrange(10**6))
        who = [self.dsn, f"storm {self.made}", seed]
        said = [*who, json.dumps(self.accounts), out, str(self.stop)]
        return subprocess.Popen([sys.executable, __file__, *said])

    def _terminate(self, mine: Any) -> None:
        found = mine.execute(
            "select pid from pg_stat_activity where application_name like 'storm %'"
            " and datname = current_database() order by random() limit 1"
        ).fetchone()
        if found:
            mine.execute("select pg_terminate_backend(%s)", found)
            self.cut["connection"] += 1

    def _told(self) -> Told:
        told = Told()
        for what, key, words in self._lines():
            if what == "entered":
                told.entered[key] = int(words)
            elif what == "held":
                told.held[key] = int(words)
            elif what == "refused":
                told.refused.append(key)
            elif what == "odd":
                told.odd.append(words)
        return told

    def _lines(self) -> Iterator[list[str]]:
        for file in sorted(self.folder.glob("*.txt")):
            for line in file.read_text(encoding="utf-8").splitlines():
                parts = line.split("\t")
                if len(parts) == 3:  # the last line of a killed client may be half a line
                    yield parts


def main(dsn: str, name: str, seed: str, accounts: str, file: str, stop: str) -> None:
    """One client."""
    with open(file, "w", encoding="utf-8") as out:
        Client(dsn, name, int(seed), json.loads(accounts), out).go_on(Path(stop))


if __name__ == "__main__":
    main(*sys.argv[1:])
