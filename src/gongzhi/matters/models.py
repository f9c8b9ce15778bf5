"""A matter and all that happens to it: one row holds where it stands, events how it came there."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from gongzhi.people.models import Organisation, Person
from gongzhi.places.models import Place, PlaybookVersion


class Source(models.TextChoices):
    """How a matter came in; paper and telephone always work (Barrier-Free Law art. 40)."""

    PHONE_PAGE = "page", "手机网页"
    COUNTER = "counter", "窗口"
    TELEPHONE = "telephone", "电话"
    PAPER = "paper", "纸条"
    PATROL = "patrol", "网格巡查"
    API = "api", "其他系统"
    OPEN311 = "open311", "Open311"


class Matter(models.Model):
    """Every 事. The columns from `stage` to `return_pending` are `playbooks.moves.Position`."""

    number = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=120)
    body = models.TextField(default="", blank=True)
    category = models.CharField(max_length=60, default="", blank=True)
    category_confirmed = models.BooleanField(default=False)
    place = models.ForeignKey(
        Place, on_delete=models.PROTECT, related_name="matters", db_index=False
    )
    place_path = models.TextField()
    where = models.CharField(max_length=200, default="", blank=True)  # in words
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    raised_by = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="raised", db_index=False
    )
    entered_by = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # staff or family who typed it for the raiser
    consent_note = models.CharField(max_length=200, default="", blank=True)
    source = models.CharField(max_length=10, choices=Source.choices)
    anonymous = models.BooleanField(default=True)  # towards neighbours, never towards handlers
    sensitive = models.BooleanField(default=False)  # off every list but the handlers'
    urgent = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    version = models.ForeignKey(PlaybookVersion, on_delete=models.PROTECT, db_index=False)
    ladder = models.JSONField(default=list)  # place id of each level of the playbook, in order
    stage = models.CharField(max_length=30)
    level = models.CharField(max_length=30)
    step = models.CharField(max_length=12, default="", blank=True)
    outcome = models.CharField(max_length=12, default="", blank=True)
    entered_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    warned = models.PositiveSmallIntegerField(default=0)
    paused_at = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=200, default="", blank=True)
    parked_until = models.DateTimeField(null=True)
    climbs = models.PositiveSmallIntegerField(default=0)
    descents = models.PositiveSmallIntegerField(default=0)
    returns = models.PositiveSmallIntegerField(default=0)
    extensions = models.PositiveSmallIntegerField(default=0)
    loops = models.PositiveSmallIntegerField(default=0)
    reopened = models.PositiveSmallIntegerField(default=0)
    return_pending = models.BooleanField(default=False)
    clock_from = models.DateTimeField(null=True)  # when the present deadline began to run
    unit = models.CharField(max_length=2, default="", blank=True)  # the clock it runs on
    unsolved = models.BooleanField(default=False)  # ended although no way was left to solve it
    statutory = models.CharField(max_length=40, default="", db_default="", blank=True)
    resolution = models.CharField(max_length=40, default="", db_default="", blank=True)
    silent = models.BooleanField(default=False)  # nobody concerned answered; never satisfaction

    held_by = models.ForeignKey(
        Place, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # ladder[level]
    held_path = models.TextField()
    tick_at = models.DateTimeField(null=True)  # when the clock next has something to do
    round = models.PositiveSmallIntegerField(default=1)  # which handling; reopened starts another
    settled_level = models.CharField(max_length=30, default="", blank=True)  # verified there
    closed_at = models.DateTimeField(null=True)
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="parts", db_index=False
    )  # split from
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="merged", db_index=False
    )
    advice = models.TextField(default="", blank=True)  # where a diverted matter belongs
    last_seq = models.PositiveIntegerField(default=1)  # of its events: compare-and-set on it

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", closed_at=None)
                | Q(~Q(outcome=""), closed_at__isnull=False),
                name="matter_ended_whole",
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(due_at=None, tick_at=None), name="ended_has_no_clock"
            ),
            models.CheckConstraint(
                condition=Q(paused_at=None, pause_reason="")
                | Q(~Q(pause_reason=""), paused_at__isnull=False),
                name="pause_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="merged_elsewhere"
            ),
            models.CheckConstraint(condition=Q(reopened__lte=1), name="reopened_once"),
            models.CheckConstraint(
                condition=Q(step="") | Q(statutory="") | ~Q(resolution=""),
                name="law_decides_before_work",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="merged") | Q(merged_into__isnull=False),
                name="merged_names_the_other",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tick_at"], name="matter_tick", condition=Q(tick_at__isnull=False)
            ),
            models.Index(fields=["held_by", "due_at"], name="matter_held", condition=Q(outcome="")),
            models.Index(fields=["place", "-id"], name="matter_place"),
            # The newest of what is open, however much has ended.
            models.Index(fields=["-id"], name="matter_open", condition=Q(outcome="")),
            models.Index(fields=["place_path"], name="matter_path", opclasses=["text_pattern_ops"]),
            models.Index(fields=["raised_by", "-id"], name="matter_raiser"),
            models.Index(fields=["parent"], name="matter_parent", condition=~Q(parent=None)),
        ]


class MatterText(models.Model):
    """The words of a matter as they are found: apart, so that a move need not index them again."""

    matter = models.OneToOneField(
        Matter, primary_key=True, on_delete=models.PROTECT, related_name="found_by"
    )
    search = SearchVectorField()  # bigrams of title, body and place in words: core.text

    class Meta:
        indexes = [GinIndex(fields=["search"], name="matter_text_search", fastupdate=True)]


class Event(models.Model):
    """What happened, once, in order. Append-only by trigger; the audit trail itself."""

    id = models.BigAutoField(primary_key=True)
    matter = models.ForeignKey(
        Matter, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    seq = models.PositiveIntegerField()
    verb = models.CharField(max_length=16)  # moves.Verb, or a note of matters.rules.NOTES
    result = models.CharField(max_length=16, default="", db_default="", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    role = models.CharField(max_length=30, default="", db_default="", blank=True)
    reason = models.TextField(default="", db_default="", blank=True)
    position = models.JSONField()  # where it stands after: the state is rebuilt from these
    data = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    private = models.BooleanField(default=False, db_default=False)  # handlers only

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "seq"], name="event_in_order")]


class Assignment(models.Model):
    """交办 or 会办: one row per handler; exactly one leads."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="assignments")
    round = models.PositiveSmallIntegerField(default=1)
    lead = models.BooleanField()
    person = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    due_at = models.DateTimeField()
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_note = models.TextField(default="", blank=True)
    done_by = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(null=True)  # transferred, returned or sent back
    cost_fen = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(organisation__isnull=False),
                name="assigned_to_somebody",
            ),
            models.UniqueConstraint(
                fields=["matter", "round"],
                condition=Q(lead=True, ended_at=None),
                name="one_lead",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="done_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["person"], name="assigned_person", condition=Q(done_at=None)),
            models.Index(fields=["organisation"], name="assigned_unit", condition=Q(done_at=None)),
        ]


class Attachment(models.Model):
    """A photo or voice note, stripped of where and when the device says it was taken."""

    matter = models.ForeignKey(
        Matter, null=True, on_delete=models.PROTECT, related_name="attachments"
    )
    seq = models.PositiveIntegerField(default=1)  # the event it came with
    kind = models.CharField(max_length=6, choices=[("photo", "照片"), ("voice", "语音")])
    sha256 = models.CharField(max_length=64, db_index=True)
    mime = models.CharField(max_length=40)
    content = models.BinaryField()  # in the database: no local disk is assumed (architecture §8)
    thumb = models.BinaryField(null=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    key = models.CharField(
        max_length=80, null=True, unique=True
    )  # of the upload, before it is filed
    at = models.DateTimeField(db_default=Now())


class Follower(models.Model):
    """邻居也报过: somebody who joined instead of reporting again, or whose report was merged."""

    matter = models.ForeignKey(
        Matter, on_delete=models.PROTECT, related_name="followers", db_index=False
    )
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    why = models.CharField(max_length=8, choices=[("joined", "也遇到"), ("merged", "合并")])
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "person"], name="follows_once")]


class CallBack(models.Model):
    """The system, not the handler, asks the raiser. Silence stays silence (rules.md R5)."""

    matter = models.ForeignKey(
        Matter, on_delete=models.PROTECT, related_name="call_backs", db_index=False
    )
    round = models.PositiveSmallIntegerField()
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    ask_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    solved = models.BooleanField(null=True)
    score = models.PositiveSmallIntegerField(null=True)
    words = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "round", "person"], name="asked_once_a_round"
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__range=(1, 5)), name="score_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, solved=None, score=None)
                | Q(answered_at__isnull=False, solved__isnull=False),
                name="answer_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["ask_at"], name="call_back_due", condition=Q(asked_at=None))
        ]


class Migration(models.Model):
    """Running matters moved to another version of their playbook; can be undone for seven days."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    old = models.ForeignKey(PlaybookVersion, on_delete=models.PROTECT, related_name="+")
    new = models.ForeignKey(PlaybookVersion, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField()
    moved = models.JSONField(default=list)  # ids of matters
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="migration_has_reason"),
            models.CheckConstraint(condition=~Q(old=F("new")), name="migration_to_another"),
        ]


class SuggestionModel(models.Model):
    """What the deployment has learnt from its own confirmed matters; the newest counts."""

    content = models.BinaryField()  # suggest.classifier.Model, as it saves itself
    matters = models.PositiveIntegerField()
    at = models.DateTimeField()


class SavedFilter(models.Model):
    """A named list of a member of staff; the filter itself lives in the address."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=400)
