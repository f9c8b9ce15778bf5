"""Whether a running matter may move to another version of its playbook.

A run is its marking: all that is asked is whether the place where the matter stands still exists
and still waits for the same thing. The position itself stays as it is, a running deadline too.
"""

from gongzhi.playbooks.moves import Position
from gongzhi.playbooks.schema import Playbook


def refusal(old: Playbook, new: Playbook, position: Position) -> str:
    """Why this matter may not move (zh-Hans), or "" if it may. Writes nothing, moves nothing."""
    words = old.words()
    name, rung = words.stages[position.stage].name, words.levels[position.level]
    if position.outcome:
        return "已经了结，留在原来的版本下。"
    if position.stage not in {stage.id for stage in new.stages}:
        return f"新版本里没有“{name}”这一步。"
    if position.level not in {level.id for level in new.levels}:
        return f"新版本里没有“{rung}”这一级。"
    stage, before = new.stage(position.stage), old.stage(position.stage)
    if stage.level and stage.level != position.level:
        return f"新版本里“{name}”只在{new.words().levels[stage.level]}办。"
    if stage.gate.kind != before.gate.kind and "joint" in (stage.gate.kind, before.gate.kind):
        return f"新版本里“{name}”的做法不同，等这一步办完再换。"
    if position.pause_reason and position.parked_until is None:
        allowed = stage.deadline.pause_on if stage.deadline else ()
        if position.pause_reason not in allowed:
            return "正在暂停计时，新版本没有这个暂停的原因，先恢复计时再换。"
    return ""
