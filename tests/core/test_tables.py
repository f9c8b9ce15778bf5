"""Tables people bring, with openpyxl as a second opinion."""

import io
import struct
import time
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sheets import HEADERS, ROW, csv_file, excel, texts
from gongzhi.core import tables
from gongzhi.core.errors import BadInput
from gongzhi.core.tables import guard

# Reading


@pytest.mark.parametrize(
    "data",
    [
        excel(HEADERS, ROW),
        csv_file(HEADERS, ROW),
        csv_file(HEADERS, ROW, encoding="utf-8-sig"),
        csv_file(HEADERS, ROW, encoding="gbk"),
        csv_file(HEADERS, ROW, encoding="utf-16"),
        csv_file(HEADERS, ROW, delimiter="\t"),
        csv_file(HEADERS, ROW, delimiter=";"),
    ],
)
def test_the_same_table_is_read_from_every_kind_of_file(data: bytes) -> None:
    records = tables.read(data, "whatever").records(HEADERS)
    assert records.headers == tuple(HEADERS)
    assert [(row.number, row.cells, row.problem) for row in records.rows] == [(2, tuple(ROW), "")]


def test_signs_inside_a_cell_do_not_divide_a_csv_file() -> None:
    data = csv_file(HEADERS, ["甲;乙;丙;丁;戊", "|||||", "1949-12-31"])
    assert texts(data, "a.csv") == [("甲;乙;丙;丁;戊", "|||||", "1949-12-31")]


def test_a_row_has_the_number_the_spreadsheet_shows() -> None:
    data = excel(["请先看说明"], [], [f"{HEADERS[0]}*", *HEADERS[1:]], ROW, [], ROW)
    table = tables.read(data, "a.xlsx")
    records = table.records(HEADERS)
    assert records.header_row == 3
    assert [row.number for row in records.rows] == [4, 6]
    assert table[3] == ROW
    assert len(table) == 6


def test_long_numbers_typed_as_text_survive_and_others_are_pointed_out() -> None:
    data = excel(["证件号码", "年龄"], ["110105194912310020", 75], [110105194912310020, 75])
    good, bad = tables.read(data, "a.xlsx").records().rows
    assert good.cells == ("110105194912310020", "75")
    assert good.problem == ""
    assert "证件号码" in bad.problem
    assert "设为“文本”" in bad.problem
    (spoilt,) = tables.read(b"no\n1.10105E+17\n", "a.csv").records().rows
    assert spoilt.problem


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (123456789012345, "123456789012345"),
        (3.0, "3"),
        (0.1 + 0.2, "0.3"),
        (0, "0"),
        (-2.5, "-2.5"),
        (True, "是"),
        (datetime(2026, 11, 3), "2026-11-03"),
        (datetime(2026, 11, 3, 14, 30), "2026-11-03 14:30"),
        (None, ""),
        ("  两边有空格  ", "两边有空格"),
        ("=not run", "=not run"),
    ],
)
def test_cells_are_read_as_people_see_them(cell: Any, text: str) -> None:
    def as_string(book: Any) -> None:
        if isinstance(cell, str):
            book.active["B2"].data_type = "s"

    data = excel(["a", "b"], ["x", cell], change=as_string)
    assert texts(data) == [("x", text)]


def test_formulas_are_never_evaluated() -> None:
    assert texts(excel(["a", "b"], ["x", "=1+1"])) == [("x", "")]


def test_hidden_sheets_are_not_read() -> None:
    def hide(book: Any) -> None:
        book.active.sheet_state = "hidden"
        book.create_sheet("人员").append(["姓名"])
        book["人员"].append(["李四"])

    table = tables.read(excel(["secret"], ["x"], change=hide), "a.xlsx")
    assert table.sheet == "人员"
    assert table.records().rows[0].cells == ("李四",)


def test_headers_are_found_and_missing_or_double_ones_named() -> None:
    with pytest.raises(BadInput, match="没有这几列：电话"):
        tables.read(excel(HEADERS, ROW), "a").records([*HEADERS, "电话"])
    with pytest.raises(BadInput, match="同名：姓名"):
        tables.read(excel(["姓名", "姓名"], ["a", "b"]), "a").records()


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/") + ".xml", content)
    return out.getvalue()


def lying(data: bytes) -> bytes:
    """The same archive, saying that every member is tiny."""
    out = bytearray(data)
    at = out.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", out, at + 24, 10)
        at = out.find(b"PK\x01\x02", at + 4)
    return bytes(out)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "是空的"),
        (b"\n\n,,\n", "没有内容"),
        (excel(), "没有内容"),
        (b"PK\x03\x04 and nothing more", "损坏"),
        (excel(HEADERS, ROW)[:2000], "损坏"),
        (zipped(a=b"x"), "打不开"),
        (b"\xd0\xcf\x11\xe0" + bytes(3000), "打不开"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x81\x30", "不是表格"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "其实是网页"),
        (b"a" * (guard.MAX_BYTES + 1), "太大"),
        (b'a,b\n"' + b"x" * 1_100_000, "引号"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        tables.read(data, "a.xlsx")


def test_a_bomb_is_found_out_whatever_it_says_about_its_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guard, "MAX_UNPACKED", 5_000_000)
    bomb = zipped(xl__worksheets__sheet1=bytes(6_000_000))
    assert len(bomb) < 10_000
    for data in (bomb, lying(bomb)):
        with pytest.raises(BadInput, match="解开以后太大"):
            tables.read(data, "a.xlsx")


def test_a_single_cell_far_away_does_not_fill_the_memory() -> None:
    def far(book: Any) -> None:
        book.active["XFD1048576"] = "x"

    with pytest.raises(BadInput, match="范围太大"):
        tables.read(excel(HEADERS, ROW, change=far), "a.xlsx")


def ods(*rows: str) -> bytes:
    table = "".join(rows)
    spaces = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="人员">{table}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return out.getvalue()


CELL = '<table:table-cell office:value-type="string"{0}><text:p>{1}</text:p></table:table-cell>'
BLANK = '<table:table-cell table:number-columns-repeated="16380"/>'
WIDE = ' table:number-columns-repeated="16000"'
END = f'<table:table-row table:number-rows-repeated="1048500">{BLANK}</table:table-row>'


def test_an_opendocument_table_is_read_and_its_blank_end_costs_nothing() -> None:
    rows = [
        f"<table:table-row>{CELL.format('', word)}{BLANK}</table:table-row>"
        for word in ("姓名", "张三")
    ]
    begin = time.perf_counter()
    assert texts(ods(*rows, END)) == [("张三",)]
    assert time.perf_counter() - begin < 20


@pytest.mark.parametrize(
    "bomb",
    [
        f"<table:table-row>{CELL.format(WIDE, 'x')}</table:table-row>",
        f'<table:table-row table:number-rows-repeated="1000000">{CELL.format("", "x")}'
        "</table:table-row>",
    ],
)
def test_one_cell_repeated_a_million_times_is_refused(bomb: str) -> None:
    with pytest.raises(BadInput, match="重复了很多次"):
        tables.read(ods(bomb), "a.ods")


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda rest: b"PK\x03\x04" + rest))
def test_no_file_is_an_error_of_the_program(data: bytes) -> None:
    try:
        table = tables.read(data, "a")
        table.records()
    except BadInput:
        return
    assert len(table)


@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    sent = bytearray(WORKBOOK)
    for _ in range(data.draw(st.integers(1, 4))):
        sent[data.draw(st.integers(0, len(sent) - 1))] = data.draw(st.integers(0, 255))
    try:
        table = tables.read(bytes(sent), "a")
    except BadInput:
        return
    assert len(table)


WORKBOOK = excel(HEADERS, ROW, ROW)


# Dates


@pytest.mark.parametrize(
    "written",
    [
        "2026/11/3",
        "2026-11-03",
        "2026.11.3",
        "2026年11月3日",
        "2026年11月3号",
        "２０２６－１１－０３".replace("－", "-"),
        "20261103",
        "2026-11-03 00:00:00",
        "46329",
        46329,
        46329.0,
        date(2026, 11, 3),
        datetime(2026, 11, 3, 8, 0),
        "  2026-11-3 ",
    ],
)
def test_a_day_is_understood_in_every_spelling(written: Any) -> None:
    assert tables.parse_date(written) == date(2026, 11, 3)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("2026-02-30", "没有这一天"),
        ("2026", "不是日期"),
        ("昨天", "不是日期"),
        ("11/3/2026", "不是日期"),
        ("1026-11-03", "1900年到2100年"),
        (True, "不是日期"),
        (4e5, "1900年到2100年"),
        (1e17, "不是日期"),
        ("999999", "1900年到2100年"),
        ("=TODAY()", "不是日期"),
    ],
)
def test_what_is_no_day_is_said_so(written: Any, words: str) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        tables.parse_date(written, field="born_on")
    assert refused.value.field == "born_on"


def test_an_empty_cell_is_no_day() -> None:
    assert tables.parse_date("") is tables.parse_date(None) is tables.parse_date("　") is None


@given(st.dates(date(1900, 3, 1), date(2099, 12, 31)))
def test_days_written_to_excel_come_back(day: date) -> None:
    out = io.BytesIO()
    tables.write_xlsx(out, ["d"], [[day]])
    cell = tables.read(out.getvalue(), "a.xlsx").rows[1][0]
    assert tables.parse_date(cell) == day
    if day.year > 1905:  # before, a serial number looks like a year
        assert tables.parse_date((day - date(1899, 12, 30)).days) == day
