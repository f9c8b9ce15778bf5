"""Everything that changes a proposal. Each action is one transaction with its event."""

from gongzhi.deliberation.proposals.actions.deciding import (
    decide,
    follow_motion,
    hear,
    send_down,
    send_up,
)
from gongzhi.deliberation.proposals.actions.money import (
    add_line,
    agree_levy,
    reverse,
    spend,
    withdraw_levy,
)
from gongzhi.deliberation.proposals.actions.projects import (
    Plan,
    add_supervisor,
    add_task,
    finish_project,
    plan_project,
    start_project,
    task_done,
)
from gongzhi.deliberation.proposals.actions.seconding import second, withdraw_second
from gongzhi.deliberation.proposals.actions.talking import comment, hide, honour, learn
from gongzhi.deliberation.proposals.actions.testing import (
    accept,
    answer_appeal,
    appeal,
    follow_matter,
    give_back,
    merge,
)
from gongzhi.deliberation.proposals.actions.writing import (
    SmallForm,
    Written,
    propose,
    rewrite,
    take_back,
    upload,
)

__all__ = [
    "Plan",
    "SmallForm",
    "Written",
    "accept",
    "add_line",
    "add_supervisor",
    "add_task",
    "agree_levy",
    "answer_appeal",
    "appeal",
    "comment",
    "decide",
    "finish_project",
    "follow_matter",
    "follow_motion",
    "give_back",
    "hear",
    "hide",
    "honour",
    "learn",
    "merge",
    "plan_project",
    "propose",
    "reverse",
    "rewrite",
    "second",
    "send_down",
    "send_up",
    "spend",
    "start_project",
    "take_back",
    "task_done",
    "upload",
    "withdraw_levy",
    "withdraw_second",
]
