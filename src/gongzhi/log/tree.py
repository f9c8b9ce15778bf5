"""The Merkle tree of RFC 6962, kept by levels, and the checks anybody can make without it.

Pure. Level k holds the hashes of the complete subtrees of 2^k leaves, one after the other; what
is not complete is folded when asked for. A proof is a list of 32-byte hashes, leaf end first.
"""

from collections.abc import Iterable, Sequence

from gongzhi.log.hashing import SHA256, Hashing

SIZE = 32


class Tree:
    """All hashes of a log in memory: 64 MB for a million leaves."""

    def __init__(self, hashing: Hashing = SHA256) -> None:
        self.hashing = hashing
        self._levels: list[bytearray] = [bytearray()]
        self._roots: dict[int, bytes] = {}  # folded right edges of the present size, by start

    def __len__(self) -> int:
        return len(self._levels[0]) // SIZE

    def append(self, data: bytes) -> int:
        """Add an entry; its index."""
        self.extend([self.hashing.leaf(data)])
        return len(self) - 1

    def extend(self, hashes: Iterable[bytes]) -> None:
        """Add leaf hashes; every level is completed in one sweep."""
        self._levels[0] += b"".join(hashes)
        self._roots.clear()
        new, level = self.hashing.new, 0
        while True:
            below = self._levels[level]
            if level + 1 == len(self._levels):
                if len(below) < 2 * SIZE:
                    return
                self._levels.append(bytearray())
            above = self._levels[level + 1]
            begin, end = 2 * len(above), len(below) // (2 * SIZE) * (2 * SIZE)
            if begin == end:
                return
            above += b"".join(
                new(b"\x01" + below[at : at + 2 * SIZE]).digest()
                for at in range(begin, end, 2 * SIZE)
            )
            level += 1

    def leaf(self, index: int) -> bytes:
        """The hash of an entry."""
        return bytes(self._levels[0][index * SIZE : (index + 1) * SIZE])

    def root(self, size: int | None = None) -> bytes:
        """The root when the log had `size` entries; ValueError if it never had."""
        size = self._size(size)
        return self._range(0, size) if size else self.hashing.empty()

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """PATH(index, D[size]) of RFC 6962 §2.1.1."""
        size = self._size(size)
        if not 0 <= index < size:
            raise ValueError(f"no entry {index} in a log of {size}")
        path, level, levels = [], 0, self._levels
        last = size - 1
        while last:
            beside = index ^ 1
            if (beside + 1) << level <= size:
                path.append(bytes(levels[level][beside * SIZE : (beside + 1) * SIZE]))
            elif beside <= last:
                path.append(self._range(beside << level, size))
            index, last, level = index >> 1, last >> 1, level + 1
        return path

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """PROOF(old, D[size]) of RFC 6962 §2.1.2; empty for 0 and for the same size."""
        size = self._size(size)
        if not 0 <= old <= size:
            raise ValueError(f"{old} is not a size before {size}")
        if old in (0, size):
            return []
        level = (old & -old).bit_length() - 1
        index, last = (old >> level) - 1, (size - 1) >> level
        path = [] if old == old & -old else [self._node(level, index)]
        while last:
            beside = index ^ 1
            if (beside + 1) << level <= size:
                path.append(self._node(level, beside))
            elif beside <= last:
                path.append(self._range(beside << level, size))
            index, last, level = index >> 1, last >> 1, level + 1
        return path

    def _node(self, level: int, index: int) -> bytes:
        return bytes(self._levels[level][index * SIZE : (index + 1) * SIZE])

    def _range(self, begin: int, end: int) -> bytes:
        """MTH(D[begin:end]); `begin` is a multiple of a power of two not below the length."""
        kept = self._roots.get(begin) if end == len(self) else None
        if kept is not None:
            return kept
        found = fold(
            self.hashing,
            [self._node(level, at >> level) for level, at in complete(begin, end)],
        )
        if end == len(self):
            self._roots[begin] = found
        return found

    def _size(self, size: int | None) -> int:
        if size is None:
            return len(self)
        if not 0 <= size <= len(self):
            raise ValueError(f"the log has {len(self)} entries, not {size}")
        return size


def complete(begin: int, end: int) -> list[tuple[int, int]]:
    """(level, start) of the complete subtrees that make up D[begin:end], left to right."""
    found = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        found.append((level, begin))
        begin += 1 << level
    return found


def fold(hashing: Hashing, parts: Sequence[bytes]) -> bytes:
    """The root over complete subtrees of falling size."""
    root = parts[-1]
    for part in reversed(parts[:-1]):
        root = hashing.node(part, root)
    return root


def root_from_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], hashing: Hashing = SHA256
) -> bytes:
    """The root this leaf and path lead to (RFC 9162 §2.1.3.2); ValueError if they cannot."""
    if not 0 <= index < size:
        raise ValueError("the index is outside the tree")
    node, last = leaf, size - 1
    for beside in path:
        if last == 0:
            raise ValueError("the path is too long")
        if index & 1 or index == last:
            node = hashing.node(beside, node)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            node = hashing.node(node, beside)
        index, last = index >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return node


def included(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes,
    hashing: Hashing = SHA256,
) -> bool:  # fmt: skip
    """Whether the leaf stands at `index` of the tree with this root."""
    try:
        return root_from_inclusion(leaf, index, size, path, hashing) == root
    except ValueError:
        return False


def consistent(
    old: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes],
    hashing: Hashing = SHA256,
) -> bool:  # fmt: skip
    """Whether the tree of `size` only added to the tree of `old` (RFC 9162 §2.1.4.2)."""
    if old == size:
        return not path and old_root == root
    if old == 0:
        return not path and old_root == hashing.empty()
    if not 0 < old < size:
        return False
    hashes = list(path) if old & (old - 1) else [old_root, *path]
    if not hashes:
        return False
    index, last = old - 1, size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    before = after = hashes[0]
    for beside in hashes[1:]:
        if last == 0:
            return False
        if index & 1 or index == last:
            before, after = hashing.node(beside, before), hashing.node(beside, after)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            after = hashing.node(after, beside)
        index, last = index >> 1, last >> 1
    return last == 0 and before == old_root and after == root
