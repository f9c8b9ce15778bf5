"""The board: what was published, to whom, how long, in which version, and who objected."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from gongzhi.people.models import Person
from gongzhi.places.models import Place

MIN_DAYS = 15  # Villagers Committee Law 2025 art. 35; Urban Residents Committee Law 2025 art. 34


class Publication(models.Model):
    """One version of one board item. A changed text is a new row and a new clock."""

    class Audience(models.TextChoices):
        GRID = "grid", "本网格"
        COMMUNITY = "community", "本村（社区）"
        TOWN = "town", "本镇（街道）"
        PUBLIC = "public", "所有人"

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="publications")
    place_path = models.TextField()
    subject = models.CharField(max_length=20)  # "matter"
    subject_id = models.BigIntegerField()
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=120)
    body = models.JSONField(default=dict)  # sections, already masked
    audience = models.CharField(max_length=10, choices=Audience.choices)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    digest = models.CharField(max_length=64)  # SHA-256 of title and body
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(default="", blank=True)  # why this version replaced the last
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "subject_id", "version"], name="publication_version_once"
            ),
            models.UniqueConstraint(
                fields=["subject", "subject_id"],
                condition=Q(replaced_at=None),
                name="one_current_publication",
            ),
            models.CheckConstraint(
                condition=Q(until_at__gte=F("from_at") + timedelta(days=MIN_DAYS)),
                name="published_at_least_15_days",
            ),
        ]
        indexes = [
            models.Index(
                fields=["place_path"], name="publication_place", opclasses=["text_pattern_ops"]
            ),
            models.Index(fields=["-from_at"], name="publication_newest"),
        ]


class Objection(models.Model):
    """A resident objects to what is published; the answer is published too."""

    publication = models.ForeignKey(
        Publication, on_delete=models.PROTECT, related_name="objections"
    )
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()
    answer = models.TextField(default="", blank=True)
    upheld = models.BooleanField(null=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(answered_at=None, answered_by=None, upheld=None)
                    | Q(answered_at__isnull=False, answered_by__isnull=False, upheld__isnull=False)
                ),
                name="objection_answered_whole",
            ),
            models.CheckConstraint(condition=~Q(by=F("answered_by")), name="objection_by_another"),
        ]
