"""The books: what a transfer, a batch, the log and a proof reach beside their bars.

    gongzhi bench ledger [--quick] [--only transfer hot batch log django sequencer proof browser]

Everything runs on a fresh embedded database with durable commits, eight clients. What is compared
takes turns on the same machine in the same minute, and a ratio is the median of the turns: such
machines change their pace. pgbench's own TPC-B-like transaction is the yardstick for SQL (scale
50: five million accounts, fifty branches), django-hordak's `transfer_to` the one for Django.
"""

import argparse
import os
import platform
import statistics
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import ground, ledger_books, ledger_log, ledger_peer, limit
from bench.ledger_books import CLIENTS, Books

PARTS = ("transfer", "hot", "batch", "log", "django", "sequencer", "proof", "browser")
Measure = Callable[[], float]


@dataclass
class Asked:
    """How long and how often."""

    seconds: int
    turns: int
    people: int
    scale: int


def main() -> None:
    """Measure and print."""
    parse = argparse.ArgumentParser()
    parse.add_argument("--quick", action="store_true", help="short turns, small tables")
    parse.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parse.add_argument("--seconds", type=int, default=0, help="of a turn")
    parse.add_argument("--turns", type=int, default=0)
    told = parse.parse_args()
    asked = Asked(2, 3, 10_000, 10) if told.quick else Asked(4, 3, 50_000, 50)
    asked.seconds, asked.turns = told.seconds or asked.seconds, told.turns or asked.turns
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{'':34} {'measured':>14} {'beside':>14} {'ratio':>7} {'from-to':>11}  bar")
    with ground.database() as (url, env):
        _sql(told.only, url, asked)
        if "django" in told.only:
            through_django(_books(url, asked, ledger_peer.ACCOUNTS), env, asked)
        if "sequencer" in told.only:
            sequencer(_books(url, asked, 5_000), asked)
        if "proof" in told.only:
            proof()
        if "browser" in told.only:
            took = ledger_log.browser(asked.turns)
            _tell("audit of 100,000 in a browser", f"{took:.2f} s", "", "< 1 s", took < 1)


_laid: list[Books] = []


def _books(url: str, asked: Asked, least: int) -> Books:
    """The books, laid once."""
    if not _laid:
        _laid.append(ledger_books.lay(url, max(asked.people, least)))
    return _laid[0]


def _sql(parts: list[str], url: str, asked: Asked) -> None:
    """Everything pgbench measures alone."""
    if {"transfer", "batch"} & set(parts):
        tpcb = ledger_books.tpcb(url, asked.scale)
        if "transfer" in parts:
            transfer(_books(url, asked, 0), tpcb, asked)
        if "batch" in parts:
            batches(_books(url, asked, 0), tpcb, asked)
    if "hot" in parts:
        hot(_books(url, asked, 0), asked)
    if "log" in parts:
        log(_books(url, asked, 0), asked)


def _scripts(url: str, asked: Asked, scripts: dict[str, str], times: int = 1) -> dict[str, Measure]:
    """Each script as a measure; a transaction of it counts for `times`."""
    return {
        name: lambda text=text: times * limit.tps(  # type: ignore[misc]
            url, text, clients=CLIENTS, seconds=asked.seconds
        )
        for name, text in scripts.items()
    }  # fmt: skip


def _tpcb(url: str, asked: Asked) -> Measure:
    return lambda: limit.rate(url, "-b", "tpcb-like", clients=CLIENTS, seconds=asked.seconds)


def transfer(books: Books, tpcb: str, asked: Asked) -> None:
    """One transfer with its check, key and entry for the log; and two that move lots as well."""
    scripts = books.scripts()
    chosen = {
        "a transfer, SQL function": scripts["transfer"],
        "an award, with its lot": scripts["award"],
        "spending, from lots": scripts["spend"],
    }
    seen = alternate(_scripts(books.url, asked, chosen) | {"tpcb": _tpcb(tpcb, asked)}, asked.turns)
    for name in chosen:
        beside(name, seen[name], seen["tpcb"], "pgbench", 1.2 if "SQL" in name else None)


def hot(books: Books, asked: Asked) -> None:
    """Everybody's hours from one account in slots, beside a thousand accounts."""
    scripts = books.scripts()
    chosen = {"hot": scripts["hot"], "cold": scripts["cold"]}
    seen = alternate(_scripts(books.url, asked, chosen), asked.turns)
    beside("issuance, one account for all", seen["hot"], seen["cold"], "cold", 0.9)


def batches(books: Books, tpcb: str, asked: Asked) -> None:
    """Transfers per second in batches of a thousand, beside TPC-B transactions per second."""
    chosen = {
        "batches of 1,000": books.batches()["own people"],
        "the same, accounts shared": books.batches()["anybody"],
        "batches of 1,000 awards, lots": books.batches()["award"],
    }
    ours = _scripts(books.url, asked, chosen, times=1000)
    seen = alternate(ours | {"tpcb": _tpcb(tpcb, asked)}, asked.turns)
    for name in chosen:
        beside(name, seen[name], seen["tpcb"], "pgbench", None if "shared" in name else 5)


def log(books: Books, asked: Asked) -> None:
    """The same function on two copies of the books, one without the entry for the log."""
    from django.db import connections

    connections.close_all()
    script = books.scripts()["transfer"]
    with ledger_books.copies(books) as (logged, bare):
        seen = alternate(
            _scripts(logged, asked, {"with": script}) | _scripts(bare, asked, {"bare": script}),
            asked.turns,
        )
    beside("SQL function with the log", seen["with"], seen["bare"], "without", None)


def through_django(books: Books, env: dict[str, str], asked: Asked) -> None:
    """`ledger.actions.transfer` by eight processes, and django-hordak; what the log takes of it.

    What it takes of business is measured on an hour served: written down by one, confirmed by
    another, entered in the books.
    """
    from django.db import connections

    first, village = books.people.first, ledger_peer.lay_village()
    connections.close_all()
    url = ledger_books.make(books.url, "hordak")
    theirs = ledger_peer.environment(env, url=url, hordak=True)
    number = ledger_peer.lay_hordak(theirs)
    with ledger_books.copies(books) as (logged, bare), ExitStack() as working:
        crews = {
            name: working.enter_context(ledger_peer.crew(who, its, start, CLIENTS))
            for name, who, its, start in (
                ("bare", "ours", _env(env, bare), first),
                ("ours", "ours", _env(env, logged), first),
                ("hordak", "hordak", theirs, number),
                ("hours", "hours", _env(env, logged), village),
                ("bare hours", "hours", _env(env, bare), village),
            )
        }
        # Five measures: short turns and more of them, so that what is compared has one pace.
        seen = alternate(
            {name: lambda its=its: its.rate(asked.seconds / 2) for name, its in crews.items()},  # type: ignore[misc]
            3 * asked.turns,
        )
    beside("a transfer through Django", seen["ours"], seen["hordak"], "hordak", 5)
    beside("the same with the log", seen["ours"], seen["bare"], "without", None)
    beside("hours confirmed, with the log", seen["hours"], seen["bare hours"], "without", 0.95)


def _env(env: dict[str, str], url: str) -> dict[str, str]:
    return ledger_peer.environment(env, url=url, hordak=False)


def sequencer(books: Books, asked: Asked) -> None:
    """The sequencer alone, and what waits for a checkpoint while eight clients write."""
    reached = ledger_log.sequencer(books, asked.turns)
    _tell("sequencer, entries", f"{reached:,.0f} /s", "", ">= 5,000 /s", reached >= 5_000)
    writing, longest = ledger_log.lag(books, 3 * asked.seconds)
    _tell("an entry waits for its checkpoint", f"{longest:.1f} s", f"{writing:,.0f} tps",
          "< 5 s", longest < 5)  # fmt: skip


def proof() -> None:
    """An inclusion proof at a million entries, and a receipt among them."""
    memory, tiled, receipt = ledger_log.million()
    _tell("proof at 1 M, hashes in memory", f"{memory:.1f} us", "", "<= 20 us", memory <= 20)
    _tell("the same, tiles in memory", f"{tiled:.1f} us", "", "", True)
    size = len(receipt.encode())
    _tell("receipt at 1 M", f"{size:,} bytes", "", "< 2,000", size < 2_000)


def alternate(measures: dict[str, Measure], turns: int) -> dict[str, list[float]]:
    """Each once to warm up, then `turns` times in turn, every second turn backwards."""
    for measure in measures.values():
        measure()
    seen: dict[str, list[float]] = {name: [] for name in measures}
    for turn in range(turns):
        for name in list(measures)[:: -1 if turn % 2 else 1]:
            seen[name].append(measures[name]())
    return seen


def beside(name: str, mine: list[float], other: list[float], what: str, bar: float | None) -> None:
    """Print the medians, the median of the ratios, turn by turn, and the least and greatest."""
    ratios = sorted(a / b for a, b in zip(mine, other, strict=True))
    ratio = statistics.median(ratios)
    figure = f"{statistics.median(other):,.0f} {what}"
    _tell(name, f"{statistics.median(mine):,.0f} /s", figure, f">= {bar}" if bar else "",
          bar is None or ratio >= bar, f"{ratio:.2f}",
          f"{ratios[0]:.2f}-{ratios[-1]:.2f}")  # fmt: skip


def _tell(
    name: str, mine: str, other: str, bar: str, good: bool, ratio: str = "", spread: str = ""
) -> None:
    late = "" if good else "  MISSED"
    print(f"{name:34} {mine:>14} {other:>14} {ratio:>7} {spread:>11}  {bar}{late}", flush=True)


if __name__ == "__main__":
    main()
