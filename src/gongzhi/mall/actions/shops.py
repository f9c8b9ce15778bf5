"""Founding a mall: its terms, its promised fund, its published rate."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from gongzhi.core import db
from gongzhi.core.errors import BadInput, Refused
from gongzhi.mall import books, permissions, rules, store
from gongzhi.mall.models import Mall, Pledge, Rate, Record


def found(
    *, place_id: int, name: str, operator_id: int, funder_id: int, by: int, at: datetime
) -> int:
    """A mall of a place, with the starting terms of `terms.toml`. One a place."""
    said = store.text_of(name, "name", "请写商城的名字。", most=40)
    with store.guarded():
        path = db.rows("select path from places_place where id = %s::bigint", (place_id,))
        permissions.founder(by, path[0][0] if path else "-", at)
        before = db.rows(
            "select id, name, operator_id, funder_id from mall_mall where place_id = %s::bigint",
            (place_id,),
        )
        if before and before[0][1:] == (said, operator_id, funder_id):
            return int(before[0][0])
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
        before = Rate.objects.filter(mall_id=mall_id, from_on=from_on, fen=fen, basis=said).first()
        if before is not None:
            return int(before.version)  # pressed twice
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
class Terms:
    """What a mall may set, within what `terms.toml` allows."""

    percent: int  # of a price, at most
    month: int  # points a person may offset in a calendar month
    code_minutes: int
    usual_months: int
    most_months: int


def set_terms(*, mall_id: int, terms: Terms, basis: str, by: int, at: datetime) -> None:
    """Other terms from now on, by a decision; orders and claims keep those of their day."""
    said = store.text_of(basis, "basis", "请写明是哪次会议定的。", most=200, least=4)
    rules.allowed(asdict(terms))
    with store.guarded():
        row = store.read("mall", mall_id, lock=True)
        permissions.founder(by, row["place_path"], at)
        new = asdict(terms)
        if all(row[name] == value for name, value in new.items()):
            return
        Mall.objects.filter(pk=mall_id).update(**new)
        Record.objects.create(
            mall_id=mall_id, kind="terms", why=said, by_id=by, at=at,
            terms={name: [row[name], value] for name, value in new.items()},
        )  # fmt: skip
        store.tell("mall.terms", mall_id)
