"""Channels and what is said in them; a post may become a matter, and its end is told here.

No clock-in, no online time, no counts of residents' reading (国办函〔2026〕12号; rules.md R1).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from gongzhi.matters.models import Matter
from gongzhi.people.models import Person
from gongzhi.places.models import Place

# In how much office time somebody answers: whole quarters of hours that divide evenly.
ANSWER_MINUTES = (15, 30, 60, 120, 240, 480)


class Channel(models.Model):
    """Who lives in the place may read and write. The residents' committee owns it (case 1)."""

    class Kind(models.TextChoices):
        BUILDING = "building", "楼栋"
        COMPOUND = "compound", "小区（组）"
        COMMUNITY = "community", "社区（村）"
        TOPIC = "topic", "话题"

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="channels")
    place_path = models.TextField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=60)
    about = models.CharField(max_length=300, default="", blank=True)
    answer_minutes = models.PositiveSmallIntegerField(db_default=30)  # of office time
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place", "name"], condition=Q(closed_at=None), name="channel_name_once"
            ),
            models.UniqueConstraint(
                fields=["place"],
                condition=Q(closed_at=None) & ~Q(kind="topic"),
                name="one_channel_a_place",
            ),
            models.CheckConstraint(
                condition=Q(answer_minutes__in=ANSWER_MINUTES), name="channel_answer_minutes"
            ),
        ]
        indexes = [
            models.Index(
                fields=["place_path"], name="channel_place", opclasses=["text_pattern_ops"]
            )
        ]


class Post(models.Model):
    """Something said. `due_at` is until when somebody of the community should answer."""

    class Kind(models.TextChoices):
        TALK = "talk", "发言"
        ANSWER = "answer", "答复"
        RELAY = "relay", "群里转来"
        NOTICE = "notice", "通知"
        POLL = "poll", "接龙投票"
        SUMMARY = "summary", "办理结果"

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="posts")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.TALK)
    words = models.CharField(max_length=2000)
    under = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="answers")
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    matter = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="+")
    event = models.CharField(max_length=60, null=True, unique=True)  # "matter:12:closed"
    options = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    until_at = models.DateTimeField(null=True)  # of a poll
    hidden_at = models.DateTimeField(null=True)
    hidden_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    hidden_why = models.CharField(max_length=200, default="", blank=True)
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["matter"],
                condition=Q(matter__isnull=False) & ~Q(kind="summary"),
                name="one_matter_a_post",
            ),
            models.CheckConstraint(condition=~Q(words=""), name="post_says_something"),
            models.CheckConstraint(
                condition=Q(kind="summary", by=None, event__isnull=False)
                | Q(by__isnull=False, event=None) & ~Q(kind="summary"),
                name="only_the_system_sums_up",
            ),
            models.CheckConstraint(
                condition=Q(kind="poll", until_at__gt=F("at"), options__len__gte=2)
                | Q(until_at=None, options=[]) & ~Q(kind="poll"),
                name="poll_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(hidden_at=None, hidden_by=None, hidden_why="")
                | Q(hidden_at__isnull=False, hidden_by__isnull=False) & ~Q(hidden_why=""),
                name="hidden_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answered_by=F("by")),
                name="answered_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "-id"], name="posts_of_channel"),
            models.Index(fields=["under"], name="posts_under"),
            models.Index(fields=["channel", "at"], name="posts_by_month"),
            models.Index(
                fields=["due_at"],
                name="posts_waiting",
                condition=Q(due_at__isnull=False, answered_at=None, hidden_at=None),
            ),
        ]


class Receipt(models.Model):
    """Somebody pressed "看到了" under a notice, of his own will. Residents never see how many."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="receipts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "person"], name="receipt_once")]


class Vote(models.Model):
    """One voice of one person in an open poll; it may be changed until the end. Not a decision."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="votes")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    option = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "person"], name="one_voice_a_poll")]


class Mark(models.Model):
    """How far somebody has read a channel and whether he wants to hear of it. His own: no hour in
    it, no page of staff shows it, nothing counts it (R1)."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    upto = models.BigIntegerField(db_default=0)  # the newest post he was shown
    muted = models.BooleanField(db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "channel"], name="mark_once")]


class Handing(models.Model):
    """A post given to a colleague to answer; the last one counts. Append-only."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="handings")
    to = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=200, db_default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["post", "-id"], name="handing_last")]


class Report(models.Model):
    """Somebody says that a post does not belong there. Who said so only those who settle it see."""

    class Outcome(models.TextChoices):
        HIDDEN = "hidden", "隐藏了"
        KEPT = "kept", "留着"

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="reports")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=200)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=6, choices=Outcome.choices, db_default="", blank=True)
    answer = models.CharField(max_length=200, db_default="", blank=True)
    settled_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "by"], name="reported_once"),
            models.CheckConstraint(condition=~Q(why=""), name="report_says_why"),
            models.CheckConstraint(
                condition=Q(outcome="", settled_by=None, settled_at=None, answer="")
                | Q(outcome__in=["hidden", "kept"], settled_by__isnull=False,
                    settled_at__isnull=False) & ~Q(answer="") & ~Q(settled_by=F("by")),
                name="report_settled_whole",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["post"], name="reports_open", condition=Q(outcome="")),
        ]


class Appeal(models.Model):
    """The author says that hiding was wrong; another than the one who hid it decides, with words.

    The hiding is copied here, so that it is still known after the post is shown again.
    """

    class Outcome(models.TextChoices):
        RESTORED = "restored", "恢复显示"
        STAYS = "stays", "维持隐藏"

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="appeals")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=300)
    at = models.DateTimeField()
    hid_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    hid_at = models.DateTimeField()
    hid_why = models.CharField(max_length=200)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, db_default="", blank=True)
    answer = models.CharField(max_length=300, db_default="", blank=True)
    judged_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    judged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "hid_at"], name="one_appeal_a_hiding"),
            models.CheckConstraint(condition=~Q(words=""), name="appeal_says_why"),
            models.CheckConstraint(
                condition=Q(outcome="", judged_by=None, judged_at=None, answer="")
                | Q(outcome__in=["restored", "stays"], judged_by__isnull=False,
                    judged_at__isnull=False) & ~Q(answer="") & ~Q(judged_by=F("hid_by"))
                & ~Q(judged_by=F("by")),
                name="appeal_judged_by_another",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["post"], name="appeals_open", condition=Q(outcome="")),
        ]
