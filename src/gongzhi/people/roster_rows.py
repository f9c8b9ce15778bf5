"""One row of a roster file, read and judged. Pure: places come in as a look-up table."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gongzhi.core import tables, text
from gongzhi.core.errors import BadInput
from gongzhi.core.tables import Cell
from gongzhi.core.tables.cells import PrecisionLost
from gongzhi.people import rules

COLUMNS = (
    "姓名", "证件号码", "性别", "出生日期", "手机号", "小区", "楼栋", "房号", "与户主关系",
    "成员身份", "备注",
)  # fmt: skip
NEEDED = ("姓名", "楼栋", "房号")
OTHER_NAMES = {
    "身份证号": "证件号码", "身份证号码": "证件号码", "公民身份号码": "证件号码",
    "证件号": "证件号码",
    "联系电话": "手机号", "电话": "手机号", "手机": "手机号", "手机号码": "手机号",
    "出生年月": "出生日期", "生日": "出生日期", "楼号": "楼栋", "幢号": "楼栋", "门牌": "房号",
    "室号": "房号", "户主关系": "与户主关系", "身份": "成员身份", "住址小区": "小区",
}  # fmt: skip
GENDERS = {"男": "男", "女": "女", "男性": "男", "女性": "女"}
STATUSES = {
    "常住": "resident", "常住居民": "resident", "户籍": "registered", "户籍人口": "registered",
    "村民": "villager", "成员": "collective", "集体经济组织成员": "collective",
    "业主": "owner",
}  # fmt: skip
RELATIONS = (
    "户主", "配偶", "子女", "父母", "岳父母或公婆", "祖父母", "孙子女", "兄弟姐妹", "租户", "其他",
)  # fmt: skip
HEAD = "户主"

_PLAIN = re.compile(r"[0-9A-Za-z\u4e00-\u9fff·、-]{0,18}")
"""What needs no cleaning: most cells of most files."""
_MOBILE = re.compile(r"^(1[3-9]\d{9}|0\d{2,3}\d{7,8})$")
_SPLIT = re.compile(r"[、,，/;；\s]+")

Doors = Mapping[tuple[str, str], int]
"""(compound or "", building) → id of the building."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that can be imported."""

    n: int
    name: str
    id_number: str | None
    gender: str
    born_on: date | None
    phone: str | None
    place_id: int
    door: str
    head: bool
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wrong:
    """A row that cannot, and why: one sentence a column."""

    n: int
    name: str
    problems: tuple[tuple[str, str], ...]  # (column, sentence)

    @property
    def words(self) -> str:
        """All of it on one line."""
        return "；".join(f"{column}：{sentence}" for column, sentence in self.problems)


class Reader:
    """Reads the rows of one file in order, and remembers what it has seen of numbers and names."""

    def __init__(self, where: Mapping[str, int], doors: Doors) -> None:
        self.where = where
        self.doors = doors
        self.numbers: dict[str, int] = {}
        self.people: dict[tuple[int, str, str], int] = {}

    def read(self, rows: Sequence[Sequence[Cell]], first: int) -> Iterator[Entry | Wrong]:
        """Each filled row as an entry or a refusal; `first` is the file's number of row one."""
        for n, row in enumerate(rows, first):
            if any(cell not in (None, "") for cell in row):
                yield self._row(n, row)

    def _row(self, n: int, row: Sequence[Cell]) -> Entry | Wrong:
        self.problems: list[tuple[str, str]] = []
        name = self._text(row, "姓名", 60)
        if not name:
            self._slip("姓名", "没有填")
        identity = self._identity(row)
        gender, born = self._gender(row, identity), self._born(row, identity)
        phone = self._phone(row)
        place, door = self._door(row)
        head, kinds = self._relation(row), self._kinds(row)
        if not self.problems:
            self._twice(n, identity, place, door, name)
        if self.problems:
            return Wrong(n, name, tuple(self.problems))
        number = identity.number if identity else None
        return Entry(n, name, number, gender, born, phone, place, door, head, kinds)

    def _slip(self, column: str, sentence: str) -> None:
        # One cell has one slip: a formula is not also missing.
        if all(column != known for known, _ in self.problems):
            self.problems.append((column, sentence))

    def _cell(self, row: Sequence[Cell], column: str) -> Cell:
        at = self.where.get(column)
        return None if at is None or at >= len(row) else row[at]

    def _text(self, row: Sequence[Cell], column: str, longest: int) -> str:
        try:
            words = tables.as_text(self._cell(row, column))
        except PrecisionLost:
            self._slip(column, "被表格软件当成了数字，后几位已经丢失；请把这一列设为“文本”再填")
            return ""
        if words.startswith(("=", "@")):
            self._slip(column, "不能是公式，请改成文字")
            return ""
        try:
            return words if _PLAIN.fullmatch(words) else text.clean(words, longest, one_line=True)
        except BadInput:
            self._slip(column, f"太长了，最多 {longest} 个字")
            return ""

    def _identity(self, row: Sequence[Cell]) -> rules.Identity | None:
        words = text.number(self._text(row, "证件号码", 40))
        if not words:
            return None
        try:
            return rules.identity(words)
        except BadInput as wrong:
            self._slip("证件号码", wrong.words.rstrip("。"))
            return None

    def _gender(self, row: Sequence[Cell], identity: rules.Identity | None) -> str:
        words = self._text(row, "性别", 10)
        gender = GENDERS.get(words, "")
        if words and not gender:
            self._slip("性别", "只能填男或女")
        elif identity and gender and gender != identity.gender:
            self._slip("性别", f"和证件号码对不上（证件上是{identity.gender}）")
        return gender or (identity.gender if identity else "")

    def _born(self, row: Sequence[Cell], identity: rules.Identity | None) -> date | None:
        try:
            born = tables.parse_date(self._cell(row, "出生日期"))
        except BadInput as wrong:
            self._slip("出生日期", wrong.words.rstrip("。"))
            return None
        if identity and born and born != identity.born_on:
            self._slip("出生日期", f"和证件号码对不上（证件上是 {identity.born_on}）")
        return born or (identity.born_on if identity else None)

    def _phone(self, row: Sequence[Cell]) -> str | None:
        words = text.number(self._text(row, "手机号", 30)).removeprefix("+86")
        if words and not _MOBILE.match(words):
            self._slip("手机号", "应是 11 位手机号，或带区号的电话")
        return words or None

    def _door(self, row: Sequence[Cell]) -> tuple[int, str]:
        compound, building = self._text(row, "小区", 80), self._text(row, "楼栋", 80)
        door = self._text(row, "房号", 60)
        place = self.doors.get((compound, building)) or self.doors.get(("", compound + building))
        if not building:
            self._slip("楼栋", "没有填")
        elif place is None:
            self._slip("楼栋", f"辖区内没有“{compound}{building}”，请先在“地方”里添加或改正写法")
        if not door:
            self._slip("房号", "没有填")
        return place or 0, door

    def _relation(self, row: Sequence[Cell]) -> bool:
        words = self._text(row, "与户主关系", 20)
        if words and words not in RELATIONS:
            self._slip("与户主关系", f"只能填：{'、'.join(RELATIONS)}")
        return words == HEAD

    def _kinds(self, row: Sequence[Cell]) -> tuple[str, ...]:
        words = [part for part in _SPLIT.split(self._text(row, "成员身份", 60)) if part]
        unknown = [part for part in words if part not in STATUSES]
        if unknown:
            self._slip("成员身份", "只能填：常住、户籍、村民、成员、业主（可以填几个，用顿号隔开）")
        return tuple(sorted({STATUSES[w] for w in words if w in STATUSES})) or ("resident",)

    def _twice(
        self, n: int, identity: rules.Identity | None, place: int, door: str, name: str
    ) -> None:
        if identity:
            earlier = self.numbers.setdefault(identity.number, n)
            if earlier != n:
                self._slip("证件号码", f"和第 {earlier} 行重复")
            return
        earlier = self.people.setdefault((place, door, name), n)
        if earlier != n:
            self._slip("姓名", f"和第 {earlier} 行是同一户同名，请补证件号码")
