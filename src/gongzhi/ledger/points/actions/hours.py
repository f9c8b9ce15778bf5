"""Volunteer time: recorded by who organised, confirmed by another; in a unit of its own.

"谁组织谁记录" (MCA Order 67, art. 4); at most eight hours a day, two people beside him (R12).
"""

from datetime import date, datetime

from gongzhi.core import text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, Refused
from gongzhi.ledger.points import accounts, permissions, store
from gongzhi.ledger.points.actions import holders
from gongzhi.ledger.points.models import Service
from gongzhi.people import queries as people


def record(
    *, person_id: int, on: date, minutes: int, what: str, by: int, at: datetime,
    key: str | None = None,
) -> int:  # fmt: skip
    """The organiser writes down who served how long. The record's id."""
    said = text.clean(what, 120, field="what", one_line=True)
    if len(said) < 2:
        raise BadInput("what", "请写做了什么。")
    if not 1 <= minutes <= 480:
        raise BadInput("minutes", "一天最多记八小时。")
    if on > at.astimezone(SHANGHAI).date():
        raise BadInput("on", "日期不能在今天以后。")
    row = holders.person(person_id)
    permissions.must(by, permissions.ENTER, row["path"], at)
    with store.guarded():
        before = store.once("points_service", key, by)
        if before is not None:
            return before
        made = Service.objects.create(
            place_id=row["place"], place_path=row["path"], person_id=person_id, on=on,
            minutes=minutes, what=said, by_id=by, at=at, key=key or None,
        )  # fmt: skip
    return int(made.pk)


def confirm(*, service_id: int, by: int, at: datetime) -> None:
    """Another who was there, or was served, says it is so: the minutes are entered."""
    with store.guarded():
        row = store.one(
            "select * from points_service where id = %s::bigint for update", (service_id,),
            "没有这条记录。",
        )  # fmt: skip
        if row["confirmed_by_id"] is not None:
            return
        if by in (row["by_id"], row["person_id"]):
            raise Refused(store.GUARDS["service_needs_two_others"])
        viewer = people.viewer(by, at)
        if not permissions.may_see(viewer, row["place_path"]):
            raise NotAllowed("由在场的人或受帮助的邻居来证明。")
        transfer = accounts.serve(row, by=by, at=at)
        Service.objects.filter(pk=service_id).update(
            confirmed_by_id=by, confirmed_at=at, transfer=transfer
        )
        store.tell("service.confirmed", service_id)
