"""Reading channels. How many have seen a notice is for staff; residents never see it."""

from datetime import datetime
from typing import Any

from gongzhi.channels import permissions
from gongzhi.core import db
from gongzhi.core.errors import NotFound
from gongzhi.people.permissions import Viewer

SIZE, MAX_PAGE = 20, 500

_LIST = """
select c.id, c.name, c.kind, c.about, c.closed_at, c.place_path, w.name as place,
  (select p.at from channels_post p where p.channel_id = c.id order by p.id desc limit 1)
    as last_at,
  (select count(*) from channels_post p where p.channel_id = c.id and p.due_at is not null
    and p.answered_at is null and p.hidden_at is null) as waiting
from channels_channel c join places_place w on w.id = c.place_id
where {where} order by c.closed_at is not null, c.kind = 'topic', length(c.place_path), c.id
limit %(size)s::int offset %(skip)s::int
"""


def _page(page: int, size: int = SIZE) -> dict[str, Any]:
    return {"size": size + 1, "skip": (min(max(page, 1), MAX_PAGE) - 1) * size}


def channels(viewer: Viewer, *, page: int = 1) -> dict[str, Any]:
    """The channels he may read: {"rows", "page", "more"}."""
    where = """exists (select 1 from unnest(%(places)s::text[]) own
        where own like c.place_path || '%%')
      or exists (select 1 from unnest(%(posts)s::text[]) post
        where c.place_path like post || '%%' or post like c.place_path || '%%')"""
    posts = [p.place_path for p in viewer.posts if p.role in permissions.KEEP]
    rows = db.dicts(
        _LIST.format(where=where), {"places": list(viewer.places), "posts": posts} | _page(page)
    )
    return {"rows": rows[:SIZE], "page": max(page, 1), "more": len(rows) > SIZE}


def channel(viewer: Viewer, channel_id: int) -> dict[str, Any]:
    """A channel he may read, with what he may do there; NotFound."""
    found = db.dicts(
        _LIST.format(where="c.id = %(id)s::bigint"), {"id": channel_id, "size": 1, "skip": 0}
    )
    if not found or not permissions.may_read(viewer, found[0]["place_path"]):
        raise NotFound("没有这个频道，或者您不住在那里。")
    row = found[0]
    row["may_keep"] = permissions.may_keep(viewer, row["place_path"])
    row["may_vote"] = viewer.lives_in(row["place_path"])
    return row


_POSTS = """
select p.id, p.kind, p.words, p.at, p.by_id, p.due_at, p.answered_at, p.options, p.until_at,
  p.hidden_at, p.hidden_why, m.number as matter, m.outcome, n.name as who,
  (n.id is not null and exists (select 1 from people_appointment a where a.person_id = n.id
    and a.to_on is null and a.role = any(%(keep)s::text[]))) as keeper,
  (select v.option from channels_vote v where v.post_id = p.id and v.person_id = %(me)s::bigint)
    as mine,
  exists (select 1 from channels_receipt r where r.post_id = p.id
    and r.person_id = %(me)s::bigint) as seen,
  (select coalesce(json_object_agg(x.option, x.n), '{{}}') from (select v.option, count(*) as n
    from channels_vote v where v.post_id = p.id group by v.option) x) as votes
from channels_post p left join people_person n on n.id = p.by_id
left join matters_matter m on m.id = p.matter_id
where {where}
"""


def posts(
    row: dict[str, Any], viewer: Viewer, *, page: int = 1, waiting: bool = False
) -> dict[str, Any]:
    """A page of threads of a channel he may read, newest first, each with its answers.

    Two statements. What is hidden keeps its place and the reason, not the words.
    """
    where = "p.channel_id = %(id)s::bigint and p.under_id is null"
    if waiting:
        where += " and p.due_at is not null and p.answered_at is null and p.hidden_at is null"
    tail = " order by p.id desc limit %(size)s::int offset %(skip)s::int"
    known = {"me": viewer.person_id, "keep": sorted(permissions.KEEP)}
    heads = db.dicts(
        _POSTS.format(where=where) + tail, known | {"id": row["id"]} | _page(page), prepare=False
    )
    more, heads = len(heads) > SIZE, heads[:SIZE]
    under = db.dicts(
        _POSTS.format(where="p.under_id = any(%(ids)s::bigint[])").replace(
            "select p.id,", "select p.id, p.under_id,", 1
        ) + " order by p.id limit 500",
        known | {"ids": [h["id"] for h in heads]}, prepare=False,
    )  # fmt: skip
    for head in heads:
        _shown(head, viewer)
        head["answers"] = [_shown(u, viewer) for u in under if u["under_id"] == head["id"]]
    return {"rows": heads, "page": max(page, 1), "more": more}


def _shown(post: dict[str, Any], viewer: Viewer) -> dict[str, Any]:
    if post["hidden_at"] is not None and post["by_id"] != viewer.person_id:
        post["words"] = ""
    counts = {int(k): v for k, v in (db.load(post.pop("votes")) or {}).items()}
    most = max(counts.values(), default=0)
    post["voters"] = sum(counts.values())
    post["tally"] = [
        {"n": n, "option": o, "votes": counts.get(n, 0), "share": 100 * counts.get(n, 0) // most
         if most else 0} for n, o in enumerate(post["options"])
    ]  # fmt: skip
    return post


def post(viewer: Viewer, post_id: int) -> dict[str, Any]:
    """One post with its channel, for the one who keeps it; NotFound."""
    found = db.dicts(
        "select p.*, c.place_path, c.place_id, c.name as channel, m.number as matter"
        " from channels_post p join channels_channel c on c.id = p.channel_id"
        " left join matters_matter m on m.id = p.matter_id where p.id = %s::bigint", (post_id,),
    )  # fmt: skip
    if not found or not permissions.may_read(viewer, found[0]["place_path"]):
        raise NotFound("没有这条发言。")
    return found[0] | {"may_keep": permissions.may_keep(viewer, found[0]["place_path"])}


def seen_by(channel_id: int, ids: list[int], viewer: Viewer, place_path: str) -> dict[int, int]:
    """How many pressed "看到了", by notice. For those who keep the channel; others get nothing."""
    if not permissions.may_keep(viewer, place_path):
        return {}
    found = db.rows(
        "select r.post_id, count(*) from channels_receipt r join channels_post p"
        " on p.id = r.post_id where p.channel_id = %s::bigint and r.post_id = any(%s::bigint[])"
        " group by 1", (channel_id, ids),
    )  # fmt: skip
    return dict(found)


def month(place_path: str, start: datetime, end: datetime) -> dict[str, Any]:
    """What a month brought, as published: counts by category, answers in time; no persons."""
    counts = db.dicts(
        """select count(*) filter (where p.due_at is not null) as asked,
          count(*) filter (where p.answered_at <= p.due_at) as in_time,
          count(*) filter (where p.answered_at is not null and p.due_at is not null) as answered,
          count(*) filter (where p.kind = 'relay') as relayed,
          count(*) filter (where p.matter_id is not null and p.kind <> 'summary') as matters,
          count(*) filter (where p.kind = 'notice') as notices
        from channels_post p join channels_channel c on c.id = p.channel_id
        where c.place_path like %(path)s || '%%' and p.at >= %(from)s and p.at < %(to)s""",
        {"path": place_path, "from": start, "to": end},
    )[0]
    by_category = db.dicts(
        """select split_part(m.category, '.', 1) as category, count(*) as n,
          count(*) filter (where m.outcome = '') as open,
          max(%(to)s::timestamptz - m.created_at) filter (where m.outcome = '') as oldest
        from channels_post p join channels_channel c on c.id = p.channel_id
        join matters_matter m on m.id = p.matter_id
        where c.place_path like %(path)s || '%%' and p.kind <> 'summary'
          and p.at >= %(from)s and p.at < %(to)s group by 1 order by 2 desc""",
        {"path": place_path, "from": start, "to": end},
    )
    return counts | {"by_category": by_category}
