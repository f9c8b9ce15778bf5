"""What nobody shall be able to bend later enters the log: votes, the board, closed matters.

Idempotent by what happened: the same closing is the same entry however often it is looked at.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.log import actions, leaves, queries

_VOTES = """
select id, root, closed_at, result from ballots_motion
where id = any(%s::bigint[]) and state = 'closed'
"""
_BOARD = """
select id, subject, subject_id, version, digest, from_at, until_at
from publications_publication where id = any(%s::bigint[])
"""
# The steps of a matter in the order they were made, as one text.
_MATTERS = """
select m.id, m.closed_at, string_agg(
  e.seq || ' ' || e.verb || ' ' || e.result || ' '
    || (extract(epoch from e.at) * 1000000)::bigint, E'\\n' order by e.seq) as steps
from matters_matter m join matters_event e on e.matter_id = m.id
  and e.at <= m.closed_at
where m.id = any(%s::bigint[]) and m.closed_at is not null
group by m.id
"""


def wanted(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows that close something, each with what is to be entered. At most three reads."""
    kinds = ("motion.closed", "publication.published")
    of = {kind: [row["subject_id"] for row in rows if row["kind"] == kind] for kind in kinds}
    moved = {row["subject_id"] for row in rows if row["kind"].startswith("matter.")}
    facts: dict[tuple[str, int], dict[str, Any]] = {}
    for kind, ids, sql in (
        ("motion", of["motion.closed"], _VOTES),
        ("publication", of["publication.published"], _BOARD),
        ("matter", sorted(moved), _MATTERS),
    ):
        if ids:
            facts |= {(kind, found["id"]): found for found in db.dicts(sql, (ids,))}
    for row in rows:
        found = facts.pop((row["kind"].split(".")[0], row["subject_id"]), None)
        if found is not None:
            yield row | {"found": found}


def enter(row: dict[str, Any], at: datetime) -> None:
    """Write the entry. Nothing in it names a person."""
    {"motion": _vote, "publication": _board, "matter": _matter}[row["kind"].split(".")[0]](
        row["found"], at
    )


def _vote(motion: dict[str, Any], at: datetime) -> None:
    result = db.load(motion["result"])
    actions.append(
        kind="ballot.board", subject=f"motion:{motion['id']}", at=at,
        fields={"closed": leaves.micros(motion["closed_at"]), "root": bytes.fromhex(motion["root"]),
                "verdict": str(result["verdict"])},
    )  # fmt: skip


def _board(item: dict[str, Any], at: datetime) -> None:
    actions.append(
        kind="publication.version", subject=f"publication:{item['id']}", at=at,
        fields={"digest": bytes.fromhex(item["digest"]), "version": item["version"],
                "about": f"{item['subject']}:{item['subject_id']}",
                "from": leaves.micros(item["from_at"]), "until": leaves.micros(item["until_at"])},
    )  # fmt: skip


def _matter(matter: dict[str, Any], at: datetime) -> None:
    owner = f"matter:{matter['id']}"
    ended = leaves.micros(matter["closed_at"])
    if queries.known("matter.closed", f"{owner}:{ended}"):
        return  # its nonce may be gone since, and a new one would be another entry
    steps = hashlib.sha256(matter["steps"].encode()).digest()
    actions.append(
        kind="matter.closed", subject=f"{owner}:{ended}", at=at,
        fields={"ended": ended, "matter": actions.pseudonym(owner),
                "steps": actions.sealed(owner, steps)},
    )  # fmt: skip
