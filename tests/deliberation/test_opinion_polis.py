"""The groups are those Polis published, on conversations that really took place."""

import json
import os
import subprocess
import sys
from csv import DictReader
from pathlib import Path

import numpy as np
import pytest
from tests.deliberation import opinion_data as data

from gongzhi.deliberation.rounds.opinion import analyse

HOUSE = Path(__file__).parents[2]


def asked(*words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(HOUSE / "src"), "GONGZHI_LANG": "zh"}
    command = [sys.executable, "-m", "gongzhi.cli", "opinion", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(("name", "bar"), [("bg2050-volunteers", 0.95), ("vtaiwan.uberx", 0.85)])
def test_the_command_finds_the_published_groups(name: str, bar: float) -> None:
    told = json.loads(asked(str(data.folder(name) / "votes.csv"), "--json").stdout)
    mine = {voter: group for voter, group in told["groups"].items() if group is not None}
    published = data.published(name)
    assert set(mine) == set(published)
    assert told["k"] == 2
    assert data.rand(mine, published) >= bar


@pytest.mark.parametrize(("name", "bar"), [("bg2050-volunteers", 0.95), ("vtaiwan.uberx", 0.85)])
def test_votes_and_times_alone_are_enough_for_the_published_groups(
    name: str, bar: float, tmp_path: Path
) -> None:
    """Nothing beside the file says what was moderated away: the votes that did not come say it."""
    with (data.folder(name) / "votes.csv").open(encoding="utf-8-sig") as file:
        rows = [
            (r["voter-id"], r["comment-id"], r["vote"], r["timestamp"]) for r in DictReader(file)
        ]
    mine = tmp_path / "votes.csv"
    mine.write_text(
        "\n".join(",".join(row) for row in [("voter", "statement", "vote", "time"), *rows])
    )
    told = json.loads(asked(str(mine), "--json").stdout)
    assert told["moderated_out"] == []
    assert set(told["placed_nobody"]) >= data.moderated(name)
    groups = {voter: group for voter, group in told["groups"].items() if group is not None}
    assert data.rand(groups, data.published(name)) >= bar


@pytest.mark.parametrize(
    ("name", "k", "bar"),
    [("150ptpt-3gp-no-strict-no-meta", 3, 0.93), ("50ptpt-3gp-strict-no-meta", 3, 0.99)],
)
def test_the_groups_are_those_of_the_running_polis(name: str, k: int, bar: float) -> None:
    votes, out, math = data.fixture(name)
    opinion = analyse(votes, out=out)
    theirs = data.groups_of(math)
    assert opinion.grouping.k == k
    assert set(data.labels(opinion)) == set(theirs)
    assert data.rand(data.labels(opinion), theirs) >= bar


def test_the_figures_of_statements_are_those_of_polis_to_the_last_place() -> None:
    votes, out, math = data.fixture("50ptpt-3gp-strict-no-meta")
    opinion = analyse(votes, out=out)
    theirs = [math["group-aware-consensus"][name] for name in votes.statements]  # type: ignore[index]
    assert opinion.group_aware == pytest.approx(theirs, abs=1e-12)
    for mine, side in ((opinion.agreed, "agree"), (opinion.rejected, "disagree")):
        named = math["consensus"][side]  # type: ignore[index]
        assert [votes.statements[n.column] for n in mine] == [str(t["tid"]) for t in named]
        assert [n.test for n in mine] == pytest.approx([t["p-test"] for t in named])


def test_what_is_asked_next_has_the_priority_polis_gives_it() -> None:
    votes, out, math = data.fixture("150ptpt-3gp-no-strict-no-meta")
    theirs = [math["comment-priorities"][name] for name in votes.statements]  # type: ignore[index]
    assert np.allclose(analyse(votes, out=out).priority, theirs)


def test_without_a_word_on_moderation_hardly_seen_statements_place_nobody() -> None:
    votes, _, math = data.fixture("50ptpt-3gp-strict-no-meta")
    assert data.rand(data.labels(analyse(votes)), data.groups_of(math)) >= 0.9


def test_statements_liked_across_groups_lead_by_either_score() -> None:
    told = json.loads(asked(str(data.folder("vtaiwan.uberx")), "--json").stdout)
    scores = told["scores"]
    gone = set(told["moderated_out"])

    def first(by: str) -> list[str]:
        known = [s for s in scores if scores[s][by] is not None and s not in gone]
        return sorted(known, key=lambda s: -scores[s][by])[:10]

    assert first("group_aware")[:4] == ["40", "7", "16", "111"]
    assert len(set(first("group_aware")) & set(first("bridging"))) >= 8


def test_it_runs_in_a_small_process_without_the_learning_library() -> None:
    """2,000 x 200 dense votes in a fresh process: memory, and what is imported, are read inside."""
    code = """
import os, sys
os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np
from gongzhi.deliberation.rounds.opinion import analyse, collect
chance = np.random.default_rng(1)
who, what = np.nonzero(chance.random((2000, 200)) < 0.5)
marks = chance.integers(-1, 2, len(who))
votes = collect([str(x) for x in who], [str(x) for x in what], marks.tolist())
analyse(votes, out=set())
for heavy in ("sklearn", "scipy", "pandas", "django"):
    assert heavy not in sys.modules, heavy
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(int(status["VmHWM"].split()[0]) // 1024)
"""
    env = {**os.environ, "PYTHONPATH": str(HOUSE / "src")}
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) <= 170
