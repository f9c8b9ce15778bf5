"""我的资料: what is held about me, who looked at it, what I agreed to, who may act for whom."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gongzhi.core.errors import BadInput, Refused
from gongzhi.core.spoken import spoken
from gongzhi.matters import queries as matters
from gongzhi.people import actions, notes, queries, rules
from gongzhi.people.models import Consent, Membership, Person, Proxy
from gongzhi.web.asked import Asked
from gongzhi.web.sheet import Sheet

FIELD_WORDS = {
    "phone": "手机号",
    "id_number": "身份证号",
    "born_on": "出生日期",
    "gender": "性别",
    "care": "关爱需要",
}


@never_cache
@login_required
def page(request: Asked, sheet: Sheet | None = None, clear: bool = False) -> HttpResponse:
    """Masked until he asks to see; his own look is logged like everybody's."""
    me = _me(request)
    shown = (
        queries.reveal(
            by=request.viewer, person_id=me, fields=rules.SENSITIVE,
            purpose=_("本人查看自己的资料"), at=timezone.now(),
        )
        if clear
        else {}
    )  # fmt: skip
    person = queries.card(me)
    consents = list(Consent.objects.filter(person_id=me).order_by("-given_at"))
    page = {
        "person": person,
        "fields": [
            (_(FIELD_WORDS.get(f, f)), shown.get(f) or spoken(str(person[f] or "")))
            for f in rules.SENSITIVE
        ],
        "clear": clear,
        "memberships": _memberships(me),
        "log": [
            row | {"field": _(FIELD_WORDS.get(row["field"], row["field"]))}
            for row in queries.access_log(me, 50)
        ],
        "consents": consents,
        "texts": any(c.purpose == notes.TEXTS and c.withdrawn_at is None for c in consents),
        "proxies": _proxies(me),
        "family": _family(request),
        "sheet": sheet or Sheet({"until_on": _in_a_year()}),
        "me": me,
    }
    return render(request, "resident/me.html", page, status=sheet.status if sheet else 200)


@require_POST
@login_required
def clear(request: Asked) -> HttpResponse:
    """The same page in clear; a POST, because it writes to the access log."""
    return page(request, clear=True)


@require_POST
@login_required
def withdraw(request: Asked, consent: int) -> HttpResponse:
    """One tap, no reason asked."""
    actions.withdraw_consent(consent_id=consent, by=_me(request), at=timezone.now())
    messages.success(request, _("已撤回。从现在起不再按这项同意使用您的资料。"))
    return HttpResponseRedirect(reverse("me") + "#consents")


@require_POST
@login_required
def add_proxy(request: Asked) -> HttpResponse:
    """Ask a member of the family to let me act for him."""
    sheet = Sheet.of(request.POST, "acts_for_id", "until_on")
    try:
        other = sheet.whole("acts_for_id")
        if other not in dict(_family(request)):
            raise BadInput("acts_for_id", _("请选一位同住的家人。"))
        actions.add_proxy(
            person_id=_me(request), acts_for_id=other, until_on=_day(sheet["until_on"]),
            by=_me(request), at=timezone.now(),
        )  # fmt: skip
    except Refused as refusal:
        sheet.wrong(refusal)
        return page(request, sheet)
    messages.success(request, _("已经提了，等家人同意。不会用手机的，可以到社区签字。"))
    return HttpResponseRedirect(reverse("me") + "#proxies")


@require_POST
@login_required
def agree(request: Asked, proxy: int) -> HttpResponse:
    """He may act for me."""
    actions.agree_proxy(proxy_id=proxy, by=_me(request), at=timezone.now())
    messages.success(request, _("已同意。您随时可以收回。"))
    return HttpResponseRedirect(reverse("me") + "#proxies")


@require_POST
@login_required
def end_proxy(request: Asked, proxy: int) -> HttpResponse:
    """Either side ends it."""
    actions.withdraw_proxy(proxy_id=proxy, by=_me(request), at=timezone.now())
    messages.success(request, _("已收回。"))
    return HttpResponseRedirect(reverse("me") + "#proxies")


@require_POST
@login_required
def download(request: Asked) -> HttpResponse:
    """All of it as a file other programs can read (PIPL art. 45)."""
    me, now = _me(request), timezone.now()
    clear = queries.reveal(
        by=request.viewer, person_id=me, fields=rules.SENSITIVE,
        purpose=_("本人下载自己的资料"), at=now,
    )  # fmt: skip
    consents = Consent.objects.filter(person_id=me)
    answer = JsonResponse(
        {
            "made_at": now,
            "person": queries.card(me) | clear,
            "memberships": _memberships(me),
            "consents": list(consents.values("purpose", "text", "given_at", "withdrawn_at")),
            "proxies": [{k: v for k, v in row.items() if k != "id"} for row in _proxies(me)],
            "access_log": queries.access_log(me, 10_000),
            "matters": matters.mine(request.viewer, now),
        },
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )
    answer["Content-Disposition"] = 'attachment; filename="gongzhi-my-data.json"'
    return answer


def _me(request: Asked) -> int:
    person_id = request.viewer.person_id
    assert person_id is not None  # login_required
    return person_id


def _memberships(person_id: int) -> list[dict[str, Any]]:
    rows = Membership.objects.filter(person_id=person_id, to_on=None).select_related("place")
    return [
        {"kind": row.get_kind_display(), "place": row.place.name, "from_on": row.from_on}
        for row in rows
    ]


def _proxies(person_id: int) -> list[dict[str, Any]]:
    both = Proxy.objects.filter(withdrawn_at=None)
    rows = both.filter(person_id=person_id) | both.filter(acts_for_id=person_id)
    names = ("id", "person_id", "person__name", "acts_for_id", "acts_for__name", "agreed_at")
    return [dict(row) for row in rows.order_by("id").values(*names, "until_on")]


def _family(request: Asked) -> list[tuple[int, str]]:
    """Those at the same door."""
    if request.viewer.household_id is None:
        return []
    same = Person.objects.filter(household_id=request.viewer.household_id)
    return list(same.exclude(pk=_me(request)).values_list("id", "name")[:20])


def _in_a_year() -> str:
    return (timezone.localdate() + timedelta(days=365)).isoformat()


def _day(words: str) -> date:
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise BadInput("until_on", _("日期应像 2027-01-31 这样。")) from None
