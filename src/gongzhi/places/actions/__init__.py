"""What changes places: the division tree, grids and polygons, working time, playbooks."""

from gongzhi.places.actions.adding import (
    DIVISIONS,
    DIVISIONS_FROM,
    NewPlace,
    add_place,
    add_places,
    load_divisions,
    new_token,
)
from gongzhi.places.actions.adoptions import adopt, end_adoption, keep_version
from gongzhi.places.actions.drawing import load_polygons, make_grid_schematic
from gongzhi.places.actions.succession import merge, rename, split
from gongzhi.places.actions.telling import changed, restamp
from gongzhi.places.actions.working_time import clear_day, load_holidays, set_day, set_hours

__all__ = [
    "DIVISIONS",
    "DIVISIONS_FROM",
    "NewPlace",
    "add_place",
    "add_places",
    "adopt",
    "changed",
    "clear_day",
    "end_adoption",
    "keep_version",
    "load_divisions",
    "load_holidays",
    "load_polygons",
    "make_grid_schematic",
    "merge",
    "new_token",
    "rename",
    "restamp",
    "set_day",
    "set_hours",
    "split",
]
