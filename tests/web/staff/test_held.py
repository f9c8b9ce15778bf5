"""What the register holds is shown masked and filled in: fields asked again are none (case 2)."""

from typing import Any

import pytest

import people
from gongzhi.people.models import Person
from gongzhi.web.staff import held, intake
from web.conftest import SignIn

pytestmark = pytest.mark.django_db


def looked(county: people.County, sign_in: SignIn, who: str, person: int) -> str:
    typed = {"do": "find", "who": "阿梅", "person": str(person), "source": "counter"}
    page: str = sign_in(who).post("/staff/intake", typed).content.decode()
    return page


@pytest.mark.parametrize("who", ["generalist_worker", "grid_worker"])
def test_phone_and_home_are_already_there(county: people.County, sign_in: SignIn, who: str) -> None:
    page = looked(county, sign_in, who, county.ah_mei.pk)
    assert "已登记，不用再问" in page
    assert "13900000001" not in page
    assert "1单元 101" in page
    home = county.place("building").pk
    assert f'value="{home}"' in page
    chosen = page.split('name="place"')
    assert any(f'value="{home}"' in part and "checked" in part.split(">")[0] for part in chosen)


def test_fields_asked_again_are_none(county: people.County) -> None:
    viewer = county.viewer("generalist_worker")
    offers = intake._offers(viewer, {"person": str(county.ah_mei.pk)})
    typed: dict[str, Any] = {"person": str(county.ah_mei.pk)}
    assert held.asked_again(typed, offers["held"]) == ["place"]
    assert held.asked_again(held.fill(typed, offers["held"]), offers["held"]) == []


def test_what_was_typed_stays(county: people.County) -> None:
    kept = held.of(county.ah_mei.pk)
    assert held.fill({"place": "7"}, kept)["place"] == "7"
    stranger = held.of(Person.objects.create(name="路人").pk)
    assert not any(stranger.known.values())
    assert held.asked_again({}, stranger) == []


def test_a_sheet_sent_without_its_place_comes_back_with_the_home(
    county: people.County, sign_in: SignIn
) -> None:
    typed = {"do": "raise", "person": str(county.ah_mei.pk), "source": "counter", "body": "灯坏了"}
    answer = sign_in("generalist_worker").post("/staff/intake", typed)
    assert answer.status_code == 422
    assert "本人住处，已登记" in answer.content.decode()
