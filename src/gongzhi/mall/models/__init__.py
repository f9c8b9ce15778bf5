"""Tables of the mall, by topic."""

from gongzhi.mall.models.clearing import (
    Batch,
    BatchLine,
    Delivery,
    Line,
    Message,
    Payment,
    Statement,
)
from gongzhi.mall.models.orders import Debt, Month, Order, WrongCode
from gongzhi.mall.models.receivables import Assignment, Financier, Financing, Receivable
from gongzhi.mall.models.shops import Mall, Merchant, Offer, Picture, Pledge, Rate, Record, Restock

__all__ = [
    "Assignment", "Batch", "BatchLine", "Debt", "Delivery", "Financier", "Financing", "Line",
    "Mall", "Merchant", "Message", "Month", "Offer", "Order", "Payment", "Picture", "Pledge",
    "Rate", "Receivable", "Record", "Restock", "Statement", "WrongCode",
]  # fmt: skip
