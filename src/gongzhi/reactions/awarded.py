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
from gongzhi.publications import actions as board

KINDS = frozenset({
    "session.closed", "motion.closed", "service.confirmed", "points.published",
    "points.noticed",
})  # fmt: skip
CATEGORIES = ("environment", "facilities", "safety", "traffic")
DAYS = 15
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
    elif kind == "motion.closed":
        _voted(subject, at)
    else:
        _board(kind, subject, at)


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
    found = db.dicts("select * from points_service where id = %s::bigint", (service,))
    if found and found[0]["minutes"] >= 60:
        row = found[0]
        actions.automatic(
            event=f"service:{service}", trigger="service", person_id=row["person_id"],
            on=row["on"], words=row["what"], times=row["minutes"] // 60, at=at,
        )  # fmt: skip


def _voted(motion: int, at: datetime) -> None:
    """A rule book put to this vote follows it, when it passed and binds."""
    found = db.dicts(
        "select b.id, m.result, m.closed_at, m.binding, m.electorate, m.electorate = 'body'"
        " or m.electorate = 'session' as seats from points_rulebook b join ballots_motion m"
        " on m.id = b.motion_id where b.motion_id = %s::bigint and b.state = 'deliberated'",
        (motion,),
    )
    for row in found:
        result = db.load(row["result"]) or {}
        if not row["binding"] or result.get("verdict") != "passed":
            continue
        counts = result.get("counts", {})
        vote = Vote(
            meeting="representatives" if row["seats"] else "assembly",
            on=row["closed_at"].astimezone(SHANGHAI).date(),
            electorate=int(counts.get("members", 0)), present=int(counts.get("present", 0)),
            votes_for=int(counts.get("for_", counts.get("for", 0))), motion=motion,
        )  # fmt: skip
        actions.adopted(book_id=row["id"], vote=vote, by=None, at=at)


_BOOK = (
    "select place_id, title, version, text, text_hash from points_rulebook where id = %s::bigint"
)
_NOTICE = "select place_id, totals, enter_from from points_notice where id = %s::bigint"
_AREAS = {"environment": "环境", "safety": "安全", "mediation": "调解", "education": "教育",
          "culture": "文体", "care": "助弱"}  # fmt: skip


def _board(kind: str, subject: int, at: datetime) -> None:
    """A rule book in force, or the totals before an entry, hang on the board of the community."""
    if kind == "points.published":
        row = db.dicts(_BOOK, (subject,))[0]
        title, about = f"{row['title']}（第{row['version']}版）", "points_book"
        lines = row["text"].strip().splitlines()
    else:
        row = db.dicts(_NOTICE, (subject,))[0]
        title, about = "积分公示（总数）", "points_notice"
        lines = [
            f"{_AREAS[t['area']]}：{t['deeds']}件，{t['points']}分，参加的有{t['holders']}"
            for t in db.load(row["totals"])
        ]
    board.publish(
        place_id=row["place_id"], subject=about, subject_id=subject, title=title,
        body={"sections": [{"name": title, "lines": lines}]}, audience="community", days=DAYS,
        by=None, at=at, masked=False,
    )  # fmt: skip
