"""Sorting a matter: which kind it is, and whether it is really several."""

from datetime import datetime

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.matters import store
from gongzhi.matters.actions import effects, intake, moving
from gongzhi.matters.suggest import taxonomy
from gongzhi.people.roles import Permission, matter_permissions

MAX_PARTS = 10


def classify(*, matter_id: int, category: str, by: int, at: datetime) -> moving.Moved:
    """A member of staff confirms the category. Confirmed ones teach the suggestions."""
    if category and category not in taxonomy.categories():
        raise BadInput("category", "没有这个类别。", todo="请从列表里选，说不清就留空。")
    with db.atomic():
        matter = _staff_sees(matter_id, by, at)
        db.run(
            "update matters_matter set category = %s, category_confirmed = %s"
            " where id = %s::bigint",
            (category, bool(category), matter_id),
        )
        told = {"category": category, "category_before": matter.row["category"]}
        return moving.note(matter, by=by, at=at, data=told, private=True)


def split(
    *, matter_id: int, parts: tuple[str, ...], by: int, at: datetime, reason: str, key: str | None
) -> list[intake.Raised]:
    """One matter that is really several: each part becomes a matter of its own with this parent.

    The parent stays open for what is left of it; the raiser follows every part.
    """
    if not 1 <= len(parts) <= MAX_PARTS:
        raise BadInput("parts", f"请写一到{MAX_PARTS}件要分出来的事。")
    why = text.clean(reason, 200, field="reason")
    if not why:
        raise BadInput("reason", "拆分要写明原因。")
    with db.atomic():
        matter = _staff_sees(matter_id, by, at)
        if matter.position.outcome:
            raise Refused("这件事已经了结，不能再拆分。", code="ended")
        made = [
            intake.begin(
                draft, by=by, whose=matter.row["raised_by_id"], at=at, agreed=True,
                key=f"{key}:{index}" if key else None,
            )
            for index, draft in enumerate(_drafts(matter, parts))
        ]  # fmt: skip
        if not all(part.repeated for part in made):
            told = {"note": why, "split": [part.number for part in made]}
            moving.note(matter, by=by, at=at, data=told)
        return made


def _drafts(matter: store.Loaded, parts: tuple[str, ...]) -> list[intake.Draft]:
    """The parts as new matters: where, whose and how secret it is does not change."""
    kept = 'place_id, source, "where", anonymous, sensitive, urgent, consent_note'
    row = db.dicts(f"select {kept} from matters_matter where id = %s::bigint", (matter.id,))[0]
    row["consent_note"] = row["consent_note"] or f"由{matter.row['number']}分出"
    return [intake.checked(intake.Draft(body=body, parent=matter.id, **row)) for body in parts]


def _staff_sees(matter_id: int, by: int, at: datetime) -> store.Loaded:
    """The matter, locked, for somebody who sorts the matters of its area."""
    matter = store.load(matter_id, by=by, at=at, key=None)
    if matter is None:
        raise NotFound()
    above = effects.ids_of(matter.row["place_path"])
    sorts = {role for role, place, _ in matter.posts if place in above}
    if Permission.TRIAGE not in matter_permissions(frozenset(sorts)):
        raise NotAllowed("这件事不在您负责分类、派单的地方。")
    return matter
