"""Two hands with a connection each, who do steps of the clearing machine at once."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from django.db import connection, transaction

from machines.clearing_doings import named, step
from machines.clearing_parts import Op
from machines.clearing_world import World


class Hand:
    """One connection in a thread of its own; a transaction stays open until it is told."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._open: Any = None
        self._refused = False

    def begin(self, w: World, op: Op) -> "Future[tuple[bool, Any]]":
        """Do a step in a transaction that is not committed yet."""
        return self._thread.submit(self._begin, w, op)

    def _begin(self, w: World, op: Op) -> tuple[bool, Any]:
        self._open = transaction.atomic()
        self._open.__enter__()
        answer = step(w, op)
        self._refused = answer[0]
        return answer

    def end(self, *, keep: bool = True) -> None:
        """Commit, or forget it."""
        self._thread.submit(self._end, keep).result(30)

    def _end(self, keep: bool) -> None:
        if self._refused or not keep:
            transaction.set_rollback(True)
        self._open.__exit__(None, None, None)

    def close(self) -> None:
        """Give the connection back."""
        self._thread.submit(lambda: connection.close()).result(10)
        self._thread.shutdown()


def together(
    w: World, hands: tuple[Hand, Hand], first: Op, second: Op, *, other_way: bool,
    keep: bool,
) -> list[bool] | None:  # fmt: skip
    """Both steps at once; which were refused. `keep` false: the first is forgotten (None).

    The second waits for the first where they touch the same; where they do not, `other_way` lets
    it be committed before.
    """
    one = hands[0].begin(w, first).result(30)
    two = hands[1].begin(w, second)
    waits = not wait([two], timeout=0.25).done
    if other_way and not waits:
        hands[1].end()
        hands[0].end(keep=keep)
    else:
        hands[0].end(keep=keep)
        two.result(30)
        hands[1].end()
    answer = two.result(30)
    if keep and not one[0]:
        named(w, first, one[1])
    if not answer[0]:
        named(w, second, answer[1])
    return [one[0], answer[0]] if keep else None
