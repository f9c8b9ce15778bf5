"""What is done with a matter elsewhere, or voted on it, reaches the proposal it came from."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.deliberation.proposals import actions

FOLLOWED = ("matter.accept", "matter.refuse")


def wanted(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows about a proposal's matter: accepted, refused or voted on. One statement at most."""
    yield from (row for row in rows if _voted(row))
    told = [row for row in rows if row["kind"] in FOLLOWED]
    if not told:
        return
    found = db.rows(
        "select matter_id from proposals_proposal where matter_id = any(%s::bigint[])"
        " and phase = 'running' and accepted_at is null",
        ([row["subject_id"] for row in told],),
    )
    known = {matter for (matter,) in found}
    yield from (row for row in told if row["subject_id"] in known)


def follow(row: dict[str, Any], at: datetime) -> None:
    """The proposal learns of it; once."""
    if _voted(row):
        actions.follow_motion(row["subject_id"])
    else:
        actions.follow_matter(row, at)


def _voted(row: dict[str, Any]) -> bool:
    """A vote was counted and the matter it was about took the result."""
    return bool(row["kind"] == "motion.closed" and row["data"].get("matter") == "moved")
