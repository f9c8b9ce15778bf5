"""`gongzhi playbook …` at the terminal."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gongzhi.cli import playbook, playbook_walk
from gongzhi.cli.say import Trouble
from gongzhi.playbooks import load


@pytest.fixture(autouse=True)
def _chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGZHI_LANG", "zh_CN.UTF-8")


def test_check_runs_every_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert playbook.main(["check"]) == 0
    out = capsys.readouterr().out
    assert "22 个情景都对" in out
    assert "12 个情景都对" in out


def test_a_new_playbook_is_in_order_and_picked_up_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert playbook.main(["new", "elders_table", "--like", "xindu", "--into", str(tmp_path)]) == 0
    monkeypatch.setenv(load.ENV, str(tmp_path))
    assert playbook.main(["check", "elders_table"]) == 0
    assert "elders_table" in load.load_all()[0]
    with pytest.raises(Trouble):
        playbook.main(["new", "elders_table", "--into", str(tmp_path)])


def test_a_slip_is_told_and_fails_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    playbook.main(["new", "mine", "--into", str(tmp_path)])
    file = tmp_path / "mine" / "playbook.toml"
    file.write_text(file.read_text("utf-8").replace("keep_clock", "keep_clok"), "utf-8")
    assert playbook.main(["check", str(tmp_path / "mine")]) == 1
    assert "是不是想写“keep_clock”？" in capsys.readouterr().out
    assert playbook.main(["explain", str(tmp_path / "mine")]) == 1


def test_a_scenario_that_does_not_come_true_fails_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    playbook.main(["new", "mine", "--into", str(tmp_path)])
    file = tmp_path / "mine" / "scenarios" / "05-one-more-is-a-majority.toml"
    file.write_text(file.read_text("utf-8").replace("for = 51, against = 49", "for = 50"), "utf-8")
    assert playbook.main(["check", str(tmp_path / "mine")]) == 1
    assert "result 应为 'pass'，实际是 'fail'" in capsys.readouterr().out


def test_explain_writes_page_picture_and_bpmn(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.html", "a.svg", "a.bpmn")]
    html, svg, bpmn = map(str, files)
    argv = ["explain", "xuyi", "--html", html, "--svg", svg, "--bpmn", bpmn, "--lang", "en"]
    assert playbook.main(argv) == 0
    assert [file.read_text("utf-8")[:5] for file in files] == ["<arti", "<svg ", "<?xml"]


def test_simulate_prints_shares_and_draws_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = tmp_path / "shares.svg"
    argv = ["simulate", "xindu", "--per-day", "3", "--days", "20", "--staff", "grid=4"]
    assert playbook.main([*argv, "--svg", str(drawn)]) == 0
    assert "希望 40%" in capsys.readouterr().out
    assert drawn.read_text("utf-8").startswith("<svg")


@pytest.mark.parametrize(
    "wrong", [["--staff", "grid=0"], ["--staff", "grid"], ["--able", "grid=x"]]
)
def test_simulate_says_what_it_did_not_understand(wrong: list[str]) -> None:
    with pytest.raises(SystemExit):
        playbook.main(["simulate", "xindu", *wrong])


def test_simulate_knows_the_levels() -> None:
    with pytest.raises(Trouble, match="gird"):
        playbook.main(["simulate", "xindu", "--staff", "gird=3"])


def test_diff_tells_nothing_of_equal_versions(capsys: pytest.CaptureFixture[str]) -> None:
    assert playbook.main(["diff", "xuyi", "xuyi"]) == 0
    assert capsys.readouterr().out == ""


def test_play_tells_a_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    script = load.shipped() / "xindu" / "scenarios" / "02-climbs-all-four-by-deadline.toml"
    assert playbook.main(["play", "xindu", "--script", str(script)]) == 0
    assert "区领导会办" in capsys.readouterr().out


def _answers(*lines: str) -> Iterator[str]:
    yield from lines


def test_play_asks_until_somebody_takes_it_back(capsys: pytest.CaptureFixture[str]) -> None:
    xuyi = load.load(load.shipped() / "xuyi")
    table = playbook_walk.table_of(xuyi)
    choices = playbook_walk._choices(table)
    number = next(i for i, (_, verb) in enumerate(choices, 1) if verb == "recall")
    said = _answers("什么？", "t 40h", str(number))
    assert playbook_walk.interactive(xuyi, "zh-Hans", lambda _: next(said)) == 0
    out = capsys.readouterr().out
    assert "没有看懂" in out
    assert "⏰ warn 50" in out
    assert out.rstrip().endswith("recalled")
