"""Receipts (C2SP tlog-proof) and promises: what somebody takes home and can show to anybody.

The extra data of a receipt is the entry itself, an empty line, and what opens its commitments:
`open <field> <base64 nonce> <value>`. A promise is a signed note that says by when an entry
will be in the log: if it is not, the promise is the evidence.
"""

from collections.abc import Sequence
from typing import NamedTuple

from gongzhi.log import checkpoints, leaves, notes
from gongzhi.log.checkpoints import decimal
from gongzhi.log.hashing import SHA256, Hashing
from gongzhi.log.notes import BadNote, Note, Signer, b64, unb64
from gongzhi.log.tree import included

FORM = "c2sp.org/tlog-proof@v1"
PROMISE = "gongzhi-promise/1"
WITHIN = 60_000_000  # microseconds from the act until the entry is in the log


class Opening(NamedTuple):
    """What shows that the holder stands behind a commitment in a field of the entry."""

    field: str
    nonce: bytes
    value: str


class Receipt(NamedTuple):
    """An entry, where it stands, and the way up to a signed checkpoint."""

    leaf: bytes
    index: int  # type: ignore[assignment]
    path: tuple[bytes, ...]
    checkpoint: str
    openings: tuple[Opening, ...] = ()

    def text(self) -> str:
        """The receipt as it is kept in a `.tlog-proof` file."""
        opens = "".join(f"open {o.field} {b64(o.nonce)} {o.value}\n" for o in self.openings)
        extra = b64(self.leaf + b"\n" + opens.encode())
        lines = (FORM, f"extra {extra}", f"index {self.index}", *map(b64, self.path), "")
        return "\n".join(lines) + "\n" + self.checkpoint

    def stands(self, size: int, root: bytes, hashing: Hashing = SHA256) -> bool:
        """Whether the entry is in the tree of this checkpoint."""
        return included(hashing.leaf(self.leaf), self.index, size, self.path, root, hashing)

    def opened(self) -> dict[str, str]:
        """The values behind the commitments; BadNote for one that does not fit."""
        fields = leaves.decode(self.leaf).fields
        for field, nonce, value in self.openings:
            if len(nonce) != leaves.NONCE or fields.get(field) != leaves.commitment(
                nonce, value.encode()
            ):
                raise BadNote(f"the commitment {field} is not of this value")
        return {opening.field: opening.value for opening in self.openings}


def parse(text: str) -> Receipt:
    """Read a receipt; BadNote says what is wrong. Nothing is verified yet."""
    head, found, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not found or lines[0] != FORM or len(lines) < 3:
        raise BadNote("not a receipt")
    if not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise BadNote("a receipt of this log has its entry and its index")
    leaf, _, opens = unb64(lines[1][6:]).partition(b"\n\n")
    path = tuple(map(unb64, lines[3:]))
    if len(path) > 63 or any(len(part) != 32 for part in path):
        raise BadNote("the path is not made of hashes")
    return Receipt(leaf + b"\n", decimal(lines[2][6:]), path, checkpoint, tuple(_openings(opens)))


def _openings(raw: bytes) -> Sequence[Opening]:
    try:
        lines = raw.decode().splitlines()
    except UnicodeDecodeError:
        raise BadNote("the openings are not UTF-8") from None
    found = []
    for line in lines:
        word, field, nonce, value = (line.split(" ", 3) + [""] * 4)[:4]
        if word != "open" or not value:
            raise BadNote("a line of the openings cannot be read")
        found.append(Opening(field, unb64(nonce), value))
    return found


class Promise(NamedTuple):
    """That the entry with this hash will be in the log by `due` (microseconds since 1970)."""

    origin: str
    leaf_hash: bytes
    at: int
    due: int

    def signed(self, signer: Signer) -> Note:
        """The promise as a note by the log's own key."""
        lines = (PROMISE, self.origin, b64(self.leaf_hash), str(self.at), str(self.due))
        return notes.sign("\n".join(lines) + "\n", [signer])


def parse_promise(text: str) -> tuple[Promise, Note]:
    """Read a promise; verify the note's lines over its text before believing it."""
    note = notes.parse(text)
    lines = note.text.split("\n")
    if len(lines) != 6 or lines[0] != PROMISE or lines[5]:
        raise BadNote("not a promise")
    leaf_hash = unb64(lines[2])
    if len(leaf_hash) != 32:
        raise BadNote("a promise names an entry by its hash")
    return Promise(lines[1], leaf_hash, decimal(lines[3]), decimal(lines[4])), note


def with_lines(checkpoint: str, wanted: Sequence[notes.Line]) -> str:
    """The checkpoint with only these lines: a receipt carries what its reader needs."""
    return str(Note(checkpoints.parse(checkpoint)[1].text, tuple(wanted)))
