"""What was said at a session, and what it led to."""

from django.db import models
from django.db.models import F, Q

from gongzhi.deliberation.bodies.models import Body
from gongzhi.deliberation.meetings.models.session import AgendaItem, Session
from gongzhi.matters.models import Matter
from gongzhi.people.models import Organisation, Person


class Question(models.Model):
    """A question or suggestion from the floor. Nothing picks among them beforehand."""

    class How(models.TextChoices):
        FLOOR = "floor", "当场口头"
        SLIP = "slip", "纸条"
        PHONE = "phone", "手机"

    class State(models.TextChoices):
        OPEN = "open", "还没有答复"
        ANSWERED = "answered", "当场答复"
        CARRIED = "carried", "会后办理"

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="questions")
    number = models.PositiveIntegerField()
    text = models.CharField(max_length=500)
    suggestion = models.BooleanField(default=False)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    asker = models.CharField(max_length=60, default="", blank=True)  # as read out; "" is anonymous
    how = models.CharField(max_length=5, choices=How.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    answer = models.TextField(default="", blank=True)
    answerer = models.CharField(max_length=60, default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="question_number_once"),
            models.CheckConstraint(
                condition=~Q(state="answered") | ~Q(answer="") & Q(answered_at__isnull=False),
                name="answered_with_words",
            ),
        ]


class Sorting(models.Model):
    """What an item or question became: 交办 (one) or 会办 (lead and others), with a date.

    A question merged into another follows that one and is not counted as an issue of its own.
    """

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="sortings")
    question = models.OneToOneField(Question, null=True, on_delete=models.PROTECT)
    item = models.OneToOneField(AgendaItem, null=True, on_delete=models.PROTECT)
    kind = models.CharField(max_length=6, choices=[("assign", "交办"), ("joint", "会办")])
    lead_person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    lead_organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    others = models.JSONField(default=list)  # [{"person": id} | {"organisation": id}]
    due_at = models.DateTimeField()
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+")
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(question=None, item__isnull=False)
                | Q(question__isnull=False, item=None),
                name="sorted_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(lead_person__isnull=False) | Q(lead_organisation__isnull=False),
                name="sorted_to_somebody",
            ),
            models.CheckConstraint(
                condition=Q(kind="assign", others=[]) | Q(kind="joint") & ~Q(others=[]),
                name="joint_has_others",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="sorted_elsewhere"),
        ]
        indexes = [models.Index(fields=["session"], name="sorting_of_session")]


class Pledge(models.Model):
    """A promise made in public. Its state is said by the supervisors, never by its owner."""

    class State(models.TextChoices):
        OPEN = "open", "还没到期"
        EXTENDED = "extended", "延期"
        KEPT = "kept", "已兑现"
        BROKEN = "broken", "没有兑现"

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="pledges")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="pledges")
    item = models.ForeignKey(AgendaItem, null=True, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=300)
    owner = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__isnull=False) | Q(organisation__isnull=False),
                name="pledged_by_somebody",
            )
        ]
        indexes = [models.Index(fields=["body", "state"], name="pledge_of_body")]


class PledgeEvent(models.Model):
    """What became of a pledge, in order. Append-only; the owner may not judge (trigger)."""

    pledge = models.ForeignKey(Pledge, on_delete=models.PROTECT, related_name="events")
    verb = models.CharField(max_length=8)  # made, extended, kept, broken
    note = models.CharField(max_length=300, default="", blank=True)
    due_on = models.DateField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verb="made") | ~Q(note=""), name="pledge_judged_with_words"
            ),
        ]


class Party(models.Model):
    """A side heard at a hearing, in its order, with its statement as it will be published."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="parties")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    stand = models.CharField(
        max_length=8, choices=[("for", "赞成"), ("against", "反对"), ("other", "其他意见")]
    )
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    statement = models.TextField(default="", blank=True)
    said_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("position", "id")
        constraints = [
            models.UniqueConstraint(fields=["item", "position"], name="heard_in_order"),
            models.UniqueConstraint(fields=["item", "name"], name="party_once"),
            models.CheckConstraint(
                condition=Q(statement="", said_at=None) | ~Q(statement="") & ~Q(said_at=None),
                name="statement_whole",
            ),
        ]


class Minutes(models.Model):
    """One version of the minutes. Append-only: a correction is the next version, with a reason."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="minutes")
    version = models.PositiveIntegerField()
    body = models.JSONField()
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=200, default="", blank=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "version"], name="minutes_version_once"),
            models.CheckConstraint(
                condition=Q(version=1) | ~Q(reason=""), name="correction_has_reason"
            ),
        ]


class SessionEvent(models.Model):
    """What was done with the session, once, in order. Append-only; state can be rebuilt."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    verb = models.CharField(max_length=16)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "seq"], name="session_event_in_order")
        ]
