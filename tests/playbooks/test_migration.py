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


def test_a_changed_number_is_no_obstacle() -> None:
    new = _other('"due":"30wd"', '"due":"20wd"')
    assert migration.refusal(XUYI, new, _at("handle", step=Step.HANDLING)) == ""


def test_a_stage_that_is_gone_refuses_with_its_name() -> None:
    new = _other('"deliberate"', '"talk"')
    assert "睦邻议事" in migration.refusal(XUYI, new, _at("deliberate"))


def test_a_rung_that_is_gone_refuses_with_its_name() -> None:
    new = _other('"id":"county"', '"id":"district"')
    assert "县" in migration.refusal(XUYI, new, _at("decide", level="county"))


def test_a_stage_that_moved_to_a_fixed_rung_refuses() -> None:
    new = _other('"id":"publish",', '"id":"publish","level":"town",')
    assert "镇" in migration.refusal(XUYI, new, _at("publish"))
    assert migration.refusal(XUYI, new, _at("publish", level="town")) == ""


def test_what_is_over_stays_under_its_old_version() -> None:
    ended = _at("publish", outcome=Outcome.DONE.value)
    assert "了结" in migration.refusal(XUYI, XUYI, ended)


def test_what_is_in_somebodys_hands_waits_when_the_gate_changes() -> None:
    handle = XUYI.stage("handle")
    gate = handle.gate.model_copy(update={"kind": "attach", "verify_by": ()})
    stages = tuple(
        handle.model_copy(update={"gate": gate}) if stage is handle else stage
        for stage in XUYI.stages
    )
    new = XUYI.model_copy(update={"stages": stages})
    assert "办完再换" in migration.refusal(XUYI, new, _at("handle", step=Step.HANDLING))
    assert "办完再换" in migration.refusal(new, XUYI, _at("handle"))


def test_a_pause_the_new_version_does_not_know_refuses() -> None:
    new = _other('"pause_on":["busy_season"]', '"pause_on":[]')
    paused = _at("decide", pause_reason="busy_season", paused_at=walks.START)
    assert "恢复计时" in migration.refusal(XUYI, new, paused)
    assert migration.refusal(XUYI, XUYI, paused) == ""


def test_a_moved_matter_goes_on_under_the_new_version() -> None:
    new = _other('"due":"30wd"', '"due":"20wd"')
    table = walks.room(XUYI)
    for _ in range(3):
        assert walks.gate(table, yes=True)
    assert migration.refusal(XUYI, new, table.position) == ""
    table.playbook = new
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
