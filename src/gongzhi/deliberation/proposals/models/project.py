"""The project a proposal became: tasks, money in fen, supervisors, and who is asked about it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gongzhi.deliberation.proposals.models.proposal import Proposal
from gongzhi.people.models import Household, Organisation, Person


class Project(models.Model):
    """What is to be done, by whom, with which budget line."""

    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="project")
    plan = models.CharField(max_length=1000)
    budget_line = models.CharField(max_length=100, default="", blank=True)
    lead = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    lead_unit = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(started_at=None) | Q(lead__isnull=False) | Q(lead_unit__isnull=False),
                name="started_project_has_lead",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(started_at__isnull=False),
                name="finished_after_started",
            ),
        ]


class Task(models.Model):
    """One piece of the work."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="tasks")
    what = models.CharField(max_length=200)
    who = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    who_words = models.CharField(max_length=60, default="", blank=True)  # "志愿者五人"
    due_on = models.DateField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="task_done_by_somebody",
            )
        ]


class MoneyLine(models.Model):
    """Where money comes from, in fen: community fund, residents, departments."""

    SOURCES = (
        ("fund", "社区资金"),
        ("levy", "居民自筹"),
        ("department", "部门资金"),
        ("donation", "单位或个人捐助"),
    )

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="lines")
    source = models.CharField(max_length=12, choices=SOURCES)
    name = models.CharField(max_length=100)
    planned_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(planned_fen__gt=0), name="planned_money_positive"),
            models.CheckConstraint(
                condition=Q(source__in=["fund", "levy", "department", "donation"]),
                name="money_source_known",
            ),
        ]


class Levy(models.Model):
    """A household agrees to pay its part; without this row nothing may be spent of a levy."""

    line = models.ForeignKey(MoneyLine, on_delete=models.PROTECT, related_name="levies")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    agreed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=100)  # signed on paper, in the meeting, on his phone
    amount_fen = models.BigIntegerField()
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "household"], condition=Q(withdrawn_at=None), name="levy_once"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="levy_positive"),
            models.CheckConstraint(condition=~Q(how=""), name="levy_says_how_agreed"),
        ]


class Spending(models.Model):
    """Money spent, in fen. Append-only: a mistake is put right by a row that reverses it."""

    line = models.ForeignKey(MoneyLine, on_delete=models.PROTECT, related_name="spendings")
    what = models.CharField(max_length=200)
    amount_fen = models.BigIntegerField()  # below zero only when it reverses
    spent_on = models.DateField()
    receipt = models.CharField(max_length=60, default="", blank=True)  # its number
    reverses = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="reversed_by"
    )
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reverses=None, amount_fen__gt=0)
                | Q(reverses__isnull=False, amount_fen__lt=0),
                name="spending_sign",
            )
        ]


class Supervisor(models.Model):
    """A resident who watches over the project; never somebody who does its work."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="supervisors")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "person"], name="supervises_once"),
            models.UniqueConstraint(fields=["project", "household"], name="one_of_a_household"),
        ]


class Asked(models.Model):
    """Who is asked what came of it, and as what: the sample is drawn by lot from a known seed."""

    AS = (
        ("proposer", "提案人"),
        ("seconder", "附议户"),
        ("affected", "抽到的受影响户"),
        ("supervisor", "居民监督员"),
    )

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="asked")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, null=True, on_delete=models.PROTECT, related_name="+")
    as_what = models.CharField(max_length=10, choices=AS)
    seed = models.CharField(max_length=64, default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "person"], name="asked_in_one_capacity")
        ]
