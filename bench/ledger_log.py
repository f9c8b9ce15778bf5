"""The log under load: the sequencer, proofs at a million entries, a receipt, an audit in a browser.

gongzhi bench ledger --only sequencer proof receipt browser
"""

import hashlib
import random
import statistics
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from bench import limit
from bench.ledger_books import CLIENTS, Books

ENTRIES = 100_000
RESTS = 2.0  # seconds between two rounds of the worker
SCRIPT = Path(__file__).resolve().parents[1] / "src/gongzhi/web/static/log-verify.js"
WITNESSES = ("双马村村务监督委员会", "芝兰社区居务监督委员会", "某街道纪检监察工委")


def sequencer(books: Books, turns: int) -> float:
    """Entries per second: taken in, put into tiles, signed; durable commits, nobody else writes."""
    _drain()
    found = []
    for _ in range(turns):
        with psycopg.connect(books.url, autocommit=True) as link:
            for _ in range(30):
                link.execute(books.filling())  # type: ignore[arg-type]
        began = time.perf_counter()
        done = _drain()
        found.append(done / (time.perf_counter() - began))
    return statistics.median(found)


def _drain() -> int:
    from gongzhi.core import db
    from gongzhi.log import jobs

    before = db.rows("select count(*) from log_leaf")[0][0]
    while jobs.sequence(at=datetime.now(UTC)):
        pass
    return int(db.rows("select count(*) from log_leaf")[0][0] - before)


def lag(books: Books, seconds: int) -> tuple[float, float]:
    """Transfers per second, and the longest an entry waited for its checkpoint meanwhile.

    Eight clients write as fast as they can; the sequencer works as the worker does: at once again
    while a batch is full, every two seconds otherwise.
    """
    from gongzhi.core import db
    from gongzhi.log import jobs

    _drain()
    reached: list[float] = []
    writer = threading.Thread(target=lambda: reached.append(
        limit.tps(books.url, books.scripts()["transfer"], clients=CLIENTS, seconds=seconds)
    ))  # fmt: skip
    writer.start()
    longest = 0.0
    while writer.is_alive():
        oldest = db.rows("select min(since) from log_pending")[0][0]
        more = jobs.sequence(at=datetime.now(UTC))
        if oldest is not None:
            longest = max(longest, (datetime.now(UTC) - oldest).total_seconds())
        if not more:
            writer.join(RESTS)
    return reached[0], longest


def million() -> tuple[float, float, str]:
    """Microseconds for an inclusion proof: hashes in memory, tiles in memory; and a receipt."""
    from gongzhi.log import tiles
    from gongzhi.log.hashing import SHA256
    from gongzhi.log.tree import Tree, included

    many, chance = 1_000_000, random.Random(7)
    hashes = [hashlib.sha256(n.to_bytes(8, "big")).digest() for n in range(many)]
    entry = _entry(many, 3, 5)
    hashes[123_456] = SHA256.leaf(entry)
    tree = Tree()
    tree.extend(hashes)
    kept = {(t.level, t.index): t.hashes for t in tiles.grow(0, hashes, lambda *_: b"")}
    tiled = tiles.TiledTree(many, lambda level, index: kept.get((level, index), b""))
    some = [chance.randrange(many) for _ in range(5_000)]
    assert all(included(tree.leaf(i), i, many, tree.inclusion(i), tree.root()) for i in some[:99])
    assert all(tiled.inclusion(i) == tree.inclusion(i) for i in some[:99])
    return _each(tree.inclusion, some), _each(tiled.inclusion, some[:500]), _receipt(entry, tree)


def _each(proof: Callable[[int], object], indices: list[int]) -> float:
    """Microseconds, the median of five rounds."""
    took = []
    for _ in range(5):
        began = time.perf_counter()
        for index in indices:
            proof(index)
        took.append((time.perf_counter() - began) / len(indices) * 1e6)
    return statistics.median(took)


def _receipt(entry: bytes, tree: object) -> str:
    """A receipt of a transfer among a million entries, two of three witnesses below it."""
    from gongzhi.log import checkpoints, keys, notes
    from gongzhi.log.checkpoints import Checkpoint
    from gongzhi.log.receipts import Opening, Receipt
    from gongzhi.log.tree import Tree

    assert isinstance(tree, Tree)
    head = Checkpoint(keys.signer().name, len(tree), tree.root())
    witnesses = [notes.Signer.new(name, notes.COSIGNATURE) for name in WITNESSES[:2]]
    note = checkpoints.sign(head, [keys.signer()], 1_790_000_000)
    lines = [checkpoints.cosign(head, one, 1_790_000_000) for one in witnesses]
    whole = str(notes.Note(note.text, (*note.lines, *lines)))
    opened = Opening("credit", bytes(32), "account:5")
    return Receipt(entry, 123_456, tuple(tree.inclusion(123_456)), whole, (opened,)).text()


def _who(number: int) -> bytes:
    return hashlib.sha256(b"%d" % number).digest()


def _entry(number: int, debit: int, credit: int) -> bytes:
    from gongzhi.log import leaves

    return leaves.encode(
        "ledger.transfer", f"transfer:{number}", 1_790_000_000_000_000 + number * 1000,
        {"amount": 1, "code": "award", "credit": _who(credit), "debit": _who(debit),
         "key": number.to_bytes(16, "big"), "unit": "points"},
    )  # fmt: skip


def _history() -> list[bytes]:
    """100,000 entries: a budget, a thousand residents, what they earn and spend."""
    from gongzhi.log import leaves

    chance, at = random.Random(7), 1_790_000_000_000_000
    made = [
        leaves.encode("ledger.account", f"account:{n}", at, {"account": _who(n), "unit": "points"}
                      | ({"floor": 0} if n else {}))
        for n in range(1002)
    ]  # fmt: skip
    have = [0] * 1002
    while len(made) < ENTRIES:
        person = chance.randrange(2, 1002)
        spends = have[person] > 0 and chance.random() < 0.5
        have[person] += -1 if spends else 1
        made.append(_entry(len(made), *((person, 1) if spends else (0, person))))
    return made


_AUDIT = """async ([root, turns]) => {
  const V = await import('/log-verify.js');
  const raw = new Uint8Array(await (await fetch('/bundle')).arrayBuffer()), entries = [];
  for (let at = 0; at < raw.length;) {
    const end = at + 2 + raw[at] * 256 + raw[at + 1];
    entries.push(raw.subarray(at + 2, end)); at = end;
  }
  const hashes = entries.map(V.leafHash), head = { size: entries.length, root: V.unb64(root) };
  const took = [];
  for (let n = 0; n < turns; n++) {
    const began = performance.now();
    const found = V.audit({ hashes, entries, head });
    took.push((performance.now() - began) / 1000);
    if (found.length) throw new Error(JSON.stringify(found[0]));
  }
  return took;
}"""


def browser(turns: int) -> float:
    """Seconds a browser takes to audit 100,000 entries against their tiles, replay included."""
    from playwright.sync_api import sync_playwright

    from gongzhi.cli import testing
    from gongzhi.log import tiles
    from gongzhi.log.hashing import SHA256
    from gongzhi.log.notes import b64
    from gongzhi.log.tree import Tree

    entries, tree = _history(), Tree()
    tree.extend(map(SHA256.leaf, entries))
    files = {
        "/": (b"<title>v</title>", "text/html"),
        "/log-verify.js": (SCRIPT.read_bytes(), "text/javascript"),
        "/bundle": (tiles.bundle(entries), "application/octet-stream"),
    }
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=testing.browser(), args=["--no-sandbox"]
        )
        took = []
        for _ in range(turns):  # a new page each: the first audit of a page is what people wait for
            page = launched.new_page()
            page.route("http://verifier.test/**", lambda route: route.fulfill(
                body=files["/" + route.request.url.rsplit("/", 1)[1]][0],
                content_type=files["/" + route.request.url.rsplit("/", 1)[1]][1],
            ))  # fmt: skip
            page.goto("http://verifier.test/")
            took += page.evaluate(_AUDIT, [b64(tree.root()), 1])
            page.close()
        launched.close()
    return statistics.median(took)
