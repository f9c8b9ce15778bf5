"""The rule book's desk: items, and the steps from draft to publication."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotAllowed, NotFound
from gongzhi.core.spoken import spoken
from gongzhi.ledger.points import actions, permissions, queries, rules
from gongzhi.ledger.points.models import Area, Evidence, RuleBook, RuleItem, Subject
from gongzhi.reactions import tovote
from gongzhi.web import paging
from gongzhi.web.asked import me
from gongzhi.web.staff import frame

YEAR = timedelta(days=365)  # people vote on their rules again once a year (rules.md R7)


class DraftForm(frame.Form):
    """A new version."""

    place = forms.ChoiceField(label=gettext_lazy("在哪里"))
    title = forms.CharField(label=gettext_lazy("标题"), max_length=80)

    def __init__(self, known: list[tuple[str, str]], *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["place"].choices = known  # type: ignore[attr-defined]


class ItemForm(frame.Form):
    """One deed and its points."""

    code = forms.CharField(label=gettext_lazy("编号"), max_length=8)
    title = forms.CharField(label=gettext_lazy("做什么得分"), max_length=60)
    words = forms.CharField(label=gettext_lazy("说明"), required=False, max_length=300)
    area = forms.ChoiceField(label=gettext_lazy("哪一类"), choices=Area.choices)
    kind = forms.ChoiceField(label=gettext_lazy("常规还是临时"), choices=RuleItem.Kind.choices)
    subject = forms.ChoiceField(label=gettext_lazy("给谁"), choices=Subject.choices)
    points = forms.IntegerField(label=gettext_lazy("几分"), min_value=1, max_value=500)
    unit = forms.CharField(label=gettext_lazy("按什么算"), max_length=12, initial="次")
    cap = forms.IntegerField(label=gettext_lazy("每月最多几次"), min_value=1, max_value=60)
    evidence = forms.MultipleChoiceField(
        label=gettext_lazy("凭据（任选一种）"), choices=Evidence.choices,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    until_on = forms.DateField(
        label=gettext_lazy("到哪一天（临时事项）"), required=False, widget=frame.Day()
    )


class TalkForm(frame.Form):
    """It was talked over."""

    on = forms.DateField(label=gettext_lazy("哪一天议的"), widget=frame.Day())
    words = frame.reason(gettext_lazy("议了什么，改了什么"), most=500)


class VoteForm(frame.Form):
    """How the meeting decided."""

    meeting = forms.ChoiceField(label=gettext_lazy("哪个会"), choices=RuleBook.Meeting.choices)
    on = forms.DateField(label=gettext_lazy("哪一天"), widget=frame.Day())
    electorate = frame.count(gettext_lazy("应到人数"))
    present = frame.count(gettext_lazy("实到人数"))
    votes_for = frame.count(gettext_lazy("赞成人数"))
    resolution = forms.CharField(
        label=gettext_lazy("决议怎么称呼"), required=False, max_length=120,
        help_text=gettext_lazy("例如：2026年第4次村民代表会议第2号决议。公布时写在办法上。"),
    )  # fmt: skip


class BallotForm(frame.Form):
    """Which meeting decides, in this system."""

    to = forms.ChoiceField(label=gettext_lazy("由哪个会来决定"))

    def __init__(self, known: list[tuple[str, str]], *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["to"].choices = known  # type: ignore[attr-defined]


class TermsForm(frame.Form):
    """Caps, days of notice, how long points last."""

    month_cap = frame.count(gettext_lazy("个人每月最多几分"), most=2000)
    group_cap = frame.count(gettext_lazy("家庭、团队、单位每月最多几分"), most=20000)
    notice_days = frame.count(gettext_lazy("总数公示几天"), most=60)
    lasts = forms.ChoiceField(
        label=gettext_lazy("积分多久有效"), choices=RuleBook.Lasts.choices,
        widget=forms.RadioSelect,
    )  # fmt: skip
    months = forms.IntegerField(
        label=gettext_lazy("几个月（每年结算的，写第二年几月底）"), min_value=1, max_value=60
    )


class PublishForm(frame.Form):
    """From when."""

    on = forms.DateField(label=gettext_lazy("从哪一天起施行"), widget=frame.Day())


STEPS: dict[str, tuple[str, type[frame.Form]]] = {
    "draft": ("talk", TalkForm), "deliberated": ("vote", VoteForm),
    "voted": ("file", frame.Form), "filed": ("publish", PublishForm),
}  # fmt: skip


@frame.staff_only
def listed(request: HttpRequest) -> HttpResponse:
    """The versions at his places."""
    found = queries.books(frame.viewer(request), page=frame.number(request, "page", 1))
    for row in found["rows"]:
        row["state_word"] = RuleBook.State(row["state"]).label
    context = {"title": _("积分办法"), "rows": found["rows"], "may_new": bool(_mine(request)),
               "pager": paging.Pager(found["page"], found["more"], "")}  # fmt: skip
    return render(request, "points/books.html", context)


def _mine(request: HttpRequest) -> list[tuple[str, str]]:
    posts = frame.viewer(request).posts
    return list({(str(p.place_id), p.place_name) for p in posts if p.role in permissions.WRITE})


@frame.staff_only
def new(request: HttpRequest) -> HttpResponse:
    """Draft the next version."""
    known = _mine(request)
    if not known:
        raise NotAllowed("积分办法由这里的两委成员或书记来起草。")
    form = DraftForm(known, request.POST or None)
    if request.method == "POST":
        made = form.attempt(
            lambda typed: actions.draft(
                place_id=int(typed["place"]), title=typed["title"], by=me(request), at=frame.now(),
                key=typed["key"] or None,
            )
        )  # fmt: skip
        if made is not None:
            messages.success(request, _("草稿里已有常用的事项，请改成你们自己的。"))
            return redirect("points_book_edit", book_id=made)
    context = {"title": _("起草积分办法"), "form": form, "back": "points_books"}
    return render(request, "points/form.html", context, status=form.status)


def _page(
    request: HttpRequest, book_id: int, form: frame.Form | None,
    ballot: BallotForm | None = None,
) -> HttpResponse:  # fmt: skip
    row = queries.book(frame.viewer(request), book_id)
    for item in row["items"]:
        item["area_word"], item["subject_word"] = (
            Area(item["area"]).label, Subject(item["subject"]).label
        )  # fmt: skip
    step, kind = STEPS.get(row["state"], ("", None))
    may = row["may_file"] if step == "file" else row["may_write"]
    today = frame.now().astimezone(SHANGHAI).date()
    voting = row["motion_id"] is not None and row["state"] == "deliberated"
    if form is None and kind is not None and may and not voting:
        form = kind(initial={"on": today})
    if ballot is None and step == "vote" and may and not voting:
        ballot = BallotForm(tovote.deciding(row["place_id"]))
    context = {
        "title": row["title"], "book": row, "form": form, "step": step, "may": may,
        "state_word": RuleBook.State(row["state"]).label,
        "editable": row["state"] in ("draft", "deliberated") and row["may_write"] and not voting,
        "voting": voting, "ballot": ballot, "term": spoken(rules.term(row["lasts"], row["months"])),
        "stale": row["state"] == "published" and row["voted_on"] + YEAR <= today,
        "way": [{"name": s.label, "state": _stands(s.value, row["state"])}
                for s in RuleBook.State if s != "ended"],
    }  # fmt: skip
    status = max(f.status if f is not None else 200 for f in (form, ballot))
    return render(request, "points/edit.html", context, status=status)


def _stands(step: str, now: str) -> str:
    order = list(RuleBook.State.values)
    here, there = order.index(step), order.index(now)
    return "now" if here == there else "done" if here < there else "next"


@frame.staff_only
def page(request: HttpRequest, book_id: int) -> HttpResponse:
    """The version with its items and the next step."""
    return _page(request, book_id, None)


@frame.staff_only
def item(request: HttpRequest, book_id: int, item_id: int) -> HttpResponse:
    """Write one item; 0 is a new one. The negative list answers with its article."""
    row = queries.book(frame.viewer(request), book_id)
    if not row["may_write"]:
        raise NotAllowed("积分办法由这里的两委成员或书记来起草。")
    known = next((i for i in row["items"] if i["id"] == item_id), None)
    if item_id and known is None:
        raise NotFound("没有这一项。")
    if request.method == "POST" and request.POST.get("remove"):
        actions.remove_item(book_id=book_id, item_id=item_id, by=me(request), at=frame.now())
        messages.success(request, _("已删去。"))
        return redirect("points_book_edit", book_id=book_id)
    form = ItemForm(request.POST or None, initial=dict(known or {}))
    if request.method == "POST":
        made = form.attempt(
            lambda typed: actions.save_item(
                book_id=book_id, values=typed, item_id=item_id or None, by=me(request),
                at=frame.now(),
            )
        )  # fmt: skip
        if made is not None:
            messages.success(request, _("已写下。"))
            return redirect("points_book_edit", book_id=book_id)
    context = {"title": known["title"] if known else _("加一项"), "form": form, "book": row,
               "item_id": item_id}  # fmt: skip
    return render(request, "points/item.html", context, status=form.status)


@frame.staff_only
def terms(request: HttpRequest, book_id: int) -> HttpResponse:
    """The caps and how long points last."""
    row = queries.book(frame.viewer(request), book_id)
    if not row["may_write"]:
        raise NotAllowed("积分办法由这里的两委成员或书记来起草。")
    form = TermsForm(request.POST or None, initial={n: row[n] for n in TermsForm.base_fields
                                                    if n in row and n != "key"})  # fmt: skip

    def saved(typed: dict[str, Any]) -> bool:
        actions.set_caps(
            book_id=book_id, by=me(request), at=frame.now(),
            **{n: v for n, v in typed.items() if n != "key"},
        )  # fmt: skip
        return True

    if request.method == "POST" and form.attempt(saved):
        messages.success(request, _("已写下。"))
        return redirect("points_book_edit", book_id=book_id)
    context = {"title": _("上限、公示和期限"), "form": form, "book": row, "item_id": 0}
    return render(request, "points/item.html", context, status=form.status)


@frame.staff_only
@frame.post_only
def ballot(request: HttpRequest, book_id: int) -> HttpResponse:
    """The draft goes to the meeting that decides; it is frozen until the vote is counted."""
    row = queries.book(frame.viewer(request), book_id)
    form = BallotForm(tovote.deciding(row["place_id"]), request.POST)
    made = form.attempt(
        lambda typed: tovote.put(
            book_id=book_id, to=typed["to"], by=me(request), at=frame.now(),
            key=typed["key"] or None,
        )
    )  # fmt: skip
    if made is None:
        return _page(request, book_id, None, form)
    messages.success(request, _("已送去表决。请先公布，再开始投票。"))
    return redirect("staff_vote", motion_id=made)


@frame.staff_only
@frame.post_only
def step(request: HttpRequest, book_id: int, step: str) -> HttpResponse:
    """One step on."""
    queries.book(frame.viewer(request), book_id)
    kind = next((form for name, form in STEPS.values() if name == step), None)
    if kind is None:
        raise NotFound("没有这一步。")
    form = kind(request.POST)
    if form.attempt(lambda typed: _stepped(request, book_id, step, typed)):
        messages.success(request, _("已进到下一步。"))
        return redirect("points_book_edit", book_id=book_id)
    return _page(request, book_id, form)


def _stepped(request: HttpRequest, book_id: int, step: str, typed: dict[str, Any]) -> bool:
    common: dict[str, Any] = {"book_id": book_id, "by": me(request), "at": frame.now()}
    if step == "talk":
        actions.talked_over(on=typed["on"], words=typed["words"], **common)
    elif step == "vote":
        counted = actions.Vote(
            typed["meeting"], typed["on"], typed["electorate"], typed["present"],
            typed["votes_for"], resolution=typed["resolution"],
        )  # fmt: skip
        actions.adopted(vote=counted, **common)
    elif step == "file":
        actions.file(**common)
    else:
        actions.publish(from_on=typed["on"], **common)
    return True
