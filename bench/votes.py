"""A thousand phones vote: the CPU of one vote, and of the page that brings the result.

    gongzhi bench votes [--phones 1000] [--skip-http]

CPU is that of the web process alone, one request after the other, so that a busy machine matters
little. Bars: a vote in at most 6 ms (its 6 statements are asserted in `tests/web/ballots`); the
result in at most 1 ms a phone, so that a thousand phones that hear of the closing together have it
within two seconds on two workers.

Over HTTP they then really vote together: as many connections at once to two web workers as `up`
starts them. Every fourth phone loses its connection before the answer and sends again, every
fourth is pressed twice on two connections, every fourth votes otherwise on a second device. Bar:
a thousand within a minute, each counted exactly once.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import ground

TOKEN = "a" * 32  # of the form: any, as long as cookie and header agree
MINUTE = 60.0
BARS = {"a vote": 6.0, "the result on a phone": 1.0}


def main() -> None:
    """Measure and print."""
    parse = argparse.ArgumentParser()
    parse.add_argument("--phones", type=int, default=1000)
    parse.add_argument("--skip-http", action="store_true")
    asked = parse.parse_args()
    with ground.database() as (url, env):
        laid_at = ground.lay(url, env, 0)
        print(measured(asked.phones, laid_at.grids[0]))
        if not asked.skip_http:
            print(over_http(laid_at, asked.phones))


def measured(phones: int, grid: int) -> str:
    """The two figures as a table."""
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from gongzhi.deliberation.ballots import actions, rules

    motion, host, accounts = laid(phones, grid)
    phone = Client()  # one handler for all: a server loads its middleware once
    sessions = [_session(account) for account in accounts]
    typed = [{"receipt": rules.receipt_code(), "choice": "for", "seen": "0"} for _ in accounts]
    at = f"/votes/{motion}/ballot"

    def votes(session: str, form: dict[str, str]) -> None:
        phone.cookies[settings.SESSION_COOKIE_NAME] = session
        assert phone.post(at, form).status_code == 200

    votes(sessions[0], typed[0])
    began = time.process_time()
    for session, form in zip(sessions[1:], typed[1:], strict=True):
        votes(session, form)
    vote = (time.process_time() - began) * 1000 / max(1, phones - 1)
    actions.close_motion(motion_id=motion, by=host, at=timezone.now())
    passing = Client()
    passing.get(f"/votes/{motion}/result?language=zh-hans")
    began = time.process_time()
    for _ in range(phones):
        assert passing.get(f"/votes/{motion}/result?language=zh-hans").status_code == 200
    result = (time.process_time() - began) * 1000 / phones
    return "\n".join([
        f"a vote                 {vote:5.2f} ms CPU ({BARS['a vote']})",
        f"the result on a phone  {result:5.2f} ms CPU ({BARS['the result on a phone']})",
    ])  # fmt: skip


def over_http(street: ground.Ground, phones: int) -> str:
    """All vote at once through the real server; fails when one is lost or counted twice."""
    from django.utils import timezone

    from gongzhi.deliberation.ballots import actions, queries, recount, rules
    from gongzhi.deliberation.ballots.models import Ballot

    motion, host, accounts = laid(phones, street.grids[1])
    sessions = [_session(account) for account in accounts]
    codes = [rules.receipt_code() for _ in accounts]
    with ground.serve(street) as port:
        began = time.monotonic()
        seen = asyncio.run(_crowd(port, motion, sessions, codes))
        took = time.monotonic() - began
    assert Ballot.objects.filter(motion=motion).count() == phones
    result = actions.close_motion(motion_id=motion, by=host, at=timezone.now())
    board = queries.board(motion)
    assert result.counts.participating == len(board["ballots"]) == phones
    assert recount.problems(board) == []
    there = {ballot["receipt"] for ballot in board["ballots"]}
    mine = {recount.receipt_hash(motion, rules.plain_code(code)) for code in codes}
    assert mine == there, "a receipt is not on the board"
    assert took <= MINUTE, f"{took:.1f} s"
    told = ", ".join(f"{many} x {status}" for status, many in sorted(seen.items()))
    return (f"{phones} phones vote at once over HTTP: {took:.1f} s (at most {MINUTE:.0f}), each"
            f" counted once; answers {told}")  # fmt: skip


async def _crowd(port: int, motion: int, sessions: list[str], codes: list[str]) -> Counter[int]:
    """Every phone votes, with the trouble of its kind; how often each status was answered."""
    from gongzhi.deliberation.ballots import rules

    async def phone(number: int) -> list[int]:
        mine = _vote(motion, sessions[number], codes[number], "for")
        match number % 4:
            case 1:  # gone before the answer: sends again
                await _send(port, mine, answer=False)
                return [await _send(port, mine)]
            case 2:
                return list(await asyncio.gather(_send(port, mine), _send(port, mine)))
            case 3:
                first = await _send(port, mine)
                other = _vote(motion, sessions[number], rules.receipt_code(), "against")
                return [first, await _send(port, other)]
        return [await _send(port, mine)]

    answers = await asyncio.gather(*(phone(number) for number in range(len(sessions))))
    for number, answered in enumerate(answers):
        wanted = {3: [200, 409], 2: [200, 200]}.get(number % 4, [200])
        assert answered == wanted, (number, answered)
    return Counter(status for answered in answers for status in answered)


def _vote(motion: int, session: str, code: str, choice: str) -> bytes:
    body = urlencode({"receipt": code, "choice": choice, "seen": "0"})
    head = [
        f"POST /votes/{motion}/ballot HTTP/1.1", "Host: 127.0.0.1", "Connection: close",
        "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}",
        f"Cookie: sessionid={session}; csrftoken={TOKEN}", f"X-CSRFToken: {TOKEN}",
    ]  # fmt: skip
    return "\r\n".join([*head, "", body]).encode()


async def _send(port: int, vote: bytes, *, answer: bool = True) -> int:
    """The status of the answer; 0 when it is not waited for."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(vote)
    await writer.drain()
    status = int((await reader.read())[9:12]) if answer else 0
    writer.close()
    return status


def _session(account: Any) -> str:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(account)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def laid(phones: int, grid: int) -> tuple[int, int, list[Any]]:
    """A village of so many voters, a secret vote that is open: its id, the host, the accounts."""
    from django.utils import timezone

    from gongzhi.deliberation.ballots import actions
    from gongzhi.people.models import Account, Appointment, Person
    from gongzhi.places.models import Place

    now = timezone.now()
    place = Place.objects.get(pk=grid).parent
    assert place is not None
    people = Person.objects.bulk_create(Person(name=f"村民{n}") for n in range(phones))
    accounts = Account.objects.bulk_create(
        Account(username=f"voter{person.pk}", person=person) for person in people
    )
    host = Person.objects.create(name="主持人")
    Appointment.objects.create(
        person=host, role="workshop_host", place=place, from_on=now.date() - timedelta(days=1)
    )
    motion = actions.propose_motion(
        title="村口装几盏路灯", text_="从村集体收入里出钱。", place_id=place.pk, by=host.pk, at=now,
        secret=True, live=True, listed=[(person.pk, 0) for person in people],
    )  # fmt: skip
    actions.open_motion(motion_id=motion, by=host.pk, at=now)
    return motion, host.pk, accounts


if __name__ == "__main__":
    main()
