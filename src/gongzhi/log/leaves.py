"""What goes into the log, as bytes that are the same for everybody (docs/reference/log.md).

Text, one fact a line, no JSON, no escapes: a program of ten lines can write and read it, and so
can SQL. Persons enter only as commitments, SHA-256(32 random bytes || value).
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from gongzhi.log.checkpoints import decimal
from gongzhi.log.notes import BadNote, b64, unb64

HEAD = "gongzhi/1"
MOST = 4096
NONCE = 32
Value = int | str | bytes
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_KIND = re.compile(r"[a-z]+\.[a-z]+")
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Leaf(NamedTuple):
    """An entry of the log. `at` is microseconds since 1970, the moment of recording."""

    kind: str
    subject: str
    at: int
    fields: dict[str, Value]


def encode(kind: str, subject: str, at: int, fields: Mapping[str, Value]) -> bytes:
    """The one way to write an entry; ValueError for what cannot be written."""
    if not _KIND.fullmatch(kind):
        raise ValueError(f"{kind!r} is not a kind of entry")
    lines = [HEAD, kind, _plain(subject), str(at)]
    for name in sorted(fields):
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a field")
        lines.append(f"{name} {_typed(fields[name])}")
    data = ("\n".join(lines) + "\n").encode()
    if len(data) > MOST or not subject:
        raise ValueError("an entry has a subject and at most 4,096 bytes")
    return data


def decode(data: bytes) -> Leaf:
    """Read an entry; BadNote when it is not exactly as `encode` would write it."""
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError:
        raise BadNote("an entry is not UTF-8") from None
    if len(lines) < 5 or lines[0] != HEAD or lines[-1]:
        raise BadNote("not an entry of this log")
    fields = dict(map(_read, lines[4:-1]))
    leaf = Leaf(lines[1], lines[2], decimal(lines[3]), fields)
    try:
        same = encode(*leaf) == data
    except ValueError as error:
        raise BadNote(str(error)) from None
    if not same:
        raise BadNote("an entry is not in its canonical form")
    return leaf


def commitment(nonce: bytes, value: bytes) -> bytes:
    """How a person or an account enters the log. Without the nonce nobody can tell who it is."""
    if len(nonce) != NONCE:
        raise ValueError("a nonce has 32 bytes")
    return hashlib.sha256(nonce + value).digest()


def micros(at: datetime) -> int:
    """Microseconds since 1970 of an aware time."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def _typed(value: Value) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str | bytes):
        raise ValueError("a field is a whole number, a text or bytes")
    if isinstance(value, int):
        return f"i {value}"
    return f"b {b64(value)}" if isinstance(value, bytes) else f"s {_plain(value)}"


def _plain(text: str) -> str:
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise ValueError("a text in the log has no control characters")
    return text


def _read(line: str) -> tuple[str, Value]:
    name, _, rest = line.partition(" ")
    type_letter, _, value = rest.partition(" ")
    if type_letter == "i" and _NUMBER.fullmatch(value):
        return name, int(value)
    if type_letter == "s":
        return name, value
    if type_letter == "b":
        return name, unb64(value)
    raise BadNote("a line of an entry has no known type")
