"""Tables people bring and take, with openpyxl as a second opinion."""

import io
import random
import struct
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.core import tables
from gongzhi.core.errors import BadInput
from gongzhi.core.tables import guard

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


# Writing


def test_what_is_written_says_who_when_and_which_and_opens_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    rows: list[list[tables.Cell]] = [
        [*ROW, 3, None, date(2026, 11, 3)],
        ["李四", 110105194912310020, "", 2.5, True, ""],
    ]
    written = tables.write_xlsx(
        path,
        [*HEADERS, "数", "是否", "日子"],
        rows,
        note="仅供走访使用",
        who="王主任",
        when=datetime(2026, 11, 3, 1, 5, tzinfo=UTC),  # 9:05 in China
        filter="新禾村，常住",
        text_columns=["证件号码"],
    )
    assert written == 2
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    assert page["A1"].value == "仅供走访使用"
    assert [cell.value for cell in page[2]] == [*HEADERS, "数", "是否", "日子"]
    assert page.freeze_panes == "A3"
    assert page["B3"].value == ROW[1]
    assert page["B4"].value == "110105194912310020"
    assert page["B3"].number_format == "@"
    assert page["D3"].value == 3
    assert page["E4"].value == "是"
    assert page["F3"].value == datetime(2026, 11, 3)
    origin = [cell.value for cell in book["导出说明"]["B"]]
    assert origin == ["王主任", "2026-11-03 09:05", "新禾村，常住", "2"]


@pytest.mark.parametrize("words", DANGEROUS)
def test_nothing_written_is_ever_a_formula(words: str) -> None:
    out = io.BytesIO()
    tables.write_xlsx(out, [words], [[words]], note=words, who=words, text_columns=[words])
    book = opened(out.getvalue())
    for page in book.worksheets:
        assert all(cell.data_type != "f" for row in page.rows for cell in row)
        assert not page._hyperlinks
    assert book.worksheets[0]["A3"].value == words
    sent = b"".join(tables.csv_bytes([words], [[words]])).decode("utf-8-sig").splitlines()
    assert not any(line.strip('"').startswith(("=", "+", "-", "@", "\t")) for line in sent)


@given(st.lists(st.lists(st.text(max_size=20), min_size=3, max_size=3), max_size=5))
def test_text_in_csv_comes_back_as_it_went(rows: list[list[str]]) -> None:
    kept = [["x", *(cell.replace("\x00", "").replace("\r", "") for cell in row)] for row in rows]
    data = b"".join(tables.csv_bytes(["k", *HEADERS], kept))
    expected = [tuple(cell.strip() for cell in row) for row in kept]
    if any(
        cell.startswith("'") or "\ud800" <= c <= "\udfff" for r in kept for cell in r for c in cell
    ):
        return
    assert [row.cells for row in tables.read(data, "a.csv").records().rows] == expected


def test_a_template_has_text_cells_lists_and_a_locked_header() -> None:
    long = [f"{i}号楼三单元" for i in range(100)]
    data = tables.template(
        "名册", [*HEADERS, "性别", "楼栋"], note="请按行填写", needed=["姓名"],
        choices={"性别": ["男", "女"], "楼栋": long},
    )  # fmt: skip
    book = opened(data)
    page = book["名册"]
    assert page["A2"].value == "姓名*"
    assert page.protection.sheet
    assert page.column_dimensions["A"].number_format == "@"
    rules = {
        str(rule.sqref).split(":")[0]: rule.formula1
        for rule in page.data_validations.dataValidation
    }
    assert rules["D3"] == '"男,女"'
    assert "选项" in rules["E3"]
    assert [cell.value for cell in book["选项"][1]] == long
    assert book["选项"].sheet_state == "hidden"
    assert tables.read(data, "a").records([*HEADERS, "性别", "楼栋"]).rows == []


# Giving back


def styled(book: Any) -> None:
    page = book.active
    page["A2"].font = openpyxl.styles.Font(bold=True)
    page.column_dimensions["A"].width = 33
    page["F3"].border = openpyxl.styles.Border()
    page["F3"].number_format = "@"


def test_people_get_their_own_workbook_back_with_the_errors_beside() -> None:
    table = tables.read(excel(HEADERS, ROW, ROW, ["李四 <&>", 12.5], change=styled), "a.xlsx")
    page = opened(tables.annotate(table, {3: "没有这一天 <&>\x01", 4: "没有填"})).active
    notes = {
        cell.row: cell.value for row in page.iter_rows(min_col=4) for cell in row if cell.value
    }
    assert notes == {1: "错误说明", 3: "没有这一天 <&>", 4: "没有填"}
    assert len({c.column for r in page.iter_rows(min_col=4) for c in r if c.value}) == 1
    assert page["A2"].font.bold
    assert page.column_dimensions["A"].width == 33
    assert [page["A4"].value, page["B4"].value] == ["李四 <&>", 12.5]


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_csv_file_comes_back_as_a_workbook_in_which_long_numbers_are_text(encoding: str) -> None:
    table = tables.read(csv_file(HEADERS, ROW, ["=1+1", "", ""], encoding=encoding), "a.csv")
    page = opened(tables.annotate(table, {3: "姓名：不像名字"}, title="问题")).active
    assert [cell.value for cell in page[1]] == [*HEADERS, "问题"]
    assert page["B2"].value == ROW[1]
    assert page["A3"].value == "=1+1"
    assert page["A3"].data_type == "s"
    assert page["D3"].value == "姓名：不像名字"


def test_the_same_column_is_used_when_the_file_comes_round_again() -> None:
    table = tables.read(excel(HEADERS, ROW, ROW), "a.xlsx")
    first = tables.read(tables.annotate(table, {2: "旧的错误"}), "a.xlsx")
    page = opened(tables.annotate(first, {3: "新的错误"})).active
    assert [cell.value for cell in page[1]] == [*HEADERS, "错误说明"]
    assert page["D2"].value is None
    assert page["D3"].value == "新的错误"


def test_plain_rows_can_be_annotated_too() -> None:
    data = tables.annotate([HEADERS, ROW], {2: "错"})
    assert [cell.value for cell in opened(data).active[2]] == [*ROW, "错"]


@pytest.mark.slow
def test_ninety_thousand_rows_are_read_whole() -> None:
    rng = random.Random(1)
    rows = ([f"张{i}", str(rng.randrange(10**17, 10**18))] for i in range(90_000))
    out = io.BytesIO()
    tables.write_xlsx(out, HEADERS[:2], rows, text_columns=["证件号码"])
    records = tables.read(out.getvalue(), "a.xlsx").records(HEADERS[:2])
    assert len(records.rows) == 90_000
    assert all(len(row.cells[1]) == 18 and not row.problem for row in records.rows)
