"""What goes wrong at the terminal is one clear sentence and exit code 1, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gongzhi.cli import main, prepare
from gongzhi.cli.say import Trouble
from installations import Installation


@pytest.fixture
def place(new_folder: Path) -> Installation:
    return Installation(new_folder / "data")


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_a_folder_that_cannot_be_written() -> None:
    said = sentence(Installation(Path("/proc/gongzhi")).run("up"))
    assert "cannot be written" in said
    assert "--data" in said


def test_a_port_that_is_none(place: Installation) -> None:
    assert "1-65534" in sentence(place.run("up", "--port", "70000"))


def test_a_database_of_ones_own_that_is_not_there(place: Installation) -> None:
    env = {**place.env(), "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
    command = [sys.executable, "-m", "gongzhi.cli", "up", "--data", str(place.data)]
    command += ["--port", str(place.port)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert "DATABASE_URL" in sentence(done)


def test_a_verb_that_does_not_exist_lists_those_that_do(place: Installation) -> None:
    done = place.run("dance")
    assert done.returncode == 2
    assert "gongzhi up" in done.stdout


def test_data_without_a_folder() -> None:
    with pytest.raises(Trouble, match="--data"):
        main.take_data(["up", "--data"])


@pytest.mark.parametrize("words", [["--data", "/x", "up"], ["up", "--data=/x"]])
def test_data_may_stand_anywhere(words: list[str]) -> None:
    assert main.take_data(words) == (Path("/x"), ["up"])


def test_every_verb_says_what_it_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["help"]) == 0
    said = capsys.readouterr().out
    for verb in ("up", "test", "doctor", "backup", "restore", "manage"):
        assert f"gongzhi {verb} " in said


def test_the_stamp_changes_with_the_migrations(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "area" / "migrations").mkdir(parents=True)
    monkeypatch.setattr(prepare, "_HOUSE", tmp_path)
    before = prepare.migrations_digest()
    (tmp_path / "area" / "migrations" / "0001_first.py").write_text("")
    assert prepare.migrations_digest() != before


def test_sentences_follow_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GONGZHI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert str(Trouble("中文", "English")) == "English"
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert str(Trouble("中文", "English")) == "中文"
    assert os.environ["LANG"] == "zh_CN.UTF-8"
