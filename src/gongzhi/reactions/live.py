"""Open pages learn that something changed: NOTIFY with ids only, once for a whole batch.

Not in the transaction of the move itself: NOTIFY makes commits wait for one another.
"""

from typing import Any

from gongzhi.core import db

CHANNEL = "gongzhi"
IDS = 300  # a notice carries at most 8,000 bytes
# What a page can have open besides a matter: an outbox row "session.came" is topic "session:ID".
SUBJECTS = ("session", "motion", "round")


def tell(rows: list[dict[str, Any]]) -> None:
    """One notice for each few hundred matters that changed, with the places that hold them."""
    matters = sorted({row["subject_id"] for row in rows if row["kind"].startswith("matter.")})
    for start in range(0, len(matters), IDS):
        db.rows(
            "select pg_notify(%s, json_build_object('matter', %s::bigint[], 'inbox',"
            " (select coalesce(json_agg(distinct held_by_id), '[]') from matters_matter"
            "  where id = any(%s::bigint[])))::text)",
            (CHANNEL, matters[start : start + IDS], matters[start : start + IDS]),
        )
    for subject in SUBJECTS:
        changed = sorted(
            {row["subject_id"] for row in rows if row["kind"].startswith(f"{subject}.")}
        )
        for start in range(0, len(changed), IDS):
            db.rows(
                "select pg_notify(%s, json_build_object(%s::text, %s::bigint[])::text)",
                (CHANNEL, subject, changed[start : start + IDS]),
            )
