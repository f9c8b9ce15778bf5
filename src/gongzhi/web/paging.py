"""Pages of a list: which one is asked for, and the rest of the address for its neighbours."""

from dataclasses import dataclass
from urllib.parse import urlencode

from gongzhi.web.asked import Asked

FARTHEST = 500  # nobody reads further; a crawler would make the database count for nothing


@dataclass(frozen=True, slots=True)
class Pager:
    """What `parts/pages.html` needs."""

    page: int
    has_more: bool
    query: str


def number(request: Asked) -> int:
    """The page asked for; anything unreadable is the first."""
    wanted = request.GET.get("page", "")
    known = wanted.isascii() and wanted.isdigit() and len(wanted) < 5
    return min(max(int(wanted), 1), FARTHEST) if known else 1


def pager(request: Asked, page: int, *, has_more: bool) -> Pager:
    """The rest of the address is kept, so that a filter survives turning the page."""
    kept = [(k, v) for k, vs in request.GET.lists() for v in vs if k != "page" and v]
    return Pager(page, has_more, urlencode(kept) + "&" if kept else "")
