"""What every action of channels uses: guards told in words, rows looked up, the outbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, KeyReused, NotFound, Refused

_GUARDS = {
    "voice_in_time": "投票已经结束。",
    "voice_for_an_option": "请从列出的里面选一个。",
    "channel_name_once": "这里已经有一个同名的频道。",
    "one_channel_a_place": "这个地方已经有频道了。",
    "one_matter_a_post": "这一条已经转成一件事了。",
    "said_stays_said": "说过的话不能改；不合适的可以写明原因隐藏。",
    "report_settled_by_another": "说的是您自己的话，请别的工作人员来看。",
    "report_settled_whole": "您自己反映的，请别的工作人员来看。",
    "appeal_judged_by_another": "是您隐藏的，请别人来复查。",
    "one_appeal_a_hiding": "您已经申诉过了。",
}


@contextmanager
def guarded() -> Iterator[None]:
    """One transaction; a guard of the database comes out as a refusal in words."""
    try:
        with db.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if name not in _GUARDS:
            raise
        raise Refused(_GUARDS[name], code=name) from error


def words(typed: str) -> str:
    """What was said, clean; BadInput when there is nothing."""
    said = text.clean(typed, 2000, field="words")
    if len(said) < 2:
        raise BadInput("words", "还没有写内容。")
    return said


def channel(channel_id: int) -> dict[str, Any]:
    """The row of a channel; NotFound."""
    found = db.dicts("select * from channels_channel where id = %s::bigint", (channel_id,))
    if not found:
        raise NotFound("没有这个频道。")
    return found[0]


def open_one(channel_id: int) -> dict[str, Any]:
    """The row of a channel in which one may still write."""
    row = channel(channel_id)
    if row["closed_at"] is not None:
        raise Refused("这个频道已经关了，以前的话还看得到。")
    return row


def post(post_id: int, *, lock: bool = False) -> dict[str, Any]:
    """The row of a post with its channel, community and matter; NotFound."""
    found = db.dicts(
        "select p.*, c.place_path, c.place_id, c.closed_at, m.number as matter,"
        " coalesce((select v.path from places_place v where v.kind = 'village'"
        "   and c.place_path like v.path || '%%' limit 1), c.place_path) as community"
        " from channels_post p join channels_channel c on c.id = p.channel_id"
        " left join matters_matter m on m.id = p.matter_id where p.id = %s::bigint"
        + (" for no key update of p" if lock else ""),
        (post_id,),
    )
    if not found:
        raise NotFound("没有这条发言。")
    return found[0]


def once(table: str, key: str | None, by: int) -> int | None:
    """The id of what this key has made before; KeyReused when it was another's."""
    if not key:
        return None
    found = db.rows(f"select id, by_id from {table} where key = %s::text", (key,))
    if not found:
        return None
    if found[0][1] != by:
        raise KeyReused
    return int(found[0][0])


def tell(kind: str, subject_id: int) -> None:
    """A row for those above who react."""
    db.run("insert into core_outbox (kind, subject_id) values (%s, %s::bigint)", (kind, subject_id))
