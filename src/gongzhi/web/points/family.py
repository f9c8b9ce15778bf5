"""A household and its children: the household takes part, a guardian agrees for a minor."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gongzhi.core.errors import NotFound
from gongzhi.ledger.points import actions, queries, takers
from gongzhi.web.asked import Asked, me
from gongzhi.web.points.shared import back, told


@never_cache
@login_required
def page(request: Asked) -> HttpResponse:
    """What a guardian agrees to, child by child, and the household's own account."""
    on = queries.today(timezone.now())
    context = {"children": takers.children(request.viewer, on),
               "household": takers.household(request.viewer)}  # fmt: skip
    return render(request, "points/family.html", context)


@require_POST
@login_required
def consent(request: Asked, minor_id: int) -> HttpResponse:
    """A guardian agrees, or takes it back. Nobody else's child is found here."""
    on = queries.today(timezone.now())
    if minor_id not in {c["id"] for c in takers.children(request.viewer, on)}:
        raise NotFound("没有这个人。")
    common: dict[str, Any] = {"minor_id": minor_id, "by": me(request), "at": timezone.now()}
    if request.POST.get("agree") == "1":
        told(request, lambda: actions.agree_for(**common),
             _("已同意。孩子做的好事，积分记到家庭。"))  # fmt: skip
    else:
        told(request, lambda: actions.no_longer_agree(**common),
             _("已收回。孩子的名下不再记积分。"))  # fmt: skip
    return back("points_family")


@require_POST
@login_required
def join(request: Asked) -> HttpResponse:
    """The household takes part."""
    told(request, lambda: actions.join_household(
        person_id=me(request), by=me(request), at=timezone.now()
    ), _("您家已参加。随时可以退出。"))  # fmt: skip
    return back("points_family")
