"""One's own marks: how far one has read, and what one does not want to hear of."""

from datetime import datetime

from gongzhi.channels import permissions
from gongzhi.channels.actions import shared
from gongzhi.core import db
from gongzhi.core.errors import NotFound
from gongzhi.people import queries as people


def read(*, channel_id: int, upto: int, by: int) -> None:
    """He was shown the channel up to this post. Never goes back; no hour is kept (R1)."""
    db.run(
        "insert into channels_mark (channel_id, person_id, upto) values (%s::bigint, %s::bigint,"
        " %s::bigint) on conflict (person_id, channel_id) do update set upto = excluded.upto"
        " where channels_mark.upto < excluded.upto", (channel_id, by, upto),
    )  # fmt: skip


def mute(*, channel_id: int, muted: bool, by: int, at: datetime) -> None:
    """No mark of new words and no message from this channel, or again. Twice is the same."""
    with shared.guarded():
        row = shared.channel(channel_id)
        if not permissions.may_read(people.viewer(by, at), row["place_path"]):
            raise NotFound("没有这个频道，或者您不住在那里。")
        db.run(
            "insert into channels_mark (channel_id, person_id, muted) values (%s::bigint,"
            " %s::bigint, %s::boolean) on conflict (person_id, channel_id)"
            " do update set muted = excluded.muted", (channel_id, by, muted),
        )  # fmt: skip
