"""Channels open, change what they promise, close, and open again."""

from datetime import datetime

from django.db.models import Q

from gongzhi.channels import permissions
from gongzhi.channels.actions import shared
from gongzhi.channels.models import ANSWER_MINUTES, Channel
from gongzhi.core import text
from gongzhi.core.errors import BadInput, Refused
from gongzhi.places import queries as places

NO_TOPIC = ~Q(kind=Channel.Kind.TOPIC)
FITS = {"building": ("building",), "compound": ("compound", "grid"), "community": ("village",)}


def open_channel(
    *, place_id: int, kind: str, name: str, about: str = "", by: int, at: datetime,
    minutes: int = 30, key: str | None = None,
) -> int:  # fmt: skip
    """A channel of a building, compound, community, or a topic in one. The channel's id.

    `minutes` of office time is how soon somebody answers there.
    """
    where = places.by_id(place_id)
    permissions.opener(by, where.path, at)
    said = _name(name)
    if kind not in Channel.Kind.values or where.kind not in FITS.get(kind, (where.kind,)):
        raise BadInput("kind", "这种频道和这个地方对不上。")
    with shared.guarded():
        before = shared.once("channels_channel", key, by)
        if before is not None:
            return before
        made = Channel.objects.create(
            place_id=place_id, place_path=where.path, kind=kind, name=said, by_id=by, at=at,
            about=text.clean(about, 300, field="about"), answer_minutes=_minutes(minutes),
            key=key or None,
        )  # fmt: skip
    return int(made.pk)


def change_channel(
    *, channel_id: int, name: str, about: str, minutes: int, by: int, at: datetime
) -> None:
    """Another name, description or time to answer. Who has asked already keeps his hour."""
    said = _name(name)
    with shared.guarded():
        row = shared.open_one(channel_id)
        permissions.opener(by, row["place_path"], at)
        Channel.objects.filter(pk=channel_id).update(
            name=said, about=text.clean(about, 300, field="about"),
            answer_minutes=_minutes(minutes),
        )  # fmt: skip


def close_channel(*, channel_id: int, by: int, at: datetime) -> None:
    """Nobody writes there any more; what was said stays. Twice is the same."""
    with shared.guarded():
        row = shared.channel(channel_id)
        permissions.opener(by, row["place_path"], at)
        Channel.objects.filter(pk=channel_id, closed_at=None).update(closed_at=at)


def reopen_channel(*, channel_id: int, by: int, at: datetime) -> None:
    """People write there again. Refused when another of its kind has taken the place meanwhile."""
    with shared.guarded():
        row = shared.channel(channel_id)
        permissions.opener(by, row["place_path"], at)
        there = Channel.objects.filter(place_id=row["place_id"], closed_at=None)
        same = Q(name=row["name"]) if row["kind"] == "topic" else Q(name=row["name"]) | NO_TOPIC
        if there.exclude(pk=channel_id).filter(same).exists():
            raise Refused("这个地方已经有频道了，或者有同名的。", code="one_channel_a_place")
        Channel.objects.filter(pk=channel_id).update(closed_at=None)


def _name(name: str) -> str:
    said = text.clean(name, 60, field="name", one_line=True)
    if len(said) < 2:
        raise BadInput("name", "请写频道的名字。")
    return said


def _minutes(minutes: int) -> int:
    if minutes not in ANSWER_MINUTES:
        raise BadInput("minutes", "请从列出的时间里选一个。")
    return minutes
