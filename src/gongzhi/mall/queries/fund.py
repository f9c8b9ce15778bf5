"""What stands behind the points: solvency, public totals, what an auditor asks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.mall import books, store


@dataclass(frozen=True, slots=True)
class Solvency:
    """Whether the promised fund covers everything: amounts in fen, points as they are out."""

    points: int
    rate_fen: int
    owed_fen: int  # claims not yet paid
    pledged_fen: int
    paid_fen: int
    repaid_fen: int = 0  # by shops, for what they took back

    @property
    def needed_fen(self) -> int:
        """What it would take to redeem every point and pay every claim."""
        return self.points * self.rate_fen + self.owed_fen

    @property
    def left_fen(self) -> int:
        """What the funder has promised and not yet paid; what shops owe is not counted."""
        return self.pledged_fen + self.repaid_fen - self.paid_fen

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
        int(owed) - mall["paid_fen"], mall["pledged_fen"], mall["paid_fen"], mall["repaid_fen"],
    )  # fmt: skip


def solvency(place_id: int, at: datetime) -> Solvency | None:
    """The same for a place, by its mall or the nearest above it; None where points are not yuan.

    The mall stays locked to the end of the transaction: of two who fill budgets at once the second
    sees what the first has made.
    """
    found = db.rows(
        "select m.id from mall_mall m join places_place p on p.id = %s::bigint"
        " and p.path like m.place_path || '%%' where exists (select 1 from mall_rate"
        " where mall_id = m.id) order by length(m.place_path) desc limit 1"
        " for no key update of m",
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
        "  as sales, (select coalesce(sum(d.fen), 0)::bigint from mall_debt d join mall_merchant s"
        "   on s.id = d.merchant_id where s.mall_id = %(id)s::bigint and d.state = 'owed')"
        "  as debts_fen, (select count(*) from mall_merchant where mall_id = %(id)s::bigint"
        "  and state = 'active') as merchants",
        {"id": mall["id"], "today": store.day(at)},
    )[0]
    last = db.dicts(
        "select number, cutoff, total_fen, short_fen, state from mall_batch"
        " where mall_id = %s::bigint order by id desc limit 1", (mall["id"],),
    )  # fmt: skip
    carried = db.dicts(
        "select cutoff, total_fen, short_fen from mall_batch where mall_id = %s::bigint"
        " and short_fen > 0 order by id desc limit 12", (mall["id"],),
    )  # fmt: skip
    rates = db.dicts(
        "select version, fen, from_on, basis from mall_rate where mall_id = %s::bigint"
        " order by version desc limit 10", (mall["id"],),
    )  # fmt: skip
    return row | {"solvency": solvency_of(mall["id"], at), "last": last[0] if last else None,
                  "rates": rates, "carried": carried}  # fmt: skip


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
            where l.merchant_id = s.id and coalesce(t.state, 'sent') <> 'confirmed')
          + (select coalesce(sum(points), 0) from mall_debt
            where merchant_id = s.id and state = 'owed')""",
        "出资账户与承诺、付出的钱不符": """select 1 from mall_mall m where m.id = %(id)s::bigint
          and m.pledged_fen + m.repaid_fen - m.paid_fen <> coalesce((select balance
            from ledger_account where unit = 'cny' and kind = 'fund' and owner_kind = 'mall'
            and owner_id = m.id), 0)""",
        "垫给商户的积分没有对应的欠款": """select 1 from mall_merchant s join ledger_transfer a
          on a.credit_id = s.account and a.code = 'advance' where s.mall_id = %(id)s::bigint
          and not exists (select 1 from mall_debt where advance = a.id)""",
    }
    return [words for words, sql in checks.items() if db.rows(sql + " limit 1", {"id": mall_id})]
