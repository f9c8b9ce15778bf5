"""Who asks: a person with his posts, his places and those he acts for. Plain data, no database."""

from collections.abc import Iterable
from dataclasses import dataclass

from gongzhi.people.roles import ROLES, Permission, Personal


@dataclass(frozen=True, slots=True)
class Post:
    """A role held at a place today."""

    role: str
    place_id: int
    place_path: str
    place_name: str
    place_kind: str
    organisation_id: int | None = None

    def covers(self, place_path: str) -> bool:
        """Whether the place lies in, or is, the place of the post."""
        return place_path.startswith(self.place_path)


@dataclass(frozen=True, slots=True)
class Viewer:
    """The one who asks. Nobody signed in is a viewer without `person_id`."""

    person_id: int | None = None
    name: str = ""
    household_id: int | None = None
    posts: tuple[Post, ...] = ()
    places: tuple[str, ...] = ()  # paths of places he lives in or is a member of
    acts_for: tuple[int, ...] = ()
    scopes: frozenset[str] | None = None  # of a program's token; None for a person at a page
    head: bool = False

    @property
    def is_staff(self) -> bool:
        """Whether any post brings work at the staff desk."""
        return any(ROLES[post.role].staff for post in self.posts if post.role in ROLES)

    @property
    def takes_in(self) -> bool:
        """Whether any post of his takes in what residents say: not an observer's, an auditor's."""
        return any(ROLES[p.role].staff for p in self.posts_with(Permission.CREATE, "matter"))

    @property
    def organisations(self) -> frozenset[int]:
        """The organisations he is appointed in."""
        return frozenset(p.organisation_id for p in self.posts if p.organisation_id is not None)

    def roles_at(self, place_path: str) -> set[str]:
        """Codes of the roles he holds over that place, also "resident" where he lives."""
        roles = {post.role for post in self.posts if post.covers(place_path)}
        if self.lives_in(place_path):
            roles.add("resident")
            if self.head:
                roles.add("household_head")
        return roles

    def lives_in(self, place_path: str) -> bool:
        """Whether he lives in, or belongs to, that place or a part of it."""
        return any(own.startswith(place_path) for own in self.places)

    def allows(self, scope: str) -> bool:
        """Whether the token, if there is one, carries the scope."""
        return self.scopes is None or scope in self.scopes

    def posts_with(self, permission: Permission, area: str) -> tuple[Post, ...]:
        """The posts that give `permission` over "matter", "publication", "places" or "people"."""
        return tuple(
            post
            for post in self.posts
            if post.role in ROLES and permission in getattr(ROLES[post.role], area)
        )

    def administers(self, area: str, place_path: str) -> bool:
        """Whether he administers "places" or "people" there."""
        return any(p.covers(place_path) for p in self.posts_with(Permission.ADMINISTER, area))


NOBODY = Viewer()


def sight(viewer: Viewer, person_id: int, paths: Iterable[str], *, case: bool) -> Personal:
    """How far the viewer sees the sensitive fields of a person who belongs to `paths`.

    With `case` he works on a matter of that person. Someone without a place (a passer-by) is seen
    only in a case.
    """
    if person_id == viewer.person_id or person_id in viewer.acts_for:
        return Personal.OWN
    here = list(paths)
    seen = {
        ROLES[post.role].personal
        for post in viewer.posts
        if post.role in ROLES and (any(map(post.covers, here)) or (case and not here))
    }
    if Personal.PLACE in seen and here:
        return Personal.PLACE
    if case:
        for wide in (Personal.CASE, Personal.PLACE, Personal.CONTACT):
            if wide in seen:
                return Personal.CASE if wide is Personal.PLACE else wide
    return Personal.NONE
