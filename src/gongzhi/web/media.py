"""Photos and voice notes, to those who may see the matter they belong to."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from gongzhi.matters import queries
from gongzhi.web.asked import Asked

WEEK = 60 * 60 * 24 * 7


@require_GET
def photo(request: Asked, sha256: str) -> HttpResponse:
    """The file, or its small picture with `?small=1`.

    A name made of its content never changes: his browser may keep it, nobody in between may.
    """
    small = request.GET.get("small") == "1"
    mime, content = queries.picture(request.viewer, sha256[:64], thumb=small)
    answer = HttpResponse(content, content_type=mime)
    answer["Cache-Control"] = f"private, max-age={WEEK}, immutable"
    return answer
