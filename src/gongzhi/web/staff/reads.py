"""Small questions only this desk asks. They read; nothing here decides who may ask."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from gongzhi.core.clock import SHANGHAI
from gongzhi.matters.models import Assignment, CallBack, Migration, SavedFilter
from gongzhi.people.models import (
    ApiToken,
    Appointment,
    Household,
    ImportBatch,
    Membership,
    Organisation,
    Person,
)
from gongzhi.people.permissions import Viewer
from gongzhi.people.roles import ROLES, Permission
from gongzhi.places.models import Adoption, Kind, Place, PlaybookVersion
from gongzhi.publications import queries as board


def _plain(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [dict(row) for row in rows]


def _running(at: datetime) -> Q:
    day = at.astimezone(SHANGHAI).date()
    return Q(from_on__lte=day) & (Q(to_on=None) | Q(to_on__gte=day))


def holders(path: str, at: datetime, limit: int = 200) -> list[dict[str, Any]]:
    """Who holds which post today in a place and below, by place and role."""
    rows = Appointment.objects.filter(_running(at), place__path__startswith=path)
    return _plain(
        rows.order_by("place__path", "role", "person__name").values(
            "id", "role", "person_id", "person__name", "place_id", "place__name",
            "place__kind", "organisation__name", "from_on", "to_on",
        )[:limit]
    )  # fmt: skip


def terms(person_id: int) -> list[dict[str, Any]]:
    """All posts of a person, running ones first."""
    rows = Appointment.objects.filter(person_id=person_id).order_by("-to_on", "-from_on")
    return _plain(
        rows.values(
            "id", "role", "place__name", "organisation__name", "from_on", "to_on", "ended_reason"
        )
    )


def handlers(ladder: list[int], at: datetime) -> list[dict[str, str]]:
    """To whom a matter may be given: units and appointed handlers along its ladder, and below."""
    paths = Place.objects.filter(pk__in=ladder).values_list("path", flat=True)
    deepest = max(paths, key=len, default="/")
    above = [int(part) for part in deepest.split("/") if part]
    units = Organisation.objects.filter(place_id__in=above).select_related("place")
    codes = [code for code, role in ROLES.items() if Permission.HANDLE in role.matter]
    posts = (
        Appointment.objects.filter(_running(at), role__in=codes, organisation=None)
        .filter(Q(place_id__in=above) | Q(place__path__startswith=deepest))
        .select_related("person", "place")
        .order_by("-place__path", "role")
    )
    offers = [
        {"group": "单位", "value": f"o{unit.pk}", "name": f"{unit.name}（{unit.place.name}）"}
        for unit in units.order_by("name")[:100]
    ]
    seen: set[int] = set()
    for post in posts[:200]:
        if post.person_id not in seen:
            seen.add(post.person_id)
            words = f"{post.person.name}（{post.place.name} {_(ROLES[post.role].name)}）"
            offers.append({"group": "个人", "value": f"p{post.person_id}", "name": words})
    return offers


def organisations(path: str) -> list[tuple[int, str]]:
    """Units of a place and below, for a list to choose from."""
    rows = Organisation.objects.filter(place__path__startswith=path).order_by("name")
    return list(rows.values_list("id", "name")[:300])


def counts(path: str) -> dict[str, int]:
    """How many households and people belong to a place and what lies below it."""
    homes = Household.objects.filter(place__path__startswith=path)
    kinds = (
        Membership.objects.filter(place__path__startswith=path, to_on=None)
        .values_list("kind")
        .annotate(n=Count("person", distinct=True))
    )
    return {"households": homes.count()} | dict(kinds)


def household(household_id: int) -> dict[str, Any] | None:
    """A household: its door, its place, and who lives there."""
    row = (
        Household.objects.filter(pk=household_id)
        .values("id", "door", "place_id", "place__name", "place__path", "grid__name")
        .first()
    )
    if row is None:
        return None
    people = Person.objects.filter(household_id=household_id).order_by("-head", "name")
    return row | {"people": list(people.values("id", "name", "head"))}


def households(place_id: int, page: int, size: int = 50) -> list[dict[str, Any]]:
    """The households of one building or grid, by door; one more than a page says there is more."""
    rows = Household.objects.filter(Q(place_id=place_id) | Q(grid_id=place_id))
    rows = rows.annotate(people_n=Count("people")).order_by("place__name", "door")
    start = (page - 1) * size
    return _plain(rows.values("id", "door", "place__name", "people_n")[start : start + size + 1])


def buildings(path: str, limit: int = 60) -> list[dict[str, Any]]:
    """Places below that have a QR code of their own."""
    rows = Place.objects.filter(path__startswith=path, token__isnull=False, valid_to=None)
    return _plain(rows.order_by("code").values("id", "name", "token", "parent__name")[:limit])


def tokens() -> list[dict[str, Any]]:
    """All keys of programs, newest first."""
    rows = ApiToken.objects.order_by("-at")
    return _plain(
        rows.values("id", "name", "scopes", "person__name", "at", "expires_at", "revoked_at")[:200]
    )


def saved_filters(person_id: int) -> list[dict[str, Any]]:
    """The named lists of one member of staff."""
    return _plain(SavedFilter.objects.filter(person_id=person_id).values("id", "name", "query"))


def overdue_by_unit(path: str, at: datetime) -> list[dict[str, Any]]:
    """Open and overdue assignments of each unit, by its name: units are named, people never."""
    rows = (
        Assignment.objects.filter(
            matter__place_path__startswith=path, matter__outcome="", organisation__isnull=False,
            done_at=None, ended_at=None,
        )
        .values("organisation__name")
        .annotate(
            open=Count("id"),
            overdue=Count("id", filter=Q(due_at__lt=at, matter__paused_at=None)),
        )
    )  # fmt: skip
    return _plain(rows.order_by("organisation__name")[:200])


def objections(viewer: Viewer) -> list[dict[str, Any]]:
    """Objections to what was published that wait for an answer at the viewer's places."""
    return board.waiting_objections(viewer)


def asked(matter_id: int, round_: int) -> list[tuple[int, str]]:
    """Those the system asks about the result, who have not answered yet."""
    rows = CallBack.objects.filter(matter_id=matter_id, round=round_, answered_at=None)
    return list(rows.order_by("id").values_list("person_id", "person__name")[:500])


def batches(paths: list[str], limit: int = 30) -> list[dict[str, Any]]:
    """Roster files of these places, newest first."""
    inside = Q()
    for path in paths:
        inside |= Q(place__path__startswith=path)
    rows = ImportBatch.objects.filter(inside).order_by("-at")
    return _plain(
        rows.values(
            "id", "filename", "place__name", "by__name", "at", "state", "counts", "progress",
            "applied_at", "undone_at",
        )[:limit]
    )  # fmt: skip


def villages(path: str) -> list[tuple[int, str]]:
    """Villages and communities below a place."""
    rows = Place.objects.filter(path__startswith=path, kind=Kind.VILLAGE, valid_to=None)
    return list(rows.order_by("code").values_list("id", "name")[:300])


def versions(name: str) -> list[dict[str, Any]]:
    """All versions of a playbook that were ever adopted here, newest first."""
    rows = PlaybookVersion.objects.filter(playbook=name).order_by("-version", "-first_seen_at")
    return _plain(rows.values("digest", "playbook", "version", "first_seen_at"))


def adopted_by(name: str) -> list[dict[str, Any]]:
    """Where a playbook is or was in force."""
    rows = Adoption.objects.filter(playbook=name).order_by("-from_on", "place__path")
    return _plain(
        rows.values("place_id", "place__name", "place__path", "version__version", "from_on",
                    "to_on", "reason", "end_reason")
    )  # fmt: skip


def migrations(name: str) -> list[dict[str, Any]]:
    """Migrations between versions of a playbook, newest first."""
    rows = Migration.objects.filter(old__playbook=name).order_by("-at")
    return _plain(
        rows.values("id", "place_id", "place__name", "at", "reason", "moved", "undone_at",
                    "old__version", "new__version", "by__name")[:30]
    )  # fmt: skip


def first_names(place_ids: list[int]) -> dict[int, str]:
    """Names of places by id."""
    return dict(Place.objects.filter(pk__in=place_ids).values_list("id", "name"))
