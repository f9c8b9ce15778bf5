"""Sorting a matter: which kind it is, and whether it is really several."""

from datetime import datetime

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.matters import store
from gongzhi.matters.actions import intake, moving
from gongzhi.matters.suggest import taxonomy
from gongzhi.playbooks.moves import Verb

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
        before = matter.row["category"]
        return moving.move(
            matter_id=matter_id, verb=Verb.COMMENT, by=by, at=at, private=True,
            data={"category": category, "category_before": before},
        )  # fmt: skip


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
        row = db.dicts("select * from matters_matter where id = %s::bigint", (matter_id,))[0]
        made = [
            intake.raise_matter(
                by=by,
                at=at,
                key=f"{key}:{index}" if key else None,
                body=body,
                place_id=row["place_id"],
                source=row["source"],
                raised_by=row["raised_by_id"],
                where=row["where"],
                anonymous=row["anonymous"],
                sensitive=row["sensitive"],
                urgent=row["urgent"],
                consent_note=row["consent_note"] or f"由{row['number']}分出",
                parent=matter_id,
            )
            for index, body in enumerate(parts)
        ]
        moving.move(
            matter_id=matter_id, verb=Verb.COMMENT, by=by, at=at, key=key, note=why,
            data={"split": [part.number for part in made]},
        )  # fmt: skip
        return made


def _staff_sees(matter_id: int, by: int, at: datetime) -> store.Loaded:
    """The matter, locked, for a member of staff in whose area it lies."""
    matter = store.load(matter_id, by=by, at=at, key=None)
    if matter is None:
        raise NotFound()
    path = matter.row["place_path"]
    ids = {int(part) for part in path.split("/") if part}
    if not any(place in ids for _, place, _ in matter.posts):
        raise NotAllowed("这件事不在您负责的地方。")
    return matter
