"""A mall in the village: a grocer and a service point, a town that pays, a bank that finances."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from uuid import uuid4

from gongzhi.core import db
from gongzhi.ledger import actions as ledger
from gongzhi.mall import actions
from gongzhi.mall.actions.contracts import Contract
from gongzhi.people.models import Account, Appointment, Organisation, Person
from people import NOW, START, County

TODAY = NOW.date()
CODES = ("91110000600037341L", "91440300708461136T")
_names = count(1)


@dataclass
class Mall:
    """Ids of one mall and the people about it."""

    id: int
    shop: int
    bank: int  # the financier
    rice: int  # an offer: 50.00 yuan, at most 150 points
    operator: Person
    seller: Person
    funder: Person
    banker: Person
    buyer: Person
    account: int  # the buyer's points


def somebody(county: County, role: str, organisation: Organisation, kind: str) -> Person:
    """A person with an account who holds a post in an organisation."""
    person = Person.objects.create(name=f"{organisation.name}{next(_names)}")
    Account.objects.create(username=f"m{person.pk}", person=person)
    Appointment.objects.create(
        person=person, role=role, place=county.place(kind), from_on=START,
        organisation=organisation,
    )  # fmt: skip
    return person


def opened(county: County, *, pledge: int = 1_000_000, points: int = 1000, fee: int = 0) -> Mall:
    """A mall with a rate of 10 fen a point, one grocer, rice on the shelf, points in hand."""
    village = county.place("village")

    def organisation(name: str, kind: str = "company") -> Organisation:
        return Organisation.objects.create(name=name, kind=kind, place=village)

    runs, shop = organisation("惠民商城公司"), organisation("双马粮油店")
    pays, lends = organisation("马坝镇财政所", "department"), organisation("盱眙农商行")
    people = [
        somebody(county, "org_manager", runs, "village"),
        somebody(county, "merchant", shop, "village"),
        somebody(county, "funder", pays, "county"),
        somebody(county, "funder", lends, "county"),
    ]
    clerk = county.holders["committee"].pk
    mall = actions.found(
        place_id=village.pk, name="双马积分商城", operator_id=runs.pk, funder_id=pays.pk,
        by=clerk, at=NOW,
    )  # fmt: skip
    if pledge:
        actions.pledge(
            mall_id=mall, amount_fen=pledge, document="马财〔2026〕8号", by=people[2].pk, at=NOW
        )
    account = with_points(county, points)
    actions.publish_rate(
        mall_id=mall, fen=10, from_on=TODAY, basis="村民代表会议 11 月", by=clerk, at=NOW
    )
    grocer = admit(mall, shop, people[0], fee=fee)
    rice = actions.offer(
        merchant_id=grocer, name="大米 10 斤", about="", kind="goods", price_fen=5000, points=150,
        stock=20, by=people[1].pk, at=NOW,
    )  # fmt: skip
    bank = actions.license_financier(
        mall_id=mall, organisation_id=lends.pk, licence="B0123H332080001",
        valid_to=date(2030, 1, 1), bank="盱眙农商行", bank_account="6228000000000001", by=clerk,
        at=NOW,
    )  # fmt: skip
    return Mall(mall, grocer, bank, rice, *people, county.ah_mei, account)


def admit(mall: int, shop: Organisation, by: Person, *, fee: int = 0, code: str = CODES[0]) -> int:
    """A grocer under contract for a year."""
    contract = Contract(
        shop.pk, code, "grocer", START, date(2026, 12, 31), "农业银行盱眙支行",
        "6228480000000000", fee,
    )  # fmt: skip
    return actions.admit(mall_id=mall, contract=contract, by=by.pk, at=NOW)


def with_points(county: County, points: int) -> int:
    """Ah-Mei takes part and has points from the village's budget."""
    village = county.place("village")
    source = ledger.open_account(
        unit="points", kind="issuance", owner_kind="place", owner_id=village.pk, floor=None, at=NOW
    )
    budget = ledger.open_account(
        unit="points", kind="budget", owner_kind="activity", owner_id=9_000_001, at=NOW
    )
    account = ledger.open_account(
        unit="points", kind="holder", owner_kind="person", owner_id=county.ah_mei.pk, at=NOW
    )
    db.run(
        "insert into points_holder (place_id, place_path, subject, person_id, account, joined_at,"
        ' "left") values (%s::bigint, %s, %s, %s::bigint, %s::bigint, %s::timestamptz, %s)',
        (village.pk, village.path, "person", county.ah_mei.pk, account, NOW, ""),
    )
    for debit, credit, code in ((source, budget, "fund"), (budget, account, "award")):
        ledger.transfer(
            key=uuid4(), debit=debit, credit=credit, amount=points, code=code, by=None, at=NOW
        )
    return account


def unbacked(county: County, mall: Mall, points: int) -> None:
    """Points the fund was never asked about, as if they came from somewhere else."""
    source, budget = (
        ledger.open_account(
            unit="points", kind=kind, owner_kind=owner, owner_id=number, floor=floor, at=NOW
        )
        for kind, owner, number, floor in (
            ("issuance", "place", county.place("village").pk, None),
            ("budget", "activity", 9_000_001, 0),
        )
    )
    for debit, credit, code in ((source, budget, "fund"), (budget, mall.account, "award")):
        ledger.transfer(
            key=uuid4(), debit=debit, credit=credit, amount=points, code=code, by=None, at=NOW
        )


def sell(mall: Mall, points: int = 100, *, pieces: int = 1, at: datetime = NOW) -> int:
    """Ah-Mei takes rice and the grocer reads the code; the order."""
    made = actions.order(
        offer_id=mall.rice, pieces=pieces, points=points, by=mall.buyer.pk, at=at,
        key=uuid4().hex,
    )  # fmt: skip
    code = db.rows("select code from mall_order where id = %s::bigint", (made,))[0][0]
    return actions.redeem(
        merchant_id=mall.shop, code=code, by=mall.seller.pk, at=at + timedelta(minutes=1)
    )


def claim(mall: Mall, *, at: datetime = NOW, due_on: date | None = None) -> int:
    """A confirmed claim of what was sold; the receivable."""
    drawn = actions.draw_statement(
        merchant_id=mall.shop, to_on=at.date(), by=mall.operator.pk, at=at
    )
    made = actions.confirm_statement(statement_id=drawn, by=mall.seller.pk, at=at, due_on=due_on)
    actions.confirm_claim(receivable_id=made, by=mall.funder.pk, at=at)
    return made
