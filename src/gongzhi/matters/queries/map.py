"""Open matters on the map: exact points for those who work on them, counts per grid for all."""

from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.matters import permissions
from gongzhi.matters.queries import lists
from gongzhi.people.permissions import Viewer

MOST = 4000

_GRIDS = f"""
select g.code, g.name, (g.west + g.east) / 2 as lon, (g.south + g.north) / 2 as lat, g.schematic,
  count(*) as open, count(*) filter (where {lists.OVERDUE}) as overdue
from matters_matter m
join places_place g on g.kind = 'grid' and g.west is not null
  and g.id = any(string_to_array(trim(both '/' from m.place_path), '/')::bigint[])
where m.outcome = '' and not m.sensitive
  and m.place_path ~>=~ %s::text and m.place_path ~<~ %s::text
group by g.id order by g.code
"""


def by_grid(path: str, at: datetime) -> list[dict[str, Any]]:
    """Open matters counted per grid, at the middle of the grid: nobody's door is shown."""
    return db.dicts(_GRIDS, [at, *lists.span(path)])


def points(viewer: Viewer, path: str, at: datetime) -> list[dict[str, Any]]:
    """Open matters with their exact points where the viewer sees them as staff; newest first."""
    mine = permissions.staff_paths(viewer)
    if not mine:
        return []
    inside = " or ".join(lists.below("m.place_path") for _ in mine)
    return db.dicts(
        "select m.number, m.title, m.stage, m.level, m.urgent, m.due_at, m.lon, m.lat,"
        f" coalesce({lists.OVERDUE}, false) as overdue from matters_matter m"
        f" where m.outcome = '' and m.lon is not null and {lists.below('m.place_path')}"
        f" and ({inside}) order by m.id desc limit %s::int",
        [at, *lists.span(path), *(end for own in mine for end in lists.span(own)), MOST],
    )
