"""The working calendar of a place: a month, a day to change, office hours, the three clocks."""

from calendar import Calendar
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.clock import SHANGHAI, Term, WorkCalendar
from gongzhi.core.errors import BadInput
from gongzhi.places import actions, queries
from gongzhi.places.models import Place
from gongzhi.web.staff import access, frame
from gongzhi.web.words import WEEKDAYS

_CLOCKS = (
    ("4h", gettext_lazy("紧急时：白天黑夜、周末放假都算")),
    ("8wh", gettext_lazy("工作时：只算办公时间")),
    ("3wd", gettext_lazy("工作日：放假不算，调休上班算")),
)


class DayForm(frame.Form):
    """Whether the office is open on a day, against the week."""

    open = forms.ChoiceField(
        label=gettext_lazy("这一天"),
        choices=[
            ("yes", gettext_lazy("上班")),
            ("no", gettext_lazy("放假")),
            ("usual", gettext_lazy("照平常的星期算")),
        ],
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label=gettext_lazy("为什么"),
        help_text=gettext_lazy("例如：国庆调休、全镇停电。"),
        max_length=40,
    )


class HoursForm(frame.Form):
    """Weekly office hours."""

    weekdays = forms.MultipleChoiceField(
        label=gettext_lazy("哪几天上班"),
        choices=[(str(n), gettext_lazy(name)) for n, name in enumerate(WEEKDAYS)],
        widget=forms.CheckboxSelectMultiple,
    )
    hours = forms.CharField(
        label=gettext_lazy("办公时间"),
        help_text=gettext_lazy("一行一段，例如 09:00-12:00。"),
        widget=frame.Lines(3),
        max_length=200,
    )

    def clean_hours(self) -> list[tuple[str, str]]:
        """Lines "09:00-12:00" as pairs."""
        pairs = []
        for line in filter(None, map(str.strip, self.cleaned_data["hours"].splitlines())):
            start, dash, end = line.replace("—", "-").replace("–", "-").partition("-")
            if not dash:
                raise forms.ValidationError(_("“%s”写得不对，请写成 09:00-12:00。") % line)
            pairs.append((start.strip().zfill(5), end.strip().zfill(5)))
        return pairs


@frame.staff_only
def month(request: HttpRequest) -> HttpResponse:
    """The month with its days off and make-up workdays, and what a deadline would be now."""
    at = frame.now()
    place = _place(request)
    first = _month(request.GET.get("month", ""), at)
    return _show(request, place, first, at, HoursForm(initial=_hours(queries.calendar(place.pk))))


@frame.staff_only
@frame.post_only
def hours(request: HttpRequest) -> HttpResponse:
    """Change the weekly office hours."""
    at = frame.now()
    place = access.administered(frame.viewer(request), _place(request).pk, "places")
    form = HoursForm(request.POST)
    form.attempt(
        lambda typed: actions.set_hours(
            place_id=place.pk,
            weekdays=[int(day) for day in typed["weekdays"]],
            spans=typed["hours"],
            by=frame.viewer(request).person_id,
            at=at,
        )
    )
    if form.errors:
        return _show(request, place, _month("", at), at, form)
    return _back(request, place, at.astimezone(SHANGHAI).date(), _("办公时间已经改好。"))


@frame.staff_only
def day(request: HttpRequest, on: str) -> HttpResponse:
    """Look at one day, change it with a reason."""
    at, which = frame.now(), _date(on)
    place = _place(request)
    viewer = frame.viewer(request)
    calendar = queries.calendar(place.pk)
    if request.method == "POST":
        access.administered(viewer, place.pk, "places")
        form = DayForm(request.POST)
        form.attempt(lambda typed: _change(place, which, typed, viewer.person_id, at))
        if not form.errors:
            return _back(
                request,
                place,
                which,
                _("已经改好。以后开始计的期限按新的日历算，已经定下的期限不变。"),
            )
    else:
        now = "yes" if calendar.is_workday(which) else "no"
        form = DayForm(initial={"open": now, "name": _names(place, which.year).get(which, "")})
    page = {
        "title": _("%(month)d月%(day)d日") % {"month": which.month, "day": which.day},
        "place": place,
        "which": which,
        "weekday": _(WEEKDAYS[which.weekday()]),
        "is_open": calendar.is_workday(which),
        "may": viewer.administers("places", place.path),
        "form": form,
    }
    return frame.page(request, "day.html", page, form.status)


def _change(place: Place, which: date, typed: dict[str, Any], by: int | None, at: datetime) -> None:
    if typed["open"] == "usual":
        actions.clear_day(place_id=place.pk, day=which, by=by, at=at)
    else:
        actions.set_day(
            place_id=place.pk, day=which, open=typed["open"] == "yes", name=typed["name"],
            by=by, at=at,
        )  # fmt: skip


def _show(
    request: HttpRequest, place: Place, first: date, at: datetime, form: HoursForm
) -> HttpResponse:
    calendar = queries.calendar(place.pk)
    viewer = frame.viewer(request)
    page = {
        "title": _("工作日历"),
        "place": place,
        "posts": access.roots(viewer),
        "weeks": _weeks(place, calendar, first),
        "weekdays": [_(name) for name in WEEKDAYS],
        "first": first,
        "before": first - timedelta(days=1),
        "after": (first + timedelta(days=32)).replace(day=1),
        "today": at.astimezone(SHANGHAI).date(),
        "clocks": [(term, words, calendar.add(at, Term.parse(term))) for term, words in _CLOCKS],
        "at": at,
        "hours": calendar.hours,
        "may": viewer.administers("places", place.path),
        "form": form,
    }
    return frame.page(request, "calendar.html", page, form.status)


def _weeks(place: Place, calendar: WorkCalendar, first: date) -> list[list[dict[str, Any]]]:
    names = _names(place, first.year)
    return [
        [
            {
                "day": day,
                "open": calendar.is_workday(day),
                "changed": calendar.is_workday(day) != (day.weekday() in calendar.weekdays),
                "name": names.get(day, ""),
                "inside": day.month == first.month,
            }
            for day in week
        ]
        for week in Calendar().monthdatescalendar(first.year, first.month)
    ]


def _names(place: Place, year: int) -> dict[date, str]:
    """Why days differ: the nation's words, then those of each place down to this one."""
    names: dict[date, str] = {}
    for owner in (None, *(p.pk for p in queries.ancestors(place))):
        names |= {row["day"]: row["name"] for row in queries.days(owner, year)}
    return names


def _hours(calendar: WorkCalendar) -> dict[str, Any]:
    return {
        "weekdays": [str(day) for day in sorted(calendar.weekdays)],
        "hours": "\n".join(f"{a:%H:%M}-{b:%H:%M}" for a, b in calendar.hours),
    }


def _place(request: HttpRequest) -> Place:
    viewer = frame.viewer(request)
    wanted = request.GET.get("place", "")
    chosen = int(wanted) if wanted.isdecimal() else access.home(viewer).place_id
    return access.place(viewer, chosen)


def _month(text: str, at: datetime) -> date:
    try:
        return datetime.combine(date.fromisoformat(f"{text}-01"), time()).date()
    except ValueError:
        return at.astimezone(SHANGHAI).date().replace(day=1)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise BadInput("day", _("没有“%s”这一天。") % text) from wrong


def _back(request: HttpRequest, place: Place, which: date, words: str) -> HttpResponse:
    answer = frame.done(request, words, "calendar")
    answer["Location"] += f"?place={place.pk}&month={which:%Y-%m}"
    return answer
