"""A confirmed claim as a paper that may be split, passed on and financed.

Rules: 银发〔2025〕77号 (term, real trade, licensed financiers, registration), Civil Code art. 546
and 764-768 (notice, first registered wins). Guards that span rows are in `migrations.0002_guards`.
"""

from django.db import models
from django.db.models import F, Q

from gongzhi.mall.models.clearing import Statement
from gongzhi.people.models import Organisation, Person


class Receivable(models.Model):
    """A claim on the fund. Its leaves always add up to the statement it came from."""

    class State(models.TextChoices):
        DRAFT = "draft", "待出资方确认"
        OPEN = "open", "待付款"
        SPLIT = "split", "已拆分"
        REDEEMED = "redeemed", "已兑付"
        CANCELLED = "cancelled", "已撤销"

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="receivables")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    number = models.CharField(max_length=40, unique=True)
    holder = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    face_fen = models.BigIntegerField()
    due_on = models.DateField()
    limit_on = models.DateField()  # by the term rule of the day it was made
    late_why = models.CharField(max_length=200, default="", blank=True)  # beyond the usual term
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    redeemed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(face_fen__gt=0), name="receivable_has_face"),
            models.CheckConstraint(
                condition=Q(due_on__lte=F("limit_on")), name="receivable_within_term"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "cancelled"), confirmed_at=None, confirmed_by=None)
                | Q(
                    state__in=("open", "split", "redeemed"),
                    confirmed_at__isnull=False,
                    confirmed_by__isnull=False,
                ),
                name="receivable_confirmed_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="redeemed", redeemed_at__isnull=False)
                | (~Q(state="redeemed") & Q(redeemed_at=None)),
                name="receivable_redeemed_whole",
            ),
            models.UniqueConstraint(
                fields=["statement"],
                condition=Q(parent=None) & ~Q(state="cancelled"),
                name="receivable_root_once",
            ),
        ]
        indexes = [
            models.Index(fields=["holder", "state", "due_on"], name="receivable_holder"),
            models.Index(fields=["due_on"], condition=Q(state="open"), name="receivable_due"),
        ]


class Assignment(models.Model):
    """The claim went from one holder to another, and the fund was told. Append-only."""

    class Kind(models.TextChoices):
        ASSIGN = "assign", "转让"
        DISCOUNT = "discount", "融资转让（无追索权）"

    receivable = models.ForeignKey(Receivable, on_delete=models.PROTECT, related_name="assignments")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    giver = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    taker = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="assigned_to_another"),
            models.CheckConstraint(condition=~Q(reason=""), name="assignment_has_reason"),
        ]


class Financier(models.Model):
    """A bank or factor whose licence was looked at."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+")
    licence = models.CharField(max_length=40, unique=True)
    valid_to = models.DateField()
    bank = models.CharField(max_length=60)
    bank_account = models.CharField(max_length=32)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(licence=""), name="financier_licensed"),
            models.CheckConstraint(
                condition=Q(bank_account__regex=r"^[0-9]{6,32}$"), name="financier_account"
            ),
        ]


class Financing(models.Model):
    """Asked, offered at a price, accepted, drawn down without recourse, repaid."""

    class State(models.TextChoices):
        ASKED = "asked", "已申请"
        OFFERED = "offered", "已报价"
        ACCEPTED = "accepted", "已接受，待放款"
        LIVE = "live", "已放款"
        REPAID = "repaid", "已收回"
        DECLINED = "declined", "未成"

    receivable = models.ForeignKey(Receivable, on_delete=models.PROTECT, related_name="financings")
    financier = models.ForeignKey(Financier, on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    face_fen = models.BigIntegerField()
    price_fen = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    recourse = models.BooleanField(default=False)
    registration = models.CharField(max_length=40, null=True, unique=True)
    cash_reference = models.CharField(max_length=40, null=True, unique=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    live_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receivable"],
                condition=Q(state__in=("asked", "offered", "accepted", "live")),
                name="financed_once",
            ),
            models.CheckConstraint(condition=Q(recourse=False), name="without_recourse"),
            models.CheckConstraint(
                condition=Q(price_fen=None) | Q(price_fen__gt=0, price_fen__lte=F("face_fen")),
                name="price_within_face",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("asked", "declined"))
                | Q(state__in=("offered", "accepted"), price_fen__isnull=False)
                | Q(
                    state__in=("live", "repaid"),
                    price_fen__isnull=False,
                    registration__isnull=False,
                    cash_reference__isnull=False,
                    live_at__isnull=False,
                ),
                name="financing_whole",
            ),
        ]
