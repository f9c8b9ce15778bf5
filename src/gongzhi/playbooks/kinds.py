"""The kinds of value a playbook is written with: exact shares, lengths of time, fixed choices."""

import re
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from gongzhi.core.clock import Term

_SHARE = re.compile(r"^(\d{1,4})/(\d{1,4})$")


def _share(value: object) -> object:
    if isinstance(value, Fraction):
        return value
    found = _SHARE.match(value) if isinstance(value, str) else None
    if found is None or int(found[2]) == 0:
        raise ValueError(f'{value!r} is not an exact share; write it as "2/5"')
    return Fraction(int(found[1]), int(found[2]))


def _written(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _term(value: object) -> object:
    if isinstance(value, Term):
        return value
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a length of time; write 30m, 4h, 7d, 8wh or 5wd")
    return Term.parse(value)


Share = Annotated[
    Fraction,
    BeforeValidator(_share),
    PlainSerializer(_written, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,4}/\d{1,4}$", "examples": ["2/5"]}),
]
Length = Annotated[
    Term,
    BeforeValidator(_term),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": r"^\d{1,4}(wd|wh|d|h|m)$", "examples": ["5wd", "7d", "30m"]}
    ),
]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Basis = Literal["source", "law", "default"]
Op = Literal[">", ">="]
Special = Literal["raiser", "assignee", "affected", "residents"]
Unit = Literal[
    "province", "prefecture", "county", "town", "village", "grid", "compound", "building"
]
GateKind = Literal[
    "accept", "approve", "sign", "attach", "hearing", "vote", "joint", "rate", "publish"
]
LateKind = Literal["escalate", "remind", "pass", "fail", "close"]
EdgeKind = Literal["pass", "fail", "escalate", "refuse"]
ClimbKind = Literal["deadline", "decision", "vote_fail", "topic"]
MeasureKind = Literal[
    "share_by_level", "answered_share", "satisfaction", "on_time", "days_per_stage", "reaching"
]
END, REFUSED = "end", "refused"  # where an edge may lead besides a stage


class Part(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, serialize_by_alias=True
    )
