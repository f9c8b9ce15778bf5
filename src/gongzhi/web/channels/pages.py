"""What residents see and do: read, say something, answer, vote, press "看到了"."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gongzhi.channels import actions, queries
from gongzhi.core.errors import NotFound, Refused
from gongzhi.core.spoken import spoken
from gongzhi.web import paging
from gongzhi.web.asked import Asked
from gongzhi.web.sheet import Sheet


def me(request: Asked) -> int:
    """Who is signed in."""
    assert request.viewer.person_id is not None  # login_required
    return request.viewer.person_id


@never_cache
@login_required
def listed(request: Asked) -> HttpResponse:
    """The channels of where he lives."""
    found = queries.channels(request.viewer, page=paging.number(request))
    context = {
        "rows": found["rows"], "pager": paging.pager(request, found["page"], has_more=found["more"])
    }  # fmt: skip
    return render(request, "channels/list.html", context)


@never_cache
@login_required
def one(request: Asked, channel_id: int) -> HttpResponse:
    """A channel; on POST one more word in it."""
    row = queries.channel(request.viewer, channel_id)
    sheet = Sheet({"key": uuid4().hex})
    if request.method == "POST":
        sheet = Sheet.of(request.POST, "key", "words", "under")
        try:
            made = actions.say(
                channel_id=channel_id, words=sheet["words"], under=sheet.whole("under"),
                by=me(request), at=timezone.now(), key=sheet["key"][:64] or None,
            )  # fmt: skip
        except Refused as refusal:
            if refusal.status == 404:
                raise
            sheet.wrong(refusal)
        else:
            messages.success(request, _("已发出。社区工作人员会在上班时间半小时内答复。"))
            return back(channel_id, sheet.whole("under") or made)
    return shown(request, row, sheet)


def back(channel_id: int, post_id: int) -> HttpResponse:
    """To the channel, at the post."""
    at = reverse("channel", kwargs={"channel_id": channel_id})
    return HttpResponseRedirect(f"{at}#p{post_id}")


def shown(request: Asked, row: dict[str, Any], sheet: Sheet) -> HttpResponse:
    """The page of a channel."""
    found = queries.posts(row, request.viewer, page=paging.number(request))
    context = {
        "channel": row, "rows": found["rows"], "sheet": sheet,
        "pager": paging.pager(request, found["page"], has_more=found["more"]),
    }  # fmt: skip
    return render(request, "channels/channel.html", context, status=sheet.status)


@require_POST
@login_required
def vote(request: Asked, post_id: int) -> HttpResponse:
    """One's voice in a poll."""
    row = queries.post(request.viewer, post_id)
    option = Sheet.of(request.POST, "option").whole("option")
    try:
        actions.vote(
            post_id=post_id, option=-1 if option is None else option, by=me(request),
            at=timezone.now(),
        )  # fmt: skip
    except Refused as refusal:
        if refusal.status in (403, 404):
            raise
        messages.warning(request, spoken(refusal.words))
    else:
        messages.success(request, _("已选。结束以前都可以改。"))
    return back(row["channel_id"], post_id)


@require_POST
@login_required
def seen(request: Asked, post_id: int) -> HttpResponse:
    """ "看到了" under a notice."""
    row = queries.post(request.viewer, post_id)
    if row["kind"] != "notice":
        raise NotFound("没有这条通知。")
    actions.seen(post_id=post_id, by=me(request), at=timezone.now())
    messages.success(request, _("好的，知道您看到了。"))
    return back(row["channel_id"], post_id)
