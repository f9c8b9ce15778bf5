"""Reads tables from Excel (xlsx, xls), OpenDocument (ods) and CSV, told by content, not by name."""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, overload

import python_calamine

from gongzhi.core.errors import BadInput
from gongzhi.core.tables import guard
from gongzhi.core.tables.cells import Cell, PrecisionLost, as_text

MAX_ROWS = 1_048_576
_HEADER_WITHIN = 10
_NO_ROW: tuple[Cell, ...] = ()
_WEB_PAGE = re.compile(rb"<(!doctype html|html|table|\?xml)", re.IGNORECASE)
_LOST = "“{0}”位数太多，表格已丢掉后几位。请把这一列设为“文本”后重新填写。"


@dataclass(frozen=True, slots=True)
class Row:
    """One filled row: its number in the file, its cells as text, and what is wrong with them."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Records:
    """The rows below a header. `headers` are as long as every row."""

    headers: tuple[str, ...]
    header_row: int  # its number in the file
    rows: list[Row]


@dataclass(frozen=True)
class Table(Sequence[Sequence[Cell]]):
    """A sheet as it stands in the file: `table[0]` is row 1; blank rows at the end are left out."""

    rows: list[Sequence[Cell]]
    sheet: str
    filename: str
    original: bytes = field(repr=False)

    @overload
    def __getitem__(self, index: int) -> Sequence[Cell]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Sequence[Cell]]: ...
    def __getitem__(self, index: int | slice) -> Any:
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def records(self, wanted: Collection[str] = ()) -> Records:
        """The rows below the header, as text.

        The header is the row among the first ten with most of the `wanted` names, or the first
        filled one. BadInput when wanted names are missing, or two columns have the same name.
        """
        index = self._header(wanted)
        headers = tuple(_plain(cell).rstrip("*＊ ") for cell in self.rows[index])
        while headers and not headers[-1]:
            headers = headers[:-1]
        missing = [name for name in wanted if name not in headers]
        if missing:
            raise BadInput("file", f"表头里没有这几列：{'、'.join(missing)}。")
        twice = sorted({name for name in headers if name and headers.count(name) > 1})
        if twice:
            raise BadInput("file", f"表头里有几列同名：{'、'.join(twice)}。")
        numbered = enumerate(self.rows[index + 1 :], start=index + 2)
        rows = [_row(n, row, headers) for n, row in numbered if _filled(row)]
        return Records(headers, index + 1, rows)

    def _header(self, wanted: Collection[str]) -> int:
        filled = [i for i, row in enumerate(self.rows[:_HEADER_WITHIN]) if _filled(row)]
        if not filled:
            raise BadInput("file", "表格里没有内容。")

        def known(index: int) -> int:
            names = {_plain(cell).rstrip("*＊ ") for cell in self.rows[index]}
            return len(names & set(wanted))

        return max(filled, key=lambda index: (known(index), -index))


def read(source: bytes | Path, filename: str = "") -> Table:
    """The first visible sheet with content. BadInput for what cannot be read, with what to do."""
    if isinstance(source, Path):
        filename = filename or source.name
        try:
            source = source.read_bytes()
        except OSError as error:
            raise BadInput("file", f"打不开“{filename}”：{error.strerror}。") from error
    guard.check_size(source)
    if source.startswith(b"PK"):
        guard.check_zip(source)
        rows, sheet = _workbook(source)
    elif source.startswith(b"\xd0\xcf\x11\xe0"):
        rows, sheet = _workbook(source)
    else:
        rows, sheet = _csv(source), ""
    return Table(_tidy(rows), sheet, filename, source)


def _workbook(data: bytes) -> tuple[Iterable[Sequence[Any]], str]:
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        shown = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible == python_calamine.SheetVisibleEnum.Visible
            and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
        for name in shown:
            sheet = book.get_sheet_by_name(name)
            if sheet.height:
                first = [()] * (sheet.start[0] if sheet.start else 0)
                left = [""] * (sheet.start[1] if sheet.start else 0)
                return ([*first, *(left + row for row in sheet.iter_rows())], name)
    except python_calamine.PasswordError as error:
        raise BadInput("file", "文件有密码。请去掉密码再传。") from error
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise BadInput("file", "这个表格打不开。请用Excel或WPS另存为xlsx再传。") from error
    raise BadInput("file", "表格里没有内容。")


def _csv(data: bytes) -> Iterator[list[str]]:
    if _WEB_PAGE.match(data.lstrip(b"\xef\xbb\xbf \r\n\t")[:200]):
        raise BadInput("file", "这个文件其实是网页，不是表格。请用Excel打开，另存为xlsx再传。")
    text = _decoded(data)
    csv.field_size_limit(1_000_000)
    delimiter = max(",\t;|", key=lambda sign: _regular(text[:10_000], sign))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from islice(rows, MAX_ROWS)
        if next(rows, None) is not None:
            raise BadInput("file", f"行数太多，最多{MAX_ROWS}行。请分成几个文件。")
    except csv.Error as error:
        raise BadInput("file", f"第{rows.line_num}行读不懂，可能引号没有成对。") from error


def _regular(start: str, delimiter: str) -> tuple[float, int]:
    """How many of the first lines have the same number of cells, and how many cells."""
    try:
        rows = islice(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter), 10)
        widths = Counter(len(row) for row in rows if row)
    except csv.Error:
        return 0, 0
    if not widths:
        return 0, 0
    width, times = widths.most_common(1)[0]
    return (times / widths.total() if width > 1 else 0), width


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise BadInput("file", "这个文件不是表格，或者编码认不出来。请另存为xlsx或CSV（UTF-8）再传。")


def _tidy(rows: Iterable[Sequence[Any]]) -> list[Sequence[Cell]]:
    """Blank rows share one empty tuple; times of day become text; blank rows at the end go."""
    kept: list[Sequence[Cell]] = []
    last = 0
    for row in rows:
        if not _filled(row):
            kept.append(_NO_ROW)
            continue
        if any(isinstance(cell, (time, timedelta)) for cell in row):
            row = [str(cell) if isinstance(cell, (time, timedelta)) else cell for cell in row]
        kept.append(row)
        last = len(kept)
    del kept[last:]
    if not kept:
        raise BadInput("file", "表格里没有内容。")
    return kept


def _filled(row: Sequence[Any]) -> bool:
    # `any` is quick; it only misses rows of nothing but zeros.
    return any(row) or any(cell is not None and cell != "" for cell in row)


def _plain(cell: Cell) -> str:
    try:
        return " ".join(as_text(cell).split())
    except PrecisionLost as lost:
        return str(lost)


def _row(number: int, row: Sequence[Cell], headers: tuple[str, ...]) -> Row:
    width = len(headers)
    cells: list[str] = []
    problems: list[str] = []
    for name, cell in zip(headers, row, strict=False):
        try:
            cells.append(as_text(cell))
        except PrecisionLost as lost:
            cells.append(str(lost))
            problems.append(f"{name}：{_LOST.format(lost)}")
    cells += [""] * (width - len(cells))
    return Row(number, tuple(cells), "；".join(problems))
