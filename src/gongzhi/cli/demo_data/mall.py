"""Malls of the demonstration: shops under contract, purchases, clearing days, a financed claim.

No money is here, and no bank either: `exchange.FakeBank` answers the payment files. All names of
firms, licence numbers and accounts are invented.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from gongzhi.cli.demo_data import pictures
from gongzhi.cli.demo_data.log import Diary
from gongzhi.cli.demo_data.towns import Town
from gongzhi.core import db
from gongzhi.mall import actions, exchange
from gongzhi.mall.actions.contracts import Contract
from gongzhi.mall.models import Message
from gongzhi.people.models import Appointment, Organisation, Person

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
BANK = exchange.FakeBank()


class Goods(NamedTuple):
    """Something on a shelf: price in fen, most points a piece, pieces."""

    name: str
    about: str
    kind: str
    price_fen: int
    points: int
    stock: int


class Shop(NamedTuple):
    """A shop: its licence code, category, bank, and what it offers."""

    key: str
    name: str
    credit_code: str
    category: str
    bank: str
    account: str
    goods: tuple[Goods, ...]
    fee_bp: int = 0


@dataclass
class Mall:
    """A mall under way: ids by name."""

    diary: Diary
    id: int = 0
    people: dict[str, int] = field(default_factory=dict)  # "operator", "funder", shop's key
    firms: dict[str, int] = field(default_factory=dict)
    shops: dict[str, int] = field(default_factory=dict)  # key → merchant
    offers: dict[str, int] = field(default_factory=dict)  # name → offer
    claims: dict[tuple[str, int], int] = field(default_factory=dict)  # (shop, days ago) → claim
    financier: int = 0
    financing: int = 0


def firm(mall: Mall, key: str, name: str, kind: str, role: str, place: int, who: str,
         start: date) -> None:  # fmt: skip
    """An organisation with the one who acts for it."""
    made = Organisation.objects.create(name=name, kind=kind, place_id=place)
    person = Person.objects.create(name=who)
    Appointment.objects.create(person=person, role=role, place_id=place, from_on=start,
                               organisation=made)  # fmt: skip
    mall.firms[key], mall.people[key] = made.pk, person.pk


def founded(mall: Mall, place: int, name: str, by: int, at: datetime) -> None:
    """By the public side, run by an operator outside it."""
    mall.id = actions.found(place_id=place, name=name, operator_id=mall.firms["operator"],
                            funder_id=mall.firms["funder"], by=by, at=at)  # fmt: skip


def stocked(mall: Mall, shops: Sequence[Shop], at: datetime) -> None:
    """Shops sign for a year and put their goods on the shelf."""
    for shop in shops:
        contract = Contract(
            mall.firms[shop.key], shop.credit_code, shop.category, at.date(),
            at.date() + timedelta(days=365), shop.bank, shop.account, shop.fee_bp,
        )  # fmt: skip
        mall.shops[shop.key] = actions.admit(mall_id=mall.id, contract=contract,
                                             by=mall.people["operator"], at=at)  # fmt: skip
        for goods in shop.goods:
            mall.offers[goods.name] = actions.offer(
                merchant_id=mall.shops[shop.key], by=mall.people[shop.key], at=at,
                picture=pictures.of(goods.name), **goods._asdict(),
            )  # fmt: skip


class Bought(NamedTuple):
    """A purchase: how long ago, by whom, what, with how many points (of a gift: none)."""

    ago: float
    person: int
    shop: str
    what: str
    points: int = 0
    back: bool = False  # brought back on the next day


def sold(mall: Mall, town: Town, bought: Sequence[Bought]) -> None:
    """The resident takes it, the shop reads the code a few minutes later."""
    for n, one in enumerate(bought):
        mall.diary.on(town.day(one.ago, 10 + n % 7, 3 * n % 60), partial(_sell, mall, one, n))


def _sell(mall: Mall, one: Bought, n: int, at: datetime) -> None:
    order = actions.order(offer_id=mall.offers[one.what], pieces=1, points=one.points,
                          by=one.person, at=at, key=f"demo-order-{mall.id}-{n}")  # fmt: skip
    code = db.rows("select code from mall_order where id = %s::bigint", (order,))[0][0]
    seller = mall.people[one.shop]
    mall.diary.on(at + 4 * MINUTE, lambda t: actions.redeem(
        merchant_id=mall.shops[one.shop], code=code, by=seller, at=t
    ))  # fmt: skip
    if one.back:
        mall.diary.on(at + DAY, lambda t: actions.refund(order_id=order, why="袋子破了，退回",
                                                         by=seller, at=t))  # fmt: skip


def stated(mall: Mall, town: Town, ago: int, shop: str, *, due: int = 0, confirmed: bool = True,
           owed: bool = True) -> None:  # fmt: skip
    """A statement; then, if so, the shop agrees (due so many days later) and the funder owes it."""

    def drawn(at: datetime) -> None:
        made = actions.draw_statement(merchant_id=mall.shops[shop], to_on=at.date(),
                                      by=mall.people["operator"], at=at)  # fmt: skip
        if confirmed:
            mall.diary.on(at + 10 * MINUTE, lambda t: agreed(made, t))

    def agreed(statement: int, at: datetime) -> None:
        later = at.date() + timedelta(days=due) if due else None
        claim = actions.confirm_statement(statement_id=statement, by=mall.people[shop], at=at,
                                          due_on=later)  # fmt: skip
        mall.claims[shop, ago] = claim
        if owed:
            mall.diary.on(at + 10 * MINUTE, lambda t: actions.confirm_claim(
                receivable_id=claim, by=mall.people["funder"], at=t
            ))  # fmt: skip

    mall.diary.on(town.day(ago, 17), drawn)


def financed(mall: Mall, town: Town, ago: int, shop: str, claim_ago: int, off_bp: int) -> None:
    """The shop asks a bank, takes its price, and has the cash before the day."""

    def asked(at: datetime) -> None:
        claim = mall.claims[shop, claim_ago]
        face, number = db.rows(
            "select face_fen, number from mall_receivable where id = %s::bigint", (claim,)
        )[0]
        mall.financing = actions.ask_financing(
            receivable_id=claim, financier_id=mall.financier, by=mall.people[shop], at=at
        )
        actions.offer_financing(financing_id=mall.financing, by=mall.people["bank"], at=at,
                                price_fen=face - face * off_bp // 10_000)  # fmt: skip
        mall.diary.on(at + HOUR, lambda t: paid(str(number), int(face), t))

    def paid(number: str, face: int, at: datetime) -> None:
        actions.accept_financing(financing_id=mall.financing, by=mall.people[shop], at=at)
        given = exchange.FakeRegister().send(number, f"{number} {face}")
        actions.draw_down(
            financing_id=mall.financing, registration=given, by=mall.people["bank"], at=at,
            cash_reference=f"JS{at:%Y%m%d}0001",
        )  # fmt: skip

    mall.diary.on(town.day(ago, 10), asked)


def cleared(mall: Mall, town: Town, ago: int) -> None:
    """A clearing day: netted, asked of the bank, and its answer read the next morning."""

    def run(at: datetime) -> None:
        batch = actions.run_batch(mall_id=mall.id, cutoff=at.date(), by=mall.people["operator"],
                                  at=at)  # fmt: skip
        file = Message.objects.get(batch_id=batch, kind="payment")
        answer = BANK.send(file.name, file.body)
        mall.diary.on(at + 16 * HOUR, lambda t: actions.take_receipt(
            mall_id=mall.id, body=answer, by=mall.people["operator"], at=t
        ))  # fmt: skip

    mall.diary.on(town.day(ago, 17, 30), run)
