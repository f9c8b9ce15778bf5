"""Reading channels. How many have seen a notice is for staff; residents never see it."""

from typing import Any

from gongzhi.channels import permissions
from gongzhi.core import db
from gongzhi.core.errors import NotFound
from gongzhi.people.permissions import Viewer

SIZE, MAX_PAGE = 20, 500

_LIST = """
select c.id, c.name, c.kind, c.about, c.closed_at, c.place_id, c.place_path, c.answer_minutes,
  w.name as place, coalesce(k.muted, false) as muted, coalesce(k.upto, 0) as upto,
  (select p.at from channels_post p where p.channel_id = c.id order by p.id desc limit 1)
    as last_at,
  (select count(*) from channels_post p where p.channel_id = c.id and p.due_at is not null
    and p.answered_at is null and p.hidden_at is null) as waiting,
  (select count(*) from (select from channels_post p where p.channel_id = c.id
    and p.id > coalesce(k.upto, 0) and p.hidden_at is null
    and p.by_id is distinct from %(me)s::bigint order by p.id desc limit 100) fresh) as unread
from channels_channel c join places_place w on w.id = c.place_id
left join channels_mark k on k.channel_id = c.id and k.person_id = %(me)s::bigint
where {where}
order by c.closed_at is not null, coalesce(k.muted, false), c.kind = 'topic',
  length(c.place_path), c.id
limit %(size)s::int offset %(skip)s::int
"""


def _page(page: int, size: int = SIZE) -> dict[str, Any]:
    return {"size": size + 1, "skip": (min(max(page, 1), MAX_PAGE) - 1) * size}


def channels(viewer: Viewer, *, page: int = 1) -> dict[str, Any]:
    """The channels he may read: {"rows", "page", "more"}; those he muted last.

    `unread` counts others' words since he was there, at most 100.
    """
    where = """exists (select 1 from unnest(%(places)s::text[]) own
        where own like c.place_path || '%%')
      or exists (select 1 from unnest(%(posts)s::text[]) post
        where c.place_path like post || '%%' or post like c.place_path || '%%')"""
    posts = [p.place_path for p in viewer.posts if p.role in permissions.KEEP]
    rows = db.dicts(
        _LIST.format(where=where),
        {"me": viewer.person_id, "places": list(viewer.places), "posts": posts} | _page(page),
    )
    return {"rows": rows[:SIZE], "page": max(page, 1), "more": len(rows) > SIZE}


def channel(viewer: Viewer, channel_id: int) -> dict[str, Any]:
    """A channel he may read, with what he may do there; NotFound."""
    found = db.dicts(
        _LIST.format(where="c.id = %(id)s::bigint"),
        {"me": viewer.person_id, "id": channel_id, "size": 1, "skip": 0},
    )
    if not found or not permissions.may_read(viewer, found[0]["place_path"]):
        raise NotFound("没有这个频道，或者您不住在那里。")
    row = found[0]
    row["may_keep"] = permissions.may_keep(viewer, row["place_path"])
    row["may_judge"] = permissions.may_judge(viewer, row["place_path"])
    row["may_open"] = permissions.may_open(viewer, row["place_path"])
    row["may_vote"] = viewer.lives_in(row["place_path"])
    return row


_POSTS = """
select p.id, p.under_id, p.kind, p.words, p.at, p.by_id, p.due_at, p.answered_at, p.options,
  p.until_at, p.hidden_at, p.hidden_why, m.number as matter, m.outcome, n.name as who,
  p.answered_at is not null and p.answered_at > p.due_at as late,
  (n.id is not null and exists (select 1 from people_appointment a
    join places_place w on w.id = a.place_id where a.person_id = n.id
    and a.to_on is null and a.role = any(%(keep)s::text[])
    and (%(path)s like w.path || '%%' or w.path like %(path)s || '%%'))) as keeper,
  (select v.option from channels_vote v where v.post_id = p.id and v.person_id = %(me)s::bigint)
    as mine,
  exists (select 1 from channels_receipt r where r.post_id = p.id
    and r.person_id = %(me)s::bigint) as seen,
  exists (select 1 from channels_report r where r.post_id = p.id
    and r.by_id = %(me)s::bigint) as reported,
  (select json_build_object('outcome', a.outcome, 'answer', a.answer) from channels_appeal a
    where a.post_id = p.id and a.by_id = %(me)s::bigint order by a.id desc limit 1) as appeal,
  (select json_build_object('id', t.id, 'name', t.name) from channels_handing h
    join people_person t on t.id = h.to_id where h.post_id = p.id order by h.id desc limit 1)
    as handed,
  (select coalesce(json_object_agg(x.option, x.n), '{{}}') from (select v.option, count(*) as n
    from channels_vote v where v.post_id = p.id group by v.option) x) as votes
from channels_post p left join people_person n on n.id = p.by_id
left join matters_matter m on m.id = p.matter_id
where {where}
"""
_WAITS = " and p.due_at is not null and p.answered_at is null and p.hidden_at is null"
_MINE = """ and p.answered_at is null and %(me)s::bigint = (select h.to_id
  from channels_handing h where h.post_id = p.id order by h.id desc limit 1)"""
_SAYS = """ and exists (select from channels_post f where (f.id = p.id or f.under_id = p.id)
  and f.words ilike %(like)s and (f.hidden_at is null or f.by_id = %(me)s::bigint))"""


def posts(
    row: dict[str, Any], viewer: Viewer, *, page: int = 1, only: str = "", words: str = ""
) -> dict[str, Any]:
    """A page of threads of a channel he may read, newest first, each with its answers.

    `only` is "waiting" (for an answer) or "mine" (given to him); `words` is looked for in the
    heads and the answers. Two statements. What is hidden keeps its place and the reason, not the
    words. `newest` is the newest post shown.
    """
    where = "p.channel_id = %(id)s::bigint and p.under_id is null"
    where += {"waiting": _WAITS, "mine": _MINE}.get(only, "") + (_SAYS if words else "")
    known = {
        "me": viewer.person_id, "keep": sorted(permissions.KEEP), "path": row["place_path"],
        "like": f"%{_plain(words)}%",
    }  # fmt: skip
    tail = " order by p.id desc limit %(size)s::int offset %(skip)s::int"
    heads = db.dicts(
        _POSTS.format(where=where) + tail, known | {"id": row["id"]} | _page(page), prepare=False
    )
    more, heads = len(heads) > SIZE, heads[:SIZE]
    under = db.dicts(
        _POSTS.format(where="p.under_id = any(%(ids)s::bigint[])") + " order by p.id limit 500",
        known | {"ids": [h["id"] for h in heads]}, prepare=False,
    )  # fmt: skip
    for post in (*heads, *under):
        _shown(post, viewer, row.get("upto", 0))
    for head in heads:
        head["answers"] = [u for u in under if u["under_id"] == head["id"]]
    newest = max((p["id"] for p in (*heads, *under)), default=0)
    return {"rows": heads, "page": max(page, 1), "more": more, "newest": newest}


def _plain(words: str) -> str:
    """The words for ILIKE, where % and _ are letters."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _shown(post: dict[str, Any], viewer: Viewer, upto: int) -> None:
    post["new"] = upto < post["id"] and post["by_id"] != viewer.person_id
    for name in ("appeal", "handed"):
        post[name] = db.load(post[name])
    if post["hidden_at"] is not None and post["by_id"] != viewer.person_id:
        post["words"] = ""
    counts = {int(k): v for k, v in (db.load(post.pop("votes")) or {}).items()}
    most = max(counts.values(), default=0)
    post["voters"] = sum(counts.values())
    post["tally"] = [
        {"n": n, "option": o, "votes": counts.get(n, 0), "share": 100 * counts.get(n, 0) // most
         if most else 0} for n, o in enumerate(post["options"])
    ]  # fmt: skip


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


def relayed(channel_id: int, messages: list[str]) -> set[str]:
    """Which of these words were relayed into the channel before."""
    found = db.rows(
        "select words from channels_post where channel_id = %s::bigint and kind = 'relay'"
        " and words = any(%s::text[])", (channel_id, messages),
    )  # fmt: skip
    return {str(words) for (words,) in found}
