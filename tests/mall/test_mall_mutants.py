"""The quick tests of the mall's money pass on what is there and notice every planted bug."""

import pytest

from gongzhi.mall import exchange, rules
from mall import quick_clearing
from mutations import mall as planted


def test_the_rules_and_files_are_as_worked_out_by_hand() -> None:
    quick_clearing.check(rules, exchange)


@pytest.mark.parametrize("bug", planted.BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_is_noticed(bug: planted.Bug) -> None:
    assert planted.caught(bug) is not bool(bug.equal)
