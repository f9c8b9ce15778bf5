"""Every way through a playbook that `decide` allows, walked on a table with all roles present."""

from collections.abc import Iterator
from copy import copy, deepcopy
from datetime import datetime

from gongzhi.core.clock import SHANGHAI
from gongzhi.playbooks.graph import Node, Way
from gongzhi.playbooks.moves import (
    Attendance,
    Move,
    Outcome,
    Played,
    Position,
    Ratings,
    Tally,
    Verb,
)
from gongzhi.playbooks.room import Room
from gongzhi.playbooks.schema import Playbook

START = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
YES, NO = Tally(30, 30, 30, 0, 0), Tally(30, 30, 0, 30, 0)
SOLVED, UNSOLVED = Ratings(1, {5: 1}), Ratings(1, {1: 1}, 1)


def room(playbook: Playbook, level: str | None = None) -> Room:
    """A table with one person per role; a second set of hands does the work."""
    people = {role.id: frozenset({role.id}) for role in playbook.roles if not role.special}
    people |= {f"the {r.id}": frozenset({r.id}) for r in playbook.roles if r.special}
    people["worker"] = frozenset()
    return Room(playbook, people, START, level=level)


def somebody(table: Room, verb: Verb, move: Move) -> Played | None:
    """The move made by the first person who may; None if nobody may."""
    for name in table.people:
        answer = table.play(name, move)
        if isinstance(answer, Played):
            return answer
    return None


def everybody(playbook: Playbook, present: int = 30) -> Attendance:
    """A full house."""
    return Attendance(present, present, {role.id: present for role in playbook.roles})


def gate(table: Room, yes: bool) -> bool:
    """Brings the gate of the present stage to its decision; False if it knows no such one."""
    least = table.playbook.stage(table.position.stage).gate.not_before
    if least is not None:
        table.wait_until(table.calendar.add(table.position.entered_at, least))
    kind = table.playbook.stage(table.position.stage).gate.kind
    simple = {"accept": Verb.ACCEPT, "approve": Verb.ACCEPT, "publish": Verb.PUBLISH}
    if kind == "vote":
        move = Move(Verb.RESOLVE, tally=YES if yes else NO)
    elif kind == "rate":
        move = Move(Verb.RATE, ratings=SOLVED if yes else UNSOLVED)
    elif kind in ("accept", "approve") and not yes:
        move = Move(Verb.REFUSE, reason="不归这里管")
    elif not yes:
        return False
    elif kind == "joint":
        return _joint(table)
    elif kind == "hearing":
        move = Move(Verb.HEAR, attendance=everybody(table.playbook))
    elif kind == "sign":
        return _sign(table)
    elif kind == "attach":
        table.attachments = 1
        move = Move(Verb.ATTACH)
    else:
        move = Move(simple[kind])
    return somebody(table, move.verb, move) is not None


def _joint(table: Room) -> bool:
    stage = table.position.stage, table.position.level
    for move in (
        Move(Verb.DISPATCH, assignees=("worker",)),
        Move(Verb.REPORT_DONE),
        Move(Verb.VERIFY),
    ):
        if somebody(table, move.verb, move) is None:
            return False
    return (table.position.stage, table.position.level) != stage


def _sign(table: Room) -> bool:
    before = table.position
    for name in table.people:
        if table.position == before:
            table.play(name, Move(Verb.SIGN))
    return table.position != before


def node(position: Position) -> Node:
    """Where the position stands in the graph."""
    if position.outcome == Outcome.DONE:
        return ("end", "")
    return ("refused", "") if position.outcome else (position.stage, position.level)


def way(playbook: Playbook, before: Position, after: Position, result: str) -> Way:
    """By which way it went there."""
    if result == "refuse":
        return "refuse"
    if after.outcome == Outcome.REFUSED:
        return "fail" if result == "fail" else "refuse"
    if after.unsolved and not before.unsolved:
        return "unsolved"
    climbed = after.climbs > before.climbs or after.stage == playbook.top_stage()
    if result == "down":
        return "down"
    if result == "up" or (result == "fail" and climbed):
        return "up"
    return "fail" if result == "fail" else "pass"


def steps(table: Room) -> Iterator[tuple[Way, Room]]:
    """Every way out of where the table stands, each on a table of its own."""
    seen: set[tuple[Way, Node]] = set()
    for act in ("yes", "no", "late", Verb.ESCALATE, Verb.SEND_DOWN):
        there = _twin(table)
        if not _act(there, act) or there.position == table.position:
            continue
        entry = there.history[-1]
        found = way(table.playbook, table.position, there.position, entry.answer.result)
        if (
            node(there.position) != node(table.position)
            and (found, node(there.position)) not in seen
        ):
            seen.add((found, node(there.position)))
            yield found, there


def _act(table: Room, act: str) -> bool:
    if act in ("yes", "no"):
        return gate(table, act == "yes")
    if act == "late":
        due = table.position.due_at
        return due is not None and bool(table.wait_until(due))
    move = Move(Verb(act), reason="本级办不了")
    return somebody(table, move.verb, move) is not None


def _twin(table: Room) -> Room:
    twin = copy(table)
    twin.history, twin.assigned = list(table.history), list(table.assigned)
    twin.undone, twin.handlers = deepcopy(table.undone), deepcopy(table.handlers)
    return twin


def paths(
    table: Room, so_far: tuple[tuple[Way, Node], ...] = ()
) -> Iterator[tuple[tuple[Way, Node], ...]]:
    """Every whole path from where the table stands to an end."""
    if table.position.outcome:
        yield so_far
        return
    for found, there in steps(table):
        yield from paths(there, (*so_far, (found, node(there.position))))
