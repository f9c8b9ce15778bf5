"""Writes Excel and CSV files that say who made them, and in which nothing is ever a formula."""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range_abs

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput
from gongzhi.core.tables.cells import DIGITS_KEPT, Cell, safe

MAX_ROWS = 1_048_576 - 10
_LONGEST = 32_767  # characters a cell of Excel can hold
_LIST_INLINE = 200  # characters of choices that fit into the cell's own list

_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "constant_memory": True,
    "default_date_format": "yyyy-mm-dd",
}


def write_xlsx(
    path: str | Path | io.BytesIO,
    headers: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    sheet: str = "名册",
    note: str = "",
    who: str = "",
    when: datetime | None = None,
    filter: str = "",
    text_columns: Collection[str] = (),
    choices: Mapping[str, Sequence[str]] | None = None,
    needed: Collection[str] = (),
    locked: bool = False,
) -> int:
    """Write one table and return the number of its rows.

    `note` stands above the header; `who`, `when`, `filter` go onto a second sheet. Columns named
    in `text_columns` are text cells, so that long numbers survive typing. `choices` become lists
    to choose from; `needed` headers get a star; `locked` protects note and header.
    """
    book = xlsxwriter.Workbook(path if isinstance(path, io.BytesIO) else str(path), _OPTIONS)
    try:
        page = book.add_worksheet(sheet)
        formats = _formats(book)
        written = _sheet(page, formats, headers, rows, note, text_columns, needed)
        if choices:
            _choices(book, page, headers, choices, 2 if note else 1)
        if locked:
            _lock(page)
        if who or when or filter:
            _origin(book, formats, who, when, filter, written)
    finally:
        book.close()
    return written


def template(
    sheet: str,
    headers: Sequence[str],
    *,
    note: str = "",
    choices: Mapping[str, Sequence[str]] | None = None,
    needed: Collection[str] = (),
) -> bytes:
    """An empty table to fill in: text cells, lists to choose from, header and note locked."""
    out = io.BytesIO()
    write_xlsx(
        out,
        headers,
        (),
        sheet=sheet,
        note=note,
        text_columns=headers,
        choices=choices,
        needed=needed,
        locked=True,
    )
    return out.getvalue()


def csv_bytes(headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The same as CSV in UTF-8 with BOM, in pieces; text that looks like a formula gets a '."""
    out = io.StringIO()
    table = csv.writer(out)
    out.write("\ufeff")
    table.writerow([safe(name) for name in headers])
    for row in rows:
        table.writerow([_csv_cell(cell) for cell in row])
        if out.tell() > 65_536:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def _csv_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return safe(cell)
    if isinstance(cell, bool):
        return "是" if cell else "否"
    return "" if cell is None else str(cell)


def _formats(book: Any) -> dict[str, Any]:
    return {
        "text": book.add_format({"num_format": "@", "locked": False}),
        "plain": book.add_format({"locked": False}),
        "header": book.add_format(
            {"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True, "num_format": "@"}
        ),
        "note": book.add_format({"font_color": "#4D5560", "valign": "top", "num_format": "@"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd", "locked": False}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm", "locked": False}),
    }


def _sheet(
    page: Any,
    formats: dict[str, Any],
    headers: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    note: str,
    text_columns: Collection[str],
    needed: Collection[str],
) -> int:
    for column, name in enumerate(headers):
        width = 20 if name in text_columns else max(12, 2 * len(name) + 4)
        page.set_column(column, column, width, formats["text" if name in text_columns else "plain"])
    top = 0
    if note:
        page.write_string(0, 0, note, formats["note"])
        top = 1
    for column, name in enumerate(headers):
        page.write_string(top, column, f"{name}*" if name in needed else name, formats["header"])
    page.freeze_panes(top + 1, 0)
    columns = [name in text_columns for name in headers]
    written = 0
    for written, row in enumerate(rows, start=1):
        if written > MAX_ROWS:
            raise BadInput("rows", f"超过{MAX_ROWS}行，Excel放不下。请缩小范围，或导出CSV。")
        write_row(page, formats, top + written, row, columns)
    return written


def write_row(
    page: Any, formats: Mapping[str, Any], at: int, row: Sequence[Cell], text: Sequence[bool] = ()
) -> None:
    """One row of cells, each as what it is; `text` says which columns are text in any case."""
    for column, cell in enumerate(row):
        if cell is None or cell == "":
            continue
        as_text = column < len(text) and text[column]
        if isinstance(cell, str):
            page.write_string(at, column, cell[:_LONGEST], formats["text"] if as_text else None)
        elif isinstance(cell, bool):
            page.write_string(at, column, "是" if cell else "否")
        elif isinstance(cell, (int, float)):
            _number(page, formats, at, column, cell, as_text)
        else:
            _date(page, formats, at, column, cell)


def _number(
    page: Any, formats: Mapping[str, Any], at: int, column: int, cell: int | float, as_text: bool
) -> None:
    if as_text or abs(cell) >= 10**DIGITS_KEPT or cell != cell or cell in (1e999, -1e999):
        page.write_string(at, column, str(cell), formats["text"])
    else:
        page.write_number(at, column, cell)


def _date(
    page: Any, formats: Mapping[str, Any], at: int, column: int, cell: date | datetime
) -> None:
    """Aware times are written as they read on the wall clock of their zone."""
    if isinstance(cell, datetime):
        page.write_datetime(at, column, cell.replace(tzinfo=None), formats["time"])
    else:
        page.write_datetime(at, column, cell, formats["date"])


def _choices(
    book: Any, page: Any, headers: Sequence[str], choices: Mapping[str, Sequence[str]], first: int
) -> None:
    """Lists to choose from; long ones stand on a hidden sheet."""
    long: list[Sequence[str]] = []
    for name, values in choices.items():
        column = headers.index(name)
        source: list[str] | str = list(values)
        if len(",".join(values)) > _LIST_INLINE or any("," in value for value in values):
            cells = xl_range_abs(len(long), 0, len(long), len(values) - 1)
            source = f"='选项'!{cells}"
            long.append(values)
        rule = {
            "validate": "list",
            "source": source,
            "error_type": "warning",
            "error_title": "不在列表里",
            "error_message": "请从列表里选一个。",
        }
        page.data_validation(first, column, MAX_ROWS, column, rule)
    if long:
        hidden = book.add_worksheet("选项")
        hidden.hide()
        for at, values in enumerate(long):
            hidden.write_row(at, 0, values)


def _lock(page: Any) -> None:
    """No password: it keeps fingers off the header and nobody out."""
    allowed = ("format_cells", "format_columns", "format_rows", "insert_rows", "delete_rows")
    page.protect("", dict.fromkeys((*allowed, "sort", "autofilter"), True))


def _origin(
    book: Any, formats: dict[str, Any], who: str, when: datetime | None, filter: str, rows: int
) -> None:
    """Who exported what and when, on a sheet of its own."""
    page = book.add_worksheet("导出说明")
    page.set_column(0, 0, 14)
    page.set_column(1, 1, 60)
    lines = (
        ("导出人", who),
        ("导出时间", when.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if when else ""),
        ("范围", filter),
        ("行数", str(rows)),
    )
    for at, (name, value) in enumerate(lines):
        page.write_string(at, 0, name, formats["header"])
        page.write_string(at, 1, value, formats["text"])
