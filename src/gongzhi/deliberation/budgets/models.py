"""Money of a community: a budget with its ideas, its vote and the accounts of what was chosen.

Guards that a careless program cannot get round are triggers: `migrations.0002_guards`.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from gongzhi.people.models import Household, Person
from gongzhi.places.models import Place


class Budget(models.Model):
    """One sum and its way: ideas, costing, vote, allocation, doing. Amounts are in fen."""

    class Stage(models.TextChoices):
        IDEAS = "ideas", "征集点子"
        COSTING = "costing", "核算费用"
        VOTE = "vote", "投票"
        ALLOCATED = "allocated", "公布结果"
        DOING = "doing", "实施"
        DONE = "done", "已结束"

    class Per(models.TextChoices):
        HOUSEHOLD = "household", "一户一票"
        PERSON = "person", "一人一票"

    class Rule(models.TextChoices):
        EQUAL_SHARES = "equal-shares", "均分份额法"
        GREEDY = "greedy", "得票多的先选"

    class Completion(models.TextChoices):
        NONE = "none", "余款留到下次"
        ADD1 = "add1", "逐步提高份额"
        ADD1_GREEDY = "add1+greedy", "逐步提高份额，余款再按得票选"

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    place_path = models.TextField()
    title = models.CharField(max_length=80)
    about = models.CharField(max_length=1000, default="", blank=True)
    amount_fen = models.BigIntegerField()
    source = models.CharField(max_length=120)
    per = models.CharField(max_length=10, choices=Per.choices, default=Per.HOUSEHOLD)
    rule = models.CharField(max_length=14, choices=Rule.choices, default=Rule.EQUAL_SHARES)
    completion = models.CharField(
        max_length=14, choices=Completion.choices, default=Completion.ADD1_GREEDY
    )
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.IDEAS)
    ideas_until = models.DateTimeField()
    vote_from = models.DateTimeField()
    vote_until = models.DateTimeField()
    doing_until = models.DateField()
    ideas = models.PositiveIntegerField(default=0)  # numbers given out so far
    opened_at = models.DateTimeField(null=True)  # the roll was frozen
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="budget_has_money"),
            models.CheckConstraint(
                condition=Q(ideas_until__lt=F("vote_from"), vote_from__lt=F("vote_until")),
                name="budget_in_order",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=("ideas", "costing"), opened_at=None)
                | Q(~Q(stage__in=("ideas", "costing")), opened_at__isnull=False),
                name="budget_opened_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["place_path"], name="budget_place", opclasses=["text_pattern_ops"])
        ]


class Idea(models.Model):
    """An idea; once costed a project people vote for; once funded, one with an account."""

    class State(models.TextChoices):
        OPEN = "open", "待核算"
        COSTED = "costed", "可以投票"
        REFUSED = "refused", "不能做"
        WITHDRAWN = "withdrawn", "已撤回"

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="projects")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=40)
    text = models.CharField(max_length=1000, default="", blank=True)
    where = models.CharField(max_length=80, default="", blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    cost_fen = models.BigIntegerField(null=True)
    low_fen = models.BigIntegerField(null=True)
    high_fen = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=500, default="", blank=True)  # of the cost, or of refusing
    judged_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    judged_at = models.DateTimeField(null=True)
    funded = models.PositiveIntegerField(null=True)  # in which place it was chosen
    finished_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["budget", "number"], name="idea_number_once"),
            models.UniqueConstraint(fields=["budget", "funded"], name="idea_funded_once"),
            models.CheckConstraint(
                condition=Q(~Q(state="costed"), cost_fen=None, low_fen=None, high_fen=None)
                | Q(
                    state="costed",
                    cost_fen__isnull=False,
                    low_fen__isnull=False,
                    high_fen__isnull=False,
                    low_fen__gt=0,
                    cost_fen__gte=F("low_fen"),
                    high_fen__gte=F("cost_fen"),
                ),
                name="idea_costed_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("open", "withdrawn"), judged_by=None, judged_at=None)
                | Q(
                    ~Q(reason=""),
                    state__in=("costed", "refused"),
                    judged_by__isnull=False,
                    judged_at__isnull=False,
                ),
                name="idea_judged_with_reason",
            ),
            models.CheckConstraint(condition=~Q(by=F("judged_by")), name="idea_by_another"),
            models.CheckConstraint(
                condition=Q(funded=None) | Q(state="costed"), name="only_costed_is_funded"
            ),
        ]


class Elector(models.Model):
    """One voice on the roll, frozen when the vote opened: a household, or a person."""

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="electors")
    household = models.ForeignKey(Household, null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["budget", "household"], name="elector_household_once"),
            models.UniqueConstraint(fields=["budget", "person"], name="elector_person_once"),
            models.CheckConstraint(
                condition=Q(household=None, person__isnull=False)
                | Q(household__isnull=False, person=None),
                name="elector_is_one",
            ),
        ]


class Vote(models.Model):
    """The projects a voice approves of. Shown to nobody but the voice until the vote is closed."""

    elector = models.OneToOneField(Elector, on_delete=models.PROTECT, related_name="vote")
    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="+")
    projects = ArrayField(models.BigIntegerField())
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    changes = models.PositiveIntegerField(default=0)


class Allocation(models.Model):
    """The result, once: by the rule fixed before the vote, from these ballots. Append-only."""

    budget = models.OneToOneField(Budget, on_delete=models.PROTECT, related_name="allocation")
    rule = models.CharField(max_length=14)
    completion = models.CharField(max_length=14)
    electors = models.PositiveIntegerField()
    result = models.JSONField()  # allocation.report.as_data
    ballots = models.TextField()  # the .pb file anyone can divide again
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Receipt(models.Model):
    """A picture of an invoice or a receipt; it waits for its entry."""

    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    thumb = models.BinaryField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    key = models.CharField(max_length=80, unique=True)

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="budget_receipt_sha")]


class Entry(models.Model):
    """One line of a project's account. Append-only; `balance_fen` is never below nothing.

    `seq` and `balance_fen` are written by the database from the line before.
    """

    class Kind(models.TextChoices):
        ALLOT = "allot", "拨入"
        PAY = "pay", "支出"
        REFUND = "refund", "退回"
        RAISE = "raise", "追加"
        RETURN = "return", "结余交回"

    project = models.ForeignKey(Idea, on_delete=models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    amount_fen = models.BigIntegerField()
    balance_fen = models.BigIntegerField(default=0)
    to = models.CharField(max_length=80, default="", blank=True)
    words = models.CharField(max_length=200, default="", blank=True)
    decision = models.CharField(max_length=200, default="", blank=True)
    receipt = models.OneToOneField(Receipt, null=True, on_delete=models.PROTECT)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "seq"], name="entry_seq_once"),
            models.UniqueConstraint(
                fields=["project"], condition=Q(kind="allot"), name="entry_one_allotment"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="entry_has_amount"),
            models.CheckConstraint(condition=Q(balance_fen__gte=0), name="never_overspent"),
            models.CheckConstraint(
                condition=~Q(kind="pay") | Q(~Q(to=""), receipt__isnull=False),
                name="payment_has_receipt",
            ),
            models.CheckConstraint(
                condition=~Q(kind="raise") | ~Q(decision=""), name="raise_has_decision"
            ),
        ]


class Supervisor(models.Model):
    """A resident who looks after one project and its receipts."""

    project = models.ForeignKey(Idea, on_delete=models.PROTECT, related_name="supervisors")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "person"], name="supervisor_once")
        ]


class Confirmation(models.Model):
    """A supervisor has seen the receipt: right, or not, and why. Append-only."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="confirmations")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    right = models.BooleanField()
    words = models.CharField(max_length=200, default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "by"], name="confirmation_once"),
            models.CheckConstraint(condition=Q(right=True) | ~Q(words=""), name="doubt_has_words"),
        ]
