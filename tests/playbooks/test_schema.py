"""The file format: exact, closed, and the same after storing."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from gongzhi.playbooks import load, reference
from gongzhi.playbooks.schema import Playbook

SHIPPED = (
    "xuyi", "xindu", "luoshe", "anguo", "hanshang", "aiyuan", "maqun", "xinqiao",
)  # fmt: skip


def _load(name: str) -> Playbook:
    return load.load(load.shipped() / name)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_stored_playbook_comes_back_the_same(name: str) -> None:
    playbook = _load(name)
    again = Playbook.from_json(playbook.to_json())
    assert again == playbook
    assert again.digest == playbook.digest


@pytest.mark.parametrize("name", SHIPPED)
def test_the_digest_does_not_depend_on_the_order_of_keys(name: str) -> None:
    playbook = _load(name)
    turned = json.dumps(json.loads(playbook.to_json()), sort_keys=False, indent=3)
    assert Playbook.from_json(turned).digest == playbook.digest


def test_a_changed_word_is_another_version() -> None:
    playbook = _load("xuyi")
    changed = playbook.to_json().replace("正在议", "正在商量")
    assert Playbook.from_json(changed).digest != playbook.digest


def test_shares_are_exact() -> None:
    shares = [level.target_share for level in _load("xindu").levels]
    assert shares == [Fraction(2, 5), Fraction(3, 10), Fraction(1, 5), Fraction(1, 10)]


def test_the_published_json_schema_is_current() -> None:
    published = json.loads((load.shipped() / "playbook.schema.json").read_text("utf-8"))
    assert published == reference.json_schema(), "run: gongzhi playbook schema > that file"


@pytest.mark.parametrize("name", SHIPPED)
def test_the_json_schema_accepts_what_the_loader_accepts(name: str) -> None:
    validator = Draft202012Validator(reference.json_schema())
    data = json.loads(_load(name).to_json())
    del data["strings"]
    assert not list(validator.iter_errors(data))
    data["climb"]["keep_clok"] = True
    assert list(validator.iter_errors(data))


def test_a_folder_may_be_named_directly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(load.ENV, f"{tmp_path / 'none'}")
    assert [folder.name for folder in load.folders()] == sorted(SHIPPED)


def test_a_changed_copy_forgets_what_was_worked_out_for_the_original() -> None:
    playbook = _load("xuyi")
    before, index = playbook.digest, playbook.stage_index("publish")
    shorter = playbook.model_copy(update={"stages": playbook.stages[1:]})
    assert shorter.digest != before
    assert shorter.stage_index("publish") == index - 1
