"""Deliberation: statements and CPU per request beside a Django peer that was really run.

    gongzhi bench deliberation [--seconds 8] [--skip-http] [--phones 1000] [--only "a vote"]

2,000 proposals with 20,000 comments and 20,000 seconding households; 40 on line rounds with 20,000
statements and 100,000 votes. "theirs" is adhocracy+ on the same amount (Django 5.2, PostgreSQL, two
workers): 20,000 comments and ratings on 2,000 ideas. CPU is that of the web process and of its
database backend together, one request after the other, so that a busy machine matters little.
"""

import argparse
import os
import platform
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.test import Client

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import ground, load, vote_room

PEOPLE, PROPOSALS, COMMENTS, ROUNDS, STATEMENTS, VOTES = 2_000, 2_000, 20_000, 40, 500, 100_000
CLIENTS, TURNS = 8, 120
# Statements and CPU ms: ours at most, theirs as measured (app + PostgreSQL).
TARGETS = {
    "list of proposals": (8, 20, 153, 608),
    "comments of a proposal, 30": (8, 25, 860, 942),
    "comments of a proposal, 516": (8, 25, 899, 766),
    "post a comment": (12, 12, 79, 93),
    "second a proposal": (6, 6, 23, 29),
    "list of rounds": (8, 20, 153, 608),
    "statements of a round, 500": (8, 25, 899, 766),
    "next statement of a round": (8, 25, 899, 766),
    "result of a round": (8, 25, None, None),
    "post a statement": (12, 12, 79, 93),
    "a vote": (6, 6, 23, 29),
}


@dataclass
class Laid:
    """What the requests need: people by account, proposals by number, rounds with statements."""

    accounts: list[Any]
    numbers: list[str]
    rounds: list[tuple[int, int]]  # id of the round, id of its first statement


def main() -> None:
    """Measure and print."""
    parse = argparse.ArgumentParser()
    parse.add_argument("--seconds", type=int, default=8)
    parse.add_argument("--skip-http", action="store_true")
    parse.add_argument("--phones", type=int, default=1000, help="in the vote room")
    parse.add_argument("--only", action="append", choices=TARGETS, help="the CPU of this alone")
    asked = parse.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with ground.database() as (url, env):
        street = ground.lay(url, env, 0)
        laid = lay(street)
        print(
            f"\n{PROPOSALS:,} proposals, {COMMENTS:,} comments and seconds; {ROUNDS} rounds,"
            f" {ROUNDS * STATEMENTS:,} statements, {VOTES:,} votes"
        )
        costs(laid, asked.only or list(TARGETS))
        if not asked.skip_http and not asked.only:
            over_http(street, laid, asked.seconds)
            print(vote_room.measured(street, asked.phones))


def lay(street: ground.Ground) -> Laid:
    """People with households in one community, what they proposed and said."""
    from django.db import connection
    from django.utils import timezone

    from gongzhi.people.models import Account, Household, Person
    from gongzhi.places.models import Place

    now = timezone.now()
    grid = Place.objects.select_related("parent").get(pk=street.grids[0])
    assert grid.parent is not None
    homes = Household.objects.bulk_create(
        Household(place=grid, grid=grid, door=f"{n}室") for n in range(PEOPLE)
    )
    people = Person.objects.bulk_create(
        Person(name=f"居民{n}", household=homes[n], head=True, born_on=date(1980, 1, 1))
        for n in range(PEOPLE)
    )
    accounts = Account.objects.bulk_create(
        Account(username=f"resident{n}", person=people[n]) for n in range(PEOPLE)
    )
    numbers = _proposals(grid, people, homes, now)
    rounds = _rounds(grid.parent, people, street.officer, now)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    return Laid(accounts, numbers, rounds)


def _proposals(grid: Any, people: list[Any], homes: list[Any], now: Any) -> list[str]:
    """Proposals open for seconding; the first has 516 comments, the next forty 30, the rest few."""
    from gongzhi.core import text
    from gongzhi.deliberation.proposals.models import Comment, Proposal, Seconder

    chance = random.Random(7)
    village = grid.parent
    made = Proposal.objects.bulk_create(
        Proposal(
            number=f"TA26{n:06}", title=f"第{n}号楼前加一盏路灯", wrong="晚上走路看不清。",
            propose="在路口加一盏太阳能路灯。", topic="environment", households=20, place=grid,
            place_path=grid.path, town_path=village.parent.path, reach="community",
            reach_path=village.path, proposer=people[n % PEOPLE], household=homes[n % PEOPLE],
            phase="seconding", needed=50, created_at=now - timedelta(hours=n + 1),
            updated_at=now - timedelta(hours=n + 1), opened_at=now - timedelta(hours=n + 1),
            closes_at=now + timedelta(days=30),
            search=text.to_tsvector_literal(f"第{n}号楼前加一盏路灯"),
        )
        for n in range(PROPOSALS)
    )  # fmt: skip
    of = [0] * 516 + [n for n in range(1, 41) for _ in range(30)]
    of += [chance.randrange(41, PROPOSALS) for _ in range(COMMENTS - len(of))]
    Comment.objects.bulk_create(
        (
            Comment(
                proposal=made[at], by=chance.choice(people), stand=("", "for", "against")[n % 3],
                text="这里确实暗，去年有老人摔过一跤，早点装上。",
                at=now - timedelta(minutes=n + 90),
            )
            for n, at in enumerate(of)
        ),
        batch_size=2_000,
    )  # fmt: skip
    pairs = {(chance.randrange(100, PROPOSALS), chance.randrange(PEOPLE)) for _ in range(COMMENTS)}
    Seconder.objects.bulk_create(
        (
            Seconder(proposal=made[p], household=homes[h], person=people[h], at=now)
            for p, h in sorted(pairs)
            if made[p].household_id != homes[h].pk
        ),
        batch_size=2_000,
    )
    return [it.number for it in made]


def _rounds(village: Any, people: list[Any], by: int, now: Any) -> list[tuple[int, int]]:
    """Running rounds with 500 statements each, voted on."""
    from django.db import connection

    from gongzhi.deliberation.rounds import pictures
    from gongzhi.deliberation.rounds.models import Round, Statement

    found = []
    for n in range(ROUNDS):
        made = Round.objects.create(
            place=village, place_path=village.path, question=f"第{n}件事大家怎么看？",
            electorate="residents", opens_at=now - timedelta(days=1),
            closes_at=now + timedelta(days=n + 1), by_id=by,
        )  # fmt: skip
        first = Statement.objects.bulk_create(
            Statement(
                round=made, number=m, text=f"第{m}条路要先修，修好了大家都方便。", state="in",
                at=now, decided_by_id=by, decided_at=now,
            )
            for m in range(1, STATEMENTS + 1)
        )[0]  # fmt: skip
        found.append((made.pk, first.pk))
    with connection.cursor() as cursor:  # the first half of the people vote on the first half
        cursor.execute(
            "insert into rounds_vote (round_id, statement_id, person_id, value, at)"
            " select s.round_id, s.id, p, (s.number + i) %% 3 - 1, %s"
            " from unnest(%s::bigint[]) with ordinality as people(p, i)"
            " join rounds_statement s on (s.number + i) %% 20 = s.round_id %% 20"
            "   and s.number <= 250 limit %s",
            [now, [person.pk for person in people[: PEOPLE // 2]], VOTES],
        )
    pictures.current(found[-1][0], now)
    pictures.current(found[0][0], now)
    return found


def requests(laid: Laid) -> dict[str, tuple[Callable[[int], tuple[str, dict[str, str]]], str]]:
    """The address and form of the n-th request, and its method."""
    many, small = laid.numbers[0], laid.numbers[1:41]
    rounds = laid.rounds

    def vote(n: int) -> tuple[str, dict[str, str]]:
        round_id, first = rounds[n % ROUNDS]
        number = 251 + n // ROUNDS % 249
        return f"/rounds/{round_id}/vote", {
            "statement": str(first + number - 1), "number": str(number), "value": str(n % 3 - 1),
        }  # fmt: skip

    return {
        "list of proposals": (lambda n: (f"/proposals?page={1 + n % 5}", {}), "GET"),
        "comments of a proposal, 30": (lambda n: (f"/proposals/{small[n % 40]}", {}), "GET"),
        "comments of a proposal, 516": (lambda n: (f"/proposals/{many}", {}), "GET"),
        "post a comment": (
            lambda n: (
                f"/proposals/{laid.numbers[50 + n]}/comments",
                {"words": f"赞成，第{n}次说。", "stand": "for", "key": f"c{n}"},
            ),
            "POST",
        ),
        "second a proposal": (lambda n: (f"/proposals/{laid.numbers[n]}/second", {}), "POST"),
        "list of rounds": (lambda n: (f"/rounds?page={1 + n % 2}", {}), "GET"),
        "statements of a round, 500": (
            lambda n: (f"/rounds/{rounds[n % ROUNDS][0]}/statements?page={1 + n % 25}", {}), "GET",
        ),
        "next statement of a round": (lambda n: (f"/rounds/{rounds[n % ROUNDS][0]}", {}), "GET"),
        "result of a round": (lambda n: (f"/rounds/{rounds[0][0]}/result", {}), "GET"),
        "post a statement": (
            lambda n: (
                f"/rounds/{rounds[n % ROUNDS][0]}/say",
                {"text": f"第{n}个路口要装镜子。", "key": f"s{n}"},
            ),
            "POST",
        ),
        "a vote": (vote, "POST"),
    }  # fmt: skip


def costs(laid: Laid, names: list[str]) -> None:
    """Statements and CPU of each request in this process, layers and templates included."""
    print("  request                      statements      CPU ms (app + PostgreSQL)")
    all_of_them = requests(laid)
    for name in names:
        make, method = all_of_them[name]
        client = Client()  # one for all: its layers are built once, as in a server
        people = [
            _session(laid.accounts[_who(name, at)])
            for at in range(2 if method == "GET" else TURNS + 1)
        ]
        for n in range(20):
            _ask(client, people[n % len(people)], make(n), method)
        statements = _statements(client, people[20 % len(people)], make(20), method)
        app, pg = time.process_time(), _backend()
        for n in range(21, TURNS):
            _ask(client, people[n % len(people)], make(n), method)
        turns = TURNS - 21
        app, pg = (time.process_time() - app) * 1000 / turns, (_backend() - pg) * 1000 / turns
        most, ms, theirs, their_ms = TARGETS[name]
        beside = f"theirs {theirs} and {their_ms} ms" if theirs else ""
        late = "" if statements <= most and app + pg <= ms else "  MISSED"
        print(
            f"  {name:28} {statements:3} (<= {most:2})   {app:5.1f} + {pg:4.1f} = {app + pg:5.1f}"
            f" (<= {ms:2})   {beside}{late}"
        )


def _who(name: str, at: int) -> int:
    """Who asks: the last picture is for one who voted; writers are all different people."""
    return at if name == "result of a round" else PEOPLE - 1 - at


def _session(account: Any) -> str:
    """The session of somebody signed in."""
    client = Client()
    client.force_login(account)
    return client.cookies["sessionid"].value


def _ask(client: Client, session: str, request: tuple[str, dict[str, str]], method: str) -> None:
    address, form = request
    client.cookies["sessionid"] = session
    answer = client.get(address) if method == "GET" else client.post(address, form)
    assert answer.status_code in (200, 302), (address, answer.status_code, answer.content[-2000:])
    assert len(answer.content) < 200_000, "nothing is unpaginated"


def _statements(
    client: Client, session: str, request: tuple[str, dict[str, str]], method: str
) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        _ask(client, session, request, method)
    plain = ("begin", "commit", "savepoint", "release")
    return sum(not q["sql"].lower().startswith(plain) for q in seen.captured_queries)


def _backend() -> float:
    """CPU seconds of the database backend that serves this process."""
    from django.db import connection

    raw = connection.connection
    assert raw is not None
    fields = Path(f"/proc/{raw.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def over_http(street: ground.Ground, laid: Laid, seconds: int) -> None:
    """Requests per second with two workers and eight clients, each signed in."""
    print(f"\n2 workers, {CLIENTS} clients")
    cookies = [_cookies(account) for account in laid.accounts[-400:-300]]
    with ground.serve(street) as port:
        for name in ("list of proposals", "comments of a proposal, 30", "a vote"):
            made, method = requests(laid)[name]

            def make(n: int, made: Any = made, method: str = method) -> load.Request:
                address, form = made(n // 100 if method == "POST" else n)
                head = cookies[n % 100] | {"Content-Type": "application/x-www-form-urlencoded"}
                return method, address, urlencode(form).encode() if form else None, head

            good = 200 if method == "GET" else 302
            seen = load.drive(port, make, clients=CLIENTS, seconds=seconds, good=good)
            print(
                f"  {name:28} {seen.per_second:6.0f}/s, p50 {seen.median_ms:.0f} ms,"
                f" p99 {seen.p99_ms:.0f} ms, wrong answers {seen.bad}"
            )


def _cookies(account: Any) -> dict[str, str]:
    token, session = "a" * 32, _session(account)
    return {"Cookie": f"sessionid={session}; csrftoken={token}", "X-CSRFToken": token}


if __name__ == "__main__":
    main()
