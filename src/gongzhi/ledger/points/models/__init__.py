"""The tables of points, by topic. Guards beyond CHECK are triggers in the migrations."""

from gongzhi.ledger.points.models.books import Area, Evidence, RuleBook, RuleItem, Subject
from gongzhi.ledger.points.models.claims import Activity, Claim, Notice, Photo
from gongzhi.ledger.points.models.holders import GuardianConsent, Holder, Member, Team
from gongzhi.ledger.points.models.hours import Service
from gongzhi.ledger.points.models.quarters import Quarter, Sample

__all__ = [
    "Activity", "Area", "Claim", "Evidence", "GuardianConsent", "Holder", "Member", "Notice",
    "Photo", "Quarter", "RuleBook", "RuleItem", "Sample", "Service", "Subject", "Team",
]  # fmt: skip
