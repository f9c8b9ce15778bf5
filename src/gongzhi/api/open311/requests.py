"""GET requests: matters as service requests.

Without a key everybody gets the outline: which service, where it stands, who has it, by when, and
the grid it lies in. Words, doors, exact points and pictures go only to whom the matter itself is
shown (cases.md §1.2: publishing never shows more than the matter does). Sensitive matters do not
exist here for others.
"""

from collections.abc import Mapping
from typing import Any

from gongzhi.api.open311 import services
from gongzhi.api.open311.arguments import Query
from gongzhi.api.open311.formats import Value, when
from gongzhi.core import db, text
from gongzhi.matters import permissions, words
from gongzhi.matters.permissions import Sight
from gongzhi.matters.queries import sighted
from gongzhi.people.permissions import Viewer
from gongzhi.places import queries as places
from gongzhi.publications import rules as masking

_FOUND = f"""
select m.number, m.title, m.body, m.category, m."where", m.lon, m.lat, m.stage, m.level, m.outcome,
  m.parked_until, m.due_at, m.created_at, m.updated_at, m.closed_at, m.version_id, m.urgent,
  m.raised_by_id, m.entered_by_id, m.place_path, m.held_path, m.sensitive, h.name as held_by,
  w.code, w.kind, {sighted.FLAGS},
  (select jsonb_agg(jsonb_build_array(a.kind, a.code, a.name, (a.west + a.east) / 2,
      (a.south + a.north) / 2) order by length(a.path) desc) from places_place a
    where a.id = any(string_to_array(trim(both '/' from m.place_path), '/')::bigint[])) as line,
  (select t.sha256 from matters_attachment t where t.matter_id = m.id and t.kind = 'photo'
    order by t.id limit 1) as photo,
  (select p.title from publications_publication p where p.subject = 'matter'
    and p.subject_id = m.id and p.replaced_at is null and p.audience = 'public') as published
from matters_matter m
join places_place h on h.id = m.held_by_id join places_place w on w.id = m.place_id
where m.place_path ~>=~ %(from_path)s::text and m.place_path ~<~ %(to_path)s::text
  and case when cardinality(%(numbers)s::text[]) > 0 then m.number = any(%(numbers)s::text[])
    else m.created_at between %(start)s::timestamptz and %(end)s::timestamptz
      and (%(status)s::text = '' or (m.outcome = '') = (%(status)s::text = 'open'))
      and (cardinality(%(categories)s::text[]) = 0 or m.category = any(%(categories)s::text[]))
    end
order by m.id desc limit %(size)s::int offset %(offset)s::int
"""
_OPEN_WIDE = ("grid", "village", "town", "county", "prefecture", "province")


def found(
    asked: Query, viewer: Viewer, *, within: str, base: str, extensions: bool = False
) -> list[Value]:
    """The requests asked for, newest first, as far as the viewer may read each."""
    if asked.numbers == () and asked.named:
        return []
    rows = db.dicts(
        _FOUND,
        sighted.flags_for(viewer)
        | {
            "from_path": within, "to_path": within[:-1] + "0",
            "numbers": [text.number(number) for number in asked.numbers],
            "start": asked.start, "end": asked.end, "status": asked.status,
            "categories": [services.category_of(code) for code in asked.service_codes],
            "size": asked.size, "offset": asked.offset,
        },
    )  # fmt: skip
    seen = ((row, permissions.sight(viewer, row).sight) for row in rows)
    return [
        _request(row, sight, base, extensions=extensions)
        for row, sight in seen
        if sight is not Sight.NONE or not row["sensitive"]
    ]


def exists(number: str) -> bool:
    """Whether there is a matter of that number that is not kept from the public."""
    return bool(
        db.rows(
            "select 1 from matters_matter where number = %s and not sensitive",
            (text.number(number)[:20],),
        )
    )


def _request(row: Mapping[str, Any], sight: Sight, base: str, *, extensions: bool) -> Value:
    playbook = places.playbook(row["version_id"])
    near = sight in (Sight.OWN, Sight.STAFF)
    line = [part for part in db.load(row["line"]) if near or part[0] in _OPEN_WIDE]
    lon, lat = _point(row, sight, line)
    shown: dict[str, Value] = {
        "service_request_id": row["number"],
        "status": "closed" if row["outcome"] else "open",
        "status_notes": words.status(words.of(playbook), dict(row)),
        "service_name": services.name_of(row["category"]),
        "service_code": services.code_of(row["category"]),
        "description": _description(row, sight),
        "agency_responsible": row["held_by"],
        "service_notice": None,
        "requested_datetime": when(row["created_at"]),
        "updated_datetime": when(row["closed_at"] or row["updated_at"]),
        "expected_datetime": when(row["due_at"]),
        "address": ", ".join(([row["where"]] if near and row["where"] else [])
                             + [part[2] for part in line]),
        "address_id": line[0][1] if line else None,
        "zipcode": None,
        "lat": lat,
        "long": lon,
        "media_url": _media(row, base) if near else None,
    }  # fmt: skip
    if extensions:
        named = words.of(playbook)
        shown["extended_attributes"] = {
            "stage": row["stage"],
            "stage_name": named.stages[row["stage"]].name,
            "level": row["level"],
            "level_name": named.levels.get(row["level"], row["level"]),
            "urgent": row["urgent"],
        }
    return shown


def _description(row: Mapping[str, Any], sight: Sight) -> str | None:
    if sight in (Sight.OWN, Sight.STAFF):
        return str(row["body"])
    if sight is Sight.NONE:
        # What hangs on the public board, already masked.
        return None if row["published"] is None else str(row["published"])
    return masking.mask(row["body"])


def _point(
    row: Mapping[str, Any], sight: Sight, line: list[list[Any]]
) -> tuple[float | None, float | None]:
    """The exact point for those who work on it; the middle of the grid for everybody else."""
    if sight in (Sight.OWN, Sight.STAFF) and row["lon"] is not None:
        return row["lon"], row["lat"]
    middle = next((part[3:5] for part in line if part[0] == "grid" and part[3] is not None), None)
    return (middle[0], middle[1]) if middle else (None, None)


def _media(row: Mapping[str, Any], base: str) -> str | None:
    return (
        f"{base}api/v1/matters/{row['number']}/attachments/{row['photo']}" if row["photo"] else None
    )
