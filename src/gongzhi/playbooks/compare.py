"""What changed between two versions of a playbook, in words."""

from dataclasses import dataclass
from typing import Any

from gongzhi.playbooks.schema import Playbook


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; `before` is None for what is new, `after` for what is gone."""

    path: tuple[str, ...]
    before: Any
    after: Any

    def text(self) -> str:
        """For a person to read (zh-Hans)."""
        where = " → ".join(self.path)
        if self.before is None:
            return f"{where}：新加 {_short(self.after)}"
        if self.after is None:
            return f"{where}：去掉了 {_short(self.before)}"
        return f"{where}：从 {_short(self.before)} 改为 {_short(self.after)}"


def changes(old: Playbook, new: Playbook) -> tuple[Change, ...]:
    """Every difference, in the order of the old file, then what is new."""
    return tuple(_between((), _data(old), _data(new)))


def _data(playbook: Playbook) -> dict[str, Any]:
    return playbook.model_dump(mode="json", exclude_defaults=True)


def _between(path: tuple[str, ...], old: Any, new: Any) -> list[Change]:
    if old == new:
        return []
    old, new = _by_id(old), _by_id(new)
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(key for key in new if key not in old)]
        return [c for key in keys for c in _between((*path, key), old.get(key), new.get(key))]
    return [Change(path, old, new)]


def _by_id(value: Any) -> Any:
    """A list of things with ids as a table, so that moving one is not changing all."""
    things = isinstance(value, list) and value and all(isinstance(x, dict) for x in value)
    key = "id" if things and "id" in value[0] else "on"
    if not things or not all(key in x or key == "on" for x in value):
        return value
    return {str(x.get(key, "pass")): {k: v for k, v in x.items() if k != key} for x in value}


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "、".join(f"{key} = {_short(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return "[" + "、".join(map(_short, value)) + "]"
    return f"“{value}”" if isinstance(value, str) else str(value)
