"""Talking, answering, notices, polls, relaying, and a post that becomes a matter."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from gongzhi.channels import permissions, rules
from gongzhi.channels.models import Channel, Post
from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, KeyReused, NotAllowed, NotFound, Refused
from gongzhi.matters import actions as matters
from gongzhi.people import queries as people
from gongzhi.places import queries as places

A_DAY = 30  # posts of one person in a day; more is a flood

_GUARDS = {
    "voice_in_time": "投票已经结束。",
    "voice_for_an_option": "请从列出的里面选一个。",
    "channel_name_once": "这里已经有一个同名的频道。",
    "one_channel_a_place": "这个地方已经有频道了。",
    "one_matter_a_post": "这一条已经转成一件事了。",
    "said_stays_said": "说过的话不能改；不合适的可以写明原因隐藏。",
}


@contextmanager
def _guarded() -> Iterator[None]:
    try:
        with db.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if name not in _GUARDS:
            raise
        raise Refused(_GUARDS[name], code=name) from error


def open_channel(
    *, place_id: int, kind: str, name: str, about: str = "", by: int, at: datetime,
    key: str | None = None,
) -> int:  # fmt: skip
    """A channel of a building, compound, community, or a topic in one. The channel's id."""
    where = places.by_id(place_id)
    permissions.opener(by, where.path, at)
    said = text.clean(name, 60, field="name", one_line=True)
    if len(said) < 2:
        raise BadInput("name", "请写频道的名字。")
    fits = {"building": ("building",), "compound": ("compound", "grid"), "community": ("village",)}
    if kind not in Channel.Kind.values or where.kind not in fits.get(kind, (where.kind,)):
        raise BadInput("kind", "这种频道和这个地方对不上。")
    with _guarded():
        before = _once("channels_channel", key, by)
        if before is not None:
            return before
        made = Channel.objects.create(
            place_id=place_id, place_path=where.path, kind=kind, name=said, by_id=by, at=at,
            about=text.clean(about, 300, field="about"), key=key or None,
        )  # fmt: skip
    return int(made.pk)


def close_channel(*, channel_id: int, by: int, at: datetime) -> None:
    """Nobody writes there any more; what was said stays."""
    with _guarded():
        row = _channel(channel_id)
        permissions.opener(by, row["place_path"], at)
        Channel.objects.filter(pk=channel_id, closed_at=None).update(closed_at=at)


def say(
    *, channel_id: int, words: str, by: int, at: datetime, under: int | None = None,
    key: str | None = None,
) -> int:  # fmt: skip
    """Post, or answer `under` a post. A resident's post waits for an answer within half an hour of
    office time; the first word of a keeper is that answer."""
    said = _words(words)
    with _guarded():
        row = _open(channel_id)
        viewer = people.viewer(by, at)
        if not permissions.may_read(viewer, row["place_path"]):
            raise NotFound("没有这个频道，或者您不住在那里。")
        before = _once("channels_post", key, by)
        if before is not None:
            return before
        _not_too_many(by, at)
        keeps = permissions.may_keep(viewer, row["place_path"])
        top = _thread(under, channel_id)
        waits = not keeps and top is None
        made = Post.objects.create(
            channel_id=channel_id, kind="answer" if top else "talk", words=said, by_id=by, at=at,
            under_id=top, due_at=rules.due(places.calendar(row["place_id"]), at) if waits else None,
            key=key or None,
        )  # fmt: skip
        if top and keeps:
            _answered(top, by, at)
        _tell("channel.said", made.pk)
    return int(made.pk)


def _answered(post_id: int, by: int, at: datetime) -> None:
    Post.objects.filter(pk=post_id, answered_at=None).exclude(by_id=by).update(
        answered_at=at, answered_by_id=by
    )


def relay(*, channel_id: int, words: str, by: int, at: datetime, key: str | None = None) -> int:
    """A message somebody forwarded from a group elsewhere, without who sent it. We read no group.

    The sender's name, telephone and identity numbers are covered before anything is stored.
    """
    said = _words(rules.masked(words, sender=True))
    return _kept("relay", channel_id, said, by, at, key)


def notify(*, channel_id: int, words: str, by: int, at: datetime, key: str | None = None) -> int:
    """A notice of the community; people may press "看到了", which only staff count."""
    return _kept("notice", channel_id, _words(words), by, at, key)


def ask(
    *, channel_id: int, words: str, options: Sequence[str], until: datetime, by: int, at: datetime,
    key: str | None = None,
) -> int:  # fmt: skip
    """An open poll: one voice a person, not a decision (a decision is a vote of a meeting)."""
    known = [text.clean(o, 60, field="options", one_line=True) for o in options]
    known = [o for o in known if o]
    if not 2 <= len(known) <= 10 or len(set(known)) < len(known):
        raise BadInput("options", "请写2到10个不同的选项，一行一个。")
    if until <= at:
        raise BadInput("until", "结束时间要在以后。")
    return _kept("poll", channel_id, _words(words), by, at, key, options=known, until_at=until)


def _kept(
    kind: str, channel_id: int, words: str, by: int, at: datetime, key: str | None, **more: Any
) -> int:
    with _guarded():
        row = _open(channel_id)
        permissions.keeper(by, row["place_path"], at)
        before = _once("channels_post", key, by)
        if before is not None:
            return before
        made = Post.objects.create(
            channel_id=channel_id, kind=kind, words=words, by_id=by, at=at, key=key or None, **more
        )
        _tell(f"channel.{kind}", made.pk)
    return int(made.pk)


def vote(*, post_id: int, option: int, by: int, at: datetime) -> None:
    """One's voice in a poll; changed until it ends."""
    with _guarded():
        row = _post(post_id)
        _lives(row, by, at)
        db.run(
            "insert into channels_vote (post_id, person_id, option, at) values (%s::bigint,"
            " %s::bigint, %s::smallint, %s::timestamptz) on conflict (post_id, person_id)"
            " do update set option = excluded.option, at = excluded.at",
            (post_id, by, option if 0 <= option < 100 else 99, at),
        )


def seen(*, post_id: int, by: int, at: datetime) -> None:
    """ "看到了" under a notice; twice is the same."""
    with _guarded():
        row = _post(post_id)
        viewer = people.viewer(by, at)
        if row["kind"] != "notice" or not permissions.may_read(viewer, row["place_path"]):
            raise NotFound("没有这条通知。")
        db.run(
            "insert into channels_receipt (post_id, person_id, at) values (%s::bigint, %s::bigint,"
            " %s::timestamptz) on conflict do nothing", (post_id, by, at),
        )  # fmt: skip


def hide(*, post_id: int, why: str, by: int, at: datetime) -> int:
    """Cover what does not belong here, with a reason everybody reads; its author is told.

    The post.
    """
    said = text.clean(why, 200, field="why", one_line=True)
    if len(said) < 4:
        raise BadInput("why", "请写明为什么隐藏，发言的人和邻居都看得到。")
    with _guarded():
        row = _post(post_id)
        permissions.keeper(by, row["place_path"], at)
        if row["hidden_at"] is not None:
            return post_id
        Post.objects.filter(pk=post_id).update(hidden_at=at, hidden_by_id=by, hidden_why=said)
        _tell("channel.hidden", post_id)
    return post_id


def make_matter(
    *, post_id: int, place_id: int, category: str, by: int, at: datetime
) -> matters.Raised:
    """A post becomes a matter: category and place were proposed, a person has confirmed them.

    The matter is the author's, so he learns of it and judges it; of a relayed message it is the
    worker's, who knows whom to tell. Twice is the same matter.
    """
    with _guarded():
        row = _post(post_id, lock=True)
        permissions.keeper(by, row["place_path"], at)
        if row["kind"] not in ("talk", "answer", "relay") or row["hidden_at"] is not None:
            raise Refused("这一条不能转成一件事。")
        if row["matter_id"] is not None:
            return matters.Raised(row["matter_id"], row["matter"], repeated=True)
        if not places.by_id(place_id).path.startswith(row["community"]):
            raise BadInput("place", "请选这个社区（村）里的地方。")
        relayed = row["kind"] == "relay"
        made = matters.raise_matter(
            by=by, at=at, key=f"channel-post-{post_id}", body=row["words"], place_id=place_id,
            source="counter", category=category, raised_by=by if relayed else row["by_id"],
            consent_note="" if relayed else "本人在频道里说的，转给有关人员办理。",
        )  # fmt: skip
        Post.objects.filter(pk=post_id).update(matter_id=made.id)
        if row["by_id"] != by:
            _answered(post_id, by, at)
        _tell("channel.matter", post_id)
    return made


def sum_up(*, matter_id: int, words: str, event: str, at: datetime) -> int | None:
    """The end of a matter is told in the channel it came from, without names; once an event."""
    found = db.dicts(
        "select id, channel_id from channels_post where matter_id = %s::bigint"
        " and kind <> 'summary' limit 1", (matter_id,),
    )  # fmt: skip
    if not found:
        return None
    made = db.rows(
        "insert into channels_post (channel_id, kind, words, under_id, at, matter_id, event,"
        " options, hidden_why) values (%s::bigint, 'summary', %s, %s::bigint, %s::timestamptz,"
        " %s::bigint, %s, '{}', '') on conflict (event) do nothing returning id",
        (found[0]["channel_id"], rules.masked(words, sender=False)[:2000], found[0]["id"], at,
         matter_id, event),
    )  # fmt: skip
    return int(made[0][0]) if made else None


def _words(words: str) -> str:
    said = text.clean(words, 2000, field="words")
    if len(said) < 2:
        raise BadInput("words", "还没有写内容。")
    return said


def _not_too_many(by: int, at: datetime) -> None:
    n = db.rows(
        "select count(*) from channels_post where by_id = %s::bigint"
        " and at > %s::timestamptz - interval '1 day'", (by, at),
    )[0][0]  # fmt: skip
    if n >= A_DAY:
        raise Refused("今天说得很多了，明天再说吧。", code="too_many")


def _thread(under: int | None, channel_id: int) -> int | None:
    """The post at the head of the thread; answers to answers stand under the same head."""
    if under is None:
        return None
    found = db.rows(
        "select coalesce(under_id, id) from channels_post where id = %s::bigint"
        " and channel_id = %s::bigint", (under, channel_id),
    )  # fmt: skip
    if not found:
        raise NotFound("没有这条发言。")
    return int(found[0][0])


def _channel(channel_id: int) -> dict[str, Any]:
    found = db.dicts("select * from channels_channel where id = %s::bigint", (channel_id,))
    if not found:
        raise NotFound("没有这个频道。")
    return found[0]


def _open(channel_id: int) -> dict[str, Any]:
    row = _channel(channel_id)
    if row["closed_at"] is not None:
        raise Refused("这个频道已经关了，以前的话还看得到。")
    return row


def _post(post_id: int, *, lock: bool = False) -> dict[str, Any]:
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


def _lives(row: dict[str, Any], by: int, at: datetime) -> None:
    viewer = people.viewer(by, at)
    if not permissions.may_read(viewer, row["place_path"]) or row["kind"] != "poll":
        raise NotFound("没有这个投票。")
    if not viewer.lives_in(row["place_path"]):
        raise NotAllowed("由住在这里的居民来选。")


def _once(table: str, key: str | None, by: int) -> int | None:
    if not key:
        return None
    found = db.rows(f"select id, by_id from {table} where key = %s::text", (key,))
    if not found:
        return None
    if found[0][1] != by:
        raise KeyReused
    return int(found[0][0])


def _tell(kind: str, subject_id: int) -> None:
    db.run("insert into core_outbox (kind, subject_id) values (%s, %s::bigint)", (kind, subject_id))
