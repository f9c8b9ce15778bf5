"""Closed-loop HTTP clients on kept-alive connections: as many requests as the server answers."""

import http.client
import itertools
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
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.monotonic() < stop:
            method, path, body, headers = make(next(numbers))
            began = time.monotonic()
            link.request(method, path, body, headers)
            answer = link.getresponse()
            answer.read()
            took.append(time.monotonic() - began)
            if answer.status != good:
                bad.append(answer.status)
        link.close()

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
