"""The vote room: 1,000 phones over server-sent events, the result on every screen after closing.

    gongzhi bench vote_room [--phones 1000]

A real live process and two web workers as `up` starts them. Every phone holds its stream open; when
the host closes the vote each hears of it and fetches the result page itself. Bar: the last screen
has the result within 2 s of closing.
"""

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import ground, votes

BAR = 2.0


def main() -> None:
    """Measure and print."""
    parse = argparse.ArgumentParser()
    parse.add_argument("--phones", type=int, default=1000)
    phones = parse.parse_args().phones
    with ground.database() as (url, env):
        print(measured(ground.lay(url, env, 0), phones))


def measured(street: ground.Ground, phones: int) -> str:
    """How long after the closing the first, the middle and the last phone had the result."""
    from django.utils import timezone

    from gongzhi.deliberation.ballots import actions, rules
    from gongzhi.people.models import Person

    motion, host, accounts = votes.laid(phones, street.grids[0])
    for person in Person.objects.filter(account__in=accounts[: phones // 2]):
        actions.vote(motion_id=motion, person_id=person.pk, choice=("for",), by=person.pk,
                     receipt=rules.receipt_code(), at=timezone.now())  # fmt: skip
    with ground.serve(street) as web, live(street) as stream:
        closing = [sys.executable, __file__, "--close", str(motion), str(host)]
        seen = asyncio.run(_room(web, stream, motion, phones, closing, street.env))
    late = sorted(seen)
    text = "vote room, {} phones: first {:.2f} s, half {:.2f} s, last {:.2f} s (at most {:.0f} s)"
    return text.format(len(late), late[0], late[len(late) // 2], late[-1], BAR)


@contextmanager
def live(street: ground.Ground) -> Iterator[int]:
    """The live process as `up` starts it; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--host", "127.0.0.1", "--no-ws", "--log-level",
               "warning", "--interface", "asgi", "--port", str(port), "--backlog", "4096",
               "--backpressure", "16384", "gongzhi.web.live:application"]  # fmt: skip
    child = subprocess.Popen(command, env=street.env)
    try:
        ground._wait(f"http://127.0.0.1:{port}/healthz")
        yield port
    finally:
        child.terminate()
        child.wait(10)


async def _room(
    web: int, stream: int, motion: int, phones: int, closing: list[str], env: dict[str, str]
) -> list[float]:
    """Seconds from the closing until each phone had the result; all of them, or it fails."""
    from gongzhi.web.live import address

    parts = urlsplit(address("/live/", [f"motion:{motion}"], time.time()))
    ready: asyncio.Queue[int] = asyncio.Queue()
    waiting = [
        asyncio.create_task(_phone(web, stream, f"{parts.path}?{parts.query}", motion, ready))
        for _ in range(phones)
    ]
    for _ in range(phones):
        await asyncio.wait_for(ready.get(), 60)
    child = await asyncio.create_subprocess_exec(*closing, env=env, stdout=asyncio.subprocess.PIPE)
    told, _ = await child.communicate()
    began = float(told.split()[-1])
    return [at - began for at in await asyncio.wait_for(asyncio.gather(*waiting), 60)]


async def _phone(
    web: int, stream: int, path: str, motion: int, ready: "asyncio.Queue[int]"
) -> float:
    """Listen, hear of the end, fetch the result; when it was there."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stream)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: room\r\nAccept: text/event-stream\r\n\r\n".encode())
    while not (await reader.readline()).startswith(b"retry"):
        pass
    ready.put_nowait(1)
    while not (line := await reader.readline()).startswith(b"data:"):
        if not line:
            raise SystemExit("the stream ended before the vote")
    writer.close()
    return await _fetched(web, motion)


async def _fetched(web: int, motion: int) -> float:
    """The result page over a connection of its own, as a phone has it; the moment it was whole."""
    reader, writer = await asyncio.open_connection("127.0.0.1", web)
    asked = (
        f"GET /votes/{motion}/result?language=zh-hans HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\nConnection: close\r\n\r\n"
    )
    writer.write(asked.encode())
    answer = await reader.read()
    at = time.time()
    writer.close()
    if not answer.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"a phone got {answer[:60]!r}")
    return at


def _close(motion: int, host: int) -> None:
    """The host closes the vote, in a process of his own; the moment he pressed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongzhi.config.settings")
    import django

    django.setup()
    from django.utils import timezone

    from gongzhi.deliberation.ballots import actions

    began = time.time()
    actions.close_motion(motion_id=motion, by=host, at=timezone.now())
    print(began)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--close"]:
        _close(int(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
