"""Everything that changes a vote. Each action is one transaction."""

from gongzhi.deliberation.ballots.actions.counting import Result, close_motion
from gongzhi.deliberation.ballots.actions.motions import (
    announce_motion,
    open_motion,
    propose_motion,
    void_motion,
)
from gongzhi.deliberation.ballots.actions.paper import count_hands, enter_paper, enter_totals
from gongzhi.deliberation.ballots.actions.topics import (
    answer_appeal,
    appeal_topic,
    propose_topic,
    review_topic,
    say_use,
)
from gongzhi.deliberation.ballots.actions.voting import (
    Voted,
    declare_conflict,
    hand_out,
    sign_in_room,
    vote,
)

__all__ = [
    "Result",
    "Voted",
    "announce_motion",
    "answer_appeal",
    "appeal_topic",
    "close_motion",
    "count_hands",
    "declare_conflict",
    "enter_paper",
    "enter_totals",
    "hand_out",
    "open_motion",
    "propose_motion",
    "propose_topic",
    "review_topic",
    "say_use",
    "sign_in_room",
    "void_motion",
    "vote",
]
