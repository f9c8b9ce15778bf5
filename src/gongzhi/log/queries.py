"""Reading the log: heads, tiles, bundles, receipts, promises, and who watches it."""

import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import NotFound, Refused
from gongzhi.log import checkpoints, keys, leaves, notes, receipts, tiles
from gongzhi.log import policy as policies
from gongzhi.log.policy import Policy
from gongzhi.log.receipts import WITHIN, Opening, Promise, Receipt

PATIENCE = timedelta(minutes=10)  # how long the public head waits for its witnesses
NO_SIZE = "存证还没有开始。"


def size() -> int | None:
    """How many entries the newest head covers; None before the first."""
    found = db.rows("select max(size) from log_checkpoint")
    return None if found[0][0] is None else int(found[0][0])


def bare(at_size: int) -> str:
    """The checkpoint of this size with the log's own signatures only. NotFound if never given."""
    found = db.rows("select note from log_checkpoint where size = %s::bigint", (at_size,))
    if not found:
        raise NotFound("没有这个存证点。")
    return str(found[0][0])


_HEADS = """
select c.size, c.note, c.at, coalesce((
    select array_agg(l.line order by l.id) from log_cosignature l where l.checkpoint_id = c.size
  ), array[]::text[]) as lines
from log_checkpoint c
"""
_NEWEST = _HEADS + " order by c.size desc limit 1"
_WITNESSED = _HEADS + (
    " where c.size >= %s::bigint and exists (select from log_cosignature l"
    " where l.checkpoint_id = c.size) order by c.size desc limit 50"
)


def checkpoint() -> str:
    """The head the public sees, with its witnesses: newest with a quorum, at most 10 minutes old.

    When the witnesses stay away longer the newest head is shown without them (`watched` says so).
    """
    newest = _newest()
    good = _quorate(0)
    if good is not None and newest["at"] - good["at"] <= PATIENCE:
        return whole(good)
    return whole(newest)


def whole(head: Mapping[str, Any]) -> str:
    """A checkpoint with the lines of its witnesses below."""
    return str(head["note"]) + "".join(head["lines"])


def _newest() -> dict[str, Any]:
    found = db.dicts(_NEWEST)
    if not found:
        raise NotFound(NO_SIZE)
    return found[0]


def _quorate(covering: int) -> dict[str, Any] | None:
    """The newest head of at least this size that enough witnesses have signed."""
    rule = policy()
    for head in db.dicts(_WITNESSED, (covering,)):
        if rule.fulfilled(set(_signed(whole(head), rule))):
            return head
    return None


def _signed(note: str, rule: Policy) -> Mapping[notes.Verifier, notes.Line]:
    head, read = checkpoints.parse(note)
    return checkpoints.verified(head, read, rule.witnesses.values())


def policy_text() -> str:
    """Whose signatures make a head good: the file of GONGZHI_LOG_POLICY, else a majority.

    The majority is of the witnesses registered here; without any the log stands alone.
    """
    if path := os.environ.get("GONGZHI_LOG_POLICY"):
        return Path(path).read_text("utf-8")
    known = _named(db.dicts(_REGISTERED))
    lines = [f"log {key.verifier}" for key in keys.signers() if key.type in _LOG_KINDS]
    lines += [f"witness {name} {vkey} {url}".strip() for name, vkey, url in known]
    if known:
        names = " ".join(name for name, _, _ in known)
        lines += [f"group witnesses {len(known) // 2 + 1} {names}", "quorum witnesses"]
    else:
        lines.append("quorum none")
    return "\n".join(lines) + "\n"


_REGISTERED = "select name, title, vkey, url from log_witness where ended_at is null order by id"


def _named(witnesses: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """(name in the policy, key, address): the title people know, where it is one of a kind."""
    titles = ["".join(w["title"].split()) for w in witnesses]
    taken = {"none", "witnesses"}
    found = []
    for w, title in zip(witnesses, titles, strict=True):
        plain = titles.count(title) == 1 and title not in taken
        found.append((title if plain else w["name"], w["vkey"], w["url"]))
    return found


_LOG_KINDS = (notes.ED25519, notes.ML_DSA_44)


def policy() -> Policy:
    """The policy in force."""
    return policies.parse(policy_text())


def entry(kind: str, subject: str) -> bytes:
    """The bytes of an entry, waiting or in the log. NotFound if there is none."""
    found = db.rows(
        "select leaf from log_leaf where kind = %(k)s and subject = %(s)s union all"
        " select leaf from log_waiting where kind = %(k)s and subject = %(s)s limit 1",
        {"k": kind, "s": subject},
    )
    if not found:
        raise NotFound("存证里没有这一件。")
    return bytes(found[0][0])


def known(kind: str, subject: str) -> bool:
    """Whether this entry is in the log or on its way."""
    found = db.rows(
        "select exists (select from log_leaf where kind = %(k)s and subject = %(s)s)"
        " or exists (select from log_pending where kind = %(k)s and subject = %(s)s)",
        {"k": kind, "s": subject},
    )
    return bool(found[0][0])


def promise(kind: str, subject: str, at: datetime) -> str:
    """A signed promise that the entry will be in the log within 60 seconds of its writing.

    Asked again it is due at the same moment: a log that stands still cannot put itself off.
    """
    signer, leaf_hash = keys.signer(), keys.hashing().leaf(entry(kind, subject))
    since = db.rows("select since from log_pending where kind = %s and subject = %s",
                    (kind, subject))  # fmt: skip
    made = leaves.micros(min(at, since[0][0]) if since else at)
    return str(Promise(signer.name, leaf_hash, made, made + WITHIN).signed(signer))


def receipt(kind: str, subject: str, *, opened: Iterable[tuple[str, str]] = ()) -> str:
    """The receipt (tlog-proof) of an entry; `opened` is (field, owner) whose nonces go with it.

    Below the newest head with a quorum that covers it, else below the newest. Refused while the
    entry still waits, NotFound if it never came.
    """
    found = db.rows(
        "select index, leaf from log_leaf where kind = %s and subject = %s", (kind, subject)
    )
    if not found:
        entry(kind, subject)
        raise Refused("这一件刚刚写好，一分钟内记入存证。", todo="请稍等一分钟再取回执。")
    index, leaf = int(found[0][0]), bytes(found[0][1])
    head = _quorate(index + 1) or _newest()
    return Receipt(
        leaf, index, tuple(_tree(head["size"]).inclusion(index)), _small(head),
        tuple(_openings(opened)),
    ).text()  # fmt: skip


def _small(head: Mapping[str, Any]) -> str:
    """The head with the log's own Ed25519 line and as few witnesses as make a quorum."""
    rule, note = policy(), whole(head)
    lines = _signed(note, rule)
    own = [line for line in notes.parse(note).lines if keys.signer().verifier.signs(line)]
    return receipts.with_lines(note, [*own, *(lines[key] for key in rule.enough(lines))])


def _openings(wanted: Iterable[tuple[str, str]]) -> Iterable[Opening]:
    for field, owner in wanted:
        for (nonce,) in db.rows("select nonce from log_nonce where owner = %s", (owner,)):
            yield Opening(field, bytes(nonce), owner)


def read_tile(level: int, index: int) -> bytes:
    """All hashes of a tile so far; b"" when there are none."""
    found = db.rows(
        "select hashes from log_tile where level = %s::smallint and index = %s::bigint",
        (level, index),
    )
    return bytes(found[0][0]) if found else b""


def tile(level: int, path: str) -> bytes:
    """A tile as addressed by tlog-tiles, of a size some head has had. NotFound otherwise."""
    index, width = _address(path)
    end = (index * tiles.WIDTH + width) * tiles.WIDTH**level
    if level > 7 or end > (size() or 0):
        raise NotFound("没有这一块。")
    return read_tile(level, index)[: width * 32]


def bundle(path: str) -> bytes:
    """The entries under a level-0 tile, with their lengths before them."""
    index, width = _address(path)
    begin = index * tiles.WIDTH
    if begin + width > (size() or 0):
        raise NotFound("没有这一块。")
    rows = db.rows(
        "select leaf from log_leaf where index >= %s::bigint and index < %s::bigint order by index",
        (begin, begin + width),
    )
    return tiles.bundle(bytes(leaf) for (leaf,) in rows)


def _address(path: str) -> tuple[int, int]:
    try:
        return tiles.parse_path(path)
    except notes.BadNote:
        raise NotFound("没有这一块。") from None


def _tree(at_size: int) -> tiles.TiledTree:
    return tiles.TiledTree(at_size, read_tile, keys.hashing())


def consistency(old: int, new: int) -> list[bytes]:
    """The proof that the log of `new` only added to the log of `old`."""
    if not 0 <= old <= new <= (size() or 0):
        raise NotFound("没有这样的两个存证点。")
    return _tree(new).consistency(old)


def last_signed(name: str) -> int:
    """The size of the last head this witness signed; 0 for none."""
    found = db.rows(
        "select coalesce(max(l.checkpoint_id), 0) from log_cosignature l"
        " join log_witness w on w.id = l.witness_id where w.name = %s",
        (name,),
    )
    return int(found[0][0])


def witness_here() -> str | None:
    """The name of this installation's own witness, where it watches its own log; None."""
    if not db.rows("select 1 from log_watched where origin = %s", (keys.signer().name,)):
        return None
    return keys.witness().name


def registrar(name: str) -> int | None:
    """The person who registered this witness's key, if it still counts."""
    found = db.rows("select by_id from log_witness where name = %s and ended_at is null", (name,))
    return None if not found or found[0][0] is None else int(found[0][0])


_WITNESSES = """
select w.name, w.title, w.vkey, w.at, l.size, l.at as signed_at from log_witness w
left join lateral (
  select checkpoint_id as size, at from log_cosignature
   where witness_id = w.id order by checkpoint_id desc limit 1
) l on true
where w.ended_at is null order by w.id
"""


def watched(at: datetime) -> dict[str, Any]:
    """What the page of the log shows: its head, how old, who watches it, what waits."""
    rule, witnesses, here = policy(), db.dicts(_WITNESSES), witness_here()
    for row in witnesses:
        row["here"] = row["name"] == here  # on the same machine as the log
    waiting, since = db.rows("select count(*), min(since) from log_pending")[0]
    found: dict[str, Any] = {
        "origin": keys.signer().name, "vkeys": [str(key.verifier) for key in keys.signers()],
        "witnesses": witnesses, "waiting": waiting, "since": since, "head": None,
        "hash": keys.hashing().name, "quorate": None, "alone": rule.quorum == "none",
        "only_here": bool(witnesses) and all(row["here"] for row in witnesses),
        "late": since is not None and at - since > timedelta(seconds=60),
    }  # fmt: skip
    if size() is not None:
        newest, good = _newest(), _quorate(0)
        parsed = checkpoints.parse(newest["note"])[0]
        found |= {"head": parsed, "at": newest["at"], "quorate": good}
        found["behind"] = bool(rule.witnesses) and (
            good is None or newest["at"] - good["at"] > PATIENCE
        )
    return found
