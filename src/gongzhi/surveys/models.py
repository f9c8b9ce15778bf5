"""Asking people: a questionnaire in versions, rounds of it, paper sheets, answers without a name.

Who has answered (`Roll`) and what was answered (`Answer`) are two tables with nothing in common.
Guards that a careless or dishonest program cannot get round are triggers: `migrations.0002_guards`.
"""

import uuid

from django.db import models
from django.db.models import F, Q

from gongzhi.people.models import Organisation, Person
from gongzhi.places.models import Place

LEAST = 5  # answers of fewer people are never shown (cases.md §1.2, 11)


class Instrument(models.Model):
    """One version of a questionnaire. Once in use it never changes: a change is a new version."""

    class Kind(models.TextChoices):
        SURVEY = "survey", "问卷"
        APPRAISAL = "appraisal", "民主评议"

    first = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField(default=1)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    title = models.CharField(max_length=80)
    intro = models.CharField(max_length=500, default="", blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True)  # the first round was opened

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "version"], name="instrument_version_once"),
            models.CheckConstraint(
                condition=Q(first=None, version=1) | Q(first__isnull=False, version__gt=1),
                name="instrument_first_is_one",
            ),
        ]


class Question(models.Model):
    """One question. `options` are the words to choose from; an answer names them by index."""

    class Kind(models.TextChoices):
        SINGLE = "single", "选一个"
        MULTIPLE = "multiple", "可选几个"
        SCALE = "scale", "打1到5分"
        YESNO = "yesno", "是或否"
        APPRAISE = "appraise", "评议每一位"
        WORDS = "words", "写几句话"

    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    words = models.CharField(max_length=200)
    options = models.JSONField(default=list)
    needed = models.BooleanField(default=True)  # on line; a sheet of paper may leave anything out
    groups = models.BooleanField(default=False)  # results are also shown by its options

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "position"],
                name="question_in_order",
                deferrable=models.Deferrable.DEFERRED,
            ),
            # Two groupings together would let a small group be found by crossing them.
            models.UniqueConstraint(
                fields=["instrument"], condition=Q(groups=True), name="one_grouping"
            ),
            models.CheckConstraint(
                condition=Q(groups=False) | Q(kind="single"), name="grouped_by_single"
            ),
        ]


class Round(models.Model):
    """One asking: to a roll of persons, or by numbered sheets. Sealed until `counted`."""

    class Audience(models.TextChoices):
        ROLL = "roll", "名单上的人"
        SHEETS = "sheets", "领到编号问卷的人"

    class State(models.TextChoices):
        DRAFT = "draft", "准备中"
        OPEN = "open", "正在答"
        CLOSED = "closed", "已截止，待计票"
        COUNTED = "counted", "已计票"

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="rounds")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    place_path = models.TextField()
    title = models.CharField(max_length=80)
    audience = models.CharField(max_length=8, choices=Audience.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    chair = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    counted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    counted_at = models.DateTimeField(null=True)
    # An appraisal: failed when the share of 不称职 is over this fraction of the valid sheets.
    fail_num = models.PositiveSmallIntegerField(default=1)
    fail_den = models.PositiveSmallIntegerField(default=2)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opened_at")), name="round_has_time"
            ),
            models.CheckConstraint(
                condition=Q(
                    state="counted",
                    counted_at__isnull=False,
                    counted_by__isnull=False,
                    closed_at__isnull=False,
                )
                | Q(~Q(state="counted"), counted_at=None, counted_by=None),
                name="round_counted_whole",
            ),
            models.CheckConstraint(
                condition=Q(fail_den__gte=F("fail_num"), fail_num__gte=1), name="round_fail_share"
            ),
        ]
        indexes = [
            models.Index(
                fields=["place_path"], name="survey_round_place", opclasses=["text_pattern_ops"]
            )
        ]


class Rated(models.Model):
    """Who is rated in a round: a person or a unit. They may do nothing in it."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="rated")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(max_length=80)
    post = models.CharField(max_length=60, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "person"], name="rated_once"),
            models.UniqueConstraint(fields=["round", "organisation"], name="unit_rated_once"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, organisation=None)
                | Q(person=None, organisation__isnull=False),
                name="rated_somebody",
            ),
        ]


class Roll(models.Model):
    """Who may answer, and on which day he did; never what. Frozen at the opening."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="roll")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(
        max_length=6, default="", blank=True, choices=[("phone", "手机"), ("paper", "纸质")]
    )
    on = models.DateField(null=True)  # the day, not the minute

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "person"], name="on_the_roll_once"),
            models.CheckConstraint(
                condition=Q(how="", on=None) | Q(~Q(how=""), on__isnull=False),
                name="roll_mark_whole",
            ),
        ]
        indexes = [models.Index(fields=["person"], name="survey_roll_person")]


class Sheet(models.Model):
    """A numbered sheet. Its code opens the page on a phone; the code's end checks the number."""

    class State(models.TextChoices):
        PRINTED = "printed", "印好"
        HANDED = "handed", "已发出"
        RETURNED = "returned", "已收回"
        VALID = "valid", "有效"
        VOID = "void", "废卷"

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="sheets")
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=12, unique=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PRINTED)
    channel = models.CharField(
        max_length=6, default="", blank=True, choices=[("phone", "手机"), ("paper", "纸质")]
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="sheet_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=["printed", "handed", "returned"], channel="")
                | Q(state__in=["valid", "void"], channel__in=["phone", "paper"]),
                name="sheet_done_whole",
            ),
        ]


class Entry(models.Model):
    """One typing of one sheet by one person. Append-only; two people must type the same."""

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="entries")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    answers = models.JSONField(default=dict)
    void = models.BooleanField(default=False)


class Response(models.Model):
    """One valid set of answers. No person, no time, an id by chance; shuffled at the count."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="responses")
    channel = models.CharField(max_length=6, choices=[("phone", "手机"), ("paper", "纸质")])


class Answer(models.Model):
    """One answer: indexes of options, or words. Read only by counting, or by `raw` with a line."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    rated = models.ForeignKey(Rated, null=True, on_delete=models.PROTECT, related_name="+")
    picks = models.JSONField(default=list)
    words = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["response", "question", "rated"],
                name="answered_once",
                nulls_distinct=False,
            )
        ]


class Reading(models.Model):
    """Who read single answers, and why. Append-only; refused to those rated (trigger)."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="readings")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(purpose=""), name="reading_has_purpose")]


class Verdict(models.Model):
    """What an appraisal came to for one person, as counted (the trigger counts again)."""

    rated = models.OneToOneField(Rated, on_delete=models.PROTECT, related_name="verdict")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    competent = models.PositiveIntegerField()
    basic = models.PositiveIntegerField()
    incompetent = models.PositiveIntegerField()
    fail_num = models.PositiveSmallIntegerField()
    fail_den = models.PositiveSmallIntegerField()
    failed = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "place", "-at"], name="verdicts_of_person")]
