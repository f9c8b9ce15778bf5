"""Deeds claimed and checked by two, totals made public, budgets; balances are in the ledger."""

from django.db import models
from django.db.models import F, Q

from gongzhi.ledger.points.models.books import Evidence, RuleItem
from gongzhi.ledger.points.models.holders import Holder
from gongzhi.people.models import Person
from gongzhi.places.models import Place


class Activity(models.Model):
    """A budget: points set aside for a purpose before anybody earns them; never below nought."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    place_path = models.TextField()
    name = models.CharField(max_length=60)
    account = models.BigIntegerField(unique=True)
    usual = models.BooleanField(default=False)  # what awards draw on when no other is named
    closed_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place"], condition=Q(usual=True, closed_at=None), name="one_usual_budget"
            )
        ]


class Notice(models.Model):
    """Totals made public before the points are entered: by area, never by person."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    place_path = models.TextField()
    totals = models.JSONField()
    posted_at = models.DateTimeField()
    enter_from = models.DateTimeField()
    entered_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place"], condition=Q(entered_at=None), name="one_notice_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(entered_at=None) | Q(entered_at__gte=F("enter_from")),
                name="entered_after_the_notice",
            ),
        ]


class Claim(models.Model):
    """A deed somebody says was done; two others look at it, then it is noticed and entered."""

    class State(models.TextChoices):
        CLAIMED = "claimed", "等初审"
        CHECKED = "checked", "等复审"
        APPROVED = "approved", "等公示"
        NOTICED = "noticed", "公示中"
        ENTERED = "entered", "已入账"
        REFUSED = "refused", "没有通过"
        WITHDRAWN = "withdrawn", "已撤回"
        REVERSED = "reversed", "记错已冲回"

    item = models.ForeignKey(RuleItem, on_delete=models.PROTECT, related_name="claims")
    holder = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="claims")
    doer = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="claims")
    place_path = models.TextField()
    times = models.PositiveSmallIntegerField(default=1)
    points = models.PositiveIntegerField()
    on = models.DateField()
    words = models.CharField(max_length=300)
    evidence = models.CharField(max_length=8, choices=Evidence.choices)
    photo = models.CharField(max_length=64, default="", blank=True)
    event = models.CharField(max_length=80, null=True, unique=True)  # "matter:12" when automatic
    state = models.CharField(max_length=10, choices=State.choices, default=State.CLAIMED)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    first = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField(null=True)
    second = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    second_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, default="", blank=True)
    refused_at = models.DateTimeField(null=True)
    notice = models.ForeignKey(Notice, null=True, on_delete=models.PROTECT, related_name="claims")
    transfer = models.BigIntegerField(null=True, unique=True)
    entered_at = models.DateTimeField(null=True)
    reversed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    reversed_at = models.DateTimeField(null=True)
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0, times__gt=0), name="claim_is_worth"),
            models.CheckConstraint(
                condition=~Q(first=F("second")), name="two_different_people_check"
            ),
            models.CheckConstraint(
                condition=~Q(doer=F("first")) & ~Q(doer=F("second")), name="nobody_checks_himself"
            ),
            models.CheckConstraint(
                condition=~Q(by=F("first")) & ~Q(by=F("second")), name="claimer_does_not_check"
            ),
            # A deed this system recorded itself is its own evidence; all else needs two people.
            models.CheckConstraint(
                condition=Q(event__isnull=False)
                | ~Q(state__in=("checked", "approved", "noticed", "entered", "reversed"))
                | Q(first__isnull=False, first_at__isnull=False),
                name="checked_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(event__isnull=False)
                | ~Q(state__in=("approved", "noticed", "entered", "reversed"))
                | Q(second__isnull=False, second_at__isnull=False),
                name="checked_by_a_second",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason="") & Q(refused_at__isnull=False),
                name="refused_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="reversed", reversed_by__isnull=False, reversed_at__isnull=False)
                & ~Q(reason="")
                & ~Q(reversed_by=F("doer"))
                | ~Q(state="reversed") & Q(reversed_by=None, reversed_at=None),
                name="reversed_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=("entered", "reversed"),
                    transfer__isnull=False,
                    entered_at__isnull=False,
                )
                | ~Q(state__in=("entered", "reversed")) & Q(transfer=None, entered_at=None),
                name="entered_in_the_ledger",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("noticed", "entered", "reversed"), notice__isnull=False)
                | ~Q(state__in=("noticed", "entered", "reversed")) & Q(notice=None),
                name="noticed_before_entered",
            ),
            models.CheckConstraint(
                condition=~Q(evidence="photo") | ~Q(photo="") | Q(state="withdrawn"),
                name="photo_is_there",
            ),
        ]
        indexes = [
            models.Index(fields=["holder", "-at"], name="claims_of_holder"),
            models.Index(
                fields=["place_path", "id"], name="claims_waiting",
                condition=Q(state__in=("claimed", "checked", "approved")),
            ),
            models.Index(fields=["notice"], name="claims_of_notice"),
            models.Index(fields=["place_path", "entered_at"], name="claims_entered",
                         opclasses=["text_pattern_ops", "timestamptz_ops"]),
        ]  # fmt: skip


class Photo(models.Model):
    """Evidence on a picture; seen by the one who claims and those who check."""

    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    thumb = models.BinaryField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    key = models.CharField(max_length=80, unique=True)

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="points_photo_sha")]
