"""Founding a mall, its promised fund and published rate; merchants under contract; offers."""

from dataclasses import dataclass
from datetime import date, datetime

from gongzhi.core import db
from gongzhi.core.errors import BadInput, Refused
from gongzhi.mall import books, permissions, rules, store
from gongzhi.mall.models import Mall, Merchant, Offer, Pledge, Rate


def found(
    *, place_id: int, name: str, operator_id: int, funder_id: int, by: int, at: datetime
) -> int:
    """A mall of a place, with the starting terms of `terms.toml`. One a place."""
    said = store.text_of(name, "name", "请写商城的名字。", most=40)
    with store.guarded():
        path = db.rows("select path from places_place where id = %s::bigint", (place_id,))
        permissions.founder(by, path[0][0] if path else "-", at)
        before = db.rows("select id from mall_mall where place_id = %s::bigint", (place_id,))
        if before:
            raise Refused("这里已经有商城。")
        offset, term = rules.terms()["offset"], rules.terms()["term"]
        made = Mall.objects.create(
            place_id=place_id, place_path=path[0][0], name=said, operator_id=operator_id,
            funder_id=funder_id, percent=offset["percent"], month=offset["month"],
            code_minutes=offset["code_minutes"], usual_months=term["usual_months"],
            most_months=term["most_months"], by_id=by, at=at,
        )  # fmt: skip
        store.tell("mall.founded", made.pk)
    return int(made.pk)


def pledge(
    *, mall_id: int, amount_fen: int, document: str, by: int, at: datetime, key: str | None = None
) -> int:
    """The funder says how much more stands ready in its own bank, and by which document."""
    said = store.text_of(document, "document", "请写明是哪份文件定的。", most=120, least=4)
    if not 0 < amount_fen <= 10**12:
        raise BadInput("amount", "金额要大于零。")
    with store.guarded():
        row = store.read("mall", mall_id)
        permissions.funder(by, row, at)
        before = store.once("mall_pledge", key, by)
        if before is not None:
            return before
        made = Pledge.objects.create(
            mall_id=mall_id, amount_fen=amount_fen, document=said, by_id=by, at=at, key=key or None
        )
        books.pledged(made.pk, mall_id, amount_fen, by=by, at=at)
        store.tell("mall.pledged", mall_id)
    return int(made.pk)


def publish_rate(
    *, mall_id: int, fen: int, from_on: date, basis: str, by: int, at: datetime
) -> int:
    """What a point is worth from a day on (fen); never back in time. The version."""
    said = store.text_of(basis, "basis", "请写明是哪次会议定的。", most=200, least=4)
    if not 0 < fen <= 1000:
        raise BadInput("fen", "每分积分抵多少，请填1到1000分钱。")
    if from_on < store.day(at):
        raise BadInput("from_on", "比例只能从今天或以后开始。")
    with store.guarded():
        row = store.read("mall", mall_id, lock=True)
        permissions.founder(by, row["place_path"], at)
        version = Rate.objects.filter(mall_id=mall_id).count() + 1
        _dearer_is_covered(row, fen, at)
        Rate.objects.create(
            mall_id=mall_id, version=version, fen=fen, from_on=from_on, basis=said, by_id=by, at=at
        )
        store.tell("mall.rate", mall_id)
    return version


def _dearer_is_covered(mall: dict[str, object], fen: int, at: datetime) -> None:
    """A higher rate makes every point out there dearer: the fund must reach for that too."""
    from gongzhi.mall import queries

    state = queries.solvency_of(int(str(mall["id"])), at, rate_fen=fen)
    if not state.covers(0):
        raise Refused("按这个比例，出资单位承诺的钱不够兑付已经发出的积分。")


@dataclass(frozen=True, slots=True)
class Contract:
    """What a shop signs: checked by `admit`."""

    organisation_id: int
    credit_code: str
    category: str
    contract_from: date
    contract_to: date
    bank: str
    bank_account: str
    fee_bp: int = 0


def admit(*, mall_id: int, contract: Contract, by: int, at: datetime) -> int:
    """A shop with a checked licence and a contract joins the mall."""
    code = rules.credit_code(contract.credit_code)
    if contract.category not in Merchant.Category.values:
        raise BadInput("category", "请选一个类别。")
    if contract.contract_to < contract.contract_from:
        raise BadInput("contract_to", "合同的结束日要在开始日以后。")
    if not 0 <= contract.fee_bp <= 3000:
        raise BadInput("fee_bp", "手续费最多30%。")
    account = "".join(contract.bank_account.split())
    if not (account.isascii() and account.isdigit() and 6 <= len(account) <= 32):
        raise BadInput("bank_account", "银行账号是6到32位数字。")
    bank = store.text_of(contract.bank, "bank", "请写开户银行。", most=60)
    with store.guarded():
        mall = store.read("mall", mall_id)
        permissions.operator(by, mall, at)
        if contract.organisation_id == mall["operator_id"]:
            raise BadInput("organisation", "运营单位自己不能当商户。")
        made = Merchant.objects.create(
            mall_id=mall_id, organisation_id=contract.organisation_id, credit_code=code,
            category=contract.category, contract_from=contract.contract_from,
            contract_to=contract.contract_to, bank=bank, bank_account=account,
            fee_bp=contract.fee_bp, by_id=by, at=at,
        )  # fmt: skip
        db.run(
            "update mall_merchant set account = %s::bigint where id = %s::bigint",
            (books.open_merchant(made.pk, at=at), made.pk),
        )
        store.tell("mall.merchant", made.pk)
    return int(made.pk)


def set_merchant_state(*, merchant_id: int, state: str, by: int, at: datetime) -> None:
    """Suspend a shop, let it go on, or end its contract. What is owed to it stays owed."""
    if state not in Merchant.State.values:
        raise BadInput("state", "请选一种。")
    with store.guarded():
        row = store.read("merchant", merchant_id, lock=True)
        permissions.operator(by, row, at)
        if row["state"] == "ended":
            raise Refused("这家商户已经退出，要再来请重新签合同。")
        Merchant.objects.filter(pk=merchant_id).update(state=state)


def offer(
    *, merchant_id: int, name: str, about: str, kind: str, price_fen: int, points: int,
    stock: int, by: int, at: datetime, key: str | None = None,
) -> int:  # fmt: skip
    """Something a shop sells in part for points, or a service point gives for points alone."""
    said = store.text_of(name, "name", "请写名称。", most=40)
    more = " ".join(about.split())[:300]
    if kind not in Offer.Kind.values:
        raise BadInput("kind", "请选一种。")
    if (kind == "gift") != (price_fen == 0):
        raise BadInput("price", "只用积分兑换的不写价格，其他都要写价格。")
    if not 0 <= price_fen <= 10**9:
        raise BadInput("price", "价格不对。")
    if not 0 <= stock <= 1_000_000:
        raise BadInput("stock", "库存请填0到100万。")
    with store.guarded():
        row = store.read("merchant", merchant_id)
        permissions.seller(by, row, at)
        before = store.once("mall_offer", key, by)
        if before is not None:
            return before
        _within_share(row, kind, price_fen, points, at)
        if kind == "gift" and row["category"] != "point":
            raise BadInput("kind", "只用积分兑换的东西由服务点来发。")
        made = Offer.objects.create(
            merchant_id=merchant_id, name=said, about=more, kind=kind, price_fen=price_fen,
            points=points, stock=stock, by_id=by, at=at, key=key or None,
        )  # fmt: skip
    return int(made.pk)


def _within_share(
    merchant: dict[str, object], kind: str, price_fen: int, points: int, at: datetime
) -> None:
    if not 0 < points <= 1_000_000:
        raise BadInput("points", "积分要大于零。")
    if kind == "gift":
        return
    mall = store.read("mall", int(str(merchant["mall_id"])))
    most = rules.most_points(
        price_fen, mall["percent"], store.rate(mall["id"], store.day(at))["fen"]
    )
    if points > most:
        raise BadInput("points", f"积分最多抵价格的{mall['percent']}%，这里最多{most}分。")


def restock(*, offer_id: int, add: int, open: bool, by: int, at: datetime) -> None:
    """More or fewer pieces, never below none; shown or taken off the shelf."""
    with store.guarded():
        row = store.read("offer", offer_id, lock=True)
        permissions.seller(by, row, at)
        if not -row["stock"] <= add <= 1_000_000:
            raise BadInput("add", "库存不能少于零。")
        db.run(
            "update mall_offer set stock = stock + %s::int, open = %s::bool where id = %s::bigint",
            (add, open, offer_id),
        )
