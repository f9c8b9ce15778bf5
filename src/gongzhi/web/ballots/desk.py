"""The host's desk: drafting, opening, counting hands, closing, saying what came of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.core.spoken import spoken
from gongzhi.deliberation.ballots import actions, queries
from gongzhi.deliberation.ballots.models import Method, Motion
from gongzhi.deliberation.bodies import queries as bodies
from gongzhi.matters.models import Matter
from gongzhi.places.models import Place
from gongzhi.playbooks import rules as law
from gongzhi.web import listen, paging
from gongzhi.web.asked import Asked
from gongzhi.web.ballots import words
from gongzhi.web.public.qr import picture
from gongzhi.web.staff import frame

_OPEN_TO = ("villagers_18", "residents_18", "households", "collective", "members", "body")
_SUBJECTS = (
    ("", gettext_lazy("一般的事")),
    ("village_committee_election", gettext_lazy("选举或罢免村（居）民委员会成员")),
    ("charter", gettext_lazy("制定、修改集体经济组织章程")),
    ("member_confirmation", gettext_lazy("确认集体经济组织成员")),
    ("share_plan", gettext_lazy("土地承包、宅基地、收益权份额量化方案")),
    ("land_compensation", gettext_lazy("土地补偿费的分配和使用")),
    ("merger_division", gettext_lazy("集体经济组织合并、分立")),
)


class DraftForm(frame.Form):
    """What is put to the vote, who votes and by which rule."""

    place = forms.ChoiceField(label=gettext_lazy("在哪里"))
    body = forms.ChoiceField(
        label=gettext_lazy("哪个会"), required=False,
        help_text=gettext_lazy("选了会，就按这个会的规则和成员名单。"),
    )  # fmt: skip
    title = forms.CharField(label=gettext_lazy("要表决什么"), max_length=80)
    text = forms.CharField(
        label=gettext_lazy("具体内容"), max_length=4000, widget=frame.Lines(6),
        help_text=gettext_lazy("花多少钱、谁来办、什么时候办，都写上。"),
    )  # fmt: skip
    subject = forms.ChoiceField(label=gettext_lazy("是哪一类事"), required=False, choices=_SUBJECTS)
    rule = forms.ChoiceField(label=gettext_lazy("按什么规则"))
    electorate = forms.ChoiceField(label=gettext_lazy("谁来投票"))
    method = forms.ChoiceField(
        label=gettext_lazy("怎么投"), choices=Method.choices, widget=forms.RadioSelect,
        initial=Method.FOR_AGAINST,
    )  # fmt: skip
    options = forms.CharField(
        label=gettext_lazy("选项（不是赞成、反对时才填，一行一个）"), required=False,
        max_length=2000, widget=frame.Lines(4),
    )  # fmt: skip
    most = forms.IntegerField(
        label=gettext_lazy("最多选几项"), required=False, min_value=1, max_value=30, initial=1
    )
    secret = forms.ChoiceField(
        label=gettext_lazy("记名不记名"), initial="no", widget=forms.RadioSelect,
        choices=[("no", gettext_lazy("记名：谁投了什么，主持人查得到")),
                 ("yes", gettext_lazy("不记名：选票上没有名字，凭回执改票和核对"))],
    )  # fmt: skip
    live = forms.ChoiceField(
        label=gettext_lazy("什么时候投完"), initial="no", widget=forms.RadioSelect,
        choices=[("no", gettext_lazy("投到公布的时间为止")),
                 ("yes", gettext_lazy("在现场投，主持人宣布结束"))],
    )  # fmt: skip
    matter = forms.CharField(
        label=gettext_lazy("是哪件事的表决（事项编号，可不填）"), required=False, max_length=30
    )

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = {post.place_id: post for post in viewer.posts}
        known = [(str(p.place_id), p.place_name) for p in places.values()]
        rows = [row for p in places.values() for row in bodies.listed(p.place_path)["rows"]]
        self.fields["place"].choices = known  # type: ignore[attr-defined]
        self.fields["body"].choices = [("", _("不在会上，单独投票")), *{  # type: ignore[attr-defined]
            (str(row["id"]), f"{row['name']}（{row['place']}）") for row in rows
        }]  # fmt: skip
        self.fields["rule"].choices = [  # type: ignore[attr-defined]
            ("house", _("议事会自己的规则：到会过半数赞成（意见，不作决定）")),
            *((r.id, words.rule_name(r)) for r in law.presets().values() if not r.weighted),
        ]
        self.fields["electorate"].choices = [  # type: ignore[attr-defined]
            (value, label) for value, label in Motion.Electorate.choices if value in _OPEN_TO
        ]


@frame.staff_only
def listed(request: HttpRequest) -> HttpResponse:
    """Votes where I have a post, those under way first."""
    asked: Asked = request  # type: ignore[assignment]
    number = paging.number(asked)
    found = queries.desk(frame.viewer(request), page=number)
    page = {
        "title": _("表决"), "rows": found["rows"], "w": words,
        "pager": paging.pager(asked, number, has_more=found["more"]),
    }  # fmt: skip
    return render(request, "ballots/staff_votes.html", page)


@frame.staff_only
def new(request: HttpRequest) -> HttpResponse:
    """Draft a vote."""
    form = DraftForm(request.POST or None, viewer=frame.viewer(request))
    if request.method == "POST":
        made = form.attempt(lambda typed: _propose(typed, frame.viewer(request).person_id or 0))
        if made is not None:
            return _done(request, made, _("已起草。请核对一遍，再公布或开始投票。"))
    page = {"title": _("发起表决"), "form": form}
    return render(request, "ballots/staff_new.html", page, status=form.status)


def _propose(typed: dict[str, Any], by: int) -> int:
    body = int(typed["body"]) if typed["body"] else None
    matter = None
    if typed["matter"]:
        matter = Matter.objects.filter(number=typed["matter"].strip()).values_list("id", flat=True)
        if not matter:
            raise BadInput("matter", _("没有这个编号的事项。"))
    return actions.propose_motion(
        place_id=int(typed["place"]), body_id=body, title=typed["title"], text_=typed["text"],
        subject=typed["subject"], rule=typed["rule"], method=typed["method"],
        electorate="" if body else typed["electorate"], options=typed["options"].splitlines(),
        most=typed["most"] or 1, secret=typed["secret"] in ("yes",), live=typed["live"] == "yes",
        matter_id=matter[0] if matter else None, by=by, at=frame.now(), key=typed["key"],
    )  # fmt: skip


@frame.staff_only
def page(request: HttpRequest, motion_id: int, wrong: Refused | None = None) -> HttpResponse:
    """Everything that can be done with one vote now."""
    viewer = frame.viewer(request)
    motion = queries.get(viewer, motion_id)
    if not motion["runs"] and not motion["reads_papers"]:
        raise NotFound("没有这个表决，或者不归您主持。")
    asked: Asked = request  # type: ignore[assignment]
    now = frame.now()
    address = request.build_absolute_uri(reverse("vote", kwargs={"motion_id": motion_id}))
    shown = {
        "title": motion["title"], "motion": motion, "w": words, "address": address,
        "options": words.options(motion), "result": motion["result"], "typed": request.POST,
        "wrong": " ".join(filter(None, map(spoken, (wrong.words, wrong.todo)))) if wrong else "",
        "over": motion["state"] == "open" and now >= motion["closes_at"],
        "qr": picture(address), "live": listen.address(asked, f"motion:{motion_id}"),
        "suggested": (now + timedelta(days=7)).astimezone(SHANGHAI).strftime("%Y-%m-%dT18:00"),
    }  # fmt: skip
    if motion["state"] == "open":
        shown["turnout"] = queries.turnout(motion)
        shown["papers"] = queries.paper_readings(motion)
    if motion["state"] == "draft":
        shown["place"] = Place.objects.get(pk=motion["place_id"])
    return render(request, "ballots/staff_vote.html", shown, status=wrong.status if wrong else 200)


@frame.staff_only
@frame.post_only
def step(request: HttpRequest, motion_id: int, verb: str) -> HttpResponse:
    """Announce, open, count hands, close, void, say what came of it."""
    known: dict[str, tuple[Callable[..., object], Callable[[HttpRequest], dict[str, Any]], str]] = {
        "announce": (actions.announce_motion, lambda _r: {}, _("已公布，从今天起算通知的天数。")),
        "open": (actions.open_motion, _opening, _("投票开始了。")),
        "hands": (actions.count_hands, _hands, _("举手人数已记下。")),
        "close": (actions.close_motion, lambda _r: {}, _("已计票，结果已经公开。")),
        "void": (
            actions.void_motion,
            lambda r: {"reason": r.POST.get("reason", "")},
            _("已作废。"),
        ),
        "use": (actions.say_use, _use, _("已说明，会一起公开。")),
    }
    if verb not in known:
        raise NotFound()
    viewer = frame.viewer(request)
    queries.get(viewer, motion_id)
    call, read, said = known[verb]
    try:
        call(motion_id=motion_id, by=viewer.person_id, at=frame.now(), **read(request))
    except Refused as refusal:
        return page(request, motion_id, refusal)
    return _done(request, motion_id, said)


def _opening(request: HttpRequest) -> dict[str, Any]:
    typed = request.POST.get("closes_at", "")
    until = None
    if typed:
        try:
            until = datetime.fromisoformat(typed[:19]).replace(tzinfo=SHANGHAI)
        except ValueError as wrong:
            raise BadInput("closes_at", _("时间写得不对。")) from wrong
    return {"closes_at": until, "adhoc": request.POST.get("adhoc", "")}


def _hands(request: HttpRequest) -> dict[str, Any]:
    counts = {
        name[6:]: _whole(str(value))
        for name, value in request.POST.items() if name.startswith("hands_")
    }  # fmt: skip
    return {"counts": counts}


def _whole(typed: str) -> int:
    if not typed.strip():
        return 0
    if not (typed.strip().isdecimal() and len(typed.strip()) < 7):
        raise BadInput("counts", _("举手的人数要写成不小于零的整数。"))
    return int(typed)


def _use(request: HttpRequest) -> dict[str, Any]:
    if request.POST.get("used") not in ("yes", "no"):
        raise BadInput("used", _("请选采纳了还是没有采纳。"))
    return {"used": request.POST["used"] == "yes", "reason": request.POST.get("reason", "")}


def _done(request: HttpRequest, motion_id: int, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect(reverse("staff_vote", kwargs={"motion_id": motion_id}))
