"""Motions, the roll frozen for each, the ballots; topics on their way to becoming motions.

Nothing in these tables says when somebody voted, and a secret ballot says nothing of who.
"""

import uuid

from django.db import models
from django.db.models import F, Q

from gongzhi.matters.models import Matter
from gongzhi.people.models import Household, Person
from gongzhi.places.models import Place


class Method(models.TextChoices):
    """How one votes."""

    FOR_AGAINST = "for_against", "赞成、反对或弃权"
    SINGLE = "single", "几项里选一项"
    MULTIPLE = "multiple", "几项里最多选几项"
    APPROVAL = "approval", "赞成哪些就选哪些"


class Motion(models.Model):
    """Something put to the vote. Frozen when it opens; computed, never typed, when it closes.

    `options` is [{"id", "words"}]; `house` a forum's own rule (`playbooks.rules.house`); `result`
    what `rules.tally` makes of the ballots; `root` the Merkle root of the board (RFC 6962).
    """

    class State(models.TextChoices):
        DRAFT = "draft", "准备中"
        OPEN = "open", "正在投票"
        CLOSED = "closed", "已计票"
        VOID = "void", "已作废"

    class Electorate(models.TextChoices):
        SESSION = "session", "到这次会议的成员"
        BODY = "body", "这个会的成员"
        VILLAGERS = "villagers_18", "十八周岁以上村民"
        RESIDENTS = "residents_18", "十八周岁以上居民"
        HOUSEHOLDS = "households", "每户一名代表（户主）"
        COLLECTIVE = "collective", "集体经济组织成员（十八周岁以上）"
        MEMBERS = "members", "议事坊成员"
        LISTED = "listed", "单独列出的名单"

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    place_path = models.TextField()
    body_id = models.BigIntegerField(null=True)
    session_id = models.BigIntegerField(null=True)
    item_id = models.BigIntegerField(null=True)
    matter = models.ForeignKey(Matter, null=True, on_delete=models.PROTECT, related_name="motions")
    title = models.CharField(max_length=80)
    text = models.TextField()
    subject = models.CharField(max_length=40, default="", blank=True)  # what a law may withhold
    rule = models.CharField(max_length=40)  # a preset of playbooks.rules, or "house"
    edition = models.CharField(max_length=4, default="2025")
    house = models.JSONField(default=dict)
    binding = models.BooleanField()
    method = models.CharField(max_length=12, choices=Method.choices)
    options = models.JSONField()
    most = models.PositiveSmallIntegerField(default=1)  # options one may tick
    secret = models.BooleanField()
    weighted = models.BooleanField(default=False)  # area counts beside heads
    electorate = models.CharField(max_length=12, choices=Electorate.choices)
    listed = models.JSONField(default=list)  # [[person, area]] when the electorate is a list
    parties = models.JSONField(default=list)  # persons whose own affair this decides
    firms = models.JSONField(default=list)  # organisations whose own affair this decides
    live = models.BooleanField(default=False)  # in a room: the host says when it is over
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)
    noticed_at = models.DateTimeField(null=True)
    adhoc = models.CharField(max_length=200, default="", blank=True)  # why the notice was short
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)
    root = models.CharField(max_length=64, default="", blank=True)
    void_reason = models.CharField(max_length=200, default="", blank=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "secret"], name="motion_and_its_secrecy"),
            models.CheckConstraint(
                condition=~Q(rule="house", binding=True), name="forum_opinion_never_binds"
            ),
            models.CheckConstraint(
                condition=~Q(secret=True, weighted=True), name="area_would_tell_the_voter"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", opens_at=None, closed_at=None)
                | Q(state="open", closes_at__gt=F("opens_at"), closed_at=None)
                | Q(state="closed", closed_at__isnull=False, opens_at__isnull=False)
                | (Q(state="void") & ~Q(void_reason="")),
                name="motion_in_order",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", result__isnull=False) & ~Q(root="")
                | ~Q(state="closed") & Q(result=None, root=""),
                name="result_only_when_closed",
            ),
            models.UniqueConstraint(
                fields=["item_id"],
                condition=Q(item_id__isnull=False) & ~Q(state="void"),
                name="one_motion_an_item",
            ),
        ]
        indexes = [
            models.Index(
                fields=["place_path"], name="motion_place", opclasses=["text_pattern_ops"]
            ),
            models.Index(fields=["closes_at"], name="motion_due", condition=Q(state="open")),
        ]


class Elector(models.Model):
    """One line of the roll, frozen at opening. `voted` is the way his vote came, once.

    `blocked` is the reason why he may not vote on this; `here` that he signed in to the room.
    """

    class Way(models.TextChoices):
        NONE = "", "还没投"
        PHONE = "phone", "手机"
        PAPER = "paper", "纸质票"
        HANDS = "hands", "现场举手"

    motion = models.ForeignKey(Motion, on_delete=models.PROTECT, related_name="electors")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, null=True, on_delete=models.PROTECT, related_name="+")
    area = models.BigIntegerField(default=0)  # 0.01 m²
    proxy = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    blocked = models.CharField(max_length=120, default="", blank=True)
    here = models.BooleanField(default=False)
    voted = models.CharField(max_length=5, choices=Way.choices, default=Way.NONE, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["motion", "person"], name="elector_once"),
            models.CheckConstraint(
                condition=Q(blocked="") | Q(voted=""), name="conflict_blocks_vote"
            ),
            models.CheckConstraint(condition=Q(area__gte=0), name="elector_area"),
        ]
        indexes = [models.Index(fields=["person"], name="elector_person")]


class Ballot(models.Model):
    """One ballot. A secret one carries no elector; none carries a time; ids are random.

    `receipt` is the SHA-256 of the voter's code. A foreign key on (motion, secret) keeps `secret`
    true to the motion, and the board is written when it closes (trigger: never after).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    motion = models.ForeignKey(Motion, on_delete=models.PROTECT, related_name="ballots")
    secret = models.BooleanField()
    elector = models.OneToOneField(Elector, null=True, on_delete=models.PROTECT)
    choice = models.JSONField()  # ids of options, sorted
    weight = models.BigIntegerField(default=0)  # area of the voter, 0.01 m²
    receipt = models.CharField(max_length=64)
    paper = models.BooleanField(null=True)  # unknown of a secret one: few papers would tell
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["motion", "receipt"], name="one_ballot_a_receipt"),
            models.CheckConstraint(
                condition=Q(secret=True, elector=None, paper=None, weight=0)
                | Q(secret=False, elector__isnull=False, paper__isnull=False),
                name="secret_ballot_carries_no_voter",
            ),
        ]


class PaperEntry(models.Model):
    """What one person read off the papers: of one elector, or the totals of a secret vote."""

    motion = models.ForeignKey(Motion, on_delete=models.PROTECT, related_name="papers")
    elector = models.ForeignKey(Elector, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    choice = models.JSONField(null=True)
    totals = models.JSONField(null=True)  # {option or "invalid": count}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["elector", "by"], name="paper_read_once_each"),
            models.UniqueConstraint(
                fields=["motion", "by"], condition=Q(elector=None), name="totals_once_each"
            ),
            models.CheckConstraint(
                condition=Q(elector=None, choice=None, totals__isnull=False)
                | Q(elector__isnull=False, choice__isnull=False, totals=None),
                name="paper_is_named_or_counted",
            ),
        ]


class HandCount(models.Model):
    """Raised hands, counted in the room. Append-only: a recount is a new row, the last counts."""

    motion = models.ForeignKey(Motion, on_delete=models.PROTECT, related_name="hands")
    counts = models.JSONField()  # {option: hands}
    room = models.PositiveIntegerField()  # how many could raise one
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Use(models.Model):
    """What came of a forum's opinion: used or not, and why. Said once, in the open."""

    motion = models.OneToOneField(Motion, on_delete=models.PROTECT, related_name="use")
    used = models.BooleanField()
    reason = models.TextField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="use_with_reason")]


class Topic(models.Model):
    """Something proposed for deliberation: taken up or refused with a reason; one appeal."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "等审核"
        ACCEPTED = "accepted", "列入议题"
        REFUSED = "refused", "没有列入"
        APPEALED = "appealed", "申请复核"

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    place_path = models.TextField()
    body_id = models.BigIntegerField(null=True)
    title = models.CharField(max_length=80)
    text = models.TextField()
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    reason = models.TextField(default="", blank=True)
    reviewed_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    appeal = models.TextField(default="", blank=True)
    appealed_at = models.DateTimeField(null=True)
    answer = models.TextField(default="", blank=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="proposed") | (~Q(reason="") & Q(reviewed_by__isnull=False)),
                name="topic_reviewed_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(reviewed_by=F("answered_by")), name="appeal_heard_by_another"
            ),
            models.CheckConstraint(
                condition=~Q(proposed_by=F("reviewed_by")), name="topic_reviewed_by_another"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | (~Q(answer="") & ~Q(appeal="")),
                name="topic_appeal_answered_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["place_path"], name="topic_place", opclasses=["text_pattern_ops"])
        ]
