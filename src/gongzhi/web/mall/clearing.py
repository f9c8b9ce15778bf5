"""Statements, clearing days, the bank's files: the operator's work."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from gongzhi.core.errors import BadInput, Refused
from gongzhi.core.spoken import spoken
from gongzhi.mall import actions, exchange, queries, store
from gongzhi.web import paging
from gongzhi.web.mall.desk import CutForm, ReceiptForm, me, operated, shown
from gongzhi.web.mall.files import sent, spreadsheet
from gongzhi.web.staff import frame

BATCH_STATES = {
    "sent": ("等银行回执", "info"), "paid": ("已到账", "ok"), "failed": ("银行没有付成", "bad"),
    "carried": ("资金不够，顺延", "warn"), "returned": ("付后退回", "bad"),
}  # fmt: skip


def draw(request: HttpRequest, mall_id: int) -> HttpResponse:
    """A statement for one shop, up to today."""
    operated(request, mall_id)
    shop = request.POST.get("merchant", "")
    number = int(shop) if shop.isascii() and shop.isdigit() and len(shop) < 16 else 0
    return _small(
        request, mall_id, _("对账单已发给商户。"),
        lambda: actions.draw_statement(
            merchant_id=number, to_on=store.day(frame.now()), by=me(request), at=frame.now()
        ),
    )  # fmt: skip


def _small(request: HttpRequest, mall_id: int, words: str, call: Any) -> HttpResponse:
    """One step on the page of the mall; a refusal is told there."""
    try:
        call()
    except Refused as refusal:
        if refusal.status in {403, 404}:
            raise
        messages.warning(request, spoken(refusal.words) + spoken(refusal.todo))
    else:
        messages.success(request, words)
    return redirect("mall_run", mall_id=mall_id)


@frame.staff_only
@frame.post_only
def answer(request: HttpRequest, mall_id: int, line_id: int) -> HttpResponse:
    """The answer to a disputed line."""
    mall = operated(request, mall_id)
    typed = request.POST.get("answer", "")
    try:
        actions.answer_dispute(
            line_id=line_id, stands=request.POST.get("stands") == "1", answer=typed,
            by=me(request), at=frame.now(),
        )  # fmt: skip
    except BadInput as refusal:
        return _told(request, mall, f"a{line_id}", typed, refusal)
    except Refused as refusal:
        if refusal.status in {403, 404}:
            raise
        messages.warning(request, spoken(refusal.words))
    else:
        messages.success(request, _("已答复。"))
    return redirect("mall_run", mall_id=mall_id)


def _told(
    request: HttpRequest, mall: dict[str, Any], field: str, typed: str, refusal: Refused
) -> HttpResponse:
    """The page of the mall with the small form `field` as it was filled, and what is wrong."""
    told = {"field": field, "typed": typed, "error": spoken(refusal.words)}
    return shown(request, mall, ReceiptForm(), told=told)


@frame.staff_only
@frame.post_only
def again(request: HttpRequest, mall_id: int, line_id: int) -> HttpResponse:
    """What the bank sent back is paid to the same account after all."""
    mall = operated(request, mall_id)
    typed = request.POST.get("why", "")
    try:
        actions.pay_again(line_id=line_id, why=typed, by=me(request), at=frame.now())
    except Refused as refusal:
        if refusal.status in {403, 404}:
            raise
        return _told(request, mall, f"r{line_id}", typed, refusal)
    messages.success(request, _("记下了，下一次结算照原账号再付。"))
    return redirect("mall_run", mall_id=mall_id)


@frame.staff_only
@frame.post_only
def repaid(request: HttpRequest, mall_id: int, debt_id: int) -> HttpResponse:
    """A shop has paid the funder what it owes for goods it took back."""
    mall = operated(request, mall_id)
    typed = request.POST.get("reference", "")
    try:
        actions.repay(debt_id=debt_id, reference=typed, by=me(request), at=frame.now())
    except Refused as refusal:
        if refusal.status in {403, 404}:
            raise
        return _told(request, mall, f"d{debt_id}", typed, refusal)
    messages.success(request, _("记下了，这一笔不再从对账里扣。"))
    return redirect("mall_run", mall_id=mall_id)


@frame.staff_only
@frame.post_only
def run(request: HttpRequest, mall_id: int) -> HttpResponse:
    """A clearing day, up to the day typed."""
    mall = operated(request, mall_id)
    cut = CutForm(request.POST, auto_id="cut_%s")
    made = cut.attempt(
        lambda typed: actions.run_batch(
            mall_id=mall_id, cutoff=typed["cutoff"], by=me(request), at=frame.now()
        )
    )
    if made is None:
        return shown(request, mall, ReceiptForm(), cut)
    row = queries.batch(mall_id, made)
    if not row["total_fen"]:
        messages.warning(request, _("承诺的钱不够付，这一批全部顺延，没有付款文件。"))
    elif row["state"] == "sent":
        messages.success(request, _("请把付款文件交给银行，再把银行回执交回来。"))
    return redirect("mall_batch", mall_id=mall_id, batch_id=made)


@frame.staff_only
def batch(request: HttpRequest, mall_id: int, batch_id: int) -> HttpResponse:
    """Whom a batch pays and whom it carries, and the files to and from the bank."""
    mall = queries.mall_for(frame.viewer(request), mall_id)
    row = queries.batch(mall_id, batch_id)
    if request.GET.get("as") == "xlsx":
        return _batch_table(request, mall, row)
    context = {
        "title": _("第%(n)d批结算") % {"n": row["number"]}, "mall": mall, "batch": row,
        "states": BATCH_STATES,
    }  # fmt: skip
    return render(request, "mall/batch.html", context)


def _batch_table(request: HttpRequest, mall: dict[str, Any], row: dict[str, Any]) -> HttpResponse:
    heads = [
        "序号",
        "收款单位",
        "开户银行",
        "账号",
        "笔数",
        "金额（元）",
        "结果",
        "银行流水号",
        "说明",
    ]
    rows = [
        [line["seq"], line["holder"], line["bank"], line["bank_account"], line["claims"],
         line["amount_fen"] / 100, _(BATCH_STATES[line["state"]][0]),
         line["return_reference"] or line["reference"] or "", line["why"]]
        for line in row["lines"]
    ]  # fmt: skip
    note = _("%(mall)s第%(n)d批，截止%(on)s，交银行付%(sum)s元，顺延%(short)s元") % {
        "mall": mall["name"], "n": row["number"], "on": row["cutoff"],
        "sum": exchange.yuan(row["total_fen"]), "short": exchange.yuan(row["short_fen"]),
    }  # fmt: skip
    return spreadsheet(
        frame.viewer(request).name, heads, rows, note, f"{mall['name']}-{row['number']}.xlsx",
        text={"账号", "银行流水号"},
    )  # fmt: skip


@frame.staff_only
def statements(request: HttpRequest, mall_id: int) -> HttpResponse:
    """All statements of a mall; on POST a statement for one shop, up to today."""
    if request.method == "POST":
        return draw(request, mall_id)
    mall = queries.mall_for(frame.viewer(request), mall_id)
    found = queries.mall_statements(mall_id, page=frame.number(request, "page", 1))
    context = {
        "title": _("对账单"), "mall": mall, "rows": found["rows"],
        "pager": paging.Pager(found["page"], found["more"], ""),
    }  # fmt: skip
    return render(request, "mall/mall_statements.html", context)


@frame.staff_only
@frame.post_only
def receipt(request: HttpRequest, mall_id: int) -> HttpResponse:
    """The bank's answer."""
    mall = operated(request, mall_id)
    form = ReceiptForm(request.POST, request.FILES)
    made = form.attempt(lambda typed: _taken(request, mall_id, typed["file"]))
    if made is None:
        return shown(request, mall, form)
    if made:
        messages.success(request, _("回执已记下，%(n)d笔有了结果。") % {"n": made})
    else:
        messages.warning(request, _("这份回执以前交过，没有新的结果。"))
    return redirect("mall_run", mall_id=mall_id)


def _taken(request: HttpRequest, mall_id: int, file: Any) -> int:
    if file.size > exchange.MOST_BYTES:
        raise BadInput("file", "文件太大了，最多1兆。")
    body = exchange.decoded(file.read())
    return actions.take_receipt(mall_id=mall_id, body=body, by=me(request), at=frame.now())


@frame.staff_only
def file(request: HttpRequest, mall_id: int, message_id: int) -> HttpResponse:
    """A file for the bank, as it went out."""
    operated(request, mall_id)
    return sent(queries.message(mall_id, message_id))
