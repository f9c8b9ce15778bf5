"""The books as clerks, supervisors and residents read them: who may see which, and in what words.

Totals and the accounts of a community (budgets, shops, what was issued) are for those who keep or
watch its points; the account of a resident is his own alone: no list of people by points (R1).
"""

from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, NotFound
from gongzhi.ledger import queries
from gongzhi.ledger.models import Kind
from gongzhi.ledger.points import permissions
from gongzhi.ledger.points import queries as points
from gongzhi.people.permissions import Viewer

READERS = permissions.WRITE | permissions.FILE | frozenset({"supervisor"})
CODES = {
    "fund": "拨入预算", "return": "预算退回", "award": "得分入账", "opening": "纸质账本结转",
    "sale": "商城抵扣", "spend": "兑换", "expire": "过期", "wipe": "退出清零",
    "redeem": "商户结算收回", "advance": "垫退货积分", "service": "志愿服务",
    "use": "使用时长", "reverse": "冲正", "deposit": "存入", "withdraw": "转出",
    "claim": "应收入账", "assign": "应收转让", "settle": "应收结清", "fee": "手续费", "pay": "付款",
    "discount": "贴现", "allot": "分配股份", "inherit": "继承",
}  # fmt: skip
OPEN_KINDS = tuple(kind for kind in Kind.values if kind != Kind.HOLDER)
MOST_LINES = 20_000  # of one file


def places(viewer: Viewer) -> list[dict[str, Any]]:
    """The communities whose books he keeps or watches."""
    posts = sorted({p.place_path for p in viewer.posts if p.role in READERS})
    return db.dicts(
        "select w.id, w.name, w.path from places_place w where w.kind = 'village'"
        " and w.valid_to is null and exists (select 1 from unnest(%s::text[]) p"
        "  where w.path like p || '%%') order by w.code limit 200", (posts,),
    )  # fmt: skip


def place(viewer: Viewer, place_id: int) -> dict[str, Any]:
    """One of them; NotAllowed says who may, NotFound."""
    found = db.dicts(
        "select id, name, path from places_place where id = %s::bigint and kind = 'village'",
        (place_id,),
    )
    if not found:
        raise NotFound("没有这个村（社区）的账。")
    if not permissions.holds(viewer, READERS, found[0]["path"]):
        raise NotAllowed("账目由两委成员、书记、监督委员和镇（街道）干部来看。")
    return found[0]


def month_of(words: str, at: datetime) -> tuple[int, int]:
    """ "2026-11" as numbers, nothing as this month; BadInput."""
    if not words:
        here = at.astimezone(SHANGHAI)
        return here.year, here.month
    year, dash, month = words.partition("-")
    if dash and all(p.isascii() and p.isdecimal() and len(p) < 5 for p in (year, month)):
        found = int(year), int(month)
        if 2000 <= found[0] <= 2200 and 1 <= found[1] <= 12:
            return found
    raise BadInput("month", "请选一个月份，例如 2026-11。")


def month(viewer: Viewer, place_id: int, year: int, number: int) -> list[dict[str, Any]]:
    """The monthly report of a community: by kind of entry, how many, how much, taken back."""
    place(viewer, place_id)
    rows = queries.month("points", year, number, place=place_id)
    return [row | {"words": CODES.get(row["code"], row["code"])} for row in rows]


def trial_balance(viewer: Viewer, place_id: int) -> list[dict[str, Any]]:
    """All kinds of points accounts of a community with their sums."""
    place(viewer, place_id)
    rows = queries.trial_balance("points", place=place_id)
    return [row | {"words": Kind(row["kind"]).label} for row in rows]


_ACCOUNTS = """
select a.id, a.kind, a.held, (a.balance + coalesce((select sum(s.balance) from ledger_slot s
    where s.account_id = a.id), 0))::bigint as balance, coalesce(b.name, a.name) as name
from ledger_account a left join points_activity b on b.account = a.id
where a.place_id = %s::bigint and a.unit = 'points' and a.kind = any(%s::text[])
order by a.kind, a.id limit 200
"""


def accounts(viewer: Viewer, place_id: int) -> list[dict[str, Any]]:
    """The accounts of a community that belong to no resident."""
    place(viewer, place_id)
    rows = db.dicts(_ACCOUNTS, (place_id, list(OPEN_KINDS)))
    return [row | {"words": Kind(row["kind"]).label} for row in rows]


def account(viewer: Viewer, account_id: int) -> dict[str, Any]:
    """One of them; NotFound for a resident's, whoever asks."""
    found = db.dicts(
        "select a.id, a.kind, a.place_id, w.path, w.name as place, coalesce(b.name, a.name) as name"
        " from ledger_account a join places_place w on w.id = a.place_id"
        " left join points_activity b on b.account = a.id"
        " where a.id = %s::bigint and a.unit = 'points' and a.kind = any(%s::text[])",
        (account_id, list(OPEN_KINDS)),
    )
    if not found or not permissions.holds(viewer, READERS, found[0]["path"]):
        raise NotFound("没有这个账户，或者您不能看到它。")
    return found[0] | {"words": Kind(found[0]["kind"]).label}


def lines(account_id: int, before: int = 0, *, most: int = queries.PAGE) -> dict[str, Any]:
    """A page of an account's entries in words; `before` opens the next page. Ask `account` or
    `own` first: this does not ask who reads."""
    shown = queries.statement(account_id, before, most=most)
    rows = [
        {"id": x.id, "on": x.dated, "at": x.at, "words": CODES.get(x.code, x.code),
         "amount": x.amount, "balance": x.balance, "with": Kind(x.other_kind).label,
         "evidence": _told(x.evidence), "about": x.evidence, "reverses": x.reverses,
         "rule": x.rule, "until": x.expires_on}
        for x in shown.lines
    ]  # fmt: skip
    return {"rows": rows, "before": shown.before}


def _told(evidence: str) -> str:
    """What a reader can look up: the number of a claim or record, else the words themselves."""
    kind, colon, number = evidence.partition(":")
    if colon and number.isdecimal():
        return {"claim": f"申报{number}", "service": f"服务记录{number}", "order": f"兑换{number}",
                "statement": f"对账单{number}"}.get(kind, evidence)  # fmt: skip
    return evidence


def own(viewer: Viewer, holder_id: int) -> dict[str, Any]:
    """One of his own accounts; NotFound for anybody else's."""
    return points.holder(viewer, holder_id)
