"""Volunteer time, in a unit of its own: never points, never money."""

from django.db import models
from django.db.models import F, Q

from gongzhi.people.models import Person
from gongzhi.places.models import Place


class Service(models.Model):
    """Volunteer time: recorded by the organiser, confirmed by another, at most 8 h a day (R12)."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    place_path = models.TextField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    minutes = models.PositiveSmallIntegerField()
    what = models.CharField(max_length=120)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    witness = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)  # it was not so: not confirmed, or taken back
    reason = models.CharField(max_length=300, default="", blank=True)
    transfer = models.BigIntegerField(null=True, unique=True)
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gt=0, minutes__lte=480), name="service_within_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(by=F("confirmed_by"))
                & ~Q(person=F("by"))
                & ~Q(person=F("confirmed_by")),
                name="service_needs_two_others",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None, transfer=None)
                | Q(
                    confirmed_by__isnull=False,
                    confirmed_at__isnull=False,
                    transfer__isnull=False,
                ),
                name="service_confirmed_whole",
            ),
            models.CheckConstraint(
                condition=Q(ended_by=None, ended_at=None, reason="")
                | Q(ended_by__isnull=False, ended_at__isnull=False) & ~Q(reason=""),
                name="service_ended_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(witness=F("by")) & ~Q(witness=F("person")),
                name="service_witness_is_another",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "on"], name="services_of_person"),
            models.Index(
                fields=["witness"], name="services_to_witness",
                condition=Q(confirmed_at=None, ended_at=None),
            ),
            models.Index(
                fields=["place_path", "-id"], name="services_of_place",
                opclasses=["text_pattern_ops", "int8_ops"],
            ),
        ]  # fmt: skip
