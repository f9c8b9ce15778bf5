"""Talking, answering, relaying, notices, polls."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gongzhi.channels import pasted, permissions, rules
from gongzhi.channels.actions import shared
from gongzhi.channels.models import Post
from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.people import queries as people
from gongzhi.places import queries as places

A_DAY = 30  # posts of one person in a day; more is a flood


def say(
    *, channel_id: int, words: str, by: int, at: datetime, under: int | None = None,
    key: str | None = None,
) -> int:  # fmt: skip
    """Post, or answer `under` a post. A resident's post waits for an answer within half an hour of
    office time; the first word of a keeper is that answer."""
    said = shared.words(words)
    with shared.guarded():
        row = shared.open_one(channel_id)
        viewer = people.viewer(by, at)
        if not permissions.may_read(viewer, row["place_path"]):
            raise NotFound("没有这个频道，或者您不住在那里。")
        before = shared.once("channels_post", key, by)
        if before is not None:
            return before
        _not_too_many(by, at)
        keeps = permissions.may_keep(viewer, row["place_path"])
        top = _thread(under, channel_id)
        waits = not keeps and top is None
        made = Post.objects.create(
            channel_id=channel_id, kind="answer" if top else "talk", words=said, by_id=by, at=at,
            under_id=top, due_at=_due(row, at) if waits else None,
            key=key or None,
        )  # fmt: skip
        if top and keeps:
            answered(top, by, at)
        shared.tell("channel.said", made.pk)
    return int(made.pk)


def _due(row: dict[str, Any], at: datetime) -> datetime:
    """By the office hours of the channel's own place."""
    return rules.due(places.calendar(row["place_id"]), at, row["answer_minutes"])


def answered(post_id: int, by: int, at: datetime) -> None:
    """The first answer of a keeper is the one that is counted; the author is told of it."""
    first = (
        Post.objects.filter(pk=post_id, answered_at=None)
        .exclude(by_id=by)
        .update(answered_at=at, answered_by_id=by)
    )
    if first:
        shared.tell("channel.answered", post_id)


def relay(*, channel_id: int, words: str, by: int, at: datetime, key: str | None = None) -> int:
    """A message somebody forwarded from a group elsewhere, without who sent it. We read no group.

    The sender's name, telephone and identity numbers are covered before anything is stored.
    """
    said = shared.words("\n".join(pasted.apart(words).messages))
    return _kept("relay", channel_id, said, by, at, key)


def relay_all(
    *, channel_id: int, messages: Sequence[str], by: int, at: datetime, key: str | None = None
) -> list[int]:
    """Several messages of one paste, taken apart by `pasted.apart` and looked at by the worker.

    All or none. Numbers are covered once more: he may have written some. The posts' ids.
    """
    said = [shared.words(rules.masked(message)) for message in messages if message.strip()]
    if not said:
        raise BadInput("messages", "还没有选要转的话。")
    if len(said) > pasted.MOST:
        raise BadInput("messages", "一次最多转50条。")
    with shared.guarded():
        return [
            _kept("relay", channel_id, words, by, at, f"{key}:{n}" if key else None)
            for n, words in enumerate(said)
        ]


def notify(*, channel_id: int, words: str, by: int, at: datetime, key: str | None = None) -> int:
    """A notice of the community; people may press "看到了", which only staff count."""
    return _kept("notice", channel_id, shared.words(words), by, at, key)


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
    return _kept(
        "poll", channel_id, shared.words(words), by, at, key, options=known, until_at=until
    )


def _kept(
    kind: str, channel_id: int, words: str, by: int, at: datetime, key: str | None, **more: Any
) -> int:
    with shared.guarded():
        row = shared.open_one(channel_id)
        permissions.keeper(by, row["place_path"], at)
        before = shared.once("channels_post", key, by)
        if before is not None:
            return before
        made = Post.objects.create(
            channel_id=channel_id, kind=kind, words=words, by_id=by, at=at, key=key or None, **more
        )
        shared.tell(f"channel.{kind}", made.pk)
    return int(made.pk)


def vote(*, post_id: int, option: int, by: int, at: datetime) -> None:
    """One's voice in a poll; changed until it ends."""
    with shared.guarded():
        row = shared.post(post_id)
        _lives(row, by, at)
        if row["closed_at"] is not None:
            raise Refused("这个频道已经关了，以前的话还看得到。")
        if row["hidden_at"] is not None or at >= row["until_at"]:
            raise Refused("投票已经结束。", code="voice_in_time")
        if not 0 <= option < len(row["options"]):
            raise Refused("请从列出的里面选一个。", code="voice_for_an_option")
        db.run(
            "insert into channels_vote (post_id, person_id, option, at) values (%s::bigint,"
            " %s::bigint, %s::smallint, %s::timestamptz) on conflict (post_id, person_id)"
            " do update set option = excluded.option, at = excluded.at",
            (post_id, by, option, at),
        )


def seen(*, post_id: int, by: int, at: datetime) -> None:
    """ "看到了" under a notice; twice is the same."""
    with shared.guarded():
        row = shared.post(post_id)
        viewer = people.viewer(by, at)
        if row["kind"] != "notice" or not permissions.may_read(viewer, row["place_path"]):
            raise NotFound("没有这条通知。")
        db.run(
            "insert into channels_receipt (post_id, person_id, at) values (%s::bigint, %s::bigint,"
            " %s::timestamptz) on conflict do nothing", (post_id, by, at),
        )  # fmt: skip


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


def _lives(row: dict[str, Any], by: int, at: datetime) -> None:
    viewer = people.viewer(by, at)
    if not permissions.may_read(viewer, row["place_path"]) or row["kind"] != "poll":
        raise NotFound("没有这个投票。")
    if not viewer.lives_in(row["place_path"]):
        raise NotAllowed("由住在这里的居民来选。")
