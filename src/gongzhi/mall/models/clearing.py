"""From a sale to yuan on a merchant's account: lines, statements, batches, files.

The platform holds no money: a batch is an instruction to the funder's bank, and only the bank's
receipt makes a claim redeemed.
"""

from django.db import models
from django.db.models import F, Q

from gongzhi.mall.models.orders import Order
from gongzhi.mall.models.shops import Mall, Merchant, Rate
from gongzhi.people.models import Organisation, Person


class Statement(models.Model):
    """The lines of one merchant at one rate up to a day; confirmed, a claim on the fund."""

    class State(models.TextChoices):
        SENT = "sent", "待商户确认"
        CONFIRMED = "confirmed", "已确认"
        EMPTY = "empty", "没有剩下的明细"

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="statements")
    number = models.PositiveIntegerField()
    rate = models.ForeignKey(Rate, on_delete=models.PROTECT, related_name="+")
    to_on = models.DateField()
    points = models.BigIntegerField()
    gross_fen = models.BigIntegerField()
    fee_fen = models.BigIntegerField()
    net_fen = models.BigIntegerField()
    fee_bp = models.PositiveSmallIntegerField(default=0)  # as the contract said that day
    state = models.CharField(max_length=10, choices=State.choices, default=State.SENT)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "number"], name="mall_statement_number_once"
            ),
            models.UniqueConstraint(
                fields=["merchant"], condition=Q(state="sent"), name="statement_one_waiting"
            ),
            models.CheckConstraint(
                condition=Q(net_fen=F("gross_fen") - F("fee_fen"), fee_fen__gte=0),
                name="statement_adds_up",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | Q(
                    points__gt=0,
                    net_fen__gt=0,
                    confirmed_by__isnull=False,
                    confirmed_at__isnull=False,
                ),
                name="statement_confirmed_whole",
            ),
        ]


class Line(models.Model):
    """One sale, its giving back (negative), or yuan paid for that. It never says who bought."""

    class Kind(models.TextChoices):
        SALE = "sale", "核销"
        REFUND = "refund", "退回"
        REPAID = "repaid", "店里退了钱"  # what a refund took off is made good in yuan

    class State(models.TextChoices):
        OPEN = "open", "待对账"
        STATED = "stated", "已列入对账单"
        DISPUTED = "disputed", "有异议"

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="lines")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    points = models.BigIntegerField()
    rate = models.ForeignKey(Rate, on_delete=models.PROTECT, related_name="+")
    rate_fen = models.PositiveIntegerField()
    fen = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    statement = models.ForeignKey(
        Statement, null=True, on_delete=models.PROTECT, related_name="lines"
    )
    dispute = models.CharField(max_length=300, default="", blank=True)
    answer = models.CharField(max_length=300, default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "kind"], name="line_once"),
            models.CheckConstraint(
                condition=Q(kind__in=("sale", "repaid"), points__gt=0)
                | Q(kind="refund", points__lt=0),
                name="line_signed",
            ),
            models.CheckConstraint(
                condition=Q(fen=F("points") * F("rate_fen")), name="line_at_rate"
            ),
            models.CheckConstraint(
                condition=Q(state="stated", statement__isnull=False)
                | Q(state__in=("open", "disputed"), statement=None),
                name="line_stated_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="disputed") | ~Q(dispute=""), name="line_dispute_has_reason"
            ),
        ]
        indexes = [models.Index(fields=["merchant", "state", "id"], name="line_merchant")]


class Batch(models.Model):
    """One clearing day: who is paid what, as a file for the funder's bank."""

    class State(models.TextChoices):
        SENT = "sent", "已交银行，等回执"
        SETTLED = "settled", "回执已到"

    mall = models.ForeignKey(Mall, on_delete=models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField()
    cutoff = models.DateField()
    total_fen = models.BigIntegerField()  # asked of the bank
    short_fen = models.BigIntegerField()  # carried, because the fund does not reach
    state = models.CharField(max_length=8, choices=State.choices, default=State.SENT)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mall", "number"], name="batch_number_once"),
            models.UniqueConstraint(
                fields=["mall"], condition=Q(state="sent"), name="batch_one_waiting"
            ),
            models.CheckConstraint(
                condition=Q(total_fen__gte=0, short_fen__gte=0), name="batch_amounts"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", settled_at=None)
                | Q(state="settled", settled_at__isnull=False),
                name="batch_settled_whole",
            ),
        ]


class BatchLine(models.Model):
    """One holder in a batch, all or nothing: sent and then paid or failed; or carried.

    What was paid may come back days later: then it is owed again, and the holder waits until its
    account is another one, or somebody has looked into it (`checked_*`).
    """

    class State(models.TextChoices):
        SENT = "sent", "等回执"
        PAID = "paid", "已到账"
        FAILED = "failed", "银行没有付成"
        CARRIED = "carried", "资金不够，顺延"
        RETURNED = "returned", "付后退回"

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="lines")
    seq = models.PositiveIntegerField()
    holder = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    bank = models.CharField(max_length=60)
    bank_account = models.CharField(max_length=32)
    amount_fen = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State.choices)
    reference = models.CharField(max_length=40, null=True, unique=True)  # the bank's
    why = models.CharField(max_length=120, default="", blank=True)
    return_reference = models.CharField(max_length=40, null=True, unique=True)  # the bank's
    returned_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True)
    checked_why = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "seq"], name="batch_line_seq"),
            models.UniqueConstraint(fields=["batch", "holder"], name="batch_holder_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="batch_line_amount"),
            models.CheckConstraint(
                condition=~Q(state__in=("paid", "returned")) | Q(reference__isnull=False),
                name="paid_has_reference",
            ),
            models.CheckConstraint(
                condition=Q(state="returned", return_reference__isnull=False)
                & Q(returned_at__isnull=False)
                | (~Q(state="returned") & Q(return_reference=None, returned_at=None)),
                name="returned_whole",
            ),
            models.CheckConstraint(
                condition=Q(checked_at=None, checked_by=None, checked_why="")
                | (
                    Q(state="returned", checked_at__isnull=False, checked_by__isnull=False)
                    & ~Q(checked_why="")
                ),
                name="checked_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["holder"], condition=Q(state="returned"), name="batch_line_returned"
            )
        ]


class Payment(models.Model):
    """A receivable in a line of a batch. Alive in one line at most: nobody is paid twice."""

    line = models.ForeignKey(BatchLine, on_delete=models.PROTECT, related_name="payments")
    receivable = models.ForeignKey(
        "mall.Receivable", on_delete=models.PROTECT, related_name="payments"
    )
    alive = models.BooleanField(default=True)  # false: carried, or not paid, or sent back

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "receivable"], name="payment_once"),
            models.UniqueConstraint(
                fields=["receivable"], condition=Q(alive=True), name="payment_alive_once"
            ),
        ]


class Message(models.Model):
    """A file that went to a bank or a register, or came from one. Append-only."""

    class Kind(models.TextChoices):
        PAYMENT = "payment", "付款文件"
        RECEIPT = "receipt", "银行回执"
        NOTICE = "notice", "转让通知"
        REGISTRATION = "registration", "登记申请"

    mall = models.ForeignKey(Mall, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=80)
    body = models.TextField()
    sha256 = models.CharField(max_length=64)
    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, related_name="+")
    receivable = models.ForeignKey(
        "mall.Receivable", null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mall", "sha256"], name="message_once"),
        ]


class Delivery(models.Model):
    """A file handed over by an adapter, once; what came back at once, if anything. Append-only."""

    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=40)
    answer = models.TextField(default="", blank=True)
    at = models.DateTimeField()
