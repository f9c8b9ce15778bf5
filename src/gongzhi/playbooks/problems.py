"""What is wrong with a playbook, said so that the clerk who wrote it can put it right."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from gongzhi.core import errors
from gongzhi.playbooks import kinds


@dataclass(frozen=True, slots=True)
class Problem:
    """One slip. `code` is stable; the rest is for reading (zh-Hans)."""

    code: str
    where: str  # file and place in it, e.g. "playbook.toml · stages → decide → gate"
    what: str  # what is wrong there
    expected: str = ""  # what should stand there
    exists: tuple[str, ...] = ()  # what could be meant
    nearest: str = ""  # the likeliest of them

    def __str__(self) -> str:
        lines = [f"{self.where}：{self.what}"]
        if self.expected:
            lines.append(f"  应当：{self.expected}")
        if self.nearest:
            lines.append(f"  是不是想写“{self.nearest}”？")
        if self.exists:
            lines.append(f"  现有：{'、'.join(self.exists)}")
        return "\n".join(lines)


class Broken(errors.Refused):
    """这份规则有错，暂时不能用。"""

    code = "playbook_broken"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def nearest(word: str, known: tuple[str, ...]) -> str:
    """The known word that looks most like the written one; "" if none does."""
    return next(iter(get_close_matches(word, known, n=1, cutoff=0.5)), "")


def unknown(code: str, where: str, kind: str, word: str, known: tuple[str, ...]) -> Problem:
    """A name that nothing bears."""
    return Problem(
        code, where, f"没有叫“{word}”的{kind}", f"写一个现有的{kind}", known, nearest(word, known)
    )


def from_validation(
    file: str, error: ValidationError, data: Any, model: type[BaseModel]
) -> tuple[Problem, ...]:
    """The slips pydantic found, in a clerk's words; the same place is reported once."""
    found: dict[tuple[Any, ...], Problem] = {}
    for detail in error.errors(include_url=False):
        loc = tuple(part for part in detail["loc"] if not _is_branch(part))
        found.setdefault(loc, _problem(file, loc, detail, data, model))
    return tuple(found.values())


def _is_branch(part: int | str) -> bool:
    """Whether pydantic names a branch of a union there, not a key of the file."""
    return isinstance(part, str) and (
        part in ("str", "HouseRule") or part.startswith(("tuple[", "literal[", "function-"))
    )


def _problem(
    file: str, loc: tuple[Any, ...], detail: Any, data: Any, model: type[BaseModel]
) -> Problem:
    where = place(file, loc, data)
    key = str(loc[-1]) if loc else ""
    kind, given = detail["type"], detail.get("input")
    if kind == "extra_forbidden":
        keys = keys_at(model, loc[:-1])
        return Problem(
            "unknown_key", where, f"不认识的项“{key}”", "只用规则里有的项", keys, nearest(key, keys)
        )
    if kind == "missing":
        return Problem("missing_key", where, f"缺少“{key}”", "补上这一项")
    if kind == "literal_error":
        known = tuple(part.strip("' ") for part in _choices(detail))
        return Problem(
            "unknown_choice",
            where,
            f"“{key}”不能是“{given}”",
            "从现有的里选",
            known,
            nearest(str(given), known),
        )
    if kind == "value_error":
        return _value(where, str(detail["msg"]), given)
    if kind == "string_pattern_mismatch":
        return Problem(
            "bad_id", where, f"“{given}”不能作编号", "小写英文字母开头，只用字母、数字和下划线"
        )
    return Problem("wrong_type", where, f"“{key}”填得不对：{given!r}", _expected(detail))


def _choices(detail: Any) -> list[str]:
    return str(detail["ctx"]["expected"]).replace(" or ", ", ").split(", ")


def _value(where: str, message: str, given: object) -> Problem:
    if "length of time" in message:
        expected = "30m（分钟）、4h（小时）、7d（天）、8wh（工作小时）、5wd（工作日）"
        return Problem("bad_term", where, f"{given!r} 不是时间长度", expected)
    return Problem("bad_share", where, f"{given!r} 不是精确的分数", '写成分数，例如 "2/5"')


_TYPES = {
    "int_type": "一个整数",
    "int_parsing": "一个整数",
    "bool_type": "true 或 false",
    "bool_parsing": "true 或 false",
    "string_type": "一段文字，两边加引号",
    "tuple_type": "一个列表，写在 [ ] 里",
    "dict_type": "一组“名 = 值”",
    "model_type": "一组“名 = 值”，写在 { } 里",
    "model_attributes_type": "一组“名 = 值”，写在 { } 里",
}


def _expected(detail: Any) -> str:
    kind, ctx = detail["type"], detail.get("ctx") or {}
    if kind == "greater_than_equal":
        return f"不小于 {ctx['ge']}"
    if kind == "less_than_equal":
        return f"不大于 {ctx['le']}"
    return _TYPES.get(kind, str(detail["msg"]))


def place(file: str, loc: tuple[Any, ...], data: Any) -> str:
    """ "playbook.toml · stages → decide → gate": list items are called by their id."""
    names: list[str] = []
    for part in loc:
        data = _step(data, part)
        if isinstance(part, int) and isinstance(data, dict) and "id" in data:
            names.append(str(data["id"]))
        elif isinstance(part, int):
            names.append(f"第 {part + 1} 项")
        else:
            names.append(str(part))
    return f"{file} · {' → '.join(names)}" if names else file


def _step(data: Any, part: int | str) -> Any:
    try:
        return data[part]
    except (KeyError, IndexError, TypeError):
        return None


def keys_at(model: type[BaseModel], loc: tuple[Any, ...]) -> tuple[str, ...]:
    """The keys the schema knows at that place."""
    here: Any = model
    for part in loc:
        if isinstance(part, int):
            continue
        if isinstance(here, type) and issubclass(here, BaseModel) and part in here.model_fields:
            here = table_inside(here.model_fields[part].annotation)
    if isinstance(here, type) and issubclass(here, BaseModel):
        return tuple(field.alias or name for name, field in here.model_fields.items())
    return ()


def table_inside(annotation: Any) -> type[BaseModel] | None:
    """The table inside `tuple[Stage, ...]`, `Climb | None`, `dict[str, Words]`."""
    if isinstance(annotation, type) and issubclass(annotation, kinds.Part):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = table_inside(argument)
        if found is not None:
            return found
    return None
