"""The one sequencer: entries that wait get their index, the tree grows, a checkpoint is signed.

Never in the business transaction: one place where everybody queues would halve the whole house.
Any number of workers may call it; an advisory lock lets one through.
"""

import logging
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from gongzhi.core import db
from gongzhi.core.errors import Refused
from gongzhi.log import actions, anchors, chain, checkpoints, keys, queries, tiles, witness
from gongzhi.log.checkpoints import Checkpoint
from gongzhi.log.tiles import Tile

BATCH = 20_000
LOCK = 7_204_581_193
PATIENCE = 10  # seconds a witness is given
logger = logging.getLogger("gongzhi.log")

_MOVE = """
with taken as materialized (
  select id, kind, subject, leaf, at from log_waiting order by id limit %(batch)s::int
), gone as (
  delete from log_pending where id = any(array(select id from taken))
), fresh as (
  select t.*, row_number() over (order by t.id) - 1 as place from taken t
  where not exists (select from log_leaf l where l.kind = t.kind and l.subject = t.subject)
), kept as (
  insert into log_leaf (index, kind, subject, leaf, at)
  select %(size)s::bigint + place, kind, subject, leaf, at from fresh
)
select leaf from fresh order by place
"""
_TILES = """
insert into log_tile (level, index, hashes)
select * from unnest(%s::smallint[], %s::bigint[], %s::bytea[])
on conflict (level, index) do update set hashes = excluded.hashes
"""


def sequence(*, at: datetime, batch: int = BATCH) -> int:
    """Take in what waits and sign the new head. How many entries, if there may be more at once."""
    with db.atomic():
        if not db.rows("select pg_try_advisory_xact_lock(%s::bigint)", (LOCK,))[0][0]:
            return 0
        size = queries.size()
        taken = db.rows(_MOVE, {"batch": batch, "size": size or 0})
        if not taken and size is not None:
            return 0
        _integrate(size or 0, [bytes(leaf) for (leaf,) in taken], at)
    return len(taken) if len(taken) == batch else 0


def _integrate(size: int, entries: list[bytes], at: datetime) -> None:
    hashing = keys.hashing()
    changed = tiles.grow(size, list(map(hashing.leaf, entries)), queries.read_tile, hashing)
    _store(changed)
    fresh = {(tile.level, tile.index): tile.hashes for tile in changed}
    grown = tiles.TiledTree(
        size + len(entries),
        lambda level, index: fresh.get((level, index)) or queries.read_tile(level, index),
        hashing,
    )
    head = Checkpoint(keys.signer().name, grown.size, grown.root())
    note = checkpoints.sign(head, keys.signers(), int(at.timestamp()))
    db.run(
        "insert into log_checkpoint (size, root, note, at)"
        " values (%s::bigint, %s::bytea, %s, %s::timestamptz)",
        (head.size, head.root, str(note), at),
    )


def _store(changed: Iterable[Tile]) -> None:
    levels, indexes, hashes = [list(column) for column in zip(*changed, strict=True)] or [[]] * 3
    if levels:
        db.run(_TILES, (levels, indexes, hashes))


Send = Callable[[str], tuple[int, str]]
"""How a request comes to a witness: its text; the status and the body of the answer."""


def ask(*, at: datetime) -> int:
    """Ask the witnesses that have an address for their line below the newest checkpoint."""
    size, rule = queries.size(), queries.policy()
    for name, url in rule.urls.items():
        signed = queries.last_signed(rule.witnesses[name].name)
        if size is not None and signed < size:
            _ask(partial(_post, f"{url}/add-checkpoint"), signed, size, at)
    return 0


def ask_here(*, at: datetime) -> int:
    """The witness a demonstration brings along (`actions.witness_here`), by the same rule.

    Its key and the last head it signed are kept by this installation. Without one: nothing.
    """
    name, size = queries.witness_here(), queries.size()
    if name is not None and size is not None and (signed := queries.last_signed(name)) < size:
        _ask(lambda body: _here(body, at), signed, size, at)
    return 0


def _here(body: str, at: datetime) -> tuple[int, str]:
    answer = actions.add_checkpoint(body=body, at=at)
    return answer.status, answer.body


def _ask(send: Send, signed: int, size: int, at: datetime) -> None:
    """One witness. What it refuses is told to everybody on the page of the log, by its silence."""
    for _ in range(2):
        request = witness.Asked(
            signed, tuple(queries.consistency(signed, size)), queries.bare(size)
        )
        status, body = send(request.text())
        other = body.strip()
        if status == 409 and other.isdecimal() and signed != int(other) <= size:
            signed = int(other)  # it has signed another head of ours since: prove from there
            continue
        for line in body.splitlines() if status == 200 else ():
            with suppress(Refused):
                actions.cosigned(size=size, line=line, at=at)
        return


def _post(url: str, body: str) -> tuple[int, str]:
    request = urllib.request.Request(url, body.encode(), method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            return answer.status, answer.read(65_536).decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read(1_000).decode(errors="replace")
    except OSError:
        return 0, ""


def anchor(*, at: datetime) -> int:
    """Write the newest head on the chain, if one is set up; look what became of the last one."""
    try:
        setting = chain.setting()
        if setting is not None:
            anchors.anchor(setting, at=at, every=timedelta(seconds=setting.every))
    except chain.ChainTrouble as trouble:  # a node that is away holds nothing else up
        logger.warning("%s", trouble)
    return 0
