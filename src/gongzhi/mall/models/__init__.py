"""Tables of the mall, by topic."""

from gongzhi.mall.models.clearing import Batch, BatchLine, Line, Message, Payment, Statement
from gongzhi.mall.models.orders import Month, Order, WrongCode
from gongzhi.mall.models.receivables import Assignment, Financier, Financing, Receivable
from gongzhi.mall.models.shops import Mall, Merchant, Offer, Pledge, Rate

__all__ = [
    "Assignment", "Batch", "BatchLine", "Financier", "Financing", "Line", "Mall", "Merchant",
    "Message", "Month", "Offer", "Order", "Payment", "Pledge", "Rate", "Receivable", "Statement",
    "WrongCode",
]  # fmt: skip
