"""Everything that changes a budget: setting up, ideas, costing, the vote, the money."""

from gongzhi.deliberation.budgets.actions.accounts import (
    appoint_supervisor,
    confirm,
    enter,
    finish,
    keep_receipt,
)
from gongzhi.deliberation.budgets.actions.ideas import cost, refuse, submit, take_in, withdraw
from gongzhi.deliberation.budgets.actions.stages import begin, close_ideas, end, propose
from gongzhi.deliberation.budgets.actions.voting import allocate, open_vote, vote

__all__ = [
    "allocate", "appoint_supervisor", "begin", "close_ideas", "confirm", "cost", "end", "enter",
    "finish", "keep_receipt", "open_vote", "propose", "refuse", "submit", "take_in", "vote",
    "withdraw",
]  # fmt: skip
