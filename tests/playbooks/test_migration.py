"""Running matters move to a new version only where their place in it still exists."""

from dataclasses import replace
from datetime import timedelta

from gongzhi.playbooks import compare, load, migration, play
from gongzhi.playbooks.moves import Facts, Outcome, Position, Step
from gongzhi.playbooks.schema import Playbook

from . import walks

XUYI = load.load(load.shipped() / "xuyi")


def _other(old: str, new: str) -> Playbook:
    text = XUYI.to_json()
    assert old in text
    return Playbook.from_json(text.replace(old, new))


def _at(stage: str, **more: object) -> Position:
    facts = Facts(calendar=walks.room(XUYI).calendar)
    start = play.start(XUYI, facts, walks.START)
    return replace(start, stage=stage, due_at=walks.START + timedelta(days=5), **more)  # type: ignore[arg-type]


def _why(new: Playbook, position: Position, **renamed: str) -> str:
    return migration.plan(XUYI, new, {1: position}, renamed).refused[1]


def test_a_changed_number_keeps_the_running_due_date() -> None:
    new = _other('"due":"30wd"', '"due":"20wd"')
    position = _at("handle", step=Step.HANDLING)
    assert migration.plan(XUYI, new, {"a": position}).moved == {"a": position}


def test_a_stage_that_is_gone_refuses_with_its_name() -> None:
    new = _other('"deliberate"', '"talk"')
    assert "睦邻议事" in _why(new, _at("deliberate"))
    assert migration.plan(XUYI, new, {1: _at("deliberate")}, {"deliberate": "talk"}).moved == {
        1: _at("talk")
    }


def test_a_rung_that_is_gone_refuses() -> None:
    new = _other('"id":"county"', '"id":"district"')
    assert "县" in _why(new, _at("decide", level="county"))


def test_what_is_over_stays_under_its_old_rules() -> None:
    assert "了结" in _why(XUYI, _at("publish", outcome=Outcome.DONE.value))


def test_what_is_in_somebodys_hands_waits_when_the_gate_changes() -> None:
    handle = XUYI.stage("handle")
    gate = handle.gate.model_copy(update={"kind": "attach", "verify_by": ()})
    stages = tuple(
        handle.model_copy(update={"gate": gate}) if stage is handle else stage
        for stage in XUYI.stages
    )
    new = XUYI.model_copy(update={"stages": stages})
    assert "已经交办" in _why(new, _at("handle", step=Step.HANDLING))
    moved = migration.plan(XUYI, new, {1: _at("handle", step=Step.DISPATCHING)}).moved[1]
    assert moved.step is Step.NONE


def test_a_pause_the_new_version_does_not_know_refuses() -> None:
    new = _other('"pause_on":["busy_season"]', '"pause_on":[]')
    assert "暂停" in _why(new, _at("decide", pause_reason="busy_season", paused_at=walks.START))


def test_a_moved_matter_can_go_on_under_the_new_rules() -> None:
    new = _other('"due":"30wd"', '"due":"20wd"')
    table = walks.room(XUYI)
    for _ in range(3):
        assert walks.gate(table, yes=True)
    moved = migration.plan(XUYI, new, {1: table.position}).moved[1]
    table.playbook, table.position = new, moved
    while not table.position.outcome:
        assert walks.gate(table, yes=True)
    assert table.position.outcome == Outcome.DONE


def test_the_differences_are_told_by_name() -> None:
    new = _other('"due":"30wd"', '"due":"20wd"')
    assert [change.text() for change in compare.changes(XUYI, new)] == [
        "stages → handle → deadline → due：从 “30wd” 改为 “20wd”"
    ]
    assert compare.changes(XUYI, XUYI) == ()


def test_a_new_stage_is_one_difference_not_many() -> None:
    short = XUYI.model_copy(update={"stages": XUYI.stages[:2] + XUYI.stages[3:]})
    (change,) = compare.changes(XUYI, short)
    assert change.path == ("stages", "decide")
    assert change.after is None
