"""What goes in and comes out of API v1, declared once: checked on the way in, documented both ways.

Input is strict (a number is not a text) and knows no other fields. Times carry their zone.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gongzhi.matters.models import Source
from gongzhi.playbooks.moves import Verb

Moment = Annotated[AwareDatetime, Field(strict=False)]
Number = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,20}$", description="事项编号")]
PlaceCode = Annotated[
    str, Field(pattern=r"^[0-9A-Za-z_-]{1,24}$", description="地方代码：12位区划代码，网格15位")
]
Key = Annotated[str, Field(pattern=r"^[0-9A-Za-z_.:-]{1,60}$")]
PersonId = Annotated[int, Field(ge=1, le=2**62)]
RowId = Annotated[int, Field(ge=1, le=2**62)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]
REFUSALS = frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 503})
# These have addresses of their own, or happen by themselves.
_ELSEWHERE = frozenset({Verb.RAISE, Verb.TICK, Verb.COMMENT, Verb.RATE})
MOVES = frozenset(verb.value for verb in Verb if verb not in _ELSEWHERE)
MoveName = Annotated[str, Field(json_schema_extra={"enum": sorted(MOVES)})]
SourceName = Annotated[str, Field(json_schema_extra={"enum": Source.values})]


class Strict(BaseModel):
    """A body: exactly these fields, exactly these types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NewMatter(Strict):
    """A new matter. The place by code, or by a point that lies in a grid."""

    body: str = Field(min_length=1, max_length=4000, description="发生了什么")
    place: PlaceCode | None = None
    lon: float | None = Field(None, ge=-180, le=180, description="WGS-84")
    lat: float | None = Field(None, ge=-90, le=90, description="WGS-84")
    title: str = Field("", max_length=60)
    category: str = Field("", max_length=40, description="分类代码；空为说不清")
    where: str = Field("", max_length=200, description="在哪里，用文字说")
    anonymous: bool = Field(True, description="对邻居隐去姓名；对经办人不隐")
    sensitive: bool = False
    urgent: bool = False
    source: SourceName = Source.API.value
    raised_by: PersonId | None = Field(None, description="替谁提；须写 consent_note")
    consent_note: str = Field("", max_length=200)
    uploads: list[Key] = Field(default_factory=list, max_length=7)


class TallyIn(Strict):
    """A count by raised hands."""

    electorate: Count
    present: Count
    for_: Count = Field(alias="for")
    against: Count
    abstain: Count


class AttendanceIn(Strict):
    """Who came to a hearing."""

    seats: Count
    present: Count
    by_role: dict[str, Count] = Field(default_factory=dict, max_length=30)


class AssigneeIn(Strict):
    """One handler: a person or an organisation. The first of several leads."""

    person: PersonId | None = None
    organisation: PersonId | None = None
    due_at: Moment | None = None


class MoveIn(Strict):
    """What a move brings along; each move uses what it needs."""

    seen: int | None = Field(
        None, ge=1, le=2**31 - 1, description="您看到的 seq；别人先动了会得到 409"
    )
    reason: str = Field("", max_length=2000)
    note: str = Field("", max_length=2000)
    tally: TallyIn | None = None
    attendance: AttendanceIn | None = None
    assignees: list[AssigneeIn] = Field(default_factory=list, max_length=20)
    until: Moment | None = None
    into: Number | None = Field(None, description="并入哪件（merge）")
    item: str = Field("", max_length=40, description="法定事项清单的编号（mark）；空的是去掉标记")
    advice: str = Field("", max_length=2000, description="告诉提事人该找谁（divert）")
    uploads: list[Key] = Field(default_factory=list, max_length=7)
    cost_fen: int | None = Field(None, ge=0, le=10**15)


class CommentIn(Strict):
    """A remark; `private` ones are seen by handlers only."""

    text: str = Field(min_length=1, max_length=2000)
    private: bool = False


class AnswerIn(Strict):
    """The raiser's answer to the call-back."""

    solved: bool
    score: int | None = Field(None, ge=1, le=5)
    words: str = Field("", max_length=500)


class Problem(Schema):
    """Why not, for a person (`message`, `todo`) and for a program (`code`, `field`)."""

    code: str
    message: str
    todo: str = ""
    field: str = ""


class ErrorOut(Schema):
    """The one shape of every refusal."""

    error: Problem


class PlaceRef(Schema):
    """A place in short."""

    model_config = ConfigDict(extra="allow")
    code: str
    name: str
    kind: str


class PlaceOut(PlaceRef):
    """A place with its bounds (west, south, east, north) and the line of places around it."""

    phone: str
    bounds: list[float] | None
    schematic: bool = Field(description="边界是示意图")
    line: list[PlaceRef]


class FeatureCollection(Schema):
    """GeoJSON (RFC 7946)."""

    type: Literal["FeatureCollection"]
    features: list[dict[str, Any]]


class PlaybookRow(Schema):
    """A playbook in short."""

    id: str
    version: int
    digest: str
    case: int | None
    name: str
    levels: list[str]
    stages: list[str]


class PlaybookOut(PlaybookRow):
    """A playbook with its whole source."""

    source: dict[str, Any]


class SimilarOut(Schema):
    """An open matter nearby that may be the same one: how alike (0 to 1), and which pieces."""

    number: str
    title: str
    place: str
    stage_name: str
    status: str
    followers: int
    alike: float
    why: list[str]


class SuggestionOut(Schema):
    """A guess of the category: how sure (0 to 1) and which words speak for it."""

    code: str
    name: str
    confidence: float
    why: list[str]


class DiversionOut(Schema):
    """A lawful track outside this platform the text seems to speak of."""

    code: str
    advice: str
    why: list[str]


class SuggestedOut(Schema):
    """Suggestions only; people decide."""

    suggestions: list[SuggestionOut]
    divert: DiversionOut | None
    by: Literal["rules", "learnt"]


class PostOut(Schema):
    """A post held today."""

    role: str
    name: str
    place: str
    place_kind: str


class MeOut(Schema):
    """Who the caller is, in the eyes of the system."""

    name: str
    posts: list[PostOut]
    scopes: list[str] | None


class MatterRow(Schema):
    """A matter in a list."""

    model_config = ConfigDict(extra="allow")
    number: str
    title: str
    stage: str
    level: str
    outcome: str
    created_at: datetime
    due_at: datetime | None


class MatterPage(Schema):
    """A page of matters. `next` goes into `cursor` for the next page; null on the last."""

    items: list[MatterRow]
    next: str | None


class MatterOut(MatterRow):
    """One matter with its timeline and what the caller may do with it now."""

    body: str
    seq: int = Field(description="放进 move 的 seen")
    moves: list[dict[str, Any]]
    timeline: list[dict[str, Any]]


class MadeOut(Schema):
    """The matter that was raised."""

    number: str
    repeated: bool = Field(description="同一个 Idempotency-Key 已经提交过")


class MovedOut(Schema):
    """Where a matter stands after a move."""

    number: str
    seq: int
    move: str
    result: str
    stage: str
    level: str


class JoinedOut(Schema):
    """Whether it was new: saying it twice changes nothing."""

    number: str
    new: bool


class BoardRow(Schema):
    """An item on the board."""

    id: int
    title: str
    place: str
    version: int
    audience: str
    from_at: datetime
    until_at: datetime
    objections: int


class BoardPage(Schema):
    """A page of the board."""

    items: list[BoardRow]
    next: str | None


class BoardItem(BoardRow):
    """An item with its sections, its versions and the objections to it."""

    body: dict[str, Any]
    digest: str
    current: bool
    versions: list[dict[str, Any]]
    objection_list: list[dict[str, Any]]


class ShareRow(Schema):
    """Matters settled on one level, with a 95 % Wilson interval, beside the playbook's target."""

    level: str
    name: str
    target: float | None
    settled: int
    total: int
    share: float
    low: float
    high: float
    reopened: int
    reopened_share: float


class SharesOut(Schema):
    """Shares by level: a thermometer, never a score."""

    place: PlaceRef
    since: datetime
    until: datetime
    levels: list[ShareRow]


class UploadOut(Schema):
    """A stored photo or voice note, to be named in `uploads` within 48 hours."""

    key: str
    kind: Literal["photo", "voice"]
    sha256: str
