"""The request as our views see it: with the viewer and the community it is about."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from gongzhi.people.models import Account
from gongzhi.people.permissions import Viewer
from gongzhi.web.here import Here


class Asked(HttpRequest):
    """A request after `middleware.Who`. `account` is None for somebody not signed in."""

    viewer: Viewer
    here: Here | None
    account: Account | None
    htmx: HtmxDetails


def me(request: HttpRequest) -> int:
    """Who is signed in; for pages behind `login_required` or `staff_only`."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    assert viewer.person_id is not None
    return viewer.person_id
