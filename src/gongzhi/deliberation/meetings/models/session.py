"""A session, its agenda and who came."""

from django.db import models
from django.db.models import F, Q

from gongzhi.deliberation.bodies.models import Body
from gongzhi.matters.models import Matter
from gongzhi.people.models import Household, Organisation, Person
from gongzhi.places.models import Place
from gongzhi.surveys.models import Round

# Kinds of item that must leave with a result before the session can close (trigger too).
MUST_LEAVE = ("item", "motion", "hearing")


class Session(models.Model):
    """One meeting of a body. `seq` grows with every step of its runner: compare-and-set on it."""

    class State(models.TextChoices):
        DRAFT = "draft", "筹备中"
        NOTICED = "noticed", "已通知"
        OPEN = "open", "正在开会"
        CLOSED = "closed", "已散会"
        CANCELLED = "cancelled", "已取消"

    class Mode(models.TextChoices):
        ONSITE = "onsite", "现场"
        ONLINE = "online", "线上"
        HYBRID = "hybrid", "现场和线上"

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="sessions")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="sessions")
    place_path = models.TextField()
    number = models.PositiveIntegerField()  # of this body, 1 the first
    title = models.CharField(max_length=80)
    rule = models.CharField(max_length=40, default="", blank=True)  # as the body had it
    edition = models.CharField(max_length=4, default="2025")
    house = models.JSONField(default=dict)
    required = models.JSONField(default=list)  # seat classes that must be there to open
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.ONSITE)
    starts_at = models.DateTimeField()
    venue = models.CharField(max_length=120)
    online = models.CharField(max_length=200, default="", blank=True)  # how to join, in words
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    token = models.CharField(max_length=24, unique=True)  # in the QR at the door
    seq = models.PositiveIntegerField(default=1)
    item = models.ForeignKey(
        "AgendaItem", null=True, on_delete=models.PROTECT, related_name="+"
    )  # what is on now
    notice_days = models.PositiveSmallIntegerField(default=0)  # the law's or the forum's own
    noticed_at = models.DateTimeField(null=True)
    short_notice = models.CharField(max_length=200, default="", blank=True)  # why it was short
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    cancelled_reason = models.CharField(max_length=200, default="", blank=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["body", "number"], name="session_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "cancelled"), opened_at=None, closed_at=None)
                | Q(state="noticed", noticed_at__isnull=False, opened_at=None, closed_at=None)
                | Q(state="open", noticed_at__isnull=False, opened_at__isnull=False,
                    closed_at=None)
                | Q(state="closed", noticed_at__isnull=False, opened_at__isnull=False,
                    closed_at__gte=F("opened_at")),
                name="session_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancelled_reason=""),
                name="cancelled_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(item=None) | Q(state="open"), name="item_while_open"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["place_path", "-starts_at"], name="session_of_place",
                         opclasses=["text_pattern_ops", "timestamptz_ops"]),
            models.Index(fields=["body", "-starts_at"], name="session_of_body"),
        ]  # fmt: skip


class Paper(models.Model):
    """Something to read beforehand. One that comes after the notice says so by its time."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="papers")
    title = models.CharField(max_length=80)
    text = models.TextField()
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class AgendaItem(models.Model):
    """A part with a clock, or an item that must lead to something; a tree by `parent`."""

    class Kind(models.TextChoices):
        PART = "part", "环节"
        READBACK = "readback", "先念上次的清单和承诺"
        QUESTIONS = "questions", "群众提问"
        ITEM = "item", "要议的事"
        MOTION = "motion", "要表决的事"
        HEARING = "hearing", "听证"
        SURVEY = "survey", "问卷测评"

    class Outcome(models.TextChoices):
        NONE = "", "还没有结果"
        MATTER = "matter", "已转成要办的事"
        RESOLUTION = "resolution", "已表决"
        OPINION = "opinion", "形成意见（不作决定）"
        NO_DECISION = "no_decision", "没有作出决定"

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="agenda")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="parts")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    title = models.CharField(max_length=80)
    note = models.TextField(default="", blank=True)
    speaker = models.CharField(max_length=60, default="", blank=True)
    minutes = models.PositiveSmallIntegerField(default=10)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    record = models.TextField(default="", blank=True)  # what was said, for the minutes
    matter = models.ForeignKey(
        Matter, null=True, on_delete=models.PROTECT, related_name="+"
    )  # what it is about, or what came of it
    survey = models.OneToOneField(
        Round, null=True, on_delete=models.PROTECT, related_name="+"
    )  # the questionnaire answered in this part
    outcome = models.CharField(
        max_length=12, choices=Outcome.choices, default=Outcome.NONE, blank=True
    )
    data = models.JSONField(default=dict)  # of the outcome: verdict, counts, motion, words
    outcome_at = models.DateTimeField(null=True)
    outcome_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("position", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", outcome_at=None) | ~Q(outcome="") & ~Q(outcome_at=None),
                name="outcome_whole",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="matter") | Q(matter__isnull=False),
                name="outcome_names_matter",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="part_in_order",
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="part_of_another"),
            models.CheckConstraint(
                condition=Q(survey=None) | Q(kind="survey"), name="survey_in_its_part"
            ),
            models.CheckConstraint(
                condition=Q(minutes__range=(1, 480)), name="part_1_to_480_minutes"
            ),
        ]


class Roll(models.Model):
    """Who belonged to the body when the session opened: frozen by trigger, counted from."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="roll")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, null=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    seat_class = models.CharField(max_length=16)
    area = models.BigIntegerField(default=0)  # 0.01 m²

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="on_session_roll_once")
        ]


class Attendance(models.Model):
    """Somebody came, on site or on line: counted alike and once. A guest has only a name."""

    class How(models.TextChoices):
        CODE = "code", "扫码"
        DESK = "desk", "签到台"
        PAPER = "paper", "纸质名单"
        ONLINE = "online", "线上"

    class As(models.TextChoices):
        """What he came as, beside being a member or an observer (case 13)."""

        NONE = "", "居民"
        TOWN_LEADER = "town_leader", "镇领导"
        TOWN_STAFF = "town_staff", "镇干部"
        PARTY = "party", "党员"
        REPRESENTATIVE = "representative", "代表"
        UNIT = "unit", "单位"

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendance")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    guest = models.CharField(max_length=60, default="", blank=True)
    came_as = models.CharField(max_length=16, choices=As.choices, default=As.NONE, blank=True)
    how = models.CharField(max_length=6, choices=How.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="signed_in_once"),
            models.UniqueConstraint(
                fields=["session", "guest"], condition=~Q(guest=""), name="guest_once"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, guest="") | Q(person=None) & ~Q(guest=""),
                name="person_or_guest",
            ),
        ]


class Mandate(models.Model):
    """A written proxy for this session. `slot` is 1 to 3: nobody speaks for more than three."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="mandates")
    holder = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    for_person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    slot = models.PositiveSmallIntegerField()
    paper = models.CharField(max_length=200)  # what is written, and where the paper is kept
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "for_person"], name="represented_once"),
            models.UniqueConstraint(fields=["session", "holder", "slot"], name="mandate_slot_once"),
            models.CheckConstraint(condition=Q(slot__range=(1, 3)), name="three_mandates_most"),
            models.CheckConstraint(
                condition=~Q(holder=F("for_person")), name="mandate_for_another"
            ),
            models.CheckConstraint(condition=~Q(paper=""), name="mandate_written"),
        ]


class Speaker(models.Model):
    """Somebody on the speakers list of an item."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="speakers")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "name"], condition=Q(ended_at=None), name="waits_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("at")), name="speech_in_order"
            ),
        ]
