"""Reading volunteer time: one's own, what one is asked to witness, the desk's records."""

from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import NotFound
from gongzhi.ledger.points import permissions
from gongzhi.ledger.points.queries import MAX_PAGE, SIZE
from gongzhi.people.permissions import Viewer

_RECORD = """
select s.*, p.name as who, b.name as recorder, t.name as witness, c.name as confirmer,
  e.name as ender, w.name as place
from points_service s join people_person p on p.id = s.person_id
join people_person b on b.id = s.by_id join places_place w on w.id = s.place_id
left join people_person t on t.id = s.witness_id
left join people_person c on c.id = s.confirmed_by_id
left join people_person e on e.id = s.ended_by_id
"""


def _paged(sql: str, params: dict[str, Any], page: int) -> dict[str, Any]:
    shown = min(max(page, 1), MAX_PAGE)
    rows = db.dicts(
        f"{sql} limit %(size)s::int offset %(skip)s::int",
        params | {"size": SIZE + 1, "skip": (shown - 1) * SIZE},
    )
    return {"rows": rows[:SIZE], "page": shown, "more": len(rows) > SIZE}


def mine(viewer: Viewer, *, page: int = 1) -> dict[str, Any]:
    """His own records, newest first, with the minutes that were confirmed."""
    found = _paged(
        _RECORD + ' where s.person_id = %(me)s::bigint order by s."on" desc, s.id desc',
        {"me": viewer.person_id}, page,
    )  # fmt: skip
    whole = db.rows(
        "select coalesce(sum(minutes), 0)::bigint from points_service where person_id = %s::bigint"
        " and confirmed_at is not null and ended_at is null", (viewer.person_id,),
    )[0][0]  # fmt: skip
    return found | {"minutes": int(whole)}


def by_year(viewer: Viewer) -> list[dict[str, Any]]:
    """His confirmed minutes year by year: [{"year", "minutes", "times"}]."""
    return db.dicts(
        'select extract(year from "on")::int as year, sum(minutes)::bigint as minutes,'
        " count(*) as times from points_service where person_id = %s::bigint"
        " and confirmed_at is not null and ended_at is null group by 1 order by 1 desc",
        (viewer.person_id,),
    )


def to_witness(viewer: Viewer) -> list[dict[str, Any]]:
    """What somebody asks him to say: he was named as the one who was there."""
    return db.dicts(
        _RECORD + " where s.witness_id = %s::bigint and s.confirmed_at is null"
        " and s.ended_at is null order by s.id limit 20", (viewer.person_id,),
    )  # fmt: skip


def desk(viewer: Viewer, *, waiting: bool = False, page: int = 1) -> dict[str, Any]:
    """The records where he has a post of points, newest first; `waiting` those not confirmed."""
    posts = [p.place_path for p in viewer.posts if p.role in permissions.DESK | permissions.ENTER]
    only = " and s.confirmed_at is null and s.ended_at is null" if waiting else ""
    return _paged(
        _RECORD + " where exists (select 1 from unnest(%(posts)s::text[]) x where s.place_path"
        " like x || '%%' or x like s.place_path || '%%')" + only + " order by s.id desc",
        {"posts": posts}, page,
    )  # fmt: skip


def one(viewer: Viewer, service_id: int) -> dict[str, Any]:
    """A record, for those it is about and the desk; NotFound."""
    found = db.dicts(_RECORD + " where s.id = %s::bigint", (service_id,))
    row = found[0] if found else None
    roles = permissions.DESK | permissions.ENTER
    if row is None or not (
        viewer.person_id in (row["person_id"], row["witness_id"], row["by_id"])
        or permissions.serves(viewer, roles, row["place_path"])
    ):
        raise NotFound("没有这条记录。")
    row["may_take_back"] = permissions.holds(viewer, permissions.SECOND, row["place_path"])
    return row
