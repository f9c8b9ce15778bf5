"""Founding bodies and seating people. Each action is one transaction with its outbox row."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from gongzhi.core import text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotFound, Refused, Stale
from gongzhi.core.models import Outbox
from gongzhi.deliberation.bodies import permissions, queries, rules
from gongzhi.deliberation.bodies.models import Body, Seat, SeatClass
from gongzhi.people.models import Organisation, Person
from gongzhi.places.models import Place
from gongzhi.playbooks import rules as law

_LEVELS = {
    "building": {"building", "compound"},
    "grid": {"grid", "compound"},
    "village": {"village", "compound"},
    "town": {"town"},
}


def found(
    *,
    place_id: int,
    blueprint: str,
    by: int | None,
    at: datetime,
    name: str = "",
    edition: str = law.EDITION,
    house: Mapping[str, Any] | None = None,
    cadence_months: int | None = None,
    host_id: int | None = None,
    from_on: date | None = None,
) -> int:
    """Found a body of a kind in `rules.blueprints()` at a place; its id.

    `house` overrides single keys of the blueprint's house rules (forums only).
    """
    drawn = rules.blueprints().get(blueprint)
    if drawn is None:
        raise BadInput("blueprint", "请选择设立哪一种会。")
    if edition not in law.EDITIONS:
        raise BadInput("edition", "没有这一版法律。")
    place = Place.objects.filter(pk=place_id, valid_to=None).first()
    if place is None:
        raise NotFound("没有找到这个地方。")
    if place.kind not in _LEVELS[drawn.level]:
        raise BadInput("blueprint", "这一级不设这种会。", todo="请换一种，或到合适的一级设立。")
    permissions.founder(by, place.path, at)
    own = dict(drawn.house) | (dict(house or {}) if not drawn.rule else {})
    _readable(drawn.rule, edition, own)
    title = text.clean(name, 60, field="name", one_line=True) or drawn.names["zh-Hans"]
    every = cadence_months or drawn.cadence_months
    if every is None and drawn.rule:
        every = law.presets(edition)[drawn.rule].every_months or None
    try:
        with transaction.atomic():
            made = Body.objects.create(
                place=place, kind=drawn.kind, blueprint=blueprint, name=title, level=drawn.level,
                rule=drawn.rule, edition=edition, house=own, electorate=drawn.electorate,
                template=drawn.template, cadence_months=every, host_id=host_id,
                from_on=from_on or at.astimezone(SHANGHAI).date(),
            )  # fmt: skip
            Outbox.objects.create(kind="body.founded", subject_id=made.pk, at=at, data={"by": by})
    except IntegrityError as wrong:
        raise _why(wrong) from wrong
    return made.pk


def seat(
    *,
    body_id: int,
    person_id: int,
    seat_class: str,
    by: int | None,
    at: datetime,
    organisation_id: int | None = None,
    area: int | None = None,
    why: str = "",
    from_on: date | None = None,
    to_on: date | None = None,
) -> int:
    """Give somebody a seat for a term; its id. `area` in 0.01 m², owners only."""
    body = queries.whereabouts(body_id)
    permissions.founder(by, body["place__path"], at)
    if seat_class not in SeatClass.values:
        raise BadInput("seat_class", "请选择代表哪一方。")
    if not Person.objects.filter(pk=person_id).exists():
        raise BadInput("person", "没有这个编号的人。", todo="请在“人员”里查到编号再填。")
    if organisation_id and not Organisation.objects.filter(pk=organisation_id).exists():
        raise BadInput("organisation", "没有这个单位。")
    if area is not None and (area <= 0 or seat_class != SeatClass.OWNER):
        raise BadInput("area", "只有业主按面积计算，面积要大于零。")
    start = from_on or at.astimezone(SHANGHAI).date()
    if to_on is not None and to_on < start:
        raise BadInput("to_on", "任期的结束日不能早于开始日。")
    try:
        with transaction.atomic():
            made = Seat.objects.create(
                body_id=body_id, person_id=person_id, seat_class=seat_class, area=area,
                organisation_id=organisation_id, from_on=start, to_on=to_on,
                why=text.clean(why, 120, field="why", one_line=True),
            )  # fmt: skip
            Outbox.objects.create(kind="body.seated", subject_id=body_id, at=at,
                                  data={"person": person_id, "by": by})  # fmt: skip
    except IntegrityError as wrong:
        raise _why(wrong) from wrong
    return made.pk


def unseat(*, seat_id: int, by: int | None, at: datetime, on: date | None = None) -> int:
    """End a seat; the roll of sessions already opened keeps it. The body's id."""
    row = Seat.objects.filter(pk=seat_id).values("body_id", "body__place__path", "from_on").first()
    if row is None:
        raise NotFound("没有这个席位。")
    permissions.founder(by, row["body__place__path"], at)
    last = max(on or at.astimezone(SHANGHAI).date(), row["from_on"])
    with transaction.atomic():
        running = Q(to_on=None) | Q(to_on__gt=last)
        if not Seat.objects.filter(running, pk=seat_id).update(to_on=last):
            raise Stale("这个席位已经结束了。")
        Outbox.objects.create(kind="body.unseated", subject_id=row["body_id"], at=at,
                              data={"seat": seat_id, "by": by})  # fmt: skip
    return int(row["body_id"])


def set_house_rule(*, body_id: int, house: Mapping[str, Any], by: int | None, at: datetime) -> None:
    """How a forum decides from now on: its `pass` and `quorum`; sessions called keep theirs.

    Refused for a body the law rules. What else the forum set itself stays as it is.
    """
    with transaction.atomic():
        row = Body.objects.select_for_update(of=("self",)).filter(pk=body_id).first()
        if row is None:
            raise NotFound("没有这个会议组织。")
        permissions.founder(by, row.place.path, at)
        if row.rule:
            raise Refused("这个会按法律的规则表决，不能自己定。", code="law_rules_it")
        kept = {key: value for key, value in row.house.items() if key not in ("pass", "quorum")}
        own = kept | {key: house[key] for key in ("pass", "quorum") if key in house}
        _readable("", row.edition, own)
        if own == row.house:
            return
        Body.objects.filter(pk=body_id).update(house=own)
        Outbox.objects.create(kind="body.rule_set", subject_id=body_id, at=at,
                              data={"by": by, "before": row.house, "after": own})  # fmt: skip


def end(*, body_id: int, by: int | None, at: datetime) -> None:
    """Dissolve a body; its sessions stay."""
    body = queries.whereabouts(body_id)
    permissions.founder(by, body["place__path"], at)
    last = max(at.astimezone(SHANGHAI).date(), body["from_on"])
    if not Body.objects.filter(pk=body_id, to_on=None).update(to_on=last):
        raise Stale("这个会已经撤销了。")


def _readable(rule: str, edition: str, house: Mapping[str, Any]) -> None:
    """The rule exists in that edition, and a forum's own rule can be read."""
    unknown = set(house.get("required", ())) - set(SeatClass.values)
    if unknown:
        raise BadInput("required", "必到的方面写错了。")
    try:
        rules.rule_of(rule, edition, house)
    except (KeyError, ValueError, TypeError) as wrong:
        raise BadInput("house", "规则写得不完整，系统读不出来。") from wrong


def _why(wrong: IntegrityError) -> Refused:
    name = str(wrong)
    if "one_open_body_a_name" in name:
        return Refused("这里已经有一个同名的会。", todo="请换个名字，或用原来那个。")
    if "one_open_seat" in name:
        return Refused("这个人在这个会里已经有席位了。", todo="要改的话，先结束原来的席位。")
    return Refused("这样写和已有的记录有冲突，没有保存。")
