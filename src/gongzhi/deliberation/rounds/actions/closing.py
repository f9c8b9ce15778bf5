"""The end of a round: the last picture, the open file, the board."""

from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.deliberation.rounds import permissions, pictures, rules
from gongzhi.deliberation.rounds.actions.base import happened, locked
from gongzhi.deliberation.rounds.models import Picture, Round
from gongzhi.people.permissions import Viewer
from gongzhi.publications import actions as publications


def close_round(*, round_id: int, viewer: Viewer | None, at: datetime) -> None:
    """Close it and publish what came of it. By its host, or by the clock (`viewer` None).

    Closing what is closed changes nothing.
    """
    with db.atomic():
        held = locked(round_id)
        if viewer is not None:
            permissions.need_hosts(viewer, held.place_path)
        if held.state == Round.State.CLOSED:
            return
        picture = pictures.final(round_id, at)
        held.state, held.closed_at = Round.State.CLOSED, at
        held.closed_by_id = viewer.person_id if viewer else None
        held.save(update_fields=["state", "closed_at", "closed_by"])
        publications.publish(
            place_id=held.place_id, subject="round", subject_id=held.pk,
            title=f"云协商结果：{held.question}", body=_body(held, picture),
            audience="public", days=rules.DAYS_ON_BOARD, by=held.closed_by_id, at=at,
        )  # fmt: skip
        happened("closed", held.pk, at, place=held.place_id)


def _body(held: Round, picture: Picture) -> dict[str, Any]:
    """What hangs on the board: the sentences; the page of the round has the picture."""
    result = picture.result
    if result.get("too_few"):
        return {"body": "参加的人不到5人，不分别公布。", "where": held.place.name, "sections": []}
    both = (("多数人同意", "agree"), ("多数人不同意", "disagree"))
    parts = [
        {"name": name, "lines": [row["text"] for row in result["consensus"][side]]}
        for name, side in both
    ]
    return {
        "body": f"{result['voters']}人表态{result['votes']}次。",
        "where": held.place.name,
        "sections": [part for part in parts if part["lines"]],
    }
