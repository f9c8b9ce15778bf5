"""On line rounds (云协商): a question, one-sentence statements, agree / disagree / pass."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length

from gongzhi.people.models import Person
from gongzhi.places.models import Place

models.CharField.register_lookup(Length)


class Round(models.Model):
    """A question put to a place for some days. Once closed it never changes (trigger)."""

    class State(models.TextChoices):
        OPEN = "open", "进行中"
        CLOSED = "closed", "已结束"

    class Electorate(models.TextChoices):
        RESIDENTS = "residents", "住在这里的成年人"
        VILLAGER = "villager", "本村村民"
        COLLECTIVE = "collective", "集体经济组织成员"
        OWNER = "owner", "业主"

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    place_path = models.TextField()
    session_id = models.BigIntegerField(null=True)  # a session this round prepares or follows
    question = models.CharField(max_length=80)
    intro = models.CharField(max_length=400, default="", blank=True)
    electorate = models.CharField(max_length=12, choices=Electorate.choices)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    closed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="round_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None)
                | Q(state="closed", closed_at__isnull=False),
                name="round_closed_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["place_path"], name="round_place", opclasses=["text_pattern_ops"]),
            models.Index(fields=["closes_at"], name="round_open", condition=Q(state="open")),
        ]


class Statement(models.Model):
    """One sentence. `author` is empty for those the host put in at the beginning."""

    class State(models.TextChoices):
        WAITING = "waiting", "等审核"
        IN = "in", "已放出"
        OUT = "out", "没有放出"

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="statements")
    number = models.PositiveIntegerField()  # in its round, as the picture and the file name it
    text = models.CharField(max_length=140)
    author = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices)
    reason = models.CharField(max_length=200, default="", blank=True)  # told to the author
    rule = models.CharField(max_length=12, default="", blank=True)  # which line of the policy
    at = models.DateTimeField()
    decided_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    priority = models.FloatField(default=100.0)  # chance to be asked next; from the last picture

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="statement_number_once"),
            models.UniqueConstraint(fields=["round", "text"], name="statement_text_once"),
            models.CheckConstraint(
                condition=Q(text__length__gte=4, text__length__lte=140),
                name="statement_one_sentence",
            ),
            models.CheckConstraint(
                condition=~Q(state="out") | (~Q(reason="") & ~Q(rule="")),
                name="left_out_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None)
                | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                name="statement_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(author=None) | ~Q(decided_by=F("author")),
                name="statement_judged_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["round", "state", "number"], name="statements_of_round"),
            models.Index(fields=["author", "round"], name="statements_of_author"),
        ]


class Vote(models.Model):
    """The last word of a person on a statement. Guarded by a trigger: open, let in, on the roll."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="votes")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    value = models.SmallIntegerField()  # 1 agree, 0 pass, -1 disagree
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["statement", "person"], name="one_voice_a_statement"),
            models.CheckConstraint(condition=Q(value__in=(-1, 0, 1)), name="vote_known"),
        ]
        indexes = [
            models.Index(fields=["round", "-at"], name="votes_newest"),
            models.Index(fields=["person", "round"], name="votes_of_person"),
        ]


class Changed(models.Model):
    """What a vote was before it was changed. Written by the trigger, append-only."""

    vote = models.BigIntegerField(db_index=True)
    value = models.SmallIntegerField()
    at = models.DateTimeField()


class Picture(models.Model):
    """What the votes say: calculated anew while the round runs, frozen when it closes (trigger)."""

    round = models.OneToOneField(
        Round, on_delete=models.PROTECT, primary_key=True, related_name="picture"
    )
    at = models.DateTimeField()
    counted_to = models.DateTimeField(null=True)  # the newest vote counted
    result = models.JSONField()
    calm = models.JSONField(default=dict)  # k, challenger, wins
    groups = models.JSONField(default=list)  # group per voter in order of arrival; emptied at close
    matrix = models.JSONField(null=True)  # the open file: no names, random numbers
    final = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(final=False, matrix=None) | Q(final=True, groups=[]),
                name="picture_final_names_nobody",
            )
        ]
