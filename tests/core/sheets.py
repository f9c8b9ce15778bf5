"""Tables as people make them, for tests."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl

from gongzhi.core import tables

HEADERS = ["姓名", "证件号码", "出生日期"]
ROW = ["张三", "110105194912310020", "1949-12-31"]
DANGEROUS = ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "https://a.example"]


def excel(*rows: list[Any], change: Callable[[Any], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    for row in rows:
        page.append(row)
    if change:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_file(*rows: list[str], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    return "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def texts(data: bytes, filename: str = "a.xlsx") -> list[tuple[str, ...]]:
    return [row.cells for row in tables.read(data, filename).records().rows]
