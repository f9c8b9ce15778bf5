"""Everything that changes a channel. Each action is one transaction with its outbox row."""

from gongzhi.channels.actions.care import appeal, decide, hand, hide, report, settle
from gongzhi.channels.actions.marks import mute, read
from gongzhi.channels.actions.opening import (
    change_channel,
    close_channel,
    open_channel,
    reopen_channel,
)
from gongzhi.channels.actions.talking import A_DAY, ask, notify, relay, relay_all, say, seen, vote
from gongzhi.channels.actions.turning import make_matter, sum_up

__all__ = [
    "A_DAY",
    "appeal",
    "ask",
    "change_channel",
    "close_channel",
    "decide",
    "hand",
    "hide",
    "make_matter",
    "mute",
    "notify",
    "open_channel",
    "read",
    "relay",
    "relay_all",
    "reopen_channel",
    "report",
    "say",
    "seen",
    "settle",
    "sum_up",
    "vote",
]
