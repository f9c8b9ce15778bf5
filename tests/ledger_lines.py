"""Two people at two connections, and the books they write to, step by step and in step."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from gongzhi.core import db
from gongzhi.core.errors import Refused
from gongzhi.ledger import actions, store
from ledger_books import AT
from ledger_model import Account, Model, No

KINDS = {
    "issuance": Account("issuance", floor=None), "budget": Account("budget"),
    "ann": Account("holder", lots=True), "bob": Account("holder", lots=True),
    "shop": Account("merchant"), "desk": Account("desk"), "expired": Account("expired"),
}  # fmt: skip
Step = tuple[str, dict[str, Any]]


class Line:
    """One person at one connection: what he does, he does one thing after the other."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(1)
        self.pid = self.call(_backend)
        self.open: Any = None

    def start(self, work: Callable[[], Any]) -> "Future[Any]":
        """Begin; the answer comes when it comes."""
        return self.threads.submit(work)

    def call(self, work: Callable[[], Any]) -> Any:
        """Do it and wait."""
        return self.start(work).result(timeout=30)

    def begin(self) -> None:
        """A transaction that others do not see until `end`."""
        self.open = transaction.atomic()
        self.call(self.open.__enter__)

    def end(self, *, keep: bool) -> None:
        """Commit or roll back."""
        self.call(lambda: _leave(self.open, keep))
        self.open = None

    def close(self) -> None:
        """Nothing is left open."""
        if self.open is not None:
            self.end(keep=False)
        self.call(lambda: connection.close())  # looked up in its thread
        self.threads.shutdown()


def _backend() -> int:
    return int(db.rows("select pg_backend_pid()")[0][0])


def _leave(block: Any, keep: bool) -> None:
    if not keep:
        transaction.set_rollback(True)
    block.__exit__(None, None, None)


def waits(future: "Future[Any]", line: Line) -> bool:
    """Whether what was begun waits for another; False when it is done."""
    pause = threading.Event()
    while not future.done():
        if db.rows("select cardinality(pg_blocking_pids(%s))", (line.pid,))[0][0]:
            return not future.done()
        pause.wait(0.001)
    return False


class Books:
    """The same accounts in the database and in the model, told apart by their names."""

    number = 0

    def __init__(self) -> None:
        Books.number += 1
        self.me = Books.number
        self.model = Model({k: Account(a.kind, a.floor, a.lots) for k, a in KINDS.items()})
        self.ids = {name: self._open(name, account) for name, account in KINDS.items()}
        self.keys: dict[str, int] = {}

    def _open(self, name: str, account: Account) -> int:
        # The account of what expired is the ledger's own, one for each place: left out of here.
        if name == "expired":
            return 0
        return actions.open_account(
            unit="points", kind=account.kind, owner_kind=f"machine {name}", owner_id=self.me,
            floor=account.floor, at=AT,
        )  # fmt: skip

    def key(self, name: str) -> str:
        """A key nobody else uses."""
        return f"machine:{self.me}:{name}"

    def send(self, step: Step) -> Callable[[], Any]:
        """The same step for the database: its answer, or the refusal."""
        return lambda: self._sent(step)

    def _sent(self, step: Step) -> Any:
        try:
            with transaction.atomic():
                return getattr(self, f"_{step[0]}")(**step[1])
        except Refused as refused:
            return refused

    def _transfer(self, *, key: str, debit: str, credit: str, amount: int, code: str,
                  at: datetime, until: Any = None) -> bool:  # fmt: skip
        done = actions.transfer(
            key=self.key(key), debit=self.ids[debit], credit=self.ids[credit], amount=amount,
            code=code, by=1, at=at, expires_on=until,
        )  # fmt: skip
        return self._known(key, done.id, done.repeated)

    def _batch(self, *, rows: list[tuple[Any, ...]], at: datetime) -> list[bool]:
        wanted = [
            actions.Wanted(key=self.key(k), debit=self.ids[d], credit=self.ids[c], amount=a,
                           code=code, expires_on=until)
            for k, d, c, a, code, until in rows
        ]  # fmt: skip
        done = actions.batch(wanted, by=1, at=at)
        return [self._known(row[0], one.id, one.repeated)
                for row, one in zip(rows, done, strict=True)]  # fmt: skip

    def _hold(self, *, key: str, account: str, credit: str, amount: int, code: str, at: datetime,
              expires: datetime) -> bool:  # fmt: skip
        done = actions.hold(
            key=self.key(key), account=self.ids[account], credit=self.ids[credit], amount=amount,
            code=code, by=1, at=at, expires_at=expires,
        )  # fmt: skip
        return self._known(key, done.id, done.repeated)

    def _capture(self, *, key: str, hold: str, amount: int | None, at: datetime) -> bool:
        done = actions.capture(
            key=self.key(key), hold=self.keys.get(hold, 0), amount=amount, by=1, at=at
        )
        return self._known(key, done.id, done.repeated)

    def _void(self, *, hold: str) -> bool:
        return actions.void(hold=self.keys.get(hold, 0), at=AT)

    def _reverse(self, *, key: str, transfer: str, amount: int | None, at: datetime) -> bool:
        done = actions.reverse(
            key=self.key(key), transfer=self.keys.get(transfer, 0), amount=amount, by=1, at=at
        )
        return self._known(key, done.id, done.repeated)

    def _expire_holds(self, *, at: datetime) -> int:
        return actions.expire_holds(at=at)

    def _expire_day(self, *, on: Any) -> int:
        return actions.expire_day(on, at=AT + timedelta(days=400))

    def _known(self, key: str, number: int, repeated: bool) -> bool:
        self.keys[key] = number
        return repeated

    def told(self, model: Model, step: Step) -> bool | list[bool] | int | No:
        """What the model says to a step; nothing of a refused one is left."""
        trial = model.copy()
        try:
            answer: bool | list[bool] | int = getattr(trial, step[0])(**step[1])
        except No as no:
            return no
        model.__dict__.update(trial.__dict__)
        return answer

    def same(self, model: Model) -> None:
        """The rows of the database are the model: balances, what is held, every lot."""
        model.check()
        names = {number: name for name, number in self.ids.items()}
        there = db.rows(
            "select id, balance, held from ledger_account where id = any(%s::bigint[])",
            (list(names),),
        )
        for number, balance, held in there:
            account = model.accounts[names[number]]
            assert (balance, held) == (account.balance, account.held), names[number]
        lots = db.rows(
            "select l.account_id, l.remaining, l.expires_on, t.key from ledger_lot l"
            " join ledger_transfer t on t.id = l.source_id"
            " where l.account_id = any(%s::bigint[]) order by l.id", (list(names),),
        )  # fmt: skip
        keys = {store.as_key(self.key(k)): k for k in model.transfers}
        assert sorted((names[a], keys[k], left, str(until)) for a, left, until, k in lots) == (
            sorted((x.account, x.source, x.left, str(x.until)) for x in model.lots)
        )
        entered = db.rows(
            "select count(*) from ledger_transfer where debit_id = any(%(a)s::bigint[])"
            " or credit_id = any(%(a)s::bigint[])", {"a": list(names)},
        )[0][0]  # fmt: skip
        assert entered == len(model.transfers)


def agree(said: object, answer: object, step: Step) -> None:
    """The database answered as the model says it must."""
    if isinstance(said, No):
        assert isinstance(answer, Refused), (step, answer, said.codes)
        assert answer.code in said.codes, (step, answer.code, said.codes)
        assert answer.words
    else:
        assert answer == said, (step, answer)
