"""A post becomes a matter, and the end of the matter is told where it began."""

from datetime import datetime

from gongzhi.channels import permissions, rules
from gongzhi.channels.actions import shared
from gongzhi.channels.actions.talking import answered
from gongzhi.channels.models import Post
from gongzhi.core import db
from gongzhi.core.errors import BadInput, Refused
from gongzhi.matters import actions as matters
from gongzhi.places import queries as places


def make_matter(
    *, post_id: int, place_id: int, category: str, by: int, at: datetime
) -> matters.Raised:
    """A post becomes a matter: category and place were proposed, a person has confirmed them.

    The matter is the author's, so he learns of it and judges it; of a relayed message it is the
    worker's, who knows whom to tell. Twice is the same matter.
    """
    with shared.guarded():
        row = shared.post(post_id, lock=True)
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
            answered(post_id, by, at)
        shared.tell("channel.matter", post_id)
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
        (found[0]["channel_id"], rules.masked(words)[:2000], found[0]["id"], at,
         matter_id, event),
    )  # fmt: skip
    return int(made[0][0]) if made else None
