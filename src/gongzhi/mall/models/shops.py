"""A mall with its published rate and promised fund, its merchants and what they offer.

The mall is run by an operator outside the government (国办函〔2026〕12号: no commerce in a
government app); that is a trigger in `migrations.0002_guards`.
"""

from django.db import models
from django.db.models import F, Q

from gongzhi.people.models import Organisation, Person
from gongzhi.places.models import Place


class Mall(models.Model):
    """Terms copied at founding, and the fund as its funder promised it. Amounts in fen.

    `pledged_fen` is what the funder keeps in its own bank for this; nothing of it is held here.
    """

    place = models.OneToOneField(Place, on_delete=models.PROTECT, related_name="+")
    place_path = models.TextField()
    name = models.CharField(max_length=40)
    operator = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    funder = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    percent = models.PositiveSmallIntegerField()
    month = models.PositiveIntegerField()
    code_minutes = models.PositiveSmallIntegerField()
    usual_months = models.PositiveSmallIntegerField()
    most_months = models.PositiveSmallIntegerField()
    pledged_fen = models.BigIntegerField(default=0)
    paid_fen = models.BigIntegerField(default=0)
    repaid_fen = models.BigIntegerField(default=0)  # by shops, for what they took back
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(percent__lte=100), name="mall_percent"),
            models.CheckConstraint(condition=Q(code_minutes__range=(1, 1440)), name="mall_code"),
            models.CheckConstraint(
                condition=Q(usual_months__gte=1, usual_months__lte=F("most_months")),
                name="mall_terms",
            ),
            models.CheckConstraint(
                condition=Q(
                    paid_fen__gte=0,
                    repaid_fen__gte=0,
                    paid_fen__lte=F("pledged_fen") + F("repaid_fen"),
                ),
                name="mall_fund_not_overdrawn",
            ),
            models.CheckConstraint(
                condition=~Q(operator=F("funder")), name="mall_operator_is_not_funder"
            ),
        ]


class Pledge(models.Model):
    """The funder says how much more stands ready, and by which document. Append-only."""

    mall = models.ForeignKey(Mall, on_delete=models.PROTECT, related_name="pledges")
    amount_fen = models.BigIntegerField()
    document = models.CharField(max_length=120)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="pledge_has_amount"),
            models.CheckConstraint(condition=~Q(document=""), name="pledge_has_document"),
        ]


class Rate(models.Model):
    """What a point is worth at a merchant, in fen, from a day on. Versioned, append-only."""

    mall = models.ForeignKey(Mall, on_delete=models.PROTECT, related_name="rates")
    version = models.PositiveIntegerField()
    fen = models.PositiveIntegerField()
    from_on = models.DateField()
    basis = models.CharField(max_length=200)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mall", "version"], name="rate_version_once"),
            models.UniqueConstraint(fields=["mall", "from_on"], name="rate_day_once"),
            models.CheckConstraint(condition=Q(fen__gt=0), name="rate_positive"),
            models.CheckConstraint(condition=~Q(basis=""), name="rate_has_basis"),
        ]


class Merchant(models.Model):
    """A shop under contract, or a service point that hands out gifts."""

    class Category(models.TextChoices):
        GROCER = "grocer", "粮油副食"
        DAILY = "daily", "日用百货"
        CARE = "care", "养老家政"
        REPAIR = "repair", "维修缝补"
        FOOD = "food", "餐饮"
        HEALTH = "health", "理发健康"
        POINT = "point", "服务点"
        OTHER = "other", "其他"

    class State(models.TextChoices):
        ACTIVE = "active", "营业"
        SUSPENDED = "suspended", "暂停"
        ENDED = "ended", "已退出"

    mall = models.ForeignKey(Mall, on_delete=models.PROTECT, related_name="merchants")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    credit_code = models.CharField(max_length=18)
    category = models.CharField(max_length=10, choices=Category.choices)
    contract_from = models.DateField()
    contract_to = models.DateField()
    bank = models.CharField(max_length=60)
    bank_account = models.CharField(max_length=32)
    fee_bp = models.PositiveSmallIntegerField(default=0)  # the operator's fee, 1/10,000
    pay_days = models.PositiveSmallIntegerField(default=1)  # from an agreed statement to its day
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    account = models.BigIntegerField(null=True)  # points, in the ledger
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mall", "organisation"], name="merchant_once"),
            models.UniqueConstraint(fields=["mall", "credit_code"], name="credit_code_once"),
            models.CheckConstraint(
                condition=Q(credit_code__regex=r"^[0-9A-HJ-NPQRTUWXY]{18}$"),
                name="credit_code_written",
            ),
            models.CheckConstraint(
                condition=Q(contract_to__gte=F("contract_from")), name="contract_in_order"
            ),
            models.CheckConstraint(condition=Q(fee_bp__lte=3000), name="merchant_fee"),
            models.CheckConstraint(condition=Q(pay_days__range=(1, 365)), name="merchant_pay_days"),
            models.CheckConstraint(
                condition=Q(bank_account__regex=r"^[0-9]{6,32}$"), name="bank_account_digits"
            ),
        ]


class Record(models.Model):
    """What became of a mall's terms or of a shop's contract, and why. Append-only."""

    class Kind(models.TextChoices):
        SIGNED = "signed", "签约"
        RENEWED = "renewed", "续签或改约"
        SUSPENDED = "suspended", "暂停"
        RESUMED = "resumed", "恢复"
        ENDED = "ended", "退出"
        TERMS = "terms", "规则调整"

    mall = models.ForeignKey(Mall, on_delete=models.PROTECT, related_name="+")
    merchant = models.ForeignKey(Merchant, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    why = models.CharField(max_length=200)  # the number of the contract, or the reason
    terms = models.JSONField(default=dict)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="mall_record_has_reason"),
            models.CheckConstraint(
                condition=Q(kind="terms", merchant=None)
                | (~Q(kind="terms") & Q(merchant__isnull=False)),
                name="mall_record_about",
            ),
        ]
        indexes = [models.Index(fields=["mall", "merchant", "-id"], name="mall_record_of")]


class Picture(models.Model):
    """A photo of something on the shelf, made small, without where and by what it was taken."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    thumb = models.BinaryField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "sha256"], name="mall_picture_once")
        ]


class Offer(models.Model):
    """Goods or a service part of whose price points may pay; or a gift for points alone."""

    class Kind(models.TextChoices):
        GOODS = "goods", "商品"
        SERVICE = "service", "服务"
        GIFT = "gift", "积分兑换"

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="offers")
    name = models.CharField(max_length=40)
    about = models.CharField(max_length=300, default="", blank=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    price_fen = models.BigIntegerField()
    points = models.PositiveIntegerField()  # most per piece; of a gift: its price
    stock = models.IntegerField()
    open = models.BooleanField(default=True)
    picture = models.ForeignKey(Picture, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(stock__gte=0), name="stock_never_negative"),
            models.CheckConstraint(condition=Q(points__gt=0), name="offer_takes_points"),
            models.CheckConstraint(
                condition=Q(kind="gift", price_fen=0)
                | (~Q(kind="gift") & Q(price_fen__gt=0, price_fen__lte=10**9)),
                name="offer_priced",
            ),
        ]


class Restock(models.Model):
    """Pieces put on the shelf or taken off it by the shop. Append-only."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    add = models.IntegerField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(add=0), name="restock_of_something")]
