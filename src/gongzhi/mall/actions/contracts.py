"""Shops under contract: signed, renewed, suspended, going on, ended. Each step is on record."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import BadInput, Refused
from gongzhi.mall import books, permissions, rules, store
from gongzhi.mall.models import Merchant, Record

STATES = {"active": "resumed", "suspended": "suspended", "ended": "ended"}


@dataclass(frozen=True, slots=True)
class Contract:
    """What a shop signs: checked by `admit` and `renew`. The fee in 1/10,000."""

    organisation_id: int
    credit_code: str
    category: str
    contract_from: date
    contract_to: date
    bank: str
    bank_account: str
    fee_bp: int = 0
    pay_days: int = 1  # from an agreed statement to the day it is due
    document: str = "合同"


def _checked(contract: Contract) -> dict[str, Any]:
    """The columns of a merchant; BadInput."""
    if contract.category not in Merchant.Category.values:
        raise BadInput("category", "请选一个类别。")
    if contract.contract_to < contract.contract_from:
        raise BadInput("contract_to", "合同的结束日要在开始日以后。")
    if not 0 <= contract.fee_bp <= 3000:
        raise BadInput("fee_bp", "手续费最多30%。")
    if not 1 <= contract.pay_days <= 365:
        raise BadInput("pay_days", "账期请填1到365天。")
    account = "".join(contract.bank_account.split())
    if not (account.isascii() and account.isdigit() and 6 <= len(account) <= 32):
        raise BadInput("bank_account", "银行账号是6到32位数字。")
    return {
        "credit_code": rules.credit_code(contract.credit_code), "category": contract.category,
        "contract_from": contract.contract_from, "contract_to": contract.contract_to,
        "bank": store.text_of(contract.bank, "bank", "请写开户银行。", most=60),
        "bank_account": account, "fee_bp": contract.fee_bp, "pay_days": contract.pay_days,
    }  # fmt: skip


def admit(*, mall_id: int, contract: Contract, by: int, at: datetime) -> int:
    """A shop with a checked licence and a contract joins the mall."""
    columns = _checked(contract)
    document = store.text_of(contract.document, "document", "请写合同编号。", most=120)
    with store.guarded():
        mall = store.read("mall", mall_id)
        permissions.operator(by, mall, at)
        _within(mall, contract, at)
        if contract.organisation_id in (mall["operator_id"], mall["funder_id"]):
            raise BadInput("organisation", store.GUARDS["merchant_apart"])
        before = Merchant.objects.filter(
            mall_id=mall_id, organisation_id=contract.organisation_id, state="active", **columns
        ).first()
        if before is not None:
            return int(before.pk)  # pressed twice
        made = Merchant.objects.create(
            mall_id=mall_id, organisation_id=contract.organisation_id, by_id=by, at=at, **columns
        )
        db.run(
            "update mall_merchant set account = %s::bigint where id = %s::bigint",
            (books.open_merchant(made.pk, at=at), made.pk),
        )
        _record(mall_id, made.pk, "signed", document, by, at, columns)
        store.tell("mall.merchant", made.pk)
    return int(made.pk)


def _within(mall: dict[str, Any], contract: Contract, at: datetime) -> None:
    """The term of payment stays within what the mall calls usual (银发〔2025〕77号)."""
    today = store.day(at)
    if contract.pay_days > (rules.later(today, mall["usual_months"]) - today).days:
        raise BadInput(
            "pay_days", f"账期一般不超过{mall['usual_months']}个月（银发〔2025〕77号）。"
        )


def renew(*, merchant_id: int, contract: Contract, by: int, at: datetime) -> None:
    """Other terms, another account or another year; also the way back for who had left.

    What was stated before keeps the fee of its day. The organisation and its licence stay.
    """
    columns = _checked(contract)
    document = store.text_of(contract.document, "document", "请写合同编号。", most=120)
    with store.guarded():
        row = store.read("merchant", merchant_id, lock=True)
        permissions.operator(by, row, at)
        _within(store.read("mall", row["mall_id"]), contract, at)
        if columns["credit_code"] != row["credit_code"]:
            raise BadInput("credit_code", "信用代码和登记的不一样：换了单位要重新登记。")
        if (columns["category"] == "point") != (row["category"] == "point"):
            raise BadInput("category", "服务点和商户不能互换，请另外登记一家。")
        state = "active" if row["state"] == "ended" else row["state"]
        if state == row["state"] and _told(merchant_id, document) and all(
            row[name] == value for name, value in columns.items()
        ):  # fmt: skip
            return  # pressed twice
        Merchant.objects.filter(pk=merchant_id).update(state=state, **columns)
        _record(row["mall_id"], merchant_id, "renewed", document, by, at, columns)


def set_merchant_state(*, merchant_id: int, state: str, why: str, by: int, at: datetime) -> None:
    """Suspend a shop, let it go on, or end its contract. What is owed to it stays owed."""
    if state not in Merchant.State.values:
        raise BadInput("state", "请选一种。")
    said = store.text_of(why, "why", "请写明原因。", most=200)
    with store.guarded():
        row = store.read("merchant", merchant_id, lock=True)
        permissions.operator(by, row, at)
        if row["state"] == state:
            return
        if row["state"] == "ended":
            raise Refused("这家商户已经退出，要再来请重新签合同。")
        Merchant.objects.filter(pk=merchant_id).update(state=state)
        _record(row["mall_id"], merchant_id, STATES[state], said, by, at, {})


def _told(merchant_id: int, document: str) -> bool:
    """Whether the last step on record is under this contract."""
    last = Record.objects.filter(merchant_id=merchant_id).order_by("-pk").first()
    return last is not None and (last.kind, last.why) == ("renewed", document)


def _record(
    mall: int, merchant: int, kind: str, why: str, by: int, at: datetime, terms: dict[str, Any]
) -> None:
    Record.objects.create(
        mall_id=mall, merchant_id=merchant, kind=kind, why=why, by_id=by, at=at,
        terms={k: v.isoformat() if isinstance(v, date) else v for k, v in terms.items()},
    )  # fmt: skip
