"""Case 2: a community's way through phases with dates, reviewed by its representatives; stations.

Where a community stands is its last step; steps are append-only and follow each other, so phases
can neither overlap nor be rewritten (`migrations.0002_guards`).
"""

from django.db import models
from django.db.models import F, Q

from gongzhi.people.models import Person
from gongzhi.places.models import Place

# Who may write down what the representatives' meeting decided: never the town (case 2).
RECORDERS = ("supervisor", "committee", "party_secretary")


class DefinitionText(models.Model):
    """A definition as it was adopted, by its digest."""

    digest = models.CharField(max_length=64, primary_key=True)
    key = models.CharField(max_length=30)
    source = models.JSONField()
    at = models.DateTimeField()


class Programme(models.Model):
    """A place has adopted a programme."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="programmes")
    definition = models.ForeignKey(DefinitionText, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place"], condition=Q(ended_at=None), name="one_programme_a_place"
            )
        ]


class Evidence(models.Model):
    """What shows that a criterion is met; another person checks it."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="evidence")
    criterion = models.CharField(max_length=30)
    words = models.CharField(max_length=500)
    photo = models.BinaryField(null=True)  # JPEG, nothing hidden in it (core.photos)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    accepted = models.BooleanField(null=True)
    reason = models.CharField(max_length=200, default="", blank=True)
    checked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted=None, checked_by=None, checked_at=None)
                | Q(accepted__isnull=False, checked_by__isnull=False, checked_at__isnull=False),
                name="evidence_checked_whole",
            ),
            models.CheckConstraint(
                condition=~Q(by=F("checked_by")), name="evidence_checked_by_another"
            ),
            models.CheckConstraint(
                condition=~Q(accepted=False) | ~Q(reason=""), name="evidence_refused_with_reason"
            ),
        ]


class Review(models.Model):
    """Whether a phase is passed, decided by the representatives' meeting, not by the town alone.

    `figures` is what the meeting had before it. Counts are those of the meeting; `verdict` is
    judged by the rule, and a pass that does not reach it is refused by the database.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="reviews")
    phase = models.CharField(max_length=30)
    figures = models.JSONField(default=list)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    rule = models.CharField(max_length=40)  # playbooks.rules preset
    session_id = models.BigIntegerField(null=True)  # meetings.Session, when it was held here
    motion_id = models.BigIntegerField(null=True)
    minutes = models.CharField(max_length=300, default="", blank=True)  # which meeting, in words
    held_on = models.DateField(null=True)
    members = models.PositiveIntegerField(null=True)
    present = models.PositiveIntegerField(null=True)
    votes_for = models.PositiveIntegerField(null=True)
    against = models.PositiveIntegerField(null=True)
    abstain = models.PositiveIntegerField(null=True)
    verdict = models.CharField(max_length=12, default="", blank=True)  # pass, fail, no_decision
    recorded_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_role = models.CharField(max_length=30, default="", blank=True)
    recorded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "phase"], condition=Q(verdict=""), name="one_open_review"
            ),
            models.CheckConstraint(
                condition=Q(verdict="", held_on=None, recorded_by=None, recorded_role="")
                | Q(
                    verdict__in=["pass", "fail", "no_decision"], held_on__isnull=False,
                    recorded_by__isnull=False, recorded_at__isnull=False, members__gt=0,
                    present__lte=F("members"),
                    votes_for__lte=F("present") - F("against") - F("abstain"),
                ),
                name="review_recorded_whole",
            ),
            models.CheckConstraint(
                condition=Q(verdict="") | Q(recorded_role__in=RECORDERS),
                name="review_not_by_the_town",
            ),
            models.CheckConstraint(
                condition=Q(verdict="")
                | ~Q(minutes="")
                | Q(session_id__isnull=False)
                | Q(motion_id__isnull=False),
                name="review_names_its_meeting",
            ),
        ]  # fmt: skip


class Step(models.Model):
    """A phase began on that day, and so the one before ended. Append-only, one after another."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="steps")
    seq = models.PositiveSmallIntegerField()
    phase = models.CharField(max_length=30)  # "done" after the last
    on = models.DateField()
    review = models.OneToOneField(Review, null=True, on_delete=models.PROTECT, related_name="step")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "seq"], name="step_in_order"),
            models.UniqueConstraint(fields=["programme", "phase"], name="phase_once"),
        ]


class Station(models.Model):
    """先锋驿站: a place people walk into, with services and a duty roster."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="stations")
    name = models.CharField(max_length=60)
    address = models.CharField(max_length=120, default="", blank=True)
    phone = models.CharField(max_length=20, default="", blank=True)
    services = models.JSONField(default=list)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place", "name"], condition=Q(closed_on=None), name="one_station_a_name"
            )
        ]


class Duty(models.Model):
    """Who is at a station in a part of a day. Planned, not clocked: nobody signs in (R1)."""

    class Part(models.TextChoices):
        MORNING = "am", "上午"
        AFTERNOON = "pm", "下午"
        EVENING = "ev", "晚上"

    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="duties")
    on = models.DateField()
    part = models.CharField(max_length=2, choices=Part.choices)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="duties")

    class Meta:
        constraints = [
            # Nobody is at two stations at once.
            models.UniqueConstraint(fields=["person", "on", "part"], name="one_duty_at_a_time")
        ]
        indexes = [models.Index(fields=["station", "on"], name="duties_of_station")]


class Swap(models.Model):
    """Somebody asks another to take his duty; only that other agrees."""

    duty = models.ForeignKey(Duty, on_delete=models.CASCADE, related_name="swaps")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    agreed = models.BooleanField(null=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["duty"], condition=Q(agreed=None), name="one_open_swap"
            ),
            models.CheckConstraint(condition=~Q(asked_by=F("to")), name="swap_with_another"),
            models.CheckConstraint(
                condition=Q(agreed=None, answered_by=None, answered_at=None)
                | Q(agreed__isnull=False, answered_by=F("to"), answered_at__isnull=False),
                name="swap_answered_by_the_other",
            ),
        ]
