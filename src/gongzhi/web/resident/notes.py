"""What was told to me: short notes on my matters, and whether they also come as texts."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gongzhi.people import actions, notes
from gongzhi.web.asked import Asked


@require_GET
@never_cache
@login_required
def page(request: Asked) -> HttpResponse:
    """The notes, newest first."""
    rows = notes.of(_me(request))
    unread = sum(row["read_at"] is None for row in rows)
    return render(request, "resident/notes.html", {"rows": rows, "unread": unread})


@require_POST
@login_required
def read(request: Asked) -> HttpResponse:
    """He has seen them."""
    notes.mark_read(person_id=_me(request), at=timezone.now())
    return HttpResponseRedirect(reverse("notes"))


@require_POST
@login_required
def texts(request: Asked) -> HttpResponse:
    """He wants them as texts too; one tap under "what I agreed to" ends it."""
    actions.give_consent(
        person_id=_me(request), purpose=notes.TEXTS, by=_me(request), at=timezone.now(),
        words=_("我的事有进展时，发短信到我登记的手机号。"),
    )  # fmt: skip
    messages.success(request, _("好的，有进展会发短信给您。随时可以撤回。"))
    return HttpResponseRedirect(reverse("me") + "#consents")


def _me(request: Asked) -> int:
    person_id = request.viewer.person_id
    assert person_id is not None  # login_required
    return person_id
