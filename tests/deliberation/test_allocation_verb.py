"""`gongzhi budget`: a table for people, JSON for programs, a sentence for a bad file."""

import json
from pathlib import Path

import pytest

from gongzhi.cli import main as cli

FILE = """META
key;value
vote_type;approval
budget;100
PROJECTS
project_id;cost;name
a;60;Lamps
b;40;Bench
c;50;Tree
VOTES
voter_id;vote
1;a
2;a
3;b,c
4;c
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "village.pb"
    path.write_text(FILE, encoding="utf-8")
    return path


def _json(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert cli.main(["budget", *words, "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_json_says_who_won_who_supported_and_who_paid_what(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Four voters own 25 yuan each: only the tree finds 50 among its two supporters."""
    found = _json(capsys, str(file))
    assert found["winners"] == ["c"]
    assert (found["budget_fen"], found["spent_fen"], found["left_fen"]) == (10000, 5000, 5000)
    assert found["share_fen"] == 2500
    projects = {project["id"]: project for project in found["projects"]}  # type: ignore[attr-defined]
    assert projects["c"]["paid"] == {
        "voters": 2, "each_fen": 2500, "each_fen_at_most": 2500, "less": None,
    }  # fmt: skip
    assert projects["a"]["supporters"] == 2
    assert projects["a"]["missing_fen"] == 1000
    assert projects["b"]["missing_fen"] == 4000


def test_the_rules_and_completions_can_be_chosen(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _json(capsys, str(file), "--rule", "greedy")["winners"] == ["a", "b"]
    raised = _json(capsys, str(file), "--rule", "equal-shares", "--completion", "add1")
    assert raised["winners"] == ["c"]  # a round with more would cost 110 of 100
    filled = _json(capsys, str(file), "--completion", "greedy")
    assert filled["winners"] == ["c", "b"]
    assert filled["projects"][1]["by"] == "greedy"  # type: ignore[index]


def test_the_table_says_it_in_words(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GONGZHI_LANG", "zh")
    assert cli.main(["budget", str(file)]) == 0
    said = capsys.readouterr().out
    assert "4票，总额100.00元：选中1个，用50.00元，余50.00元。" in said
    assert "2票支持，每票最多出25.00元" in said


@pytest.mark.parametrize(("text", "words"), [
    (FILE.replace("1;a", "1;x"), "village.pb: line 12: unknown project x"),
    (FILE.replace("approval", "ordinal"), "village.pb holds ordinal votes"),
])  # fmt: skip
def test_a_bad_file_is_one_sentence_and_no_trace(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    text: str, words: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("GONGZHI_LANG", "en")
    file.write_text(text, encoding="utf-8")
    assert cli.main(["budget", str(file)]) == 1
    assert words in capsys.readouterr().err
    assert cli.main(["budget", str(file) + ".gone"]) == 1
