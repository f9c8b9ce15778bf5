"""Those of a shop, a funder, a bank and the operator are told when something waits for them.

An assignment is told to the debtor so (Civil Code art. 546); its text is the file on the claim.
Short texts, without names of residents. A resident is told that his points have come back.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import translation

from gongzhi.core import db
from gongzhi.mall.exchange import yuan
from gongzhi.people import notes
from gongzhi.reactions import sending

SOURCE = "zh-hans"

_CLAIM = """
select r.number, r.face_fen as fen, r.due_on, h.name as holder, o.name as shop, {org} as org
from mall_receivable r join people_organisation h on h.id = r.holder_id
join mall_statement t on t.id = r.statement_id join mall_merchant s on s.id = t.merchant_id
join people_organisation o on o.id = s.organisation_id join mall_mall m on m.id = s.mall_id
where r.id = %s::bigint
"""
_FINANCING = """
select r.number, g.face_fen as fen, g.price_fen as price, f.organisation_id as bank,
  g.seller_id as seller, {org} as org
from mall_financing g join mall_financier f on f.id = g.financier_id
join mall_receivable r on r.id = g.receivable_id where g.id = %s::bigint
"""
_STATEMENT = """
select t.net_fen as fen, s.organisation_id as org from mall_statement t
join mall_merchant s on s.id = t.merchant_id where t.id = %s::bigint and t.state = 'sent'
"""
_DISPUTE = """
select o.name as shop, m.operator_id as org from mall_line l
join mall_merchant s on s.id = l.merchant_id join people_organisation o on o.id = s.organisation_id
join mall_mall m on m.id = s.mall_id where l.id = %s::bigint
"""
_PAID = """
select l.id as line, l.amount_fen as fen, l.holder_id as org from mall_batchline l
where l.batch_id = %s::bigint and l.state = '{state}'
"""
_REFUNDED = """
select o.person_id as person, o.points, f.name as offer, w.name as shop from mall_order o
join mall_offer f on f.id = o.offer_id join mall_merchant s on s.id = o.merchant_id
join people_organisation w on w.id = s.organisation_id where o.id = %s::bigint
"""
_RETURNED = """
select l.amount_fen as fen, h.name as holder, {org} as org from mall_batchline l
join mall_batch b on b.id = l.batch_id join mall_mall m on m.id = b.mall_id
join people_organisation h on h.id = l.holder_id where l.id = %s::bigint
"""
_DEBT = """
select d.fen, d.points, d.due_on, d.reference, o.name as shop, {org} as org from mall_debt d
join mall_merchant s on s.id = d.merchant_id join people_organisation o on o.id = s.organisation_id
join mall_mall m on m.id = s.mall_id where d.id = %s::bigint
"""
# By what happened: whom (a post in the organisation `org` of the row), by which rows, what.
TOLD: dict[str, tuple[tuple[str, str, str], ...]] = {
    "mall.statement": (("merchant", _STATEMENT, "有一张对账单等您确认：{fen}元。"),),
    "mall.disputed": (("org_manager", _DISPUTE, "{shop}说有一行对账明细不对，请核对。"),),
    "mall.claimed": (("funder", _CLAIM.format(org="m.funder_id"),
                      "{shop}有一笔应收账款等您确认：{number}，{fen}元。"),),
    "mall.confirmed": (("merchant", _CLAIM.format(org="s.organisation_id"),
                        "出资方已确认应收账款{number}：{fen}元，{due_on}到期付款。"),),
    "mall.assigned": (
        ("funder", _CLAIM.format(org="m.funder_id"),
         "债权转让通知：应收账款{number}（{fen}元）已转给{holder}，到期请付给新的持有人。"),
        ("merchant", _CLAIM.format(org="r.holder_id"),
         "应收账款{number}（{fen}元）已转到您单位名下，{due_on}到期付款。"),
    ),
    "mall.financing": (("funder", _FINANCING.format(org="f.organisation_id"),
                        "有一笔应收账款申请融资：{number}，{fen}元，等您报价。"),),
    "mall.offered": (("merchant", _FINANCING.format(org="g.seller_id"),
                      "应收账款{number}有了报价：{price}元，等您决定。"),),
    "mall.accepted": (("funder", _FINANCING.format(org="f.organisation_id"),
                       "卖方接受了您对{number}的报价，等您登记、放款。"),),
    "mall.batch": tuple((role, _PAID.format(state="carried"),
                         "这次结算资金不够，您单位的{fen}元顺延到下一次。")
                        for role in ("merchant", "funder")),
    "mall.receipt": tuple(
        (role, _PAID.format(state=state), words) for role in ("merchant", "funder")
        for state, words in (("paid", "结算款{fen}元，银行已付到您单位的账户。"),
                             ("failed", "结算款{fen}元银行没有付成，下一次结算再付。"))
    ),
    "mall.returned": (
        *((role, _RETURNED.format(org="l.holder_id"),
           "结算款{fen}元被银行退回来了，钱还欠着您单位，请核对收款账号。")
          for role in ("merchant", "funder")),
        ("org_manager", _RETURNED.format(org="m.operator_id"),
         "{holder}的结算款{fen}元被银行退回，请核对收款账号。"),
    ),
    "mall.debt": (
        ("merchant", _DEBT.format(org="s.organisation_id"),
         "退了结过账的货，店里欠{fen}元，从以后的对账里扣，{due_on}前结清。"),
        ("org_manager", _DEBT.format(org="m.operator_id"),
         "{shop}退了结过账的货，欠{fen}元，从以后的对账里扣，{due_on}前结清。"),
    ),
    "mall.repaid": (("funder", _DEBT.format(org="m.funder_id"),
                     "{shop}退货，退给您单位{fen}元，流水号{reference}，请核对到账。"),),
}  # fmt: skip
REFUNDED = "您在{shop}的“{offer}”已退，{points}积分回到您这里了。"


def wanted(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows of the outbox about which somebody of a mall is told."""
    yield from (row for row in rows if row["kind"] in TOLD or row["kind"] == "mall.refunded")


def tell(row: dict[str, Any], at: datetime) -> None:
    """A note for everybody concerned, once each."""
    if row["kind"] == "mall.refunded":
        for found in db.dicts(_REFUNDED, (row["subject_id"],)):
            _note(f"mall:{row['id']}", [found["person"]], REFUNDED, found, at)
        return
    said = [words for *_, words in TOLD[row["kind"]]]
    for role, sql, words in TOLD[row["kind"]]:
        for found in db.dicts(sql, (row["subject_id"],)):
            # What the bank said of a line is told once, however often its receipts come.
            about = f"line{found['line']}" if "line" in found else str(row["id"])
            people = _people(found["org"], role, at)
            _note(f"mall:{about}:{said.index(words)}", people, words, found, at)


def _people(organisation: int, role: str, at: datetime) -> list[int]:
    """Who holds that post in an organisation today; at most twenty."""
    return [
        person for (person,) in db.rows(
            "select distinct person_id from people_appointment where organisation_id = %s::bigint"
            " and role = %s and from_on <= %s::date and (to_on is null or to_on >= %s::date)"
            " order by person_id limit 20", (organisation, role, at.date(), at.date()),
        )
    ]  # fmt: skip


def _note(key: str, people: list[int], words: str, found: dict[str, Any], at: datetime) -> None:
    languages = notes.languages(set(people))
    filled = found | {name: yuan(found[name]) for name in ("fen", "price") if found.get(name)}
    for person in people:
        with translation.override(languages.get(person, SOURCE)):
            said = translation.gettext(words).format(**filled)
        sending.later(key=f"{key}:{person}", person=person, words=said, at=at)
