"""The inbox: what waits, by time left; filters that live in the address; work given out in bulk."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as noop

from gongzhi.core.errors import BadInput, Refused
from gongzhi.matters import actions, queries
from gongzhi.matters import words as matter_words
from gongzhi.matters.models import Source
from gongzhi.people.permissions import Viewer
from gongzhi.places import queries as places
from gongzhi.playbooks.moves import Verb
from gongzhi.web.staff import access, besides, frame, moves, reads, saved

GROUPS = {
    "overdue": (noop("已超期"), "bad", "alert"),
    "today": (noop("今天到期"), "warn", "clock"),
    "three_days": (noop("三天内"), "", "clock"),
    "later": (noop("以后"), "", "calendar"),
}
STATES = (
    ("", gettext_lazy("在办的")),
    ("overdue", gettext_lazy("已超期")),
    ("parked", gettext_lazy("挂账的")),
    ("paused", gettext_lazy("暂停计时的")),
)
SORTS = (
    ("due", gettext_lazy("期限近的在前")),
    ("newest", gettext_lazy("新的在前")),
    ("oldest", gettext_lazy("旧的在前")),
    ("changed", gettext_lazy("刚有动静的在前")),
)
NAMES = ("q", "state", "stage", "level", "category", "place", "source", "unit", "mine", "sort")
PER_GROUP, BULK = 30, 50


class FilterForm(forms.Form):
    """What the list is narrowed to. Everything may be left open; nonsense narrows nothing."""

    use_required_attribute = False
    q = forms.CharField(label=gettext_lazy("找字"), required=False, max_length=100)
    state = forms.ChoiceField(label=gettext_lazy("状态"), choices=STATES, required=False)
    stage = forms.ChoiceField(label=gettext_lazy("哪一步"), required=False)
    level = forms.ChoiceField(label=gettext_lazy("哪一级"), required=False)
    category = forms.ChoiceField(label=gettext_lazy("类别"), required=False)
    place = forms.ChoiceField(label=gettext_lazy("地方"), required=False)
    source = forms.ChoiceField(
        label=gettext_lazy("来源"),
        choices=[
            ("", gettext_lazy("全部")),
            *((code, gettext_lazy(name)) for code, name in Source.choices),
        ],
        required=False,
    )
    unit = forms.TypedChoiceField(
        label=gettext_lazy("承办单位"), required=False, coerce=int, empty_value=None
    )
    mine = forms.BooleanField(label=gettext_lazy("只看派给我的"), required=False)
    sort = forms.ChoiceField(label=gettext_lazy("顺序"), choices=SORTS, required=False)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = [("", _("全部"))]
        stages, levels = _ways(viewer)
        areas, units = _areas(viewer)
        choices: dict[str, list[Any]] = {
            "stage": stages, "level": levels, "place": areas, "unit": units,
            "category": besides.categories(),
        }  # fmt: skip
        for name, offered in choices.items():
            self.fields[name].choices = [*every, *offered]  # type: ignore[attr-defined]

    def filters(self, **more: Any) -> queries.Filters:
        """The filters as the area knows them."""
        self.is_valid()
        known = {name: value for name, value in self.cleaned_data.items() if value}
        return queries.Filters(**(known | more))

    def address(self) -> str:
        """The filters as the query of an address, ending in "&" when there are any."""
        self.is_valid()
        kept = {
            name: "1" if value is True else value
            for name, value in self.cleaned_data.items()
            if value
        }
        return urlencode(kept) + "&" if kept else ""


def _ways(viewer: Viewer) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Stages and levels of the playbooks in force where the viewer works."""
    stages: dict[str, str] = {}
    levels: dict[str, str] = {}
    for post in access.roots(viewer):
        adopted = places.adoption(post.place_id, frame.now().date())
        if adopted is not None:
            words = matter_words.of(places.playbook(adopted.version_id))
            stages |= {code: told.name for code, told in words.stages.items()}
            levels |= words.levels
    return list(stages.items()), list(levels.items())


def _areas(viewer: Viewer) -> tuple[list[tuple[str, str]], list[tuple[int, str]]]:
    areas: list[tuple[str, str]] = []
    units: list[tuple[int, str]] = []
    for post in access.roots(viewer):
        areas += [(row["code"], row["name"]) for row in places.children(post.place_id)[:60]]
        units += reads.organisations(post.place_path)
    return areas, units


@frame.staff_only
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for the viewer, in four groups by time left."""
    viewer, at = frame.viewer(request), frame.now()
    form = FilterForm(request.GET, viewer=viewer)
    waiting = queries.inbox(viewer, at, form.filters(), most=PER_GROUP)
    page = {
        "title": _("待办"),
        "filter": form,
        "query": form.address(),
        "groups": waiting["groups"],
        "total": waiting["total"],
        "names": GROUPS,
        "saved": reads.saved_filters(viewer.person_id or 0),
        "save": saved.SaveForm(initial={"query": form.address().rstrip("&")}),
        "bulk": BULK,
        "objections": len(reads.objections(viewer)),
    }
    return frame.page(request, "inbox.html", page)


@frame.staff_only
def matters(request: HttpRequest) -> HttpResponse:
    """All matters of the viewer's places, also ended ones, page by page."""
    viewer, at = frame.viewer(request), frame.now()
    form = FilterForm(request.GET, viewer=viewer)
    states = [*STATES, ("open", _("还没办结的")), ("ended", _("已办结的"))]
    form.fields["state"].choices = [("", _("全部")), *states[1:]]  # type: ignore[attr-defined]
    filters = form.filters(page=max(frame.number(request, "page", 1), 1), size=50)
    found = queries.list_(viewer, filters, at)
    page = {
        "title": _("全部事项"),
        "filter": form,
        "query": form.address(),
        "rows": found["rows"],
        "pager": {"page": found["page"], "has_more": found["more"]},
    }
    return frame.page(request, "matters.html", page)


class BulkForm(frame.Form):
    """Up to fifty matters for one handler."""

    to = forms.ChoiceField(label=gettext_lazy("都派给谁"))
    due = forms.DateTimeField(
        label=gettext_lazy("期限（可不填）"),
        help_text=gettext_lazy("不填就用每件事自己的期限。"),
        required=False,
        widget=frame.Moment(),
    )
    note = frame.reason(gettext_lazy("交代什么（可不填）"), required=False, most=2000)

    def __init__(self, *args: Any, handlers: list[dict[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [("", _("请选择")), *moves.grouped(handlers)]  # type: ignore[attr-defined]


@frame.staff_only
@frame.post_only
def bulk(request: HttpRequest) -> HttpResponse:
    """First what would be given to whom; then, confirmed, one dispatch for each."""
    viewer, at = frame.viewer(request), frame.now()
    numbers = list(dict.fromkeys(request.POST.getlist("number")))
    if not 1 <= len(numbers) <= BULK:
        raise BadInput(
            "number", "请先勾选要派的事，一次最多50件。", todo="请回到待办，勾选后再点“批量派出”。"
        )
    rows = [queries.get(viewer, number, at) for number in numbers]
    ready = [row for row in rows if _may_dispatch(row)]
    handlers = reads.handlers([access.home(viewer).place_id], at)
    form = BulkForm(request.POST if "to" in request.POST else None, handlers=handlers)
    if form.is_bound and form.is_valid():
        return _given_out(request, ready, form)
    page = {
        "title": _("批量派出：先看一看"),
        "form": form,
        "ready": ready,
        "not_ready": [row for row in rows if not _may_dispatch(row)],
    }
    return frame.page(request, "bulk.html", page, form.status)


def _may_dispatch(row: dict[str, Any]) -> bool:
    return any(move["verb"] == Verb.DISPATCH for move in row["allowed"])


def _given_out(request: HttpRequest, ready: list[dict[str, Any]], form: BulkForm) -> HttpResponse:
    """Each matter moves on its own: one that was moved meanwhile does not stop the others."""
    viewer, typed = frame.viewer(request), form.cleaned_data
    given, refused = [], []
    for row in ready:
        try:
            actions.move(
                matter_id=row["id"], verb=Verb.DISPATCH, by=viewer.person_id, at=frame.now(),
                key=typed["key"] or None, note=typed["note"],
                assignees=(moves.assignee(typed["to"], typed["due"]),),
            )  # fmt: skip
            given.append(row)
        except Refused as refusal:
            refused.append((row, refusal))
    page = {"title": _("批量派出的结果"), "given": given, "refused": refused}
    return frame.page(request, "bulk_done.html", page)
