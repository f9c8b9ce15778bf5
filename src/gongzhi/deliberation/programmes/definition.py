"""A programme as data: phases in order, each with criteria; checked when it is read. Pure."""

import hashlib
import tomllib
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gongzhi.core.errors import BadInput

FOLDER = Path(__file__).parent / "definitions"
# What a measure may be given, and of which kind each is.
PARAMETERS: dict[str, dict[str, type]] = {
    "disclosure_on_time": {"quarters": int},
    "councils_seated": {"levels": list, "seats": int},
    "self_help_groups": {"kinds": list, "least": int},
    "help_matched": {"category": str, "hours": int, "days": int, "share": str},
    "old_disputes": {"category": str, "days": int},
}
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,29}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Strict):
    """The same in both languages."""

    zh: str = Field(alias="zh-Hans", min_length=1, max_length=80)
    en: str = Field(min_length=1, max_length=120)

    def said(self, language: str) -> str:
        """In the reader's language."""
        return self.en if language.startswith("en") else self.zh


class Criterion(_Strict):
    """Computed from records (`measure`), or shown by evidence that another person checks."""

    key: Key
    words: Words
    measure: str = ""
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    evidence: Words | None = None
    basis: Literal["source", "law", "default"]

    @model_validator(mode="after")
    def _one_way(self) -> "Criterion":
        if bool(self.measure) == bool(self.evidence):
            raise ValueError("either a measure or evidence, not both, not neither")
        known = PARAMETERS.get(self.measure, {})
        if self.measure and not known:
            raise ValueError(f"unknown measure “{self.measure}”; known: {', '.join(PARAMETERS)}")
        if set(self.with_) != set(known):
            raise ValueError(f"“{self.measure}” takes exactly: {', '.join(known) or 'nothing'}")
        for name, value in self.with_.items():
            if type(value) is not known[name] or value in (0, "", []):
                raise ValueError(f"“{name}” must be a {known[name].__name__} that says something")
        if "share" in self.with_:
            Fraction(self.with_["share"])
        return self


class Phase(_Strict):
    """One phase, passed by review of the representatives' meeting."""

    key: Key
    name: Words
    self_: Words = Field(alias="self")
    criterion: tuple[Criterion, ...] = Field(min_length=1)


class Definition(_Strict):
    """The whole programme."""

    id: Key
    version: int = Field(ge=1)
    name: Words
    basis: Literal["source", "law", "default"]
    phase: tuple[Phase, ...] = Field(min_length=1, max_length=12)

    @model_validator(mode="after")
    def _unlike(self) -> "Definition":
        for keys in (
            [p.key for p in self.phase],
            [c.key for p in self.phase for c in p.criterion],
        ):
            twice = {key for key in keys if keys.count(key) > 1}
            if twice:
                raise ValueError(f"named twice: {', '.join(sorted(twice))}")
        if any(p.key == "done" for p in self.phase):
            raise ValueError("“done” is the end of every programme")
        return self

    def index(self, phase: str) -> int:
        """Where a phase stands in the order; the end comes after the last."""
        keys = [p.key for p in self.phase]
        return keys.index(phase) if phase in keys else len(keys)


def parse(source: Mapping[str, Any]) -> Definition:
    """A checked definition; BadInput says where and what is wrong."""
    try:
        return Definition.model_validate(source)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = " › ".join(str(part) for part in first["loc"])
        raise BadInput("definition", f"这份规划读不懂：{where}：{first['msg']}") from wrong


def digest(source: Mapping[str, Any]) -> str:
    """SHA-256 of its content: what a place has adopted stays what it was."""
    return hashlib.sha256(msgspec.json.encode(source, order="deterministic")).hexdigest()


@cache
def shipped() -> dict[str, dict[str, Any]]:
    """The definitions that come with the software, by id, checked."""
    found = {}
    for path in sorted(FOLDER.glob("*.toml")):
        source = tomllib.loads(path.read_text("utf-8"))
        found[parse(source).id] = source
    return found
