"""Volunteer time: recorded by who organised, confirmed by another; in a unit of its own.

"谁组织谁记录" (MCA Order 67, art. 4); at most eight hours a day, two people beside him (R12).
"""

from datetime import date, datetime, timedelta
from typing import Any

from gongzhi.core import text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, Refused
from gongzhi.ledger.points import accounts, permissions, store
from gongzhi.ledger.points.actions import holders, notices
from gongzhi.ledger.points.models import Service
from gongzhi.people import queries as people

OLDEST = timedelta(days=90)


def record(
    *, person_id: int, on: date, minutes: int, what: str, by: int, at: datetime,
    witness_id: int | None = None, key: str | None = None,
) -> int:  # fmt: skip
    """The organiser writes down who served how long; `witness_id` is asked to say it was so.

    The record's id.
    """
    said = text.clean(what, 120, field="what", one_line=True)
    if len(said) < 2:
        raise BadInput("what", "请写做了什么。")
    if not 1 <= minutes <= 480:
        raise BadInput("minutes", "一天最多记八小时。")
    if not at.astimezone(SHANGHAI).date() - OLDEST <= on <= at.astimezone(SHANGHAI).date():
        raise BadInput("on", "服务的日子要在最近90天里。")
    if witness_id in (by, person_id):
        raise BadInput("witness", store.GUARDS["service_needs_two_others"])
    row = holders.person(person_id)
    permissions.must(by, permissions.ENTER, row["path"], at)
    with store.guarded():
        before = store.once("points_service", key, by)
        if before is not None:
            return before
        made = Service.objects.create(
            place_id=row["place"], place_path=row["path"], person_id=person_id, on=on,
            minutes=minutes, what=said, by_id=by, at=at, key=key or None, witness_id=witness_id,
        )  # fmt: skip
        store.tell("service.recorded", made.pk)
    return int(made.pk)


def confirm(*, service_id: int, by: int, at: datetime) -> None:
    """Another who was there, or was served, says it is so: the minutes are entered."""
    with store.guarded():
        row = _locked(service_id)
        if row["confirmed_by_id"] is not None:
            return
        _may_confirm(row, by, at)
        transfer = accounts.serve(row, by=by, at=at)
        Service.objects.filter(pk=service_id).update(
            confirmed_by_id=by, confirmed_at=at, transfer=transfer
        )
        store.tell("service.confirmed", service_id)


def not_so(*, service_id: int, reason: str, by: int, at: datetime) -> None:
    """Whoever was asked says it was not so, and why; the recorder and he himself read it."""
    said = _why(reason)
    with store.guarded():
        row = _locked(service_id)
        if row["ended_at"] is not None:
            return
        if row["confirmed_by_id"] is not None:
            raise Refused(store.GUARDS["service_stays"], code="stale")
        if by != row["by_id"]:  # who wrote it down may take it back himself
            _may_confirm(row, by, at)
        Service.objects.filter(pk=service_id).update(ended_by_id=by, ended_at=at, reason=said)
        store.tell("service.ended", service_id)


def take_back(*, service_id: int, reason: str, by: int, at: datetime) -> None:
    """Confirmed minutes turn out wrong: a mirror entry, and the points given for them go too."""
    said = _why(reason)
    with store.guarded():
        row = _locked(service_id)
        permissions.must(by, permissions.SECOND, row["place_path"], at)
        if row["ended_at"] is not None:
            return
        if row["transfer"] is None:
            raise Refused("还没有证明，不用更正。")
        if by == row["person_id"]:
            raise Refused(store.GUARDS["service_needs_two_others"])
        accounts.reverse_hours(row["transfer"], service_id, by=by, at=at)
        notices.undo_event(event=f"service:{service_id}", reason=said, by=by, at=at)
        Service.objects.filter(pk=service_id).update(ended_by_id=by, ended_at=at, reason=said)
        store.tell("service.ended", service_id)


def _locked(service_id: int) -> dict[str, Any]:
    return store.one(
        "select * from points_service where id = %s::bigint for update", (service_id,),
        "没有这条记录。",
    )  # fmt: skip


def _why(reason: str) -> str:
    said = text.clean(reason, 300, field="reason")
    if len(said) < 4:
        raise BadInput("reason", "请写明哪里不对，本人看得到。")
    return said


def _may_confirm(row: dict[str, Any], by: int, at: datetime) -> None:
    """A named witness, or staff; where nobody was named, any neighbour who was there."""
    if row["ended_at"] is not None:
        raise Refused(store.GUARDS["service_stays"], code="stale")
    if by in (row["by_id"], row["person_id"]):
        raise Refused(store.GUARDS["service_needs_two_others"])
    viewer, path = people.viewer(by, at), row["place_path"]
    if by == row["witness_id"] or permissions.serves(viewer, permissions.CONFIRM, path):
        return
    if row["witness_id"] is not None or not permissions.may_see(viewer, path):
        raise NotAllowed("由在场的人或受帮助的邻居来证明。")
