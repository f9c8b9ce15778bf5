"""Points by themselves for what the system recorded, and a rule book that follows its vote.

Idempotent by the event: "matter:12", "session:5:77", "service:3". Never for a petition, a complaint
about an office, or anything sensitive: only what mends a shared place or keeps it safe.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.ledger.points import actions
from gongzhi.ledger.points.actions import Vote
from gongzhi.reactions import tovote
from gongzhi.reactions.points import boards, telling

KINDS = frozenset({
    "session.closed", "motion.closed", "motion.voided", "service.confirmed", "service.recorded",
    "service.ended", "points.published", "points.noticed", "points.refused", "points.reversed",
    "points.reconciled",
})  # fmt: skip
CATEGORIES = ("environment", "facilities", "safety", "traffic")
_MATTERS = """
select m.id, m.raised_by_id as person, m.title from matters_matter m
where m.id = any(%s::bigint[]) and m.outcome = 'done' and not m.sensitive
  and m.raised_by_id is not null and split_part(m.category, '.', 1) = any(%s::text[])
  and not exists (select 1 from points_claim c where c.event = 'matter:' || m.id)
"""


def wanted(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows something follows from. One statement at most."""
    about = [row["subject_id"] for row in rows if row["kind"].startswith("matter.")]
    done = db.dicts(_MATTERS, (about, list(CATEGORIES))) if about else []
    matters = {row["id"]: row for row in done}
    for row in rows:
        if row["kind"].startswith("matter.") and row["subject_id"] in matters:
            yield row | {"matter": matters.pop(row["subject_id"])}
        elif row["kind"] in KINDS:
            yield row


def follow(row: dict[str, Any], at: datetime) -> None:
    """What follows, once."""
    kind, subject = row["kind"], row["subject_id"]
    if "matter" in row:
        _matter(row["matter"], row["at"], at)
    elif kind == "session.closed":
        _meeting(subject, row["at"], at)
    elif kind == "service.confirmed":
        _service(subject, at)
    elif kind in ("motion.closed", "motion.voided"):
        _voted(subject, at)
    elif kind in ("service.recorded", "service.ended", "points.refused", "points.reversed"):
        telling.tell(row, at)
        if kind == "points.reversed":
            boards.corrected(subject, at)
    else:
        boards.put(kind, subject, at)


def _matter(matter: dict[str, Any], when: datetime, at: datetime) -> None:
    actions.automatic(
        event=f"matter:{matter['id']}", trigger="matter", person_id=matter["person"],
        on=when.astimezone(SHANGHAI).date(), words=matter["title"], at=at,
    )  # fmt: skip


def _meeting(session: int, when: datetime, at: datetime) -> None:
    """Who came to a session, on site or on line alike; guests and staff of the desk are none."""
    came = db.rows(
        "select a.person_id, s.title from meetings_attendance a join meetings_session s"
        " on s.id = a.session_id where a.session_id = %s::bigint and a.person_id is not null"
        " and a.came_as not in ('town_leader', 'town_staff') order by a.id", (session,),
    )  # fmt: skip
    for person, title in came:
        actions.automatic(
            event=f"session:{session}:{person}", trigger="meeting", person_id=person,
            on=when.astimezone(SHANGHAI).date(), words=title, at=at,
        )  # fmt: skip


def _service(service: int, at: datetime) -> None:
    """Whole hours of confirmed volunteering; hours and points stay in units of their own."""
    found = db.dicts(
        "select * from points_service where id = %s::bigint and ended_at is null", (service,)
    )
    if found and found[0]["minutes"] >= 60:
        row = found[0]
        actions.automatic(
            event=f"service:{service}", trigger="service", person_id=row["person_id"],
            on=row["on"], words=row["what"], times=row["minutes"] // 60, at=at,
        )  # fmt: skip


def _voted(motion: int, at: datetime) -> None:
    """A rule book put to this vote follows it: adopted when it passed and binds, or handed back."""
    found = db.dicts(
        "select b.id, m.title, m.result, m.closed_at, m.binding, m.state, m.rule"
        " from points_rulebook b join ballots_motion m on m.id = b.motion_id"
        " where b.motion_id = %s::bigint and b.state = 'deliberated'",
        (motion,),
    )
    for row in found:
        result = db.load(row["result"]) or {}
        decides = row["binding"] and row["rule"] in (*tovote.REPRESENTATIVES, *tovote.ASSEMBLIES)
        if row["state"] != "closed" or not decides or result.get("verdict") != "pass":
            actions.not_adopted(book_id=row["id"], motion_id=motion, at=at)
            continue
        counts = result["counts"]
        vote = Vote(
            meeting="representatives" if row["rule"] in tovote.REPRESENTATIVES else "assembly",
            on=row["closed_at"].astimezone(SHANGHAI).date(), electorate=int(counts["members"]),
            present=int(counts["present"]), votes_for=int(counts["for_"]), motion=motion,
            resolution=row["title"],
        )  # fmt: skip
        actions.adopted(book_id=row["id"], vote=vote, by=None, at=at)
