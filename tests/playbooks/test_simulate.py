"""Playbooks are tried before they are adopted: too few people, and matters are late."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gongzhi.playbooks import load, simulate, simulate_report
from gongzhi.playbooks.schema import Playbook
from gongzhi.playbooks.simulate import Setting, Simulation
from gongzhi.playbooks.simulate_report import Report

XINDU = load.load(load.shipped() / "xindu")
XUYI = load.load(load.shipped() / "xuyi")


def _report(playbook: Playbook, setting: Setting) -> Report:
    made = Simulation(playbook, setting)
    made.run()
    return simulate_report.report(made)


@pytest.fixture(scope="module")
def enough() -> Report:
    """Three months with enough people."""
    staff = {"grid": 20, "community": 16, "street": 12, "district": 9}
    return _report(XINDU, Setting(per_day=12, days=90, staff=staff))


def test_with_enough_people_the_shares_are_four_three_two_one(enough: Report) -> None:
    for rung in enough.rungs:
        assert rung.target is not None
        assert abs(rung.share - rung.target) < 0.04
    assert sum(rung.share for rung in enough.rungs) == pytest.approx(1)


def test_every_matter_ends_and_silence_is_counted_apart(enough: Report) -> None:
    assert enough.done == enough.raised > 900
    assert 0 < enough.silent < enough.done
    assert enough.days_median < enough.days_p90


def test_with_too_few_people_clocks_run_out_and_matters_pile_up(enough: Report) -> None:
    few = {"grid": 3, "community": 2, "street": 2, "district": 1}
    report = _report(XINDU, Setting(per_day=12, days=40, staff=few))
    assert report.breaches > 10 * enough.breaches
    assert report.rungs[-1].waited_p90 > enough.rungs[-1].waited_p90
    assert report.done < report.raised


def test_the_same_seed_is_the_same_county() -> None:
    setting = Setting(per_day=4, days=20, seed=7)
    assert _report(XUYI, setting) == _report(XUYI, setting)
    assert _report(XUYI, setting) != _report(XUYI, Setting(per_day=4, days=20, seed=8))


def test_with_nobody_waiting_the_time_is_the_work(enough: Report) -> None:
    """One matter a week and many people: nobody queues, so the time is desk, work and answers."""
    staff = {level.id: 50 for level in XINDU.levels}
    report = _report(XINDU, Setting(per_day=0.15, days=300, staff=staff))
    assert [rung.waited_p90 for rung in report.rungs] == [0, 0, 0, 0]
    assert report.breaches <= report.raised / 10


def test_arrivals_are_as_many_as_asked_for() -> None:
    counts = []
    for seed in range(8):
        made = Simulation(XUYI, Setting(per_day=5, days=30, seed=seed))
        counts.append(len(made.run()))
    assert abs(statistics.mean(counts) - 150) < 4 * (150 / 8) ** 0.5


@given(st.integers(0, 400), st.integers(1, 400))
def test_the_interval_holds_the_share(hits: int, of: int) -> None:
    hits = min(hits, of)
    low, high = simulate_report.wilson(hits, of)
    assert 0 <= low <= hits / of + 1e-12
    assert hits / of - 1e-12 <= high <= 1


def test_the_interval_is_wilsons() -> None:
    """10 of 100: 0.0552 to 0.1744 (Newcombe 1998, method 3)."""
    low, high = simulate_report.wilson(10, 100)
    assert (round(low, 4), round(high, 4)) == (0.0552, 0.1744)


def test_the_table_and_the_picture_tell_every_rung(enough: Report) -> None:
    for language in ("zh-Hans", "en"):
        table = simulate_report.table(XINDU, enough, language)
        drawing = etree.fromstring(simulate_report.picture(XINDU, enough, language).encode())
        written = "".join(drawing.itertext())
        for rung in enough.rungs:
            assert rung.name in table
            assert f"({rung.settled})" in written


def test_the_default_staff_follow_the_load() -> None:
    small = simulate.enough_staff(XINDU, Setting(per_day=5))
    large = simulate.enough_staff(XINDU, Setting(per_day=50))
    assert all(large[level] > small[level] for level in small)
