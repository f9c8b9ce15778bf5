"""The books on one page of plain Python: what the database must do, in the shortest words.

No locks, no SQL, no cleverness: a step either happens whole or raises `No` with every reason that
would be a right answer. Transfers and holds are known by their keys.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from gongzhi.core.clock import SHANGHAI
from gongzhi.ledger import rules


class No(Exception):
    """Refused; `codes` are the reasons that may be given."""

    def __init__(self, *codes: str) -> None:
        super().__init__(*codes)
        self.codes = set(codes)


@dataclass
class Account:
    """One account; `lots` when its points age."""

    kind: str
    floor: int | None = 0
    lots: bool = False
    balance: int = 0
    held: int = 0

    @property
    def free(self) -> int | None:
        """What may still go out; None without end."""
        return None if self.floor is None else self.balance - self.held - self.floor


@dataclass
class Lot:
    """Points that came with one transfer."""

    account: str
    source: str
    amount: int
    left: int
    until: date | None


@dataclass
class Transfer:
    """A line of the journal, and the lots it was taken from: [(number of the lot, amount)]."""

    request: tuple[Any, ...]
    debit: str
    credit: str
    amount: int
    code: str
    reverses: str | None = None
    draws: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class Hold:
    """Points set aside."""

    request: tuple[Any, ...]
    account: str
    credit: str
    amount: int
    code: str
    expires: datetime
    state: str = "pending"
    draws: list[tuple[int, int]] = field(default_factory=list)


def day_of(at: datetime) -> date:
    """The day in Shanghai."""
    return at.astimezone(SHANGHAI).date()


class Model:
    """Points of a small place."""

    def __init__(self, accounts: dict[str, Account]) -> None:
        self.accounts = accounts
        self.transfers: dict[str, Transfer] = {}
        self.holds: dict[str, Hold] = {}
        self.lots: list[Lot] = []

    def copy(self) -> "Model":
        """Another one like it."""
        return deepcopy(self)

    # Each step answers whether it had been done before.

    def transfer(
        self, key: str, debit: str, credit: str, amount: int, code: str, at: datetime,
        until: date | None = None,
    ) -> bool:  # fmt: skip
        """Points from one account to another."""
        request = ("transfer", debit, credit, amount, code, until)
        if self._again(key, request):
            return True
        d, c = self.accounts[debit], self.accounts[credit]
        why = {"bad_input"} if amount <= 0 else set()
        if not rules.lawful("points", code, d.kind, c.kind):
            why.add("not_lawful")
        self._refuse(why | self._short(debit, amount, at))
        made = Transfer(request, debit, credit, amount, code)
        if d.lots:
            made.draws = self._take(debit, amount, at)
        self._enter(key, made, until)
        return False

    def batch(self, rows: list[tuple[Any, ...]], at: datetime) -> list[bool]:
        """Many, all or none: rows of (key, debit, credit, amount, code, until)."""
        trial, answers = self.copy(), []
        if len({row[0] for row in rows}) < len(rows):
            raise No("rows_wrong")
        try:
            for key, debit, credit, amount, code, until in rows:
                answers.append(trial.transfer(key, debit, credit, amount, code, at, until))
        except No:
            raise No("rows_wrong") from None
        self.__dict__.update(trial.__dict__)
        return answers

    def hold(
        self, key: str, account: str, credit: str, amount: int, code: str, at: datetime,
        expires: datetime,
    ) -> bool:  # fmt: skip
        """Set aside for a shop."""
        request = ("hold", account, credit, amount, code)
        if key in self.holds:
            if self.holds[key].request != request:
                raise No("key_reused", "bad_input")
            return True
        why = {"bad_input"} if amount <= 0 else set()
        self._refuse(why | self._short(account, amount, at))
        self.holds[key] = Hold(request, account, credit, amount, code, expires)
        self.accounts[account].held += amount
        if self.accounts[account].lots:
            self.holds[key].draws = self._take(account, amount, at)
        return False

    def capture(self, key: str, hold: str, amount: int | None, at: datetime) -> bool:
        """Take it, or less of it; the rest is free."""
        if hold not in self.holds:
            raise No("not_found")
        h = self.holds[hold]
        wanted = h.amount if amount is None else amount
        if self._again(key, ("capture", hold, wanted)):
            return True
        if h.state != "pending" or at > h.expires:
            raise No("hold_gone")
        if not 0 < wanted <= h.amount:
            raise No("bad_input")
        h.state = "captured"
        self.accounts[h.account].held -= h.amount
        made = Transfer(("capture", hold, wanted), h.account, h.credit, wanted, h.code)
        h.draws += self._give_back(h.draws, h.amount - wanted)
        made.draws = h.draws
        self._enter(key, made, None)
        return False

    def void(self, hold: str) -> bool:
        """Give it back."""
        if hold not in self.holds:
            raise No("not_found")
        h = self.holds[hold]
        if h.state == "captured":
            raise No("hold_gone")
        if h.state != "pending":
            return True
        self._release(h, "void")
        return False

    def expire_holds(self, at: datetime) -> int:
        """Give back what nobody took in time."""
        over = [h for h in self.holds.values() if h.state == "pending" and h.expires < at]
        for h in over:
            self._release(h, "expired")
        return len(over)

    def reverse(self, key: str, transfer: str, amount: int | None, at: datetime) -> bool:
        """The mirror, once; what was taken from lots goes back to them."""
        if transfer not in self.transfers:
            raise No("not_found")
        was = self.transfers[transfer]
        wanted = was.amount if amount is None else amount
        if self._again(key, ("reverse", transfer, wanted), "not_reversible"):
            return True
        why = {"bad_input"} if wanted <= 0 else set()
        done = any(t.reverses == transfer for t in self.transfers.values())
        if done or was.reverses or was.code == "expire" or wanted > was.amount:
            why.add("not_reversible")
        own = next((n for n, lot in enumerate(self.lots) if lot.source == transfer), None)
        if own is not None and wanted > was.amount - self._expired_of(own):
            why.add("not_reversible")
        self._refuse(why | self._short(was.credit, wanted, at, own))
        made = Transfer(("reverse", transfer, wanted), was.credit, was.debit, wanted, "reverse",
                        reverses=transfer)  # fmt: skip
        if self.accounts[was.credit].lots:
            made.draws = self._take(was.credit, wanted, at, own)
        self._enter(key, made, None, lot=False)
        if self.accounts[was.debit].lots:
            self._give_back(was.draws, wanted)
        return False

    def expire_day(self, on: date) -> int:
        """What ended before that day goes."""
        n = 0
        for name, account in self.accounts.items():
            due = [(i, lot.left) for i, lot in enumerate(self.lots) if lot.account == name
                   and lot.left and lot.until is not None and lot.until < on]  # fmt: skip
            if not account.lots or not due:
                continue
            amount = sum(left for _, left in due)
            made = Transfer((), name, "expired", amount, "expire", draws=due)
            for i, _ in due:
                self.lots[i].left = 0
            self._enter(f"expire {name} {on} {len(self.transfers)}", made, None)
            n += 1
        return n

    # What all of them need.

    def _again(self, key: str, request: tuple[Any, ...], *besides: str) -> bool:
        if key not in self.transfers:
            return False
        if self.transfers[key].request != request:
            raise No("key_reused", "bad_input", *besides)
        return True

    @staticmethod
    def _refuse(why: set[str]) -> None:
        if why:
            raise No(*why)

    def _short(self, name: str, amount: int, at: datetime, own: int | None = None) -> set[str]:
        account = self.accounts[name]
        if account.free is not None and amount > account.free:
            return {"overdraft"}
        if account.lots and amount > sum(self.lots[i].left for i in self._usable(name, at, own)):
            return {"overdraft"}
        return set()

    def _usable(self, name: str, at: datetime, own: int | None) -> list[int]:
        on = day_of(at)
        found = [i for i, lot in enumerate(self.lots) if lot.account == name and lot.left
                 and (lot.until is None or lot.until >= on or i == own)]  # fmt: skip
        return sorted(found, key=lambda i: (i != own, self.lots[i].until or date.max, i))

    def _take(
        self, name: str, amount: int, at: datetime, own: int | None = None
    ) -> list[tuple[int, int]]:
        taken = []
        for i in self._usable(name, at, own):
            part = min(amount, self.lots[i].left)
            if part:
                self.lots[i].left -= part
                amount -= part
                taken.append((i, part))
        assert amount == 0
        return taken

    def _give_back(self, draws: list[tuple[int, int]], amount: int) -> list[tuple[int, int]]:
        took: dict[int, int] = {}
        for i, part in draws:
            took[i] = took.get(i, 0) + part
        back = []
        for i in sorted(took, key=lambda i: (self.lots[i].until or date.max, i), reverse=True):
            part = min(amount, took[i])
            if part:
                self.lots[i].left += part
                amount -= part
                back.append((i, -part))
        assert amount == 0 or not draws
        return back

    def _release(self, h: Hold, state: str) -> None:
        h.state = state
        self.accounts[h.account].held -= h.amount
        h.draws += self._give_back(h.draws, h.amount)

    def _expired_of(self, own: int) -> int:
        return sum(part for t in self.transfers.values() if t.code == "expire"
                   for i, part in t.draws if i == own)  # fmt: skip

    def _enter(self, key: str, made: Transfer, until: date | None, *, lot: bool = True) -> None:
        self.transfers[key] = made
        self.accounts[made.debit].balance -= made.amount
        self.accounts[made.credit].balance += made.amount
        if lot and self.accounts[made.credit].lots:
            self.lots.append(Lot(made.credit, key, made.amount, made.amount, until))

    # What must be true of any books.

    def check(self) -> None:
        """Sum nothing, replayed, held by pending holds, lots whole, nobody below his floor."""
        replayed = dict.fromkeys(self.accounts, 0)
        for t in self.transfers.values():
            replayed[t.debit] -= t.amount
            replayed[t.credit] += t.amount
        pending = [h for h in self.holds.values() if h.state == "pending"]
        for name, a in self.accounts.items():
            assert a.balance == replayed[name]
            assert a.held == sum(h.amount for h in pending if h.account == name)
            assert a.free is None or a.free >= 0
            left = sum(lot.left for lot in self.lots if lot.account == name)
            assert not a.lots or left == a.balance - a.held
        assert sum(a.balance for a in self.accounts.values()) == 0
        assert all(0 <= lot.left <= lot.amount for lot in self.lots)
        backwards = [t.reverses for t in self.transfers.values() if t.reverses]
        assert len(backwards) == len(set(backwards))
