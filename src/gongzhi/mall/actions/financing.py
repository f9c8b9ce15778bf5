"""A licensed bank or factor buys a claim before its day, without recourse. No money runs here."""

from datetime import date, datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import BadInput, NotAllowed, Refused
from gongzhi.mall import exchange, permissions, store
from gongzhi.mall.actions.receivables import hand_over
from gongzhi.mall.models import Financier, Financing
from gongzhi.people import queries as people


def license_financier(
    *, mall_id: int, organisation_id: int, licence: str, valid_to: date, bank: str,
    bank_account: str, by: int, at: datetime,
) -> int:  # fmt: skip
    """Who founds malls has looked at the licence of a bank or factor."""
    number = store.text_of(licence, "licence", "请写金融许可证号。", most=40, least=6)
    if valid_to < store.day(at):
        raise BadInput("valid_to", "许可证已经过期。")
    account = "".join(bank_account.split())
    if not (account.isascii() and account.isdigit() and 6 <= len(account) <= 32):
        raise BadInput("bank_account", "银行账号是6到32位数字。")
    with store.guarded():
        mall = store.read("mall", mall_id)
        permissions.founder(by, mall["place_path"], at)
        if organisation_id == mall["operator_id"]:
            raise BadInput("organisation", "运营单位不能给自己的商户融资。")
        if organisation_id == mall["funder_id"]:
            raise BadInput("organisation", "出资单位不能买自己欠的账。")
        made, _ = Financier.objects.update_or_create(
            organisation_id=organisation_id,
            defaults={"licence": number, "valid_to": valid_to, "bank": bank.strip()[:60],
                      "bank_account": account, "by_id": by, "at": at},
        )  # fmt: skip
    return int(made.pk)


def ask_financing(*, receivable_id: int, financier_id: int, by: int, at: datetime) -> int:
    """The holder shows his claim to one financier. One at a time; the same again is the same."""
    with store.guarded():
        row = store.read("receivable", receivable_id, lock=True)
        permissions.holder(by, row["holder_id"], at)
        store.at_state(row, "open")
        if row["due_on"] <= store.day(at):
            raise Refused("已经到期，等付款就行，不用融资。")
        found = Financier.objects.filter(pk=financier_id, valid_to__gte=store.day(at)).first()
        if found is None or found.organisation_id == row["holder_id"]:
            raise BadInput("financier", "请选一家持牌、在有效期内的金融机构。")
        asked = Financing.objects.filter(
            receivable_id=receivable_id, financier_id=financier_id, seller_id=row["holder_id"],
            state="asked",
        ).first()  # fmt: skip
        if asked is not None:
            return int(asked.pk)
        busy = db.rows(
            "select (select count(*) from mall_financing where receivable_id = %(id)s::bigint"
            " and state in ('asked', 'offered', 'accepted', 'live')), (select count(*)"
            " from mall_payment where receivable_id = %(id)s::bigint and alive)",
            {"id": receivable_id},
        )[0]
        if busy[0]:
            raise Refused("这笔应收账款已经在融资，不能再融资一次。", code="financed_once")
        if busy[1]:
            raise Refused("这笔应收账款已经在付款当中。", code="being_paid")
        made = Financing.objects.create(
            receivable_id=receivable_id, financier_id=financier_id, seller_id=row["holder_id"],
            face_fen=row["face_fen"], by_id=by, at=at,
        )  # fmt: skip
        store.tell("mall.financing", made.pk)
    return int(made.pk)


def offer_financing(*, financing_id: int, price_fen: int, by: int, at: datetime) -> None:
    """The financier's price, at most the face; the same again is no fault."""
    with store.guarded():
        row = store.read("financing", financing_id, lock=True)
        _financier(by, row["organisation_id"], at)
        if (row["state"], row["price_fen"]) == ("offered", price_fen):
            return
        store.at_state(row, "asked")
        if not 0 < price_fen <= row["face_fen"]:
            raise BadInput("price", "报价要大于零，不超过票面金额。")
        Financing.objects.filter(pk=financing_id).update(state="offered", price_fen=price_fen)
        store.tell("mall.offered", financing_id)


def accept_financing(*, financing_id: int, by: int, at: datetime) -> None:
    """The seller agrees to the price; the application to the register of movables is written."""
    with store.guarded():
        row = store.read("financing", financing_id)
        claim = store.read("receivable", row["receivable_id"], lock=True)
        row = store.read("financing", financing_id, lock=True)
        permissions.holder(by, row["seller_id"], at)
        if row["state"] == "accepted":
            return
        store.at_state(row, "offered")
        Financing.objects.filter(pk=financing_id).update(state="accepted")
        _to_register(claim, row, _name(row["organisation_id"]), "", at)
        store.tell("mall.accepted", financing_id)


def decline_financing(*, financing_id: int, by: int, at: datetime) -> None:
    """Either side ends it before the money has moved."""
    with store.guarded():
        row = store.read("financing", financing_id, lock=True)
        viewer = people.viewer(by, at)
        sides = (("funder", row["organisation_id"]), ("merchant", row["seller_id"]),
                 ("funder", row["seller_id"]))  # fmt: skip
        if not any(permissions.acts_in(viewer, role, side) for role, side in sides):
            raise NotAllowed("这要由卖方或金融机构来办。")
        if row["state"] == "declined":
            return
        store.at_state(row, "asked", "offered", "accepted")
        Financing.objects.filter(pk=financing_id).update(state="declined")


def draw_down(
    *, financing_id: int, registration: str, cash_reference: str, by: int, at: datetime
) -> None:
    """The bank has paid the seller and registered the assignment: cash and claim at one stroke."""
    number = store.text_of(
        registration, "registration", "请写动产融资统一登记的编号。", most=40, least=6
    )
    cash = store.text_of(cash_reference, "cash", "请写放款的银行流水号。", most=40, least=4)
    with store.guarded():
        row = store.read("financing", financing_id)
        claim = store.read("receivable", row["receivable_id"], lock=True)
        row = store.read("financing", financing_id, lock=True)
        _financier(by, row["organisation_id"], at)
        if row["state"] == "live" and (row["registration"], row["cash_reference"]) == (
            number,
            cash,
        ):
            return
        store.at_state(row, "accepted")
        if claim["due_on"] <= store.day(at):
            raise Refused("已经到期，不能再融资。")
        name = _name(row["organisation_id"])
        hand_over(claim, "discount", row["organisation_id"], name, "融资转让（无追索权）", by, at)
        Financing.objects.filter(pk=financing_id).update(
            state="live", registration=number, cash_reference=cash, live_at=at
        )
        _to_register(claim, row, name, number, at)
        store.tell("mall.financed", financing_id)


def _to_register(
    claim: dict[str, Any], row: dict[str, Any], financier: str, number: str, at: datetime
) -> None:
    """The application, before there is a number; what was registered, once there is one."""
    body = exchange.registration(
        number=claim["number"], seller=claim["holder"], financier=financier,
        face_fen=claim["face_fen"], due_on=str(claim["due_on"]), registration=number,
    )  # fmt: skip
    store.message(
        mall_id=row["mall_id"], kind="registration", body=body, receivable_id=claim["id"], at=at,
        name=f"{'registered' if number else 'register'}-{claim['number']}-{row['id']}.txt",
    )  # fmt: skip


def _financier(by: int, organisation_id: int, at: datetime) -> None:
    """NotAllowed unless he speaks for the financier."""
    if not permissions.acts_in(people.viewer(by, at), "funder", organisation_id):
        raise NotAllowed("这要由金融机构来办。")


def _name(organisation_id: int) -> str:
    found = db.rows(
        "select name from people_organisation where id = %s::bigint", (organisation_id,)
    )
    return str(found[0][0])
