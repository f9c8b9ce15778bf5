"""Closed-loop HTTP clients on kept-alive connections: as many requests as the server answers."""

import itertools
import re
import socket
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

Request = tuple[str, str, bytes | None, dict[str, str]]


@dataclass
class Seen:
    """What came back."""

    per_second: float
    median_ms: float
    p99_ms: float
    bad: int


def drive(
    port: int, make: Callable[[int], Request], *, clients: int, seconds: float, good: int
) -> Seen:
    """`clients` threads, each sending the next request when the last was answered."""
    numbers, took, bad = itertools.count(), [], []
    stop = time.monotonic() + seconds

    def client() -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.monotonic() < stop:
                sent = _bytes(make(next(numbers)))
                began = time.monotonic()
                link.sendall(sent)
                status = _answer(link)
                took.append(time.monotonic() - began)
                if status != good:
                    bad.append(status)

    began = time.monotonic()
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.monotonic() - began
    took.sort()
    return Seen(
        len(took) / spent,
        statistics.median(took) * 1000,
        took[int(len(took) * 0.99) - 1] * 1000,
        len(bad),
    )


def _bytes(request: Request) -> bytes:
    method, path, body, headers = request
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body or b'')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def _answer(link: socket.socket) -> int:
    """Read one whole answer: a client this thin leaves the processors to the server."""
    got = link.recv(65_536)
    while (end := got.find(b"\r\n\r\n")) < 0:
        got += link.recv(65_536)
    length = re.search(rb"content-length: (\d+)", got[:end].lower())
    assert length is not None, got[:200]
    missing = end + 4 + int(length[1]) - len(got)
    while missing > 0:
        missing -= len(link.recv(min(missing, 65_536)))
    return int(got[9:12])
