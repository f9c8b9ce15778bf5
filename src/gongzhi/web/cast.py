"""The demonstration's cast: who can be tried with one tap, only where `settings.DEMO` is on.

They are the accounts with a password; accounts that visitors open with a phone code have none.
"""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from gongzhi.people.cast import DUTIES
from gongzhi.people.models import Account, Appointment
from gongzhi.people.roles import ROLES

RESIDENT = "resident"


@dataclass(frozen=True, slots=True)
class Member:
    """One line of the list."""

    username: str
    name: str
    code: str
    role: str
    place: str
    staff: bool


def listed() -> list[Member]:
    """The cast in the order of the page of roles, residents first. Two statements."""
    if not settings.DEMO:
        return []
    accounts = Account.objects.filter(is_active=True).exclude(
        password__startswith=UNUSABLE_PASSWORD_PREFIX
    )
    posts = {
        post.person_id: post
        for post in Appointment.objects.filter(to_on=None).select_related("place").order_by("-id")
    }
    found = [
        _member(account, posts.get(account.person_id))
        for account in accounts.select_related("person__household__place")
    ]
    order = list(ROLES)
    return sorted(found, key=lambda one: (order.index(one.code), one.username))


def _member(account: Account, post: Appointment | None) -> Member:
    home = account.person.household.place if account.person.household else None
    place = post.place if post else home
    role = ROLES[post.role if post and post.role in ROLES else RESIDENT]
    name = place.name if place else ""
    duty = DUTIES.get(account.username, role.name)
    return Member(account.username, account.person.name, role.code, duty, name, role.staff)
