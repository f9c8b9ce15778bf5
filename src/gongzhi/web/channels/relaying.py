"""Messages people forwarded from a group elsewhere: pasted or shared, taken apart, looked at.

We read no group. Nothing is written before the worker has looked at every message.
"""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from gongzhi.channels import actions, pasted, permissions, queries
from gongzhi.core.errors import NotAllowed, Refused
from gongzhi.core.spoken import spoken
from gongzhi.web.asked import me
from gongzhi.web.channels import desk
from gongzhi.web.staff import frame


class PasteForm(frame.Form):
    """Where to, and what was copied."""

    channel = forms.ChoiceField(label=gettext_lazy("转到哪个频道"))
    paste = forms.CharField(
        label=gettext_lazy("把别人转给您的话粘贴在这里"), max_length=pasted.LONGEST,
        widget=frame.Lines(8),
        help_text=gettext_lazy("可以一次粘贴好几条。姓名、时间和号码会去掉，下一步您逐条看过再转。"),
    )  # fmt: skip

    def __init__(self, known: list[tuple[str, str]], *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["channel"].choices = known  # type: ignore[attr-defined]


def _known(request: HttpRequest) -> list[tuple[str, str]]:
    """The open channels he keeps."""
    viewer = frame.viewer(request)
    found = [
        (str(row["id"]), str(row["name"])) for row in queries.channels(viewer)["rows"]
        if row["closed_at"] is None and permissions.may_keep(viewer, row["place_path"])
    ]  # fmt: skip
    if not found:
        raise NotAllowed("由管频道的网格员、社工或两委成员来转。")
    return found


@csrf_exempt  # a telephone's share menu knows no token; nothing is written here
@frame.staff_only
def share(request: HttpRequest) -> HttpResponse:
    """Paste, or what a telephone's share menu hands over; then the messages to look at."""
    known = _known(request)
    form = PasteForm(known, initial={"channel": request.GET.get("channel") or known[0][0]})
    if request.method == "POST" and "paste" in request.POST:
        form = PasteForm(known, request.POST)
        taken = form.attempt(lambda typed: pasted.apart(typed["paste"]))
        if taken is not None and taken.messages:
            return _look(request, int(form.cleaned_data["channel"]), taken, form.value("paste"))
        if taken is not None:
            form.add_error("paste", _("没有读出可以转的话。只有图片的，请写一句说明。"))
    elif request.method == "POST":
        shared = "\n".join(filter(None, (request.POST.get(n, "") for n in ("title", "text"))))
        start = {"channel": known[0][0], "paste": shared[: pasted.LONGEST]}
        form = PasteForm(known, initial=start)
    context = {"title": _("转群里的话"), "form": form}
    return render(request, "channels/share.html", context, status=form.status)


def _look(
    request: HttpRequest, channel_id: int, taken: pasted.Taken, paste: str, *, wrong: str = "",
    status: int = 200, unticked: frozenset[int] = frozenset(), key: str = "",
) -> HttpResponse:  # fmt: skip
    """Every message, to be looked at, changed, left out."""
    row = desk.kept(request, channel_id)
    before = queries.relayed(channel_id, taken.messages)
    rows = [
        {"words": words, "before": words in before,
         "ticked": n not in unticked and (bool(wrong) or words not in before)}
        for n, words in enumerate(taken.messages)
    ]  # fmt: skip
    context = {
        "title": _("看一遍再转"), "channel": row, "rows": rows, "left_out": taken.left_out,
        "paste": paste, "wrong": wrong, "key": key or uuid.uuid4().hex,
    }  # fmt: skip
    return render(request, "channels/look.html", context, status=status)


@frame.staff_only
@frame.post_only
def relay(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Put the messages he ticked into the channel, as he left them."""
    desk.kept(request, channel_id)
    words = request.POST.getlist("message")[: pasted.MOST + 1]
    ticked = {int(n) for n in request.POST.getlist("take") if n.isdecimal() and len(n) < 4}
    key = request.POST.get("key", "")[:40]
    try:
        made = actions.relay_all(
            channel_id=channel_id, messages=[w for n, w in enumerate(words) if n in ticked],
            by=me(request), at=frame.now(), key=key or None,
        )  # fmt: skip
    except Refused as refusal:
        if refusal.status in (403, 404):
            raise
        taken = pasted.Taken(words, [])
        return _look(
            request, channel_id, taken, request.POST.get("paste", ""), wrong=spoken(refusal.words),
            status=refusal.status, unticked=frozenset(range(len(words))) - ticked, key=key,
        )  # fmt: skip
    said = ngettext("转了%(num)d条，没有姓名。", "转了%(num)d条，没有姓名。", len(made))
    messages.success(request, said % {"num": len(made)})
    return redirect("channel_keep", channel_id=channel_id)


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """Lets a worker's telephone offer "转群里的话" in its share menu once the page is installed."""
    return JsonResponse(
        {
            "name": _("共治 · 转群里的话"), "short_name": _("转群里的话"), "lang": "zh-CN",
            "start_url": reverse("channel_desk"), "scope": "/staff/", "display": "standalone",
            "background_color": "#f5f4f1", "theme_color": "#9e2a22",
            "icons": [{"src": static("favicon.svg"), "sizes": "any", "type": "image/svg+xml"}],
            "share_target": {
                "action": reverse("channel_share"), "method": "POST",
                "enctype": "multipart/form-data",
                "params": {"title": "title", "text": "text"},
            },
        },
        content_type="application/manifest+json",
    )  # fmt: skip
