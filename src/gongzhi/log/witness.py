"""The rules of a witness (C2SP tlog-witness): it signs only what grew out of what it signed.

Pure. The caller keeps `Seen` for each origin and must read it, decide and write it as one step,
or two requests could roll a log back.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gongzhi.log import checkpoints, notes
from gongzhi.log.checkpoints import Checkpoint, decimal
from gongzhi.log.hashing import SHA256, Hashing
from gongzhi.log.notes import BadNote, Signer, Verifier, unb64
from gongzhi.log.tree import consistent

SIZE_TYPE = "text/x.tlog.size"


class Seen(NamedTuple):
    """The last checkpoint signed for a log; nothing yet is size 0."""

    size: int = 0
    root: bytes = SHA256.empty()


class Asked(NamedTuple):
    """A request: the size the log thinks we know, the proof from there, the checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: str

    def text(self) -> str:
        """The body of add-checkpoint."""
        return "\n".join((f"old {self.old}", *map(notes.b64, self.proof), "", self.checkpoint))


class Answer(NamedTuple):
    """A status of HTTP and its body; with 200 the checkpoint to keep. `why` is for the page."""

    status: int
    body: str = ""
    seen: Seen | None = None
    why: str = ""


def parse(body: str) -> Asked:
    """Read a request; BadNote when it cannot be read."""
    head, found, checkpoint = body.partition("\n\n")
    old, *lines = head.split("\n")
    if not found or not old.startswith("old ") or len(lines) > 63:
        raise BadNote("not a request to a witness")
    proof = tuple(map(unb64, lines))
    if any(len(part) != 32 for part in proof):
        raise BadNote("the proof is not made of hashes")
    return Asked(decimal(old[4:]), proof, checkpoint)


def origin_of(asked: Asked) -> str:
    """Of which log the request speaks, before anything is believed."""
    return checkpoints.parse(asked.checkpoint)[0].origin


def answer(
    asked: Asked,
    logs: Mapping[str, Sequence[Verifier]],
    seen: Seen,
    signers: Sequence[Signer],
    at: int,
    hashing: Hashing = SHA256,
) -> Answer:
    """Sign, or refuse and say why. `seen` is what we keep of the checkpoint's origin."""
    try:
        head, note = checkpoints.parse(asked.checkpoint)
    except BadNote as error:
        return Answer(400, why=str(error))
    if head.origin not in logs:
        return Answer(404, why="unknown log")
    try:
        signed = checkpoints.verified(head, note, logs[head.origin])
    except BadNote:
        signed = {}
    if not signed:
        return Answer(403, why="not signed by the log")
    refused = judge(asked.old, asked.proof, head, seen, hashing)
    if refused is not None:
        return refused
    lines = "".join(str(checkpoints.cosign(head, signer, at)) for signer in signers)
    return Answer(200, lines, Seen(head.size, head.root))


def judge(
    old: int, proof: Sequence[bytes], head: Checkpoint, seen: Seen, hashing: Hashing = SHA256
) -> Answer | None:
    """Why a checkpoint whose signature holds is refused all the same; None when it is good."""
    if old > head.size:
        return Answer(400, why="the old size is larger than the checkpoint")
    if old != seen.size:
        return Answer(409, f"{seen.size}\n", why="another checkpoint was signed last")
    if old == head.size and seen.size and head.root != seen.root:
        return Answer(409, f"{seen.size}\n", why="fork")
    old_root = seen.root if seen.size else hashing.empty()
    if not consistent(old, old_root, head.size, head.root, proof, hashing):
        return Answer(422, why="fork")
    return None
