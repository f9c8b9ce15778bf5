"""Checkpoints (C2SP tlog-checkpoint) and what witnesses sign of them (tlog-cosignature)."""

import re
import struct
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gongzhi.log import notes
from gongzhi.log.notes import BadNote, Line, Note, Signer, Verifier

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


class Checkpoint(NamedTuple):
    """The head of a log: where it is, how long, and the one hash that stands for all of it."""

    origin: str
    size: int
    root: bytes
    extra: tuple[str, ...] = ()

    def text(self) -> str:
        """The body that is signed."""
        return "\n".join((self.origin, str(self.size), notes.b64(self.root), *self.extra)) + "\n"


def parse_text(text: str) -> Checkpoint:
    """Read a body; BadNote if it is none."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines) or not text.endswith("\n"):
        raise BadNote("a checkpoint has at least three lines, none of them empty")
    root = notes.unb64(lines[2])
    if len(root) != 32:
        raise BadNote("the root is not 32 bytes")
    return Checkpoint(lines[0], decimal(lines[1]), root, tuple(lines[3:]))


def decimal(text: str) -> int:
    """A whole number as ASCII, without leading zeroes."""
    if _DECIMAL.fullmatch(text) is None:
        raise BadNote(f"{text[:20]!r} is not a decimal number")
    return int(text)


def parse(raw: str | bytes) -> tuple[Checkpoint, Note]:
    """Read a signed checkpoint. Nothing is verified yet."""
    note = notes.parse(raw)
    return parse_text(note.text), note


def sign(head: Checkpoint, signers: Iterable[Signer], at: int) -> Note:
    """The checkpoint signed by the log: Ed25519 over the text, other kinds as cosignatures."""
    lines = tuple(
        signer.line(head.text().encode())
        if signer.type == notes.ED25519
        else cosign(head, signer, at)
        for signer in signers
    )
    return Note(head.text(), lines)


def cosign(head: Checkpoint, signer: Signer, at: int) -> Line:
    """A witness's line: that at this second (POSIX) it knew no larger tree, and this one fits."""
    message = _message(head, signer.verifier, at)
    return signer.line(message, struct.pack(">Q", at))


def seconds(line: Line) -> int:
    """When a cosignature was made; BadNote for a line that has no time."""
    if len(line.signature) <= 8:
        raise BadNote("a cosignature is too short")
    at = int(struct.unpack(">Q", line.signature[:8])[0])
    if at >= 1 << 63:
        raise BadNote("the time of a cosignature is impossible")
    return at


def opened(
    raw: str | bytes, logs: Iterable[Verifier], witnesses: Iterable[Verifier] = ()
) -> tuple[Checkpoint, Mapping[Verifier, Line], Mapping[Verifier, Line]]:
    """A checkpoint signed by a log we know: it, the log's lines, the witnesses' lines.

    BadNote when no known log of that origin signed, or a known key's line does not hold.
    """
    head, note = parse(raw)
    by_log = verified(head, note, [key for key in logs if key.name == head.origin])
    if not by_log:
        raise BadNote("not signed by a log we know")
    return head, by_log, verified(head, note, witnesses)


def verified(head: Checkpoint, note: Note, keys: Iterable[Verifier]) -> Mapping[Verifier, Line]:
    """The lines by known keys, each over what its kind signs."""

    def message(key: Verifier, line: Line) -> tuple[bytes, bytes]:
        if key.type == notes.ED25519:
            return note.text.encode(), line.signature
        return _message(head, key, seconds(line)), line.signature[8:]

    return notes.verified(note, keys, message)


def _message(head: Checkpoint, key: Verifier, at: int) -> bytes:
    if key.type == notes.ML_DSA_44:
        name, origin = key.name.encode(), head.origin.encode()
        return (
            b"subtree/v1\n\x00" + bytes([len(name)]) + name + struct.pack(">Q", at)
            + bytes([len(origin)]) + origin + struct.pack(">QQ", 0, head.size) + head.root
        )  # fmt: skip
    return f"cosignature/v1\ntime {at}\n{head.text()}".encode()
