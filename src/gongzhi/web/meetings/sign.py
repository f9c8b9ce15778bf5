"""The sign-in desk: five hundred people, a second each; code, first letters of the name, paper."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gongzhi.core.errors import BadInput
from gongzhi.deliberation.meetings import actions, queries
from gongzhi.web.asked import Asked
from gongzhi.web.meetings import shared
from gongzhi.web.meetings.prepare import runs
from gongzhi.web.public.qr import picture
from gongzhi.web.sheet import Sheet

FIELDS = (
    "person", "q", "guest", "names", "came_as", "attendance", "holder", "for_person", "paper",
    "key",
)  # fmt: skip


@shared.staff_only
@never_cache
def page(
    request: Asked, session_id: int, sheet: Sheet | None = None, form: str = ""
) -> HttpResponse:
    """Search, press, next. What was found for the letters typed is already on the page."""
    row = runs(request, session_id)
    wanted = (sheet["q"] if sheet else "") or request.GET.get("q", "")
    found = queries.search(session_id, wanted) if wanted.strip() else []
    if request.headers.get("X-Part") == "found":
        return render(request, "meetings/staff/found_people.html", {"row": row, "found": found,
                                                                    "q": wanted})  # fmt: skip
    shown = {
        "title": _("签到台"), "row": row, "q": wanted, "found": found,
        "standing": queries.standing(row), "came": queries.attendance(session_id),
        "code": picture(request.build_absolute_uri(reverse("meeting_scan", args=[row["token"]]))),
        "live": shared.live(request, session_id), "sheet": sheet or Sheet(), "form": form,
        **shared.words(),
    }  # fmt: skip
    return render(request, "meetings/staff/sign.html", shown, status=sheet.status if sheet else 200)


@shared.staff_only
@shared.post_only
def act(request: Asked, session_id: int, verb: str) -> HttpResponse:
    """One entry of the desk."""
    runs(request, session_id)
    sheet = Sheet.of(request.POST, *FIELDS)
    by, at = request.viewer.person_id, timezone.now()
    told: list[str] = []

    def names() -> None:
        got = actions.sign_in_list(
            session_id=session_id, names=sheet["names"], came_as=sheet["came_as"], by=by, at=at
        )
        told.append(_list_words(got))

    calls = {
        "person": lambda: actions.sign_in(
            session_id=session_id, person_id=shared.whole(sheet, "person"), how="desk", by=by,
            at=at, came_as=sheet["came_as"],
        ),
        "guest": lambda: actions.sign_in_guest(
            session_id=session_id, name=sheet["guest"], came_as=sheet["came_as"], by=by, at=at
        ),
        "list": names,
        "strike": lambda: actions.sign_out(
            attendance_id=shared.whole(sheet, "attendance"), by=by, at=at
        ),
        "mandate": lambda: actions.mandate(
            session_id=session_id, holder_id=_member(session_id, sheet, "holder"),
            for_person_id=_member(session_id, sheet, "for_person"), paper=sheet["paper"], by=by,
            at=at,
        ),
    }  # fmt: skip
    if verb not in calls:
        raise BadInput("", "没有这种操作。")
    call = calls[verb]
    if not shared.attempt(sheet, lambda: shared.once(request, session_id, verb, sheet, call)):
        return page(request, session_id, sheet, verb)
    return shared.done(request, told[0] if told else "", "sign_desk", session_id=session_id)


def _member(session_id: int, sheet: Sheet, field: str) -> int:
    """The one member of that name, or of those first letters; behind a namesake's name his door."""
    name, _space, door = sheet[field].strip().partition(" ")
    found = queries.search(session_id, name, 20) if name else []
    found = [one for one in found if one["name"] == name] or found
    found = [one for one in found if door.strip() in (one["door"] or "")]
    if not found:
        raise BadInput(field, "名册里没有这个人，请写全姓名。")
    if len(found) > 1:
        known = "、".join(f"{one['name']} {one['door'] or ''}".strip() for one in found[:5])
        raise BadInput(field, f"有几位：{known}。请在姓名后面空一格，写上门牌。")
    return int(found[0]["person_id"])


def _list_words(got: dict[str, object]) -> str:
    words = _("签到%(new)d人，%(again)d人已经签过。") % {
        "new": got["signed"],
        "again": got["again"],
    }
    unclear = got["unclear"]
    if isinstance(unclear, list) and unclear:
        names = "、".join(unclear[:10])
        words += _("有重名，请在上面逐个找：%s。") % names
    return str(words)


@require_GET
@shared.staff_only
def code(request: Asked, session_id: int) -> HttpResponse:
    """The code as large as a page, for the door."""
    row = runs(request, session_id)
    address = request.build_absolute_uri(reverse("meeting_scan", args=[row["token"]]))
    shown = {"title": _("扫码签到"), "row": row, "code": picture(address), "address": address}
    return render(request, "meetings/staff/code.html", shown)


@require_GET
@shared.staff_only
def paper(request: Asked, session_id: int) -> HttpResponse:
    """The members on paper, to be signed by hand."""
    row = runs(request, session_id)
    shown = {"title": _("纸质签到表"), "row": row, "rows": queries.roll(session_id)[:2000]}
    return render(request, "meetings/staff/paper.html", shown)
