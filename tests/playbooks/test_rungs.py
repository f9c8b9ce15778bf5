"""A stage may differ on a rung, stay open for a while, and lead on when it refuses."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from gongzhi.playbooks import explain, load, rules
from gongzhi.playbooks.moves import Attendance, Move, Played, Refused, Tally, Verb
from gongzhi.playbooks.problems import Broken
from gongzhi.playbooks.room import Room
from gongzhi.playbooks.schema import HouseRule, Playbook

from .walks import START, room


def _playbook(name: str) -> Playbook:
    return load.load(load.shipped() / name)


def test_on_its_rung_a_stage_has_its_own_time_rule_and_quorum() -> None:
    luoshe = _playbook("luoshe")
    lane, village = luoshe.stage_on("council", "lane"), luoshe.stage_on("council", "village")
    assert lane.deadline is not None
    assert village.deadline is not None
    assert [str(x) for x in (lane.deadline.due, village.deadline.due)] == ["7d", "30d"]
    assert isinstance(lane.gate.rule, HouseRule)
    assert rules.judge_vote(lane, Tally(9, 8, 8, 0, 0)) == "pass"
    assert rules.judge_vote(lane, Tally(9, 8, 7, 1, 0)) == "fail"
    assert rules.judge_vote(village, Tally(9, 8, 7, 1, 0)) == "pass"
    assert luoshe.stage_on("council", "village") is luoshe.stage("council")


def test_the_clock_of_a_rung_also_counts_for_an_extension() -> None:
    table = Room(_playbook("luoshe"), {"li": frozenset({"caller"})}, START)
    table.play("li", Move(Verb.ACCEPT))
    assert table.position.due_at == START + timedelta(days=7)
    table.play("li", Move(Verb.EXTEND, reason="一户在外地"))
    assert table.position.due_at == START + timedelta(days=10)


def test_a_round_stays_open_as_long_as_it_must() -> None:
    table = room(_playbook("anguo"))
    for verb in (Verb.ACCEPT, Verb.ATTACH):
        table.attachments = 1
        assert any(isinstance(table.play(who, Move(verb)), Played) for who in table.people)
    close = Move(Verb.HEAR, attendance=Attendance(300, 90))
    table.at += timedelta(days=2)
    early = table.play("host", close)
    assert isinstance(early, Refused)
    assert early.code == "too_early"
    assert "3月5日09:00" in early.words
    table.at += timedelta(days=1)
    assert isinstance(table.play("host", close), Played)


def test_a_refusal_that_leads_on_is_no_end() -> None:
    table = room(_playbook("anguo"))
    answer = table.play("party", Move(Verb.REFUSE, reason="去年议过"))
    assert isinstance(answer, Played)
    assert (answer.result, answer.position.stage, answer.position.outcome) == (
        "refuse", "appeal", "",
    )  # fmt: skip


def test_the_page_tells_what_differs_on_a_rung() -> None:
    told = explain.text(_playbook("luoshe"))
    assert "巷（楼）" in told
    assert "至少开放 3 天" in explain.text(_playbook("anguo"))
    assert "open for at least 3 day" in explain.text(_playbook("anguo"), "en")


SLIPS = [
    ("unknown_level", "grid = { due", "gird = { due"),
    ("rung_empty", 'grid = { due = "15d", ', "grid = { "),
    ("no_basis", 'grid = { due = "15d", basis = "default" }', 'grid = { due = "15d" }'),
    ("rule_impossible", 'pass = "1/1", op = ">="', 'pass = "1/1", op = ">"'),
    ("quorum_too_large", "min_count = 3, seats = 15", "min_count = 30, seats = 15"),
    ("rung_of_fixed", 'id = "council"\n', 'id = "council"\nlevel = "village"\n'),
]


@pytest.mark.parametrize(("code", "old", "new"), SLIPS, ids=[f"{s[0]}-{s[2]}" for s in SLIPS])
def test_slips_on_a_rung_are_told(tmp_path: Path, code: str, old: str, new: str) -> None:
    folder = Path(shutil.copytree(load.shipped() / "luoshe", tmp_path / "luoshe"))
    file = folder / "playbook.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(Broken) as broken:
        load.load(folder)
    assert code in {problem.code for problem in broken.value.problems}


def test_a_round_that_would_never_close_in_time_is_told(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(load.shipped() / "anguo", tmp_path / "anguo"))
    file = folder / "playbook.toml"
    text = file.read_text("utf-8").replace('not_before = "3d"', 'not_before = "7d"')
    file.write_text(text, "utf-8")
    with pytest.raises(Broken, match="开放"):
        load.load(folder)
