"""The rule book in versions, and its items."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from gongzhi.ledger.points.rules import BARRED_SQL
from gongzhi.people.models import Person
from gongzhi.places.models import Place


class Area(models.TextChoices):
    """The six areas of case 1 (street office of Maqun, 2021-06-16)."""

    ENVIRONMENT = "environment", "环境"
    SAFETY = "safety", "安全"
    MEDIATION = "mediation", "调解"
    EDUCATION = "education", "教育"
    CULTURE = "culture", "文体"
    CARE = "care", "助弱"


class Subject(models.TextChoices):
    """Who earns."""

    PERSON = "person", "个人"
    HOUSEHOLD = "household", "家庭"
    TEAM = "team", "团队"
    ORGANISATION = "organisation", "单位"


class Evidence(models.TextChoices):
    """Kinds of evidence; the one who claims chooses among those the item allows (R4)."""

    WORDS = "words", "说明"
    WITNESS = "witness", "证明人"
    RECORD = "record", "活动签到或登记"
    PHOTO = "photo", "照片"


class RuleBook(models.Model):
    """One version of the points rules of a community or village: from draft to publication."""

    class State(models.TextChoices):
        DRAFT = "draft", "起草"
        DELIBERATED = "deliberated", "已议"
        VOTED = "voted", "已表决通过"
        FILED = "filed", "已备案"
        PUBLISHED = "published", "现行"
        ENDED = "ended", "已被新版替换"

    class Lasts(models.TextChoices):
        MONTHS = "months", "从得到那天起若干个月"
        YEAR = "year", "每年结算，到第二年若干月底"

    class Meeting(models.TextChoices):
        ASSEMBLY = "assembly", "居民（村民）会议"
        REPRESENTATIVES = "representatives", "居民（村民）代表会议"

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    place_path = models.TextField()
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=80)
    month_cap = models.PositiveIntegerField(default=200)  # of a person (cases.md 2.15)
    group_cap = models.PositiveIntegerField(default=1000)  # of a household, team or organisation
    notice_days = models.PositiveSmallIntegerField(default=3)
    # How long points last: so many months after they are entered, or until the end of the month
    # of that number in the year after (cases.md case 1: 24 months, with notice).
    lasts = models.CharField(max_length=6, choices=Lasts.choices, default=Lasts.MONTHS)
    months = models.PositiveSmallIntegerField(default=24)
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    talked_on = models.DateField(null=True)
    talked = models.CharField(max_length=500, default="", blank=True)  # what came of the talk
    motion_id = models.BigIntegerField(null=True)  # ballots.Motion, if voted on here
    lost_motion = models.BigIntegerField(null=True)  # the last one that did not adopt it
    resolution = models.CharField(max_length=120, default="", blank=True)  # as it is cited
    meeting = models.CharField(max_length=16, choices=Meeting.choices, default="", blank=True)
    voted_on = models.DateField(null=True)
    electorate = models.PositiveIntegerField(null=True)
    present = models.PositiveIntegerField(null=True)
    votes_for = models.PositiveIntegerField(null=True)
    filed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    from_on = models.DateField(null=True)
    to_on = models.DateField(null=True)  # the first day of the version after it
    text = models.TextField(default="", blank=True)  # as voted; its SHA-256 is in the log
    text_hash = models.CharField(max_length=64, default="", blank=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "version"], name="book_version_once"),
            models.UniqueConstraint(
                fields=["place"], condition=Q(state="published"), name="one_book_in_force"
            ),
            models.UniqueConstraint(fields=["motion_id"], name="one_book_a_motion"),
            models.UniqueConstraint(
                fields=["place"],
                condition=Q(state__in=("draft", "deliberated", "voted", "filed")),
                name="one_book_being_made",
            ),
            models.CheckConstraint(
                condition=Q(month_cap__gt=0, group_cap__gt=0), name="book_has_caps"
            ),
            models.CheckConstraint(
                condition=Q(lasts="months", months__range=(1, 60))
                | Q(lasts="year", months__range=(1, 12)),
                name="book_points_last",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(talked_on__isnull=False) & ~Q(talked=""),
                name="book_talked_over",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "deliberated"))
                | Q(
                    meeting__in=("assembly", "representatives"),
                    voted_on__isnull=False,
                    electorate__isnull=False,
                    present__isnull=False,
                    votes_for__isnull=False,
                    electorate__gte=F("present"),
                    present__gte=F("votes_for"),
                    votes_for__gt=F("present") - F("votes_for"),
                )
                & ~Q(text_hash=""),
                name="book_adopted_by_meeting",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "deliberated"))
                | Q(meeting="assembly", electorate__lt=F("present") * 2)
                | Q(meeting="representatives", electorate__lte=F("present") * 3 / 2),  # two thirds
                name="book_meeting_had_quorum",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "deliberated", "voted"))
                | Q(filed_by__isnull=False, filed_at__isnull=False),
                name="book_filed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("published", "ended"))
                | Q(published_at__isnull=False, from_on__isnull=False),
                name="book_published_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", to_on__gte=F("from_on"))
                | ~Q(state="ended") & Q(to_on=None),
                name="book_ended_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["place_path"], name="points_book_place", opclasses=["text_pattern_ops"]
            )
        ]


class RuleItem(models.Model):
    """One deed and its points. Nothing is ever taken away: points are above nought (R7)."""

    class Kind(models.TextChoices):
        REGULAR = "regular", "常规事项"
        TEMPORARY = "temporary", "临时事项"

    class Trigger(models.TextChoices):
        NONE = "", "本人申报"
        MATTER = "matter", "报的事办结并核实"
        MEETING = "meeting", "参加议事会议"
        SERVICE = "service", "志愿服务时长"

    book = models.ForeignKey(RuleBook, on_delete=models.PROTECT, related_name="items")
    code = models.CharField(max_length=8)  # "H01"
    area = models.CharField(max_length=12, choices=Area.choices)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.REGULAR)
    subject = models.CharField(max_length=12, choices=Subject.choices, default=Subject.PERSON)
    title = models.CharField(max_length=60)
    title_en = models.CharField(max_length=120, default="", blank=True)
    words = models.CharField(max_length=300, default="", blank=True)
    points = models.PositiveIntegerField()
    unit = models.CharField(max_length=12, default="次")
    cap = models.PositiveSmallIntegerField(default=4)  # units a calendar month
    evidence = ArrayField(models.CharField(max_length=8, choices=Evidence.choices))
    reviewer = models.CharField(max_length=30, default="grid_worker")  # who looks first
    trigger = models.CharField(max_length=8, choices=Trigger.choices, default="", blank=True)
    until_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "code"], name="item_code_once"),
            models.CheckConstraint(
                condition=Q(points__gt=0, points__lte=500), name="nothing_is_taken_away"
            ),
            models.CheckConstraint(condition=Q(cap__gt=0), name="item_has_cap"),
            models.CheckConstraint(
                condition=~Q(title__regex=BARRED_SQL) & ~Q(words__regex=BARRED_SQL),
                name="item_is_lawful",
            ),
            models.CheckConstraint(
                condition=~Q(kind="temporary") | Q(until_on__isnull=False), name="temporary_ends"
            ),
            models.CheckConstraint(condition=~Q(evidence=[]), name="item_asks_evidence"),
        ]
