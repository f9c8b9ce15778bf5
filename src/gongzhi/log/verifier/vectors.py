"""Shared vectors: what both verifiers must say, made from fixed keys. `gongzhi log vectors`."""

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gongzhi.log import checkpoints, leaves, notes, receipts
from gongzhi.log.hashing import SHA256
from gongzhi.log.notes import Signer
from gongzhi.log.tree import Tree

FILE = Path(__file__).with_name("vectors.json")
LOG = Signer("county.example/log", notes.ED25519, bytes(range(32)))
WITNESSES = [
    Signer(f"village{number}.example", notes.COSIGNATURE, bytes([number]) * 32)
    for number in (1, 2, 3)
]
START = 1_790_000_000_000_000
SECOND = 1_000_000
Json = dict[str, Any]


def made() -> Json:
    """All vectors, as JSON."""
    return {
        "format": "gongzhi-log-vectors/1",
        "audit": list(_audits()),
        "receipt": list(_receipts()),
    }


def case(raw: Json) -> Json:
    """A case of the vectors as the Python verifier takes it."""
    kept = raw["kept"] and raw["kept"] | {
        "root": _un(raw["kept"]["root"]),
        "hashes": raw["kept"]["hashes"] and [_un(leaf) for leaf in raw["kept"]["hashes"]],
    }
    return raw | {
        "hashes": [_un(leaf) for leaf in raw["hashes"]],
        "entries": raw["entries"] and [_un(entry) for entry in raw["entries"]],
        "head": raw["head"] | {"root": _un(raw["head"]["root"])},
        "promises": [(_un(leaf), due) for leaf, due in raw["promises"]],
        "kept": kept,
    }


def jsonable(of: Json) -> Json:
    """A case with its bytes as base64, for the vectors and for the browser."""
    kept = of["kept"] and of["kept"] | {
        "root": _b(of["kept"]["root"]),
        "hashes": of["kept"]["hashes"] and [_b(leaf) for leaf in of["kept"]["hashes"]],
    }
    return of | {
        "hashes": [_b(leaf) for leaf in of["hashes"]],
        "entries": of["entries"] and [_b(entry) for entry in of["entries"]],
        "head": of["head"] | {"root": _b(of["head"]["root"])},
        "promises": [[_b(leaf), due] for leaf, due in of["promises"]],
        "times": [list(pair) for pair in of["times"]],
        "kept": kept,
    }


def _b(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _un(text: str) -> bytes:
    return base64.b64decode(text)


def _who(name: str) -> bytes:
    return hashlib.sha256(bytes(32) + name.encode()).digest()


def transfer(number: int, debit: str, credit: str, amount: int, **more: leaves.Value) -> bytes:
    """A transfer as an entry, one second after the last."""
    fields: dict[str, leaves.Value] = {
        "amount": amount, "code": "earn", "credit": _who(credit), "debit": _who(debit),
        "key": number.to_bytes(16, "big"), "unit": "points",
    }  # fmt: skip
    at = START + number * SECOND
    return leaves.encode("ledger.transfer", f"transfer:{number}", at, fields | more)


def _account(number: int, name: str, **more: leaves.Value) -> bytes:
    fields: dict[str, leaves.Value] = {"account": _who(name), "unit": "points"}
    return leaves.encode("ledger.account", f"account:{number}", START, fields | more)


def _history() -> list[bytes]:
    rule: dict[str, leaves.Value] = {
        "rule": "yard", "version": 3, "unit": "points", "each": 5, "month": 8, "text": _who("t"),
    }  # fmt: skip
    return [
        _account(1, "issue"), _account(2, "budget", floor=0), _account(3, "amei", floor=0),
        _account(4, "shop", floor=0), leaves.encode("rule.version", "rule:yard@3", START, rule),
        transfer(1, "issue", "budget", 100), transfer(2, "budget", "amei", 5, rule="yard@3"),
        transfer(3, "budget", "amei", 3, rule="yard@3"), transfer(4, "amei", "shop", 6, hold=9),
        transfer(5, "shop", "amei", 2, reverses=4),
        leaves.encode("matter.closed", "matter:7", START, {"matter": _who("matter:7")}),
    ]  # fmt: skip


def _case(entries: list[bytes], **more: Any) -> Json:
    tree = Tree()
    tree.extend(map(SHA256.leaf, entries))
    return {
        "hashes": [tree.leaf(at) for at in range(len(tree))], "entries": entries,
        "head": {"origin": LOG.name, "size": len(tree), "root": tree.root()}, "kept": None,
        "promises": [], "times": [], "now": START * 2,
    } | more  # fmt: skip


def _kept(entries: list[bytes], whole: bool = True) -> Json:
    of = _case(entries)
    hashes = of["hashes"] if whole else None
    return {"size": len(entries), "root": of["head"]["root"], "hashes": hashes}


def _audits() -> Iterable[Json]:
    good = _history()
    size = len(good)
    for name, of, found in (*_bent_rows(good), *_bent_rules(good)):
        yield {"name": name, "case": jsonable(of), "found": found}
    more = [*good, transfer(6, "issue", "budget", 1)]
    yield {"name": "grown honestly", "case": jsonable(_case(more, kept=_kept(good))), "found": []}
    other = [*good[:3], good[4], *good[4:]]
    for whole, found in ((True, [["edit", 3]]), (False, [["split-view", size]])):
        rebuilt = _case([*good[:3], transfer(9, "a", "b", 1), *good[4:]], kept=_kept(good, whole))
        rebuilt["entries"] = None
        yield {
            "name": f"made anew, hashes kept: {whole}",
            "case": jsonable(rebuilt),
            "found": found,
        }
    shown = _case(good) | {"head": _case(other)["head"] | {"size": size}}
    yield {
        "name": "tiles of another head",
        "case": jsonable(shown),
        "found": [["split-view", size]],
    }


def _bent_rows(good: list[bytes]) -> Iterable[tuple[str, Json, list[list[Any]]]]:
    size, honest = len(good), _case(good)
    new = leaves.encode("matter.closed", "matter:8", START, {"matter": _who("matter:8")})
    yield "honest", honest, []
    yield "edit", honest | {"entries": [*good[:10], new]}, [["edit", 10]]
    yield "truncate", honest | {"entries": good[:10]}, [["truncate", 10]]
    yield "insert", honest | {"entries": [*good[:7], new, *good[7:]]}, [["insert", 7]]
    swapped = [*good[:2], good[3], good[2], *good[4:]]
    yield "reorder", honest | {"entries": swapped}, [["reorder", 2]]
    gone = [*good[:8], *good[9:]]
    yield "delete a purchase", honest | {"entries": gone}, [["delete", 8], ["malformed", 8]]
    late = [SHA256.leaf(new), START]
    yield "omission", honest | {"promises": [late]}, [["omission", size]]
    yield "promise not yet due", honest | {"promises": [[late[0], START * 3]]}, []


def _bent_rules(good: list[bytes]) -> Iterable[tuple[str, Json, list[list[Any]]]]:
    size = len(good)

    def ending(name: str, entry: bytes, *found: str) -> tuple[str, Json, list[list[Any]]]:
        return name, _case([*good, entry]), [[kind, size] for kind in found]

    yield ending("overdraft", transfer(6, "amei", "shop", 5), "overdraft")
    yield ending("to the floor", transfer(6, "amei", "shop", 4))
    yield ending("over the month", transfer(6, "budget", "amei", 1, rule="yard@3"), "over-cap")
    yield ending("over each", transfer(6, "budget", "shop", 6, rule="yard@3"), "over-cap")
    yield ending("one hold twice", transfer(6, "amei", "shop", 1, hold=9), "double-redemption")
    again = transfer(6, "shop", "amei", 1, reverses=4)
    yield ending("one reversal twice", again, "double-redemption")
    yield ending("unknown rule", transfer(6, "budget", "amei", 1, rule="yard@4"), "malformed")
    yield ending("unknown account", transfer(6, "budget", "nobody", 1), "malformed")
    yield ending("not an entry", b"nonsense\n", "malformed")
    old = leaves.encode("ledger.account", "account:9", START - 116 * SECOND, {
        "account": _who("late"), "unit": "points"})  # fmt: skip
    yield ending("back-dating", old, "back-dating")
    timed = _case([*good, transfer(6, "issue", "budget", 1)])
    seen = [[size, START // SECOND + 500]]
    yield "older than a witnessed head", timed | {"times": seen}, [["back-dating", size]]


def _policy(quorum: str) -> str:
    lines = [f"log {LOG.verifier}"]
    lines += [f"witness v{number} {key.verifier}" for number, key in enumerate(WITNESSES, 1)]
    return "\n".join([*lines, "group committee 2 v1 v2 v3", f"quorum {quorum}"]) + "\n"


def _receipts() -> Iterable[Json]:
    entries = _history()
    tree = Tree()
    tree.extend(map(SHA256.leaf, entries))
    head = checkpoints.Checkpoint(LOG.name, len(tree), tree.root())
    at = START // SECOND
    note = str(checkpoints.sign(head, [LOG], at))
    note += "".join(str(checkpoints.cosign(head, key, at)) for key in WITNESSES[:2])
    opening = receipts.Opening("credit", bytes(32), "amei")
    good = receipts.Receipt(entries[6], 6, tuple(tree.inclusion(6)), note, (opening,))
    forged = receipts.Opening("credit", bytes(32), "shop")
    alone = str(checkpoints.sign(head, [LOG], at))
    stranger = str(checkpoints.sign(head, [Signer(LOG.name, notes.ED25519, bytes(32))], at))
    two = "committee"
    for name, receipt, quorum, stands in (
        ("good", good, two, True), ("no witness asked for", good, "none", True),
        ("too few witnesses", good._replace(checkpoint=alone), two, False),
        ("another witness asked for", good, "v3", False),
        ("other entry", good._replace(leaf=entries[7]), two, False),
        ("other place", good._replace(index=7), two, False),
        ("path cut", good._replace(path=good.path[:-1]), two, False),
        ("opened for somebody else", good._replace(openings=(forged,)), two, False),
        ("another log's key", good._replace(checkpoint=stranger), "none", False),
    ):  # fmt: skip
        yield {"name": name, "receipt": receipt.text(), "policy": _policy(quorum), "stands": stands}
    for name, policy in _bad_policies(_policy(two)):
        yield {"name": name, "receipt": good.text(), "policy": policy, "stands": False}


def _bad_policies(good: str) -> Iterable[tuple[str, str]]:
    """What C2SP tlog-policy forbids; most would let one witness count as two."""
    first = str(WITNESSES[0].verifier)
    yield (
        "one witness under two names",
        good.replace("group committee", f"witness v9 {first}\ngroup committee"),
    )
    yield "one name for two witnesses", good.replace("witness v2", "witness v1")
    yield "one log twice", f"log {LOG.verifier}\n{good}"
    yield "a member twice", good.replace("2 v1 v2 v3", "2 v1 v1 v3")
    yield (
        "a member of two groups",
        good.replace("quorum committee", "group all 2 committee v1\nquorum all"),
    )
    yield (
        "a member defined below",
        good.replace("2 v1 v2 v3", "2 v1 v2 late") + "group late any v3\n",
    )
    yield "a group of itself", good.replace("2 v1 v2 v3", "2 v1 v2 committee")
    yield "nobody is enough", good.replace("2 v1 v2 v3", "0 v1 v2 v3")
    yield "no quorum", good.replace("quorum committee\n", "")
    yield "two quorums", f"{good}quorum none\n"
    yield "a line of Windows", good.replace("\n", "\r\n")
    yield "a wide space", good.replace("quorum committee", "quorum\u3000committee")
