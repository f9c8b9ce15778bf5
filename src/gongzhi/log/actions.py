"""Writing to the log, committing to persons, and taking a witness's signature in."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from gongzhi.core import db
from gongzhi.core.errors import BadInput, KeyReused, NotFound
from gongzhi.log import checkpoints, keys, leaves, notes, queries, witness
from gongzhi.log.leaves import Value
from gongzhi.log.models import Witness
from gongzhi.log.notes import BadNote, Verifier
from gongzhi.log.receipts import WITHIN, Promise

_APPEND = """
insert into log_pending (kind, subject, leaf, at)
select %(kind)s, %(subject)s, %(leaf)s::bytea, %(at)s::timestamptz
where not exists (select from log_leaf where kind = %(kind)s and subject = %(subject)s)
on conflict do nothing returning id
"""


def append(*, kind: str, subject: str, fields: Mapping[str, Value], at: datetime) -> Promise:
    """Put an entry on its way, in the caller's transaction: one INSERT.

    The same kind and subject again is the same entry, at whatever time; with other facts it is
    KeyReused. `fields` holds whole numbers, texts and bytes; nothing of a person but what
    `commit` gives.
    """
    leaf = leaves.encode(kind, subject, leaves.micros(at), fields)
    made = db.rows(_APPEND, {"kind": kind, "subject": subject, "leaf": leaf, "at": at})
    if not made:
        leaf = _again(kind, subject, fields)
    now = leaves.micros(at)
    return Promise(keys.signer().name, keys.hashing().leaf(leaf), now, now + WITHIN)


def _again(kind: str, subject: str, fields: Mapping[str, Value]) -> bytes:
    held = queries.entry(kind, subject)
    if leaves.decode(held).fields != dict(fields):
        raise KeyReused("这一件已经记入存证，内容与这次的不同。")
    return held


def commit(value: bytes) -> tuple[bytes, bytes]:
    """(nonce, commitment) for a value that must not be read in the log. Keep the nonce apart."""
    nonce = secrets.token_bytes(leaves.NONCE)
    return nonce, leaves.commitment(nonce, value)


def pseudonym(owner: str) -> bytes:
    """The commitment under which `owner` ("account:12", "matter:7") stands in the log."""
    return bytes(db.rows("select log_pseudonym(%s)", (owner,))[0][0])


def sealed(owner: str, value: bytes) -> bytes:
    """The commitment to a value under the nonce of its owner; gone with `forget(owner)`."""
    pseudonym(owner)
    [(nonce,)] = db.rows("select nonce from log_nonce where owner = %s", (owner,))
    return leaves.commitment(bytes(nonce), value)


def forget(owner: str) -> bool:
    """Delete what opens the owner's commitments. Every proof stays valid; nobody can tell whose.

    False when there was nothing to forget.
    """
    return db.run("delete from log_nonce where owner = %s", (owner,)) > 0


def register_key(*, vkey: str, title: str, by: int | None, at: datetime) -> Verifier:
    """A witness on a computer: its public key as `gongzhi log witness` printed it."""
    try:
        key = Verifier.parse(vkey.strip())
    except BadNote:
        raise BadInput("vkey", "这把见证钥匙读不出来，请整行复制。") from None
    if key.type != notes.COSIGNATURE:
        raise BadInput("vkey", "这不是见证用的钥匙。")
    return register(name=key.name, title=title, public=key.public, by=by, at=at)


def register(
    *, name: str, title: str, public: bytes, url: str = "", by: int | None, at: datetime
) -> Verifier:
    """Let a witness's Ed25519 key count. A key or name once registered is never another's."""
    try:
        key = Verifier(name, notes.COSIGNATURE, public)
        Verifier.parse(str(key))
    except BadNote:
        raise BadInput("key", "这把见证钥匙读不出来。") from None
    title = title.strip()[:60]
    if not title:
        raise BadInput("title", "请写明是谁来见证，例如“双马村村务监督委员会”。")
    with db.atomic():
        made, new = Witness.objects.get_or_create(
            name=name,
            defaults={"title": title, "vkey": str(key), "url": url, "by_id": by, "at": at},
        )
    if not new and (made.vkey != str(key) or made.ended_at is not None):
        raise KeyReused("这个见证人的名字已经用过，钥匙不同。")
    return key


def end_witness(*, name: str, at: datetime) -> None:
    """The key counts no more from now on; what it has signed stays."""
    if not db.run(
        "update log_witness set ended_at = %s::timestamptz where name = %s and ended_at is null",
        (at, name),
    ):
        raise NotFound("没有这个见证人。")


_COSIGN = """
insert into log_cosignature (checkpoint_id, witness_id, line, at)
select %s::bigint, id, %s, %s::timestamptz from log_witness where vkey = %s
on conflict do nothing
"""


def cosigned(*, size: int, line: str, at: datetime) -> None:
    """Keep a witness's line below the checkpoint of `size`, if it holds. Again changes nothing.

    A witness of the policy file that nobody registered here counts under his name in the file.
    """
    note, rule = queries.bare(size), queries.policy()
    titles = {key: title for title, key in rule.witnesses.items()}
    try:
        head, read = checkpoints.parse(note + line.strip("\n") + "\n")
        good = checkpoints.verified(head, read, titles)
    except BadNote:
        raise BadInput("line", "这条签名不是对这个存证点的签名。") from None
    if not good:
        raise BadInput("line", "这条签名不是登记过的见证人的。", todo="请先登记见证钥匙。")
    for key, found in good.items():
        if checkpoints.seconds(found) > at.timestamp() + 300:
            raise BadInput("line", "见证的时间在将来。", todo="请看看手机的时间对不对。")
        if not db.run(_COSIGN, (size, str(found), at, str(key))):
            register(name=key.name, title=titles[key], public=key.public, by=None, at=at)
            db.run(_COSIGN, (size, str(found), at, str(key)))


_SEEN = "select vkey, size, root from log_watched where origin = %s for update"


def watch(*, vkey: str) -> str:
    """Be a witness of another log from now on; its origin."""
    try:
        key = Verifier.parse(vkey)
    except BadNote:
        raise BadInput("vkey", "这不是一把公开钥匙。") from None
    db.run(
        "insert into log_watched (origin, vkey, size) values (%s, %s, 0) on conflict do nothing",
        (key.name, str(key)),
    )
    return key.name


def witness_here(*, title: str, at: datetime) -> Verifier:
    """Let this installation cosign its own log with a key of its own, made now.

    For demonstrations: it shows what a cosignature is and proves nothing against whoever runs this
    machine. The title must say so; the pages do.
    """
    watch(vkey=str(keys.signer().verifier))
    key = keys.witness().verifier
    return register(name=key.name, title=title, public=key.public, by=None, at=at)


def add_checkpoint(*, body: str, at: datetime) -> witness.Answer:
    """What this installation answers as a witness (C2SP tlog-witness); written before answered."""
    try:
        asked = witness.parse(body)
        origin = witness.origin_of(asked)
    except BadNote as error:
        return witness.Answer(400, why=str(error))
    with db.atomic():
        held = db.rows(_SEEN, (origin,))
        if not held:
            return witness.Answer(404, why="unknown log")
        vkey, size, root = held[0]
        seen = witness.Seen(size, bytes(root)) if size else witness.Seen()
        logs = {origin: [Verifier.parse(vkey)]}
        answer = witness.answer(asked, logs, seen, [keys.witness()], int(at.timestamp()))
        if answer.seen is not None:
            db.run(
                "update log_watched set size = %s::bigint, root = %s::bytea,"
                " at = %s::timestamptz where origin = %s",
                (answer.seen.size, answer.seen.root, at, origin),
            )
    return answer
