"""Every scenario of every shipped playbook comes true."""

from pathlib import Path

import pytest

from gongzhi.playbooks import load, scenarios

SHIPPED = load.load_all([folder for folder in sorted(load.shipped().iterdir()) if folder.is_dir()])
FILES = [file for folder in sorted(load.shipped().iterdir()) for file in scenarios.files(folder)]


def _name(file: Path) -> str:
    return f"{file.parents[1].name}: {scenarios.read(file).sentence}"


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_it_comes_true(file: Path) -> None:
    playbook = SHIPPED[0][file.parents[1].name]
    wrong = scenarios.run(playbook, scenarios.read(file))
    assert not wrong, "\n".join(map(str, wrong))


def test_every_shipped_playbook_has_scenarios() -> None:
    assert {file.parents[1].name for file in FILES} == set(SHIPPED[0])
    assert not SHIPPED[1]
