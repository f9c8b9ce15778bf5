"""The live process: tells open pages that something they show has changed.

A raw ASGI application in a process of its own (`granian --interface asgi`). One connection to the
database listens for all clients; a notice carries ids only, and the page fetches what it may see
through the ordinary doors. Who may listen to what is decided by the page that hands out the
address: `address()` seals the topics, and only sealed topics are served.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
import os
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlencode

import psycopg

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CHANNEL = "gongzhi"
HEARTBEAT = 15.0  # seconds; shorter than the minute after which proxies hang up
LIFETIME = 12 * 3600  # seconds an address is good for; a page open longer is loaded again
_BACKLOG = 64  # notices a slow client may fall behind before it is told to look at everything
_MOST_CLIENTS = 10_000
_MOST_TOPICS = 50
_ALL = "*"

logger = logging.getLogger("gongzhi.live")


def address(base: str, topics: Iterable[str], now: float) -> str:
    """The address a page subscribes to: `base` with its topics ("matter:123"), sealed.

    `now` is Unix time. Only call it for topics the person asking may see.
    """
    joined, until = ",".join(sorted(topics)), str(int(now) + LIFETIME)
    return f"{base}?{urlencode({'topics': joined, 'until': until, 'seal': seal(joined, until)})}"


def seal(topics: str, until: str) -> str:
    """The proof that the web process gave out these topics until then."""
    key = os.environ.get("GONGZHI_SECRET_KEY", "only-for-development-and-tests")
    text = f"live\0{topics}\0{until}".encode()
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest()[:40]


def allowed(query: str, now: float) -> list[str]:
    """The topics of a sealed query; none when the seal is wrong or its time is over."""
    asked = {key: values[0] for key, values in parse_qs(query).items()}
    topics, until = asked.get("topics", ""), asked.get("until", "")
    right = hmac.compare_digest(seal(topics, until).encode(), asked.get("seal", "").encode())
    if not right or not until.isdecimal() or int(until) < now:
        return []
    return [topic for topic in topics.split(",") if topic][:_MOST_TOPICS]


class Hub:
    """Who listens to what. One per process."""

    def __init__(self) -> None:
        self.listeners: dict[str, set[asyncio.Queue[str]]] = defaultdict(set)
        self.clients = 0
        self.connected = False

    @contextlib.contextmanager
    def subscribed(self, topics: Iterable[str]) -> Any:
        """A queue of topics that changed, while the client is there."""
        queue: asyncio.Queue[str] = asyncio.Queue(_BACKLOG)
        mine = set(topics)
        self.clients += 1
        for topic in mine:
            self.listeners[topic].add(queue)
        try:
            yield queue
        finally:
            self.clients -= 1
            for topic in mine:
                self.listeners[topic].discard(queue)
                if not self.listeners[topic]:
                    del self.listeners[topic]

    def tell(self, topic: str) -> None:
        """Hand a changed topic to its listeners; a full queue becomes "look at everything"."""
        for queue in tuple(self.listeners.get(topic, ())):
            self._put(queue, topic)

    def tell_all(self) -> None:
        """Everybody must look: notices may have been missed."""
        for queue in {queue for queues in self.listeners.values() for queue in queues}:
            self._put(queue, _ALL)

    def _put(self, queue: asyncio.Queue[str], topic: str) -> None:
        if queue.full():
            while not queue.empty():
                queue.get_nowait()
            topic = _ALL
        queue.put_nowait(topic)

    async def listen(self, url: str) -> None:
        """Hear the database for ever; after a lost connection, everybody looks once."""
        wait = 0.1
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(url, autocommit=True) as link:
                    await link.execute(f"listen {CHANNEL}")
                    self.connected, wait = True, 0.1
                    self.tell_all()
                    async for notice in link.notifies():
                        for topic in topics_of(notice.payload):
                            self.tell(topic)
            except psycopg.Error as error:
                self.connected = False
                logger.warning("the database is away (%s), trying again", type(error).__name__)
                await asyncio.sleep(wait)
                wait = min(5.0, wait * 2)


def topics_of(payload: str) -> list[str]:
    """The topics of a notice: JSON, a name and an id or several ({"matter": 12, "inbox": [3]})."""
    try:
        said = json.loads(payload)
    except ValueError:
        return []
    if not isinstance(said, dict):
        return []
    return [
        f"{name}:{one}"
        for name, ids in said.items()
        for one in (ids if isinstance(ids, list) else [ids])
    ]


hub = Hub()
_listening: list[asyncio.Task[None]] = []


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI: the process's life, its health, and the stream."""
    if scope["type"] == "lifespan":
        await live_and_die(receive, send)
    elif scope["type"] != "http":
        return
    elif scope["path"] == "/healthz":
        await answer(send, 200 if hub.connected else 503, json.dumps({"ok": hub.connected}))
    elif scope["path"].rstrip("/") != "/live":
        await answer(send, 404, "")
    elif hub.clients >= _MOST_CLIENTS:
        await answer(send, 503, "")
    else:
        topics = allowed(scope["query_string"].decode("latin-1"), time.time())
        await (stream(topics, receive, send) if topics else answer(send, 403, ""))


async def live_and_die(receive: Receive, send: Send) -> None:
    """Start listening with the process and stop with it."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            _listening.append(asyncio.create_task(hub.listen(os.environ["DATABASE_URL"])))
            await send({"type": "lifespan.startup.complete"})
        else:
            for task in _listening:
                task.cancel()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def stream(topics: list[str], receive: Receive, send: Send) -> None:
    """Server-sent events until the client goes."""
    gone = asyncio.ensure_future(until_gone(receive))
    with hub.subscribed(topics) as queue:
        await begin(send, 200, b"text/event-stream; charset=utf-8")
        await chunk(send, "retry: 2000\n\n")
        try:
            while not gone.done():
                await chunk(send, await next_words(queue, gone))
        except (OSError, RuntimeError):
            return  # the client went while we wrote
        finally:
            gone.cancel()


async def next_words(queue: asyncio.Queue[str], gone: asyncio.Future[None]) -> str:
    """The next event, or a heartbeat when nothing happened for a while."""
    waiting = asyncio.ensure_future(queue.get())
    both: list[asyncio.Future[Any]] = [waiting, gone]
    await asyncio.wait(both, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
    if waiting.done():
        return f"event: changed\ndata: {waiting.result()}\n\n"
    waiting.cancel()
    return ": here\n\n"


async def until_gone(receive: Receive) -> None:
    """Return when the client has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def answer(send: Send, status: int, body: str) -> None:
    """A short answer."""
    await begin(send, status, b"application/json")
    await send({"type": "http.response.body", "body": body.encode()})


async def begin(send: Send, status: int, kind: bytes) -> None:
    """The head. Any page may read it: the seal is the permission, no cookie is looked at."""
    headers = [
        (b"content-type", kind),
        (b"cache-control", b"no-store"),
        (b"access-control-allow-origin", b"*"),
        (b"x-accel-buffering", b"no"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def chunk(send: Send, text: str) -> None:
    """A piece of the stream."""
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
