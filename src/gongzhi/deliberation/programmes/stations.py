"""Stations and their duty roster: planned by the week, swapped between two, never clocked (R1)."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import db, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused, Stale
from gongzhi.core.models import Outbox
from gongzhi.deliberation.programmes import permissions
from gongzhi.deliberation.programmes.models import Duty, Station, Swap
from gongzhi.people.models import Person
from gongzhi.people.permissions import Viewer
from gongzhi.places import queries as places

AHEAD = timedelta(days=366)
MOST_SERVICES = 20


def open_station(
    *, place_id: int, name: str, address: str, phone: str, services: str, viewer: Viewer,
    at: datetime,
) -> int:  # fmt: skip
    """A new station, services one a line; the one of that name, if there is one. Its id."""
    place = places.by_id(place_id)
    permissions.need_keeps(viewer, place.path)
    called = text.clean(name, 60, field="name", one_line=True)
    if len(called) < 2:
        raise BadInput("name", "请给驿站起个名字。")
    lines = [text.clean(line, 40, field="services") for line in services.splitlines()]
    offered = [line for line in lines if line]
    if not 1 <= len(offered) <= MOST_SERVICES:
        raise BadInput("services", f"请写这里能办什么，一行一样，1到{MOST_SERVICES}样。")
    made, _ = Station.objects.get_or_create(
        place=place, name=called, closed_on=None,
        defaults={
            "address": text.clean(address, 120, field="address", one_line=True),
            "phone": text.clean(phone, 20, field="phone", one_line=True),
            "services": offered, "by_id": permissions.me(viewer), "at": at,
        },
    )  # fmt: skip
    return made.pk


def plan(
    *, station_id: int, on: date, part: str, person_id: int, viewer: Viewer, at: datetime
) -> int:
    """Put somebody on the roster; who stands there already stays. The duty's id."""
    with db.atomic():
        station = _station(station_id)
        permissions.need_keeps(viewer, station.place.path)
        today = at.astimezone(SHANGHAI).date()
        if part not in Duty.Part.values:
            raise BadInput("part", "请选上午、下午或晚上。")
        if not today <= on <= today + AHEAD:
            raise BadInput("on", "请选今天以后一年以内的日子。")
        if not Person.objects.filter(pk=person_id).exists():
            raise NotFound("没有找到这个人。")
        known = Duty.objects.filter(person=person_id, on=on, part=part).first()
        if known is not None:
            if known.station_id == station_id:
                return known.pk
            raise Refused("这个人那时已在别的驿站值班。", todo="请换个人，或换个时间。")
        return Duty.objects.create(station=station, on=on, part=part, person_id=person_id).pk


def unplan(*, duty_id: int, viewer: Viewer, at: datetime) -> None:
    """Take a coming duty off the roster. Gone already: nothing happens."""
    with db.atomic():
        duty = _duty(duty_id)
        if duty is None:
            return
        permissions.need_keeps(viewer, duty.station.place.path)
        if duty.on < at.astimezone(SHANGHAI).date():
            raise Refused("过去的值班不能去掉。")
        duty.delete()


def ask_swap(*, duty_id: int, to: int, viewer: Viewer, at: datetime) -> int:
    """Ask somebody of the same roster to take one's own duty; the request's id."""
    with db.atomic():
        duty = _duty(duty_id)
        if duty is None:
            raise NotFound("没有这次值班。")
        if duty.person_id != viewer.person_id:
            raise NotAllowed("只能换自己的班。")
        if duty.on < at.astimezone(SHANGHAI).date():
            raise Refused("过去的值班不能换。")
        if to == viewer.person_id or not permissions.on_the_roster(duty.station_id, to, at):
            raise BadInput("to", "请从这个驿站排班的人里选一位。")
        open_ = duty.swaps.filter(agreed=None).first()
        if open_ is not None:
            if open_.to_id == to:
                return open_.pk
            raise Refused("这一班已经请别人换了，还在等回话。")
        made = Swap.objects.create(
            duty=duty, asked_by_id=permissions.me(viewer), to_id=to, asked_at=at
        )
        Outbox.objects.create(kind="duty.swap_asked", subject_id=made.pk, at=at, data={"to": to})
    return made.pk


def answer_swap(*, swap_id: int, agreed: bool, viewer: Viewer, at: datetime) -> None:
    """The one who was asked takes the duty, or not. Said the same before: nothing happens."""
    with db.atomic():
        swap = Swap.objects.select_for_update().filter(pk=swap_id).first()
        if swap is None or swap.to_id != viewer.person_id:
            raise NotFound("没有请您换的这一班。")
        if swap.agreed is not None:
            if swap.agreed == agreed:
                return
            raise Stale("您已经回过话了。")
        duty = _duty(swap.duty_id)
        if agreed and (duty is None or duty.person_id != swap.asked_by_id):
            raise Stale("这一班已经换了人。")
        swap.agreed, swap.answered_by_id, swap.answered_at = agreed, viewer.person_id, at
        swap.save()
        if agreed and duty is not None:
            _take(duty, swap.to_id)
        Outbox.objects.create(
            kind="duty.swap_answered", subject_id=swap.pk, at=at, data={"agreed": agreed}
        )


def _take(duty: Duty, person: int) -> None:
    try:
        with transaction.atomic():
            Duty.objects.filter(pk=duty.pk).update(person=person)
    except IntegrityError as wrong:
        raise Refused("您那时已经有别的值班，不能再接这一班。") from wrong


_WEEK = """
select d.id, d."on", d.part, d.person_id, p.name, s.id as swap, s.to_id, t.name as to_name
from programmes_duty d join people_person p on p.id = d.person_id
  left join programmes_swap s on s.duty_id = d.id and s.agreed is null
  left join people_person t on t.id = s.to_id
where d.station_id = %(id)s::bigint and d."on" between %(first)s::date and %(first)s::date + 6
order by d."on", d.part, p.name
"""


def week(station_id: int, on: date) -> dict[str, Any]:
    """The week of a day as a table: its days, and for each part of a day who is there."""
    first = on - timedelta(days=on.weekday())
    rows = db.dicts(_WEEK, {"id": station_id, "first": first})
    days = [first + timedelta(days=i) for i in range(7)]
    return {
        "first": first, "days": days,
        "parts": [
            {
                "part": part.value, "name": part.label,
                "cells": [
                    {"on": day, "rows": [r for r in rows if (r["on"], r["part"]) == (day, part)]}
                    for day in days
                ],
            }
            for part in Duty.Part
        ],
    }  # fmt: skip


def at_place(place_path: str) -> list[dict[str, Any]]:
    """Open stations of a place and of what lies in it."""
    rows = Station.objects.filter(place__path__startswith=place_path, closed_on=None)
    names = ("id", "name", "address", "phone", "services", "place__name")
    return [dict(row) for row in rows.order_by("name").values(*names)[:100]]


def station(station_id: int) -> dict[str, Any]:
    """A station; NotFound."""
    row = _station(station_id)
    return {
        "id": row.pk, "name": row.name, "address": row.address, "phone": row.phone,
        "services": row.services, "place": row.place.name, "place_id": row.place_id,
        "place_path": row.place.path, "code": row.place.code,
    }  # fmt: skip


def colleagues(station_id: int, at: datetime) -> list[dict[str, Any]]:
    """Who is on this roster around that day: whom one may ask to swap."""
    return db.dicts(
        "select distinct p.id, p.name from programmes_duty d join people_person p"
        ' on p.id = d.person_id where d.station_id = %s::bigint and d."on" > %s::date - 60'
        " order by p.name limit 200",
        (station_id, at),
    )


def _station(station_id: int) -> Station:
    found = Station.objects.select_related("place").filter(pk=station_id, closed_on=None).first()
    if found is None:
        raise NotFound("没有这个驿站。")
    return found


def _duty(duty_id: int) -> Duty | None:
    row = Duty.objects.select_for_update(of=("self",)).select_related("station__place")
    return row.filter(pk=duty_id).first()
