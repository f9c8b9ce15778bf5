#!/usr/bin/env python3
"""Check a Gongzhi log without trusting whoever runs it. One file; needs only `cryptography`.

    gongzhi_verify.py receipt FILE --policy POLICY
    gongzhi_verify.py follow SOURCE --state FILE --policy POLICY
    gongzhi_verify.py audit SOURCE --policy POLICY [--state FILE] [--promise FILE ...]
    gongzhi_verify.py compare FILE FILE [--source SOURCE] --policy POLICY

SOURCE: a folder or an address laid out as C2SP tlog-tiles. The rules are in docs/reference/log.md.
Exit code 0: nothing found. 1: something found, a line each. 2: could not be checked.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
import time
import urllib.request
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SLACK = 120_000_000  # microseconds by which entries may overtake each other
MOST = 2**53 - 1  # numbers both verifiers hold exactly
NUMBER = re.compile(r"0|-?[1-9][0-9]{0,18}")
NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
KIND = re.compile(r"[a-z]+\.[a-z]+")


class Bad(Exception):
    """Something cannot be read or does not hold; says what."""


def unb64(text):
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise Bad("not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise Bad("not canonical base64")
    return raw


def decimal(text):
    if not NUMBER.fullmatch(text) or not 0 <= int(text) <= MOST:
        raise Bad(f"not a decimal number: {text[:20]!r}")
    return int(text)


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root_of(hashes):
    """The root over leaf hashes, level by level."""
    level = list(hashes) or [sha()]
    while len(level) > 1:
        above = [sha(b"\x01", level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = above + level[len(above) * 2 :]
    return level[0]


def root_from_inclusion(leaf, index, size, path):
    if not 0 <= index < size:
        raise Bad("the index is outside the tree")
    node, last = leaf, size - 1
    for beside in path:
        if last == 0:
            raise Bad("the path is too long")
        if index & 1 or index == last:
            node = sha(b"\x01", beside, node)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            node = sha(b"\x01", node, beside)
        index, last = index >> 1, last >> 1
    if last:
        raise Bad("the path is too short")
    return node


class Key:
    """A public key `name+id+base64(type || key)`; types 1 (note) and 4 (cosignature)."""

    def __init__(self, vkey):
        self.name, _, rest = vkey.strip().partition("+")
        shown, _, material = rest.partition("+")
        raw = unb64(material)
        self.type, self.public = raw[0], raw[1:]
        self.id = sha(self.name.encode(), b"\n", raw)[:4]
        if self.id.hex() != shown or not self.name:
            raise Bad("the key's id does not belong to it")

    def holds(self, message, signature):
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def parse_note(raw):
    """(text, [(name, key id, signature)])."""
    if any(ord(letter) < 32 and letter != "\n" for letter in raw):
        raise Bad("control characters in a note")
    text, found, below = raw.rpartition("\n\n")
    if not found or not below.endswith("\n"):
        raise Bad("no signatures below the text")
    lines = []
    for line in below[:-1].split("\n"):
        dash, name, signature = [*line.split(" "), "", "", ""][:3]
        raw_signature = unb64(signature)
        if dash != "—" or not name or len(raw_signature) < 5 or line.count(" ") != 2:
            raise Bad("a signature line cannot be read")
        lines.append((name, raw_signature[:4], raw_signature[4:]))
    return text + "\n", lines


def parse_policy(text):
    """{"logs": [Key], "witnesses": {name: Key}, "groups": {name: (k, members)}, "quorum"}."""
    logs, witnesses, groups, quorum, used = [], {}, {}, None, {"none"}
    for line in text.split("\n"):
        words = [word for word in re.split("[ \t]+", line) if word]
        if not words or words[0].startswith("#"):
            continue
        sort, name, *rest = words if len(words) > 1 else [*words, ""]
        known = {"none", *witnesses, *groups}
        if sort == "log" and len(rest) < 2:
            logs.append(Key(name))
        elif sort == "witness" and 0 < len(rest) < 3 and name not in known:
            witnesses[name] = Key(rest[0])
        elif sort == "group" and len(rest) > 1 and name not in known:
            members = set(rest[1:])  # each defined above, and nowhere a member twice
            least = {"all": len(members), "any": 1}.get(rest[0]) or decimal(rest[0])
            if not members <= known - used or not len(rest) - 1 == len(members) >= least > 0:
                raise Bad("a group of the policy cannot be fulfilled, or counts somebody twice")
            groups[name], used = (least, members), used | members
        elif sort == "quorum" and not rest and quorum is None and name in known:
            quorum = name
        else:
            raise Bad(f"a line of the policy cannot be read: {line[:60]}")
    once = all(len({key.public for key in of}) == len(of) for of in (logs, witnesses.values()))
    if not once or quorum is None or re.search("[\x00-\x08\x0b-\x1f\x7f]", text):
        raise Bad("a policy without a quorum, with one key twice, or with control characters")
    return {"logs": logs, "witnesses": witnesses, "groups": groups, "quorum": quorum}


def fulfilled(policy, signed, name=None):
    name = name or policy["quorum"]
    if name == "none" or name in policy["witnesses"]:
        return name == "none" or name in signed
    least, members = policy["groups"][name]
    return sum(fulfilled(policy, signed, member) for member in members) >= least


def parse_head(text):
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines) or len(unb64(lines[2])) != 32:
        raise Bad("not a checkpoint")
    return {"origin": lines[0], "size": decimal(lines[1]), "root": unb64(lines[2])}


def open_checkpoint(raw, policy, quorum=True):
    """The head and {witness: seconds}; Bad when log or quorum are missing or a line is false."""
    text, lines = parse_note(raw)
    head = parse_head(text)
    signed, times = False, {}
    for name, key_id, signature in lines:
        for key in policy["logs"]:
            if (key.name, key.id, key.type) == (name, key_id, 1) and name == head["origin"]:
                if not key.holds(text.encode(), signature):
                    raise Bad("the log's signature does not hold")
                signed = True
        for title, key in policy["witnesses"].items():
            if (key.name, key.id, key.type) == (name, key_id, 4):
                seconds = int.from_bytes(signature[:8], "big")
                message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
                if seconds > MOST or not key.holds(message, signature[8:]):
                    raise Bad(f"the signature of the witness {title} does not hold")
                times[title] = seconds
    if not signed:
        raise Bad("not signed by a log of the policy")
    if quorum and not fulfilled(policy, times):
        raise Bad("not enough witnesses have signed")
    return head, times


def read_entry(data):
    """(kind, subject, at, fields); Bad unless it is in the one canonical form."""
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError:
        raise Bad("not UTF-8") from None
    whole = len(lines) >= 5 and lines[0] == "gongzhi/1" and lines[2] and not lines[-1]
    if not whole or len(data) > 4096 or not KIND.fullmatch(lines[1]):
        raise Bad("not an entry")
    fields, last = {}, ""
    for line in lines[4:-1]:
        name, sort, value = [*line.split(" ", 2), "", ""][:3]
        if not NAME.fullmatch(name) or name <= last or line.count(" ") < 2:
            raise Bad("fields not in order")
        last = name
        if sort == "i" and NUMBER.fullmatch(value) and abs(int(value)) <= MOST:
            fields[name] = int(value)
        elif sort == "s":
            fields[name] = value
        elif sort == "b":
            fields[name] = unb64(value)
        else:
            raise Bad(f"the field {name} cannot be read")
    if re.search("[\x00-\x09\x0b-\x1f\x7f]", data.decode()):
        raise Bad("control characters in an entry")
    return lines[1], lines[2], decimal(lines[3]), fields


def need(fields, **sorts):
    """The named fields, each of its sort; an optional one (name_) may be missing."""
    found = []
    for name, sort in sorts.items():
        found.append(fields.get(name.rstrip("_")))
        if type(found[-1]) is not sort and (found[-1] is not None or name[-1] != "_"):
            raise Bad(f"the field {name} is missing")
    return found


class Replay:
    """Everything the ledger's entries must fulfil, one after the other."""

    def __init__(self):
        self.accounts, self.rules, self.transfers = {}, {}, {}
        self.used, self.reversed = set(), set()
        self.month, self.latest, self.found = Counter(), 0, []

    def say(self, kind, index, words):
        self.found.append((kind, index, words))

    def take(self, index, data, not_before=0):
        """One entry. `not_before`: a witness had by then seen a head without it."""
        try:
            kind, subject, at, fields = read_entry(data)
            if kind in ("ledger.account", "ledger.transfer"):
                if at < max(self.latest - SLACK, not_before):
                    self.say("back-dating", index, "dated before what was there already")
                self.latest = max(self.latest, at)
            if kind == "ledger.account":
                account, unit, floor = need(fields, account=bytes, unit=str, floor_=int)
                if account in self.accounts:
                    raise Bad("an account is opened twice")
                self.accounts[account] = [unit, floor, 0]
            elif kind == "rule.version":
                sorts = {"rule": str, "version": int, "unit": str}
                rule, version, unit, *caps = need(fields, **sorts, each_=int, month_=int, side_=str)
                if subject != f"rule:{rule}@{version}" or subject[5:] in self.rules:
                    raise Bad("a version of a rule comes twice")
                self.rules[subject[5:]] = (rule, unit, *caps)
            elif kind == "ledger.transfer":
                self.transfer(index, subject, at, fields)
        except Bad as error:
            self.say("malformed", index, str(error))

    def transfer(self, index, subject, at, fields):
        amount, debit, credit, key, unit, rule, hold, reverses = need(
            fields, amount=int, debit=bytes, credit=bytes, key=bytes, unit=str,
            rule_=str, hold_=int, reverses_=int,
        )  # fmt: skip
        giver, taker = self.accounts.get(debit), self.accounts.get(credit)
        if giver is None or taker is None or giver is taker or amount <= 0:
            raise Bad("a transfer between accounts that are not open, or of nothing")
        if giver[0] != unit or taker[0] != unit or subject in self.transfers:
            raise Bad("a transfer in another unit, or told twice")
        used = {("key", key), ("hold", hold)} - {("hold", None)}
        if used & self.used:
            self.say("double-redemption", index, "a request or hold was used before")
        self.used |= used
        if reverses is not None:
            first = self.transfers.get(f"transfer:{reverses}")
            if first is None or first[:2] != (credit, debit) or amount > first[2]:
                raise Bad("a reversal that does not mirror what it reverses")
            if reverses in self.reversed:
                self.say("double-redemption", index, "a transfer is reversed a second time")
            self.reversed.add(reverses)
            if first[3]:
                self.month[first[3]] -= amount
        giver[2] -= amount
        taker[2] += amount
        if giver[1] is not None and giver[2] < giver[1]:
            self.say("overdraft", index, f"an account falls to {giver[2]}, its floor {giver[1]}")
        where = self.capped(index, rule, unit, amount, debit, credit, at) if rule else None
        self.transfers[subject] = (debit, credit, amount, where)

    def capped(self, index, rule, unit, amount, debit, credit, at):
        known = self.rules.get(rule)
        if known is None or known[1] != unit:
            raise Bad("a rule that was not in the log before")
        name, _, each, month, side = known
        here = datetime.fromtimestamp(at // 1_000_000 + 28_800, timezone.utc)  # China, UTC+8
        where = (name, debit if side == "debit" else credit, here.year * 100 + here.month)
        self.month[where] += amount
        if each is not None and amount > each:
            self.say("over-cap", index, f"{amount} by a rule that gives at most {each}")
        elif month is not None and self.month[where] > month:
            self.say("over-cap", index, f"{self.month[where]} in a month, at most {month}")
        return where


def difference(truth, shown, may_grow):
    """What was done to `shown`, against hashes we trust: (kind, index, words), first come."""
    found, a, b = [], 0, 0
    left = Counter(truth)
    left.subtract(Counter(shown))  # > 0: missing in shown; < 0: too many there
    while a < len(truth) and b < len(shown):
        if truth[a] == shown[b]:
            a, b = a + 1, b + 1
            continue
        missing, extra = left[truth[a]] > 0, left[shown[b]] < 0
        if not missing and not extra:
            return [*found, ("reorder", a, "entries stand in another order")]
        kind = ("edit" if extra else "delete") if missing else "insert"
        found.append((kind, a if missing else b, "the entry is not what was kept"))
        left[truth[a]] -= missing
        left[shown[b]] += extra
        a, b = a + missing, b + extra
    if a < len(truth):
        found.append(("truncate", a, f"the last {len(truth) - a} entries are gone"))
    elif b < len(shown) and not may_grow:
        found.append(("insert", b, "entries were put in at the end"))
    return found


def audit(case):
    """Findings of one case: hashes (tiles), head, entries, kept, promises, times, now.

    `kept` is {"size", "root", "hashes" or None} of an earlier look; `promises` [(hash, due)];
    `times` [(size, seconds)] of cosigned heads.
    """
    hashes, head, kept, found = case["hashes"], case["head"], case.get("kept"), []
    if kept and kept.get("hashes") is not None:
        found += difference(kept["hashes"], hashes, True)
    elif kept and kept["size"] > head["size"]:
        found.append(("truncate", head["size"], "the log was longer before"))
    elif kept and root_of(hashes[: kept["size"]]) != kept["root"]:
        found.append(("split-view", kept["size"], "this log did not grow out of the one kept"))
    if len(hashes) != head["size"] or root_of(hashes) != head["root"]:
        found.append(("split-view", head["size"], "the tiles are not those of the checkpoint"))
    if (entries := case.get("entries")) is not None:
        found += difference(hashes, [sha(b"\x00", entry) for entry in entries], False)
        replay, times = Replay(), sorted(case.get("times", ()))
        for index, entry in enumerate(entries):
            before = max((at for size, at in times if size <= index), default=0)
            replay.take(index, entry, before * 1_000_000 - SLACK)
        found += replay.found
    late = {leaf for leaf, due in case.get("promises", ()) if case["now"] >= due} - set(hashes)
    return found + [("omission", head["size"], "promised, due, and not in the log") for _ in late]


def compare(one, other, hashes=None):
    """Two heads of one log; `hashes` (if given) are those the log shows now."""
    if one["origin"] != other["origin"]:
        raise Bad("checkpoints of two different logs")
    small, large = sorted((one, other), key=lambda head: head["size"])
    if (size := small["size"]) == large["size"]:
        return [("split-view", size, "two roots for one size")] * (small["root"] != large["root"])
    if hashes is None:
        raise Bad("two sizes of one log: give --source, to see whether one grew out of the other")
    words = "the log shown now never had this head"
    heads = [head for head in (small, large) if root_of(hashes[: head["size"]]) != head["root"]]
    return [("split-view", head["size"], words) for head in heads]


def fetch(source, path):
    if not source.startswith(("https://", "http://")):
        return (Path(source) / path).read_bytes()
    address = f"{source.rstrip('/')}/{path}"
    with urllib.request.urlopen(address, timeout=30) as answer:
        if answer.url != address:
            raise Bad(f"not given to everybody: {address}")
        return answer.read()


def pieces(source, what, size):
    """All tiles (what "0") or bundles ("entries") of a log, from left to right."""
    for at in range(0, size, 256):
        index, width = at // 256, min(256, size - at)
        parts = [f"{index % 1000:03}"]
        while index := index // 1000:
            parts.append(f"x{index % 1000:03}")
        path = "/".join(reversed(parts)) + ("" if width == 256 else f".p/{width}")
        yield fetch(source, f"tile/{what}/{path}")


def fetch_hashes(source, size):
    return [raw[at : at + 32] for raw in pieces(source, "0", size) for at in range(0, len(raw), 32)]


def fetch_entries(source, size):
    raw, at, entries = b"".join(pieces(source, "entries", size)), 0, []
    while at < len(raw):
        end = at + 2 + int.from_bytes(raw[at : at + 2], "big")
        entries.append(raw[at + 2 : end])
        at = end
    return entries


def check_receipt(raw, policy):
    """(head, times, index, entry, {field: opened value}) of a receipt that stands; else Bad."""
    above, found, checkpoint = raw.partition("\n\n")
    form, extra, place, *path = [*above.split("\n"), "", ""]
    if not found or (form, extra[:6], place[:6]) != ("c2sp.org/tlog-proof@v1", "extra ", "index "):
        raise Bad("not a receipt of this kind of log")
    leaf, _, opens = unb64(extra[6:]).partition(b"\n\n")
    leaf, index, path = leaf + b"\n", decimal(place[6:]), [unb64(line) for line in path if line]
    head, times = open_checkpoint(checkpoint, policy)
    if root_from_inclusion(sha(b"\x00", leaf), index, head["size"], path) != head["root"]:
        raise Bad("the entry is not in the log of this checkpoint")
    entry, opened = read_entry(leaf), {}
    for line in opens.decode(errors="replace").split("\n")[:-1]:
        word, field, nonce, value = [*line.split(" ", 3), "", "", ""][:4]
        if word != "open" or entry[3].get(field) != sha(unb64(nonce), value.encode()):
            raise Bad(f"the commitment {field} is not of this value")
        opened[field] = value
    return head, times, index, entry, opened


def parse_promise(raw, policy):
    text, lines = parse_note(raw)
    parts = text.split("\n")
    if len(parts) != 6 or parts[0] != "gongzhi-promise/1" or len(unb64(parts[2])) != 32:
        raise Bad("not a promise")
    for name, key_id, signature in lines:
        for key in policy["logs"]:
            known = (key.name, key.id, key.type) == (name, key_id, 1) and name == parts[1]
            if known and key.holds(text.encode(), signature):
                return unb64(parts[2]), decimal(parts[4])
    raise Bad("the promise is not signed by a log of the policy")


def read(path):
    return Path(path).read_text("utf-8")


def run(args, policy):
    """Do what was asked for; the findings."""
    if args.verb == "receipt":
        head, times, index, entry, opened = check_receipt(read(args.what[0]), policy)
        print(f"entry {index} of {head['origin']}, witnessed by {', '.join(times) or 'nobody'}")
        print(f"{entry[0]} {entry[1]} at {entry[2]}: {entry[3]} {opened or ''}")
        return []
    if args.verb == "compare":
        heads = [open_checkpoint(read(path), policy, False)[0] for path in args.what]
        size = max(head["size"] for head in heads) if args.source else 0
        return compare(*heads, fetch_hashes(args.source, size) if args.source else None)
    source = args.what[0]
    head, times = open_checkpoint(fetch(source, "checkpoint").decode(), policy, False)
    hashes = fetch_hashes(source, head["size"])
    case = {"hashes": hashes, "head": head, "now": int(time.time() * 1e6), "times": []}
    if args.state and Path(args.state).exists():
        state = json.loads(read(args.state))
        held = [bytes.fromhex(text) for text in state["hashes"]]
        case["kept"] = {"size": len(held), "root": root_of(held), "hashes": held}
        case["times"] = state["times"]
    case["times"] = case["times"] + [[head["size"], at] for at in times.values()]
    if args.verb == "audit":
        case["entries"] = fetch_entries(source, head["size"])
        case["promises"] = [parse_promise(read(path), policy) for path in args.promise]
        return audit(case)
    found = audit(case)
    if not found:
        state = {"hashes": [leaf.hex() for leaf in hashes], "times": case["times"]}
        Path(args.state).write_text(json.dumps(state))
        print(f"{head['size']} entries, witnessed by {', '.join(times) or 'nobody'}")
    return found


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("verb", choices=("receipt", "follow", "audit", "compare"))
    parser.add_argument("what", nargs="+")
    for name in ("--policy", "--state", "--source"):
        parser.add_argument(name, required=name == "--policy")
    parser.add_argument("--promise", action="append", default=[])
    args = parser.parse_args(argv)
    try:
        found = run(args, parse_policy(read(args.policy)))
    except (Bad, OSError, ValueError, LookupError, TypeError) as error:
        print(f"cannot be checked, or does not hold: {error}", file=sys.stderr)
        return 2
    for kind, index, words in found:
        print(f"{kind} at {index}: {words}")
    print("nothing found" if not found else f"{len(found)} found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
