"""How every step of a session is taken: the row is locked, compared, written with its event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import NotFound, Refused, Stale
from gongzhi.deliberation.bodies import permissions

_LOCK = """
select s.id, s.body_id, s.place_id, s.place_path, s.number, s.title, s.rule, s.edition, s.house,
  s.required, s.mode, s.starts_at, s.state, s.seq, s.item_id, s.notice_days, s.noticed_at,
  s.opened_at, s.closed_at, s.token, b.name as body, b.level, b.electorate, b.template,
  (select json_build_array(p.name, e.verb) from meetings_sessionevent e
     left join people_person p on p.id = e.by_id
    where e.session_id = s.id order by e.seq desc limit 1) as last
from meetings_session s join bodies_body b on b.id = s.body_id where s.id = %s::bigint
"""
_STEP = """
with moved as (update meetings_session set seq = seq + 1 where id = %(id)s::bigint returning seq),
 told as (insert into meetings_sessionevent (session_id, seq, verb, at, by_id, data)
   select %(id)s::bigint, seq, %(verb)s, %(at)s::timestamptz, %(by)s::bigint, %(data)s::jsonb
   from moved returning seq),
 out as (insert into core_outbox (kind, subject_id, data)
   select 'session.' || %(verb)s, %(id)s::bigint, %(data)s::jsonb from moved)
select seq from told
"""


def session(session_id: int, *, lock: bool = False) -> dict[str, Any]:
    """The session's row with its body's name and level; NotFound."""
    found = db.dicts(_LOCK + (" for no key update of s" if lock else ""), (session_id,))
    if not found:
        raise NotFound("没有这场会。")
    row = found[0]
    row["house"], row["required"] = db.load(row["house"]), db.load(row["required"])
    return row


def run(
    session_id: int, *, by: int | None, at: datetime, states: tuple[str, ...],
    seen: int | None = None, checked: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Lock a session for a step of its runner. Call inside a transaction.

    `checked` when the caller, an area above, has made sure of who may (a motion closing).

    NotAllowed for somebody who may not run it; Refused when it is not in one of `states`; Stale
    names who was faster when `seen` is not the `seq` the page showed.
    """
    row = session(session_id, lock=True)
    if not checked:
        permissions.runner(by, row["place_path"], row["level"], at)
    if seen is not None and seen != row["seq"]:
        who = (db.load(row["last"]) or ["", ""])[0] or "别人"
        raise Stale(f"刚才{who}已经操作过这场会，页面已换成最新的。", todo="请看清楚再点一次。")
    if row["state"] not in states:
        raise Refused(_NOT_NOW[row["state"]], code="not_now")
    return row


def step(
    session_id: int, verb: str, *, by: int | None, at: datetime,
    data: Mapping[str, object] | None = None,
) -> int:  # fmt: skip
    """Count the step, keep its event and tell the outbox; the new `seq`."""
    params = {"id": session_id, "verb": verb, "at": at, "by": by, "data": db.dump(data or {})}
    return int(db.rows(_STEP, params)[0][0])


def tell(session_id: int, verb: str, data: Mapping[str, object] | None = None) -> None:
    """Only tell open pages: something counted changed, no step of the runner."""
    db.run(
        "insert into core_outbox (kind, subject_id, data)"
        " values ('session.' || %s, %s::bigint, %s::jsonb)",
        (verb, session_id, db.dump(data or {})),
    )


_NOT_NOW = {
    "draft": "这场会还在筹备，没有发通知。",
    "noticed": "会还没有开始。",
    "open": "会正在开。",
    "closed": "会已经散了，不能再改。",
    "cancelled": "这场会已经取消。",
}
