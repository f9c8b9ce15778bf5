"""Which matter a number means for somebody who wants to act on it: the guarded way to its id."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.errors import NotFound
from gongzhi.matters import permissions
from gongzhi.matters.permissions import Sight
from gongzhi.people.permissions import Viewer

FLAGS = """
  exists (select 1 from matters_follower f
    where f.matter_id = m.id and f.person_id = %(who)s::bigint) as follows,
  exists (select 1 from matters_assignment a where a.matter_id = m.id
    and (a.person_id = %(who)s::bigint or a.organisation_id = any(%(units)s::bigint[])))
    as assigned,
  (select v.path from places_place v
    where v.id = any(string_to_array(trim(both '/' from m.place_path), '/')::bigint[])
      and v.kind in ('village', 'town', 'county') order by length(v.path) desc limit 1)
    as village_path
"""
_SEEN = f"""
select m.id, m.number, m.place_id, m.raised_by_id, m.entered_by_id, m.place_path, m.sensitive,
  m.held_path, m.outcome, {FLAGS} from matters_matter m where """


@dataclass(frozen=True, slots=True)
class Seen:
    """A matter the viewer may see, in short."""

    id: int
    number: str
    place_id: int
    sight: Sight


def flags_for(viewer: Viewer) -> dict[str, Any]:
    """The parameters of FLAGS."""
    return {"who": viewer.person_id, "units": sorted(viewer.organisations)}


def seen(viewer: Viewer, number: str, *, at_least: Sequence[Sight] = ()) -> Seen:
    """The matter of that number; NotFound when there is none or he may not see it. One statement.

    With `at_least`, NotFound also when he sees it otherwise than that.
    """
    row = _seen(viewer, "m.number = %(key)s", text.number(number)[:20])
    if at_least and row["sight"].sight not in at_least:
        raise NotFound("没有找到这件事，或者您不能看到它。", todo=row["sight"].reason)
    return Seen(row["id"], row["number"], row["place_id"], row["sight"].sight)


def seen_by_id(viewer: Viewer, matter_id: int) -> dict[str, Any]:
    """The few columns that decide who may see a matter, with `outcome`; NotFound like `seen`."""
    return _seen(viewer, "m.id = %(key)s::bigint", matter_id)


def _seen(viewer: Viewer, which: str, key: object) -> dict[str, Any]:
    found = db.dicts(_SEEN + which, flags_for(viewer) | {"key": key})
    if not found:
        raise NotFound("没有找到这件事。", todo="请核对编号。")
    row = found[0]
    row["sight"] = permissions.sight(viewer, row)
    if not row["sight"]:
        raise NotFound("没有找到这件事，或者您不能看到它。", todo=row["sight"].reason)
    return row
