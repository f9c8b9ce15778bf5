"""Pabulib files: read exactly, written so that others read them, refused with the line."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.deliberation.budgets.allocation import money, pb
from gongzhi.deliberation.budgets.allocation.election import Project

FILE = """META
key;value
description;示范
vote_type;approval
budget;1 000,50
min_length;1
max_length;2
PROJECTS
project_id;cost;votes;name;category
p1;500.25;3;"路灯; 三盏";公共
p2;400;1;晾衣架;
p3;0;0;名字;无
VOTES
voter_id;age;sex;vote
1;34;M;p1,p2
2;55;K;p1
3;;;
4;80;K; p1 , p1
"""


def test_amounts_ballots_and_quoted_names_are_read_exactly() -> None:
    found = pb.read(FILE)
    assert found.budget == 100_050
    assert [(p.id, p.cost, p.name) for p in found.projects] == [
        ("p1", 50_025, "路灯; 三盏"), ("p2", 40_000, "晾衣架"), ("p3", 0, "名字"),
    ]  # fmt: skip
    assert found.projects[0].more == {"votes": "3", "category": "公共"}
    assert dict(zip(found.ballots, found.times, strict=True)) == {(0, 1): 1, (0,): 2, (): 1}
    assert found.voters == 4
    assert found.supporters() == [3, 1, 0]


@pytest.mark.parametrize("data", [
    FILE.encode("utf-8-sig"), FILE.replace("\n", "\r\n").encode(), FILE.encode("utf-16"),
    ("\n" + FILE.replace("VOTES\n", "\n;;\nVOTES;;;\n")).encode(),
])  # fmt: skip
def test_byte_order_marks_line_ends_and_empty_lines_change_nothing(data: bytes) -> None:
    assert pb.read(pb.decode(data)).times == pb.read(FILE).times


@pytest.mark.parametrize(("before", "after", "line", "words"), [
    ("budget;1 000,50", "budget;viel", 1, "budget"),
    ("budget;1 000,50\n", "", 1, "budget"),
    ("vote_type;approval", "vote_type;shouting", 1, "shouting"),
    ("p2;400;", "p2;-400;", 11, "-400"),
    ("p2;400;", "p1;400;", 11, "p1"),
    ('"路灯; 三盏"', "路灯; 三盏", 10, "6栏"),
    ("1;34;M;p1,p2", "1;34;M;p1,p9", 15, "p9"),
    ("2;55;K;p1", "2;55", 16, "vote"),
    ("project_id;cost", "project_id;price", 9, "cost"),
    ("age;sex;vote", "age;sex;choice", 14, "vote"),
    ("VOTES\n", "META\nx;y\nVOTES\n", 13, "META"),
    ("META\n", "HEAD\n", 1, "META"),
])  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(
    before: str, after: str, line: int, words: str
) -> None:
    with pytest.raises(pb.Malformed) as refused:
        pb.read(FILE.replace(before, after, 1))
    assert refused.value.line == line
    assert words in refused.value.words
    assert refused.value.en.startswith(f"line {line}: ")


def test_a_file_without_votes_or_that_is_no_text_is_refused() -> None:
    with pytest.raises(pb.Malformed, match="VOTES"):
        pb.read(FILE.split("VOTES")[0])
    with pytest.raises(pb.Malformed) as refused:
        pb.decode(b"META\nkey;value\n" + b"\xff\xfe\xfa")
    assert refused.value.line == 3


@pytest.mark.parametrize("kind", ["cumulative", "scoring"])
def test_points_are_read_beside_the_projects_they_go_to(kind: str) -> None:
    text = FILE.replace("approval", kind).split("VOTES")[0]
    found = pb.read(text + "VOTES\nvoter_id;vote;points\n1;p2,p1;3,1.5\n2;;\n")
    assert found.ballots == ((1, 0), ())
    assert found.points == ((Fraction(3), Fraction(3, 2)), ())
    with pytest.raises(pb.Malformed, match="2个项目、1个分数"):
        pb.read(text + "VOTES\nvoter_id;vote;points\n1;p2,p1;3\n")


def test_an_order_keeps_its_order_and_names_nobody_twice() -> None:
    text = FILE.replace("approval", "ordinal").split("VOTES")[0]
    assert pb.read(text + "VOTES\nvoter_id;vote\n1;p2,p1\n").ballots == ((1, 0),)
    with pytest.raises(pb.Malformed, match="两次"):
        pb.read(text + "VOTES\nvoter_id;vote\n1;p2,p2\n")


@pytest.mark.parametrize(("text", "yuan"), [
    ("1000", 1000), ("1 000,50", "1000.50"), ("381500.0", 381500), ("1,234,567.8", "1234567.8"),
    ("1.234.567", 1234567), ("102533,36", "102533.36"), ("1e3", 1000), ("0.1", "0.1"),
])  # fmt: skip
def test_amounts_are_read_as_people_write_them(text: str, yuan: int | str) -> None:
    assert money.read(text) == Fraction(yuan)


@pytest.mark.parametrize("text", ["", "-1", "1e99", "1/0", "nan", "12a", "１e400", "9" * 50])
def test_what_is_no_amount_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        money.read(text)


@given(st.integers(0, 10**12), st.sampled_from([100, 1000, 300]))
def test_an_amount_written_is_read_again_the_same(amount: int, per_unit: int) -> None:
    assert money.read(money.write(amount, per_unit)) * per_unit == amount


def test_amounts_finer_than_fen_are_kept_whole() -> None:
    found = pb.read(FILE.replace("500.25", "500.2501"))
    assert found.per_unit == 10_000
    assert found.projects[0].cost == 5_002_501


def test_what_is_written_is_read_again_the_same() -> None:
    projects = [Project("1", 50_025, '三盏 "路灯"; 村口', {"category": "公共"}), Project("2", 7)]
    votes = [{"voter_id": 1, "age": "", "vote": "1,2"}, {"voter_id": 2, "age": "", "vote": ""}]
    meta = {"description": "两行\n说明", "vote_type": "approval", "budget": "10.50"}
    found = pb.read(pb.write(meta, projects, votes))
    assert found.budget == 1050
    assert found.projects[0] == projects[0]
    assert found.projects[1].cost == 7
    assert found.ballots == ((0, 1), ())
    assert found.meta["description"] == "两行 说明"
