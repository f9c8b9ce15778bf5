"""Questions about matters. They return plain values and never change anything."""

from gongzhi.matters.queries.detail import get, progress, timeline
from gongzhi.matters.queries.lists import Filters, inbox, list_, mine
from gongzhi.matters.queries.shares import county_view, shares_by_level
from gongzhi.matters.queries.similar import category_suggestions, picture, similar

__all__ = [
    "Filters",
    "category_suggestions",
    "county_view",
    "get",
    "inbox",
    "list_",
    "mine",
    "picture",
    "progress",
    "shares_by_level",
    "similar",
    "timeline",
]
