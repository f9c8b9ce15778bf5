"""By which playbook a place governs: its own from a day on, or again the one above."""

import json
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from gongzhi.core import text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.places import queries
from gongzhi.places.actions.telling import changed
from gongzhi.places.models import Adoption, Place, PlaybookVersion
from gongzhi.playbooks.schema import Playbook

AHEAD = timedelta(days=366)  # a mistyped year must not lock the place


def keep_version(playbook: Playbook) -> PlaybookVersion:
    """Store a playbook under its digest; the same one again is the same row."""
    row, _ = PlaybookVersion.objects.get_or_create(
        digest=playbook.digest,
        defaults={
            "playbook": playbook.id,
            "version": playbook.version,
            "source": json.loads(playbook.to_json()),
        },
    )
    return row


def adopt(
    *, place_id: int, playbook: Playbook, from_on: date, by: int | None, at: datetime,
    reason: str = "",
) -> Adoption:  # fmt: skip
    """From a day on the place governs by this playbook; the one before ends the day before.

    Running matters keep the version they began with. What was planned for later and has not begun
    gives way to the newer plan. BadInput when the day is over a year ahead, or lies before one
    that is in force.
    """
    today = at.astimezone(SHANGHAI).date()
    if from_on > today + AHEAD:
        raise BadInput("from_on", "日期太远了，最多提前一年。", todo="请核对年份。")
    with transaction.atomic():
        place = _locked(place_id)
        later = Adoption.objects.filter(place=place, from_on__gt=from_on)
        if later.filter(from_on__lte=today).exists():
            raise BadInput("from_on", "后面已经有另一次采用，日期不能更早。")
        _end_before(place, from_on)
        row = Adoption.objects.create(
            place=place, version=keep_version(playbook), playbook=playbook.id, from_on=from_on,
            reason=text.clean(reason, 500, field="reason"), by=by, at=at,
        )  # fmt: skip
        changed("adopted", place_id, at, playbook=playbook.id, digest=playbook.digest, by=by)
    return row


def end_adoption(*, place_id: int, on: date, by: int | None, at: datetime, reason: str) -> None:
    """From a day on the place governs by no playbook of its own: again by the one above.

    Running matters keep the version they began with; what was planned for later is dropped.
    BadInput for a day that is over, more than a year ahead, or without a reason; Refused where
    nothing of its own is in force that day, or nothing above would take its place.
    """
    today, why = at.astimezone(SHANGHAI).date(), text.clean(reason, 500, field="reason")
    if on < today:
        raise BadInput("on", "日期不能早于今天：过去的日子是按它办的。")
    if on > today + AHEAD:
        raise BadInput("on", "日期太远了，最多提前一年。", todo="请核对年份。")
    if not why:
        raise BadInput("reason", "请写明为什么停用。")
    with transaction.atomic():
        place = _locked(place_id)
        held = Adoption.objects.filter(place=place).filter(Q(to_on=None) | Q(to_on__gte=on))
        own = held.order_by("from_on").first()
        if own is None:
            raise Refused("这里没有采用自己的治理办法，已经在按上一级的办。")
        above = queries.adoption(place.parent_id, on) if place.parent_id else None
        if above is None:
            raise Refused(
                "上面还没有采用治理办法，停用以后这里就没有办法可依了。",
                todo="请先让上一级采用，或在这里改用另一套。",
            )
        held.update(end_reason=why)
        _end_before(place, on)
        changed(
            "adoption_ended", place_id, at, playbook=own.playbook, digest=own.version_id,
            on=on.isoformat(), above=above.playbook, reason=why, by=by,
        )  # fmt: skip


def _locked(place_id: int) -> Place:
    place = Place.objects.select_for_update().filter(pk=place_id, valid_to=None).first()
    if place is None:
        raise NotFound("没有这个地方。")
    return place


def _end_before(place: Place, on: date) -> None:
    """Nothing of the place's own holds from that day on."""
    # Neither a plan that has not begun nor the first of two for one day came into force.
    Adoption.objects.filter(place=place, from_on__gte=on).delete()
    Adoption.objects.filter(place=place).filter(Q(to_on=None) | Q(to_on__gte=on)).update(
        to_on=on - timedelta(days=1)
    )
