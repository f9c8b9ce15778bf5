"""Random honest histories of a ledger in the log, and every single way of bending one."""

import hashlib
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gongzhi.log.hashing import SHA256
from gongzhi.log.leaves import Value, encode
from gongzhi.log.tree import Tree

START = 1_790_000_000_000_000
MINUTE = 60_000_000
MONTH, SPENT = 20, 30  # what may be earned, and spent in the mall, in a month
ROWS = ("edit", "delete", "insert", "reorder", "truncate")
KINDS = (*ROWS, "split-view", "omission", "back-dating", "overdraft", "over-cap",
         "double-redemption")  # fmt: skip
Case = dict[str, Any]
Cap = tuple[str, str, int]  # rule, account, month


def who(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


@dataclass
class History:
    """Entries made by a little ledger that keeps its own rules."""

    rng: random.Random
    entries: list[bytes] = field(default_factory=list)
    at: int = START
    serial: int = 0
    balances: dict[str, int] = field(default_factory=dict)
    month: dict[Cap, int] = field(default_factory=dict)
    done: list[tuple[int, str, str, int, Cap | None]] = field(default_factory=list)
    undone: set[int] = field(default_factory=set)
    yard: int = 1  # the version of the rule for earning that is in force

    def add(self, kind: str, subject: str, fields: dict[str, Value], at: int | None = None) -> None:
        self.entries.append(encode(kind, subject, self.at if at is None else at, fields))

    def transfer(self, debit: str, credit: str, amount: int, **more: Value) -> bytes:
        """The bytes of a transfer; whether it keeps the rules is the caller's affair."""
        self.serial += 1
        fields: dict[str, Value] = {
            "amount": amount, "code": "earn", "credit": who(credit), "debit": who(debit),
            "key": self.serial.to_bytes(16, "big"), "unit": "points",
        }  # fmt: skip
        at = more.pop("at", self.at)
        assert isinstance(at, int)
        return encode("ledger.transfer", f"transfer:{self.serial}", at, fields | more)

    def move(self, debit: str, credit: str, amount: int, **more: Value) -> None:
        self.entries.append(self.transfer(debit, credit, amount, **more))
        self.balances[debit] -= amount
        self.balances[credit] += amount
        at = more.get("at", self.at)
        assert isinstance(at, int)
        where = None
        if "rule" in more:
            rule = str(more["rule"]).split("@")[0]
            where = (rule, debit if rule == "mall" else credit, month_of(at))
            self.month[where] = self.month.get(where, 0) + amount
        self.done.append((self.serial, debit, credit, amount, where))

    def law(self, rule: str, version: int, **caps: Value) -> None:
        fields: dict[str, Value] = {
            "rule": rule, "version": version, "unit": "points", "text": who(f"{rule}{version}"),
        }  # fmt: skip
        self.add("rule.version", f"rule:{rule}@{version}", fields | caps)


PEOPLE = ("amei", "laozhao", "team")


def honest(seed: int, steps: int = 20) -> History:
    """A history without a fault."""
    made = History(random.Random(seed))
    rng = made.rng
    for number, (name, floor) in enumerate(
        [("issue", None), ("budget", 0), ("shop", 0), *((name, 0) for name in PEOPLE)]
    ):
        made.balances[name] = 0
        fields: dict[str, Value] = {"account": who(name), "unit": "points"}
        made.add("ledger.account", f"account:{number}",
                 fields if floor is None else fields | {"floor": floor})  # fmt: skip
    for number, (name, floor) in enumerate([("hour-issue", None), ("hour-amei", 0)], 6):
        made.balances[name] = 0
        hours: dict[str, Value] = {"account": who(name), "unit": "hours"}
        made.add("ledger.account", f"account:{number}",
                 hours if floor is None else hours | {"floor": floor})  # fmt: skip
    made.law("yard", 1, each=5, month=MONTH)
    made.law("mall", 1, month=SPENT, side="debit")
    made.law("free", 1)
    made.move("issue", "budget", 500)
    for _ in range(steps):
        made.at += rng.choice((0, 1, 1000, MINUTE, 90 * MINUTE, 26 * 60 * MINUTE))
        _step(made, rng)
    return made


def _step(made: History, rng: random.Random) -> None:
    at = made.at - rng.choice((0, 0, MINUTE))  # two requests overtake each other
    person = rng.choice(PEOPLE)
    what = rng.randrange(7)
    if what <= 1:
        _earn(made, rng, person, at)
    elif what == 2 and made.balances[person]:
        _spend(made, rng, person, at)
    elif what == 3 and made.done:
        serial, debit, credit, amount, where = rng.choice(made.done)
        amount = rng.choice((amount, rng.randint(1, amount)))  # whole or in part
        if serial in made.undone or made.balances[credit] < amount or credit == "budget":
            return
        made.undone.add(serial)
        if where is not None:
            made.month[where] -= amount
        made.move(credit, debit, amount, reverses=serial, at=at,
                  **({"unit": "hours"} if "hour-issue" in (debit, credit) else {}))  # fmt: skip
    elif what == 4:
        made.move("hour-issue", "hour-amei", rng.randint(1, 240), unit="hours", at=at)
    elif what == 5 and rng.random() < 0.3:
        made.yard += 1
        made.law("yard", made.yard, each=5, month=MONTH)
    else:
        made.add("matter.closed", f"matter:{len(made.entries)}", {"matter": who(str(made.at))})


def _earn(made: History, rng: random.Random, person: str, at: int) -> None:
    amount = rng.randint(1, 5)
    where = ("yard", person, month_of(at))
    if made.month.get(where, 0) + amount > MONTH or made.balances["budget"] < amount:
        return
    made.move("budget", person, amount, rule=f"yard@{made.yard}", at=at)


def _spend(made: History, rng: random.Random, person: str, at: int) -> None:
    """In the mall, up to its cap; or without a rule."""
    amount = rng.randint(1, made.balances[person])
    more: dict[str, Value] = {"hold": made.serial + 1} if rng.random() < 0.6 else {}
    left = SPENT - made.month.get(("mall", person, month_of(at)), 0)
    if left > 0 and rng.random() < 0.7:
        amount, more = min(amount, left), more | {"rule": "mall@1"}
    elif rng.random() < 0.5:
        more |= {"rule": "free@1"}
    made.move(person, "shop", amount, at=at, **more)


def month_of(at: int) -> int:
    """The calendar month in China (UTC+8) of microseconds since 1970."""
    here = datetime.fromtimestamp(at // 1_000_000 + 8 * 3600, UTC)
    return here.year * 100 + here.month


def case_of(entries: list[bytes], **more: Any) -> Case:
    """What an auditor is shown when nothing is wrong."""
    tree = Tree()
    tree.extend(map(SHA256.leaf, entries))
    return {
        "hashes": [tree.leaf(at) for at in range(len(tree))], "entries": entries,
        "head": {"origin": "county/log", "size": len(tree), "root": tree.root()}, "kept": None,
        "promises": [], "times": [], "now": START * 2,
    } | more  # fmt: skip


def kept(entries: list[bytes], size: int, whole: bool = True) -> Case:
    """What an auditor kept of an earlier look."""
    case = case_of(entries[:size])
    return {"size": size, "root": case["head"]["root"], "hashes": case["hashes"] if whole else None}


def honest_case(seed: int) -> Case:
    """With an earlier look, promises that were kept or are not due, and a witness's time."""
    made = honest(seed)
    rng = random.Random(seed)
    size = rng.randrange(len(made.entries) + 1)
    last = SHA256.leaf(rng.choice(made.entries))
    return case_of(
        made.entries, kept=kept(made.entries, size, rng.random() < 0.5),
        promises=[(last, START), (who("later"), START * 3)],
        times=[(len(made.entries), made.at // 1_000_000 + 400), (1, START // 1_000_000)],
    )  # fmt: skip


def bent(seed: int) -> tuple[Case, str, int | None]:
    """(case, what was done, where). `None` where the place cannot be known from what is shown."""
    rng = random.Random(-seed - 1)
    kind = KINDS[seed % len(KINDS)]
    made = honest(seed)
    if kind in ROWS:
        changed, place = _rows(kind, made.entries, rng)
        if rng.random() < 0.5:  # rows changed behind the tiles, or the whole log made anew
            return case_of(made.entries) | {"entries": changed}, kind, place
        size = len(made.entries)
        return case_of(changed, kept=kept(made.entries, size)), kind, place
    if kind == "split-view":
        return _split(made.entries, rng), kind, None
    if kind == "omission":
        promised = (SHA256.leaf(made.transfer("issue", "budget", 1)), START)
        return case_of(made.entries, promises=[promised]), kind, len(made.entries)
    entries, place = _against_rules(kind, made, rng)
    return case_of(entries), kind, place


def _rows(kind: str, entries: list[bytes], rng: random.Random) -> tuple[list[bytes], int]:
    rows, at = list(entries), rng.randrange(len(entries) - 1)
    if kind == "edit":
        raw = bytearray(rows[at])
        raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
        rows[at] = bytes(raw)
    elif kind == "delete":
        del rows[at]
    elif kind == "insert":
        new = encode("matter.closed", "matter:forged", START, {"number": rng.randrange(99)})
        rows.insert(at, rng.choice((new, rows[rng.randrange(at + 1)])))
        if rows[at] == entries[at] or (rows[at] == rows[at - 1] and at):  # a copy beside its twin
            rows[at] = new
    elif kind == "reorder":
        other = rng.randrange(at + 1, len(rows))
        rows[at], rows[other] = rows[other], rows[at]
    else:
        del rows[at:]
    return rows, at


def _split(entries: list[bytes], rng: random.Random) -> Case:
    other = list(entries)
    other[rng.randrange(len(other))] = encode("a.b", "x", START, {"n": rng.randrange(999)})
    if rng.random() < 0.5:  # one head for us, another for everybody else
        return case_of(entries, kept=kept(other, len(other), whole=False))
    return case_of(entries) | {"head": case_of(other)["head"]}


def _against_rules(kind: str, made: History, rng: random.Random) -> tuple[list[bytes], int]:
    entries, place = list(made.entries), len(made.entries)
    if kind == "overdraft":
        person = rng.choice(PEOPLE)
        new = made.transfer(person, "shop", made.balances[person] + rng.randint(1, 9))
    elif kind == "over-cap":
        new = _too_much(made, rng)
        entries += new[:-1]
        place, new = len(entries), new[-1]
    elif kind == "double-redemption":
        new = _twice(made, rng)
        entries += new[:-1]
        place, new = len(entries), new[-1]
    else:
        new = made.transfer("issue", "budget", 1, at=made.at - rng.randint(4, 999) * MINUTE)
        entries.append(made.transfer("issue", "budget", 1))
        place += 1
    entries.insert(place, new) if isinstance(new, bytes) else None
    return entries, place


def _too_much(made: History, rng: random.Random) -> list[bytes]:
    """More than the rule gives at once, or one more than it gives in a month."""
    person = rng.choice(PEOPLE)
    way, rule = rng.randrange(3), f"yard@{made.yard}"
    if way == 0:
        return [made.transfer("budget", person, rng.randint(6, 9), rule=rule)]
    if way == 1:  # more than may be spent, whoever gets it
        left = SPENT - made.month.get(("mall", person, month_of(made.at)), 0)
        given = made.transfer("issue", person, left + 1)
        return [given, made.transfer(person, "shop", left + 1, rule="mall@1")]
    left = MONTH - made.month.get(("yard", person, month_of(made.at)), 0)
    parts = [5] * (left // 5) + [left % 5] * (left % 5 > 0) + [1]
    return [made.transfer("budget", person, part, rule=rule) for part in parts]


def _twice(made: History, rng: random.Random) -> list[bytes]:
    """The same hold, the same key, or the same reversal a second time."""
    way = rng.randrange(3)
    if way == 0:
        return [made.transfer("issue", "shop", 3, hold=7777) for _ in range(2)]
    if way == 1:
        first = made.transfer("issue", "shop", 3)
        made.serial += 1
        key = (made.serial - 1).to_bytes(16, "big")
        second = encode("ledger.transfer", f"transfer:{made.serial}", made.at, {
            "amount": 3, "code": "earn", "credit": who("shop"), "debit": who("issue"), "key": key,
            "unit": "points",
        })  # fmt: skip
        return [first, second]
    first = made.transfer("issue", "shop", 3)
    serial = made.serial
    return [first, *(made.transfer("shop", "issue", 1, reverses=serial) for _ in range(2))]
