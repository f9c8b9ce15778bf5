"""The reference tells what the code knows, and the tutorial does what it says."""

import re
from pathlib import Path

import pytest

from gongzhi.cli import playbook
from gongzhi.playbooks import check, load, reference, rules

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "reference" / "playbook.md").read_text("utf-8")
TUTORIAL = (DOCS / "tutorials" / "your-first-playbook.md").read_text("utf-8")


def test_every_key_is_in_the_reference() -> None:
    written = REFERENCE.split("<!-- keys -->\n")[1]
    assert written == reference.keys(), "run: gongzhi playbook schema --keys"


def test_every_rule_part_and_post_is_in_the_reference() -> None:
    for word in (*rules.presets(), *check.PARTS, *check.PERSONAL, *check.HOLDERS):
        assert f"`{word}`" in REFERENCE


def test_the_tutorial_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GONGZHI_LANG", "en")
    monkeypatch.setenv(load.ENV, str(tmp_path))
    for language, block in re.findall(r"```(\w+)\n(.*?)```", TUTORIAL, re.DOTALL):
        if language == "sh":
            for line in block.splitlines():
                if line.startswith("gongzhi playbook "):
                    assert playbook.main(line.split()[2:]) == 0, line
        elif language == "diff":
            _apply(block)
        elif language == "toml":
            name, _, text = block.partition("\n")
            Path(name.removeprefix("# ")).write_text(text, "utf-8")
    assert "one_grid" in load.load_all()[0]


def _apply(block: str) -> None:
    """A change of the tutorial: the file in the first line, then lines with - and +."""
    name, *lines = block.splitlines()
    file = Path(name.removeprefix("# "))
    old = "\n".join(line[1:] for line in lines if line[0] != "+")
    new = "\n".join(line[1:] for line in lines if line[0] != "-")
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
