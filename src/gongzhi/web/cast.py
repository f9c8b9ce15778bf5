"""The demonstration's cast: who can be tried with one tap, only where `settings.DEMO` is on.

The demonstration's loader names them in `Fact("demo_accounts")`, a list of {username, name, role,
place}; without it, one account for every role is taken from the appointments.
"""

from dataclasses import dataclass

from django.conf import settings

from gongzhi.core.models import Fact
from gongzhi.people.models import Account, Appointment
from gongzhi.people.roles import ROLES

FACT = "demo_accounts"


@dataclass(frozen=True, slots=True)
class Member:
    """One line of the list."""

    username: str
    name: str
    role: str
    place: str
    staff: bool


def listed() -> list[Member]:
    """The cast in the order of a matter's life, residents first."""
    if not settings.DEMO:
        return []
    fact = Fact.objects.filter(name=FACT).first()
    if fact is not None:
        return [_member(**row) for row in fact.value]
    return _residents() + _one_for_every_role()


def is_demonstration(username: str) -> bool:
    """Whether this account may be entered without a password here."""
    return any(member.username == username for member in listed())


def first_page(username: str) -> str:
    """Where that member of the cast begins."""
    staff = any(member.username == username and member.staff for member in listed())
    return "/staff/" if staff else "/"


def _member(username: str, name: str, role: str, place: str = "", **_: object) -> Member:
    known = ROLES.get(role)
    return Member(username, name, known.name if known else role, place, bool(known and known.staff))


def _residents() -> list[Member]:
    rows = Account.objects.filter(person__appointments=None, is_active=True).order_by("id")[:3]
    return [
        Member(row.username, row.person.name, ROLES["resident"].name, "", False)
        for row in rows.select_related("person")
    ]


def _one_for_every_role() -> list[Member]:
    posts = (
        Appointment.objects.filter(to_on=None, person__account__is_active=True)
        .order_by("role", "id")
        .distinct("role")
        .values_list("person__account__username", "person__name", "role", "place__name")
    )
    return [_member(*post) for post in posts]
