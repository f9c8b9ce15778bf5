"""The log's own keys: from GONGZHI_LOG_KEY, else the file `log.key` in the data folder.

One private key a line, as `Signer.secret` writes it; the first is Ed25519 and names the log.
More lines sign too: an ML-DSA-44 key makes every checkpoint safe against quantum computers at
3 KB each. Several machines share the keys by the variable.
"""

import hashlib
import os
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
    draft = path.with_name(f".{path.name}.{os.getpid()}.{digest}")
    with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(named.secret() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text("ascii")
