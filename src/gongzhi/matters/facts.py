"""What is true around a matter when somebody moves it: the roles of the playbook he holds."""

from collections.abc import Iterable

from gongzhi.core.clock import WorkCalendar
from gongzhi.matters import rules
from gongzhi.matters.store import Loaded
from gongzhi.playbooks.moves import Facts
from gongzhi.playbooks.schema import Playbook, Role


def gather(playbook: Playbook, matter: Loaded, *, by: int | None, calendar: WorkCalendar) -> Facts:
    """The facts for `by`; None is the clock."""
    row = matter.row
    units = {unit for _, _, unit in matter.posts if unit is not None}
    handlers = _handlers(matter.parts)
    if by is not None and any(part["organisation"] in units for part in matter.parts):
        handlers |= {str(by)}  # a colleague of the handling unit is not an outsider
    return Facts(
        calendar=calendar,
        actor=None if by is None else str(by),
        roles=frozenset() if by is None else roles(playbook, matter, by, units),
        handlers=handlers,
        signed=matter.signed,
        open_parts=sum(1 for p in matter.parts if not p["done"] and not p["ended"]),
        attachments=row["attachments"],
        urgent=row["urgent"],
        topic=rules.topic(playbook, row["category"]),
        conflict=bool(row["conflict"]),
    )


def roles(playbook: Playbook, matter: Loaded, by: int, units: set[int]) -> frozenset[str]:
    """The playbook's roles that `by` holds for this matter where it stands now."""
    return frozenset(
        role.id for role in playbook.roles if _holds(playbook, role, matter, by, units)
    )


def _holds(playbook: Playbook, role: Role, matter: Loaded, by: int, units: set[int]) -> bool:
    match role.special:
        case "raiser":
            return by == matter.row["raised_by_id"] or bool(matter.row["acts_for_raiser"])
        case "assignee":
            return any(
                not part["ended"] and (part["person"] == by or part["organisation"] in units)
                for part in matter.parts
            )
        case "affected":
            return bool(matter.row["follows"]) or by == matter.row["raised_by_id"]
        case "residents":
            return bool(matter.row["belongs"])
    levels = playbook.held_at(role.id, matter.position.level)
    offices = {matter.ladder[playbook.level_index(level)] for level in levels}
    return any(post in role.holders and at in offices for post, at, _ in matter.posts)


def _handlers(parts: Iterable[dict[str, object]]) -> frozenset[str]:
    """Everybody who worked on it in this round; who gave it back did not."""
    people: set[object] = set()
    for part in parts:
        if not part["ended"] or part["done"]:
            people |= {part["person"], part["done_by"]} - {None}
    return frozenset(str(person) for person in people)
