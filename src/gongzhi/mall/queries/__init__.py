"""Reading the mall, by topic."""

from gongzhi.mall.queries.claims import (
    claim,
    claims_of,
    file,
    financiers,
    funded,
    licences,
    takers,
    waiting,
)
from gongzhi.mall.queries.clearing import (
    batch,
    batches,
    debt_of,
    debts,
    debts_of,
    disputes,
    mall_statements,
    merchant_of,
    merchants,
    message,
    records,
    returned,
    returned_of,
    statement,
    statement_for,
    statements,
)
from gongzhi.mall.queries.fund import Solvency, audit, open_totals, solvency, solvency_of
from gongzhi.mall.queries.shelf import (
    Budget,
    all_malls,
    budget_of,
    catalogue,
    coded,
    mall_at,
    mall_for,
    malls,
    my_order,
    my_orders,
    offer_for,
    picture,
    shop_for,
    shop_offers,
    shop_order,
    shop_orders,
    shops,
)

__all__ = [
    "Budget", "Solvency", "all_malls", "audit", "batch", "batches", "budget_of", "catalogue",
    "claim", "claims_of", "coded", "debt_of", "debts", "debts_of", "disputes", "file", "financiers",
    "funded", "licences", "mall_at", "mall_for", "mall_statements", "malls", "merchant_of",
    "merchants", "message", "my_order", "my_orders", "offer_for", "open_totals", "picture",
    "records", "returned", "returned_of", "shop_for", "shop_offers", "shop_order", "shop_orders",
    "shops", "solvency", "solvency_of", "statement", "statement_for", "statements", "takers",
    "waiting",
]  # fmt: skip
