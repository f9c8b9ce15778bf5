"""The log's own keys: from GONGZHI_LOG_KEY, else the file `log.key` in the data folder.

One private key a line, as `Signer.secret` writes it; the first is Ed25519 and names the log.
More lines sign too (`gongzhi log key`): an ML-DSA-44 key makes every checkpoint safe against
quantum computers at 3 KB each, an SM2 key is for installations that are examined under 密评.
Several machines share the keys by the variable.
"""

import hashlib
import os
import secrets
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from gongzhi.log import notes
from gongzhi.log.hashing import KNOWN, Hashing
from gongzhi.log.notes import Signer

FILE = "log.key"
WITNESS = "witness.key"


def signers() -> tuple[Signer, ...]:
    """Everything that signs a checkpoint of this log; the first names it."""
    given = os.environ.get("GONGZHI_LOG_KEY")
    return _parsed(given or _file(FILE, notes.ED25519))


def signer() -> Signer:
    """The Ed25519 key of the log. Its name is the log's origin."""
    return signers()[0]


def add(kind: int) -> Signer:
    """One more key of the log in its file; it signs from the next head on.

    BadNote when there is one of that kind, or when the keys come from the environment.
    """
    if os.environ.get("GONGZHI_LOG_KEY"):
        raise notes.BadNote("the keys come from GONGZHI_LOG_KEY: add a line there")
    held = signers()
    if any(key.type == kind for key in held):
        raise notes.BadNote("the log has a key of this kind")
    made = Signer.new(held[0].name, kind)
    _whole(Path(settings.DATA) / FILE, "".join(f"{key.secret()}\n" for key in (*held, made)))
    return made


def witness() -> Signer:
    """The key with which this installation is a witness of other logs."""
    given = os.environ.get("GONGZHI_WITNESS_KEY")
    return _parsed(given or _file(WITNESS, notes.COSIGNATURE))[0]


def hashing() -> Hashing:
    """SHA-256, or SM3 when GONGZHI_LOG_HASH says so. Chosen once, before the first entry."""
    return KNOWN[os.environ.get("GONGZHI_LOG_HASH", "sha256")]


@lru_cache(maxsize=8)
def _parsed(text: str) -> tuple[Signer, ...]:
    keys = tuple(Signer.parse(line) for line in text.split())
    if not keys:
        raise notes.BadNote("there is no key in it")
    return keys


def _file(name: str, kind: int) -> str:
    path = Path(settings.DATA) / name
    try:
        return path.read_text("ascii")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    return _made(path, kind)


def _made(path: Path, kind: int) -> str:
    """A fresh key in a file only we may read; the first of two processes wins."""
    fresh = Signer.new("x", kind)
    digest = hashlib.sha256(fresh.verifier.public).hexdigest()[:8]
    named = Signer(f"gongzhi/{path.stem}/{digest}", kind, fresh.seed)
    draft = _draft(path, named.secret() + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text("ascii")


def _whole(path: Path, text: str) -> None:
    """The file has the new text or the old one, never a part."""
    _draft(path, text).replace(path)


def _draft(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft
