"""Who takes part: persons, households, teams and organisations; teams have members."""

from django.db import models
from django.db.models import F, Q

from gongzhi.ledger.points.models.books import Subject
from gongzhi.people.models import Household, Organisation, Person
from gongzhi.places.models import Place


class Team(models.Model):
    """A team of neighbours that earns together."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    lead = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    about = models.CharField(max_length=200, default="", blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "name"], name="team_name_once")]


class Member(models.Model):
    """Somebody of a team, of his own will, until he leaves. Who checks claims is none of it."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "person"], condition=Q(left_at=None), name="member_once"
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("joined_at")), name="member_in_order"
            ),
        ]
        indexes = [models.Index(fields=["person"], name="teams_of_person")]


class Holder(models.Model):
    """Somebody who takes part, of his own will, until he leaves; `account` is in the ledger."""

    class Left(models.TextChoices):
        KEEP = "keep", "积分留着"
        WIPE = "wipe", "积分清零"

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    place_path = models.TextField()
    subject = models.CharField(max_length=12, choices=Subject.choices)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, null=True, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    account = models.BigIntegerField(unique=True)
    joined_at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    left_at = models.DateTimeField(null=True)
    left = models.CharField(max_length=4, choices=Left.choices, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], name="holder_person_once"),
            models.UniqueConstraint(fields=["household"], name="holder_household_once"),
            models.UniqueConstraint(fields=["team"], name="holder_team_once"),
            models.UniqueConstraint(fields=["organisation"], name="holder_organisation_once"),
            models.CheckConstraint(
                condition=Q(
                    subject="person", person__isnull=False, household=None, team=None,
                    organisation=None,
                )
                | Q(
                    subject="household", person=None, household__isnull=False, team=None,
                    organisation=None,
                )
                | Q(
                    subject="team", person=None, household=None, team__isnull=False,
                    organisation=None,
                )
                | Q(
                    subject="organisation", person=None, household=None, team=None,
                    organisation__isnull=False,
                ),
                name="holder_is_one",
            ),
            models.CheckConstraint(
                condition=Q(left_at=None, left="") | Q(left_at__isnull=False) & ~Q(left=""),
                name="holder_left_whole",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["place_path"], name="points_holder_place", opclasses=["text_pattern_ops"]
            )
        ]


class GuardianConsent(models.Model):
    """An adult of the household agrees that a minor's deeds count for the household."""

    minor = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="+")
    guardian = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(minor=F("guardian")), name="guardian_is_another"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("at")),
                name="guardian_in_order",
            ),
        ]
