"""Gives people their own file back, with one more column that says what is wrong with each row."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import xlsxwriter
from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name

from gongzhi.core.tables.cells import Cell
from gongzhi.core.tables.read import Table
from gongzhi.core.tables.write import write_row

_ROW = re.compile(rb"<row\b([^>]*?)(/?)>")
_NUMBER = re.compile(rb"\br=\"(\d+)\"")
_LETTERS = re.compile(rb"<c\b[^>]*?\br=\"([A-Z]+)\d")
_SPANS = re.compile(rb"\s+spans=\"[^\"]*\"")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def annotate(
    rows: Sequence[Sequence[Cell]], errors: Mapping[int, str], *, title: str = "错误说明"
) -> bytes:
    """An xlsx file: the table with a column of `errors` (row number in the file → sentence).

    A table that was read from xlsx keeps its own looks; others are written anew, values as they
    were. Where the header ends with the title already, that column is replaced.
    """
    header = _header(rows)
    notes = {header + 1: title, **errors}
    width = max((len(row) for row in rows), default=0)
    again = rows and title in rows[header]
    if again:
        width = list(rows[header]).index(title)
    elif isinstance(rows, Table) and rows.original.startswith(b"PK"):
        kept = _patched(rows, notes, width)
        if kept is not None:
            return kept
    return _rewritten([row[:width] for row in rows], notes, width)


def _header(rows: Sequence[Sequence[Cell]]) -> int:
    """The row with most filled cells among the first ten."""
    filled = [sum(cell not in (None, "") for cell in row) for row in rows[:10]]
    return filled.index(max(filled)) if filled else 0


def _rewritten(rows: Sequence[Sequence[Cell]], notes: Mapping[int, str], width: int) -> bytes:
    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    page = book.add_worksheet("名册")
    formats = {
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }
    red = book.add_format({"font_color": "#B3261E", "bold": True})
    page.set_column(width, width, 60)
    for number, row in enumerate(rows, start=1):
        write_row(page, formats, number - 1, row, [True] * width)
        if number in notes:
            page.write_string(number - 1, width, notes[number], red)
    book.close()
    return out.getvalue()


def _patched(table: Table, notes: Mapping[int, str], width: int) -> bytes | None:
    """The same workbook with one more cell in some rows; None when it is not built as usual."""
    with zipfile.ZipFile(io.BytesIO(table.original)) as old:
        name = _sheet_path(old, table.sheet)
        if name is None:
            return None
        sheet = _with_notes(old.read(name), notes, width)
        if sheet is None:
            return None
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for member in old.infolist():
                content = sheet if member.filename == name else old.read(member)
                new.writestr(member.filename, content)
        return out.getvalue()


def _sheet_path(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Where the sheet of that name is kept."""
    try:
        book = archive.read("xl/workbook.xml").decode()
        relations = archive.read("xl/_rels/workbook.xml.rels").decode()
    except (KeyError, UnicodeDecodeError):
        return None
    shown = re.escape(escape(sheet, {'"': "&quot;"}))
    entry = re.search(rf'<sheet\b[^>]*\bname="{shown}"[^>]*>', book)
    link = entry and re.search(r'\br:id="([^"]+)"', entry[0])
    if not link:
        return None
    for relation in re.findall(r"<Relationship\b[^>]*>", relations):
        if f'Id="{link[1]}"' in relation and (target := re.search(r'Target="([^"]+)"', relation)):
            path = target[1].removeprefix("/").removeprefix("xl/")
            return f"xl/{path}" if f"xl/{path}" in archive.namelist() else None
    return None


def _with_notes(sheet: bytes, notes: Mapping[int, str], width: int) -> bytes | None:
    """The XML of the sheet with the notes as text cells at the end of their rows."""
    # Cells without content, but with a border, may stand further right: cells must be in order.
    used = max((_index(letters) for letters in set(_LETTERS.findall(sheet))), default=0)
    if used > width + 50:
        return None
    column = xl_col_to_name(max(width, used))
    parts: list[bytes] = []
    left, at = set(notes), 0
    for row in _ROW.finditer(sheet):
        number = _NUMBER.search(row[1])
        if number is None:
            return None
        n = int(number[1])
        if n not in notes:
            continue
        end = row.end() if row[2] else sheet.find(b"</row>", row.end())
        if end < 0:
            return None
        inner = b"" if row[2] else sheet[row.end() : end]
        head = b"<row" + _SPANS.sub(b"", row[1]) + b">"
        parts += [sheet[at : row.start()], head, inner, _cell(column, n, notes[n]), b"</row>"]
        at = end if row[2] else end + len(b"</row>")
        left.discard(n)
    if left:  # a row that must be there is not: built in another way
        return None
    return b"".join([*parts, sheet[at:]])


def _index(letters: bytes) -> int:
    """How many columns there are up to this one."""
    number: int = xl_cell_to_rowcol(f"{letters.decode()}1")[1]
    return number + 1


def _cell(column: str, row: int, words: str) -> bytes:
    text = escape(_CONTROL.sub("", words))
    cell = f'<c r="{column}{row}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    return cell.encode()
