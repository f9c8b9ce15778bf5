"""Reading the mall. A shop reads its orders without their buyers; the public reads totals."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import NotFound
from gongzhi.mall import books, permissions, rules, store
from gongzhi.people.permissions import Viewer

SIZE, MAX_PAGE = 20, 500
Page = dict[str, Any]


def _paged(sql: str, params: dict[str, Any], page: int, size: int = SIZE) -> Page:
    """{"rows", "page", "more"}; the statement ends before limit."""
    shown = min(max(page, 1), MAX_PAGE)
    rows = db.dicts(
        f"{sql} limit %(size)s::int offset %(skip)s::int",
        params | {"size": size + 1, "skip": (shown - 1) * size},
    )
    return {"rows": rows[:size], "page": shown, "more": len(rows) > size}


def mall_at(place_path: str) -> dict[str, Any] | None:
    """The mall of a place or of one above it, the nearest; None."""
    found = db.rows(
        "select id from mall_mall where %s::text like place_path || '%%'"
        " order by length(place_path) desc limit 1",
        (place_path,),
    )
    return store.read("mall", found[0][0]) if found else None


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


def catalogue(mall_id: int, at: datetime, *, kind: str = "", page: int = 1) -> Page:
    """What can be had now, newest first."""
    return _paged(
        "select f.id, f.name, f.about, f.kind, f.price_fen, f.points, f.stock, o.name as merchant"
        " from mall_offer f join mall_merchant s on s.id = f.merchant_id"
        " join people_organisation o on o.id = s.organisation_id"
        " where s.mall_id = %(mall)s::bigint and f.open and s.state = 'active'"
        " and %(today)s::date between s.contract_from and s.contract_to"
        " and (%(kind)s = '' or f.kind = %(kind)s) order by f.stock = 0, f.id desc",
        {"mall": mall_id, "today": store.day(at), "kind": kind}, page,
    )  # fmt: skip


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
    row["most"] = row["points"]
    if row["price_fen"]:
        row["most"] = min(
            row["points"], rules.most_points(row["price_fen"], mall["percent"], row["rate_fen"])
        )
    row["budget"] = budget_of(viewer.person_id or 0, mall, at)
    return row


_ORDER = """
select o.id, o.pieces, o.points, o.price_fen, o.cash_fen, o.state, o.at, o.done_at, o.ended_at,
  o.expires_at, o.ended_why, f.name as offer, f.kind, m.name as merchant
from mall_order o join mall_offer f on f.id = o.offer_id
join mall_merchant s on s.id = o.merchant_id join people_organisation m on m.id = s.organisation_id
"""


def my_orders(person_id: int, *, page: int = 1) -> Page:
    """What somebody took, newest first."""
    return _paged(
        _ORDER + " where o.person_id = %(me)s::bigint order by o.id desc", {"me": person_id}, page
    )


def my_order(person_id: int, order_id: int, at: datetime) -> dict[str, Any]:
    """One's own order with its code while it is good; NotFound for others'."""
    found = db.dicts(
        _ORDER.replace("o.id,", "o.id, o.code, o.token,", 1)
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
    return _paged(
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


def shop_offers(merchant_id: int) -> list[dict[str, Any]]:
    """What a shop offers, also what is off the shelf; the newest hundred."""
    return db.dicts(
        "select * from mall_offer where merchant_id = %s::bigint order by open desc, id desc"
        " limit 100",
        (merchant_id,),
    )


def statements(merchant_id: int) -> list[dict[str, Any]]:
    """A shop's statements, newest first; the last fifty."""
    return db.dicts(
        "select t.*, r.version, r.fen as rate_fen from mall_statement t"
        " join mall_rate r on r.id = t.rate_id where t.merchant_id = %s::bigint"
        " order by t.id desc limit 50",
        (merchant_id,),
    )


def statement(statement_id: int) -> dict[str, Any]:
    """A statement with its lines (the caller has asked who may see the shop)."""
    row = store.read("statement", statement_id)
    row["lines"] = db.dicts(
        "select l.*, f.name as offer from mall_line l join mall_order o on o.id = l.order_id"
        " join mall_offer f on f.id = o.offer_id where l.statement_id = %s::bigint order by l.id"
        " limit 2000",
        (statement_id,),
    )
    row["rate_version"] = db.rows(
        "select version, fen from mall_rate where id = %s::bigint", (row["rate_id"],)
    )[0]
    return row


def merchants(mall_id: int) -> list[dict[str, Any]]:
    """The shops of a mall with what is open for clearing; one statement."""
    return db.dicts(
        "select s.*, o.name, coalesce(l.fen, 0) as open_fen, coalesce(l.disputed, 0) as disputed,"
        " (select id from mall_statement where merchant_id = s.id and state = 'sent') as waiting"
        " from mall_merchant s join people_organisation o on o.id = s.organisation_id"
        " left join (select merchant_id, sum(fen) filter (where state = 'open') as fen,"
        "   count(*) filter (where state = 'disputed') as disputed from mall_line"
        "   where state <> 'stated' group by merchant_id) l on l.merchant_id = s.id"
        " where s.mall_id = %s::bigint order by s.id limit 500",
        (mall_id,),
    )


def disputes(mall_id: int) -> list[dict[str, Any]]:
    """Lines a shop says are wrong."""
    return db.dicts(
        "select l.*, o.name as merchant, f.name as offer from mall_line l"
        " join mall_merchant s on s.id = l.merchant_id join people_organisation o"
        " on o.id = s.organisation_id join mall_order d on d.id = l.order_id"
        " join mall_offer f on f.id = d.offer_id"
        " where s.mall_id = %s::bigint and l.state = 'disputed' order by l.id limit 200",
        (mall_id,),
    )


_CLAIM = """
select r.*, h.name as holder, w.name as supplier, t.number as statement, t.points, t.gross_fen,
  s.mall_id, g.id as financing, g.state as financing_state, g.price_fen, g.registration,
  b.name as financier, b.id as financier_org, g.seller_id
from mall_receivable r join people_organisation h on h.id = r.holder_id
join mall_statement t on t.id = r.statement_id join mall_merchant s on s.id = t.merchant_id
join people_organisation w on w.id = s.organisation_id
left join mall_financing g on g.receivable_id = r.id and g.state <> 'declined'
left join mall_financier f on f.id = g.financier_id
left join people_organisation b on b.id = f.organisation_id
"""


def claims_of(organisations: list[int], at: datetime, *, page: int = 1) -> Page:
    """Claims these organisations hold, or are asked to finance, or owe as funder; late ones first.

    Each row tells `overdue`.
    """
    found = _paged(
        _CLAIM + " join mall_mall m on m.id = s.mall_id where r.state <> 'split'"
        " and (r.holder_id = any(%(orgs)s::bigint[]) or b.id = any(%(orgs)s::bigint[])"
        "  or g.seller_id = any(%(orgs)s::bigint[]) or m.funder_id = any(%(orgs)s::bigint[]))"
        " order by r.state in ('redeemed', 'cancelled'), r.due_on, r.id",
        {"orgs": organisations}, page,
    )  # fmt: skip
    for row in found["rows"]:
        row["overdue"] = row["state"] == "open" and row["due_on"] < store.day(at)
    return found


def claim(viewer: Viewer, receivable_id: int, at: datetime) -> dict[str, Any]:
    """One claim with its path, for its holder, seller, financier or funder; NotFound."""
    found = db.dicts(_CLAIM + " where r.id = %s::bigint", (receivable_id,))
    orgs = viewer.organisations
    if not found:
        raise NotFound("没有这笔应收账款，或者它不归您的单位。")
    row = found[0]
    mall = store.read("mall", row["mall_id"])
    sides = {row["holder_id"], row["seller_id"], row["financier_org"], mall["funder_id"]}
    passed = db.dicts(
        "select a.kind, a.at, a.reason, g.name as giver, t.name as taker, a.giver_id"
        " from mall_assignment a join people_organisation g on g.id = a.giver_id"
        " join people_organisation t on t.id = a.taker_id where a.receivable_id = %s::bigint"
        " order by a.id", (receivable_id,),
    )  # fmt: skip
    if not orgs & (sides | {p["giver_id"] for p in passed}):
        raise NotFound("没有这笔应收账款，或者它不归您的单位。")
    row["path"], row["mall"] = passed, mall
    row["mine"] = row["holder_id"] in orgs
    row["owes"] = mall["funder_id"] in orgs and permissions.acts_in(
        viewer, "funder", mall["funder_id"]
    )
    row["finances"] = row["financier_org"] in orgs
    row["sells"] = row["seller_id"] in orgs
    row["overdue"] = row["state"] == "open" and row["due_on"] < store.day(at)
    row["children"] = db.dicts(
        "select id, number, face_fen, state from mall_receivable where parent_id = %s::bigint"
        " order by id", (receivable_id,),
    )  # fmt: skip
    return row


def financiers(at: datetime) -> list[dict[str, Any]]:
    """Licensed today."""
    return db.dicts(
        "select f.id, o.name from mall_financier f join people_organisation o"
        " on o.id = f.organisation_id where f.valid_to >= %s::date order by f.id limit 100",
        (store.day(at),),
    )


def batches(mall_id: int, *, page: int = 1) -> Page:
    """Clearing days, newest first."""
    return _paged(
        "select b.*, (select id from mall_message where batch_id = b.id and kind = 'payment') as"
        " file from mall_batch b where b.mall_id = %(mall)s::bigint order by b.id desc",
        {"mall": mall_id}, page,
    )  # fmt: skip


def message(mall_id: int, message_id: int) -> dict[str, Any]:
    """A file; NotFound."""
    found = db.dicts(
        "select * from mall_message where id = %s::bigint and mall_id = %s::bigint",
        (message_id, mall_id),
    )
    if not found:
        raise NotFound("没有这个文件。")
    return found[0]


@dataclass(frozen=True, slots=True)
class Solvency:
    """Whether the promised fund covers everything: amounts in fen, points as they are out."""

    points: int
    rate_fen: int
    owed_fen: int  # claims not yet paid
    pledged_fen: int
    paid_fen: int

    @property
    def needed_fen(self) -> int:
        """What it would take to redeem every point and pay every claim."""
        return self.points * self.rate_fen + self.owed_fen

    @property
    def left_fen(self) -> int:
        """What the funder has promised and not yet paid."""
        return self.pledged_fen - self.paid_fen

    def covers(self, more_points: int) -> bool:
        """Whether that many more points may be made."""
        return self.needed_fen + more_points * self.rate_fen <= self.left_fen


def solvency_of(mall_id: int, at: datetime, *, rate_fen: int | None = None) -> Solvency:
    """The test of a mall: outstanding points × rate + what is owed ≤ what is left of the fund.

    The rate is the dearest of those in force or announced: nobody is promised more than is there.
    """
    mall = store.read("mall", mall_id)
    owed, dearest = db.rows(
        "select (select coalesce(sum(t.net_fen), 0) from mall_statement t join mall_merchant s"
        "   on s.id = t.merchant_id where s.mall_id = %(id)s::bigint and t.state = 'confirmed')"
        " , coalesce((select max(fen) from mall_rate where mall_id = %(id)s::bigint and from_on >="
        "   coalesce((select max(from_on) from mall_rate where mall_id = %(id)s::bigint"
        "     and from_on <= %(today)s::date), %(today)s::date)), 0)",
        {"id": mall_id, "today": store.day(at)},
    )[0]
    return Solvency(
        books.outstanding(mall["place_path"]), max(rate_fen or 0, int(dearest)),
        int(owed) - mall["paid_fen"], mall["pledged_fen"], mall["paid_fen"],
    )  # fmt: skip


def solvency(place_id: int, at: datetime) -> Solvency | None:
    """The same by place; None where no mall redeems its points in yuan."""
    found = db.rows(
        "select m.id from mall_mall m where m.place_id = %s::bigint and exists (select 1"
        " from mall_rate where mall_id = m.id)",
        (place_id,),
    )
    return solvency_of(found[0][0], at) if found else None


def open_totals(mall: dict[str, Any], at: datetime) -> dict[str, Any]:
    """What everybody may see: the fund, what is out, what is owed, overdue, carried."""
    row = db.dicts(
        "select (select coalesce(sum(r.face_fen), 0) from mall_receivable r join mall_statement t"
        "   on t.id = r.statement_id join mall_merchant s on s.id = t.merchant_id"
        "   where s.mall_id = %(id)s::bigint and r.state = 'open' and r.due_on < %(today)s::date)"
        "  as overdue_fen,"
        " (select count(*) from mall_order where mall_id = %(id)s::bigint and state = 'done')"
        "  as sales, (select count(*) from mall_merchant where mall_id = %(id)s::bigint"
        "  and state = 'active') as merchants",
        {"id": mall["id"], "today": store.day(at)},
    )[0]
    last = db.dicts(
        "select number, cutoff, total_fen, short_fen, state from mall_batch"
        " where mall_id = %s::bigint order by id desc limit 1", (mall["id"],),
    )  # fmt: skip
    rates = db.dicts(
        "select version, fen, from_on, basis from mall_rate where mall_id = %s::bigint"
        " order by version desc limit 10", (mall["id"],),
    )  # fmt: skip
    return row | {"solvency": solvency_of(mall["id"], at), "last": last[0] if last else None,
                  "rates": rates}  # fmt: skip


def audit(mall_id: int) -> list[str]:
    """What does not add up, in sentences for an auditor; empty when all is well."""
    checks = {
        "积分单与月度额度不符": """select 1 from mall_month m where m.mall_id = %(id)s::bigint
          and m.points <> (select coalesce(sum(o.points), 0) from mall_order o
            where o.mall_id = m.mall_id and o.person_id = m.person_id and o.price_fen > 0
            and o.state in ('held', 'done')
            and date_trunc('month', o.at at time zone 'Asia/Shanghai')::date = m.first)""",
        "对账单与应收账款不符": """select 1 from mall_statement t join mall_merchant s
          on s.id = t.merchant_id where s.mall_id = %(id)s::bigint and t.state = 'confirmed'
          and t.net_fen < (select coalesce(sum(face_fen), 0) from mall_receivable r
            where r.statement_id = t.id and r.state in ('draft', 'open', 'redeemed'))""",
        "付出的钱多于兑付的积分": """select 1 from mall_mall m where m.id = %(id)s::bigint
          and m.paid_fen > (select coalesce(sum(t.gross_fen), 0) from mall_statement t
            join mall_merchant s on s.id = t.merchant_id
            where s.mall_id = m.id and t.state = 'confirmed')""",
        "已兑付的应收账款没有回执": """select 1 from mall_mall m where m.id = %(id)s::bigint
          and m.paid_fen <> (select coalesce(sum(r.face_fen), 0) from mall_receivable r
            join mall_statement t on t.id = r.statement_id join mall_merchant s
            on s.id = t.merchant_id where s.mall_id = m.id and r.state = 'redeemed')""",
        "应收账户与未付的应收账款不符": """select 1 from ledger_account a
          where a.unit = 'cny' and a.kind = 'claim' and a.owner_kind = 'organisation'
          and a.balance <> (select coalesce(sum(r.face_fen), 0) from mall_receivable r
            where r.holder_id = a.owner_id and r.state = 'open') and %(id)s::bigint > 0""",
        "商户的积分与未结算的明细不符": """select 1 from mall_merchant s
          where s.mall_id = %(id)s::bigint and s.category <> 'point' and (select balance
            from ledger_account where id = s.account) <> (select coalesce(sum(l.points), 0)
            from mall_line l left join mall_statement t on t.id = l.statement_id
            where l.merchant_id = s.id and coalesce(t.state, 'sent') <> 'confirmed')""",
    }
    return [words for words, sql in checks.items() if db.rows(sql + " limit 1", {"id": mall_id})]
