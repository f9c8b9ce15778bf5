"""A proposal of residents: the small form, who seconds it, what came of it, the project it became.

Once its seconders suffice a proposal is filed as a matter. From then on the matter says where it
stands (stage, level, deadlines, board); these tables hold what only a proposal has.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from gongzhi.matters.models import Matter
from gongzhi.people.models import Household, Person
from gongzhi.places.models import Place
from gongzhi.publications.models import Publication


class Phase(models.TextChoices):
    """Where a proposal is as long as no matter says so; the rest is read from the matter."""

    DRAFT = "draft", "草稿"
    SECONDING = "seconding", "征集附议"
    RUNNING = "running", "已立案"  # filed: its matter says where it stands
    RETURNED = "returned", "已退回"
    MERGED = "merged", "已合并"
    WITHDRAWN = "withdrawn", "已撤回"


class Proposal(models.Model):
    """The small form of case 10, and which matter it became."""

    number = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=60)
    wrong = models.CharField(max_length=300, default="", blank=True)  # what is wrong
    propose = models.CharField(max_length=600, default="", blank=True)
    own_part = models.CharField(max_length=300, default="", blank=True)  # what I can do myself
    topic = models.CharField(max_length=30, default="", blank=True)
    spot = models.CharField(max_length=200, default="", blank=True)
    households = models.PositiveIntegerField(null=True)  # about how many are affected
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    place_path = models.TextField()
    town_path = models.TextField()  # whose residents may read it before it is accepted
    reach = models.CharField(max_length=20)
    reach_path = models.TextField()  # whose households may second it
    proposer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    phase = models.CharField(max_length=10, choices=Phase.choices, default=Phase.DRAFT)
    needed = models.PositiveSmallIntegerField()  # seconding households, fixed at the opening
    seconded = models.PositiveIntegerField(default=0)  # kept by a trigger
    talked = models.PositiveIntegerField(default=0)  # comments that stand; kept by a trigger
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)  # of the seconding
    filed_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    matter = models.OneToOneField(
        Matter, null=True, on_delete=models.PROTECT, related_name="proposal"
    )
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="merged"
    )
    search = SearchVectorField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(phase=Phase.RUNNING)
                | Q(matter__isnull=False, filed_at__isnull=False, opened_at__isnull=False),
                name="running_proposal_has_matter",
            ),
            models.CheckConstraint(
                condition=Q(phase=Phase.MERGED, merged_into__isnull=False)
                | Q(~Q(phase=Phase.MERGED), merged_into=None),
                name="merged_proposal_names_other",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="proposal_not_itself"
            ),
            models.CheckConstraint(
                condition=Q(phase=Phase.DRAFT)
                | Q(phase=Phase.WITHDRAWN)
                | (~Q(wrong="") & ~Q(propose="") & ~Q(topic="") & Q(households__gte=1)),
                name="opened_proposal_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(filed_at=None) | Q(matter__isnull=False), name="filed_has_matter"
            ),
        ]
        indexes = [
            models.Index(
                fields=["place_path"], name="proposal_path", opclasses=["text_pattern_ops"]
            ),
            models.Index(fields=["proposer", "-id"], name="proposal_proposer"),
            models.Index(
                fields=["closes_at"],
                name="proposal_closing",
                condition=Q(phase=Phase.SECONDING),
            ),
            GinIndex(fields=["search"], name="proposal_search"),
        ]


class ProposalEvent(models.Model):
    """What happened to a proposal beside the events of its matter. Append-only by trigger."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "seq"], name="proposal_event_in_order")
        ]


class Seconder(models.Model):
    """A household stands behind it. Once per household; withdrawn only until it is accepted."""

    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, related_name="seconders", db_index=False
    )
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    carried_from = models.ForeignKey(
        Proposal, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )  # he seconded a proposal that was merged into this one

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "household"],
                condition=Q(withdrawn_at=None),
                name="household_seconds_once",
            )
        ]


class ProposalPhoto(models.Model):
    """A picture without place and device; kept when it arrives, so a failed form loses nothing."""

    proposal = models.ForeignKey(
        Proposal, null=True, on_delete=models.PROTECT, related_name="photos"
    )
    key = models.CharField(max_length=80, unique=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    jpeg = models.BinaryField()
    thumb = models.BinaryField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    at = models.DateTimeField()


class Comment(models.Model):
    """A word about it: ordinary, for, against or neutral. Hidden only with a reason."""

    STANDS = (("", "说一句"), ("for", "赞成"), ("against", "反对"), ("neutral", "中立"))

    proposal = models.ForeignKey(
        Proposal, on_delete=models.PROTECT, related_name="comments", db_index=False
    )
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    stand = models.CharField(max_length=8, choices=STANDS, default="", blank=True)
    office = models.CharField(max_length=30, default="", blank=True)  # role he spoke in, if any
    text = models.CharField(max_length=500)
    at = models.DateTimeField()
    hidden_at = models.DateTimeField(null=True)
    hidden_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    hidden_why = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(hidden_at=None, hidden_by=None, hidden_why="")
                | Q(~Q(hidden_why=""), hidden_at__isnull=False, hidden_by__isnull=False),
                name="comment_hidden_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(hidden_by=None) | ~Q(hidden_by=F("by")), name="comment_hidden_by_other"
            ),
            models.CheckConstraint(
                condition=Q(stand__in=["", "for", "against", "neutral"]), name="comment_stand"
            ),
        ]
        indexes = [models.Index(fields=["proposal", "-id"], name="comment_of_proposal")]


class Review(models.Model):
    """The acceptance test: which of the tests failed, and why. Append-only by trigger."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="reviews")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # by when it should have been decided
    desk_path = models.TextField()  # of the place he decided for: an appeal goes above it
    accepted = models.BooleanField()
    failed = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    reasons = models.CharField(max_length=500, default="", blank=True)
    publication = models.ForeignKey(
        Publication, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted=True, failed=[])
                | Q(~Q(failed=[]), ~Q(reasons=""), accepted=False),
                name="returned_with_reasons",
            )
        ]


class Appeal(models.Model):
    """The proposer asks the level above to look at a refusal; somebody else answers it, once."""

    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="appeal")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    against = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=500)
    at = models.DateTimeField()
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    upheld = models.BooleanField(null=True)
    answer = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_by=None, answered_at=None, upheld=None, answer="")
                | Q(
                    ~Q(answer=""),
                    answered_by__isnull=False,
                    answered_at__isnull=False,
                    upheld__isnull=False,
                ),
                name="appeal_answered_whole",
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | ~Q(answered_by=F("against")),
                name="appeal_by_another",
            ),
        ]


class Decision(models.Model):
    """What a platform decided, as counted. A forum's opinion never binds. Append-only."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="decisions")
    matter_seq = models.PositiveIntegerField()  # of the matter's event that carries the count
    level = models.CharField(max_length=30)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=20)
    verdict = models.CharField(max_length=12)  # pass, fail, no_decision: computed, never typed
    binding = models.BooleanField(default=False)
    words = models.CharField(max_length=1000, default="", blank=True)
    session_id = models.BigIntegerField(null=True)  # deliberation.meetings
    motion_id = models.BigIntegerField(null=True)  # deliberation.ballots
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "matter_seq"], name="decision_once"),
            models.CheckConstraint(
                condition=Q(binding=False) | Q(session_id__isnull=False, motion_id__isnull=False),
                name="binding_cites_session",
            ),
        ]


class Honour(models.Model):
    """A proposal (never a person) is honoured, in words: there is no column for money or points."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="honours")
    kind = models.CharField(max_length=30)
    why = models.CharField(max_length=200)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["proposal", "kind"], name="honoured_once"),
            models.CheckConstraint(condition=~Q(why=""), name="honour_says_why"),
        ]
