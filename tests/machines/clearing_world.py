"""A mall of its own in the database for each run of the clearing machine."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from uuid import uuid4

from gongzhi.core import db
from gongzhi.ledger import actions as ledger
from gongzhi.mall import actions
from gongzhi.mall.actions.contracts import Contract
from gongzhi.people.models import Account, Household, Organisation, Person
from gongzhi.places.models import Place
from machines import clearing_parts as model
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
