"""A mall in plain Python: what orders, statements, claims and batches must come to, told twice.

It shares no rule with the software: shares, fees, terms and netting are written again here, as
plainly as can be. `apply` does a step or raises `No`; `view` is what the database must show.
"""

import copy
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from machines.clearing_claims import Claims
from machines.clearing_parts import (
    BANK,
    BUYERS,
    CLAIM_STEPS,
    DAY,
    FEES,
    MONTH,
    MOST,
    PERCENT,
    PRICE,
    SHOPS,
    STOCK,
    TERMS,
    Claim,
    Line,
    No,
    Op,
    Order,
    Owed,
    need,
)


@dataclass
class Model(Claims):
    """Everything a mall knows; claims and batches are in `clearing_claims`."""

    pledged: int = 0
    paid: int = 0
    today: date = DAY
    rates: list[int] = field(default_factory=lambda: [10])
    rate_days: list[date] = field(default_factory=lambda: [DAY])
    free: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BUYERS, 400))
    months: dict[tuple[str, int], int] = field(default_factory=dict)
    stock: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SHOPS, STOCK))
    held: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SHOPS, 0))  # shops' points
    orders: dict[str, Order] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)  # "<order>+" and "<order>-"
    statements: dict[str, dict[str, Any]] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    debts: dict[str, Owed] = field(default_factory=dict)  # by the order given back
    repaid: int = 0
    # [holder, amount, state, claims, account, looked into]
    batches: list[list[list[Any]]] = field(default_factory=list)
    accounts: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*SHOPS, BANK), 0))
    carried: tuple[date, int] | None = None

    def apply(self, op: Op) -> None:
        """Do a step, or raise `No` with nothing changed."""
        before = copy.deepcopy(self.__dict__)
        try:
            need(self.knows(op))
            getattr(self, op[0])(*op[1:])
        except No:
            self.__dict__.update(before)
            raise

    def after(self, *ops: Op) -> tuple["Model", list[bool]]:
        """Another model in which these were done one after the other, and which were refused."""
        other, refused = copy.deepcopy(self), []
        for op in ops:
            try:
                other.apply(op)
                refused.append(False)
            except No:
                refused.append(True)
        return other, refused

    def knows(self, op: Op) -> bool:
        """Whether the step is about something that is there."""
        made: dict[str, Any] = {}
        if op[0] in ("redeem", "cancel", "refund"):
            made = self.orders
        elif op[0] in ("dispute", "answer"):
            made = self.lines
        elif op[0] == "confirm":
            made = self.statements
        elif op[0] in CLAIM_STEPS:
            made = self.claims
        elif op[0] == "repay":
            made = self.debts
        else:
            return True
        return op[1] in made

    # Orders

    def order(self, label: str, buyer: str, shop: str, pieces: int, points: int) -> None:
        need(self.stock[shop] >= pieces)
        rate = self.rates[-1]
        share = PRICE * pieces * PERCENT // (100 * rate)
        need(1 <= points <= min(MOST * pieces, share))
        month = (buyer, self.today.month)
        need(self.months.get(month, 0) + points <= MONTH)
        need(self.free[buyer] >= points)
        self.months[month] = self.months.get(month, 0) + points
        self.stock[shop] -= pieces
        self.free[buyer] -= points
        self.orders[label] = Order(buyer, shop, pieces, points, len(self.rates) - 1, self.today)

    def redeem(self, label: str) -> None:
        o = self.orders[label]
        need(o.state == "held" and o.on == self.today)
        o.state = "done"
        self.held[o.shop] += o.points
        self.lines[label + "+"] = Line(o.shop, label, o.points, o.rate, self.today)

    def _back(self, o: Order) -> None:
        self.stock[o.shop] += o.pieces
        self.free[o.buyer] += o.points
        self.months[o.buyer, o.on.month] -= o.points

    def cancel(self, label: str) -> None:
        o = self.orders[label]
        if o.state in ("void", "expired"):
            return
        need(o.state == "held")
        o.state = "void"
        self._back(o)

    def expire(self) -> None:
        for o in self.orders.values():
            if o.state == "held" and o.on < self.today:
                o.state = "expired"
                self._back(o)

    def refund(self, label: str) -> None:
        o = self.orders[label]
        if o.state == "refunded":
            return
        need(o.state == "done")
        missing = max(0, o.points - self.held[o.shop])
        o.state = "refunded"
        self._back(o)
        self.held[o.shop] += missing - o.points
        if missing:
            gross = missing * self.rates[o.rate]
            fee = gross * FEES[SHOPS.index(o.shop)] // 10_000
            self.debts[label] = Owed(o.shop, missing, gross - fee)
        sale = self.lines[label + "+"]
        back = Line(o.shop, label, -o.points, o.rate, self.today)
        self.lines[label + "-"] = back
        if sale.statement is None:
            return
        if self.statements[sale.statement]["state"] == "sent":
            was, sale.state, sale.statement = sale.statement, "open", None
            self._reckon(was)
            return
        for name, s in self.statements.items():
            if s["shop"] == o.shop and s["state"] == "sent":
                back.state, back.statement = "stated", name
                self._reckon(name)

    def repay(self, label: str) -> None:
        debt = self.debts[label]
        if debt.state == "repaid":
            return
        need(debt.state == "owed")
        debt.state = "repaid"
        self.repaid += debt.fen
        refund = self.lines[label + "-"]
        line = Line(debt.shop, label, debt.points, refund.rate, self.today)
        self.lines[label + "="] = line
        if refund.statement is not None:
            line.state, line.statement = "stated", refund.statement
            self._reckon(refund.statement)

    # Statements

    def _on(self, statement: str) -> list[Line]:
        return [line for line in self.lines.values() if line.statement == statement]

    def _fen(self, lines: list[Line]) -> int:
        return sum(line.points * self.rates[line.rate] for line in lines)

    def _reckon(self, name: str) -> None:
        of = self._on(name)
        if self._fen(of) <= 0 or sum(line.points for line in of) <= 0:
            for line in of:
                line.state, line.statement = "open", None
            of = []
        s = self.statements[name]
        s["points"], s["gross"] = sum(line.points for line in of), self._fen(of)
        s["net"] = s["gross"] - s["gross"] * FEES[SHOPS.index(s["shop"])] // 10_000
        s["state"] = "sent" if of else "empty"

    def draw(self, label: str, shop: str) -> None:
        need(not any(s["shop"] == shop and s["state"] == "sent" for s in self.statements.values()))
        of = [line for line in self.lines.values() if line.shop == shop and line.state == "open"]
        undone = [line for line in of if self.orders[line.order].state == "refunded"]
        for rate in sorted({line.rate for line in of if line not in undone}):
            found = [line for line in of if line.rate == rate and line not in undone] + undone
            if self._fen(found) > 0 and sum(line.points for line in found) > 0:
                break
        else:
            raise No
        for line in found:
            line.state, line.statement = "stated", label
        self.statements[label] = {"shop": shop, "state": "sent"}
        self._reckon(label)

    def dispute(self, line: str) -> None:
        found = self.lines[line]
        if found.state == "disputed":
            return
        need(found.state == "stated" and line.endswith("+") and found.statement)
        name = str(found.statement)
        need(self.statements[name]["state"] == "sent")
        found.state, found.statement = "disputed", None
        self._reckon(name)

    def answer(self, line: str, stands: bool) -> None:
        found = self.lines[line]
        need(found.state == "disputed")
        found.state = "open"
        if not stands and self.orders[found.order].state == "done":
            self.refund(found.order)

    def confirm(self, name: str) -> None:
        s = self.statements[name]
        if s["state"] == "confirmed":
            return
        need(s["state"] == "sent")
        s["state"] = "confirmed"
        self.held[s["shop"]] -= s["points"]
        for label, debt in self.debts.items():
            if debt.state == "owed" and self.lines[label + "-"].statement == name:
                debt.state = "netted"
                self.held[s["shop"]] -= debt.points
        due = self.today + timedelta(days=TERMS[SHOPS.index(s["shop"])])
        self.claims[name] = Claim(name, s["shop"], s["net"], due)

    def publish(self, fen: int) -> None:
        if (self.rate_days[-1], self.rates[-1]) == (self.today, fen):
            return  # pressed twice
        need(self.rate_days[-1] < self.today)
        points = sum(self.free.values()) + sum(self.held.values())
        points += sum(o.points for o in self.orders.values() if o.state == "held")
        owed = sum(s["net"] for s in self.statements.values() if s["state"] == "confirmed")
        # The dearest announced is today's or this one: an older one no longer counts.
        need(
            points * max(fen, self.rates[-1]) + owed - self.paid
            <= self.pledged + self.repaid - self.paid
        )
        self.rates.append(fen)
        self.rate_days.append(self.today)

    def wait(self, days: int) -> None:
        """The calendar; never drawn beside another step."""
        self.today += timedelta(days=days)

    # What must hold and what must be seen

    def view(self) -> dict[str, Any]:
        """What the database must show, in the words of the labels."""
        return {
            "fund": (self.pledged, self.paid, self.repaid),
            "debts": {name: (d.points, d.fen, d.state) for name, d in self.debts.items()},
            "free": dict(self.free), "stock": dict(self.stock), "held": dict(self.held),
            "orders": {name: o.state for name, o in self.orders.items()},
            "lines": {
                name: (line.points, line.points * self.rates[line.rate], line.state,
                       line.statement)
                for name, line in self.lines.items()
            },
            "statements": {
                name: (s["state"], s["points"], s["gross"], s["net"])
                for name, s in self.statements.items()
            },
            "claims": {
                name: (c.state, c.holder, c.face, c.due, c.financing)
                for name, c in self.claims.items()
            },
            "batches": [[tuple(row[:3]) for row in b] for b in self.batches],
        }  # fmt: skip

    def sound(self) -> None:
        """The invariants, of the plain model itself."""
        assert 0 <= self.paid <= self.pledged + self.repaid
        assert self.paid == sum(c.face for c in self.claims.values() if c.state == "redeemed")
        given = sum(s["points"] for s in self.statements.values() if s["state"] == "confirmed")
        held = sum(o.points for o in self.orders.values() if o.state == "held")
        lent = sum(d.points for d in self.debts.values() if d.state != "netted")
        assert sum(self.free.values()) + sum(self.held.values()) + held + given == 800 + lent
        assert min((*self.free.values(), *self.stock.values(), *self.held.values())) >= 0
        assert all(0 <= points <= MONTH for points in self.months.values())
        for shop in SHOPS:
            waiting = [
                line.points for line in self.lines.values() if line.shop == shop
                and (line.statement is None
                     or self.statements[line.statement]["state"] != "confirmed")
            ]  # fmt: skip
            owed = [d.points for d in self.debts.values() if (d.shop, d.state) == (shop, "owed")]
            assert self.held[shop] == sum(waiting) + sum(owed)
        for name, s in self.statements.items():
            leaves = [
                c.face for c in self.claims.values()
                if c.statement == name and c.state not in ("split", "cancelled")
            ]  # fmt: skip
            assert not leaves or (sum(leaves) == s["net"] and s["state"] == "confirmed")
