"""Matters: what the API, the moves and the clock reach of what the database itself can do.

    gongzhi bench matters [--matters 200000] [--seconds 4] [--big 1000000] [--skip-big]

Everything runs on a fresh embedded database with durable commits. The limit is pgbench doing the
same work, in turns with the requests on the same machine; quote ratios.
"""

import argparse
import itertools
import json
import os
import platform
import statistics
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.test import Client

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import ground, limit, load, plain

CLIENTS, TURNS = 8, 3


def main() -> None:
    """Measure and print."""
    parse = argparse.ArgumentParser()
    parse.add_argument("--matters", type=int, default=200_000)
    parse.add_argument("--big", type=int, default=1_000_000)
    parse.add_argument("--seconds", type=int, default=4)
    parse.add_argument("--skip-big", action="store_true")
    asked = parse.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with ground.database() as (url, env):
        laid = ground.lay(url, env, 10_000)
        small = costs(laid)
        ground.grow(asked.matters)
        print(f"\n{asked.matters:,} matters, 2 workers, {CLIENTS} clients")
        over_http(laid, asked.seconds)
        inbox(laid)
        moves(laid, asked.seconds)
        sweep(laid)
        if not asked.skip_big:
            ground.grow(asked.big)
            big = costs(laid)
            print(f"\ncost at {asked.big:,} matters against 10,000 (target <= 1.5)")
            for name, cost in big.items():
                print(
                    f"  {name:8} {cost:6.2f} ms / {small[name]:6.2f} ms = {cost / small[name]:.2f}"
                )


def requests(laid: ground.Ground) -> dict[str, tuple[Callable[[int], load.Request], int]]:
    """How each measured request is made, and the status it should get."""
    auth = {"Authorization": f"Bearer {laid.token}"}
    posts = auth | {"Content-Type": "application/json"}
    codes = [f"320903050{1 + i % 7:03}{i:03}" for i in range(ground.GRIDS)]

    def create(n: int) -> load.Request:
        body = {"body": f"第{n}号楼门口路灯不亮，晚上老人走路看不清。", "place": codes[n % 200]}
        return "POST", "/api/v1/matters", json.dumps(body).encode(), posts

    def listed(n: int) -> load.Request:
        path = f"/api/v1/matters?state=open&size=50&place=320903050{1 + n % 7:03}"
        return "GET", path, None, auth

    def detail(n: int) -> load.Request:
        return "GET", f"/api/v1/matters/GZ26{1 + n * 37 % 9000:07}", None, auth

    # What is created by pgbench lies all in one grid: last, so that the lists see true ones.
    return {"list": (listed, 200), "detail": (detail, 200), "create": (create, 201)}


TARGETS = {"create": (0.35, 8), "list": (0.10, 4), "detail": (0.08, 6)}


def over_http(laid: ground.Ground, seconds: int) -> None:
    """Requests per second beside what pgbench reaches with the same statements.

    The two take turns, because such machines change their pace from minute to minute; a share is
    the median of the turns.
    """
    made = requests(laid)
    limits = {name: _scripts(name, make(1)) for name, (make, _) in made.items()}
    with ground.serve(laid) as port:
        for name, (make, good) in made.items():
            load.drive(port, make, clients=CLIENTS, seconds=1.5, good=good)
            turns = [_turn(laid, port, make, good, limits[name], seconds) for _ in range(TURNS)]
            _tell(name, turns, limits[name].statements)


@dataclass
class Scripts:
    """What pgbench runs: the very statements, and the same work as one would first write it."""

    sent: str
    plain: str
    statements: int


def _turn(
    laid: ground.Ground, port: int, make: Callable[[int], load.Request], good: int,
    scripts: Scripts, seconds: int,
) -> tuple[load.Seen, float, float]:  # fmt: skip
    """One turn of each: through the API, the statements alone, the plain ones alone."""
    seen = load.drive(port, make, clients=CLIENTS, seconds=seconds, good=good)
    sent = limit.tps(laid.url, scripts.sent, clients=CLIENTS, seconds=seconds)
    if scripts.plain == scripts.sent:
        return seen, sent, sent
    return seen, sent, limit.tps(laid.url, scripts.plain, clients=CLIENTS, seconds=seconds)


def _tell(name: str, turns: list[tuple[load.Seen, float, float]], statements: int) -> None:
    share, most = TARGETS[name]
    of_plain = statistics.median(seen.per_second / plain for seen, _, plain in turns)
    of_sent = statistics.median(seen.per_second / sent for seen, sent, _ in turns)
    seen, sent, plain = (statistics.median(column) for column in zip(
        *((seen.per_second, sent, plain) for seen, sent, plain in turns), strict=True))  # fmt: skip
    print(
        f"  {name:7} {seen:6.0f}/s; plain statements {plain:.0f} tps: {of_plain:.1%}"
        f" (target {share:.0%}); the statements sent {sent:.0f} tps: {of_sent:.1%};"
        f" {statements} statements (<= {most}),"
        f" p50 {statistics.median(turn[0].median_ms for turn in turns):.1f} ms,"
        f" p99 {max(turn[0].p99_ms for turn in turns):.1f} ms,"
        f" wrong answers {sum(turn[0].bad for turn in turns)}"
    )


def _scripts(name: str, request: load.Request) -> Scripts:
    """The statements of one request as pgbench scripts."""
    _ask(request)
    params: dict[str, Any] = {}
    with limit.taken_down(params) as statements:
        _ask(request)
    sent = [s for s in statements if not s.lower().startswith(("begin", "commit", "savep"))]
    sets, values = [], {}
    if name == "detail":
        number = request[1].rsplit("/", 1)[1]
        sets = ["id random(1, 9000)"]
        values = {f"'{number}'": "('GZ26' || lpad((:id)::text, 7, '0'))"}
    by_hand = {"create": lambda: plain.create(sent, params), "list": lambda: plain.listed(sent)}
    first = by_hand.get(name, lambda: sent)()
    return Scripts(
        limit.script(sent, values, sets=sets), limit.script(first, values, sets=sets), len(sent)
    )


def _ask(request: load.Request) -> int:
    """The request in this process, through every layer but the socket."""
    method, path, body, headers = request
    extra = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in headers.items()}
    answer = _client().generic(method, path, body or b"", content_type="application/json", **extra)  # type: ignore[arg-type]
    assert answer.status_code < 300, answer.content[:300]
    return len(answer.content)


@cache
def _client() -> Client:
    """One client: its layers are built once, as in a server."""
    return Client()


def costs(laid: ground.Ground, rounds: int = 150) -> dict[str, float]:
    """Median milliseconds of one request in this process."""
    found = {}
    for name, (make, _) in requests(laid).items():
        took = []
        for n in range(rounds):
            began = time.perf_counter()
            _ask(make(n))
            took.append((time.perf_counter() - began) * 1000)
        found[name] = statistics.median(took[20:])
    return found


def inbox(laid: ground.Ground) -> None:
    """The first page of a street officer with 5,000 open matters."""
    from django.db import connection

    from gongzhi.people.models import Account

    with connection.cursor() as cursor:
        cursor.execute(
            "update matters_matter set held_by_id = s.id, held_path = s.path, level = 'street'"
            " from places_place s where s.kind = 'town' and matters_matter.id in"
            " (select id from matters_matter where outcome = '' order by id desc limit 5000)"
        )
        cursor.execute("analyze matters_matter")
    client = Client()
    client.force_login(Account.objects.get(person=laid.officer))
    client.get("/staff/")
    took = []
    for _ in range(10):
        began = time.perf_counter()
        page = client.get("/staff/")
        took.append((time.perf_counter() - began) * 1000)
    print(
        f"  inbox   {statistics.median(took):.0f} ms (<= 300), {len(page.content) / 1000:.0f} KB"
        f" (<= 150), status {page.status_code}"
    )


def moves(laid: ground.Ground, seconds: int) -> None:
    """Moves per second in this process: event, deadline, durable commit; threads share a core."""
    from django.db import connection, connections

    from gongzhi.matters import actions

    with connection.cursor() as cursor:
        cursor.execute(
            "select id, place_id from matters_matter where stage = 'report' and outcome = ''"
            " and level = 'grid' order by id limit 60000"
        )
        waiting = iter(cursor.fetchall())
    lock, done = threading.Lock(), itertools.count()
    stop = time.monotonic() + seconds
    cpu = time.process_time()

    def mover() -> None:
        while time.monotonic() < stop:
            with lock:
                matter, grid = next(waiting, (None, None))
            if matter is None:
                break
            worker = laid.workers[grid]
            actions.move(matter_id=matter, verb="accept", by=worker, at=ground.AT)
            next(done)
        connections.close_all()

    began = time.monotonic()
    threads = [threading.Thread(target=mover) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent, count = time.monotonic() - began, next(done)
    busy = time.process_time() - cpu
    print(
        f"  moves   {count / spent:.0f}/s in one process, {count / busy:.0f} per CPU second of it"
        " (target 1,500 per core)"
    )


def sweep(laid: ground.Ground) -> None:
    """Escalations per second by the sweeper, each with its event and outbox row."""
    from django.db import connection

    from gongzhi.matters import jobs

    with connection.cursor() as cursor:
        cursor.execute(
            "update matters_matter m set outcome = '', closed_at = null, due_at = %(t)s,"
            " tick_at = %(t)s, clock_from = %(t)s - interval '2 days', warned = 100, unit = 'wd'"
            " where m.stage = 'report' and m.level = 'grid' and m.id in (select id from"
            " matters_matter where stage = 'report' and level = 'grid' limit 100000)",
            {"t": ground.AT - timedelta(hours=1)},
        )
        cursor.execute("update matters_matter set tick_at = null where tick_at > %s", [ground.AT])
        cursor.execute("vacuum analyze matters_matter")
    began = time.monotonic()
    moved = jobs.sweep(at=ground.AT)
    spent = time.monotonic() - began
    print(f"  sweep   {moved:,} escalations in {spent:.1f} s = {moved / spent:,.0f}/s (>= 20,000)")


if __name__ == "__main__":
    main()
