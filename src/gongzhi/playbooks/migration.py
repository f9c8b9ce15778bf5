"""Moving running matters to another version: what each position becomes, or why it may not move.

Pure and dry: nothing is moved here. A run is its marking, so all that is asked is whether the place
where the matter stands still exists and still waits for the same thing. A deadline that is running
keeps its due date. Whoever carries a plan out records it, with his name and reason, and keeps the
old positions to undo it.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from gongzhi.playbooks.moves import Position, Step
from gongzhi.playbooks.schema import Playbook

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Plan(Generic[Key]):
    """What would happen to each matter."""

    moved: dict[Key, Position]
    refused: dict[Key, str]  # why, for a person to read (zh-Hans)


def plan(
    old: Playbook,
    new: Playbook,
    positions: Mapping[Key, Position],
    renamed: Mapping[str, str] | None = None,
) -> Plan[Key]:
    """The new position of every matter that may move, the reason for every one that may not.

    `renamed` says which stage of the old version is which of the new one, where the ids differ.
    """
    moved: dict[Key, Position] = {}
    refused: dict[Key, str] = {}
    for key, position in positions.items():
        answer = _one(old, new, position, dict(renamed or {}))
        if isinstance(answer, Position):
            moved[key] = answer
        else:
            refused[key] = answer
    return Plan(moved, refused)


def _one(
    old: Playbook, new: Playbook, position: Position, renamed: dict[str, str]
) -> Position | str:
    name = old.words().stages[position.stage].name
    target = renamed.get(position.stage, position.stage)
    if position.outcome:
        return "已经了结，留在原来的规则下。"
    if target not in {stage.id for stage in new.stages}:
        return f"新规则里没有“{name}”这一步。"
    if position.level not in {level.id for level in new.levels}:
        return f"新规则里没有“{old.words().levels[position.level]}”这一级。"
    stage, before = new.stage(target), old.stage(position.stage)
    if stage.level and stage.level != position.level:
        return f"新规则里“{name}”只在{new.words().levels[stage.level]}办。"
    if position.pause_reason and position.parked_until is None:
        allowed = stage.deadline.pause_on if stage.deadline else ()
        if position.pause_reason not in allowed:
            return "正在暂停计时，新规则没有这个暂停的原因。请先恢复计时。"
    if stage.gate.kind == before.gate.kind:
        return _carried(position, target, has_clock=stage.deadline is not None)
    if position.step in (Step.HANDLING, Step.VERIFYING):
        return f"“{name}”已经交办，新规则里这一步的做法不同。请等这一步办完。"
    step = Step.DISPATCHING if stage.gate.kind == "joint" else Step.NONE
    moved = _carried(position, target, has_clock=stage.deadline is not None)
    return replace(moved, step=step)


def _carried(position: Position, stage: str, *, has_clock: bool) -> Position:
    """The same position in the new version; a clock the new version does not have stops."""
    if has_clock:
        return replace(position, stage=stage)
    return replace(position, stage=stage, due_at=None, clock_from=None, unit="", warned=0)
