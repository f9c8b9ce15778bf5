"""The ground a benchmark stands on: an embedded database of its own, a street, many matters.

Matters are multiplied in SQL from real ones (raised and moved through the actions), so that rows,
events and search vectors have their true size; only the making is short-cut, never the measuring.
"""

import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from gongzhi.cli import prepare
from gongzhi.cli.folder import Folder
from gongzhi.cli.postgres import Postgres

GRIDS, SPREAD = 200, timedelta(days=365)
PLAIN = ("environment.waste", "facilities.lighting", "traffic.parking", "noise.leisure")
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Shanghai


@dataclass
class Ground:
    """What the measurements need to know."""

    url: str
    env: dict[str, str]
    token: str
    officer: int
    workers: dict[int, int]  # by grid
    raiser: int
    grids: list[int]
    street: str


@contextmanager
def database() -> Iterator[tuple[str, dict[str, str]]]:
    """A durable embedded database in a temporary folder, with our tables."""
    with tempfile.TemporaryDirectory(prefix="gongzhi-bench-") as name:
        folder = Folder(Path(name))
        folder.open()
        server = Postgres(folder)
        try:
            server.start()
            env = prepare.environment(folder, server.url)
            prepare.bring_up_to_date(server.url, env, folder.log_path("migrate"))
            env["DATABASE_URL"] = server.url
            os.environ.update(env)
            import django

            django.setup()
            yield server.url, env
        finally:
            from django.db import connections

            connections.close_all()
            server.stop()


def lay(url: str, env: dict[str, str], matters: int) -> Ground:
    """One street with seven communities and 200 grids under xindu, and `matters` matters."""
    ground = _people_and_places(url, env)
    _templates(ground)
    grow(matters)
    return ground


def _people_and_places(url: str, env: dict[str, str]) -> Ground:
    from gongzhi.people import accounts
    from gongzhi.people.models import Account, Appointment, Person
    from gongzhi.places import actions as places
    from gongzhi.places.models import Place
    from gongzhi.playbooks import load

    since = date(2020, 1, 1)
    county = Place.objects.create(code="320903", name="某区", kind="county", valid_from=since)
    street = Place.objects.create(
        code="320903050", name="某街道", kind="town", parent=county, valid_from=since
    )
    villages = [
        Place.objects.create(
            code=f"320903050{i:03}", name=f"第{i}社区", kind="village", parent=street,
            valid_from=since,
        )
        for i in range(1, 8)
    ]  # fmt: skip
    grids = [
        Place.objects.create(
            code=f"{villages[i % 7].code}{i:03}", name=f"第{i}网格", kind="grid",
            parent=villages[i % 7], valid_from=since,
        )
        for i in range(GRIDS)
    ]  # fmt: skip
    street.refresh_from_db()
    officer, worker, raiser = (Person.objects.create(name=n) for n in ("罗", "文", "阿梅"))
    for person in (officer, worker, raiser):
        Account.objects.create(username=f"bench{person.pk}", person=person)
    Appointment.objects.create(person=officer, role="town_officer", place=street, from_on=since)
    workers = [worker, *(Person.objects.create(name=f"网格员{n}") for n in range(1, GRIDS))]
    for grid, its in zip(grids, workers, strict=True):
        Appointment.objects.create(person=its, role="grid_worker", place=grid, from_on=since)
    good, _ = load.load_all(load.folders())
    places.adopt(
        place_id=county.pk, playbook=good["xindu"], from_on=since, by=None, at=AT - 2 * SPREAD
    )
    _, token = accounts.make_token(
        person_id=officer.pk, name="bench", scopes=("matters:read", "matters:write"),
        by=officer.pk, at=AT,
    )  # fmt: skip
    return Ground(
        url,
        env,
        token,
        officer.pk,
        {g.pk: w.pk for g, w in zip(grids, workers, strict=True)},
        raiser.pk,
        [g.pk for g in grids],
        street.path,
    )


def _templates(ground: Ground) -> None:
    """A few hundred true matters, a third of them accepted: what the many are copies of."""
    from gongzhi.matters import actions
    from gongzhi.matters.suggest import corpus

    rng = random.Random(7)
    for index in range(400):
        title, body, category = corpus.invent(rng, category=rng.choice(PLAIN))
        made = actions.raise_matter(
            by=ground.raiser, at=AT - timedelta(minutes=10), key=None, title=title[:60], body=body,
            category=category, place_id=ground.grids[index % GRIDS], source="page",
        )  # fmt: skip
        if index % 3 == 0:
            grid = ground.grids[index % GRIDS]
            actions.move(matter_id=made.id, verb="accept", by=ground.workers[grid], at=AT)


def grow(matters: int) -> None:
    """Copy the templates until there are so many; the newest are open, the older ended."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select count(*), max(id) from matters_matter")
        have, last = cursor.fetchone()
        if have >= matters:
            return
        # The index is made anew below: far quicker than row by row.
        cursor.execute("drop index matter_text_search")
        cursor.execute(_COPY, {"want": matters - have, "last": last})
        cursor.execute(_EVENTS, {"last": last})
        cursor.execute(_WORDS, {"last": last})
        cursor.execute("create index matter_text_search on matters_mattertext using gin (search)")
        cursor.execute("select setval('matters_number', (select max(id) from matters_matter))")
        cursor.execute("vacuum analyze")


_COPIED = """title, body, category, category_confirmed, place_id, place_path, "where", lon, lat,
  raised_by_id, entered_by_id, consent_note, source, anonymous, sensitive, urgent, version_id,
  ladder, stage, level, step, pause_reason, warned, climbs, descents, returns, extensions, loops,
  reopened, return_pending, unit, unsolved, silent, held_by_id, held_path, round, settled_level,
  advice, last_seq"""
_COPY = f"""
with made as (select setval(pg_get_serial_sequence('matters_matter', 'id'), %(last)s::bigint)),
numbered as (select g, (select array_agg(id order by id) from matters_matter where id <= 400) as ids
  from generate_series(1, %(want)s::bigint) g, made)
insert into matters_matter (number, {_COPIED}, outcome, closed_at, created_at, updated_at,
  entered_at, due_at, clock_from, tick_at)
select 'GZ26' || lpad((%(last)s::bigint + n.g)::text, 7, '0'), {_COPIED},
  case when n.g %% 20 = 0 then '' else 'done' end,
  case when n.g %% 20 = 0 then null else t.created_at end,
  t.created_at - (n.g %% 365) * interval '1 day', t.updated_at,
  t.entered_at, case when n.g %% 20 = 0 then t.due_at + (n.g %% 60) * interval '1 hour' end,
  t.clock_from, case when n.g %% 20 = 0 then t.tick_at + interval '40 days' end
from numbered n join matters_matter t on t.id = n.ids[1 + n.g %% 400]
"""
_WORDS = """
insert into matters_mattertext (matter_id, search)
select m.id, t.search from matters_matter m
join matters_mattertext t on t.matter_id = 1 + (m.id - %(last)s::bigint) %% 400
where m.id > %(last)s::bigint
"""
_EVENTS = """
insert into matters_event (matter_id, seq, verb, result, at, by_id, role, reason, position, data,
  private)
select m.id, s.seq, case s.seq when 1 then 'raise' else 'accept' end, 'stay', m.created_at,
  m.raised_by_id, '', '', jsonb_build_object('stage', m.stage, 'level', m.level, 'entered_at',
  m.entered_at, 'due_at', m.due_at, 'outcome', m.outcome), '{}', false
from matters_matter m cross join lateral generate_series(1, m.last_seq) as s(seq)
where m.id > %(last)s::bigint
"""


@contextmanager
def serve(ground: Ground, workers: int = 2) -> Iterator[int]:
    """The web process as `up` starts it; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--host", "127.0.0.1", "--no-ws", "--log-level"]
    command += ["warning", "--interface", "wsgi", "--port", str(port), "--workers", str(workers)]
    command += ["--blocking-threads", "2", "--backpressure", "64", "--runtime-mode", "st"]
    command += ["--workers-kill-timeout", "5"]
    web = subprocess.Popen([*command, "gongzhi.config.wsgi:application"], env=ground.env)
    try:
        _wait(f"http://127.0.0.1:{port}/healthz")
        yield port
    finally:
        web.terminate()
        web.wait(10)


def _wait(address: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(address, timeout=1)
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the web process did not start")
