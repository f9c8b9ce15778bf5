"""The whole log as the files of tlog-tiles, for whoever audits it on a computer of his own."""

from collections.abc import Iterator
from pathlib import Path

from gongzhi.log import checkpoints, queries, tiles, verifier


def files() -> Iterator[tuple[str, bytes]]:
    """(name, content) of everything `gongzhi_verify.py audit .` reads, and it itself.

    NotFound while the log is empty. One reading of the log for each bundle of 256.
    """
    head = queries.checkpoint()
    size = checkpoints.parse(head)[0].size
    yield "checkpoint", head.encode()
    yield "policy", queries.policy_text().encode()
    yield "gongzhi_verify.py", Path(verifier.__file__).with_name("gongzhi_verify.py").read_bytes()
    for at in range(0, size, tiles.WIDTH):
        name = tiles.path_of(at // tiles.WIDTH, min(tiles.WIDTH, size - at))
        yield f"tile/0/{name}", queries.tile(0, name)
        yield f"tile/entries/{name}", queries.bundle(name)
