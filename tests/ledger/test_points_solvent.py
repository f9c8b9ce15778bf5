"""No batch of points is entered that the fund behind them could not pay for."""

from datetime import timedelta

import pytest
from django.db import transaction

import mall_life
from gongzhi.core.errors import Refused
from gongzhi.ledger import actions as ledger
from gongzhi.ledger.points import accounts, actions
from gongzhi.ledger.points.models import Claim
from gongzhi.places.models import Place
from ledger import points_life as life
from people import NOW, County

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def noticed(county: County) -> int:
    """A deed whose notice runs, at a place with a mall that pays for points."""
    mall_life.opened(county)
    book = life.in_force(county)
    life.approved(county, book)
    return actions.post(place_id=county.place("village").pk, at=NOW,
                        by=county.holders["committee"].pk)  # fmt: skip


def entered(county: County, notice: int) -> int:
    return actions.enter(notice_id=notice, by=county.holders["committee"].pk, at=NOW + 3 * DAY)


def test_a_batch_is_entered_while_the_fund_covers_what_is_out(county: County) -> None:
    assert entered(county, noticed(county)) == 1


def flood(county: County) -> None:
    """Points come into a budget past the desk, more than the fund stands for."""
    village = county.place("village").pk
    ledger.transfer(
        key="flood", debit=accounts.issuing(village, at=NOW), credit=life.budget(county),
        amount=500_000, code="fund", by=None, at=NOW,
    )  # fmt: skip


def test_a_batch_is_refused_with_what_to_do_when_the_fund_has_become_short(county: County) -> None:
    notice = noticed(county)
    flood(county)
    with pytest.raises(Refused) as refused, transaction.atomic():
        entered(county, notice)
    assert refused.value.code == "not_solvent"
    assert "还差" in refused.value.words
    assert refused.value.todo
    assert Claim.objects.get().state == "noticed"  # and waits until the fund is there again


def test_a_mall_of_the_town_also_stands_behind_the_points_of_its_villages(county: County) -> None:
    notice = noticed(county)
    town = Place.objects.get(pk=county.place("town").pk)
    life.tamper("mall_mall", "mall_guard", "update mall_mall set place_id = %s, place_path = %s",
                town.pk, town.path)  # fmt: skip
    flood(county)
    with pytest.raises(Refused) as refused, transaction.atomic():
        entered(county, notice)
    assert refused.value.code == "not_solvent"
    by = county.holders["committee"].pk
    with pytest.raises(Refused), transaction.atomic():
        actions.fund(activity_id=Claim.objects.get().activity_id, points=10, why="代表会议决定",
                     key="9", by=by, at=NOW)  # fmt: skip
