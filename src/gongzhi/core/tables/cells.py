"""Single cells: as text, as dates, and safe to open in a spreadsheet."""

import re
import unicodedata
from datetime import date, datetime, timedelta

from gongzhi.core.errors import BadInput

Cell = str | int | float | bool | date | datetime | None

DIGITS_KEPT = 15
"""A spreadsheet keeps no more digits of a number than these; the rest become zeros."""

_EXCEL_EPOCH = date(1899, 12, 30)
_DATE = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})[日号]?|(\d{2})(\d{2}))"
    r"(?:[T ]\d{1,2}:\d{2}(?::\d{2})?(?:\.0+)?)?"
)
_SERIAL = re.compile(r"\d{1,6}(?:\.\d+)?")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?(\d+)", re.IGNORECASE)
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


class PrecisionLost(ValueError):
    """The last digits of a long number are gone; only the person who has them can bring them."""


def as_text(cell: Cell) -> str:
    """What the cell says: whole numbers without ".0", dates as 2026-11-03.

    PrecisionLost for a number of more than 15 digits, also where it was turned into 1.1E+17.
    """
    if isinstance(cell, str):
        # The ' that keeps a spreadsheet from taking text for a formula is not part of the text.
        quoted = cell.startswith("'") and cell[1:].startswith(_DANGEROUS)
        words = (cell[1:] if quoted else cell).strip()
        powers = _SCIENTIFIC.fullmatch(words)
        if powers and int(powers[1]) >= DIGITS_KEPT:
            raise PrecisionLost(words)
        return words
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d" if not (cell.hour or cell.minute) else "%Y-%m-%d %H:%M")
    if isinstance(cell, date):
        return cell.isoformat()
    if abs(cell) >= 10**DIGITS_KEPT:
        raise PrecisionLost(f"{cell:.0f}")
    return f"{cell:.{DIGITS_KEPT}g}" if abs(cell) >= 1e-4 or cell == 0 else f"{cell:f}"


def parse_date(value: Cell, *, field: str = "date") -> date | None:
    """A day between 1900 and 2100 in the spellings people use; None for an empty cell.

    2026/11/3, 2026-11-03, 2026.11.3, 2026年11月3日, 20261103, date cells and the serial numbers of
    Excel. BadInput on `field` for anything else: a year alone is no day.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return _in_range(value.date(), field, str(value))
    if isinstance(value, date):
        return _in_range(value, field, str(value))
    try:
        words = unicodedata.normalize("NFKC", as_text(value)).strip()
    except PrecisionLost:
        words = str(value)
    if not words:
        return None
    found = _DATE.fullmatch(words.replace(" 年", "年").replace("年 ", "年").replace("月 ", "月"))
    if found:
        year, month, day = (int(part) for part in found.groups() if part is not None)
        try:
            return _in_range(date(year, month, day), field, words)
        except ValueError as error:
            raise BadInput(field, f"“{words}”没有这一天。") from error
    if _SERIAL.fullmatch(words) and not 1900 <= float(words) <= 2100:
        return _in_range(_EXCEL_EPOCH + timedelta(days=int(float(words))), field, words)
    raise BadInput(field, f"“{words[:40]}”不是日期。请写成2026-11-03、2026/11/3或2026年11月3日。")


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula when it opens a CSV file."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def _in_range(day: date, field: str, words: str) -> date:
    if not 1900 <= day.year <= 2100:
        raise BadInput(field, f"“{words[:40]}”不在1900年到2100年之间。")
    return day
