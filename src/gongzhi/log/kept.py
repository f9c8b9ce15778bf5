"""The log against its own signed head: an entry rewritten in the log's table is named.

What the stand-alone verifier does from outside, done inside, without trusting what is stored
between the entries and the signature.
"""

from collections.abc import Iterator

from gongzhi.core import db
from gongzhi.log import checkpoints, keys, queries, tiles
from gongzhi.log.notes import BadNote
from gongzhi.log.tiles import Tile

_LEAVES = """
select subject, leaf from log_leaf where index >= %s::bigint and index < %s::bigint order by index
"""


def differing() -> Iterator[tuple[str, str]]:
    """("transfer:57", "edited in the log"): entries that are not what was hashed, then heads.

    A head that the log's key did not sign, or whose root is not that of the entries, is named by
    its size. One tile of entries is held at a time, and 32 bytes of each entry until the end.
    """
    size = queries.size()
    if size is None:
        return
    hashing, hashes = keys.hashing(), []
    for index in range(-(-size // tiles.WIDTH)):
        begin = index * tiles.WIDTH
        rows = db.rows(_LEAVES, (begin, min(begin + tiles.WIDTH, size)))
        kept = queries.read_tile(0, index)
        for n, (subject, leaf) in enumerate(rows):
            hashes.append(hashing.leaf(bytes(leaf)))
            if hashes[-1] != kept[n * 32 : n * 32 + 32]:
                yield str(subject), "edited in the log"
    if len(hashes) != size:
        yield f"checkpoint {size}", f"{len(hashes)} entries are there"
        return
    yield from _head(size, tiles.grow(0, hashes, lambda level, index: b"", hashing))


def _head(size: int, grown: list[Tile]) -> Iterator[tuple[str, str]]:
    """The newest head: its signature, and its root from the entries alone."""
    made = {(tile.level, tile.index): tile.hashes for tile in grown}
    tree = tiles.TiledTree(size, lambda level, index: made[level, index], keys.hashing())
    try:
        ours = [signer.verifier for signer in keys.signers()]
        head, *_ = checkpoints.opened(queries.bare(size), ours)
    except BadNote:
        yield f"checkpoint {size}", "not signed by this log"
        return
    if head.size != size or head.root != tree.root():
        yield f"checkpoint {size}", "signed for other entries"
