"""The rule book in versions, who takes part, claims with two checks, notices, budgets, hours.

Balances live in the ledger; here is why. Guards beyond CHECK are triggers: `0002_guards`.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from gongzhi.ledger.points.rules import BARRED_SQL
from gongzhi.people.models import Household, Organisation, Person
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
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    talked_on = models.DateField(null=True)
    talked = models.CharField(max_length=500, default="", blank=True)  # what came of the talk
    motion_id = models.BigIntegerField(null=True)  # ballots.Motion, when the vote was held here
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
            models.UniqueConstraint(
                fields=["place"],
                condition=Q(state__in=("draft", "deliberated", "voted", "filed")),
                name="one_book_being_made",
            ),
            models.CheckConstraint(
                condition=Q(month_cap__gt=0, group_cap__gt=0), name="book_has_caps"
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


class Team(models.Model):
    """A team of neighbours that earns together."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    lead = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "name"], name="team_name_once")]


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

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(minor=F("guardian")), name="guardian_is_another")
        ]


class Activity(models.Model):
    """A budget: points set aside for a purpose before anybody earns them; never below nought."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    place_path = models.TextField()
    name = models.CharField(max_length=60)
    account = models.BigIntegerField(unique=True)
    usual = models.BooleanField(default=False)  # what awards draw on when no other is named
    closed_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place"], condition=Q(usual=True, closed_at=None), name="one_usual_budget"
            )
        ]


class Notice(models.Model):
    """Totals made public before the points are entered: by area, never by person."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    place_path = models.TextField()
    totals = models.JSONField()
    posted_at = models.DateTimeField()
    enter_from = models.DateTimeField()
    entered_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place"], condition=Q(entered_at=None), name="one_notice_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(entered_at=None) | Q(entered_at__gte=F("enter_from")),
                name="entered_after_the_notice",
            ),
        ]


class Claim(models.Model):
    """A deed somebody says was done; two others look at it, then it is noticed and entered."""

    class State(models.TextChoices):
        CLAIMED = "claimed", "等初审"
        CHECKED = "checked", "等复审"
        APPROVED = "approved", "等公示"
        NOTICED = "noticed", "公示中"
        ENTERED = "entered", "已入账"
        REFUSED = "refused", "没有通过"
        WITHDRAWN = "withdrawn", "已撤回"
        REVERSED = "reversed", "记错已冲回"

    item = models.ForeignKey(RuleItem, on_delete=models.PROTECT, related_name="claims")
    holder = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="claims")
    doer = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="claims")
    place_path = models.TextField()
    times = models.PositiveSmallIntegerField(default=1)
    points = models.PositiveIntegerField()
    on = models.DateField()
    words = models.CharField(max_length=300)
    evidence = models.CharField(max_length=8, choices=Evidence.choices)
    photo = models.CharField(max_length=64, default="", blank=True)
    event = models.CharField(max_length=80, null=True, unique=True)  # "matter:12" when automatic
    state = models.CharField(max_length=10, choices=State.choices, default=State.CLAIMED)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    first = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField(null=True)
    second = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    second_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, default="", blank=True)
    refused_at = models.DateTimeField(null=True)
    notice = models.ForeignKey(Notice, null=True, on_delete=models.PROTECT, related_name="claims")
    transfer = models.BigIntegerField(null=True, unique=True)
    entered_at = models.DateTimeField(null=True)
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0, times__gt=0), name="claim_is_worth"),
            models.CheckConstraint(
                condition=~Q(first=F("second")), name="two_different_people_check"
            ),
            models.CheckConstraint(
                condition=~Q(doer=F("first")) & ~Q(doer=F("second")), name="nobody_checks_himself"
            ),
            models.CheckConstraint(
                condition=~Q(by=F("first")) & ~Q(by=F("second")), name="claimer_does_not_check"
            ),
            # A deed this system recorded itself is its own evidence; all else needs two people.
            models.CheckConstraint(
                condition=Q(event__isnull=False)
                | ~Q(state__in=("checked", "approved", "noticed", "entered", "reversed"))
                | Q(first__isnull=False, first_at__isnull=False),
                name="checked_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(event__isnull=False)
                | ~Q(state__in=("approved", "noticed", "entered", "reversed"))
                | Q(second__isnull=False, second_at__isnull=False),
                name="checked_by_a_second",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason="") & Q(refused_at__isnull=False),
                name="refused_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=("entered", "reversed"),
                    transfer__isnull=False,
                    entered_at__isnull=False,
                )
                | ~Q(state__in=("entered", "reversed")) & Q(transfer=None, entered_at=None),
                name="entered_in_the_ledger",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("noticed", "entered", "reversed"), notice__isnull=False)
                | ~Q(state__in=("noticed", "entered", "reversed")) & Q(notice=None),
                name="noticed_before_entered",
            ),
            models.CheckConstraint(
                condition=~Q(evidence="photo") | ~Q(photo="") | Q(state="withdrawn"),
                name="photo_is_there",
            ),
        ]
        indexes = [
            models.Index(fields=["holder", "-at"], name="claims_of_holder"),
            models.Index(
                fields=["place_path", "id"], name="claims_waiting",
                condition=Q(state__in=("claimed", "checked", "approved")),
            ),
            models.Index(fields=["notice"], name="claims_of_notice"),
        ]  # fmt: skip


class Photo(models.Model):
    """Evidence on a picture; seen by the one who claims and those who check."""

    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    thumb = models.BinaryField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    key = models.CharField(max_length=80, unique=True)

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="points_photo_sha")]


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
        ]
        indexes = [models.Index(fields=["person", "on"], name="services_of_person")]


class Code(models.Model):
    """A code on a resident's screen for a few minutes: shows the desk whose points are meant."""

    digest = models.CharField(max_length=64, unique=True)
    holder = models.ForeignKey(Holder, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("at")), name="code_lasts"),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(used_at__lt=F("until")), name="code_used_in_time"
            ),
        ]
