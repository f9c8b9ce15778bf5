"""A clerk's slips are found, and told so that the clerk can put them right."""

import shutil
from pathlib import Path

import pytest

from gongzhi.playbooks import check, load
from gongzhi.playbooks.problems import Broken, Problem

# code, file, what stands in the shipped file, what the clerk wrote instead
PLAY = "playbook.toml"
SLIPS: list[tuple[str, str, str, str]] = [
    ("unknown_key", PLAY, "keep_clock", "keep_clocks"),
    ("missing_key", PLAY, 'start_level = "village"', ""),
    ("unknown_choice", PLAY, 'kind = "hearing"', 'kind = "hear"'),
    ("bad_term", PLAY, 'due = "10wd"', 'due = "10 working days"'),
    ("bad_term", PLAY, 'due = "3d"', "due = 3"),
    ("bad_term", PLAY, 'ask_after = ["2d", "5d"]', 'ask_after = ["2d", "0d"]'),
    ("bad_share", PLAY, 'enough = "3/5"', "enough = 0.6"),
    ("bad_share", PLAY, 'min_share = "1/2"', 'min_share = "50%"'),
    ("bad_id", PLAY, 'id = "decide"', 'id = "定事"'),
    ("wrong_type", PLAY, "loops = 2", 'loops = "two"'),
    ("wrong_type", PLAY, "days = 15", "days = -15"),
    ("not_toml", PLAY, "levels = [", "levels = "),
    ("same_id", PLAY, 'id = "town"', 'id = "village"'),
    ("unknown_level", PLAY, 'start_level = "village"', 'start_level = "vilage"'),
    ("unknown_level", PLAY, 'group = "village"', 'group = "hamlet"'),
    ("unknown_role", PLAY, 'do = ["council", "committee"]', 'do = ["counsil", "committee"]'),
    ("unknown_role", PLAY, "include = { affected = 1 }", "include = { neighbours = 1 }"),
    ("unknown_stage", PLAY, '{ to = "decide" }', '{ to = "decision" }'),
    ("unknown_stage", PLAY, 'recall_until = "deliberate"', 'recall_until = "talk"'),
    ("unknown_holder", PLAY, '"workshop_host"', '"workshop_hosts"'),
    ("empty_list", PLAY, "stages", "stages"),
    ("role_unused", PLAY, 'do = ["raiser", "villagers"]', 'do = ["raiser"]'),
    ("no_holder", PLAY, 'holders = ["party_secretary"]', "holders = []"),
    ("no_raiser", PLAY, 'holders = "raiser"', 'holders = "residents"'),
    ("levels_order", PLAY, 'id = "group", unit = "grid"', 'id = "group", unit = "county"'),
    ("no_doer", PLAY, 'do = ["handler"]', "do = []"),
    ("no_by", PLAY, 'by = ["supervisor", "committee"]', "by = []"),
    ("key_misplaced", PLAY, 'kind = "accept",', 'kind = "accept", threshold = "3/1",'),
    ("vote_without_rule", PLAY, 'rule = "villager_rep_meeting", ', ""),
    ("unknown_rule", PLAY, '"villager_rep_meeting"', '"villager_reps_meeting"'),
    ("no_quorum", PLAY, 'rule = "villager_rep_meeting"', 'rule = { pass = "1/2", op = ">" }'),
    (
        "rule_impossible",
        PLAY,
        'rule = "villager_rep_meeting"',
        'quorum = { min_count = 5, basis = "default" }, rule = { pass = "1/1", op = ">" }',
    ),
    ("rate_without_threshold", PLAY, 'threshold = "7/2", ', ""),
    ("threshold_range", PLAY, 'threshold = "7/2"', 'threshold = "7/1"'),
    ("share_range", PLAY, 'enough = "3/5"', 'enough = "6/5"'),
    ("own_rating", PLAY, 'by = ["raiser", "affected"]', 'by = ["raiser", "handler"]'),
    ("joint_without_verify", PLAY, ', verify_by = ["verifier"]', ""),
    ("own_verify", PLAY, 'verify_by = ["verifier"]', 'verify_by = ["handler"]'),
    ("no_dispatcher", PLAY, '"joint", by = ["committee", "party"]', '"joint", by = ["raiser"]'),
    ("quorum_too_large", PLAY, "min_count = 4", "min_count = 40"),
    ("quorum_too_large", PLAY, 'min_share = "1/2"', 'min_share = "1/1"'),
    (
        "quorum_empty",
        PLAY,
        'min_share = "1/2", op = ">", min_count = 4, seats = 15, include = { affected = 1 }, ',
        "",
    ),
    ("unknown_part", PLAY, '"votes"], to', '"vote"], to'),
    ("nothing_published", PLAY, 'what = ["progress", "cost"]', "what = []"),
    ("publish_short", PLAY, 'to = "grid", days = 15', 'to = "grid", days = 14'),
    ("publish_wide", PLAY, 'to = "grid", days = 15', 'to = "grid", mask = false, days = 15'),
    ("publish_wide", PLAY, '["title", "body"]', '["title", "raiser"]'),
    ("topics_unused", PLAY, 'top = "hold"', 'top = "hold"\ntopics = { water = "town" }'),
    ("topics_missing", PLAY, 'by = ["deadline", "decision"]', 'by = ["deadline", "topic"]'),
    ("reopen_nowhere", PLAY, 'reopen_to = "handle"', ""),
    ("measure_without_stage", PLAY, 'satisfaction"\nstage = "appraise"', 'satisfaction"'),
    ("no_basis", PLAY, 'urgent = "30m", then = "escalate", basis = "default"', 'then = "escalate"'),
    ("two_ways", PLAY, '[{ to = "end" }]', '[{ to = "end" }, { to = "appraise" }]'),
    ("way_never_taken", PLAY, '"refused", on = "refuse" }', '"refused", on = "fail" }'),
    ("way_up_ends", PLAY, '{ to = "handle", on = "escalate" }', '{ to = "end", on = "escalate" }'),
    ("fail_without_way", PLAY, ', { to = "handle", on = "fail" }', ""),
    ("unreachable", PLAY, '[{ to = "decide" }, ', '[{ to = "handle" }, '),
    ("never_ends", PLAY, '[{ to = "end" }]', '[{ to = "publish" }]'),
    (
        "pass_back",
        PLAY,
        '[{ to = "publish" }, { to = "handle", on = "fail" }, { to = "handle", on = "escalate" }]',
        '[{ to = "deliberate" }, { to = "publish", on = "fail" }]',
    ),
    ("escalate_without_climb", PLAY, 'by = ["deadline", "decision"]', 'by = ["decision"]'),
    ("clock_without_way", PLAY, 'urgent = "30m", then = "escalate"', 'then = "fail"'),
    ("clock_without_way", PLAY, 'then = "remind"', 'warn = [50], then = "remind"'),
    ("clock_decides", PLAY, 'urgent = "5wd", then = "escalate"', 'then = "pass"'),
    ("warn_order", PLAY, 'due = "7d"', 'due = "7d", warn = [80, 50]'),
    ("top_not_at_top", PLAY, 'top = "hold"', 'top = "handle"'),
    ("word_missing", "strings/zh-Hans.toml", 'busy_season = "农忙"', ""),
    ("word_missing", "strings/en.toml", 'host = "host of the workshop"', ""),
    ("word_unused", "strings/en.toml", "committee =", "comittee ="),
    ("word_empty", "strings/zh-Hans.toml", 'status = "正在议"', 'status = " "'),
    ("missing_key", "strings/zh-Hans.toml", 'status = "正在议"', ""),
    ("unknown_key", "strings/en.toml", "summary =", "sumary ="),
]  # fmt: skip


def _folder(tmp_path: Path, name: str = "xuyi") -> Path:
    return Path(shutil.copytree(load.shipped() / name, tmp_path / name))


def _edit(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), "utf-8")


def _slips(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(Broken) as found:
        load.load(folder)
    return found.value.problems


@pytest.mark.parametrize(("code", "file", "old", "new"), SLIPS, ids=lambda text: str(text)[:40])
def test_the_slip_is_found(tmp_path: Path, code: str, file: str, old: str, new: str) -> None:
    folder = _folder(tmp_path)
    if code == "empty_list":
        text = (folder / PLAY).read_text("utf-8").split("[[stages]]")
        (folder / PLAY).write_text("stages = []\n" + text[0], "utf-8")
    else:
        _edit(folder, file, old, new)
    found = [problem for problem in _slips(folder) if problem.code == code]
    assert found
    assert found[0].where.startswith(file)
    assert found[0].what
    assert found[0].expected


def test_there_are_many_kinds_of_slips() -> None:
    assert len({code for code, *_ in SLIPS}) >= 25


@pytest.mark.parametrize(
    ("old", "new", "meant"),
    [
        ("keep_clock =", "keep_clok =", "keep_clock"),
        ('do = ["host", "council", "affected"]', 'do = ["host", "concil", "affected"]', "council"),
        ('"villager_rep_meeting"', '"vilager_rep_meeting"', "villager_rep_meeting"),
        ('then = "remind"', 'then = "remnd"', "remind"),
        ('kind = "joint"', 'kind = "jiont"', "joint"),
    ],
)
def test_the_nearest_known_word_is_offered(tmp_path: Path, old: str, new: str, meant: str) -> None:
    folder = _folder(tmp_path)
    _edit(folder, PLAY, old, new)
    problem = _slips(folder)[0]
    assert problem.nearest == meant
    assert meant in problem.exists
    assert f"是不是想写“{meant}”？" in str(problem)


def test_the_place_is_named_by_ids_not_by_numbers(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    _edit(folder, PLAY, 'kind = "hearing"', 'kind = "hear"')
    assert _slips(folder)[0].where == "playbook.toml · stages → deliberate → gate → kind"


@pytest.mark.parametrize(
    ("old", "new"), [('"2/5"', '"1/5"'), ('target_share = "2/5", basis = "source"', "urgent = 1")]
)
def test_shares_must_sum_to_one(tmp_path: Path, old: str, new: str) -> None:
    folder = _folder(tmp_path, "xindu")
    _edit(folder, PLAY, old, new)
    assert _slips(folder)[0].code in ("shares_not_one", "unknown_key")


def test_a_ladder_needs_two_rungs(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    text = (folder / PLAY).read_text("utf-8")
    for rung in ('  { id = "group", unit = "grid" },\n', '  { id = "county", unit = "county" },\n'):
        text = text.replace(rung, "")
    text = text.replace('  { id = "town", unit = "town" },\n', "")
    text = text.replace(
        ', stand_in = { group = "village", town = "village", county = "village" }', ""
    )
    text = text.replace(', stand_in = { group = "village" }', "")
    (folder / PLAY).write_text(text, "utf-8")
    assert "ladder_too_short" in {problem.code for problem in _slips(folder)}


def test_a_stair_without_a_ladder_is_a_slip(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    text = (folder / PLAY).read_text("utf-8")
    start, end = text.index("[climb]"), text.index("[limits]")
    (folder / PLAY).write_text(text[:start] + text[end:], "utf-8")
    assert "escalate_without_climb" in {problem.code for problem in _slips(folder)}


def test_a_missing_file_and_a_wrong_encoding_are_told(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "strings" / "en.toml").unlink()
    text = (folder / "strings" / "zh-Hans.toml").read_text("utf-8")
    (folder / "strings" / "zh-Hans.toml").write_bytes(text.encode("gb18030"))
    assert [problem.code for problem in _slips(folder)] == ["not_utf8", "no_file"]


def test_a_broken_folder_disables_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _edit(_folder(tmp_path, "xuyi"), PLAY, 'id = "xuyi"', 'id = "mine"')
    _edit(_folder(tmp_path, "xindu"), PLAY, "loops = 2", "loops = -2")
    monkeypatch.setenv(load.ENV, str(tmp_path))
    good, broken = load.load_all()
    whole = {folder.name for folder in load.shipped().iterdir() if folder.is_dir()}
    assert set(good) == whole | {"mine"}
    assert list(broken) == [str(tmp_path / "xindu")]


def test_a_playbook_with_a_name_already_taken_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(load.ENV, str(_folder(tmp_path)))
    good, broken = load.load_all()
    assert set(good) == {folder.name for folder in load.shipped().iterdir() if folder.is_dir()}
    assert [p.code for p in broken[str(tmp_path / "xuyi")]] == ["same_id"]


def test_the_posts_are_those_of_the_register_of_people() -> None:
    from gongzhi.people import roles

    assert set(check.HOLDERS) <= set(roles.ROLES)
