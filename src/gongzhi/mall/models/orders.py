"""What a resident takes: points held for a one-time code, captured at the shop.

The points part never exceeds the share of the price the mall allows, nor the month's limit: both
are CHECKs, so that two phones at once cannot get past them.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import LessThanOrEqual

from gongzhi.mall.models.shops import Mall, Merchant, Offer, Rate
from gongzhi.people.models import Person


class Order(models.Model):
    """One taking. `cash_fen` is paid at the shop and is none of our business but to be shown."""

    class State(models.TextChoices):
        HELD = "held", "待取"
        DONE = "done", "已核销"
        VOID = "void", "已取消"
        EXPIRED = "expired", "已过期"
        REFUNDED = "refunded", "已退"

    mall = models.ForeignKey(Mall, on_delete=models.PROTECT, related_name="+")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    pieces = models.PositiveSmallIntegerField()
    points = models.PositiveIntegerField()
    price_fen = models.BigIntegerField()
    cash_fen = models.BigIntegerField()
    rate = models.ForeignKey(Rate, null=True, on_delete=models.PROTECT, related_name="+")
    rate_fen = models.PositiveIntegerField()  # as it was; 0 for a gift
    percent = models.PositiveSmallIntegerField()  # as it was
    state = models.CharField(max_length=8, choices=State.choices, default=State.HELD)
    code = models.CharField(max_length=6)
    token = models.CharField(max_length=32, unique=True)  # in the square code
    expires_at = models.DateTimeField()
    hold = models.BigIntegerField(null=True)
    transfer = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)  # captured
    ended_at = models.DateTimeField(null=True)  # cancelled, expired, given back
    ended_why = models.CharField(max_length=200, default="", blank=True)
    key = models.CharField(max_length=80, unique=True)
    taken_key = models.CharField(max_length=80, default="", blank=True)  # of the press that took it

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pieces__gt=0, points__gt=0, cash_fen__gte=0), name="order_of_something"
            ),
            models.CheckConstraint(
                condition=Q(price_fen=0, cash_fen=0, rate=None, rate_fen=0)
                | Q(
                    price_fen__gt=0,
                    price_fen=F("cash_fen") + F("points") * F("rate_fen"),
                    rate__isnull=False,
                    rate_fen__gt=0,
                ),
                name="order_adds_up",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(
                    F("points") * F("rate_fen") * 100, F("percent") * F("price_fen")
                ),
                name="order_share",
            ),
            models.CheckConstraint(condition=Q(percent__range=(1, 100)), name="order_percent"),
            models.CheckConstraint(
                condition=Q(state="held", done_at=None, ended_at=None, transfer=None)
                | Q(state="done", done_at__isnull=False, ended_at=None, transfer__isnull=False)
                | Q(state__in=("void", "expired"), done_at=None, ended_at__isnull=False)
                | Q(state="refunded", done_at__isnull=False, ended_at__isnull=False),
                name="order_state_whole",
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9]{6}$"), name="order_code_six_digits"
            ),
            models.UniqueConstraint(
                fields=["merchant", "code"], condition=Q(state="held"), name="order_code_once"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="order_person"),
            models.Index(fields=["merchant", "-id"], name="order_merchant"),
            models.Index(fields=["expires_at"], condition=Q(state="held"), name="order_expires"),
        ]


class Month(models.Model):
    """Points a person offset in a calendar month, with the limit of that time beside them."""

    mall = models.ForeignKey(Mall, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    first = models.DateField()  # of the month
    points = models.IntegerField(default=0)
    most = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mall", "person", "first"], name="month_once"),
            models.CheckConstraint(
                condition=Q(points__gte=0, points__lte=F("most")), name="month_limit"
            ),
        ]


class Debt(models.Model):
    """A shop has taken back what was settled: the resident has his points, the shop owes them.

    What its own new sales did not cover was lent to it (`advance`). It is made up for by the next
    sales (`netted`, with the statement they are on) or by yuan paid to the funder (`repaid`).
    """

    class State(models.TextChoices):
        OWED = "owed", "还没扣完"
        NETTED = "netted", "已从对账里扣"
        REPAID = "repaid", "店里退了钱"

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="debt")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    points = models.PositiveIntegerField()
    fen = models.BigIntegerField()  # at the rate of the sale, less the fee it was settled with
    advance = models.BigIntegerField(unique=True)  # in the ledger
    at = models.DateTimeField()
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OWED)
    statement = models.ForeignKey(
        "mall.Statement", null=True, on_delete=models.PROTECT, related_name="+"
    )
    reference = models.CharField(max_length=40, null=True, unique=True)  # the bank's
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0, fen__gt=0), name="debt_of_something"),
            models.CheckConstraint(
                condition=Q(state="owed", statement=None, reference=None, ended_at=None)
                | Q(state="netted", statement__isnull=False, reference=None)
                & Q(ended_at__isnull=False)
                | Q(state="repaid", statement=None, reference__isnull=False)
                & Q(ended_at__isnull=False, by__isnull=False),
                name="debt_state_whole",
            ),
        ]
        indexes = [models.Index(fields=["merchant"], condition=Q(state="owed"), name="debt_owed")]


class WrongCode(models.Model):
    """A six-digit code that was not there: who guesses is stopped."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["merchant", "at"], name="wrong_code_at")]
