"""Reading what is to be looked after: reports, appeals, colleagues. For those who decide."""

from datetime import date
from typing import Any

from gongzhi.channels import permissions
from gongzhi.core import db
from gongzhi.core.errors import NotFound
from gongzhi.people.permissions import Viewer

SIZE, MAX_PAGE = 20, 500

_AREA = """exists (select 1 from unnest(%(posts)s::text[]) post
    where c.place_path like post || '%%' or post like c.place_path || '%%')"""


def _places(viewer: Viewer) -> list[str]:
    """Where he settles reports and appeals."""
    return [
        p.place_path for p in viewer.posts if p.role in permissions.KEEP or p.role == "supervisor"
    ]


def judges(viewer: Viewer) -> bool:
    """Whether he settles reports and appeals anywhere."""
    return bool(_places(viewer))


def _page(page: int) -> dict[str, int]:
    return {"size": SIZE + 1, "skip": (min(max(page, 1), MAX_PAGE) - 1) * SIZE}


def reported(viewer: Viewer, *, page: int = 1) -> dict[str, Any]:
    """Posts that neighbours reported and nobody has settled, the oldest first; not his own.

    {"rows", "page", "more"}; a row has the reasons, not who gave them.
    """
    rows = db.dicts(
        f"""select p.id, p.words, p.kind, p.at, c.id as channel_id, c.name as channel,
          array_agg(r.why order by r.id) as reasons, min(r.at) as since
        from channels_report r join channels_post p on p.id = r.post_id
        join channels_channel c on c.id = p.channel_id
        where r.outcome = '' and p.hidden_at is null and {_AREA}
          and p.by_id <> %(me)s::bigint
        group by p.id, c.id having not bool_or(r.by_id = %(me)s::bigint)
        order by min(r.id) limit %(size)s::int offset %(skip)s::int""",
        {"posts": _places(viewer), "me": viewer.person_id, **_page(page)},
    )
    return {"rows": rows[:SIZE], "page": max(page, 1), "more": len(rows) > SIZE}


def appealed(viewer: Viewer) -> list[dict[str, Any]]:
    """At most 50 appeals that wait for a decision and that he may decide, the oldest first."""
    return db.dicts(
        f"""select a.id, a.words, a.at, a.hid_why, p.words as said, c.name as channel,
          h.name as hider
        from channels_appeal a join channels_post p on p.id = a.post_id
        join channels_channel c on c.id = p.channel_id join people_person h on h.id = a.hid_by_id
        where a.outcome = '' and {_AREA} and %(me)s::bigint not in (a.hid_by_id, a.by_id)
        order by a.id limit 50""",
        {"posts": _places(viewer), "me": viewer.person_id},
    )


def an_appeal(viewer: Viewer, appeal_id: int) -> dict[str, Any]:
    """One appeal he may decide; NotFound."""
    found = [row for row in appealed(viewer) if row["id"] == appeal_id]
    if not found:
        raise NotFound("没有等您复查的这件申诉。")
    return found[0]


def a_report(viewer: Viewer, post_id: int) -> dict[str, Any]:
    """What was reported about one post, for those who settle it; NotFound."""
    found = db.dicts(
        f"""select p.id, p.words, p.kind, p.at, c.id as channel_id, c.name as channel,
          array_agg(r.why order by r.id) as reasons
        from channels_report r join channels_post p on p.id = r.post_id
        join channels_channel c on c.id = p.channel_id
        where r.outcome = '' and p.id = %(id)s::bigint and {_AREA} group by p.id, c.id""",
        {"posts": _places(viewer), "id": post_id},
    )
    if not found:
        raise NotFound("没有等您处理的反映。")
    return found[0]


def colleagues(place_path: str, on: date) -> list[tuple[int, str]]:
    """(id, name and post) of those who keep a channel of this place, by post; at most 100."""
    rows = db.rows(
        """select distinct on (n.id) n.id, n.name, w.name, a.role
        from people_appointment a join people_person n on n.id = a.person_id
        join places_place w on w.id = a.place_id
        where a.role = any(%s::text[]) and a.from_on <= %s::date
          and (a.to_on is null or a.to_on >= %s::date)
          and (%s like w.path || '%%' or w.path like %s || '%%')
        order by n.id, length(w.path) desc limit 100""",
        (sorted(permissions.KEEP), on, on, place_path, place_path),
    )
    return [(person, f"{name}（{place}）") for person, name, place, _ in rows]
