"""The shelf, orders and shops. A shop reads its orders without their buyers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import NotFound
from gongzhi.mall import books, permissions, rules, store
from gongzhi.mall.queries.paging import Page, paged
from gongzhi.people.permissions import Viewer


def mall_at(place_path: str) -> dict[str, Any] | None:
    """The mall of a place or of one above it, the nearest; None."""
    found = db.rows(
        "select id from mall_mall where %s::text like place_path || '%%'"
        " order by length(place_path) desc limit 1",
        (place_path,),
    )
    return store.read("mall", found[0][0]) if found else None


def all_malls() -> list[dict[str, Any]]:
    """Every mall with its place, for who looks up what stands behind the points there."""
    return db.dicts(
        "select m.id, m.name, p.name as place from mall_mall m join places_place p"
        " on p.id = m.place_id order by m.place_path limit 500"
    )


def malls(viewer: Viewer) -> list[dict[str, Any]]:
    """Malls whose operator he works for, or over whose place he watches."""
    rows = db.dicts(
        "select m.id, m.name, m.place_path, m.operator_id, m.pledged_fen, m.paid_fen,"
        " p.name as place, o.name as operator from mall_mall m"
        " join places_place p on p.id = m.place_id"
        " join people_organisation o on o.id = m.operator_id"
        " where m.operator_id = any(%s::bigint[]) or exists (select 1 from unnest(%s::text[]) post"
        "  where m.place_path like post || '%%') order by m.id limit 100",
        (sorted(viewer.organisations), [p.place_path for p in viewer.posts]),
    )
    return [
        r for r in rows
        if permissions.operates(viewer, r) or permissions.may_watch(viewer, r["place_path"])
    ]  # fmt: skip


def mall_for(viewer: Viewer, mall_id: int) -> dict[str, Any]:
    """A mall as its operator or an overseer sees it; NotFound for others."""
    row = store.read("mall", mall_id)
    row["operates"] = permissions.operates(viewer, row)
    row["founds"] = permissions.may_found(viewer, row["place_path"])
    if not (row["operates"] or permissions.may_watch(viewer, row["place_path"])):
        raise NotFound("没有这个商城。")
    return row


def catalogue(mall: dict[str, Any], at: datetime, *, kind: str = "", page: int = 1) -> Page:
    """What can be had now, newest first, each with `most` points and the yuan then left to pay."""
    found = paged(
        "select f.id, f.name, f.about, f.kind, f.price_fen, f.points, f.stock, f.picture_id,"
        " o.name as merchant"
        " from mall_offer f join mall_merchant s on s.id = f.merchant_id"
        " join people_organisation o on o.id = s.organisation_id"
        " where s.mall_id = %(mall)s::bigint and f.open and s.state = 'active'"
        " and %(today)s::date between s.contract_from and s.contract_to"
        " and (%(kind)s = '' or f.kind = %(kind)s) order by f.stock = 0, f.id desc",
        {"mall": mall["id"], "today": store.day(at), "kind": kind}, page,
    )  # fmt: skip
    priced = any(row["price_fen"] for row in found["rows"])  # a gift has no rate
    rate = store.rate(mall["id"], store.day(at))["fen"] if priced else 0
    for row in found["rows"]:
        _in_two(row, mall, rate)
    return found


def _in_two(row: dict[str, Any], mall: dict[str, Any], rate_fen: int) -> None:
    """The most points for one piece, and the yuan that are left then."""
    row["most"], row["cash_fen"] = row["points"], 0
    if row["price_fen"]:
        most = rules.most_points(row["price_fen"], mall["percent"], rate_fen)
        row["most"] = min(row["points"], most)
        row["cash_fen"] = row["price_fen"] - row["most"] * rate_fen


def picture(viewer: Viewer, picture_id: int, *, thumb: bool) -> bytes:
    """A photo from the shelf, for those the mall is for, the shop and the operator; NotFound."""
    column = "thumb" if thumb else "content"
    found = db.dicts(
        f"select p.{column} as bytes, s.organisation_id, m.place_path, m.operator_id"
        " from mall_picture p join mall_merchant s on s.id = p.merchant_id"
        " join mall_mall m on m.id = s.mall_id where p.id = %s::bigint",
        (picture_id,),
    )
    if not found or not (
        viewer.lives_in(found[0]["place_path"])
        or permissions.sells(viewer, found[0])
        or permissions.operates(viewer, found[0])
        or permissions.may_watch(viewer, found[0]["place_path"])
    ):
        raise NotFound("没有这张照片。")
    return bytes(found[0]["bytes"])


@dataclass(frozen=True, slots=True)
class Budget:
    """What somebody may spend at a mall: points free, and room in the month."""

    points: int | None  # None: takes no part
    month_left: int
    month_most: int


def budget_of(person_id: int, mall: dict[str, Any], at: datetime) -> Budget:
    """Points and the month's room of a person."""
    account = books.of_person(person_id)
    used = db.rows(
        "select points, most from mall_month where mall_id = %s::bigint and person_id = %s::bigint"
        " and first = %s::date",
        (mall["id"], person_id, store.day(at).replace(day=1)),
    )
    most = used[0][1] if used else mall["month"]
    return Budget(
        None if account is None else books.spendable(account),
        most - (used[0][0] if used else 0), most,
    )  # fmt: skip


def offer_for(viewer: Viewer, offer_id: int, at: datetime) -> dict[str, Any]:
    """An offer with the shop, the rate and what the viewer could spend on it."""
    row = store.read("offer", offer_id)
    mall = store.read("mall", row["mall_id"])
    if not viewer.lives_in(mall["place_path"]):
        raise NotFound("没有这样东西，或者它只给这里的居民。")
    row["mall"], row["merchant"] = mall, store.read("merchant", row["merchant_id"])["name"]
    row["rate_fen"] = store.rate(mall["id"], store.day(at))["fen"] if row["price_fen"] else 0
    _in_two(row, mall, row["rate_fen"])
    row["budget"] = budget_of(viewer.person_id or 0, mall, at)
    row["best"] = _best(row)
    return row


def _best(row: dict[str, Any]) -> int:
    """How many points he would use for one piece: as many as he may and has."""
    budget: Budget = row["budget"]
    room = row["most"] if not row["price_fen"] else min(row["most"], budget.month_left)
    return min(int(room), budget.points or 0)


_ORDER = """
select o.id, o.pieces, o.points, o.price_fen, o.cash_fen, o.state, o.at, o.done_at, o.ended_at,
  o.expires_at, o.ended_why, f.name as offer, f.kind, m.name as merchant
from mall_order o join mall_offer f on f.id = o.offer_id
join mall_merchant s on s.id = o.merchant_id join people_organisation m on m.id = s.organisation_id
"""


def my_orders(person_id: int, *, page: int = 1) -> Page:
    """What somebody took, newest first."""
    return paged(
        _ORDER + " where o.person_id = %(me)s::bigint order by o.id desc", {"me": person_id}, page
    )


def my_order(person_id: int, order_id: int, at: datetime) -> dict[str, Any]:
    """One's own order with its code while it is good; NotFound for others'."""
    found = db.dicts(
        _ORDER.replace(
            "o.id,",
            "o.id, o.code, o.token, o.transfer, (select id from ledger_transfer"
            " where reverses_id = o.transfer) as back,",
            1,
        )
        + " where o.id = %s::bigint and o.person_id = %s::bigint",
        (order_id, person_id),
    )
    if not found:
        raise NotFound("没有这一单。")
    row = found[0]
    row["good"] = row["state"] == "held" and at < row["expires_at"]
    return row


def shops(viewer: Viewer) -> list[dict[str, Any]]:
    """The shops somebody works in."""
    mine = sorted({p.organisation_id for p in viewer.posts
                   if p.role == "merchant" and p.organisation_id})  # fmt: skip
    return db.dicts(
        "select s.id, o.name, s.state, m.name as mall from mall_merchant s"
        " join people_organisation o on o.id = s.organisation_id"
        " join mall_mall m on m.id = s.mall_id where s.organisation_id = any(%s::bigint[])"
        " order by s.id",
        (mine,),
    )


def shop_for(viewer: Viewer, merchant_id: int) -> dict[str, Any]:
    """A shop as its own people see it; NotFound for others."""
    row = store.read("merchant", merchant_id)
    if not permissions.sells(viewer, row):
        raise NotFound("没有这家商户，或者您不是这家店的人。")
    return row


def shop_orders(merchant_id: int, *, page: int = 1) -> Page:
    """What was taken at a shop: item, points, yuan, time. Never by whom, and no code."""
    return paged(
        _ORDER + " where o.merchant_id = %(shop)s::bigint and o.state in ('done', 'refunded')"
        " order by o.id desc",
        {"shop": merchant_id}, page,
    )  # fmt: skip


def shop_order(merchant_id: int, order_id: int) -> dict[str, Any]:
    """One of them; NotFound."""
    found = db.dicts(
        _ORDER + " where o.merchant_id = %s::bigint and o.id = %s::bigint"
        " and o.state in ('done', 'refunded')",
        (merchant_id, order_id),
    )
    if not found:
        raise NotFound("没有这一单。")
    return found[0]


def coded(viewer: Viewer, token: str, at: datetime) -> dict[str, Any]:
    """The order a square code opens on the phone of the shop it is for; NotFound for others."""
    found = db.dicts(
        _ORDER.replace("o.id,", "o.id, o.merchant_id, s.organisation_id,", 1)
        + " where o.token = %s",
        (token[:32],),
    )
    if not found or not permissions.sells(viewer, found[0]):
        raise NotFound("没有这个码。", todo="这个码要由商户的人来扫。")
    row = found[0]
    row["good"] = row["state"] == "held" and at < row["expires_at"]
    return row


def shop_offers(merchant_id: int) -> list[dict[str, Any]]:
    """What a shop offers, also what is off the shelf; the newest hundred."""
    return db.dicts(
        "select * from mall_offer where merchant_id = %s::bigint order by open desc, id desc"
        " limit 100",
        (merchant_id,),
    )
