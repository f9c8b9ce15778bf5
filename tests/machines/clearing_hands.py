"""The steps of the clearing machines done to the database, by two hands with a connection each."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from gongzhi.core import db
from gongzhi.core.errors import Refused
from gongzhi.ledger import actions as ledger
from gongzhi.ledger import queries as books
from gongzhi.mall import actions, exchange
from gongzhi.mall.actions.contracts import Contract
from gongzhi.people.models import Account, Household, Organisation, Person
from gongzhi.places.models import Place
from machines import clearing_model as model
from mall_life import CODES, somebody
from people import NOW, START, County

_numbers = count(1)


@dataclass
class World:
    """One mall in a village of its own, and what the labels of the model are called there."""

    mall: int
    people: dict[str, int]  # operator, funder, banker, founder, buyers, shops
    shops: dict[str, int]
    offers: dict[str, int]
    organisations: dict[str, int]  # shops and the bank
    accounts: dict[str, int]  # buyers and shops
    bank: int
    days: int = 0
    orders: dict[str, int] = field(default_factory=dict)
    statements: dict[str, int] = field(default_factory=dict)
    claims: dict[str, int] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        """Now."""
        return NOW + timedelta(days=self.days)


def found(county: County, *, pledge: int) -> World:
    """A village with two residents, two grocers, a town that pays and a bank."""
    number = next(_numbers)
    village = Place.objects.create(
        code=f"3208301019{number:04d}", name=f"试点村{number}", kind="village",
        parent=county.place("town"), valid_from=date(2023, 1, 1),
    )  # fmt: skip
    village.refresh_from_db(fields=["path"])
    home = Household.objects.create(place=village, grid=None, door="1")
    org = {
        name: Organisation.objects.create(name=f"{name}-{number}", kind=kind, place=village)
        for name, kind in (("runs", "company"), ("s0", "company"), ("s1", "company"),
                           ("pays", "department"), ("bank", "company"))
    }  # fmt: skip
    people = {
        "operator": somebody(county, "org_manager", org["runs"], "town").pk,
        "s0": somebody(county, "merchant", org["s0"], "town").pk,
        "s1": somebody(county, "merchant", org["s1"], "town").pk,
        "funder": somebody(county, "funder", org["pays"], "county").pk,
        "bank": somebody(county, "funder", org["bank"], "county").pk,
        "founder": county.holders["town_officer"].pk,
    }
    for buyer in model.BUYERS:
        person = Person.objects.create(name=f"{buyer}-{number}", household=home)
        Account.objects.create(username=f"c{person.pk}", person=person)
        people[buyer] = person.pk
    mall = actions.found(
        place_id=village.pk, name="试点商城", operator_id=org["runs"].pk,
        funder_id=org["pays"].pk, by=people["founder"], at=NOW,
    )  # fmt: skip
    actions.publish_rate(
        mall_id=mall, fen=10, from_on=model.DAY, basis="村民会议定的", by=people["founder"], at=NOW
    )
    actions.pledge(
        mall_id=mall, amount_fen=pledge, document="马财〔2026〕8号", by=people["funder"], at=NOW
    )
    shops, offers, accounts = {}, {}, {}
    for n, name in enumerate(model.SHOPS):
        contract = Contract(
            org[name].pk, CODES[n], "grocer", START, date(2027, 12, 31), "农行", f"62284800{n:04d}",
            model.FEES[n], model.TERMS[n],
        )  # fmt: skip
        shops[name] = actions.admit(mall_id=mall, contract=contract, by=people["operator"], at=NOW)
        offers[name] = actions.offer(
            merchant_id=shops[name], name="大米", about="", kind="goods", price_fen=model.PRICE,
            points=model.MOST, stock=model.STOCK, by=people[name], at=NOW,
        )  # fmt: skip
        sql = "select account from mall_merchant where id = %s::bigint"
        accounts[name] = db.rows(sql, (shops[name],))[0][0]
    accounts |= {b: _points(village, people[b], number) for b in model.BUYERS}
    bank = actions.license_financier(
        mall_id=mall, organisation_id=org["bank"].pk, licence=f"B0123H33{number:06d}",
        valid_to=date(2030, 1, 1), bank="农商行", bank_account="6228000001",
        by=people["founder"], at=NOW,
    )  # fmt: skip
    ids = {name: org[name].pk for name in (*model.SHOPS, "bank")}
    return World(mall, people, shops, offers, ids, accounts, bank)


def _points(village: Place, person: int, number: int) -> int:
    """Four hundred points in hand."""
    source = ledger.open_account(
        unit="points", kind="issuance", owner_kind="place", owner_id=village.pk, floor=None, at=NOW
    )
    budget = ledger.open_account(
        unit="points", kind="budget", owner_kind="activity", owner_id=8_000_000 + number, at=NOW
    )
    account = ledger.open_account(
        unit="points", kind="holder", owner_kind="person", owner_id=person, at=NOW
    )
    db.run(
        "insert into points_holder (place_id, place_path, subject, person_id, account, joined_at,"
        ' "left") values (%s::bigint, %s, %s, %s::bigint, %s::bigint, %s::timestamptz, %s)',
        (village.pk, village.path, "person", person, account, NOW, ""),
    )
    for debit, credit, code in ((source, budget, "fund"), (budget, account, "award")):
        ledger.transfer(
            key=uuid4(), debit=debit, credit=credit, amount=400, code=code, by=None, at=NOW
        )
    return account


# Steps


class Missing(Refused):
    """The step is about something that is not there (yet)."""


def _of(names: dict[str, int], label: str) -> int:
    if label not in names:
        raise Missing("missing")
    return names[label]


def _line(w: World, label: str) -> int:
    kind = "sale" if label[-1] == "+" else "refund"
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
    numbers = {"s0": "622848000000", "s1": "622848000001", "bank": "6228000001"}
    bank = exchange.FakeBank(frozenset(numbers[name] for name in refuses))
    body = bank.send("x", found[0][0])
    made = actions.take_receipt(mall_id=w.mall, body=body, by=w.people["operator"], at=w.at)
    assert actions.take_receipt(mall_id=w.mall, body=body, by=w.people["operator"], at=w.at) == 0
    return made


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


def step(w: World, op: model.Op) -> tuple[bool, Any]:
    """Whether it was refused, and what it gave."""
    try:
        return False, STEPS[op[0]](w, *op[1:])
    except Refused:
        return True, None


def named(w: World, op: model.Op, result: Any) -> None:
    """Remember what a committed step has made under its label."""
    if op[0] == "order":
        w.orders[op[1]] = result
    elif op[0] == "draw":
        w.statements[op[1]] = result
    elif op[0] == "confirm":
        w.claims[op[1]] = result
    elif op[0] == "split":
        w.claims |= {f"{op[1]}.{n}": made for n, made in enumerate(result, 1)}


def seen(w: World) -> dict[str, Any]:
    """What the database shows, in the words of `Model.view`."""
    names = {number: name for name, number in w.organisations.items()}
    orders = {number: name for name, number in w.orders.items()}
    statements = {number: name for name, number in w.statements.items()}
    claims = {number: name for name, number in w.claims.items()}

    def all_of(sql: str) -> list[Any]:
        return db.rows(sql, (w.mall,))

    batches: dict[int, list[Any]] = {}
    for batch, holder, amount, state in all_of(
        "select b.id, l.holder_id, l.amount_fen, l.state from mall_batchline l join mall_batch b"
        " on b.id = l.batch_id where b.mall_id = %s::bigint order by b.id, l.seq"
    ):
        batches.setdefault(batch, []).append((names[holder], amount, state))
    lines = all_of(
        "select l.order_id, l.kind, l.points, l.fen, l.state, l.statement_id from mall_line l"
        " join mall_merchant s on s.id = l.merchant_id where s.mall_id = %s::bigint"
    )
    return {
        "fund": tuple(all_of(
            "select pledged_fen, paid_fen from mall_mall where id = %s::bigint"
        )[0]),
        "free": {b: books.available(w.accounts[b]) for b in model.BUYERS},
        "stock": {
            s: db.rows("select stock from mall_offer where id = %s::bigint", (w.offers[s],))[0][0]
            for s in model.SHOPS
        },
        "held": {s: books.balance(w.accounts[s]) for s in model.SHOPS},
        "orders": {
            orders[number]: state for number, state in
            all_of("select id, state from mall_order where mall_id = %s::bigint")
        },
        "lines": {
            orders[order] + ("+" if kind == "sale" else "-"):
                (points, fen, state, statements.get(statement))
            for order, kind, points, fen, state, statement in lines
        },
        "statements": {
            statements[number]: tuple(rest) for number, *rest in all_of(
                "select t.id, t.state, t.points, t.gross_fen, t.net_fen from mall_statement t"
                " join mall_merchant s on s.id = t.merchant_id where s.mall_id = %s::bigint"
            )
        },
        "claims": {
            claims[number]: (state, names[holder], face, due, financing or "")
            for number, state, holder, face, due, financing in all_of(
                "select r.id, r.state, r.holder_id, r.face_fen, r.due_on, (select g.state"
                "  from mall_financing g where g.receivable_id = r.id order by g.id desc limit 1)"
                " from mall_receivable r join mall_statement t on t.id = r.statement_id"
                " join mall_merchant s on s.id = t.merchant_id where s.mall_id = %s::bigint"
            )
        },
        "batches": [batches[number] for number in sorted(batches)],
    }  # fmt: skip


class Hand:
    """One connection in a thread of its own; a transaction stays open until it is told."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._open: Any = None
        self._refused = False

    def begin(self, w: World, op: model.Op) -> "Future[tuple[bool, Any]]":
        """Do a step in a transaction that is not committed yet."""
        return self._thread.submit(self._begin, w, op)

    def _begin(self, w: World, op: model.Op) -> tuple[bool, Any]:
        self._open = transaction.atomic()
        self._open.__enter__()
        answer = step(w, op)
        self._refused = answer[0]
        return answer

    def end(self, *, keep: bool = True) -> None:
        """Commit, or forget it."""
        self._thread.submit(self._end, keep).result(30)

    def _end(self, keep: bool) -> None:
        if self._refused or not keep:
            transaction.set_rollback(True)
        self._open.__exit__(None, None, None)

    def close(self) -> None:
        """Give the connection back."""
        self._thread.submit(lambda: connection.close()).result(10)
        self._thread.shutdown()


def together(
    w: World, hands: tuple[Hand, Hand], first: model.Op, second: model.Op, *, other_way: bool,
    keep: bool,
) -> list[bool] | None:  # fmt: skip
    """Both steps at once; which were refused. `keep` false: the first is forgotten (None).

    The second waits for the first where they touch the same; where they do not, `other_way` lets
    it be committed before.
    """
    one = hands[0].begin(w, first).result(30)
    two = hands[1].begin(w, second)
    waits = not wait([two], timeout=0.25).done
    if other_way and not waits:
        hands[1].end()
        hands[0].end(keep=keep)
    else:
        hands[0].end(keep=keep)
        two.result(30)
        hands[1].end()
    answer = two.result(30)
    if keep and not one[0]:
        named(w, first, one[1])
    if not answer[0]:
        named(w, second, answer[1])
    return [one[0], answer[0]] if keep else None
