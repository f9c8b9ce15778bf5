"""The desk of channels: what waits, notices, polls; opening, changing, closing a channel."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.channels import actions, care, figures, permissions, queries
from gongzhi.channels.models import Channel, Post
from gongzhi.core import text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotAllowed, Refused
from gongzhi.core.spoken import spoken
from gongzhi.matters import words as matter_words
from gongzhi.places import queries as places
from gongzhi.web import paging
from gongzhi.web.asked import me
from gongzhi.web.channels.minutes import CHOICES, IN_WORDS
from gongzhi.web.staff import frame

KINDS = [
    ("relay", gettext_lazy("转一条群里的话")), ("notice", gettext_lazy("发通知")),
    ("poll", gettext_lazy("发起投票")), ("talk", gettext_lazy("说一句")),
]  # fmt: skip


class PostForm(frame.Form):
    """What a keeper puts into a channel."""

    kind = forms.ChoiceField(
        label=gettext_lazy("做什么"), choices=KINDS, widget=forms.RadioSelect, initial="relay"
    )
    words = forms.CharField(
        label=gettext_lazy("内容"), max_length=2000, widget=frame.Lines(4),
        help_text=gettext_lazy("转群里的话：把别人转给您的消息粘贴进来，姓名和号码会自动遮住。"),
    )  # fmt: skip
    options = forms.CharField(
        label=gettext_lazy("选项（投票用，一行一个）"), required=False, max_length=700,
        widget=frame.Lines(3),
    )  # fmt: skip
    until = forms.DateTimeField(label=gettext_lazy("投票到"), required=False, widget=frame.Moment())


class ChannelForm(frame.Form):
    """A new channel."""

    place = forms.ChoiceField(label=gettext_lazy("在哪里"))
    kind = forms.ChoiceField(
        label=gettext_lazy("哪一种"), choices=Channel.Kind.choices, widget=forms.RadioSelect,
        initial=Channel.Kind.COMMUNITY,
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("名字"), max_length=60)
    about = forms.CharField(label=gettext_lazy("说明"), required=False, max_length=300)
    minutes = forms.ChoiceField(
        label=gettext_lazy("上班时间多久内答复"), choices=CHOICES, initial="30",
        help_text=gettext_lazy("居民看得到，按这里的上班时间和节假日算。"),
    )  # fmt: skip

    def __init__(self, known: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = known  # type: ignore[attr-defined]


class ChangeForm(frame.Form):
    """What may change of a channel."""

    name = forms.CharField(label=gettext_lazy("名字"), max_length=60)
    about = forms.CharField(label=gettext_lazy("说明"), required=False, max_length=300)
    minutes = forms.ChoiceField(
        label=gettext_lazy("上班时间多久内答复"), choices=CHOICES,
        help_text=gettext_lazy("已经问了的，还按原来的时间答复。"),
    )  # fmt: skip


@frame.staff_only
def listed(request: HttpRequest) -> HttpResponse:
    """The channels he keeps, what waits in each, and the month in numbers."""
    viewer = frame.viewer(request)
    found = queries.channels(viewer, page=frame.number(request, "page", 1))
    today = frame.now().astimezone(SHANGHAI)
    start = today.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    mine = [p for p in viewer.posts if p.role in permissions.KEEP]
    for row in found["rows"]:
        row["kind_word"] = Channel.Kind(row["kind"]).label
    month = figures.month(mine[0].place_path, start, today) if mine else None
    for line in month["by_category"] if month else ():
        line["name"] = matter_words.category(line["category"]) or _("未分类")
        line["days"] = line["oldest"].days if line["oldest"] else None
    context = {
        "title": _("掌上社区"), "rows": found["rows"], "may_new": bool(_open_at(request)),
        "month": month, "may_care": care.judges(viewer),
        "care": bool(care.reported(viewer)["rows"] or care.appealed(viewer)),
        "pager": paging.Pager(found["page"], found["more"], ""),
    }  # fmt: skip
    return render(request, "channels/desk.html", context)


def _open_at(request: HttpRequest) -> list[tuple[str, str]]:
    """Where he may open channels: his communities and what is below, in the order of the tree."""
    known: list[tuple[str, str]] = []
    for post in frame.viewer(request).posts:
        if post.role in permissions.OPEN:
            known.append((str(post.place_id), post.place_name))
            known += below(post.place_id, 2)
    return list(dict.fromkeys(known))[:400]


def below(place_id: int, depth: int) -> list[tuple[str, str]]:
    """(id, name) of the places below, down to `depth`, in the order of the tree."""
    if depth == 0:
        return []
    found: list[tuple[str, str]] = []
    for child in places.children(place_id):
        found += [(str(child["id"]), str(child["name"])), *below(child["id"], depth - 1)]
    return found


@frame.staff_only
def new(request: HttpRequest) -> HttpResponse:
    """Open a channel."""
    known = _open_at(request)
    if not known:
        raise NotAllowed("频道由这里的两委成员、书记或全科社工来开。")
    form = ChannelForm(known, request.POST or None, initial={"place": known[0][0]})
    if request.method == "POST":
        made = form.attempt(
            lambda typed: actions.open_channel(
                place_id=int(typed["place"]), kind=typed["kind"], name=typed["name"],
                about=typed["about"], minutes=int(typed["minutes"]), by=me(request),
                at=frame.now(), key=typed["key"] or None,
            )
        )  # fmt: skip
        if made is not None:
            messages.success(request, _("频道开好了，住在这里的人都看得到。"))
            return redirect("channel_keep", channel_id=made)
    context = {"title": _("开一个频道"), "form": form}
    return render(request, "channels/new.html", context, status=form.status)


def kept(request: HttpRequest, channel_id: int) -> dict[str, Any]:
    """A channel he keeps; NotAllowed for others who read it."""
    row = queries.channel(frame.viewer(request), channel_id)
    if not row["may_keep"]:
        raise NotAllowed("由这里的网格员、社工或两委成员来做。")
    return row


@frame.staff_only
def one(request: HttpRequest, channel_id: int) -> HttpResponse:
    """What was said and waits; on POST a relay, a notice, a poll, a word."""
    row = kept(request, channel_id)
    week = frame.now().astimezone(SHANGHAI) + timedelta(days=7)
    form = PostForm(request.POST or None, initial={"until": week})
    if request.method == "POST":
        made = form.attempt(lambda typed: _posted(request, channel_id, typed))
        if made is not None:
            messages.success(request, _("已发到频道里。"))
            return redirect("channel_keep", channel_id=channel_id)
    only = request.GET.get("only", "")
    words = text.clean(request.GET.get("q", "")[:60], 60, field="q", one_line=True)
    viewer = frame.viewer(request)
    page = frame.number(request, "page", 1)
    found = queries.posts(row, viewer, page=page, only=only, words=words)
    notices = [p["id"] for p in found["rows"] if p["kind"] == "notice"]
    seen = queries.seen_by(channel_id, notices, viewer, row["place_path"]) if notices else {}
    for post in found["rows"]:
        post["kind_word"], post["seen_by"] = Post.Kind(post["kind"]).label, seen.get(post["id"], 0)
    query = urlencode({k: v for k, v in (("only", only), ("q", words)) if v})
    context = {
        "title": row["name"], "channel": row, "rows": found["rows"], "form": form, "only": only,
        "q": words, "soon": IN_WORDS[row["answer_minutes"]], "me": viewer.person_id,
        "pager": paging.Pager(found["page"], found["more"], query + "&" if query else ""),
    }  # fmt: skip
    return render(request, "channels/keep.html", context, status=form.status)


def _posted(request: HttpRequest, channel_id: int, typed: dict[str, Any]) -> int:
    common: dict[str, Any] = {
        "channel_id": channel_id, "words": typed["words"], "by": me(request), "at": frame.now(),
        "key": typed["key"] or None,
    }  # fmt: skip
    if typed["kind"] == "poll":
        until = typed["until"] or frame.now()
        return actions.ask(options=typed["options"].splitlines(), until=until, **common)
    act = {"relay": actions.relay, "notice": actions.notify, "talk": actions.say}[typed["kind"]]
    return act(**common)


@frame.staff_only
def change(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Another name, description or time to answer; from here it is closed or opened again."""
    row = opened(request, channel_id)
    start = {"name": row["name"], "about": row["about"], "minutes": str(row["answer_minutes"])}
    form = ChangeForm(request.POST or None, initial=start)
    if request.method == "POST":
        done = form.did(
            lambda typed: actions.change_channel(
                channel_id=channel_id, name=typed["name"], about=typed["about"],
                minutes=int(typed["minutes"]), by=me(request), at=frame.now(),
            )
        )  # fmt: skip
        if done:
            messages.success(request, _("改好了。"))
            return redirect("channel_keep", channel_id=channel_id)
    context = {"title": _("频道设置"), "form": form, "channel": row}
    return render(request, "channels/change.html", context, status=form.status)


def opened(request: HttpRequest, channel_id: int) -> dict[str, Any]:
    """A channel he may change; NotAllowed for others who read it."""
    row = queries.channel(frame.viewer(request), channel_id)
    if not row["may_open"]:
        raise NotAllowed("频道由这里的两委成员、书记或全科社工来开。")
    return row


@frame.staff_only
@frame.post_only
def close(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Nobody writes there any more."""
    opened(request, channel_id)
    actions.close_channel(channel_id=channel_id, by=me(request), at=frame.now())
    messages.success(request, _("关了。以前的话还看得到，随时可以再开。"))
    return redirect("channel_keep", channel_id=channel_id)


@frame.staff_only
@frame.post_only
def reopen(request: HttpRequest, channel_id: int) -> HttpResponse:
    """People write there again."""
    opened(request, channel_id)
    try:
        actions.reopen_channel(channel_id=channel_id, by=me(request), at=frame.now())
    except Refused as refusal:
        if refusal.status in (403, 404):
            raise
        messages.warning(request, spoken(refusal.words))
    else:
        messages.success(request, _("又开了，住在这里的人可以说话了。"))
    return redirect("channel_keep", channel_id=channel_id)
