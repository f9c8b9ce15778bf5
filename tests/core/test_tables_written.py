"""Tables people take, with openpyxl as a second opinion."""

import io
import random
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sheets import DANGEROUS, HEADERS, ROW, csv_file, excel, opened
from gongzhi.core import tables

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
