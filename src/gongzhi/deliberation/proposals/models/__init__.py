"""Tables of proposals: the small form and its way; the project it became."""

from gongzhi.deliberation.proposals.models.project import (
    Asked,
    Levy,
    MoneyLine,
    Project,
    Spending,
    Supervisor,
    Task,
)
from gongzhi.deliberation.proposals.models.proposal import (
    Appeal,
    Comment,
    Decision,
    Honour,
    Phase,
    Proposal,
    ProposalEvent,
    ProposalPhoto,
    Review,
    Seconder,
)

__all__ = [
    "Appeal",
    "Asked",
    "Comment",
    "Decision",
    "Honour",
    "Levy",
    "MoneyLine",
    "Phase",
    "Project",
    "Proposal",
    "ProposalEvent",
    "ProposalPhoto",
    "Review",
    "Seconder",
    "Spending",
    "Supervisor",
    "Task",
]
