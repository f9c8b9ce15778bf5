"""The same work in the statements one would first write: what our fewer statements are measured by.

Fewer and leaner statements raise what the database alone can do, and so lower our own share of it.
Both shares are printed: of the very statements sent, and of these.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gongzhi.matters import positions

_FIELDS = ", ".join(positions.COLUMNS)
_VALUES = ", ".join(
    f"%({field})s::timestamptz" if field in positions.TIMES else f"%({field})s"
    for field in positions.FIELDS
)
_PLACE = """
select x.id, x.path, x.kind, (select json_object_agg(a.kind, a.id) from places_place a
  where a.id = any(string_to_array(trim(both '/' from x.path), '/')::bigint[]))
from places_place x where x.id = %(place_id)s::bigint and x.valid_to is null
"""
_MATTER = f"""
insert into matters_matter (number, title, body, category, category_confirmed, place_id,
  place_path, "where", lon, lat, raised_by_id, entered_by_id, consent_note, source, anonymous,
  sensitive, urgent, created_at, updated_at, version_id, ladder, {_FIELDS}, held_by_id, held_path,
  tick_at, round, settled_level, silent, advice, last_seq, parent_id)
select 'GZ26' || lpad(nextval('matters_number')::text, 7, '0'), %(title)s, %(body)s, %(category)s,
  false, w.id, w.path, %(where)s, %(lon)s::float8, %(lat)s::float8, %(raised_by)s::bigint,
  %(entered_by)s::bigint, %(consent_note)s, %(source)s, %(anonymous)s, %(sensitive)s, %(urgent)s,
  %(at)s, %(at)s, %(version)s, %(ladder)s::jsonb, {_VALUES}, p.id, p.path,
  %(tick_at)s::timestamptz, 1, '', false, '', 1, %(parent)s::bigint
from places_place p, places_place w
where p.id = %(held_by)s::bigint and w.id = %(place_id)s::bigint returning id, number
"""
_NEW = "currval('matters_matter_id_seq')"
_REST = (
    f"insert into matters_mattertext (matter_id, search) values ({_NEW}, %(search)s::tsvector)",
    "insert into matters_event (matter_id, seq, verb, result, at, by_id, role, reason, position,"
    f" data, private) values ({_NEW}, 1, 'raise', 'stay', %(at)s, %(by)s::bigint, '', '',"
    " %(position)s::jsonb, %(data)s::jsonb, false)",
    "insert into core_outbox (kind, subject_id, data)"
    f" values ('matter.raise', {_NEW}, '{{{{}}}}')".replace("{{}}", "{}"),
)


def create(sent: Sequence[str], params: Mapping[str, Any]) -> list[str]:
    """Token, place, then one insert a table, in a transaction."""
    import psycopg
    from django.db import connection

    raw = psycopg.ClientCursor(connection.connection)
    place, matter, *rest = (raw.mogrify(sql, params) for sql in (_PLACE, _MATTER, *_REST))
    return [sent[0], place, "begin", matter, *rest, "end"]


def listed(sent: Sequence[str]) -> list[str]:
    """The token, and the list with the names of places joined in."""
    joined = re.sub(
        r"(m\.raised_by_id) from matters_matter m where",
        r"\1, w.name as place, h.name as held_by from matters_matter m join places_place w on"
        r" w.id = m.place_id join places_place h on h.id = m.held_by_id where",
        " ".join(sent[1].split()),
    )
    assert "join" in joined
    return [sent[0], joined]
