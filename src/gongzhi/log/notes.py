"""Signed notes (C2SP signed-note) and the keys that sign them: one seam for every algorithm.

A key is known by its name and a four-byte id. `KINDS` maps the type byte to how it signs:
0x01 Ed25519 over the text, 0x04 Ed25519 cosignatures with a time, 0x06 ML-DSA-44 cosignatures
(C2SP tlog-cosignature), 0xff SM2 with SM3 (`log.sm2`, optional). Lines of unknown keys are ignored
by every reader, so a further line never breaks anybody's receipt.
"""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from gongzhi.log.sm2 import ALGORITHM, Sm2

ED25519, COSIGNATURE, ML_DSA_44, OTHER = 0x01, 0x04, 0x06, 0xFF
DASH = "— "
MOST = 64  # signature lines read of one note
PRIVATE = "PRIVATE+KEY+"


class BadNote(ValueError):
    """A note, key or signature that is not what it should be; says which."""


class Line(NamedTuple):
    """One signature line."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{DASH}{self.name} {b64(self.key_id + self.signature)}\n"


class Note(NamedTuple):
    """A text and the lines below it. Nothing is verified yet."""

    text: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.lines))


class Kind(Protocol):
    """How keys of one type byte sign and verify. `seed` and `public` are raw bytes."""

    def fresh(self) -> bytes:
        """A new seed from the system's randomness."""
        ...

    def public(self, seed: bytes) -> bytes:
        """The public key of a private one."""
        ...

    def sign(self, seed: bytes, message: bytes) -> bytes:
        """A signature over the message."""
        ...

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the signature holds."""
        ...


class Ed25519:
    """RFC 8032."""

    def fresh(self) -> bytes:
        """32 bytes."""
        return secrets.token_bytes(32)

    def public(self, seed: bytes) -> bytes:
        """The public key of a private one."""
        return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()

    def sign(self, seed: bytes, message: bytes) -> bytes:
        """64 bytes."""
        return Ed25519PrivateKey.from_private_bytes(seed).sign(message)

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the signature holds."""
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class MlDsa44:
    """FIPS 204, level 2: safe against quantum computers; 2,420 bytes a signature."""

    def fresh(self) -> bytes:
        """32 bytes."""
        return secrets.token_bytes(32)

    def public(self, seed: bytes) -> bytes:
        """The public key of a private one."""
        return MLDSA44PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()

    def sign(self, seed: bytes, message: bytes) -> bytes:
        """2,420 bytes."""
        return MLDSA44PrivateKey.from_seed_bytes(seed).sign(message)

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the signature holds."""
        try:
            MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


KINDS: dict[int, Kind] = {
    ED25519: Ed25519(), COSIGNATURE: Ed25519(), ML_DSA_44: MlDsa44(), OTHER: Sm2(),
}  # fmt: skip
NAMES = {"ed25519": ED25519, "ml-dsa-44": ML_DSA_44, "sm2": OTHER}


@dataclass(frozen=True)
class Verifier:
    """A public key with its name, and what it signs."""

    name: str
    type: int
    public: bytes
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        _check_name(self.name)
        material = self.name.encode() + b"\n" + bytes([self.type]) + self.public
        object.__setattr__(self, "key_id", hashlib.sha256(material).digest()[:4])

    @classmethod
    def parse(cls, vkey: str) -> "Verifier":
        """Read `name+id+base64(type || key)`; BadNote if the id is not the key's."""
        name, _, rest = vkey.strip().partition("+")
        key_id, _, material = rest.partition("+")
        raw = unb64(material)
        if len(raw) < 2 or raw[0] not in KINDS:
            raise BadNote("the key is of a type not known here")
        if raw[0] in (ED25519, COSIGNATURE) and len(raw) != 33:
            raise BadNote("an Ed25519 key has 32 bytes")
        if raw[0] == OTHER and not raw[1:].startswith(ALGORITHM):
            raise BadNote("the key is of an algorithm not known here")
        made = cls(name, raw[0], raw[1:])
        if made.key_id.hex() != key_id:
            raise BadNote("the key's id does not belong to it")
        return made

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64(bytes([self.type]) + self.public)}"

    def signs(self, line: Line) -> bool:
        """Whether the line says it is by this key."""
        return line.name == self.name and line.key_id == self.key_id

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature over the message is by this key."""
        return KINDS[self.type].verify(self.public, message, signature)


@dataclass(frozen=True)
class Signer:
    """A private key with its name. Never shown by `repr`."""

    name: str
    type: int
    seed: bytes = field(repr=False)
    verifier: Verifier = field(init=False)

    def __post_init__(self) -> None:
        public = KINDS[self.type].public(self.seed)
        object.__setattr__(self, "verifier", Verifier(self.name, self.type, public))

    @classmethod
    def new(cls, name: str, type_byte: int = ED25519) -> "Signer":
        """A fresh key from the system's randomness."""
        return cls(name, type_byte, KINDS[type_byte].fresh())

    @classmethod
    def parse(cls, text: str) -> "Signer":
        """Read what `secret` wrote."""
        if not text.startswith(PRIVATE):
            raise BadNote("not a private key of signed notes")
        name, key_id, material = ([*text.strip()[len(PRIVATE) :].split("+", 2), "", ""])[:3]
        raw = unb64(material)
        if not raw or raw[0] not in KINDS or (raw[0] != OTHER and len(raw) != 33):
            raise BadNote("the private key is of a type not known here")
        try:
            made = cls(name, raw[0], raw[1:])
        except ValueError as error:
            raise BadNote(str(error)) from None
        if made.verifier.key_id.hex() != key_id:
            raise BadNote("the private key's id does not belong to it")
        return made

    def secret(self) -> str:
        """`PRIVATE+KEY+name+id+base64(type || seed)`, as Go's sumdb/note writes it."""
        material = b64(bytes([self.type]) + self.seed)
        return f"{PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{material}"

    def line(self, message: bytes, before: bytes = b"") -> Line:
        """A signature line over `message`; `before` (a time) stands before the signature."""
        signature = KINDS[self.type].sign(self.seed, message)
        return Line(self.name, self.verifier.key_id, before + signature)


def sign(text: str, signers: Iterable[Signer]) -> Note:
    """A note signed over its own text."""
    if not text.endswith("\n"):
        raise BadNote("the text of a note ends with a newline")
    return Note(text, tuple(signer.line(text.encode()) for signer in signers))


def parse(raw: str | bytes) -> Note:
    """Take a note apart; BadNote says what is wrong. No signature is verified."""
    try:
        whole = raw.decode() if isinstance(raw, bytes) else raw
    except UnicodeDecodeError:
        raise BadNote("not UTF-8") from None
    if any(ord(letter) < 32 and letter != "\n" for letter in whole):
        raise BadNote("control characters in a note")
    text, found, below = whole.rpartition("\n\n")
    if not found or not below.endswith("\n"):
        raise BadNote("no signatures below the text")
    lines = below[:-1].split("\n")
    if not 0 < len(lines) <= MOST:
        raise BadNote("too many signatures")
    return Note(text + "\n", tuple(map(parse_line, lines)))


def parse_line(line: str) -> Line:
    """Read `— name base64`."""
    name, _, signature = line.removesuffix("\n").removeprefix(DASH).partition(" ")
    if not line.startswith(DASH):
        raise BadNote("a signature line begins with an em dash and a space")
    _check_name(name)
    raw = unb64(signature)
    if len(raw) < 5:
        raise BadNote("a signature line is too short")
    return Line(name, raw[:4], raw[4:])


Message = Callable[[Verifier, Line], tuple[bytes, bytes]]  # what was signed, the signature in it


def verified(
    note: Note, keys: Iterable[Verifier], message: Message | None = None
) -> Mapping[Verifier, Line]:
    """The lines of known keys. BadNote when one of them does not verify (signed-note: SHOULD)."""
    found: dict[Verifier, Line] = {}
    known = list(keys)
    for line in note.lines:
        for key in known:
            if key.signs(line) and key not in found:
                text, signature = (
                    message(key, line) if message else (note.text.encode(), line.signature)
                )
                if not key.holds(text, signature):
                    raise BadNote(f"the signature of {key.name} does not hold")
                found[key] = line
    return found


def b64(raw: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(raw).decode()


def unb64(text: str) -> bytes:
    """Read standard base64; only the one way of writing it (RFC 4648 §3.5)."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("not base64") from None
    if b64(raw) != text:
        raise BadNote("not canonical base64")
    return raw


def _check_name(name: str) -> None:
    if not name or "+" in name or any(letter.isspace() for letter in name):
        raise BadNote("a key's name is not empty and has no space or plus")
