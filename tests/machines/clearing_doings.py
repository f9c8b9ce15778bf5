"""The steps of the clearing machines as the software does them, one by one."""

from collections.abc import Callable
from datetime import date
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import Refused
from gongzhi.mall import actions, exchange
from gongzhi.mall.actions.contracts import Contract
from machines.clearing_parts import FEES, SHOPS, TERMS, Op
from machines.clearing_world import World
from mall_life import CODES
from people import START


class Missing(Refused):
    """The step is about something that is not there (yet)."""


def _of(names: dict[str, int], label: str) -> int:
    if label not in names:
        raise Missing("missing")
    return names[label]


def _line(w: World, label: str) -> int:
    kind = {"+": "sale", "-": "refund", "=": "repaid"}[label[-1]]
    found = db.rows(
        "select id from mall_line where order_id = %s::bigint and kind = %s",
        (_of(w.orders, label[:-1]), kind),
    )
    if not found:
        raise Missing("missing")
    return int(found[0][0])


def _financing(w: World, label: str) -> int:
    found = db.rows(
        "select id from mall_financing where receivable_id = %s::bigint order by id desc limit 1",
        (_of(w.claims, label),),
    )
    if not found:
        raise Missing("missing")
    return int(found[0][0])


def _holder(w: World, label: str) -> int:
    """Somebody of the organisation that holds the claim."""
    found = db.rows(
        "select holder_id from mall_receivable where id = %s::bigint", (_of(w.claims, label),)
    )[0][0]
    return next(w.people[name] for name, org in w.organisations.items() if org == found)


def _seller(w: World, label: str) -> int:
    found = db.rows(
        "select seller_id from mall_financing where id = %s::bigint", (_financing(w, label),)
    )[0][0]
    return next(w.people[name] for name, org in w.organisations.items() if org == found)


def _receipt(w: World, refuses: tuple[str, ...]) -> int:
    found = db.rows(
        "select m.body, b.id from mall_batch b left join mall_message m on m.batch_id = b.id"
        " and m.kind = 'payment' where b.mall_id = %s::bigint order by b.id desc limit 1",
        (w.mall,),
    )
    if not found:
        raise Missing("missing")
    if found[0][0] is None or _answered(found[0][1]):
        return 0
    numbers = _numbers(w, found[0][1])
    bank = exchange.FakeBank(frozenset(numbers.get(name, "") for name in refuses))
    body = bank.send("x", found[0][0])
    made = actions.take_receipt(mall_id=w.mall, body=body, by=w.people["operator"], at=w.at)
    assert actions.take_receipt(mall_id=w.mall, body=body, by=w.people["operator"], at=w.at) == 0
    return made


def _numbers(w: World, batch: int) -> dict[str, str]:
    """The accounts a batch pays to, by whose they are."""
    names = {number: name for name, number in w.organisations.items()}
    return {
        names[holder]: number for holder, number in db.rows(
            "select holder_id, bank_account from mall_batchline where batch_id = %s::bigint",
            (batch,),
        )
    }  # fmt: skip


def _batch(w: World, number: int) -> int:
    found = db.rows(
        "select id from mall_batch where mall_id = %s::bigint order by id offset %s limit 1",
        (w.mall, number),
    )
    if not found:
        raise Missing("missing")
    return int(found[0][0])


def _bounce(w: World, number: int, holder: str) -> None:
    batch = _batch(w, number)
    sql = "select body from mall_message where batch_id = %s::bigint and kind = 'payment'"
    found = db.rows(sql, (batch,))
    if not found:
        raise Missing("missing")
    bank = exchange.FakeBank(frozenset({_numbers(w, batch).get(holder, "")}))
    body = bank.sent_back(found[0][0])
    actions.take_receipt(mall_id=w.mall, body=body, by=w.people["operator"], at=w.at)
    assert actions.take_receipt(mall_id=w.mall, body=body, by=w.people["operator"], at=w.at) == 0


def _again(w: World, number: int, holder: str) -> None:
    found = db.rows(
        "select id from mall_batchline where batch_id = %s::bigint and holder_id = %s::bigint",
        (_batch(w, number), w.organisations[holder]),
    )
    if not found:
        raise Missing("missing")
    actions.pay_again(line_id=found[0][0], why="问过银行", **_as(w, "operator"))


def _account(w: World, holder: str) -> None:
    """The next account: by the contract, or by the record of the licence."""
    table = "mall_financier where id" if holder == "bank" else "mall_merchant where id"
    number = w.bank if holder == "bank" else w.shops[holder]
    sql = f"select (bank_account::bigint + 100000)::text from {table} = %s::bigint"
    account = db.rows(sql, (number,))[0][0]
    if holder == "bank":
        licence = db.rows("select licence from mall_financier where id = %s::bigint", (number,))
        actions.license_financier(
            mall_id=w.mall, organisation_id=w.organisations["bank"], licence=licence[0][0],
            valid_to=date(2030, 1, 1), bank="农商行", bank_account=account, **_as(w, "founder"),
        )  # fmt: skip
        return
    n = SHOPS.index(holder)
    contract = Contract(
        w.organisations[holder], CODES[n], "grocer", START, date(2027, 12, 31), "农行", account,
        FEES[n], TERMS[n], f"改账号{account}",
    )  # fmt: skip
    actions.renew(merchant_id=number, contract=contract, **_as(w, "operator"))


def _repay(w: World, label: str) -> None:
    found = db.rows("select id from mall_debt where order_id = %s::bigint", (_of(w.orders, label),))
    if not found:
        raise Missing("missing")
    actions.repay(debt_id=found[0][0], reference=f"TK{found[0][0]:06d}", **_as(w, "operator"))


def _answered(batch: int) -> bool:
    sql = "select 1 from mall_batchline where batch_id = %s::bigint and state = 'sent'"
    return not db.rows(sql, (batch,))


def _as(w: World, who: str) -> dict[str, Any]:
    return {"by": w.people[who], "at": w.at}


def _shop_of(w: World, label: str) -> str:
    found = db.rows(
        "select merchant_id from mall_order where id = %s::bigint", (_of(w.orders, label),)
    )[0][0]
    return next(name for name, shop in w.shops.items() if shop == found)


def _redeem(w: World, label: str) -> int:
    shop = _shop_of(w, label)
    sql = "select token from mall_order where id = %s::bigint"
    code = db.rows(sql, (w.orders[label],))[0][0]
    return actions.redeem(merchant_id=w.shops[shop], code=code, **_as(w, shop))


def _confirm(w: World, label: str) -> int:
    found = db.rows(
        "select merchant_id from mall_statement where id = %s::bigint", (_of(w.statements, label),)
    )[0][0]
    shop = next(name for name, merchant in w.shops.items() if merchant == found)
    return actions.confirm_statement(statement_id=w.statements[label], **_as(w, shop))


def _split(w: World, label: str, first: int) -> list[int]:
    number = _of(w.claims, label)
    sql = "select face_fen from mall_receivable where id = %s::bigint"
    face = db.rows(sql, (number,))[0][0]
    return actions.split(
        receivable_id=number, parts_fen=[first, face - first], by=_holder(w, label), at=w.at
    )


def _dispute(w: World, label: str) -> None:
    actions.dispute_line(
        line_id=_line(w, label), reason="数量不对", **_as(w, _shop_of(w, label[:-1]))
    )


Step = Callable[..., Any]
STEPS: dict[str, Step] = {
    "order": lambda w, label, buyer, shop, pieces, points: actions.order(
        offer_id=w.offers[shop], pieces=pieces, points=points, key=f"{w.mall}:{label}",
        **_as(w, buyer),
    ),
    "redeem": _redeem,
    "cancel": lambda w, label: actions.cancel(
        order_id=_of(w.orders, label), at=w.at, by=_buyer(w, label)
    ),
    "expire": lambda w: actions.expire(at=w.at),
    "refund": lambda w, label: actions.refund(
        order_id=_of(w.orders, label), why="退货", **_as(w, _shop_of(w, label))
    ),
    "draw": lambda w, label, shop: actions.draw_statement(
        merchant_id=w.shops[shop], to_on=w.at.date(), **_as(w, "operator")
    ),
    "dispute": _dispute,
    "answer": lambda w, label, stands: actions.answer_dispute(
        line_id=_line(w, label), stands=stands, answer="核对过了", **_as(w, "operator")
    ),
    "confirm": _confirm,
    "withdraw": lambda w, label: actions.withdraw_claim(
        receivable_id=_of(w.claims, label), by=_holder(w, label), at=w.at
    ),
    "owe": lambda w, label: actions.confirm_claim(
        receivable_id=_of(w.claims, label), **_as(w, "funder")
    ),
    "split": _split,
    "assign": lambda w, label, to: actions.assign(
        receivable_id=_of(w.claims, label), taker_id=w.organisations[to], reason="货款",
        by=_holder(w, label), at=w.at,
    ),
    "ask": lambda w, label: actions.ask_financing(
        receivable_id=_of(w.claims, label), financier_id=w.bank, by=_holder(w, label), at=w.at
    ),
    "offer": lambda w, label, price: actions.offer_financing(
        financing_id=_financing(w, label), price_fen=price, **_as(w, "bank")
    ),
    "accept": lambda w, label: actions.accept_financing(
        financing_id=_financing(w, label), by=_seller(w, label), at=w.at
    ),
    "decline": lambda w, label: actions.decline_financing(
        financing_id=_financing(w, label), **_as(w, "bank")
    ),
    "draw_down": lambda w, label: actions.draw_down(
        financing_id=_financing(w, label), registration=f"REG{_financing(w, label):08d}",
        cash_reference=f"CASH{_financing(w, label)}", **_as(w, "bank")
    ),
    "batch": lambda w: actions.run_batch(
        mall_id=w.mall, cutoff=w.at.date(), **_as(w, "operator")
    ),
    "receipt": _receipt,
    "bounce": _bounce,
    "again": _again,
    "account": _account,
    "repay": _repay,
    "pledge": lambda w, label, amount: actions.pledge(
        mall_id=w.mall, amount_fen=amount, document="马财〔2026〕9号", key=f"{w.mall}:{label}",
        **_as(w, "funder"),
    ),
    "publish": lambda w, fen: actions.publish_rate(
        mall_id=w.mall, fen=fen, from_on=w.at.date(), basis="村民会议定的", **_as(w, "founder")
    ),
}  # fmt: skip


def _buyer(w: World, label: str) -> int:
    sql = "select person_id from mall_order where id = %s::bigint"
    return int(db.rows(sql, (_of(w.orders, label),))[0][0])


def step(w: World, op: Op) -> tuple[bool, Any]:
    """Whether it was refused, and what it gave."""
    try:
        return False, STEPS[op[0]](w, *op[1:])
    except Refused:
        return True, None


def named(w: World, op: Op, result: Any) -> None:
    """Remember what a committed step has made under its label."""
    if op[0] == "order":
        w.orders[op[1]] = result
    elif op[0] == "draw":
        w.statements[op[1]] = result
    elif op[0] == "confirm":
        w.claims[op[1]] = result
    elif op[0] == "split":
        w.claims |= {f"{op[1]}.{n}": made for n, made in enumerate(result, 1)}
