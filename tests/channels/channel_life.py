"""A channel of the village of the cast, with what people say in it."""

from datetime import timedelta

from gongzhi.channels import actions
from people import NOW, County

HOUR = timedelta(hours=1)


def opened(county: County) -> int:
    """The channel of the village."""
    return actions.open_channel(
        place_id=county.place("village").pk, kind="community", name="双马村的频道",
        by=county.holders["committee"].pk, at=NOW,
    )  # fmt: skip


def said(county: County, channel: int, words: str = "村口路灯不亮，晚上走路看不见。") -> int:
    """Ah-Mei says something."""
    return actions.say(channel_id=channel, words=words, by=county.ah_mei.pk, at=NOW)
