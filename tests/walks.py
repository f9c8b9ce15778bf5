"""Steps at random, most of them lawful, by a number: the same number, the same walk."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

from ledger_books import AT
from ledger_model import Model, day_of

Step = tuple[str, dict[str, Any]]


def steps(model: Model, luck: Random) -> Iterator[Step]:
    """Without end; `model` is what has happened so far."""
    at, last = AT, None
    yield "transfer", {"key": "fund", "debit": "issuance", "credit": "budget", "amount": 500,
                       "code": "fund", "at": at}  # fmt: skip
    for n in range(10**6):
        at += timedelta(minutes=luck.choice([0, 0, 1, 30, 300, 1500]))
        said = _step(model, luck, f"{n}", at)
        if luck.random() < 0.12 and last is not None:
            said = last if luck.random() < 0.5 else _changed(last, luck)
        elif "key" in said[1] or said[0] == "batch":
            last = said
        yield said


def _step(model: Model, luck: Random, key: str, at: Any) -> Step:
    who, shop = luck.choice(["ann", "bob"]), luck.choice(["shop", "desk"])
    amount, part = luck.randint(1, 25), luck.choice([None, None, luck.randint(0, 12)])
    until = luck.choice([None, day_of(at), day_of(at) + timedelta(days=luck.randint(1, 4))])
    way = luck.random()
    if way < 0.25:
        return "transfer", {"key": key, "debit": "budget", "credit": who, "amount": amount,
                            "code": "award", "at": at, "until": until}  # fmt: skip
    if way < 0.40:
        return "transfer", {"key": key, "debit": who, "credit": shop, "amount": amount,
                            "code": "spend", "at": at}  # fmt: skip
    if way < 0.55:
        return "hold", {"key": key, "account": who, "credit": shop, "amount": amount,
                        "code": "spend", "at": at,
                        "expires": at + timedelta(minutes=luck.choice([5, 500, 3000]))}  # fmt: skip
    if way < 0.68 and model.holds:
        return "capture", {"key": key, "hold": luck.choice(sorted(model.holds)), "amount": part,
                           "at": at}  # fmt: skip
    if way < 0.73 and model.holds:
        return "void", {"hold": luck.choice(sorted(model.holds))}
    if way < 0.85:
        known = sorted(k for k, t in model.transfers.items() if t.code != "expire")
        return "reverse", {"key": key, "transfer": luck.choice(known), "amount": part, "at": at}
    if way < 0.92:
        return "batch", {"rows": list(_rows(luck, key, until)), "at": at}
    if way < 0.96:
        return "expire_holds", {"at": at}
    return "expire_day", {"on": day_of(at)}


def _rows(luck: Random, key: str, until: Any) -> Iterator[tuple[Any, ...]]:
    for n in range(luck.randint(1, 4)):
        who = luck.choice(["ann", "bob"])
        if luck.random() < 0.6:
            yield f"{key}.{n}", "budget", who, luck.randint(1, 12), "award", until
        else:
            yield f"{key}.{n}", who, "shop", luck.randint(1, 6), "spend", None


def _changed(step: Step, luck: Random) -> Step:
    """The same key with something else."""
    name, said = step
    if name == "batch":
        rows = [(k, d, c, a + 1, code, until) for k, d, c, a, code, until in said["rows"]]
        return name, said | {"rows": rows}
    if said.get("amount") is None:
        return name, said | {"amount": 1}
    return name, said | {"amount": max(1, said["amount"] + luck.choice([-1, 1]))}
