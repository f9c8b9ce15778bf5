"""Who meets: standing forums, and the assemblies the law knows. Seats by class and term."""

from django.db import models
from django.db.models import F, Q

from gongzhi.people.models import Organisation, Person
from gongzhi.places.models import Place


class Body(models.Model):
    """A forum with house rules, or a statutory body with the rule of its law.

    `house` holds what a forum sets for itself: {"quorum": [parts], "pass": [parts],
    "required": [seat classes], "notice_days": n, "expected": heads, "text": "…"};
    see `playbooks.rules.house`.
    """

    class Kind(models.TextChoices):
        FORUM = "forum", "议事的会（意见不作决定）"
        STATUTORY = "statutory", "法定的会（能作决定）"

    class Level(models.TextChoices):
        BUILDING = "building", "巷（楼）"
        GRID = "grid", "网格"
        VILLAGE = "village", "村（社区）"
        TOWN = "town", "镇（街道）"

    class Electorate(models.TextChoices):
        """Who are its members: named seats, or everybody of a kind at the place."""

        SEATS = "seats", "有名单的成员"
        VILLAGERS = "villagers_18", "十八周岁以上村民"
        RESIDENTS = "residents_18", "十八周岁以上居民"
        HOUSEHOLDS = "households", "每户一名代表（户主）"

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="bodies")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    blueprint = models.CharField(max_length=40, default="", blank=True)
    name = models.CharField(max_length=60)
    level = models.CharField(max_length=10, choices=Level.choices)
    rule = models.CharField(max_length=40, default="", blank=True)  # playbooks.rules preset
    edition = models.CharField(max_length=4, default="2025")
    house = models.JSONField(default=dict)
    electorate = models.CharField(
        max_length=14, choices=Electorate.choices, default=Electorate.SEATS
    )
    template = models.CharField(max_length=40, default="", blank=True)  # of its agenda
    cadence_months = models.PositiveSmallIntegerField(null=True)  # one session each so many
    host = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField()
    to_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="statutory") & ~Q(rule="") | Q(kind="forum", rule=""),
                name="law_rules_statutory_bodies",
            ),
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="body_in_order"
            ),
            models.CheckConstraint(
                condition=Q(cadence_months=None) | Q(cadence_months__range=(1, 60)),
                name="cadence_1_to_60_months",
            ),
            models.UniqueConstraint(
                fields=["place", "name"], condition=Q(to_on=None), name="one_open_body_a_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SeatClass(models.TextChoices):
    """Whom a seat speaks for (cases 3 and 13)."""

    PARTY = "party", "党组织"
    COMMITTEE = "committee", "村（居）民委员会"
    SUPERVISION = "supervision", "监督委员会"
    STAKEHOLDER = "stakeholder", "利益相关方"
    UNIT = "unit", "驻地单位"
    EXPERT = "expert", "专业人员、部门"
    SOCIAL_ORG = "social_org", "社会组织"
    REPRESENTATIVE = "representative", "代表"
    MEMBER = "member", "成员"
    OWNER = "owner", "业主"


class Seat(models.Model):
    """A seat, held by a person (for an organisation, or himself) from a day to a day."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="seats")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="seats")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    seat_class = models.CharField(max_length=16, choices=SeatClass.choices)
    area = models.BigIntegerField(null=True)  # 0.01 m², owners only
    why = models.CharField(max_length=120, default="", blank=True)  # how a stakeholder is affected
    from_on = models.DateField()
    to_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["body", "person"], condition=Q(to_on=None), name="one_open_seat"
            ),
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="seat_in_order"
            ),
            models.CheckConstraint(
                condition=Q(area=None) | Q(area__gt=0, seat_class="owner"), name="area_of_owners"
            ),
        ]
