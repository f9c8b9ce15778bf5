"""Who may see a matter, and how much of it: an answer that carries its reason. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gongzhi.people.permissions import Viewer
from gongzhi.people.roles import ROLES, Permission


class Sight(StrEnum):
    """How much of a matter somebody sees."""

    NONE = "none"
    NEIGHBOUR = "neighbour"  # masked: what was raised, where it stands
    MASKED = "masked"  # staff who need no names
    STAFF = "staff"  # handlers: everything but sealed answers
    OWN = "own"  # the raiser, who entered it, his family with a proxy, those who joined


@dataclass(frozen=True, slots=True)
class Answer:
    """What may be seen and why."""

    sight: Sight
    reason: str

    def __bool__(self) -> bool:
        return self.sight is not Sight.NONE


def sight(viewer: Viewer, matter: Mapping[str, Any]) -> Answer:
    """How much `viewer` sees of a matter.

    `matter` has raised_by_id, entered_by_id, place_path, village_path, sensitive, and the flags
    follows and assigned for this viewer. Sources: rules.md §5 and R13; cases.md 2.14.
    """
    who = viewer.person_id
    if who is None:
        return Answer(Sight.NONE, "请先登录。")
    mine = {matter["raised_by_id"], matter["entered_by_id"]}
    if who in mine or matter["raised_by_id"] in viewer.acts_for:
        return Answer(Sight.OWN, "这是您（或您代办的家人）提的事。")
    if matter["assigned"]:
        return Answer(Sight.STAFF, "这件事交给了您或您的单位。")
    staff = _by_post(viewer, matter["place_path"])
    if staff is Sight.STAFF:
        return Answer(staff, "这件事在您负责的地方。")
    if matter["follows"]:
        return Answer(Sight.OWN, "您也报过这件事。")
    if matter["sensitive"]:
        return Answer(Sight.NONE, "这件事不对外公开。")
    if staff is Sight.MASKED:
        return Answer(staff, "按您的职责，只看隐去姓名的内容。")
    if viewer.lives_in(matter["village_path"]):
        return Answer(Sight.NEIGHBOUR, "这是您所在村（社区）的事。")
    return Answer(Sight.NONE, "这件事不在您的村（社区），也不在您负责的地方。")


def _by_post(viewer: Viewer, place_path: str) -> Sight:
    seen = Sight.NONE
    for post in viewer.posts:
        if not post.covers(place_path) or post.role not in ROLES:
            continue
        may = ROLES[post.role].matter
        if may & {Permission.READ, Permission.HANDLE, Permission.TRIAGE, Permission.VERIFY}:
            return Sight.STAFF
        if Permission.READ_MASKED in may:
            seen = Sight.MASKED
    return seen


def staff_paths(viewer: Viewer) -> list[str]:
    """Paths of the places whose matters the viewer sees as staff, none inside another."""
    wanted = {Permission.READ, Permission.HANDLE, Permission.TRIAGE, Permission.VERIFY}
    paths = sorted(
        {p.place_path for p in viewer.posts if p.role in ROLES and ROLES[p.role].matter & wanted}
    )
    kept: list[str] = []
    for path in paths:
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return kept
