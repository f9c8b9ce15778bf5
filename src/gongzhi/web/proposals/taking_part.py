"""What a neighbour does with a proposal: second it, talk, supervise, agree to pay, learn."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongzhi.core.errors import BadInput, Refused
from gongzhi.deliberation.proposals import actions, queries
from gongzhi.web.asked import Asked
from gongzhi.web.proposals import reading
from gongzhi.web.sheet import Sheet

FIELDS = ("key", "words", "stand", "undo")
# (who, proposal's id, sheet) → what is said when it is done
Act = Callable[[int, int, Sheet, Asked], str]


def _door(act: Act) -> Callable[..., HttpResponse]:
    """A form on the page of a proposal: who asks, one action, back to the page with a sentence."""

    @require_POST
    @login_required
    @wraps(act)
    def door(request: Asked, number: str, **more: int) -> HttpResponse:
        row = queries.get(request.viewer, number, timezone.now())
        sheet = Sheet.of(request.POST, *FIELDS)
        sheet.values |= {name: str(value) for name, value in more.items()}
        by = request.viewer.person_id
        assert by is not None  # login_required
        try:
            said = act(by, row["id"], sheet, request)
        except Refused as refusal:
            sheet.wrong(refusal)
            return reading.show(request, number, sheet)
        if said:
            messages.success(request, said)
        return HttpResponseRedirect(reverse("proposal", kwargs={"number": row["number"]}))

    return door


@require_POST
@login_required
def second(request: Asked, number: str) -> HttpResponse:
    """My household stands behind it, or stands back.

    The action itself looks whether the household is one of those it concerns, so the page is
    only read for a refusal; who may not see it is told then that there is none.
    """
    sheet, now, by = Sheet.of(request.POST, *FIELDS), timezone.now(), request.viewer.person_id
    assert by is not None  # login_required
    proposal = queries.id_of(number)
    try:
        if sheet["undo"]:
            actions.withdraw_second(proposal_id=proposal, by=by, at=now)
        else:
            actions.second(proposal_id=proposal, by=by, at=now)
    except Refused as refusal:
        sheet.wrong(refusal)
        return reading.show(request, number, sheet)
    messages.success(request, _("已撤回附议。") if sheet["undo"] else _("已附议，一户算一票。"))
    return HttpResponseRedirect(reverse("proposal", kwargs={"number": number}))


@_door
def comment(by: int, proposal: int, sheet: Sheet, request: Asked) -> str:
    """A word about it."""
    actions.comment(
        proposal_id=proposal, viewer=request.viewer, at=timezone.now(), words=sheet["words"],
        stand=sheet["stand"], key=sheet["key"][:64] or None,
    )  # fmt: skip
    return _("已留言。")


@_door
def appeal(by: int, proposal: int, sheet: Sheet, request: Asked) -> str:
    """The level above is asked to look again."""
    actions.appeal(proposal_id=proposal, by=by, at=timezone.now(), words=sheet["words"])
    return _("已请上一级再看，答复会写在这一页。")


@_door
def take_back(by: int, proposal: int, sheet: Sheet, request: Asked) -> str:
    """The proposer takes it back."""
    actions.take_back(proposal_id=proposal, by=by, at=timezone.now())
    return _("已撤回。")


@_door
def supervise(by: int, proposal: int, sheet: Sheet, request: Asked) -> str:
    """A resident comes forward to watch over the project."""
    actions.add_supervisor(proposal_id=proposal, by=by, at=timezone.now(), person_id=by)
    return _("您现在是居民监督员，谢谢。")


@_door
def levy(by: int, proposal: int, sheet: Sheet, request: Asked) -> str:
    """My household agrees to pay its part, or takes its consent back."""
    now, line = timezone.now(), int(sheet["line"])
    if sheet["undo"]:
        actions.withdraw_levy(proposal_id=proposal, line_id=line, by=by, at=now)
        return _("已撤回同意，这笔钱不用出。")
    typed = Sheet.of(request.POST, "amount")
    yuan = typed.decimal("amount")
    if yuan is None or yuan <= 0:
        raise BadInput("amount", _("金额不对。"), todo=_("请填正数，单位是元，最多两位小数。"))
    actions.agree_levy(
        proposal_id=proposal, line_id=line, by=by, at=now, amount_fen=round(yuan * 100)
    )
    return _("已记下您家同意出的钱。")


@_door
def learn(by: int, proposal: int, sheet: Sheet, request: Asked) -> str:
    """What we learned."""
    actions.learn(proposal_id=proposal, by=by, at=timezone.now(), words=sheet["words"])
    return _("已写下。")
