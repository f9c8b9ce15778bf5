"""What a move would lead to, before it is made: asked of the playbook, written nowhere."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongzhi.matters import facts, store
from gongzhi.matters import words as matter_words
from gongzhi.places import queries as places
from gongzhi.playbooks import grants, play
from gongzhi.playbooks.moves import Answer, Move, Played, Verb
from gongzhi.web.staff import reads

# Verbs whose outcome depends on nothing that has still to be typed.
_FORESEEN = frozenset(
    {Verb.EXTEND, Verb.ESCALATE, Verb.SEND_DOWN, Verb.RESUME, Verb.UNPARK, Verb.ACCEPT, Verb.VERIFY,
     Verb.PUBLISH, Verb.SEND_BACK, Verb.ACCEPT_RETURN, Verb.REJECT_RETURN}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ahead:
    """Where the matter would stand, or why the move is not open."""

    refused: str = ""
    stage: str = ""
    level: str = ""
    place: str = ""
    due_at: datetime | None = None
    changes_due: bool = False


def answer(row: dict[str, Any], move: Move, *, by: int | None, at: datetime) -> Answer:
    """What the playbook would say to the move."""
    playbook = places.playbook(row["version_id"])
    loaded = store.peek(row["id"], by=by, at=at)
    calendar = places.calendar(row["place_id"])
    around = facts.gather(playbook, loaded, by=by, calendar=calendar)
    return play.decide(playbook, loaded.position, move, around, at)


def look(row: dict[str, Any], verb: Verb, *, by: int | None, at: datetime) -> Ahead | None:
    """The answer of the playbook to the move; None where it depends on what is typed."""
    playbook = places.playbook(row["version_id"])
    loaded = store.peek(row["id"], by=by, at=at)
    calendar = places.calendar(row["place_id"])
    around = facts.gather(playbook, loaded, by=by, calendar=calendar)
    barred = grants.barred(playbook, loaded.position, verb, around)
    if barred is not None:
        return Ahead(refused=f"{barred.words}{barred.todo}")
    if verb not in _FORESEEN:
        return None
    said = play.decide(playbook, loaded.position, Move(verb, reason="…"), around, at)
    if not isinstance(said, Played):
        return Ahead(refused=f"{said.words}{said.todo}")
    after, words = said.position, matter_words.of(playbook)
    held = loaded.ladder[playbook.level_index(after.level)]
    names = reads.first_names([held] if held is not None else [])
    return Ahead(
        stage="" if after.outcome else words.stages[after.stage].name,
        level=words.levels.get(after.level, after.level),
        place=names.get(held or 0, ""),
        due_at=after.due_at,
        changes_due=after.due_at != loaded.position.due_at,
    )
