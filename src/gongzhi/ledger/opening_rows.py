"""One line of a paper book as it stands in the file, read and judged. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gongzhi.core import tables, text
from gongzhi.core.errors import BadInput
from gongzhi.core.tables import Cell
from gongzhi.core.tables.cells import PrecisionLost

COLUMNS = (
    "对象", "姓名", "手机号", "楼栋", "房号", "积分", "账本", "页码", "行号", "负责人", "备注",
)  # fmt: skip
NEEDED = ("姓名", "积分", "账本", "页码", "行号")
OTHER_NAMES = {
    "名称": "姓名", "户主": "姓名", "电话": "手机号", "联系电话": "手机号", "手机": "手机号",
    "门牌": "房号", "室号": "房号", "分数": "积分", "结余": "积分", "余额": "积分",
    "纸质账本": "账本", "账本名称": "账本", "页": "页码", "第几页": "页码", "行": "行号",
    "第几行": "行号", "序号": "行号", "类型": "对象",
}  # fmt: skip
SUBJECTS = {
    "": "person", "个人": "person", "居民": "person", "村民": "person", "家庭": "household",
    "户": "household", "团队": "team", "单位": "organisation", "企业": "organisation",
}  # fmt: skip
MOST = 100_000  # points on one line: more is a slip of the pen


@dataclass(frozen=True, slots=True)
class Line:
    """A line that can be read; whose it is, is looked up afterwards."""

    n: int  # row in the file
    subject: str
    name: str
    phone: str
    building: str
    door: str
    points: int
    book: str
    page: str
    line: str
    lead: str

    @property
    def evidence(self) -> str:
        """Where it stands on paper, as the ledger keeps it."""
        return f"{self.book} 第{self.page}页 第{self.line}行"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that cannot be read, and why."""

    n: int
    name: str
    words: str


class Reader:
    """Reads the lines of one file in order, and remembers which lines on paper it has seen."""

    def __init__(self, where: Mapping[str, int]) -> None:
        self.where = where
        self.seen: dict[str, int] = {}

    def read(self, rows: Sequence[Sequence[Cell]], first: int) -> Iterator[Line | Wrong]:
        """Each filled row; `first` is the file's number of row one."""
        for n, row in enumerate(rows, first):
            if any(cell not in (None, "") for cell in row):
                yield self._row(n, row)

    def _row(self, n: int, row: Sequence[Cell]) -> Line | Wrong:
        self.problems: dict[str, str] = {}
        name = self._text(row, "姓名", 60, needed=True)
        read = Line(
            n, self._subject(row), name, text.number(self._text(row, "手机号", 30)),
            self._text(row, "楼栋", 80), self._text(row, "房号", 60), self._points(row),
            self._text(row, "账本", 60, needed=True), self._text(row, "页码", 12, needed=True),
            self._text(row, "行号", 12, needed=True), self._text(row, "负责人", 60),
        )  # fmt: skip
        if not self.problems:
            earlier = self.seen.setdefault(read.evidence, n)
            if earlier != n:
                self.problems["行号"] = f"和第{earlier}行是账本上的同一行"
        if self.problems:
            words = "；".join(f"{column}：{said}" for column, said in self.problems.items())
            return Wrong(n, name, words)
        return read

    def _text(self, row: Sequence[Cell], column: str, longest: int, *, needed: bool = False) -> str:
        at = self.where.get(column)
        try:
            words = tables.as_text(None if at is None or at >= len(row) else row[at])
            found = text.clean(words, longest, one_line=True)
        except PrecisionLost:
            self.problems.setdefault(column, "位数太多，表格已丢掉后几位；请把这一列设为“文本”")
            return ""
        except BadInput:
            self.problems.setdefault(column, f"太长了，最多{longest}个字")
            return ""
        if found.startswith(("=", "@")):
            self.problems.setdefault(column, "不能是公式，请改成文字")
        elif needed and not found:
            self.problems.setdefault(column, "没有填")
        return found

    def _subject(self, row: Sequence[Cell]) -> str:
        words = self._text(row, "对象", 10)
        if words not in SUBJECTS:
            self.problems.setdefault("对象", "只能填：个人、家庭、团队、单位")
        return SUBJECTS.get(words, "person")

    def _points(self, row: Sequence[Cell]) -> int:
        words = self._text(row, "积分", 20, needed=True).replace(",", "").replace("，", "")
        if not words:
            return 0
        sign = words.removeprefix("-").removeprefix("+")
        if not (sign.isascii() and sign.isdecimal()):
            self.problems.setdefault("积分", f"“{words}”不是整数")
            return 0
        points = int(words)
        if points <= 0:
            self.problems.setdefault("积分", "要大于零；没有结余的行请删去")
        elif points > MOST:
            self.problems.setdefault("积分", f"一行最多{MOST}分，请核对")
        return points
