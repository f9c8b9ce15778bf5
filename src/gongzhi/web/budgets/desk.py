"""The desk of a budget: announcing it, costing the ideas, moving it on, files in and out."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.deliberation.budgets import actions, permissions, queries, rules
from gongzhi.deliberation.budgets.actions.stages import Plan
from gongzhi.deliberation.budgets.allocation import completion, pb, report
from gongzhi.deliberation.budgets.models import Budget
from gongzhi.web import paging
from gongzhi.web.budgets import picture, reading
from gongzhi.web.staff import frame

MOST_BYTES = 5_000_000


class PlanForm(frame.Form):
    """A new sum: how much, from where, by which rule, when."""

    place = forms.ChoiceField(label=gettext_lazy("在哪里"))
    title = forms.CharField(label=gettext_lazy("标题"), max_length=80)
    amount = forms.CharField(label=gettext_lazy("总额（元）"), max_length=30)
    source = forms.CharField(label=gettext_lazy("钱从哪里来"), max_length=120)
    about = forms.CharField(
        label=gettext_lazy("说明"), required=False, max_length=1000, widget=frame.Lines()
    )
    per = forms.ChoiceField(
        label=gettext_lazy("谁投票"), choices=Budget.Per.choices, widget=forms.RadioSelect,
        initial=Budget.Per.HOUSEHOLD,
    )  # fmt: skip
    rule = forms.ChoiceField(
        label=gettext_lazy("怎么选"), choices=Budget.Rule.choices, widget=forms.RadioSelect,
        initial=Budget.Rule.EQUAL_SHARES, help_text=gettext_lazy("投票开始以后不能再改。"),
    )  # fmt: skip
    completion = forms.ChoiceField(
        label=gettext_lazy("用均分份额法时，余款怎么办"), choices=Budget.Completion.choices,
        widget=forms.RadioSelect, initial=Budget.Completion.ADD1_GREEDY,
    )  # fmt: skip
    ideas_until = forms.DateTimeField(label=gettext_lazy("征集点子到"), widget=frame.Moment())
    vote_from = forms.DateTimeField(label=gettext_lazy("投票从"), widget=frame.Moment())
    vote_until = forms.DateTimeField(label=gettext_lazy("投票到"), widget=frame.Moment())
    doing_until = forms.DateField(label=gettext_lazy("做完的日子"), widget=frame.Day())

    def __init__(self, places: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = places  # type: ignore[attr-defined]


class JudgeForm(frame.Form):
    """What an idea costs and how that was reckoned, or why it cannot be done."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("能不能做"),
        choices=[("cost", gettext_lazy("能做，费用如下")), ("refuse", gettext_lazy("不能做"))],
        widget=forms.RadioSelect, initial="cost",
    )  # fmt: skip
    cost = forms.CharField(
        label=gettext_lazy("费用（元）"), required=False, max_length=30,
        help_text=gettext_lazy("投票和分配按这个数。"),
    )  # fmt: skip
    low = forms.CharField(label=gettext_lazy("最少（元）"), required=False, max_length=30)
    high = forms.CharField(label=gettext_lazy("最多（元）"), required=False, max_length=30)
    reason = frame.reason(gettext_lazy("怎么算的，或者为什么不能做（公开）"), most=500)


class FileForm(frame.Form):
    """A Pabulib file."""

    file = forms.FileField(label=gettext_lazy(".pb 文件"))


def _places(request: HttpRequest) -> list[tuple[str, str]]:
    """Where he may announce a sum: the places of his posts."""
    viewer = frame.viewer(request)
    posts = {p.place_id: p.place_name for p in viewer.posts if p.role in permissions.RUN}
    return [(str(place), name) for place, name in posts.items()]


@frame.staff_only
def listed(request: HttpRequest) -> HttpResponse:
    """The sums he may see."""
    found = queries.budgets(frame.viewer(request), page=frame.number(request, "page", 1))
    for row in found["rows"]:
        row["stage_word"] = Budget.Stage(row["stage"]).label
    context = {
        "title": _("社区资金"), "rows": found["rows"], "may_new": bool(_places(request)),
        "pager": paging.Pager(found["page"], found["more"], ""),
    }  # fmt: skip
    return render(request, "budgets/desk.html", context)


@frame.staff_only
def new(request: HttpRequest) -> HttpResponse:
    """Announce a sum."""
    places = _places(request)
    if not places:
        raise NotAllowed("社区资金由这里的两委成员、书记或镇（街道）干部来管理。")
    form = PlanForm(places, request.POST or None, initial={"place": places[0][0]})
    if request.method == "POST":
        made = form.attempt(lambda typed: _proposed(request, typed))
        if made is not None:
            messages.success(request, _("已公布，居民可以提点子了。"))
            return redirect("budget_run", budget_id=made)
    context = {"title": _("公布一笔社区资金"), "form": form}
    return render(request, "budgets/new.html", context, status=form.status)


def _proposed(request: HttpRequest, typed: dict[str, Any]) -> int:
    plan = Plan(
        title=typed["title"], amount_fen=rules.fen(typed["amount"], "amount"),
        source=typed["source"], about=typed["about"], per=typed["per"], rule=typed["rule"],
        completion=typed["completion"], doing_until=typed["doing_until"],
        times=rules.Times(typed["ideas_until"], typed["vote_from"], typed["vote_until"]),
    )  # fmt: skip
    return actions.propose(
        place_id=int(typed["place"]), plan=plan, by=_me(request), at=frame.now(),
        key=typed["key"] or None,
    )  # fmt: skip


def _me(request: HttpRequest) -> int:
    found = frame.viewer(request).person_id
    assert found is not None  # staff_only
    return found


def _seen(request: HttpRequest, budget_id: int) -> dict[str, Any]:
    row = queries.budget(frame.viewer(request), budget_id, frame.now())
    if not (row["may_run"] or row["may_cost"]):
        raise NotAllowed("社区资金由这里的两委成员、书记或镇（街道）干部来管理。")
    return row


@frame.staff_only
def page(request: HttpRequest, budget_id: int) -> HttpResponse:
    """Where it stands, the ideas with their costs, the next step."""
    return _page(request, _seen(request, budget_id), FileForm())


def _page(request: HttpRequest, row: dict[str, Any], form: FileForm) -> HttpResponse:
    state = request.GET.get("state", "")
    found = queries.ideas(
        row["id"], state=state if state in {"open", "costed", "refused"} else "", sort="old",
        page=frame.number(request, "page", 1), size=50,
    )  # fmt: skip
    closed = row["stage"] == "vote" and frame.now() >= row["vote_until"]
    context = {
        "title": row["title"], "budget": row, "rows": found["rows"], "form": form, "state": state,
        "way": reading.way(row["stage"]), "closed": closed,
        "preview": _preview(row) if closed else None,
        "rule": Budget.Rule(row["rule"]).label,
        "completion": Budget.Completion(row["completion"]).label,
        "pager": paging.Pager(found["page"], found["more"], f"state={state}&" if state else ""),
        "unit": "household" if row["per"] == "household" else "person",
    }  # fmt: skip
    return render(request, "budgets/run.html", context, status=form.status)


def _preview(row: dict[str, Any]) -> dict[str, Any]:
    """What publishing will say: computed after the close only, by the rule fixed before."""
    election, _ids = queries.election(row["id"])
    found = report.as_data(election, completion.allocate(election, row["rule"], row["completion"]))
    return found | {"bars": picture.bars(found)}


STEPS = {
    "close_ideas": (actions.close_ideas, gettext_lazy("征集结束，开始核算。")),
    "open_vote": (actions.open_vote, gettext_lazy("名单已定下，到时候就可以投票。")),
    "allocate": (actions.allocate, gettext_lazy("结果已公布在公开栏上。")),
    "begin": (actions.begin, gettext_lazy("选中的项目都有了账。")),
    "end": (actions.end, gettext_lazy("全部结清。")),
}


@frame.staff_only
@frame.post_only
def step(request: HttpRequest, budget_id: int, step: str) -> HttpResponse:
    """Move it on by one step."""
    _seen(request, budget_id)
    if step not in STEPS:
        raise NotFound("没有这一步。")
    act, words = STEPS[step]
    try:
        act(budget_id=budget_id, by=_me(request), at=frame.now())
    except Refused as refusal:
        if refusal.status in {403, 404}:
            raise
        messages.warning(request, f"{_(refusal.words)}{_(refusal.todo) if refusal.todo else ''}")
    else:
        messages.success(request, words)
    return redirect("budget_run", budget_id=budget_id)


@frame.staff_only
@frame.post_only
def take_in(request: HttpRequest, budget_id: int) -> HttpResponse:
    """Projects of a .pb file become ideas with costs."""
    row = _seen(request, budget_id)
    form = FileForm(request.POST, request.FILES)

    def call(typed: dict[str, Any]) -> int:
        if typed["file"].size > MOST_BYTES:
            raise BadInput("file", "文件太大了，最多5兆。")
        election = pb.read(pb.decode(typed["file"].read()))
        return actions.take_in(
            budget_id=budget_id, election=election, by=_me(request), at=frame.now()
        )

    made = form.attempt(call)
    if made is None:
        return _page(request, row, form)
    messages.success(request, _("导入了%(n)d个项目，请逐个看一遍费用。") % {"n": made})
    return redirect("budget_run", budget_id=budget_id)


@frame.staff_only
def judge(request: HttpRequest, idea_id: int) -> HttpResponse:
    """Cost one idea, or say why not."""
    row = queries.idea(frame.viewer(request), idea_id, frame.now())
    if not row["may_cost"]:
        raise NotAllowed("核算费用由两委成员、镇（街道）干部或部门工作人员来做，不算自己提的。")
    form = JudgeForm(request.POST or None, initial=_judged(row))
    if request.method == "POST" and form.attempt(lambda typed: _judge(request, idea_id, typed)):
        messages.success(request, _("已写下，居民看得到。"))
        return redirect(reverse("budget_run", kwargs={"budget_id": row["budget_id"]}))
    context = {"title": f"{row['number']}. {row['title']}", "idea": row, "form": form}
    return render(request, "budgets/judge.html", context, status=form.status)


def _judged(row: dict[str, Any]) -> dict[str, str]:
    def yuan(fen: int | None) -> str:
        return "" if fen is None else f"{fen // 100}.{fen % 100:02d}"

    return {
        "verdict": "refuse" if row["state"] == "refused" else "cost", "reason": row["reason"],
        "cost": yuan(row["cost_fen"]), "low": yuan(row["low_fen"]), "high": yuan(row["high_fen"]),
    }  # fmt: skip


def _judge(request: HttpRequest, idea_id: int, typed: dict[str, Any]) -> bool:
    by, at = _me(request), frame.now()
    if typed["verdict"] == "refuse":
        actions.refuse(idea_id=idea_id, reason=typed["reason"], by=by, at=at)
        return True
    actions.cost(
        idea_id=idea_id, cost_fen=rules.fen(typed["cost"], "cost"), note=typed["reason"],
        low_fen=rules.fen(typed["low"], "low") if typed["low"] else None,
        high_fen=rules.fen(typed["high"], "high") if typed["high"] else None, by=by, at=at,
    )  # fmt: skip
    return True
