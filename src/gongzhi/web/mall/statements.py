"""A statement on the shop's phone: read line by line, agreed to, or one line said to be wrong.

Whoever owes, holds or finances the claim reads it as the proof of trade. It never says who bought.
"""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gongzhi.core.errors import BadInput, Refused
from gongzhi.mall import actions, exchange, queries, store
from gongzhi.web.asked import Asked
from gongzhi.web.mall.buying import me
from gongzhi.web.mall.files import spreadsheet
from gongzhi.web.sheet import Sheet


@never_cache
@login_required
def statements(request: Asked, merchant_id: int) -> HttpResponse:
    """The shop's statements."""
    shop = queries.shop_for(request.viewer, merchant_id)
    context = {"shop": shop, "rows": queries.statements(merchant_id)}
    return render(request, "mall/statements.html", context)


@never_cache
@login_required
def statement(request: Asked, statement_id: int) -> HttpResponse:
    """Line by line; agreeing to it makes a claim on the fund. `?as=xlsx` is the table.

    The operator, those who watch and those of the claim may read it, the shop alone agrees.
    """
    sheet = Sheet()
    if request.GET.get("as") == "xlsx":
        return _table(request, queries.statement_for(request.viewer, statement_id))
    if request.method == "POST":
        made, sheet = _agreed(request, statement_id)
        if made is not None:
            return HttpResponseRedirect(reverse("mall_claim", kwargs={"receivable_id": made}))
    return _shown(request, statement_id, sheet, 0)


def _shown(request: Asked, statement_id: int, sheet: Sheet, line: int) -> HttpResponse:
    """The statement as it is now; `sheet` is what was refused, of a line or of the whole."""
    row = queries.statement_for(request.viewer, statement_id)
    claim = request.GET.get("claim", "")
    context = {
        "statement": row, "sheet": sheet, "line": line,
        "claim": int(claim) if claim.isascii() and claim.isdigit() and len(claim) < 16 else 0,
        "sells": any(s["id"] == row["merchant_id"] for s in queries.shops(request.viewer)),
    }  # fmt: skip
    return render(request, "mall/statement.html", context, status=sheet.status)


def _table(request: Asked, row: dict[str, Any]) -> HttpResponse:
    heads = ["时间", "商品", "种类", "积分", "每分（元）", "金额（元）", "说明"]
    rows = [
        [timezone.localtime(line["at"]), line["offer"],
         {"sale": _("核销"), "refund": _("退回"), "repaid": _("店里退了钱")}[line["kind"]],
         line["points"],
         line["rate_fen"] / 100, line["fen"] / 100, line["answer"]]
        for line in row["lines"]
    ]  # fmt: skip
    note = _("%(name)s第%(n)d张对账单：%(p)d积分，%(gross)s元，手续费%(fee)s元，应付%(net)s元") % {
        "name": row["merchant"], "n": row["number"], "p": row["points"],
        "gross": exchange.yuan(row["gross_fen"]), "fee": exchange.yuan(row["fee_fen"]),
        "net": exchange.yuan(row["net_fen"]),
    }  # fmt: skip
    name = f"{row['merchant']}-{row['number']}.xlsx"
    return spreadsheet(request.viewer.name, heads, rows, note, name)


def _agreed(request: Asked, statement_id: int) -> tuple[int | None, Sheet]:
    """The claim, new or made again after one was withdrawn; or the form with what is wrong."""
    sheet, at = Sheet.of(request.POST, "due_on", "late_why", "seen"), timezone.now()
    try:
        if request.POST.get("do") == "again":
            made = actions.make_claim(
                statement_id=statement_id, due_on=_day(sheet["due_on"]), why=sheet["late_why"],
                by=me(request), at=at,
            )  # fmt: skip
        else:
            made = actions.confirm_statement(
                statement_id=statement_id, by=me(request), at=at, seen_fen=sheet.whole("seen")
            )
    except Refused as refusal:
        if refusal.status == 404:
            raise
        sheet.wrong(refusal)
        return None, sheet
    messages.success(request, _("已确认，等出资方确认后付款。"))
    return made, sheet


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise BadInput("due_on", "请选到期日。") from None


@require_POST
@login_required
def dispute(request: Asked, line_id: int) -> HttpResponse:
    """This line is wrong."""
    row: dict[str, Any] = store.read("line", line_id)
    queries.shop_for(request.viewer, row["merchant_id"])
    sheet = Sheet.of(request.POST, "reason")
    try:
        actions.dispute_line(
            line_id=line_id, reason=sheet["reason"], by=me(request), at=timezone.now()
        )
    except Refused as refusal:
        sheet.wrong(refusal)
        if row["statement_id"] is not None:
            return _shown(request, row["statement_id"], sheet, line_id)
        messages.warning(request, next(iter(sheet.errors.values())))
    else:
        messages.success(request, _("记下了，这一行先不结算，运营单位会来核对。"))
    if row["statement_id"] is None:
        back = reverse("mall_statements", kwargs={"merchant_id": row["merchant_id"]})
    else:
        back = reverse("mall_statement", kwargs={"statement_id": row["statement_id"]})
    return HttpResponseRedirect(back)
