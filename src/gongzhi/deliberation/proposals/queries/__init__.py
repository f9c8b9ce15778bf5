"""Questions about proposals. They return plain values and never change anything."""

from gongzhi.deliberation.proposals.queries.candidates import leads, resident
from gongzhi.deliberation.proposals.queries.detail import comments, get, id_of, picture, timeline
from gongzhi.deliberation.proposals.queries.lists import Filters, alike, inbox, list_
from gongzhi.deliberation.proposals.queries.results import results

__all__ = [
    "Filters",
    "alike",
    "comments",
    "get",
    "id_of",
    "inbox",
    "leads",
    "list_",
    "picture",
    "resident",
    "results",
    "timeline",
]
