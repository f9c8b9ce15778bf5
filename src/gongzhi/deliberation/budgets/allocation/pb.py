"""Pabulib files (.pb): META, PROJECTS and VOTES in one text, parted by semicolons.

Format: Faliszewski et al., "Participatory Budgeting: Data, Tools, and Analysis", 2023
(arXiv:2305.11035). Every kind of vote is read; what cannot be read is refused with its line.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from gongzhi.core.errors import BadInput
from gongzhi.deliberation.budgets.allocation import money
from gongzhi.deliberation.budgets.allocation.election import (
    APPROVALS,
    VOTE_TYPES,
    Election,
    Project,
)

SECTIONS = ("META", "PROJECTS", "VOTES")
_TITLES = {name.lower(): name for name in SECTIONS}


class Malformed(BadInput):
    """这个.pb文件读不懂。"""

    code = "malformed_pb"

    def __init__(self, line: int, zh: str, en: str) -> None:
        place = (f"第{line}行：", f"line {line}: ") if line else ("", "")
        super().__init__("file", place[0] + zh, code="malformed_pb")
        self.line, self.en = line, place[1] + en


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class _Section:
    line: int
    header: list[str]
    rows: list[_Row]


def decode(data: bytes) -> str:
    """The text of a file: UTF-8 with or without BOM, or UTF-16 with one; Malformed otherwise."""
    try:
        return data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Malformed(line, "不是UTF-8文字。请用UTF-8另存一次。", "not UTF-8 text") from error


def read(text: str) -> Election:
    """The election in a .pb text; Malformed says what is wrong and in which line."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=None), delimiter=";")
    try:
        return _read(reader)
    except csv.Error as error:
        raise Malformed(reader.line_num, "引号或分栏读不懂。", str(error)) from error


def _read(reader: Any) -> Election:
    meta, projects, votes = _sections(reader)
    told = _meta(meta)
    kind = told.get("vote_type", "").strip().lower()
    if kind not in VOTE_TYPES:
        shown = kind or "—"
        raise Malformed(
            meta.line, f"不认识的投票方式“{shown}”（vote_type）。", f"unknown vote_type “{shown}”"
        )
    budget = _amount(told.get("budget", ""), meta.line, "budget")
    listed, costs = _projects(projects)
    per_unit = lcm(money.FEN, budget.denominator, *(cost.denominator for cost in costs))
    listed = [
        Project(project.id, int(cost * per_unit), project.name, project.more)
        for project, cost in zip(listed, costs, strict=True)
    ]
    ballots, times, points = _ballots(reader, votes, kind, [project.id for project in listed])
    return Election(
        int(budget * per_unit), tuple(listed), ballots, times, kind, points, told, per_unit
    )


def _sections(reader: Any) -> tuple[_Section, _Section, list[str]]:
    """META and PROJECTS read, and the header of VOTES, whose rows come next."""
    found: dict[str, _Section] = {}
    current: _Section | None = None
    for cells in reader:
        first = cells[0].strip() if cells else ""
        if not any(cell.strip() for cell in cells):
            continue
        title = _TITLES.get(first.lower()) if not any(cells[1:]) else None
        if title is None and current is None:
            raise Malformed(
                reader.line_num, "文件应从“META”一行开始。", "a .pb file begins with META"
            )
        if title is None:
            assert current is not None
            current.rows.append(_Row(reader.line_num, cells))
            continue
        line = reader.line_num
        if title in found:
            raise Malformed(line, f"“{title}”出现了两次。", f"{title} occurs twice")
        header = [name.strip().lower() for name in next(reader, [])]
        found[title] = current = _Section(line, header, [])
        if title == "VOTES":
            break
    for title in SECTIONS:
        if title not in found:
            raise Malformed(reader.line_num, f"缺少“{title}”一节。", f"{title} is missing")
    return found["META"], found["PROJECTS"], found["VOTES"].header


def _meta(section: _Section) -> dict[str, str]:
    told = {}
    for row in section.rows:
        if len(row.cells) < 2:
            raise Malformed(row.line, "应写成“名称;内容”。", "expected key;value")
        told[row.cells[0].strip()] = row.cells[1].strip()
    return told


def _projects(section: _Section) -> tuple[list[Project], list[Fraction]]:
    header = section.header
    for needed in ("project_id", "cost"):
        if needed not in header:
            line = section.line + 1
            raise Malformed(line, f"项目表没有“{needed}”一栏。", f"PROJECTS has no column {needed}")
    listed: dict[str, Project] = {}
    costs: list[Fraction] = []
    for row in section.rows:
        _fits(row.line, row.cells, header)
        cells = dict(zip(header, (cell.strip() for cell in row.cells), strict=False))
        name = cells.pop("project_id")
        if not name or "," in name:
            raise Malformed(row.line, "项目编号是空的，或含有逗号。", "empty id, or a comma in it")
        if name in listed:
            raise Malformed(row.line, f"项目“{name}”出现了两次。", f"project {name} occurs twice")
        costs.append(_amount(cells.pop("cost", ""), row.line, "cost"))
        listed[name] = Project(name, 0, cells.pop("name", ""), cells)
    return list(listed.values()), costs


def _fits(line: int, cells: Sequence[str], header: Sequence[str]) -> None:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        raise Malformed(
            line,
            f"有{len(cells)}栏，表头只有{len(header)}栏。文字里的分号要放在引号里。",
            f"{len(cells)} cells under {len(header)} headings; quote text with semicolons",
        )


def _amount(text: str, line: int, name: str) -> Fraction:
    try:
        return money.read(text)
    except ValueError:
        shown = text[:40] or "—"
        raise Malformed(
            line, f"“{shown}”不是金额（{name}）。", f"“{shown}” is no amount ({name})"
        ) from None


_Merged = tuple[tuple[tuple[int, ...], ...], tuple[int, ...], tuple[tuple[Fraction, ...], ...]]


def _ballots(reader: Any, header: list[str], kind: str, ids: list[str]) -> _Merged:
    """All ballots, those alike merged: each different text is taken apart once."""
    if "vote" not in header:
        line = reader.line_num
        raise Malformed(line, "投票表没有“vote”一栏。", "VOTES has no column vote")
    weighed = kind not in (*APPROVALS, "ordinal")
    counted, lines = _count(reader, header, header.index("vote"), _points_at(header, weighed))
    place = {name: index for index, name in enumerate(ids)}
    if kind in APPROVALS:
        found = _approved(counted, lines, place)
        return tuple(found), tuple(found.values()), ()
    merged: dict[tuple[tuple[int, ...], tuple[Fraction, ...]], int] = {}
    for said, times in counted.items():
        vote, points = said if isinstance(said, tuple) else (said, "")
        chosen = _chosen(vote, place, lines[said], ordered=kind == "ordinal" or weighed)
        worth = _points(points, len(chosen), lines[said]) if weighed and chosen else ()
        merged[chosen, worth] = merged.get((chosen, worth), 0) + times
    weights = tuple(worth for _, worth in merged) if weighed else ()
    return tuple(chosen for chosen, _ in merged), tuple(merged.values()), weights


def _approved(
    counted: Mapping[Any, int], lines: Mapping[Any, int], place: Mapping[str, int]
) -> dict[tuple[int, ...], int]:
    """How often each different set was approved. Most ballots are plain: the short way first."""
    merged: dict[tuple[int, ...], int] = {}
    find = place.__getitem__
    for vote, times in counted.items():
        try:
            chosen = tuple(sorted({*map(find, vote.split(","))}))
        except KeyError:
            chosen = _chosen(vote, place, lines[vote], ordered=False)
        merged[chosen] = merged.get(chosen, 0) + times
    return merged


def _points_at(header: list[str], weighed: bool) -> int | None:
    return header.index("points") if weighed and "points" in header else None


_Said = str | tuple[str, str]


def _count(
    reader: Any, header: list[str], at: int, points: int | None
) -> tuple[dict[_Said, int], dict[_Said, int]]:
    """How often each different text of a ballot occurs, and in which line first."""
    counted: dict[_Said, int] = {}
    lines: dict[_Said, int] = {}
    width = len(header)
    for cells in reader:
        try:
            said: _Said = cells[at] if points is None else (cells[at], cells[points])
        except IndexError:
            if not any(cell.strip() for cell in cells):
                continue
            raise _short(reader.line_num, cells) from None
        if len(cells) > width:
            _fits(reader.line_num, cells, header)
        if said in counted:
            counted[said] += 1
        else:
            counted[said], lines[said] = 1, reader.line_num
    return counted, lines


def _short(line: int, cells: Sequence[str]) -> Malformed:
    title = _TITLES.get(cells[0].strip().lower())
    if title:
        return Malformed(line, f"“{title}”放错了地方。", f"{title} is out of place")
    return Malformed(line, "这张票没有“vote”一栏。", "this ballot has no vote cell")


def _chosen(vote: str, place: Mapping[str, int], line: int, *, ordered: bool) -> tuple[int, ...]:
    if not vote or vote.strip().lower() == "none":
        return ()
    try:
        found = [place[name] for name in vote.split(",")]
    except KeyError:
        found = [_place(name.strip(), place, line) for name in vote.split(",") if name.strip()]
    if ordered:
        if len(set(found)) < len(found):
            raise Malformed(line, "同一个项目写了两次。", "a project is named twice")
        return tuple(found)
    return tuple(sorted(set(found)))


def _place(name: str, place: Mapping[str, int], line: int) -> int:
    if name not in place:
        raise Malformed(line, f"票上的项目“{name}”不在项目表里。", f"unknown project {name}")
    return place[name]


def _points(text: str, expected: int, line: int) -> tuple[Fraction, ...]:
    parts = [part.strip() for part in text.split(",")] if text.strip() else []
    try:
        worth = tuple(Fraction(part) for part in parts)
    except (ValueError, ZeroDivisionError):
        raise Malformed(line, f"“{text[:40]}”不是分数。", f"“{text[:40]}” are no points") from None
    if len(worth) != expected:
        raise Malformed(
            line,
            f"有{expected}个项目、{len(worth)}个分数。",
            f"{expected} projects, {len(worth)} points",
        )
    return worth


def write(
    meta: Mapping[str, object],
    projects: Iterable[Project],
    votes: Iterable[Mapping[str, object]],
    *,
    per_unit: int = money.FEN,
) -> str:
    """A .pb text. `votes` are rows with "voter_id" and "vote" (ids parted by commas), and more.

    Columns are those of the first row; cells with semicolons, quotes or line breaks are quoted.
    """
    out = io.StringIO()
    table = csv.writer(out, delimiter=";", lineterminator="\n")
    table.writerow(["META"])
    table.writerow(["key", "value"])
    table.writerows((key, _cell(value)) for key, value in meta.items())
    table.writerow(["PROJECTS"])
    listed = list(projects)
    more = list(dict.fromkeys(key for project in listed for key in project.more))
    table.writerow(["project_id", "cost", "name", *more])
    for project in listed:
        cells = [project.more.get(key, "") for key in more]
        row = [project.id, money.write(project.cost, per_unit), project.name, *cells]
        table.writerow([_cell(cell) for cell in row])
    table.writerow(["VOTES"])
    table.writerows(_vote_rows(votes))
    return out.getvalue()


def _vote_rows(votes: Iterable[Mapping[str, object]]) -> Iterator[list[str]]:
    header: list[str] = []
    for vote in votes:
        if not header:
            header = list(vote)
            yield header
        yield [_cell(vote.get(key, "")) for key in header]
    if not header:
        yield ["voter_id", "vote"]


def _cell(value: object) -> str:
    """One line: other programs read these files line by line."""
    return " ".join(str(value).split("\n")).replace("\r", " ")
