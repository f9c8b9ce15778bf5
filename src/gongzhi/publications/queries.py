"""Reading the board: who may read what, newest first, versions and objections."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import NotFound
from gongzhi.people.permissions import Viewer

SIZE, MAX_PAGE = 20, 10_000


def _readable(item: str) -> str:
    """The condition that the viewer may read that publication."""
    return f"""({item}.audience = 'public' or exists (
  select 1 from unnest(%(places)s::text[]) own where own like {item}.place_path || '%%')
  or exists (select 1 from unnest(%(posts)s::text[]) post
    where {item}.place_path like post || '%%' or post like {item}.place_path || '%%'))"""


_READABLE = _readable("p")


def _who(viewer: Viewer) -> dict[str, Any]:
    return {"places": list(viewer.places), "posts": [p.place_path for p in viewer.posts]}


def board(
    viewer: Viewer,
    at: datetime,
    *,
    place_path: str = "/",
    words: str = "",
    current: bool = True,
    page: int = 1,
    size: int = SIZE,
) -> dict[str, Any]:
    """A page of the board below `place_path`: {"rows", "page", "more"}; old items on request."""
    params = _who(viewer) | {
        "path": place_path, "at": at, "words": f"%{_plain(words)}%", "size": size + 1,
        "skip": min(max(page - 1, 0), MAX_PAGE) * size, "current": current,
    }  # fmt: skip
    rows = db.dicts(
        f"""select p.id, p.title, p.version, p.from_at, p.until_at, p.audience, p.subject_id,
          w.name as place, (select count(*) from publications_objection o
            where o.publication_id = p.id) as objections
        from publications_publication p join places_place w on w.id = p.place_id
        where p.place_path like %(path)s::text || '%%' and p.replaced_at is null
          and (%(current)s::bool = (p.until_at >= %(at)s::timestamptz))
          and p.title ilike %(words)s and {_READABLE}
        order by p.from_at desc, p.id desc limit %(size)s::int offset %(skip)s::int""",
        params,
    )
    return {"rows": rows[:size], "page": max(page, 1), "more": len(rows) > size}


def item(viewer: Viewer, publication_id: int, at: datetime) -> dict[str, Any]:
    """One item, its versions and the objections to any of them; NotFound if he may not read it."""
    found = db.dicts(
        f"""select p.*, w.name as place, (select coalesce(json_agg(json_build_object('id', v.id,
            'version', v.version, 'from_at', v.from_at, 'digest', v.digest, 'reason', v.reason,
            'readable', {_readable("v")}) order by v.version desc), '[]')
            from publications_publication v
            where v.subject = p.subject and v.subject_id = p.subject_id) as versions,
          (select coalesce(json_agg(json_build_object('id', o.id, 'text', o.text, 'at', o.at,
            'answer', o.answer, 'upheld', o.upheld, 'answered_at', o.answered_at) order by o.id),
            '[]') from publications_objection o join publications_publication v
            on v.id = o.publication_id
            where v.subject = p.subject and v.subject_id = p.subject_id) as objections
        from publications_publication p join places_place w on w.id = p.place_id
        where p.id = %(id)s::bigint and {_READABLE}""",
        _who(viewer) | {"id": publication_id},
    )
    if not found:
        raise NotFound("没有找到这一项公开，或者它只对本村（社区）公开。")
    row = found[0]
    row["body"] = db.load(row["body"])
    row["versions"] = _times(db.load(row["versions"]), "from_at")
    row["objections"] = _times(db.load(row["objections"]), "at", "answered_at")
    row["current"] = row["replaced_at"] is None and row["until_at"] >= at
    return row


def of_subject(viewer: Viewer, subject: str, subject_id: int) -> dict[str, Any] | None:
    """The current board item about something, if the viewer may read it."""
    return of_subjects(viewer, subject, [subject_id]).get(subject_id)


def of_subjects(
    viewer: Viewer, subject: str, subject_ids: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """The current board items about several things, by their ids. One statement, none for none."""
    if not subject_ids:
        return {}
    found = db.dicts(
        f"""select p.subject_id, p.id, p.version, p.from_at, p.until_at
        from publications_publication p
        where p.subject = %(subject)s and p.subject_id = any(%(ids)s::bigint[])
          and p.replaced_at is null and {_READABLE}""",
        _who(viewer) | {"subject": subject, "ids": list(subject_ids)},
    )
    return {row["subject_id"]: row for row in found}


def waiting_objections(viewer: Viewer) -> list[dict[str, Any]]:
    """Objections without an answer on boards where the viewer has a post, oldest first."""
    return db.dicts(
        """select o.id, o.text, o.at, p.id as publication, p.title, w.name as place
        from publications_objection o join publications_publication p on p.id = o.publication_id
        join places_place w on w.id = p.place_id
        where o.answered_at is null and exists (select 1 from unnest(%(posts)s::text[]) post
          where p.place_path like post || '%%') order by o.id limit 200""",
        {"posts": [p.place_path for p in viewer.posts]},
    )


def _times(rows: Sequence[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    """JSON times as datetimes again."""
    for row in rows:
        for name in names:
            if row[name]:
                row[name] = datetime.fromisoformat(row[name])
    return list(rows)


def _plain(words: str) -> str:
    """Words for ILIKE as they are; NUL never reaches the database."""
    return re.sub(r"([\\%_])", r"\\\1", words.strip().replace("\0", "\ufffd"))
