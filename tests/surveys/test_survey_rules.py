"""Small groups stay hidden, also from subtraction; intervals; what fails an appraisal."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongzhi.core.errors import BadInput
from gongzhi.surveys import rules

SIZES = st.lists(st.integers(min_value=0, max_value=30), max_size=6)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SIZES)
def test_no_small_group_is_shown_or_found_by_subtraction(groups: list[int]) -> None:
    sizes: dict[int | None, int] = dict(enumerate(groups))
    pool = rules.together(sizes)
    if pool is None:
        return  # no group is shown at all
    alone = [g for g in sizes if g not in pool]
    assert all(sizes[g] >= rules.LEAST for g in alone) or not any(sizes[g] for g in pool)
    hidden = sum(sizes.values()) - sum(sizes[g] for g in alone)
    assert hidden == 0 or (hidden >= rules.LEAST and sum(1 for g in pool if sizes[g]) >= 2)


def test_one_small_group_takes_the_next_smallest_with_it() -> None:
    assert rules.together({0: 3, 1: 9, 2: 40}) == {0, 1}
    assert rules.together({0: 3, 1: 9}) is None  # nine would give away the three
    assert rules.together({0: 6, 1: 9}) == set()
    assert rules.together({0: 0, 1: 9}) == set()  # nobody is nobody's secret


@given(st.integers(min_value=0, max_value=400), st.integers(min_value=0, max_value=400))
def test_the_interval_holds_the_share(k: int, more: int) -> None:
    n = k + more
    low, high = rules.wilson(k, n)
    assert 0 <= low <= high <= 1
    assert n == 0 or low <= k / n <= high


def test_the_interval_is_wilsons() -> None:
    low, high = rules.wilson(109, 121)
    assert (round(low, 4), round(high, 4)) == (0.8346, 0.9424)


def test_over_a_half_is_strictly_more() -> None:
    assert not rules.failed(5, 10, Fraction(1, 2))
    assert rules.failed(6, 10, Fraction(1, 2))
    assert not rules.failed(0, 0, Fraction(1, 2))


@pytest.mark.parametrize(
    ("line", "ends"), [([True, True], True), ([True, False, True], False), ([True], False)]
)
def test_two_fails_in_a_row_end_an_office(line: list[bool], ends: bool) -> None:
    assert rules.office_ends(line) is ends


def test_the_article_is_that_of_the_committee() -> None:
    assert "三十八" in rules.article("320830101201")
    assert "三十七" in rules.article("320903050015")


def test_choices_are_two_to_twelve_and_differ() -> None:
    assert rules.options_of("yesno", ()) == ["是", "否"]
    for bad in (["只有一个"], ["一样", "一样"], [str(i) for i in range(13)]):
        with pytest.raises(BadInput):
            rules.options_of("single", bad)


def test_what_is_missing_is_named_field_by_field() -> None:
    fields = [rules.Asked("1", 1, None, "single", ("甲", "乙"), True),
              rules.Asked("2", 2, None, "words", (), False)]  # fmt: skip
    with pytest.raises(rules.Incomplete) as refused:
        rules.read(fields, {"1": ["7"]}, paper=False)
    assert list(refused.value.fields) == ["1"]
    with pytest.raises(rules.Incomplete):
        rules.read(fields, {}, paper=False)
    assert rules.read(fields, {}, paper=True) == {}
    assert rules.read(fields, {"1": ["0"], "2": [" 好 "]}, paper=False) == {"1": [0], "2": "好"}
