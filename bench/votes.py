"""A thousand phones vote: the CPU of one vote, and of the page that brings the result.

    gongzhi bench votes [--phones 1000]

CPU is that of the web process alone, one request after the other, so that a busy machine matters
little. Bars: a vote in at most 6 ms (its 6 statements are asserted in `tests/web/ballots`); the
result in at most 1 ms a phone, so that a thousand phones that hear of the closing together have it
within two seconds on two workers.
"""

import argparse
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import ground

BARS = {"a vote": 6.0, "the result on a phone": 1.0}


def main() -> None:
    """Measure and print."""
    parse = argparse.ArgumentParser()
    parse.add_argument("--phones", type=int, default=1000)
    phones = parse.parse_args().phones
    with ground.database() as (url, env):
        laid_at = ground.lay(url, env, 0)
        print(measured(phones, laid_at.grids[0]))


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
    passing.get(f"/votes/{motion}/result")
    began = time.process_time()
    for _ in range(phones):
        assert passing.get(f"/votes/{motion}/result").status_code == 200
    result = (time.process_time() - began) * 1000 / phones
    return "\n".join([
        f"a vote                 {vote:5.2f} ms CPU ({BARS['a vote']})",
        f"the result on a phone  {result:5.2f} ms CPU ({BARS['the result on a phone']})",
    ])  # fmt: skip


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
