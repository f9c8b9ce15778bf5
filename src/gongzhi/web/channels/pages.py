"""What residents see and do: read, say something, vote, mute, say what does not belong there."""

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
from gongzhi.channels.models import Channel
from gongzhi.core import text
from gongzhi.core.errors import NotFound, Refused
from gongzhi.core.spoken import spoken
from gongzhi.web import paging
from gongzhi.web.asked import Asked, me
from gongzhi.web.channels.minutes import IN_WORDS
from gongzhi.web.sheet import Sheet


@never_cache
@login_required
def listed(request: Asked) -> HttpResponse:
    """The channels of where he lives."""
    found = queries.channels(request.viewer, page=paging.number(request))
    for row in found["rows"]:
        row["kind_word"] = Channel.Kind(row["kind"]).label
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
            messages.success(request, said(row, sheet.whole("under")))
            return back(channel_id, sheet.whole("under") or made)
    return shown(request, row, sheet)


def said(row: dict[str, Any], under: int | None) -> str:
    """What somebody reads after he has spoken."""
    if under or row["may_keep"]:
        return _("已发出。")
    soon = IN_WORDS[row["answer_minutes"]]
    return _("已发出。社区的人上班时间%(soon)s内答复。") % {"soon": soon}


def back(channel_id: int, post_id: int) -> HttpResponse:
    """To the channel, at the post."""
    at = reverse("channel", kwargs={"channel_id": channel_id})
    return HttpResponseRedirect(f"{at}#p{post_id}")


def shown(request: Asked, row: dict[str, Any], sheet: Sheet) -> HttpResponse:
    """The page of a channel. Who has seen its first page has read what is there."""
    words = text.clean(request.GET.get("q", "")[:60], 60, field="q", one_line=True)
    found = queries.posts(row, request.viewer, page=paging.number(request), words=words)
    if found["page"] == 1 and not words and found["newest"] > row["upto"]:
        actions.read(channel_id=row["id"], upto=found["newest"], by=me(request))
    context = {
        "channel": row, "rows": found["rows"], "sheet": sheet, "q": words,
        "soon": IN_WORDS[row["answer_minutes"]],
        "pager": paging.pager(request, found["page"], has_more=found["more"]),
    }  # fmt: skip
    return render(request, "channels/channel.html", context, status=sheet.status)


@require_POST
@login_required
def mute(request: Asked, channel_id: int) -> HttpResponse:
    """Hear no more of a channel, or again."""
    queries.channel(request.viewer, channel_id)
    quiet = request.POST.get("muted") == "1"
    actions.mute(channel_id=channel_id, muted=quiet, by=me(request), at=timezone.now())
    words = _("不再提醒您这个频道的新话。") if quiet else _("有新话会提醒您。")
    messages.success(request, words)
    return HttpResponseRedirect(reverse("channel", kwargs={"channel_id": channel_id}))


@never_cache
@login_required
def report(request: Asked, post_id: int) -> HttpResponse:
    """Say that a post does not belong there."""
    post = queries.post(request.viewer, post_id)
    sheet = Sheet()
    if request.method == "POST":
        sheet = Sheet.of(request.POST, "why")
        try:
            actions.report(post_id=post_id, why=sheet["why"], by=me(request), at=timezone.now())
        except Refused as refusal:
            if refusal.status == 404:
                raise
            sheet.wrong(refusal)
        else:
            messages.success(
                request, _("收到了。由工作人员看，怎么处理会告诉您；不会说是谁反映的。")
            )
            return back(post["channel_id"], post["under_id"] or post_id)
    context = {"post": post, "sheet": sheet}
    return render(request, "channels/report.html", context, status=sheet.status)


@never_cache
@login_required
def appeal(request: Asked, post_id: int) -> HttpResponse:
    """One's own post was hidden: say why that is wrong."""
    post = queries.post(request.viewer, post_id)
    if post["by_id"] != me(request) or post["hidden_at"] is None:
        raise NotFound("您没有被隐藏的这条发言。")
    sheet = Sheet()
    if request.method == "POST":
        sheet = Sheet.of(request.POST, "words")
        try:
            actions.appeal(post_id=post_id, words=sheet["words"], by=me(request), at=timezone.now())
        except Refused as refusal:
            if refusal.status == 404:
                raise
            sheet.wrong(refusal)
        else:
            messages.success(request, _("收到了。由另外的人复查，结果会告诉您。"))
            return back(post["channel_id"], post["under_id"] or post_id)
    context = {"post": post, "sheet": sheet}
    return render(request, "channels/appeal.html", context, status=sheet.status)


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
