"""The tree says what RFC 6962 says, for every small size, and no proof passes for another fact."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.log.hashing import SHA256, SM3, Hashing
from gongzhi.log.notes import BadNote
from gongzhi.log.tiles import (
    TiledTree,
    bundle,
    grow,
    parse_path,
    path_of,
    unbundle,
    widths,
)  # fmt: skip
from gongzhi.log.tree import Tree, consistent, included

# The vectors of the reference implementation of Certificate Transparency.
ENTRIES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
MOST = 66


def plain_root(leaves: list[bytes], hashing: Hashing = SHA256) -> bytes:
    """MTH as the RFC writes it down."""
    if len(leaves) < 2:
        return hashing.leaf(leaves[0]) if leaves else hashing.empty()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashing.node(plain_root(leaves[:half], hashing), plain_root(leaves[half:], hashing))


def plain_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH as the RFC writes it down."""
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if index < half:
        return [*plain_path(index, leaves[:half]), plain_root(leaves[half:])]
    return [*plain_path(index - half, leaves[half:]), plain_root(leaves[:half])]


def plain_proof(old: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF as the RFC writes it down."""
    if old == len(leaves):
        return [] if whole else [plain_root(leaves)]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if old <= half:
        return [*plain_proof(old, leaves[:half], whole), plain_root(leaves[half:])]
    return [*plain_proof(old - half, leaves[half:], False), plain_root(leaves[:half])]


def grown(size: int, hashing: Hashing = SHA256) -> tuple[Tree, list[bytes]]:
    leaves = [f"entry {number}".encode() for number in range(size)]
    tree = Tree(hashing)
    tree.extend(map(hashing.leaf, leaves))
    return tree, leaves


def test_roots_are_those_of_the_published_vectors() -> None:
    tree = Tree()
    assert tree.root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for entry, root in zip(ENTRIES, ROOTS, strict=True):
        tree.append(entry)
        assert tree.root().hex() == root
    assert [tree.root(size + 1).hex() for size in range(8)] == ROOTS


def test_every_inclusion_proof_up_to_66_entries_is_the_one_of_the_rfc() -> None:
    tree, leaves = grown(MOST)
    for size in range(1, MOST + 1):
        root = plain_root(leaves[:size])
        assert tree.root(size) == root
        for index in range(size):
            path = tree.inclusion(index, size)
            assert path == plain_path(index, leaves[:size])
            assert included(tree.leaf(index), index, size, path, root)


def test_every_consistency_proof_up_to_66_entries_is_the_one_of_the_rfc() -> None:
    tree, leaves = grown(MOST)
    for size in range(1, MOST + 1):
        root = tree.root(size)
        for old in range(size + 1):
            path = tree.consistency(old, size)
            assert old == 0 or path == plain_proof(old, leaves[:size])
            assert consistent(old, tree.root(old), size, root, path)


def test_a_proof_passes_for_its_own_entry_place_and_size_only() -> None:
    tree, _ = grown(24)
    for size in range(1, 25):
        root = tree.root(size)
        for index, other in product(range(size), range(size)):
            path = tree.inclusion(index, size)
            assert included(tree.leaf(other), index, size, path, root) == (index == other)
            assert included(tree.leaf(index), other, size, path, root) == (index == other)
        for index in range(size):
            path = tree.inclusion(index, size)
            assert not included(tree.leaf(index), index, size, [*path, root], root)
            assert not included(tree.leaf(index), size, size, path, root)
            if path:
                assert not included(tree.leaf(index), index, size, path[:-1], root)


def test_a_rewritten_log_is_consistent_with_no_checkpoint_it_ever_gave() -> None:
    tree, leaves = grown(40)
    for changed in range(40):
        other = Tree()
        other.extend(
            SHA256.leaf(b"forged" if at == changed else leaf) for at, leaf in enumerate(leaves)
        )
        for old in range(1, 41):
            path = other.consistency(old)
            good = consistent(old, tree.root(old), 40, other.root(), path)
            assert good == (changed >= old)


@given(st.data())
def test_no_damaged_consistency_proof_passes(data: st.DataObject) -> None:
    tree, _ = grown(MOST)
    size = data.draw(st.integers(2, MOST))
    old = data.draw(st.integers(1, size - 1))
    path = tree.consistency(old, size)
    at = data.draw(st.integers(0, len(path) - 1))
    bit = data.draw(st.integers(0, 255))
    bad = bytearray(path[at])
    bad[bit // 8] ^= 1 << bit % 8
    args = old, tree.root(old), size, tree.root(size)
    assert not consistent(*args, [*path[:at], bytes(bad), *path[at + 1 :]])
    assert not consistent(*args, path[:at] + path[at + 1 :])
    assert not consistent(*args, [*path, path[0]])


@given(st.lists(st.integers(0, 700), max_size=5))
def test_tiles_grown_in_any_steps_give_the_roots_and_proofs_of_the_tree(steps: list[int]) -> None:
    total = sum(steps)
    tree, _leaves = grown(total)
    held: dict[tuple[int, int], bytes] = {}
    size = 0
    for step in steps:
        hashes = [tree.leaf(at) for at in range(size, size + step)]
        for tile in grow(size, hashes, lambda level, index: held[level, index]):
            before = held.get((tile.level, tile.index), b"")
            assert tile.hashes.startswith(before)  # nothing in a tile is ever changed
            held[tile.level, tile.index] = tile.hashes
        size += step
    tiled = TiledTree(size, lambda level, index: held[level, index])
    assert tiled.root() == tree.root()
    last = {(level, index): width for level, index, width in widths(size)}
    for key, hashes in held.items():
        assert len(hashes) // 32 == last.get(key, 256)
    for index in {0, 1, size // 3, size // 2, size - 1} & set(range(size)):
        assert tiled.inclusion(index) == tree.inclusion(index)
        assert tiled.consistency(index) == tree.consistency(index)


def test_a_tree_of_seventy_thousand_has_the_tiles_the_specification_counts() -> None:
    assert list(widths(70_000)) == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert list(widths(256)) == [(1, 0, 1)]


@pytest.mark.parametrize(("index", "path"), [
    (0, "000"), (67, "067"), (1_234_067, "x001/x234/067"), (1000, "x001/000"),
])  # fmt: skip
def test_addresses_of_tiles(index: int, path: str) -> None:
    assert path_of(index) == path
    assert parse_path(path) == (index, 256)
    assert parse_path(path + ".p/7") == (index, 7)


@pytest.mark.parametrize(
    "path", ["", "67", "x000/067", "067.p/0", "067.p/256", "067.p/07", "1067", "x1/067", "../000"]
)
def test_only_one_address_leads_to_a_tile(path: str) -> None:
    with pytest.raises(BadNote):
        parse_path(path)


@given(st.lists(st.binary(max_size=300)))
def test_bundles_come_apart_as_they_were_put_together(entries: list[bytes]) -> None:
    raw = bundle(entries)
    assert unbundle(raw) == entries
    if raw:
        with pytest.raises(BadNote):
            unbundle(raw + b"\x00\x05ab")


def test_the_same_tree_in_sm3() -> None:
    assert SM3.new(b"abc").digest().hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"  # GB/T 32905-2016, A.1
    )
    tree, leaves = grown(21, SM3)
    assert tree.root() == plain_root(leaves, SM3) != grown(21)[0].root()
    assert included(tree.leaf(7), 7, 21, tree.inclusion(7), tree.root(), SM3)
    assert not included(tree.leaf(7), 7, 21, tree.inclusion(7), tree.root(), SHA256)
