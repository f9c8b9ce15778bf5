"""The street of proposals, for every test beside this file."""

import pytest

from deliberation.proposals_cast import Street, make_street
from people import County


@pytest.fixture
def street(county: County) -> Street:
    """Ah-Mei's town, which governs by four platforms."""
    return make_street(county)
