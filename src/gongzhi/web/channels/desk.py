"""The desk of channels: what waits, notices, polls, relaying, two taps to a matter, hiding."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.channels import actions, permissions, queries
from gongzhi.channels.models import Channel, Post
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotAllowed
from gongzhi.matters import queries as matters
from gongzhi.matters import words as matter_words
from gongzhi.matters.suggest import taxonomy
from gongzhi.places import queries as places
from gongzhi.web import paging
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

    def __init__(self, known: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = known  # type: ignore[attr-defined]


class MatterForm(frame.Form):
    """Category and place as proposed; a person confirms."""

    category = forms.ChoiceField(label=gettext_lazy("类别"), required=False)
    place = forms.ChoiceField(label=gettext_lazy("在哪里"))

    def __init__(
        self, kinds: list[tuple[str, str]], known: list[tuple[str, str]], *args: Any, **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        self.fields["category"].choices = kinds  # type: ignore[attr-defined]
        self.fields["place"].choices = known  # type: ignore[attr-defined]


class HideForm(frame.Form):
    """Why something is covered."""

    why = frame.reason(gettext_lazy("为什么隐藏（发言的人和邻居都看得到）"))


def _me(request: HttpRequest) -> int:
    found = frame.viewer(request).person_id
    assert found is not None  # staff_only
    return found


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
    month = queries.month(mine[0].place_path, start, today) if mine else None
    for line in month["by_category"] if month else ():
        line["name"] = matter_words.category(line["category"]) or _("未分类")
        line["days"] = line["oldest"].days if line["oldest"] else None
    context = {
        "title": _("掌上社区"), "rows": found["rows"], "may_new": bool(_open_at(request)),
        "month": month, "pager": paging.Pager(found["page"], found["more"], ""),
    }  # fmt: skip
    return render(request, "channels/desk.html", context)


def _open_at(request: HttpRequest) -> list[tuple[str, str]]:
    """Where he may open channels: his communities and what is below, in the order of the tree."""
    known: list[tuple[str, str]] = []
    for post in frame.viewer(request).posts:
        if post.role in permissions.OPEN:
            known.append((str(post.place_id), post.place_name))
            known += _below(post.place_id, 2)
    return list(dict.fromkeys(known))[:400]


def _below(place_id: int, depth: int) -> list[tuple[str, str]]:
    if depth == 0:
        return []
    found: list[tuple[str, str]] = []
    for child in places.children(place_id):
        found += [(str(child["id"]), str(child["name"])), *_below(child["id"], depth - 1)]
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
                about=typed["about"], by=_me(request), at=frame.now(), key=typed["key"] or None,
            )
        )  # fmt: skip
        if made is not None:
            messages.success(request, _("频道开好了，住在这里的人都看得到。"))
            return redirect("channel_keep", channel_id=made)
    context = {"title": _("开一个频道"), "form": form}
    return render(request, "channels/new.html", context, status=form.status)


def _kept(request: HttpRequest, channel_id: int) -> dict[str, Any]:
    row = queries.channel(frame.viewer(request), channel_id)
    if not row["may_keep"]:
        raise NotAllowed("由这里的网格员、社工或两委成员来做。")
    return row


@frame.staff_only
def one(request: HttpRequest, channel_id: int) -> HttpResponse:
    """What was said and waits; on POST a relay, a notice, a poll, a word."""
    row = _kept(request, channel_id)
    week = frame.now().astimezone(SHANGHAI) + timedelta(days=7)
    form = PostForm(request.POST or None, initial={"until": week})
    if request.method == "POST":
        made = form.attempt(lambda typed: _posted(request, channel_id, typed))
        if made is not None:
            messages.success(request, _("已发到频道里。"))
            return redirect("channel_keep", channel_id=channel_id)
    waiting = request.GET.get("waiting") == "1"
    viewer = frame.viewer(request)
    found = queries.posts(row, viewer, page=frame.number(request, "page", 1), waiting=waiting)
    notices = [p["id"] for p in found["rows"] if p["kind"] == "notice"]
    seen = queries.seen_by(channel_id, notices, viewer, row["place_path"]) if notices else {}
    for post in found["rows"]:
        post["kind_word"], post["seen_by"] = Post.Kind(post["kind"]).label, seen.get(post["id"], 0)
    context = {
        "title": row["name"], "channel": row, "rows": found["rows"], "form": form,
        "waiting": waiting,
        "pager": paging.Pager(found["page"], found["more"], "waiting=1&" if waiting else ""),
    }  # fmt: skip
    return render(request, "channels/keep.html", context, status=form.status)


def _posted(request: HttpRequest, channel_id: int, typed: dict[str, Any]) -> int:
    common: dict[str, Any] = {
        "channel_id": channel_id, "words": typed["words"], "by": _me(request), "at": frame.now(),
        "key": typed["key"] or None,
    }  # fmt: skip
    if typed["kind"] == "poll":
        until = typed["until"] or frame.now()
        return actions.ask(options=typed["options"].splitlines(), until=until, **common)
    act = {"relay": actions.relay, "notice": actions.notify, "talk": actions.say}[typed["kind"]]
    return act(**common)


@frame.staff_only
def matter(request: HttpRequest, post_id: int) -> HttpResponse:
    """The second tap: category and place are proposed, a person confirms."""
    post = queries.post(frame.viewer(request), post_id)
    if not post["may_keep"]:
        raise NotAllowed("由这里的网格员、社工或两委成员来做。")
    advice = matters.category_suggestions(post["words"])
    likely = [(s["code"], s["name"]) for s in advice["suggestions"]]
    others = [(c, matter_words.category(c)) for c in taxonomy.categories() if "." not in c]
    kinds = [*likely, *(pair for pair in others if pair not in likely), ("", _("说不清"))]
    path = post["place_path"]
    mine = [p for p in frame.viewer(request).posts if p.role in permissions.KEEP]
    # A grid worker's own grid first.
    known = [(str(p.place_id), p.place_name) for p in mine if p.place_path.startswith(path)]
    known.append((str(post["place_id"]), str(places.by_id(post["place_id"]).name)))
    known = list(dict.fromkeys([*known, *_below(post["place_id"], 2)]))
    start = {"category": kinds[0][0], "place": known[0][0]}
    form = MatterForm(kinds, known, request.POST or None, initial=start)
    if request.method == "POST":
        made = form.attempt(
            lambda typed: actions.make_matter(
                post_id=post_id, place_id=int(typed["place"]), category=typed["category"],
                by=_me(request), at=frame.now(),
            )
        )  # fmt: skip
        if made is not None:
            messages.success(request, _("已转成一件事：%(n)s。办好了会自动回到频道里。") % {
                "n": made.number})  # fmt: skip
            return redirect("channel_keep", channel_id=post["channel_id"])
    context = {"title": _("转成一件事"), "post": post, "form": form, "advice": advice}
    return render(request, "channels/matter.html", context, status=form.status)


@frame.staff_only
def hide(request: HttpRequest, post_id: int) -> HttpResponse:
    """Cover a post, with the reason."""
    post = queries.post(frame.viewer(request), post_id)
    if not post["may_keep"]:
        raise NotAllowed("由这里的网格员、社工或两委成员来做。")
    form = HideForm(request.POST or None)
    if request.method == "POST":
        done = form.attempt(
            lambda typed: actions.hide(
                post_id=post_id, why=typed["why"], by=_me(request), at=frame.now()
            )
        )  # fmt: skip
        if done:
            messages.success(request, _("已隐藏，原因写在原来的地方。"))
            return redirect("channel_keep", channel_id=post["channel_id"])
    context = {"title": _("隐藏这一条"), "post": post, "form": form}
    return render(request, "channels/hide.html", context, status=form.status)
