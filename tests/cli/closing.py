"""A process that closes a vote and dies on the way: `python closing.py VERB …` with DATABASE_URL.

lay COUNT          a session that is open, with so many secret votes in it; their ids
close ID STEP HOW  close one; before the STEP-th thing it asks the database (0: never) it is
                   gone (`die`; `torn`: and nothing holds its statements together), or says so
                       and stands still (`wait`). Prints how many there were
serve              asked line by line, it answers with one line: `look ID`: what stands in the
                       database of it, as JSON; `close ID`: close it, and say "closed"
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongzhi.config.settings")
import django

django.setup()

import psycopg  # noqa: E402
from django.db import connection  # noqa: E402

import people  # noqa: E402
from assemblies import Meeting, meeting, villagers  # noqa: E402
from gongzhi.core import db  # noqa: E402
from gongzhi.core.models import Outbox  # noqa: E402
from gongzhi.deliberation.ballots import actions, queries, recount, rules  # noqa: E402
from gongzhi.deliberation.ballots.models import Ballot, Motion  # noqa: E402
from gongzhi.deliberation.meetings import actions as meetings  # noqa: E402
from gongzhi.deliberation.meetings.models import AgendaItem  # noqa: E402
from gongzhi.publications.models import Publication  # noqa: E402

VOTERS = 9


A_SESSION = 40  # votes in one: an agenda holds sixty items


def lay(count: int) -> None:
    county = people.make_county()
    voters = villagers(county, VOTERS)
    of, made = None, list[int]()
    while len(made) < count:
        held = meeting(county, "villagers_assembly", of=of).notice().begins()
        held.comes(*voters).opens()
        of = held.body
        made += [_voted(held, voters, n) for n in range(min(A_SESSION, count - len(made)))]
    print(json.dumps({"motions": made}), flush=True)


def _voted(held: Meeting, voters: list[people.Person], number: int) -> int:
    """An open vote on which seven of nine have voted."""
    who = {"by": held.host.pk, "at": held.at}
    title = f"第{number}件要表决的事"
    item = meetings.add_item(session_id=held.id, kind="motion", title=title, **who)
    motion = actions.propose_motion(
        title=title, text_="从村集体收入里出钱。", session_id=held.id, item_id=item,
        secret=True, live=True, **who,
    )  # fmt: skip
    actions.open_motion(motion_id=motion, **who)
    for at, voter in enumerate(voters[:7]):
        actions.vote(motion_id=motion, person_id=voter.pk, receipt=rules.receipt_code(),
                     choice=("for" if at else "against",), by=voter.pk, at=held.at)  # fmt: skip
    return motion


class Steps:
    """Counts what is asked of the database; at the given one, the end."""

    def __init__(self, last: int, how: str) -> None:
        self.count, self.last, self.how = 0, last, how

    def before(self, call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def counted(*given: Any, **more: Any) -> Any:
            self.next()
            return call(*given, **more)

        return counted

    def next(self) -> None:
        self.count += 1
        if self.count != self.last:
            return
        if self.how != "wait":
            os.kill(os.getpid(), signal.SIGKILL)
        print("waiting", flush=True)
        time.sleep(600)


def close(motion: int, last: int, how: str) -> None:
    steps = Steps(last, how)
    at, by = _when(motion)
    for kind, name in ((psycopg.Cursor, "execute"), (psycopg.Connection, "commit")):
        setattr(kind, name, steps.before(getattr(kind, name)))
    if how == "torn":  # the control: each statement for itself
        db.atomic = nullcontext  # type: ignore[assignment]
    actions.close_motion(motion_id=motion, by=by, at=at)
    steps.next()  # committed, and nobody was told
    print(steps.count, flush=True)


def _when(motion: int) -> tuple[Any, int]:
    row = Motion.objects.get(pk=motion)
    assert row.opens_at is not None
    return row.opens_at, int(row.by_id)


def serve() -> None:
    """One process for all that is asked between two deaths: each start takes seconds."""
    for line in sys.stdin:
        verb, motion = line.split()
        if verb == "close":
            at, by = _when(int(motion))
            actions.close_motion(motion_id=int(motion), by=by, at=at)
            print("closed", flush=True)
        else:
            print(json.dumps(look(int(motion))), flush=True)
        connection.close()  # the next one may ask another server


def look(motion: int) -> dict[str, Any]:
    row = Motion.objects.get(pk=motion)
    item = AgendaItem.objects.get(pk=row.item_id)
    closed = row.state == "closed"
    return {
        "state": row.state, "root": row.root, "result": (row.result or {}).get("verdict"),
        "outcome": item.outcome, "item": item.data.get("motion"),
        "ballots": Ballot.objects.filter(motion=motion).count(),
        "published": list(Publication.objects.filter(subject="motion", subject_id=motion)
                          .values_list("body__root", flat=True)),
        "told": Outbox.objects.filter(kind="motion.closed", subject_id=motion).count(),
        "board": recount.problems(queries.board(motion)) if closed else None,
    }  # fmt: skip


if __name__ == "__main__":
    verb, numbers = sys.argv[1], sys.argv[2:]
    if verb == "lay":
        lay(int(numbers[0]))
    elif verb == "close":
        close(int(numbers[0]), int(numbers[1]), numbers[2])
    else:
        serve()
