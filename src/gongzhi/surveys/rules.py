"""What a questionnaire may be, how answers are read, counted and hidden. Pure."""

import secrets
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from math import sqrt
from pathlib import Path
from typing import Any

from gongzhi.core import text
from gongzhi.core.errors import BadInput

LEAST = 5  # cases.md §1.2, 11: answers of fewer people are not shown
MOST_QUESTIONS, MOST_OPTIONS, MOST_WORDS = 40, 12, 500
MOST_SHEETS = 5000
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that looks like something else
SCALE = ["1", "2", "3", "4", "5"]
YES_NO = ["是", "否"]
APPRAISE = ["称职", "基本称职", "不称职"]  # in this order the verdicts count them
Given = dict[str, Any]  # "question" or "question:rated" → list of indexes, or words


class Incomplete(BadInput):
    """还有题没有答。"""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(next(iter(fields)), next(iter(fields.values())))
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as it is answered: `field` is its name on the form and in what was given."""

    field: str
    question: int
    rated: int | None
    kind: str
    options: tuple[str, ...]
    needed: bool


@cache
def appraisal() -> dict[str, Any]:
    """The figures of the yearly appraisal: `data/appraisal.toml`."""
    path = Path(__file__).parent / "data" / "appraisal.toml"
    return tomllib.loads(path.read_text("utf-8"))


def article(code: str) -> str:
    """The article on appraisal for a place: residents' committees end in 001-199 (NBS codes)."""
    residents = code[9:12].isdecimal() and 1 <= int(code[9:12]) <= 199
    return str(appraisal()["article"]["residents" if residents else "village"])


def fail_over(words: str) -> tuple[int, int]:
    """ "1/2" as (1, 2); BadInput for a share not on offer."""
    if words not in appraisal()["fail_over"]:
        raise BadInput("fail_over", "请从给出的几种里选一种。")
    share = Fraction(words)
    return share.numerator, share.denominator


def options_of(kind: str, typed: Iterable[str]) -> list[str]:
    """The options a question has; only choices have typed ones: 2 to 12, all different."""
    fixed = {"scale": SCALE, "yesno": YES_NO, "words": [], "appraise": APPRAISE}
    if kind in fixed:
        return list(fixed[kind])
    options = [text.clean(line, 40, field="options", one_line=True) for line in typed]
    options = [line for line in options if line]
    if not 2 <= len(options) <= MOST_OPTIONS:
        raise BadInput("options", f"请写2到{MOST_OPTIONS}个选项，一行一个。")
    if len(set(options)) != len(options):
        raise BadInput("options", "有两个选项一样，请改一个。")
    return options


def asked(questions: Iterable[Mapping[str, Any]], rated: Sequence[int]) -> list[Asked]:
    """Every field of the form: a question of an appraisal is asked once for each one rated."""
    found = []
    for q in questions:
        for one in rated if q["kind"] == "appraise" else (None,):
            name = f"{q['id']}" if one is None else f"{q['id']}:{one}"
            found.append(
                Asked(name, q["id"], one, q["kind"], tuple(q["options"]), bool(q["needed"]))
            )
    return found


def read(fields: Iterable[Asked], typed: Mapping[str, Sequence[str]], *, paper: bool) -> Given:
    """What was answered, by field. On paper anything may be left out; on line not what is needed.

    Raises Incomplete with a sentence for every field that is wrong.
    """
    given: Given = {}
    wrong: dict[str, str] = {}
    for one in fields:
        try:
            value = _value(one, [part.strip() for part in typed.get(one.field, ()) if part.strip()])
        except BadInput as refusal:
            wrong[one.field] = refusal.words
            continue
        if value:
            given[one.field] = value
        elif one.needed and not paper:
            wrong[one.field] = "这一题还没有答。"
    if wrong:
        raise Incomplete(wrong)
    return given


def _value(one: Asked, parts: Sequence[str]) -> list[int] | str:
    if one.kind == "words":
        return text.clean("\n".join(parts), MOST_WORDS, field=one.field)
    if not all(part.isascii() and part.isdecimal() and len(part) < 4 for part in parts):
        raise BadInput(one.field, "请从给出的选项里选。")
    picks = sorted({int(part) for part in parts})
    if picks and picks[-1] >= len(one.options):
        raise BadInput(one.field, "请从给出的选项里选。")
    if one.kind != "multiple" and len(picks) > 1:
        raise BadInput(one.field, "这一题只能选一个。")
    return picks


def differences(fields: Iterable[Asked], one: Given, other: Given) -> list[str]:
    """The fields two typings of the same sheet do not agree on."""
    return [f.field for f in fields if one.get(f.field) != other.get(f.field)]


def new_code() -> str:
    """Nine signs; the last three are also the check that a typed number is the right sheet."""
    return "".join(secrets.choice(CODE_SIGNS) for _ in range(9))


def check_of(code: str) -> str:
    """The check signs printed beside the number of a sheet."""
    return code[-3:]


def wilson(k: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share k/n (E. B. Wilson, JASA 22, 1927); (0, 1) for nobody."""
    if n == 0:
        return 0.0, 1.0
    p, square = k / n, z * z
    middle = (p + square / (2 * n)) / (1 + square / n)
    half = z * sqrt(p * (1 - p) / n + square / (4 * n * n)) / (1 + square / n)
    low = 0.0 if k == 0 else max(0.0, middle - half)
    return low, 1.0 if k == n else min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of n chose an option: exact, with its interval."""

    words: str
    k: int
    n: int

    @property
    def share(self) -> Fraction:
        """k of n."""
        return Fraction(self.k, self.n) if self.n else Fraction(0)

    @property
    def interval(self) -> tuple[float, float]:
        """The Wilson interval of 95 %."""
        return wilson(self.k, self.n)


@dataclass(frozen=True, slots=True)
class Part:
    """The answers of one group, or of several put together; `names` says which."""

    names: tuple[str, ...]
    n: int
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A question's result as anybody may see it. `hidden`: fewer than five answered."""

    words: str
    kind: str
    about: str
    n: int
    hidden: bool
    shares: tuple[Share, ...] = ()
    parts: tuple[Part, ...] = ()
    mean: Fraction | None = None


@dataclass(slots=True)
class Count:
    """Raw counts of one field by group: {group: (answered, {option: chosen})}."""

    answered: dict[int | None, int] = field(default_factory=dict)
    chosen: dict[int | None, dict[int, int]] = field(default_factory=dict)


def together(sizes: Mapping[int | None, int], least: int = LEAST) -> set[int | None] | None:
    """Which groups must be shown as one, so that none under `least` can be found by subtraction.

    The small ones, and if they together are still small or only one of them has anybody, the next
    smallest too. None when not even that helps: then no group is shown at all.
    """
    pool = {group for group, n in sizes.items() if n < least}
    if not any(sizes[group] for group in pool):
        return set()
    rest = sorted((g for g in sizes if g not in pool), key=lambda g: (sizes[g], str(g)))
    while sum(sizes[g] for g in pool) < least or sum(1 for g in pool if sizes[g]) < 2:
        if not rest:
            return None
        pool.add(rest.pop(0))
    return pool if rest else None


def shown(asked_: Asked, words: str, about: str, count: Count, groups: Sequence[str] = ()) -> Shown:
    """The result of one field with small groups hidden, also from subtraction."""
    n = sum(count.answered.values())
    if n < LEAST:
        return Shown(words, asked_.kind, about, 0, hidden=True)
    everybody = _shares(asked_, count, count.answered)
    mean = None
    if asked_.kind == "scale":
        mean = Fraction(sum((i + 1) * s.k for i, s in enumerate(everybody)), n)
    parts = _parts(asked_, count, groups) if groups else ()
    return Shown(words, asked_.kind, about, n, False, everybody, parts, mean)


def grouping(asked_: Asked, words: str, count: Count) -> Shown:
    """The question people are grouped by: a small group's very size is put together with others."""
    n = sum(count.answered.values())
    sizes: dict[int | None, int] = {
        i: sum(chosen.get(i, 0) for chosen in count.chosen.values())
        for i in range(len(asked_.options))
    }
    pool = together(sizes)
    if n < LEAST or pool is None:
        return Shown(words, asked_.kind, "", n if n >= LEAST else 0, hidden=True)
    shares = [
        Share(asked_.options[g], sizes[g], n) for g in sizes if g is not None and g not in pool
    ]
    if pool:
        names = "、".join(asked_.options[g] for g in sizes if g is not None and g in pool)
        shares.append(Share(names, sum(sizes[g] for g in pool), n))
    return Shown(words, asked_.kind, "", n, False, tuple(shares))


def _parts(asked_: Asked, count: Count, groups: Sequence[str]) -> tuple[Part, ...]:
    sizes: dict[int | None, int] = {
        g: count.answered.get(g, 0) for g in (*range(len(groups)), None)
    }
    if not sizes[None]:
        del sizes[None]
    pool = together(sizes)
    if pool is None:
        return ()
    names = {g: "没有说" if g is None else groups[g] for g in sizes}
    single = [(g,) for g in sizes if g not in pool]
    return tuple(
        Part(
            tuple(names[g] for g in which),
            sum(sizes[g] for g in which),
            _shares(asked_, count, which),
        )
        for which in (*single, *([tuple(g for g in sizes if g in pool)] if pool else []))
    )


def _shares(asked_: Asked, count: Count, which: Iterable[int | None]) -> tuple[Share, ...]:
    some = list(which)
    n = sum(count.answered.get(g, 0) for g in some)
    return tuple(
        Share(words, sum(count.chosen.get(g, {}).get(i, 0) for g in some), n)
        for i, words in enumerate(asked_.options)
    )


def failed(incompetent: int, valid: int, over: Fraction) -> bool:
    """Whether an appraisal says 不称职: strictly more than the share of the valid answers."""
    return Fraction(incompetent, valid) > over if valid else False


def office_ends(failures: Sequence[bool]) -> bool:
    """Whether the last appraisals, newest first, were failed as often in a row as the law says.

    Villagers Committee Law 2025 art. 38, Urban Residents Committee Law 2025 art. 37: a
    consequence people act on, never the program.
    """
    needed = int(appraisal()["fails_in_a_row"])
    return len(failures) >= needed and all(failures[:needed])
