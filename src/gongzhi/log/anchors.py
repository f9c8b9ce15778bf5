"""Writing heads of the log on a chain: each once, whatever breaks on the way.

The signed transaction is kept before it is sent. After a crash or a silent node the very same bytes
are looked up, and handed in again if nobody knows them: a chain takes one transaction for each
number of a sender, so a head cannot be written twice. While one waits, no other is begun.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gongzhi.core import db
from gongzhi.log import chain, checkpoints, queries
from gongzhi.log.chain import Chain, ChainTrouble, Place, Setting

LOCK = 7_204_581_194
FORM = "gongzhi-anchor/1"

_ROW = """
select a.id, a.chain_id, a.checkpoint_id as size, a.tx, a.raw, a.sender, a.number, a.at,
  e.block, e.block_hash, e.block_at, c.note
from log_anchor a join log_checkpoint c on c.size = a.checkpoint_id
left join log_anchorend e on e.anchor_id = a.id
"""
_BEGIN = """
insert into log_anchor (chain_id, checkpoint_id, tx, raw, sender, number, at)
values (%s::bigint, %s::bigint, %s::bytea, %s::bytea, %s, %s::bigint, %s::timestamptz)
"""
_END = """
insert into log_anchorend (anchor_id, block, block_hash, block_at, at)
values (%s::bigint, %s::bigint, %s::bytea, %s::timestamptz, %s::timestamptz)
on conflict do nothing
"""


@dataclass(frozen=True)
class State:
    """How it stands: `said` is one of empty, written, waiting, deep, overtaken, already, early."""

    said: str
    size: int = 0
    tx: str = ""
    block: int | None = None
    above: int = 0


def anchor(setting: Setting, *, at: datetime, every: timedelta = timedelta(0)) -> State:
    """One step: look what became of the last transaction, or write the newest head.

    Not before `every` after the last one. ChainTrouble when something lacks or the node refuses;
    what was begun goes on at the next call.
    """
    key = chain.secret(setting.key)
    waiting = _waiting(setting.chain_id)
    if waiting is not None:
        return _look(Chain(setting.url, setting.chain_id), waiting, setting.depth, at)
    state = _wanted(setting.chain_id, at, every)
    if state.said != "waiting":
        return state
    node = Chain(setting.url, setting.chain_id)
    _begin(node, state.size, key, at)
    begun = _waiting(setting.chain_id)
    if begun is None:
        return State("early")
    return _look(node, begun, setting.depth, at)


def _wanted(chain_id: int, at: datetime, every: timedelta) -> State:
    """Whether the newest head is to be written now ("waiting"), or why not."""
    size, last = queries.size(), _last(chain_id)
    if not size:
        return State("empty")
    if last is not None and last["size"] == size:
        return _state("overtaken" if last["block"] is None else "already", last)
    if last is not None and last["at"] + every > at:
        return State("early", size)
    return State("waiting", size)


def _begin(node: Chain, size: int, key: str, at: datetime) -> None:
    """Keep the signed transaction, unless somebody else has begun one meanwhile."""
    head = checkpoints.parse(queries.bare(size))[0]
    tx, raw, sender, number = node.written(chain.data_of(head), key)
    with db.atomic():
        db.rows("select pg_advisory_xact_lock(%s::bigint)", (LOCK,))
        last = _last(node.id)
        if _waiting(node.id) is None and (last is None or last["size"] != size):
            db.run(_BEGIN, (node.id, size, tx, raw, sender, number, at))


def _look(node: Chain, row: dict[str, Any], depth: int, at: datetime) -> State:
    """Where a transaction is; handed in (again) when nobody knows it."""
    tx = bytes(row["tx"])
    place = node.place(tx)
    if place is None:
        if node.data(tx) is None and node.next_number(row["sender"]) > row["number"]:
            return _overtaken(node, row, depth, at)
        if node.data(tx) is None:
            node.send(bytes(row["raw"]))
            place = node.place(tx)
    return _placed(row, place, depth, at)


def _placed(row: dict[str, Any], place: Place | None, depth: int, at: datetime) -> State:
    if place is None:
        return _state("waiting", row)
    said = "deep" if place.above >= depth else "written"
    if said == "deep":
        mined = datetime.fromtimestamp(place.at, UTC)
        db.run(_END, (row["id"], place.block, place.block_hash, mined, at))
    return State(said, row["size"], _hex(row["tx"]), place.block, place.above)


def _overtaken(node: Chain, row: dict[str, Any], depth: int, at: datetime) -> State:
    """Another transaction of this account took its number; it can never be taken any more.

    Looked for once more first: it may have come into a block between the two questions.
    """
    place = node.place(bytes(row["tx"]))
    if place is not None:
        return _placed(row, place, depth, at)
    db.run(_END, (row["id"], None, None, None, at))
    return _state("overtaken", row)


def _waiting(chain_id: int) -> dict[str, Any] | None:
    found = db.dicts(
        _ROW + "where a.chain_id = %s::bigint and e.anchor_id is null order by a.id limit 1",
        (chain_id,),
    )
    return found[0] if found else None


def _last(chain_id: int) -> dict[str, Any] | None:
    found = db.dicts(_ROW + "where a.chain_id = %s::bigint order by a.id desc limit 1", (chain_id,))
    return found[0] if found else None


def _state(said: str, row: dict[str, Any]) -> State:
    return State(said, row["size"], _hex(row["tx"]), row["block"])


def _hex(raw: bytes) -> str:
    return f"0x{bytes(raw).hex()}"


def newest() -> dict[str, Any] | None:
    """The last head that lies deep enough on a chain, for the page; `tx` as people write it."""
    found = db.dicts(_ROW + "where e.block is not null order by a.id desc limit 1")
    return {**found[0], "tx": _hex(found[0]["tx"])} if found else None


def record(row: dict[str, Any]) -> str:
    """What a stranger needs to look for himself: chain, transaction, block, and the head."""
    return (f"{FORM}\nchain {row['chain_id']}\ntransaction {row['tx']}\nblock {row['block']}\n\n"
            f"{row['note']}")  # fmt: skip


def parse(text: str) -> tuple[dict[str, str], str]:
    """(chain, transaction, block as far as told; the head) of a record, or of a head alone."""
    if not text.startswith(f"{FORM}\n"):
        return {}, text
    above, _, head = text.partition("\n\n")
    told = (line.partition(" ") for line in above.split("\n")[1:])
    return {name: value for name, _, value in told}, head


def on_chain(node: Chain, tx: bytes, head: checkpoints.Checkpoint) -> Place | None:
    """Where a transaction says this head; None when it does not, or is in no block."""
    return node.place(tx) if node.data(tx) == chain.data_of(head) else None


__all__ = ["ChainTrouble", "State", "anchor", "newest", "on_chain", "parse", "record"]
