"""Is every matter what its events say: the row equal to the last event, no event missing."""

from collections.abc import Iterator

from gongzhi.core import db
from gongzhi.matters import positions

BATCH = 2_000

_NEXT = f"""
select m.id, m.number, m.last_seq, {", ".join(f"m.{name}" for name in positions.COLUMNS)},
  e.seq, e.position, (select count(*) from matters_event x where x.matter_id = m.id) as events
from matters_matter m left join lateral (
  select seq, position from matters_event where matter_id = m.id order by seq desc limit 1
) e on true
where m.id > %s::bigint order by m.id limit %s::int
"""


def check() -> Iterator[tuple[str, str]]:
    """Number and fault of each matter; the fault is empty where all is well."""
    last = 0
    while rows := db.dicts(_NEXT, (last, BATCH)):
        for row in rows:
            yield row["number"], _fault(row)
        last = rows[-1]["id"]


def _fault(row: dict[str, object]) -> str:
    if row["seq"] is None:
        return "没有任何记录"
    if row["events"] != row["last_seq"] or row["seq"] != row["last_seq"]:
        return f"应有{row['last_seq']}条记录，实有{row['events']}条"
    if positions.from_json(db.load(row["position"])) != positions.from_row(row):
        return "现状与最后一条记录不符"
    return ""
