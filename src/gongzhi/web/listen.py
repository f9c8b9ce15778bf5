"""The address at which a page hears of changes: sealed for what this visitor may see."""

from time import time

from django.conf import settings

from gongzhi.web import live
from gongzhi.web.asked import Asked


def address(request: Asked, *topics: str) -> str:
    """For `data-live`. A base like ":8001/live/" is another port of the host that was asked."""
    base: str = settings.LIVE_URL
    if base.startswith(":"):
        host = request.get_host().rsplit(":", 1)[0]
        base = f"{request.scheme}://{host}{base}"
    return live.address(base, topics, time())
