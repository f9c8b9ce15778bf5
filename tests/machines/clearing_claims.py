"""Claims and batches of the plain model: confirmed, split, passed on, financed, netted, paid."""

from datetime import date
from typing import Any

from machines.clearing_parts import BANK, SHOPS, Claim, need


class Claims:
    """The half of the model that begins where a statement was agreed to."""

    today: date
    pledged: int
    paid: int
    claims: dict[str, Claim]
    batches: list[list[list[Any]]]  # [holder, amount, state, claims, account, looked into]
    repaid: int
    accounts: dict[str, int]
    carried: tuple[date, int] | None  # of the last batch, where it paid nobody

    def withdraw(self, name: str) -> None:
        if self.claims[name].state == "cancelled":
            return
        need(self.claims[name].state == "draft")
        self.claims[name].state = "cancelled"

    def owe(self, name: str) -> None:
        if self.claims[name].state == "open":
            return
        need(self.claims[name].state == "draft")
        self.claims[name].state = "open"

    def _paying(self, name: str) -> bool:
        return any(name in row[3] and row[2] == "sent" for b in self.batches for row in b)

    def _is_free(self, name: str) -> bool:
        busy = self.claims[name].financing in ("asked", "offered", "accepted", "live")
        return self.claims[name].state == "open" and not busy and not self._paying(name)

    def split(self, name: str, first: int) -> None:
        c = self.claims[name]
        if c.state == "split" and self.claims[f"{name}.1"].face == first:
            return  # pressed twice
        need(self._is_free(name) and 0 < first < c.face)
        c.state = "split"
        for n, part in enumerate((first, c.face - first), 1):
            self.claims[f"{name}.{n}"] = Claim(c.statement, c.holder, part, c.due, "open", name)

    def assign(self, name: str, to: str) -> None:
        c = self.claims[name]
        need(self._is_free(name) and to != c.holder)
        c.holder = to

    def ask(self, name: str) -> None:
        c = self.claims[name]
        if (c.state, c.financing) == ("open", "asked") and c.due > self.today:
            return  # pressed twice
        need(self._is_free(name) and c.due > self.today and c.holder != BANK)
        c.financing, c.seller = "asked", c.holder

    def offer(self, name: str, price: int) -> None:
        c = self.claims[name]
        if (c.financing, c.price) == ("offered", price):
            return  # pressed twice
        need(c.financing == "asked" and 0 < price <= c.face)
        c.financing, c.price = "offered", price

    def accept(self, name: str) -> None:
        if self.claims[name].financing == "accepted":
            return
        need(self.claims[name].financing == "offered")
        self.claims[name].financing = "accepted"

    def decline(self, name: str) -> None:
        if self.claims[name].financing == "declined":
            return
        need(self.claims[name].financing in ("asked", "offered", "accepted"))
        self.claims[name].financing = "declined"

    def draw_down(self, name: str) -> None:
        c = self.claims[name]
        if c.financing == "live":
            return
        need(c.financing == "accepted" and c.due > self.today)
        c.financing, c.holder = "live", BANK

    def batch(self) -> None:
        if any(row[2] == "sent" for b in self.batches for row in b):
            return
        due = {
            name: c for name, c in self.claims.items()
            if c.state == "open" and c.due <= self.today and not self._paying(name)
        }  # fmt: skip
        kept = sum(c.face for name, c in due.items() if self._waits(c.holder) and self._came(name))
        due = {name: c for name, c in due.items() if not self._waits(c.holder)}
        need(due)
        holders = sorted(
            {c.holder for c in due.values()},
            key=lambda h: (
                min(c.due for c in due.values() if c.holder == h),
                all(c.financing != "live" for c in due.values() if c.holder == h),
                (*SHOPS, BANK).index(h),
            ),
        )
        left, rows, stopped = self.pledged + self.repaid - self.paid - kept, [], False
        carried = sum(c.face for c in due.values())
        for holder in holders:
            of = [name for name, c in due.items() if c.holder == holder]
            amount = sum(due[name].face for name in of)
            stopped = stopped or amount > left
            left -= 0 if stopped else amount
            rows.append([holder, amount, "carried" if stopped else "sent", sorted(of),
                         self.accounts[holder], False])  # fmt: skip
        if stopped and rows[0][2] == "carried" and self.carried == (self.today, carried):
            return  # nothing can be paid yet, as the last time
        self.carried = (self.today, carried) if rows[0][2] == "carried" else None
        self.batches.append(rows)

    def receipt(self, refuses: tuple[str, ...]) -> None:
        need(self.batches)
        for row in self.batches[-1]:
            if row[2] == "sent":
                row[2] = "failed" if row[0] in refuses else "paid"
            else:
                continue
            if row[2] == "paid":
                self.paid += row[1]
                for name in row[3]:
                    c = self.claims[name]
                    c.state = "redeemed"
                    if c.financing in ("asked", "offered", "accepted"):
                        c.financing = "declined"
                    elif c.financing == "live":
                        c.financing = "repaid"

    def _waits(self, holder: str) -> bool:
        """Whether what came back went to the account that still stands, unlooked at."""
        return any(
            row[0] == holder and row[2] == "returned" and row[4] == self.accounts[holder]
            and not row[5] for b in self.batches for row in b
        )  # fmt: skip

    def _came(self, name: str) -> bool:
        return any(row[2] == "returned" and name in row[3] for b in self.batches for row in b)

    def _row(self, number: int, holder: str) -> list[Any]:
        need(number < len(self.batches))
        found = [row for row in self.batches[number] if row[0] == holder]
        need(found)
        return found[0]

    def bounce(self, number: int, holder: str) -> None:
        """The bank sends back what it had paid."""
        row = self._row(number, holder)
        if row[2] == "returned":
            return
        need(row[2] == "paid")
        row[2] = "returned"
        self.paid -= row[1]
        for name in row[3]:
            c = self.claims[name]
            c.state = "open"
            c.financing = "live" if c.financing == "repaid" else c.financing

    def again(self, number: int, holder: str) -> None:
        row = self._row(number, holder)
        need(row[2] == "returned")
        row[5] = True

    def account(self, holder: str) -> None:
        self.accounts[holder] += 1

    def pledge(self, label: str, amount: int) -> None:
        self.pledged += amount
