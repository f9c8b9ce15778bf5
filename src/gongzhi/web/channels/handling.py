"""What a keeper does with one post: two taps to a matter, hand it on, hide it with a reason."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.channels import actions, care, permissions, queries
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotAllowed
from gongzhi.matters import queries as matters
from gongzhi.matters import words as matter_words
from gongzhi.matters.suggest import taxonomy
from gongzhi.places import queries as places
from gongzhi.web.asked import me
from gongzhi.web.channels import desk
from gongzhi.web.staff import frame


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


class HandForm(frame.Form):
    """Who shall answer."""

    to = forms.ChoiceField(label=gettext_lazy("请谁答复"), widget=forms.RadioSelect)
    words = forms.CharField(
        label=gettext_lazy("带一句话（可不填）"), required=False, max_length=200
    )

    def __init__(self, known: list[tuple[str, str]], *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["to"].choices = known  # type: ignore[attr-defined]


def kept_post(request: HttpRequest, post_id: int) -> dict[str, Any]:
    """A post of a channel he keeps; NotAllowed for others who read it."""
    post = queries.post(frame.viewer(request), post_id)
    if not post["may_keep"]:
        raise NotAllowed("由这里的网格员、社工或两委成员来做。")
    return post


@frame.staff_only
def hand(request: HttpRequest, post_id: int) -> HttpResponse:
    """Give a post to a colleague to answer."""
    post = kept_post(request, post_id)
    today = frame.now().astimezone(SHANGHAI).date()
    known = [(str(n), words) for n, words in care.colleagues(post["place_path"], today)]
    form = HandForm(known, request.POST or None)
    if request.method == "POST":
        done = form.attempt(
            lambda typed: actions.hand(
                post_id=post_id, to=int(typed["to"]), words=typed["words"], by=me(request),
                at=frame.now(),
            )
        )  # fmt: skip
        if done:
            messages.success(request, _("已告诉同事，答复的时间不变。"))
            return redirect("channel_keep", channel_id=post["channel_id"])
    context = {"title": _("交给同事答复"), "post": post, "form": form}
    return render(request, "channels/hand.html", context, status=form.status)


@frame.staff_only
def matter(request: HttpRequest, post_id: int) -> HttpResponse:
    """The second tap: category and place are proposed, a person confirms."""
    post = kept_post(request, post_id)
    advice = matters.category_suggestions(post["words"])
    likely = [(s["code"], s["name"]) for s in advice["suggestions"]]
    others = [(c, matter_words.category(c)) for c in taxonomy.categories() if "." not in c]
    kinds = [*likely, *(pair for pair in others if pair not in likely), ("", _("说不清"))]
    path = post["place_path"]
    mine = [p for p in frame.viewer(request).posts if p.role in permissions.KEEP]
    # A grid worker's own grid first.
    known = [(str(p.place_id), p.place_name) for p in mine if p.place_path.startswith(path)]
    known.append((str(post["place_id"]), str(places.by_id(post["place_id"]).name)))
    known = list(dict.fromkeys([*known, *desk.below(post["place_id"], 2)]))
    start = {"category": kinds[0][0], "place": known[0][0]}
    form = MatterForm(kinds, known, request.POST or None, initial=start)
    if request.method == "POST":
        made = form.attempt(
            lambda typed: actions.make_matter(
                post_id=post_id, place_id=int(typed["place"]), category=typed["category"],
                by=me(request), at=frame.now(),
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
    post = kept_post(request, post_id)
    form = HideForm(request.POST or None)
    if request.method == "POST":
        done = form.attempt(
            lambda typed: actions.hide(
                post_id=post_id, why=typed["why"], by=me(request), at=frame.now()
            )
        )  # fmt: skip
        if done:
            messages.success(request, _("已隐藏，原因写在原来的地方。"))
            return redirect("channel_keep", channel_id=post["channel_id"])
    context = {"title": _("隐藏这一条"), "post": post, "form": form}
    return render(request, "channels/hide.html", context, status=form.status)
