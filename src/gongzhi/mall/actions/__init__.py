"""Everything that changes a mall, by topic."""

from gongzhi.mall.actions.clearing import (
    answer_dispute,
    confirm_statement,
    dispute_line,
    draw_statement,
    run_batch,
)
from gongzhi.mall.actions.contracts import admit, renew, set_merchant_state
from gongzhi.mall.actions.financing import (
    accept_financing,
    ask_financing,
    decline_financing,
    draw_down,
    license_financier,
    offer_financing,
)
from gongzhi.mall.actions.orders import cancel, expire, order, redeem, refund, repay
from gongzhi.mall.actions.receipts import pay_again, take_receipt
from gongzhi.mall.actions.receivables import (
    assign,
    confirm_claim,
    make_claim,
    split,
    withdraw_claim,
)
from gongzhi.mall.actions.shelf import offer, restock, show_picture
from gongzhi.mall.actions.shops import found, pledge, publish_rate, set_terms

__all__ = [
    "accept_financing", "admit", "answer_dispute", "ask_financing", "assign", "cancel",
    "confirm_claim", "confirm_statement", "decline_financing", "dispute_line", "draw_down",
    "draw_statement", "expire", "found", "license_financier", "make_claim", "offer",
    "offer_financing", "order", "pay_again", "pledge", "publish_rate", "redeem", "refund",
    "renew", "repay", "restock", "run_batch", "set_merchant_state", "set_terms",
    "show_picture", "split", "take_receipt", "withdraw_claim",
]  # fmt: skip
