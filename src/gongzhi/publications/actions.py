"""Putting something on the board, objecting to it, answering the objection."""

from datetime import datetime
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused, Stale
from gongzhi.people.permissions import Viewer
from gongzhi.people.roles import Permission
from gongzhi.publications import queries, rules
from gongzhi.publications.models import Objection, Publication

_PUBLISH = """
with old as (
  update publications_publication set replaced_at = %(at)s::timestamptz
   where subject = %(subject)s and subject_id = %(subject_id)s::bigint and replaced_at is null
     and digest <> %(digest)s
  returning version
), last as (
  select coalesce(max(version), 0) as version,
    bool_or(replaced_at is null and digest = %(digest)s) as same
    from publications_publication
   where subject = %(subject)s and subject_id = %(subject_id)s::bigint
), made as (
  insert into publications_publication (place_id, place_path, subject, subject_id, version, title,
    body, audience, from_at, until_at, digest, by_id, reason)
  select p.id, p.path, %(subject)s, %(subject_id)s::bigint, last.version + 1, %(title)s,
    %(body)s::jsonb, %(audience)s, %(at)s::timestamptz, %(until)s::timestamptz, %(digest)s,
    %(by)s::bigint, %(reason)s
  from places_place p, last where p.id = %(place_id)s::bigint and last.same is not true
    and (select count(*) from old) >= 0
  returning id, version
), out as (
  insert into core_outbox (kind, subject_id, data)
  select 'publication.published', id, jsonb_build_object('version', version) from made
)
select id from made
"""


def publish(
    *,
    place_id: int,
    subject: str,
    subject_id: int,
    title: str,
    body: dict[str, Any],
    audience: str,
    days: int,
    by: int | None,
    at: datetime,
    masked: bool = True,
    names: tuple[str | None, ...] = (),
    reason: str = "",
) -> int | None:
    """Put a version on the board and take the last one down; None if nothing has changed.

    A changed text is a new version and its days begin anew. `masked` covers numbers, doors
    and `names`.
    """
    if masked:
        title, body = rules.mask(title, names), rules.mask_all(body, names)
    made = db.rows(
        _PUBLISH,
        {
            "at": at, "subject": subject, "subject_id": subject_id, "title": title,
            "digest": rules.digest(title, body), "body": db.dump(body), "audience": audience,
            "until": rules.until(at, days), "by": by, "reason": reason, "place_id": place_id,
        },
    )  # fmt: skip
    return int(made[0][0]) if made else None


def object_to(*, publication_id: int, viewer: Viewer, at: datetime, words: str) -> int:
    """A person objects while the item is on the board. The objection's id."""
    if viewer.person_id is None:
        raise NotAllowed("请先登录，再提出异议。")
    item = queries.item(viewer, publication_id, at)
    said = text.clean(words, 1000, field="text")
    if len(said) < 4:
        raise BadInput("text", "请写明您不同意什么、为什么。")
    if item["until_at"] < at or item["replaced_at"] is not None:
        raise Refused("公开时间已过，或已换成新的版本。", todo="请对最新版本提出，或另提一件事。")
    with db.atomic():
        made = db.rows(
            "with made as (insert into publications_objection (publication_id, by_id, text, at,"
            " answer) values (%s::bigint, %s::bigint, %s, %s::timestamptz, '') returning id),"
            " out as (insert into core_outbox (kind, subject_id) select 'publication.objected',"
            " id from made) select id from made",
            (publication_id, viewer.person_id, said, at),
        )
    return int(made[0][0])


def answer_objection(
    *, objection_id: int, viewer: Viewer, at: datetime, answer: str, upheld: bool
) -> None:
    """Answer an objection in writing; the answer is read on the same page. Once."""
    said = text.clean(answer, 1000, field="answer")
    if len(said) < 4:
        raise BadInput("answer", "请写明答复和理由。")
    objection = (
        Objection.objects.filter(pk=objection_id)
        .values("by_id", "publication__place_path", "answered_at")
        .first()
    )
    if objection is None:
        raise NotFound()
    path = objection["publication__place_path"]
    posts = viewer.posts_with(Permission.PUBLISH, "publication")
    if not any(post.covers(path) for post in posts):
        raise NotAllowed("答复异议由公布这一项的村（社区）来做。")
    if objection["by_id"] == viewer.person_id:
        raise NotAllowed("不能答复自己提出的异议。", todo="请由别的同事答复。")
    done = db.rows(
        "with done as (update publications_objection set answer = %s, upheld = %s::bool,"
        " answered_by_id = %s::bigint, answered_at = %s::timestamptz"
        " where id = %s::bigint and answered_at is null returning id),"
        " out as (insert into core_outbox (kind, subject_id) select 'publication.answered', id"
        " from done) select id from done",
        (said, upheld, viewer.person_id, at, objection_id),
    )
    if not done:
        raise Stale("这条异议已经有人答复过。")


def board_place(audience: str, above: dict[str, int]) -> int | None:
    """On whose board an item for this audience hangs; `above` maps kinds of place to ids."""
    order = {
        Publication.Audience.GRID: ("grid", "village", "town"),
        Publication.Audience.COMMUNITY: ("village", "town"),
        Publication.Audience.TOWN: ("town", "county"),
        Publication.Audience.PUBLIC: ("village", "town", "county"),
    }
    for kind in order.get(Publication.Audience(audience), ()):
        if kind in above:
            return above[kind]
    return None
