"""Places and what they have adopted. Story: a tree, its history, working time, playbooks."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class Kind(models.TextChoices):
    """Kinds of place, from the province to a building (cases.md §1, P1)."""

    PROVINCE = "province", "省"
    PREFECTURE = "prefecture", "市"
    COUNTY = "county", "县（区）"
    TOWN = "town", "镇（街道）"
    VILLAGE = "village", "村（社区）"
    GRID = "grid", "网格"
    COMPOUND = "compound", "小区"
    BUILDING = "building", "楼栋"


class Place(models.Model):
    """One place while its boundaries last. A new boundary is a new row with predecessors.

    `code` is the 12-digit division code (NBS), 15 digits for a grid, longer below.
    `path` lists the ids from the root down to itself, "/1/45/978/": a subtree is a prefix.
    """

    code = models.CharField(max_length=24)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    subkind = models.CharField(max_length=24, default="", blank=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    path = models.TextField(default="")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    attributes = models.JSONField(default=dict)
    phone = models.CharField(max_length=20, default="", blank=True)
    token = models.CharField(max_length=16, null=True, unique=True)  # in the QR on its wall
    polygon = models.BinaryField(null=True)  # WKB, WGS-84
    west = models.FloatField(null=True)
    south = models.FloatField(null=True)
    east = models.FloatField(null=True)
    north = models.FloatField(null=True)
    schematic = models.BooleanField(default=False)  # drawn by us, to be captioned 示意图

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="place_code_once"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(valid_to=None), name="place_code_current_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="place_valid_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.GRID) | Q(code__regex=r"^[0-9]{15}$"),
                name="grid_code_15_digits",
            ),
        ]
        indexes = [
            models.Index(fields=["path"], name="place_path", opclasses=["text_pattern_ops"]),
            models.Index(fields=["parent", "kind"], name="place_children"),
        ]

    def __str__(self) -> str:
        return self.name


class Succession(models.Model):
    """Which place came from which: merged, split, renamed. The 24 villages of case 5 → 7."""

    predecessor = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="origins")
    on = models.DateField()
    how = models.CharField(
        max_length=8, choices=[("merge", "合并"), ("split", "拆分"), ("rename", "更名")]
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_once"),
            models.CheckConstraint(
                condition=~Q(predecessor=F("successor")), name="succession_of_another"
            ),
        ]


class OfficeHours(models.Model):
    """Weekly office hours of a place; places below without a row of their own inherit it."""

    place = models.OneToOneField(Place, on_delete=models.CASCADE)
    weekdays = models.JSONField(default=list)  # 0 Monday … 6 Sunday
    spans = models.JSONField(default=list)  # [["09:00","12:00"],["14:00","18:00"]]


class DayException(models.Model):
    """A day that differs from the week: a holiday, or a make-up workday (调休).

    `place` null is the national calendar (办 State Council notice of the year).
    """

    place = models.ForeignKey(Place, null=True, on_delete=models.CASCADE)
    day = models.DateField()
    open = models.BooleanField()
    name = models.CharField(max_length=40, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "day"], name="day_once", nulls_distinct=False)
        ]


class PlaybookVersion(models.Model):
    """A playbook exactly as it was when first adopted; running matters pin the digest."""

    digest = models.CharField(max_length=64, primary_key=True)
    playbook = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    source = models.JSONField()
    first_seen_at = models.DateTimeField(db_default=Now())


class Adoption(models.Model):
    """A place governs by a playbook from a day on. `for_` picks it by kind of matter."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="adoptions")
    version = models.ForeignKey(PlaybookVersion, on_delete=models.PROTECT)
    playbook = models.CharField(max_length=60)
    from_on = models.DateField()
    to_on = models.DateField(null=True)
    reason = models.TextField(default="")
    end_reason = models.TextField(default="")  # why the place went back to the one above
    by = models.BigIntegerField(null=True)  # a person; people stand above places
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="adoption_in_order"
            ),
            models.UniqueConstraint(
                fields=["place"], condition=Q(to_on=None), name="one_open_adoption"
            ),
        ]
