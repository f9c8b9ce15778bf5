"""Budgets: points set aside before anybody earns them. What is not there cannot be given."""

from collections.abc import Callable
from datetime import datetime

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, Refused
from gongzhi.ledger.points import accounts, permissions, store
from gongzhi.ledger.points.models import Activity

# What else must agree before points are made or entered: the mall's fund says whether it can pay
# for them. `check(place_id, new_points, at)`; new points are 0 when those of a budget are entered.
Solvent = Callable[[int, int, datetime], None]
_CHECKS: list[Solvent] = []


def solvent_first(check: Solvent) -> None:
    """Ask `check(place_id, points, at)` before points are made; it raises Refused if not."""
    if check not in _CHECKS:
        _CHECKS.append(check)


def solvent(place_id: int, points: int, at: datetime) -> None:
    """Refused where whoever must pay for these points could not."""
    for check in _CHECKS:
        check(place_id, points, at)


def open_activity(
    *, place_id: int, name: str, by: int, at: datetime, usual: bool = False, key: str | None = None
) -> int:
    """Set up a budget; the usual one pays for what names no other."""
    path, _ = store.place(place_id)
    permissions.must(by, permissions.FUND, path, at)
    said = text.clean(name, 60, field="name", one_line=True)
    if len(said) < 2:
        raise BadInput("name", "请写预算的名字，例如“2026年常规积分”。")
    with store.guarded():
        before = store.once("points_activity", key, by)
        if before is not None:
            return before
        number = db.rows("select nextval(pg_get_serial_sequence('points_activity', 'id'))")[0][0]
        made = Activity.objects.create(
            pk=number, place_id=place_id, place_path=path, name=said, usual=usual, by_id=by, at=at,
            account=accounts.open_budget(number, place_id, at=at), key=key or None,
        )  # fmt: skip
    return int(made.pk)


def fund(*, activity_id: int, points: int, why: str, key: str, by: int, at: datetime) -> int:
    """Put points into a budget, with the decision that allows it; the fund must be able to pay.

    The points put in.
    """
    said = text.clean(why, 200, field="why", one_line=True)
    if len(said) < 4:
        raise BadInput("why", "请写明是哪次会议决定的。")
    if not 0 < points <= 10_000_000:
        raise BadInput("points", "请写拨多少积分。")
    with store.guarded():
        row = _activity(activity_id)
        permissions.must(by, permissions.FUND, str(row["place_path"]), at)
        if row["closed_at"] is not None:
            raise Refused("这个预算已经结束。")
        solvent(int(str(row["place_id"])), points, at)
        accounts.fund(row, points, said, accounts.key("fund", activity_id, key), by=by, at=at)
    return points


def close(*, activity_id: int, by: int, at: datetime) -> None:
    """End a budget; what is left goes back where it came from."""
    with store.guarded():
        row = _activity(activity_id)
        permissions.must(by, permissions.FUND, str(row["place_path"]), at)
        if row["closed_at"] is not None:
            return
        waiting = db.rows(
            "select count(*) from points_claim where activity_id = %s::bigint"
            " and state in ('claimed', 'checked', 'approved', 'noticed')", (activity_id,),
        )[0][0]  # fmt: skip
        if waiting:
            raise Refused(f"还有{waiting}条申报要从这里出，先办完再结束。")
        accounts.give_back(row, by=by, at=at)
        Activity.objects.filter(pk=activity_id).update(closed_at=at)


def _activity(activity_id: int) -> dict[str, object]:
    return store.one(
        "select * from points_activity where id = %s::bigint for update", (activity_id,),
        "没有这个预算。",
    )  # fmt: skip
