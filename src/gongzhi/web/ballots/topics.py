"""Topics: what should be talked about, what became of it and why; one appeal."""

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.core.spoken import spoken
from gongzhi.deliberation.ballots import actions, permissions, queries
from gongzhi.deliberation.ballots.models import Topic
from gongzhi.places.models import Place
from gongzhi.web import paging
from gongzhi.web.asked import Asked
from gongzhi.web.ballots import words
from gongzhi.web.sheet import Sheet
from gongzhi.web.staff import frame


@never_cache
@login_required
def page(request: Asked, sheet: Sheet | None = None) -> HttpResponse:
    """Topics of my community: taken up or not, with the reason; mine with a way to appeal."""
    number = paging.number(request)
    path = _home(request)
    found = queries.topics(path, request.viewer, page=number) if path else {"rows": [], "more": 0}
    shown = {
        "rows": found["rows"], "w": words, "here_path": path,
        "sheet": sheet or Sheet({"key": uuid4().hex}),
        "pager": paging.pager(request, number, has_more=bool(found["more"])),
    }  # fmt: skip
    return render(request, "ballots/topics.html", shown, status=sheet.status if sheet else 200)


def _home(request: Asked) -> str:
    """The community of the visitor: the place he belongs to, or where he stands."""
    inside = [p.path for p in Place.objects.filter(path__in=request.viewer.places, kind="village")]
    return inside[0] if inside else request.here.path if request.here else ""


@require_POST
@login_required
def propose(request: Asked) -> HttpResponse:
    """Propose a topic."""
    sheet, me = Sheet.of(request.POST, "key", "title", "text"), request.viewer.person_id
    assert me is not None  # login_required
    try:
        place = Place.objects.filter(path=_home(request)).first()
        if place is None:
            raise BadInput("title", _("还不知道您在哪个社区（村）。"))
        actions.propose_topic(
            place_id=place.pk, title=sheet["title"], text_=sheet["text"], by=me,
            at=timezone.now(), key=sheet["key"] or None,
        )  # fmt: skip
    except Refused as refusal:
        sheet.wrong(refusal)
        return page(request, sheet)
    messages.success(request, _("已收到。审核的结果和理由会公开。"))
    return HttpResponseRedirect(reverse("topics"))


@require_POST
@login_required
def appeal(request: Asked, topic_id: int) -> HttpResponse:
    """Ask for a second look, by somebody else."""
    sheet, me = Sheet.of(request.POST, "appeal"), request.viewer.person_id
    assert me is not None  # login_required
    if not Topic.objects.filter(pk=topic_id, proposed_by=me).exists():
        raise NotFound("没有这个议题，或者不是您提的。")
    try:
        actions.appeal_topic(topic_id=topic_id, words=sheet["appeal"], by=me, at=timezone.now())
    except Refused as refusal:
        sheet.wrong(refusal)
        sheet.values["key"] = uuid4().hex
        return page(request, sheet)
    messages.success(request, _("已申请复核，会由另一个人来看。"))
    return HttpResponseRedirect(reverse("topics"))


@frame.staff_only
def desk(request: HttpRequest, wrong: Refused | None = None) -> HttpResponse:
    """Topics that wait for a review or for the answer to an appeal."""
    viewer = frame.viewer(request)
    places = [post.place_path for post in viewer.posts]
    rows = [
        row for row in Topic.objects.filter(state__in=("proposed", "appealed"))
        .select_related("place", "proposed_by").order_by("id")[:200]
        if any(row.place_path.startswith(path) for path in places)
    ]  # fmt: skip
    shown = {
        "title": _("议题审核"), "rows": rows, "w": words, "typed": request.POST,
        "wrong": " ".join(filter(None, map(spoken, (wrong.words, wrong.todo)))) if wrong else "",
    }  # fmt: skip
    return render(
        request, "ballots/staff_topics.html", shown, status=wrong.status if wrong else 200
    )


@frame.staff_only
@frame.post_only
def review(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Take it up or not, with the reason; of an appeal, the second decision."""
    viewer = frame.viewer(request)
    topic = Topic.objects.filter(pk=topic_id).first()
    if topic is None or not permissions.may_review(viewer, topic.place_path):
        raise NotFound("没有这个议题，或者不归您审核。")
    said, by = request.POST.get("reason", ""), viewer.person_id or 0
    try:
        if request.POST.get("accept") not in ("yes", "no"):
            raise BadInput("accept", _("请选列入还是不列入。"))
        accept = request.POST["accept"] == "yes"
        if topic.state == "appealed":
            actions.answer_appeal(
                topic_id=topic_id, accept=accept, answer=said, by=by, at=frame.now()
            )
        else:
            actions.review_topic(
                topic_id=topic_id, accept=accept, reason=said, by=by, at=frame.now()
            )
    except Refused as refusal:
        return desk(request, refusal)
    messages.success(request, _("已审核，结果和理由已经公开。"))
    return redirect(reverse("staff_topics"))
