"""A quarter looked at: totals against the books, a sample against its evidence, two signatures."""

from django.db import models
from django.db.models import F, Q

from gongzhi.ledger.points.models.claims import Claim
from gongzhi.people.models import Person
from gongzhi.places.models import Place


class Quarter(models.Model):
    """The reconciliation of a community's points for one quarter, signed by two (cases.md case 1).

    `totals` as `queries.quarter_totals` found them when it was begun; `words` explains what did
    not agree. Once signed by the second it is public and stays (trigger).
    """

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    place_path = models.TextField()
    first_on = models.DateField()  # the first day of the quarter
    totals = models.JSONField()
    agrees = models.BooleanField()  # claims and books say the same
    words = models.CharField(max_length=500, default="", blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    signed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True)
    second = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    second_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "first_on"], name="quarter_once"),
            models.CheckConstraint(
                condition=Q(first_on__day=1, first_on__month__in=(1, 4, 7, 10)),
                name="quarter_begins",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None, signed_at=None)
                | Q(signed_by__isnull=False, signed_at__isnull=False),
                name="quarter_signed_whole",
            ),
            models.CheckConstraint(
                condition=Q(second=None, second_at=None)
                | Q(second__isnull=False, second_at__isnull=False, signed_by__isnull=False)
                & ~Q(second=F("signed_by")),
                name="quarter_signed_by_two",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None) | Q(agrees=True) | ~Q(words=""),
                name="quarter_differs_with_words",
            ),
        ]


class Sample(models.Model):
    """An entry drawn by lot: was its evidence there? `found` None is not yet looked at."""

    quarter = models.ForeignKey(Quarter, on_delete=models.PROTECT, related_name="samples")
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="+")
    found = models.BooleanField(null=True)
    words = models.CharField(max_length=200, default="", blank=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["quarter", "claim"], name="sample_once"),
            models.CheckConstraint(
                condition=Q(found=None, by=None, at=None)
                | Q(found__isnull=False, by__isnull=False, at__isnull=False),
                name="sample_looked_at_whole",
            ),
            models.CheckConstraint(
                condition=Q(found=None) | Q(found=True) | ~Q(words=""), name="sample_missing_why"
            ),
        ]
