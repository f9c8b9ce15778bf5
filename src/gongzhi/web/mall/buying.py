"""What residents see: the shelf, an order with its code, the fund behind it."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gongzhi.core.errors import Refused
from gongzhi.core.spoken import spoken
from gongzhi.mall import actions, queries, rules, store
from gongzhi.web import paging
from gongzhi.web.asked import Asked
from gongzhi.web.public.qr import picture
from gongzhi.web.sheet import Sheet

KINDS = {"goods", "service", "gift"}


def me(request: Asked) -> int:
    """Who is signed in."""
    assert request.viewer.person_id is not None  # login_required
    return request.viewer.person_id


def acting(request: Asked) -> list[int]:
    """Organisations for which he sells, pays or finances."""
    return sorted(
        {p.organisation_id for p in request.viewer.posts
         if p.role in {"merchant", "funder"} and p.organisation_id is not None}
    )  # fmt: skip


def _work(request: Asked) -> dict[str, Any]:
    """What somebody of a shop, a funder or a bank has to do at the mall, wherever he lives."""
    orgs = acting(request)
    if not orgs:
        return {"shops": [], "works": False}
    return {
        "shops": queries.shops(request.viewer), "works": True, "waits": queries.waiting(orgs),
        "funded": queries.funded(orgs),
    }  # fmt: skip


@never_cache
@login_required
def catalogue(request: Asked) -> HttpResponse:
    """The shelf of the mall here, with what may be spent; before it, what one works on."""
    mall = queries.mall_at(request.here.path) if request.here else None
    work = _work(request)
    if mall is None:
        return render(request, "mall/catalogue.html", {"mall": None} | work)
    at, kind = timezone.now(), request.GET.get("kind", "")
    found = queries.catalogue(
        mall, at, kind=kind if kind in KINDS else "", page=paging.number(request)
    )
    context = {
        "mall": mall, "rows": found["rows"], "kind": kind,
        "budget": queries.budget_of(me(request), mall, at),
        "pager": paging.pager(request, found["page"], has_more=found["more"]),
    }  # fmt: skip
    return render(request, "mall/catalogue.html", context | work)


@never_cache
@login_required
def offer(request: Asked, offer_id: int) -> HttpResponse:
    """One thing; taking it holds the points and gives a code."""
    at = timezone.now()
    row = queries.offer_for(request.viewer, offer_id, at)
    sheet = Sheet({"key": uuid4().hex, "pieces": "1", "points": str(row["best"])})
    if request.method == "POST":
        sheet = Sheet.of(request.POST, "key", "pieces", "points")
        try:
            made = actions.order(
                offer_id=offer_id, pieces=sheet.whole("pieces") or 0,
                points=sheet.whole("points") or 0, by=me(request), at=at, key=sheet["key"][:80],
            )  # fmt: skip
        except Refused as refusal:
            if refusal.status == 404:
                raise
            sheet.wrong(refusal)
        else:
            return HttpResponseRedirect(reverse("mall_order", kwargs={"order_id": made}))
    return render(request, "mall/offer.html", {"offer": row, "sheet": sheet}, status=sheet.status)


@never_cache
@login_required
def orders(request: Asked) -> HttpResponse:
    """One's own orders."""
    found = queries.my_orders(me(request), page=paging.number(request))
    pager = paging.pager(request, found["page"], has_more=found["more"])
    return render(request, "mall/orders.html", {"rows": found["rows"], "pager": pager})


@never_cache
@login_required
def order(request: Asked, order_id: int) -> HttpResponse:
    """The code to show at the shop, large, as a square and as six digits."""
    row = queries.my_order(me(request), order_id, timezone.now())
    way = reverse("mall_code", kwargs={"token": row["token"]})
    code = picture(request.build_absolute_uri(way)) if row["good"] else ""
    return render(request, "mall/order.html", {"order": row, "square": code})


@require_POST
@login_required
def cancel(request: Asked, order_id: int) -> HttpResponse:
    """Take it back before the shop has the code."""
    queries.my_order(me(request), order_id, timezone.now())
    try:
        actions.cancel(order_id=order_id, by=me(request), at=timezone.now())
    except Refused as refusal:
        messages.warning(request, spoken(refusal.words))
    else:
        messages.success(request, _("已取消，积分退回来了。"))
    return HttpResponseRedirect(reverse("mall_order", kwargs={"order_id": order_id}))


@login_required
def photo(request: Asked, picture_id: int) -> HttpResponse:
    """A photo from the shelf; `?small=1` the small one."""
    small = request.GET.get("small") == "1"
    content = queries.picture(request.viewer, picture_id, thumb=small)
    answer = HttpResponse(content, content_type="image/jpeg")
    answer["Cache-Control"] = "private, max-age=604800, immutable"
    return answer


def fund(request: Asked) -> HttpResponse:
    """For everybody: what stands behind the points, what is owed, what is late."""
    asked = request.GET.get("mall", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 16:
        mall: dict[str, Any] | None = store.read("mall", int(asked))
    else:
        mall = queries.mall_at(request.here.path) if request.here else None
    if mall is None:
        return render(request, "mall/funds.html", {"rows": queries.all_malls()})
    context = {
        "mall": mall, "totals": queries.open_totals(mall, timezone.now()),
        "sources": {name: group["source"] for name, group in rules.terms().items()},
        "records": queries.records(mall["id"], None),
    }  # fmt: skip
    return render(request, "mall/fund.html", context)
