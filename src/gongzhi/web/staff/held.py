"""What the register holds of a person is shown masked and filled in, never asked again.

Case 2: generalist and grid worker share one matter; cases.md §2.14 measures fields asked again
against fields asked, target 0; rules.md R2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from gongzhi.matters.actions.intake import RAISABLE
from gongzhi.people import queries as people
from gongzhi.places import queries as places

# Fields of the desk's forms that ask for what a register may hold, and where it holds it.
ASKS = {"new_phone": "phone", "place": "place"}


@dataclass(frozen=True, slots=True)
class Held:
    """Phone masked, home in words, and the place to be filled in; empty where nothing is held."""

    phone: str = ""
    home: str = ""
    place_id: int | None = None
    place: str = ""

    @property
    def known(self) -> dict[str, bool]:
        """Which of the things asked for are held."""
        return {"phone": bool(self.phone), "place": self.place_id is not None}


def of(person_id: int) -> Held:
    """What is held of somebody; the caller has checked that he is the viewer's business."""
    card = people.card(person_id)
    where = card["household__place_id"]
    place = places.by_id(where) if where else None
    raisable = place is not None and place.kind in RAISABLE
    return Held(
        phone=card["phone"] or "",
        home=" ".join(filter(None, (card["household__place__name"], card["household__door"]))),
        place_id=place.pk if place is not None and raisable else None,
        place=_("%s（本人住处，已登记）") % place.name if place is not None and raisable else "",
    )


def fill(typed: Mapping[str, Any], held: Held | None) -> dict[str, Any]:
    """The form with what is held in it; what was typed stays."""
    filled = dict(typed)
    if held is not None and held.place_id is not None and not filled.get("place"):
        filled["place"] = str(held.place_id)
    return filled


def asked_again(values: Mapping[str, Any], held: Held | None) -> list[str]:
    """Fields left for the person to answer although the answer is held: should be none."""
    if held is None:
        return []
    known = held.known
    # The phone is asked only of somebody who is not registered yet, on another button.
    return [
        name
        for name, what in ASKS.items()
        if known[what] and name != "new_phone" and not values.get(name)
    ]
