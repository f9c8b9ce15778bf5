"""Who may see a matter, and how much of it: an answer that carries its reason. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gongzhi.people.permissions import Post, Viewer
from gongzhi.people.roles import ROLES, Permission


class Sight(StrEnum):
    """How much of a matter somebody sees."""

    NONE = "none"
    NEIGHBOUR = "neighbour"  # masked: what was raised, where it stands
    FOLLOWER = "follower"  # joined, or his report was merged: as a neighbour, and he is asked
    MASKED = "masked"  # staff who need no names
    STAFF = "staff"  # handlers: everything but sealed answers
    OWN = "own"  # the raiser, who entered it, his family with a proxy


@dataclass(frozen=True, slots=True)
class Answer:
    """What may be seen and why."""

    sight: Sight
    reason: str

    def __bool__(self) -> bool:
        return self.sight is not Sight.NONE


def sight(viewer: Viewer, matter: Mapping[str, Any]) -> Answer:
    """How much `viewer` sees of a matter.

    `matter` has raised_by_id, entered_by_id, place_path, held_path, village_path, sensitive, and
    the flags follows and assigned for this viewer. Sources: rules.md §5 and R13; cases.md 2.14.
    """
    who = viewer.person_id
    if who is None:
        return Answer(Sight.NONE, "请先登录。")
    if who == matter["raised_by_id"] or matter["raised_by_id"] in viewer.acts_for:
        return Answer(Sight.OWN, "这是您（或您代办的家人）提的事。")
    if matter["assigned"]:
        return Answer(Sight.STAFF, "这件事交给了您或您的单位。")
    if any(post.covers(matter["place_path"]) for post in posts_with(viewer, Permission.READ)):
        return Answer(Sight.STAFF, "这件事在您负责的地方。")
    if matter["held_path"] in _desks(viewer):
        return Answer(Sight.STAFF, "这件事现在由您这一级办。")
    if who == matter["entered_by_id"]:
        return Answer(Sight.OWN, "这件事是您代人提的。")
    if matter["follows"]:
        return Answer(Sight.FOLLOWER, "您也报过这件事。")
    if matter["sensitive"]:
        return Answer(Sight.NONE, "这件事不对外公开。")
    masked = posts_with(viewer, Permission.READ_MASKED)
    if any(post.covers(matter["place_path"]) for post in masked):
        return Answer(Sight.MASKED, "按您的职责，只看隐去姓名的内容。")
    if viewer.lives_in(matter["village_path"]):
        return Answer(Sight.NEIGHBOUR, "这是您所在村（社区）的事。")
    return Answer(Sight.NONE, "这件事不在您的村（社区），也不在您负责的地方。")


def posts_with(viewer: Viewer, *wanted: Permission) -> tuple[Post, ...]:
    """The viewer's posts that carry any of these permissions over matters."""
    return tuple(
        post
        for post in viewer.posts
        if post.role in ROLES and ROLES[post.role].matter & set(wanted)
    )


def _desks(viewer: Viewer) -> set[str]:
    """Where he sorts and sends what comes there: a matter held at his desk is a reason to see it.

    So a county leader sees who asks only once the matter has come up to the county.
    """
    return {post.place_path for post in posts_with(viewer, Permission.TRIAGE)}


def desk_ids(viewer: Viewer, *wanted: Permission) -> list[int]:
    """Ids of the places where he holds such a post."""
    return sorted({post.place_id for post in posts_with(viewer, *wanted)})


def staff_paths(viewer: Viewer) -> list[str]:
    """Paths of the places whose matters the viewer sees as staff, none inside another."""
    return _outermost(posts_with(viewer, Permission.READ))


def masked_paths(viewer: Viewer) -> list[str]:
    """Paths of the places whose matters, unless sensitive, he sees without names."""
    return _outermost(posts_with(viewer, Permission.READ_MASKED))


def _outermost(posts: tuple[Post, ...]) -> list[str]:
    kept: list[str] = []
    for path in sorted({post.place_path for post in posts}):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return kept
