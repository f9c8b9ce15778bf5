"""C2SP tlog-tiles: the tree as immutable pieces of 256 hashes, and every proof out of them.

Pure. A `Reader` gives the bytes of a tile (level, index), complete or as wide as it is; the
store behind it may be a table, a folder or a web server.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from gongzhi.log.hashing import SHA256, Hashing
from gongzhi.log.notes import BadNote
from gongzhi.log.tree import SIZE, complete, fold

WIDTH = 256
HEIGHT = 8
Reader = Callable[[int, int], bytes]
_PATH = re.compile(r"((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class Tile(NamedTuple):
    """A piece of the tree; `hashes` is `width` times 32 bytes."""

    level: int
    index: int  # type: ignore[assignment]
    hashes: bytes


def path_of(index: int, width: int = WIDTH) -> str:
    """`x001/x234/067`, and `.p/W` when not full."""
    parts = [f"{index % 1000:03}"]
    while index := index // 1000:
        parts.append(f"x{index % 1000:03}")
    return "/".join(reversed(parts)) + ("" if width == WIDTH else f".p/{width}")


def parse_path(path: str) -> tuple[int, int]:
    """(index, width) of an address; BadNote when it is not the one way to write it."""
    found = _PATH.fullmatch(path)
    if found is None or len(path) > 60:
        raise BadNote("not the address of a tile")
    index = int(found[1].replace("x", "").replace("/", ""))
    width = int(found[2] or WIDTH)
    if width > WIDTH or path_of(index, width) != path:
        raise BadNote("not the address of a tile")
    return index, width


def widths(size: int) -> Iterator[tuple[int, int, int]]:
    """(level, index, width) of the last tile of every level, when it is not empty."""
    level = 0
    while size:
        if size % WIDTH:
            yield level, size // WIDTH, size % WIDTH
        size, level = size // WIDTH, level + 1


def grow(size: int, hashes: Sequence[bytes], read: Reader, hashing: Hashing = SHA256) -> list[Tile]:
    """The tiles that change when leaf hashes are added to a log of `size`: whole new contents."""
    changed, level = [], 0
    while hashes:
        index, width = divmod(size, WIDTH)
        held = (read(level, index) if width else b"")[: width * SIZE] + b"".join(hashes)
        above = []
        for at in range(0, len(held), WIDTH * SIZE):
            part = held[at : at + WIDTH * SIZE]
            changed.append(Tile(level, index + at // (WIDTH * SIZE), part))
            if len(part) == WIDTH * SIZE:
                above.append(subtree(part, hashing))
        size, hashes, level = index, above, level + 1
    return changed


def subtree(hashes: bytes, hashing: Hashing = SHA256) -> bytes:
    """The root over a power of two of hashes lying side by side."""
    new = hashing.new
    while len(hashes) > SIZE:
        hashes = b"".join(
            new(b"\x01" + hashes[at : at + 2 * SIZE]).digest()
            for at in range(0, len(hashes), 2 * SIZE)
        )
    return hashes


class TiledTree:
    """Roots and proofs of a log of `size`, out of tiles; each tile is read once."""

    def __init__(self, size: int, read: Reader, hashing: Hashing = SHA256) -> None:
        self.size, self.hashing = size, hashing
        self._read = read
        self._tiles: dict[tuple[int, int], bytes] = {}

    def node(self, level: int, index: int) -> bytes:
        """The hash of the complete subtree number `index` of 2^level leaves."""
        tile, inside = divmod(level, HEIGHT)
        first = index << inside
        at = first % WIDTH * SIZE
        hashes = self._tile(tile, first // WIDTH)[at : at + (SIZE << inside)]
        if len(hashes) != SIZE << inside:
            raise BadNote(f"tile {tile}/{path_of(first // WIDTH)} is too short")
        return subtree(hashes, self.hashing)

    def root(self, size: int | None = None) -> bytes:
        """The root when the log had `size` entries."""
        size = self.size if size is None else size
        return self.range(0, size) if size else self.hashing.empty()

    def range(self, begin: int, end: int) -> bytes:
        """The root over D[begin:end]."""
        parts = [self.node(level, at >> level) for level, at in complete(begin, end)]
        return fold(self.hashing, parts)

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """PATH(index, D[size])."""
        size = self.size if size is None else size
        if not 0 <= index < size <= self.size:
            raise ValueError(f"no entry {index} in a log of {size}")
        return [self.range(*part) for part in siblings(0, index, size)]

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """PROOF(old, D[size])."""
        size = self.size if size is None else size
        if not 0 <= old <= size <= self.size:
            raise ValueError(f"{old} is not a size before {size}")
        if old in (0, size):
            return []
        level = (old & -old).bit_length() - 1
        first = [] if old == old & -old else [self.node(level, (old >> level) - 1)]
        return first + [self.range(*part) for part in siblings(level, (old >> level) - 1, size)]

    def _tile(self, level: int, index: int) -> bytes:
        held = self._tiles.get((level, index))
        if held is None:
            held = self._tiles[level, index] = self._read(level, index)
        return held


def siblings(level: int, index: int, size: int) -> Iterator[tuple[int, int]]:
    """(begin, end) of the subtrees beside the way from a node up to the root."""
    last = (size - 1) >> level
    while last:
        beside = index ^ 1
        if beside <= last:
            yield beside << level, min((beside + 1) << level, size)
        index, last, level = index >> 1, last >> 1, level + 1


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries with their lengths before them, as bundles are served."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unbundle(raw: bytes) -> list[bytes]:
    """Take a bundle apart; BadNote when it ends in the middle of an entry."""
    entries, at = [], 0
    while at < len(raw):
        end = at + 2 + int.from_bytes(raw[at : at + 2], "big")
        if at + 2 > len(raw) or end > len(raw):
            raise BadNote("a bundle ends in the middle of an entry")
        entries.append(raw[at + 2 : end])
        at = end
    return entries
