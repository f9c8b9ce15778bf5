"""Test programs speak with tokens made on the day of the cast; the clock stands there too."""

import pytest
import shapely
from django.utils import timezone

from gongzhi.places import queries as places
from gongzhi.places.models import Place
from people import NOW, County


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Doors read the clock through `timezone.now`: here it is Monday morning."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def drawn(county: County) -> County:
    """Ah-Mei's grid has a boundary: one hundredth of a degree around 118.50, 32.90."""
    draw(county.place("grid"), 118.50, 32.90)
    draw(county.place("sibling_grid"), 118.52, 32.90)
    return county


def draw(place: Place, lon: float, lat: float) -> None:
    """A square boundary, as an upload of polygons would leave it."""
    west, south, east, north = lon - 0.005, lat - 0.005, lon + 0.005, lat + 0.005
    wkb = shapely.to_wkb(shapely.box(west, south, east, north))
    Place.objects.filter(pk=place.pk).update(
        polygon=wkb, west=west, south=south, east=east, north=north
    )
    places.forget()
