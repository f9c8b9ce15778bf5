"""Taking something: points held for a code, captured at the shop, freed or given back."""

import secrets
from datetime import date, datetime, timedelta
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused, TooMany
from gongzhi.mall import books, permissions, rules, store
from gongzhi.mall.models import Debt, Line, Order, WrongCode
from gongzhi.people import queries as people


def order(*, offer_id: int, pieces: int, points: int, by: int, at: datetime, key: str) -> int:
    """Reserve pieces and hold points until the code ends; the yuan part is paid at the shop.

    Of a gift `points` is not asked: it costs what it costs. Refusals: no stock, the share of the
    price, the month's limit, too few points.
    """
    if not key:
        raise BadInput("key", "请从商品页面下单。")
    if not 1 <= pieces <= 99:
        raise BadInput("pieces", "数量请填1到99。")
    with store.guarded():
        before = store.once("mall_order", key, by, column="person_id")
        if before is not None:
            return before
        item = store.read("offer", offer_id, lock=True)
        mall = store.read("mall", item["mall_id"])
        _on_sale(item, mall, by, pieces, at)
        account = books.must_have(by)
        free = books.spendable(account)
        paid = _priced(item, mall, pieces, points, at)
        if free < paid["points"]:
            raise BadInput("points", f"您现在只有{free}分可用，这一单要{paid['points']}分。")
        if item["kind"] != "gift":
            _count_month(mall, by, paid["points"], store.day(at))
        db.run(
            "update mall_offer set stock = stock - %s::int where id = %s::bigint",
            (pieces, offer_id),
        )
        until = at + timedelta(minutes=mall["code_minutes"])
        made = Order.objects.create(
            mall_id=mall["id"], merchant_id=item["merchant_id"], offer_id=offer_id, person_id=by,
            pieces=pieces, percent=mall["percent"], code=_free_code(item["merchant_id"]),
            token=secrets.token_urlsafe(18), expires_at=until, at=at, key=key, **paid,
        )  # fmt: skip
        held = books.hold(made.pk, account, paid["points"], until, by=by, at=at)
        Order.objects.filter(pk=made.pk).update(hold=held)
        store.tell("mall.order", made.pk)
    return int(made.pk)


def _on_sale(
    item: dict[str, Any], mall: dict[str, Any], by: int, pieces: int, at: datetime
) -> None:
    buyer = people.viewer(by, at)
    if not buyer.lives_in(mall["place_path"]):
        raise NotAllowed("这个商城只对住在这里的居民开放。")
    if permissions.sells(buyer, item):
        raise NotAllowed("自己店里的东西不能用自己的积分买。")
    today = store.day(at)
    shut = item["state"] != "active" or not item["contract_from"] <= today <= item["contract_to"]
    if shut or not item["open"]:
        raise Refused("这样东西现在不卖。")
    if item["stock"] < pieces:
        raise BadInput("pieces", f"库存只有{item['stock']}件，不够。")


def _priced(
    item: dict[str, Any], mall: dict[str, Any], pieces: int, points: int, at: datetime
) -> dict[str, Any]:
    """What the order says of points and money."""
    if item["kind"] == "gift":
        return {"points": item["points"] * pieces, "price_fen": 0, "cash_fen": 0, "rate": None,
                "rate_fen": 0}  # fmt: skip
    rate = store.rate(mall["id"], store.day(at))
    price = item["price_fen"] * pieces
    most = min(item["points"] * pieces, rules.most_points(price, mall["percent"], rate["fen"]))
    if not 1 <= points <= most:
        raise BadInput("points", f"这一单最多用{most}分积分，最少1分。")
    return {"points": points, "price_fen": price, "cash_fen": price - points * rate["fen"],
            "rate_id": rate["id"], "rate_fen": rate["fen"]}  # fmt: skip


def _count_month(mall: dict[str, Any], person: int, points: int, on: date) -> None:
    """Add to the month; its CHECK stops two phones at once, the words come first."""
    used = db.rows(
        "insert into mall_month (mall_id, person_id, first, points, most)"
        " values (%s::bigint, %s::bigint, %s::date, 0, %s::int)"
        " on conflict (mall_id, person_id, first) do update set points = mall_month.points"
        " returning points, most",
        (mall["id"], person, on.replace(day=1), mall["month"]),
    )[0]
    if used[0] + points > used[1]:
        raise BadInput("points", f"这个月还能抵扣{used[1] - used[0]}分（每月最多{used[1]}分）。")
    db.run(
        "update mall_month set points = points + %s::int where mall_id = %s::bigint"
        " and person_id = %s::bigint and first = %s::date",
        (points, mall["id"], person, on.replace(day=1)),
    )


def _free_code(merchant_id: int) -> str:
    """Six digits no waiting order of the shop has."""
    taken = {
        row[0]
        for row in db.rows(
            "select code from mall_order where merchant_id = %s::bigint and state = 'held'",
            (merchant_id,),
        )
    }
    while True:
        code = f"{secrets.randbelow(10**6):06d}"
        if code not in taken:
            return code


def redeem(*, merchant_id: int, code: str, by: int, at: datetime, key: str = "") -> int:
    """The shop reads the square code or types the six digits: the points are the shop's.

    Returns the order's id; so again for the same press (`key`), which is no second handing out.
    The same code at another time is refused, with the time it was taken. Wrong codes are counted.
    """
    typed = code.strip().rstrip("/").rpartition("/")[2]  # a scanner types the whole address
    missing = False
    with store.guarded():
        shop = store.read("merchant", merchant_id, lock=True)
        permissions.seller(by, shop, at)
        _not_guessing(merchant_id, at)
        found = _find(merchant_id, typed)
        if found is None:
            WrongCode.objects.create(merchant_id=merchant_id, at=at)
            missing = True
        else:
            _capture(found, shop, by, at, key)
    if missing:
        raise NotFound("没有这个码。", todo="请核对六位数字；码只能用一次，过时作废。")
    assert found is not None
    return int(found["id"])


def _not_guessing(merchant_id: int, at: datetime) -> None:
    terms = rules.terms()["codes"]
    wrong = WrongCode.objects.filter(
        merchant_id=merchant_id, at__gt=at - timedelta(minutes=terms["wrong_minutes"])
    ).count()
    if wrong >= terms["wrong_most"]:
        raise TooMany(f"输错太多次了，请{terms['wrong_minutes']}分钟以后再试。")


def _find(merchant_id: int, typed: str) -> dict[str, Any] | None:
    """The waiting order of a code or token at this shop, else the latest that had it."""
    if not typed or len(typed) > 32:
        return None
    found = db.rows(
        "select id from mall_order where merchant_id = %s::bigint and (code = %s or token = %s)"
        " order by state = 'held' desc, id desc limit 1",
        (merchant_id, typed, typed),
    )
    return store.read("order", found[0][0], lock=True) if found else None


def _capture(row: dict[str, Any], shop: dict[str, Any], by: int, at: datetime, key: str) -> None:
    if row["state"] == "done":
        if key and row["taken_key"] == key:
            return
        raise Refused(
            f"这个码已经用过了：{store.clock(row['done_at'])}核销的。", todo="不要再给一次货。",
            code="code_used",
        )  # fmt: skip
    if row["state"] != "held" or at >= row["expires_at"]:
        raise Refused("这个码已经过时或取消。", todo="请居民重新下单。", code="code_gone")
    transfer = books.capture(row["id"], row["hold"], shop["account"], by=by, at=at)
    Order.objects.filter(pk=row["id"]).update(
        state="done", done_at=at, transfer=transfer, taken_key=key[:80]
    )
    if row["rate_id"] is not None:
        _line(row, "sale", row["points"], at)
    store.tell("mall.sold", row["id"])


def _line(
    row: dict[str, Any], kind: str, points: int, at: datetime, statement: int | None = None
) -> None:
    Line.objects.create(
        statement_id=statement, state="open" if statement is None else "stated",
        merchant_id=row["merchant_id"], order_id=row["id"], kind=kind, points=points,
        rate_id=row["rate_id"], rate_fen=row["rate_fen"], fen=points * row["rate_fen"], at=at,
    )  # fmt: skip


def cancel(*, order_id: int, by: int, at: datetime) -> None:
    """The buyer changes his mind before the shop has the code. Again is no fault."""
    with store.guarded():
        row = store.read("order", order_id, lock=True)
        if row["person_id"] != by:
            raise NotFound("没有这一单。")
        if row["state"] in {"void", "expired"}:
            return
        store.at_state(row, "held")
        _free(row, "void", "", by, at)


def expire(*, at: datetime, most: int = 500) -> int:
    """Orders whose code has ended: points and pieces are free again. By the worker."""
    done = 0
    while done < most:
        with store.guarded():  # each by itself: many locks at once would meet those of buyers
            rows = db.dicts(
                "select o.*, f.kind from mall_order o join mall_offer f on f.id = o.offer_id"
                " where o.state = 'held' and o.expires_at <= %s::timestamptz order by o.expires_at"
                " limit 1 for update of o skip locked",
                (at,),
            )
            if not rows:
                break
            _free(rows[0], "expired", "", rows[0]["person_id"], at)
            done += 1
    return done


def _free(row: dict[str, Any], state: str, why: str, by: int, at: datetime) -> None:
    _put_back(row)  # locks in the order of `order`: the offer, the month, the account
    books.void(row["hold"], by=by, at=at)
    Order.objects.filter(pk=row["id"]).update(state=state, ended_at=at, ended_why=why)


def _put_back(row: dict[str, Any]) -> None:
    """Pieces on the shelf again; the month of the order has room again."""
    db.run(
        "update mall_offer set stock = stock + %s::int where id = %s::bigint",
        (row["pieces"], row["offer_id"]),
    )
    if row["kind"] != "gift":
        db.run(
            "update mall_month set points = points - %s::int where mall_id = %s::bigint"
            " and person_id = %s::bigint and first = %s::date",
            (row["points"], row["mall_id"], row["person_id"], store.day(row["at"]).replace(day=1)),
        )


def refund(*, order_id: int, why: str, by: int, at: datetime) -> None:
    """The shop takes it back: the same points to the same lots, a negative line for the shop.

    Never yuan for points, and the resident waits for nothing: of a sale that is settled already
    the shop owes what its own new sales do not cover (`Debt`).
    """
    said = store.text_of(why, "why", "请写明为什么退。", most=200)
    with store.guarded():
        row = locked(order_id)
        permissions.seller(by, row, at)
        if row["state"] == "refunded":
            return
        store.at_state(row, "done")
        give_back(row, said, by, at)


def locked(order_id: int) -> dict[str, Any]:
    """An order to be undone: the shop is locked before it, as when a code is read."""
    store.read("merchant", store.read("order", order_id)["merchant_id"], lock=True)
    return store.read("order", order_id, lock=True)


def give_back(row: dict[str, Any], why: str, by: int, at: datetime) -> None:
    """Undo a sale inside a transaction that has `locked` the order."""
    clears = row["rate_id"] is not None
    waiting = store.take_out(row["id"]) if clears else None
    _put_back(row)
    missing = row["points"] - books.spendable(row["account"])  # statements of the shop are locked
    lent = _lend(row, missing, by, at) if clears and missing > 0 else None
    books.give_back(row["id"], row["transfer"], by=by, at=at)
    Order.objects.filter(pk=row["id"]).update(state="refunded", ended_at=at, ended_why=why)
    if clears:
        _line(row, "refund", -row["points"], at, waiting)
        if waiting is not None:
            store.reckon(waiting)
    if lent is not None:
        _owe(row, missing, lent, at)
    store.tell("mall.refunded", row["id"])


def _lend(row: dict[str, Any], points: int, by: int, at: datetime) -> int:
    place = store.read("mall", row["mall_id"])["place_id"]
    return books.advance(row["id"], row["account"], points, place, by=by, at=at)


def _owe(row: dict[str, Any], points: int, lent: int, at: datetime) -> None:
    """What the shop was paid for these points: at the rate of the sale, less the fee of its day."""
    fee_bp = db.rows(
        "select coalesce(t.fee_bp, s.fee_bp) from mall_line l join mall_merchant s"
        " on s.id = l.merchant_id left join mall_statement t on t.id = l.statement_id"
        " where l.order_id = %s::bigint and l.kind = 'sale'", (row["id"],),
    )[0][0]  # fmt: skip
    gross = points * row["rate_fen"]
    made = Debt.objects.create(
        order_id=row["id"], merchant_id=row["merchant_id"], points=points, advance=lent, at=at,
        fen=gross - rules.fee(gross, fee_bp),
        due_on=store.day(at) + timedelta(days=rules.terms()["refund"]["days"]),
    )  # fmt: skip
    store.tell("mall.debt", made.pk)


def repay(*, debt_id: int, reference: str, by: int, at: datetime) -> None:
    """The shop has paid the funder in yuan what it owes for a sale it took back.

    The operator enters it by the bank's number; nothing comes off the shop's next statement for
    it. Again with the same number is no fault.
    """
    number = store.text_of(reference, "reference", "请填银行流水号。", most=40, least=4)
    with store.guarded():
        debt = store.read("debt", debt_id)
        mall = store.read("mall", debt["mall_id"], lock=True)
        permissions.operator(by, mall, at)
        store.read("merchant", debt["merchant_id"], lock=True)
        waiting = store.waiting(debt["merchant_id"])  # before the debt, as `confirm_statement` does
        debt = store.read("debt", debt_id, lock=True)
        if (debt["state"], debt["reference"]) == ("repaid", number):
            return
        store.at_state(debt, "owed")
        Debt.objects.filter(pk=debt_id).update(state="repaid", reference=number, by=by, ended_at=at)
        books.repaid(debt_id, mall["id"], debt["fen"], by=by, at=at)
        db.run(
            "update mall_mall set repaid_fen = repaid_fen + %s::bigint where id = %s::bigint",
            (debt["fen"], mall["id"]),
        )
        _make_good(debt, waiting, at)
        store.tell("mall.repaid", debt_id)


def _make_good(debt: dict[str, Any], waiting: int | None, at: datetime) -> None:
    """A line beside the refund, wherever that stands."""
    stands = db.rows(
        "select statement_id from mall_line where order_id = %s::bigint and kind = 'refund'",
        (debt["order_id"],),
    )[0][0]
    _line(
        store.read("order", debt["order_id"]), "repaid", debt["points"], at,
        waiting if waiting is not None and stands == waiting else None,
    )  # fmt: skip
    if waiting is not None and stands == waiting:
        store.reckon(waiting)
