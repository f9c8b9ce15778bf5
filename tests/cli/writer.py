"""A process that writes and says what it was promised: `python writer.py URL NUMBER HOW`.

It counts up its own row and records each step as an event, in one transaction (`whole`), with
the commit not waited for (`hasty`), or in two transactions (`torn`). After every commit it prints
the number that was acknowledged. It may be killed at any moment; it finds its place again.
"""

import sys
import time

import psycopg


def write(url: str, number: int, how: str) -> None:
    with psycopg.connect(url, autocommit=True) as link:
        if how == "hasty":
            link.execute("set synchronous_commit = off")
        while True:
            if how == "torn":
                step = state(link, number)
                time.sleep(0.002)
                event(link, number, step)
            else:
                with link.transaction():
                    step = state(link, number)
                    event(link, number, step)
            print(step, flush=True)


def state(link: psycopg.Connection, number: int) -> int:
    found = link.execute(
        "update state set n = n + 1 where id = %s returning n", [number]
    ).fetchone()
    assert found
    return int(found[0])


def event(link: psycopg.Connection, number: int, step: int) -> None:
    link.execute("insert into event (id, n) values (%s, %s)", [number, step])


if __name__ == "__main__":
    while True:
        try:
            write(sys.argv[1], int(sys.argv[2]), sys.argv[3])
        except psycopg.OperationalError:
            time.sleep(0.05)
