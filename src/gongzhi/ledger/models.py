"""The books: accounts, transfers between two accounts, holds, and lots of points that expire.

Nothing here is written by Django: rows come from the functions in `sql/`, which keep balances,
lots and the log in one statement, and triggers refuse every other way (migration 0002).
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from gongzhi.people.models import Person
from gongzhi.places.models import Place


class Unit(models.TextChoices):
    """What is counted. Amounts are whole numbers: points, minutes, fen, hundredths of a share."""

    POINTS = "points", "积分"
    HOURS = "hours", "志愿时长（分钟）"
    CNY = "cny", "人民币（分）"
    SHARES = "shares", "集体股份（百分之一股）"


class Kind(models.TextChoices):
    """What an account is for. Which may pay which is in `rules.FLOWS`."""

    ISSUANCE = "issuance", "发放"
    BUDGET = "budget", "活动预算"
    HOLDER = "holder", "持有人"
    OPENING = "opening", "期初结转"
    EXPIRED = "expired", "过期和放弃"
    MERCHANT = "merchant", "商户"
    DESK = "desk", "兑换点"
    USED = "used", "已用时长"
    OUTSIDE = "outside", "外部"
    FUND = "fund", "资金池"
    OWED = "owed", "应付"
    CLAIM = "claim", "应收"
    FEE = "fee", "手续费"


class Account(models.Model):
    """One unit of one owner in the books of one place. `held` is set aside by pending holds.

    A slotted account (busy, without a floor) keeps its balance in `Slot` rows; then `balance` is 0.
    An account with lots knows how old its points are: the lots add up to balance - held.
    """

    place = models.ForeignKey(
        Place, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    unit = models.CharField(max_length=8, choices=Unit.choices)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    owner_kind = models.CharField(max_length=20, default="", blank=True)
    owner_id = models.BigIntegerField(default=0)
    name = models.CharField(max_length=80, default="", blank=True)
    floor = models.BigIntegerField(null=True)
    slots = models.SmallIntegerField(default=0)
    lots = models.BooleanField(default=False)
    balance = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)  # of the type ledger_held: never below 0
    pseudonym = models.BinaryField()  # how the account is called in the log
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner_kind", "owner_id", "unit", "kind", "place", "name"],
                name="ledger_account_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(balance__gte=F("floor") + F("held")),  # no floor: null, holds
                name="ledger_no_overdraft",
            ),
            # Which kinds a unit has, who may go below zero, who has lots or slots:
            # `ledger_account_fits`.
        ]  # fmt: skip
        indexes = [models.Index(fields=["place", "unit"], name="ledger_account_place")]


class Slot(models.Model):
    """A part of a busy account's balance: writers who meet take different parts."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="parts")
    slot = models.SmallIntegerField()
    balance = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "slot"], name="ledger_slot_once")]


class Hold(models.Model):
    """An amount set aside until it is captured (by `credit` alone, if named), void or too old."""

    class State(models.TextChoices):
        PENDING = "pending", "待确认"
        CAPTURED = "captured", "已扣"
        VOID = "void", "已取消"
        EXPIRED = "expired", "已超时"

    key = models.UUIDField(unique=True)
    request_hash = models.BinaryField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="holds")
    credit = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    unit = models.CharField(max_length=8, choices=Unit.choices)
    amount = models.BigIntegerField()
    captured = models.BigIntegerField(default=0)
    code = models.CharField(max_length=20)
    rule = models.CharField(max_length=80, default="", blank=True)
    evidence = models.CharField(max_length=200, default="", blank=True)
    event = models.CharField(max_length=80, default="", blank=True)
    by = models.BigIntegerField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, expires_at__gt=F("at")), name="ledger_hold_sane"
            ),
            models.CheckConstraint(
                condition=Q(state="captured", captured__gt=0, captured__lte=F("amount"),
                            ended_at__isnull=False, ended_at__lte=F("expires_at"))
                | Q(state="pending", captured=0, ended_at=None)
                | Q(state__in=["void", "expired"], captured=0, ended_at__isnull=False),
                name="ledger_hold_state",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["expires_at"], name="ledger_hold_pending", condition=Q(state="pending")
            ),
            models.Index(
                fields=["account"], name="ledger_hold_account", condition=Q(state="pending")
            ),
        ]


class Transfer(models.Model):
    """`amount` went from `debit` to `credit`. Never changed; a mistake is reversed by another.

    `at` is the moment of recording, `dated` the day it belongs to. `by` and the owners of accounts
    are numbers without a foreign key: the books outlive the rows of people. `ledger_transfer_check`
    judges every row: that it moves more than nothing between two accounts, that those, its hold and
    what it reverses are there (none ever goes, so foreign keys would only read and lock them once
    more at every commit), that the flow is lawful, how long its texts are. It fills in the unit and
    the slots.
    """

    key = models.UUIDField(unique=True)
    request_hash = models.BinaryField()
    debit = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    credit = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    unit = models.TextField(choices=Unit.choices)
    amount = models.BigIntegerField()
    code = models.TextField()
    rule = models.TextField(default="", blank=True)
    evidence = models.TextField(default="", blank=True)
    event = models.TextField(default="", blank=True)
    expires_on = models.DateField(null=True)  # last day of the points it brings
    reverses = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="reversed_by",
        db_constraint=False,
    )  # fmt: skip
    hold = models.OneToOneField(
        Hold, null=True, on_delete=models.PROTECT, related_name="transfer", db_constraint=False
    )
    by = models.BigIntegerField(null=True)
    dated = models.DateField()
    at = models.DateTimeField()
    debit_slot = models.SmallIntegerField(null=True)
    credit_slot = models.SmallIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["debit", "id"], name="ledger_by_debit"),
            models.Index(fields=["credit", "id"], name="ledger_by_credit"),
            models.Index(fields=["event"], name="ledger_by_event", condition=~Q(event="")),
            BrinIndex(fields=["at"], name="ledger_by_time", pages_per_range=16, autosummarize=True),
        ]


class Lot(models.Model):
    """Points that came with one transfer and go by the end of one day (null: they stay)."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="lot")
    amount = models.BigIntegerField()
    remaining = models.BigIntegerField()
    expires_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, remaining__gte=0, remaining__lte=F("amount")),
                name="ledger_lot_sane",
            )
        ]
        indexes = [
            models.Index(
                fields=["account", "expires_on", "id"], name="ledger_lots_left",
                condition=Q(remaining__gt=0),
            ),
            models.Index(
                fields=["expires_on"], name="ledger_lots_due",
                condition=Q(remaining__gt=0, expires_on__isnull=False),
            ),
        ]  # fmt: skip


class Draw(models.Model):
    """Taken from a lot (positive) or given back to it (negative), by a transfer or by a hold."""

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="draws")
    transfer = models.ForeignKey(Transfer, null=True, on_delete=models.PROTECT, related_name="+")
    hold = models.ForeignKey(Hold, null=True, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_draw_of_something"),
            models.CheckConstraint(
                condition=Q(transfer=None, hold__isnull=False)
                | Q(transfer__isnull=False, hold=None),
                name="ledger_draw_by_one",
            ),
        ]


class Opening(models.Model):
    """A paper book brought into the ledger: one file, put in by one person, let in by another."""

    class State(models.TextChoices):
        CHECKED = "checked", "已检查"
        APPLIED = "applied", "已入账"
        UNDONE = "undone", "已撤销"

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    file = models.BinaryField(null=True)  # until it is entered, or too old
    state = models.CharField(max_length=8, choices=State.choices, default=State.CHECKED)
    counts = models.JSONField(default=dict)
    errors = models.JSONField(default=list)  # the first 50
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    applied_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_why = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="checked", applied_by=None, applied_at=None, undone_at=None)
                | Q(state="applied", applied_by__isnull=False, applied_at__isnull=False,
                    undone_at=None)
                | Q(state="undone", applied_by__isnull=False, applied_at__isnull=False,
                    undone_by__isnull=False, undone_at__isnull=False) & ~Q(undone_why=""),
                name="opening_state",
            ),
            # Points out of nothing but paper: nobody lets in what he put in himself.
            models.CheckConstraint(
                condition=Q(applied_by=None) | ~Q(applied_by=F("by")), name="opening_by_two_people"
            ),
            models.UniqueConstraint(
                fields=["place", "sha256"], condition=Q(state="applied"), name="opening_file_once"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["place", "-id"], name="ledger_opening_place")]
