"""Ways in: phone code, password with TOTP for staff, an invitation, the demonstration's cast."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gongzhi.core.errors import BadInput, Refused
from gongzhi.people import accounts, gateway
from gongzhi.people.models import Account
from gongzhi.web import cast, modes
from gongzhi.web.asked import Asked
from gongzhi.web.sheet import Sheet

BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
@require_GET
def page(request: Asked) -> HttpResponse:
    """First the phone; staff have a door of their own below."""
    return _show(request, Sheet({"next": modes.safe_next(request)}))


@never_cache
@require_POST
def code(request: Asked) -> HttpResponse:
    """Send a code and ask for it. Asking again too soon still leads to the field for the code."""
    sheet = Sheet.of(request.POST, "phone", "next")
    try:
        sheet.values["phone"] = accounts.phone_number(sheet["phone"])
        accounts.request_code(phone=sheet["phone"], at=timezone.now())
    except BadInput as refusal:
        sheet.wrong(refusal)
        return _show(request, sheet)
    except Refused as refusal:
        sheet.wrong(refusal)
    return _show(request, sheet, asks_code=True)


@never_cache
@require_POST
def phone(request: Asked) -> HttpResponse:
    """The six digits."""
    sheet = Sheet.of(request.POST, "phone", "code", "next")
    try:
        account = accounts.sign_in_by_code(
            phone=sheet["phone"], code=sheet["code"], at=timezone.now()
        )
    except Refused as refusal:
        sheet.wrong(refusal)
        sheet.values["code"] = ""
        return _show(request, sheet, asks_code=True)
    return _enter(request, account)


@never_cache
def password(request: Asked) -> HttpResponse:
    """Staff: account, password, and the six digits of the authenticator where one is set."""
    sheet = Sheet.of(request.POST, "username", "totp", "next")
    if request.method != "POST":
        sheet = Sheet({"next": modes.safe_next(request, "/staff/")})
        return render(request, "resident/password.html", {"sheet": sheet})
    try:
        account = accounts.sign_in_by_password(
            username=sheet["username"], password=request.POST.get("password", ""),
            totp=sheet["totp"], at=timezone.now(),
        )  # fmt: skip
    except Refused as refusal:
        sheet.wrong(refusal)
        page = {"sheet": sheet, "totp": refusal.code == "totp_needed" or bool(sheet["totp"])}
        return render(request, "resident/password.html", page, status=sheet.status)
    return _enter(request, account, "/staff/")


@never_cache
def invite(request: Asked, token: str) -> HttpResponse:
    """An invitation: one tap on a page, so that a link preview does not use it up."""
    if request.method != "POST":
        return render(request, "resident/invite.html", {"token": token})
    return _enter(request, accounts.join_by_invite(token=token, at=timezone.now()))


@never_cache
@require_POST
def demo(request: Asked) -> HttpResponse:
    """One tap as one of the demonstration's cast. There is no such page anywhere else."""
    if not settings.DEMO:
        raise Http404
    wanted = request.POST.get("username", "")
    member = next((one for one in cast.listed() if one.username == wanted), None)
    if member is None:
        raise Http404
    account = Account.objects.get(username=member.username)
    return _enter(request, account, "/staff/" if member.staff else "/")


@require_POST
def leave(request: Asked) -> HttpResponse:
    """Sign out."""
    logout(request)
    messages.success(request, _("已退出登录。"))
    return HttpResponseRedirect("/")


def _show(request: Asked, sheet: Sheet, *, asks_code: bool = False) -> HttpResponse:
    shown = gateway.console.last.get(sheet["phone"], "") if settings.DEMO else ""
    page = {
        "sheet": sheet,
        "asks_code": asks_code,
        "shown": shown,
        "cast": cast.listed() if settings.DEMO else [],
    }
    return render(request, "resident/sign_in.html", page, status=sheet.status)


def _enter(request: Asked, account: Account, otherwise: str = "/") -> HttpResponse:
    login(request, account, backend=BACKEND)
    answer = modes.back(request, otherwise)
    if account.elder:
        modes.remember(answer, "elder", "1")
    if account.language in dict(settings.LANGUAGES):
        modes.remember(answer, settings.LANGUAGE_COOKIE_NAME, account.language)
    return answer
