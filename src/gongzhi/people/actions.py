"""What changes people's records: appointments, consents, proxies, registration.

Sign-in and tokens are in `accounts`, roster files in `roster`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from gongzhi.core import text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.core.models import Outbox
from gongzhi.people import queries, roles, rules
from gongzhi.people.accounts import phone_number
from gongzhi.people.models import (
    Appointment,
    Consent,
    Household,
    Kinship,
    Membership,
    Organisation,
    Person,
    Proxy,
)


class Conflict(Refused):
    """这两个岗位不能由一个人（或一家人）同时担任。"""

    code = "conflict_of_interest"


def _happened(kind: str, subject: int, at: datetime, **data: Any) -> None:
    Outbox.objects.create(kind=kind, subject_id=subject, at=at, data=data)


def appoint(
    *,
    person_id: int,
    role: str,
    place_id: int,
    by: int | None,
    at: datetime,
    organisation_id: int | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
) -> int:
    """Give a role at a place for a term; returns the appointment's id.

    Raises Conflict naming the other post and the law; BadInput for an unknown or unappointed role.
    """
    declared = roles.ROLES.get(role)
    if declared is None or not declared.appointed:
        raise BadInput("role", f"没有可任命的岗位“{role}”。")
    start = from_on or at.astimezone(SHANGHAI).date()
    if to_on is not None and to_on < start:
        raise BadInput("to_on", "任期的结束日不能早于开始日。")
    _refuse_conflict(person_id, role, place_id, start, to_on)
    try:
        with transaction.atomic():
            row = Appointment.objects.create(
                person_id=person_id, role=role, place_id=place_id, organisation_id=organisation_id,
                from_on=start, to_on=to_on, appointed_by_id=by, at=at,
            )  # fmt: skip
            _happened("appointed", row.pk, at, person=person_id, role=role, place=place_id, by=by)
    except IntegrityError as refused:
        raise _why(refused) from refused
    return row.pk


def _refuse_conflict(
    person_id: int, role: str, place_id: int, start: date, end: date | None
) -> None:
    """The friendly half of the trigger: the same rules, in a sentence."""
    same_time = Q(to_on=None) | Q(to_on__gte=start)
    if end is not None:
        same_time &= Q(from_on__lte=end)
    running = Appointment.objects.filter(same_time).select_related("person", "place")
    for post in running.filter(person_id=person_id):
        rule = rules.barred(role, post.role, same_place=post.place_id == place_id)
        if rule is not None:
            raise _conflict(post, f"已担任{post.place.name}{roles.name_of(post.role)}", rule.law)
    kin_role = rules.KIN_BARRED.get(role)
    if kin_role is not None:
        pairs = Kinship.objects.filter(Q(person_id=person_id) | Q(other_id=person_id))
        kin = {p for pair in pairs.values_list("person_id", "other_id") for p in pair} - {person_id}
        for post in running.filter(place_id=place_id, role=kin_role, person_id__in=kin):
            words = f"的近亲属{post.person.name}已担任{post.place.name}{roles.name_of(kin_role)}"
            raise _conflict(post, words, rules.COMMITTEE_LAW)


def _conflict(post: Appointment, words: str, law: str) -> Conflict:
    return Conflict(f"这个人{words}，不能再任这个岗位。依据：{law}。", todo="请先结束原来的任职。",
                    data={"appointment": post.pk})  # fmt: skip


def _why(refused: IntegrityError) -> Refused:
    words = str(refused)
    if "one_open_appointment" in words:
        return BadInput("role", "这个人已经在这里担任这个岗位。")
    return (
        Conflict() if "appointment conflicts" in words else Refused("任命没有成功，请检查后再试。")
    )


def end_appointment(
    *, appointment_id: int, by: int | None, at: datetime, reason: str, on: date | None = None
) -> None:
    """The last day of a post, with the reason."""
    reason = text.clean(reason, 500, field="reason")
    if not reason:
        raise BadInput("reason", "请写明为什么结束任职。")
    with transaction.atomic():
        row = Appointment.objects.select_for_update().filter(pk=appointment_id, to_on=None).first()
        if row is None:
            raise NotFound("没有这项任职，或已经结束。")
        last = on or at.astimezone(SHANGHAI).date()
        row.to_on, row.ended_reason = max(last, row.from_on), reason
        row.save(update_fields=["to_on", "ended_reason"])
        _happened("appointment_ended", row.pk, at, person=row.person_id, role=row.role, by=by)


def declare_kin(*, person_id: int, other_id: int, how: str, by: int | None, at: datetime) -> None:
    """Write down that two persons are near kin; saying it twice changes nothing."""
    if person_id == other_id:
        raise BadInput("other_id", "不能和自己登记亲属关系。")
    first, second = sorted((person_id, other_id))
    Kinship.objects.get_or_create(person_id=first, other_id=second, defaults={"how": how})


def give_consent(*, person_id: int, purpose: str, words: str, by: int | None, at: datetime) -> int:
    """Consent to one purpose, as read out or shown (PIPL art. 14); twice keeps the first."""
    given = text.clean(words, 2000, field="words")
    if not given:
        raise BadInput("words", "请写明同意的内容。")
    with transaction.atomic():
        row, made = Consent.objects.get_or_create(
            person_id=person_id, purpose=purpose, withdrawn_at=None,
            defaults={"text": given, "given_at": at, "given_to_id": by},
        )  # fmt: skip
        if made:
            _happened("consent_given", row.pk, at, person=person_id, purpose=purpose)
    return row.pk


def withdraw_consent(*, consent_id: int, by: int, at: datetime) -> None:
    """One tap, no reason, only by the person himself (PIPL art. 15)."""
    with transaction.atomic():
        changed = Consent.objects.filter(pk=consent_id, person_id=by, withdrawn_at=None).update(
            withdrawn_at=at
        )
        if not changed:
            raise NotFound("没有这项同意，或已经撤回。")
        _happened("consent_withdrawn", consent_id, at, person=by)


def add_proxy(*, person_id: int, acts_for_id: int, until_on: date, by: int, at: datetime) -> int:
    """Ask that `person_id` may act for a member of the family (代办); it counts once agreed to."""
    today = at.astimezone(SHANGHAI).date()
    if not today <= until_on <= today.replace(year=today.year + 5, day=min(today.day, 28)):
        raise BadInput("until_on", "代办期限从今天起，最长五年。")
    if person_id == acts_for_id:
        raise BadInput("acts_for_id", "自己的事不用委托自己。")
    try:
        with transaction.atomic():
            row = Proxy.objects.create(
                person_id=person_id, acts_for_id=acts_for_id, until_on=until_on,
                agreed_at=at if by == acts_for_id else None,
            )  # fmt: skip
            _happened("proxy_asked", row.pk, at, person=person_id, acts_for=acts_for_id, by=by)
    except IntegrityError as twice:
        raise BadInput("acts_for_id", "已经有一份委托，不用再提。") from twice
    return row.pk


def agree_proxy(*, proxy_id: int, by: int, at: datetime, witnessed: bool = False) -> None:
    """The person represented agrees; or, `witnessed`, staff who hold the signed paper record it.

    A witness takes in matters where the person belongs, and witnesses neither his own proxy nor
    one that is agreed to or over: NotAllowed, NotFound.
    """
    with transaction.atomic():
        row = Proxy.objects.select_for_update().filter(pk=proxy_id, withdrawn_at=None).first()
        if row is None:
            raise NotFound("没有这份委托，或已经撤回。")
        if witnessed and by != row.acts_for_id:
            _check_witness(row, by, at)
        elif by != row.acts_for_id:
            raise NotAllowed("要由被代办的家人自己同意。", todo="不会用手机的，可以到社区签字。")
        row.agreed_at = at
        row.save(update_fields=["agreed_at"])
        _happened("proxy_agreed", row.pk, at, by=by, witnessed=witnessed and by != row.acts_for_id)


def _check_witness(row: Proxy, by: int, at: datetime) -> None:
    if by == row.person_id:
        raise NotAllowed("不能给自己的代办作见证。", todo="请由别的同事登记。")
    witness = queries.viewer(by, at)
    if not witness.takes_in:
        raise NotAllowed("纸上的委托由两委成员、网格员或镇（街道）干部登记。")
    queries.check_inside(witness, row.acts_for_id, at.astimezone(SHANGHAI).date())
    if row.agreed_at is not None or row.until_on < at.astimezone(SHANGHAI).date():
        raise NotFound("没有这份委托，或已经撤回。")


def withdraw_proxy(*, proxy_id: int, by: int, at: datetime) -> None:
    """Either side ends it at once."""
    with transaction.atomic():
        changed = Proxy.objects.filter(
            Q(person_id=by) | Q(acts_for_id=by), pk=proxy_id, withdrawn_at=None
        ).update(withdrawn_at=at)
        if not changed:
            raise NotFound("没有这份委托，或已经撤回。")
        _happened("proxy_withdrawn", proxy_id, at, by=by)


def register_household(
    *, place_id: int, door: str, by: int | None, at: datetime, grid_id: int | None = None
) -> int:
    """A household at a door; the same door again gives the same household."""
    words = text.clean(door, 60, field="door", one_line=True)
    if not words:
        raise BadInput("door", "请填写门牌，例如“2单元 501”。")
    with transaction.atomic():
        row, made = Household.objects.get_or_create(
            place_id=place_id, door=words, defaults={"grid_id": grid_id}
        )
        if made:
            _happened("household_registered", row.pk, at, place=place_id, by=by)
    return row.pk


@dataclass(frozen=True)
class Belongs:
    """One membership to write with a new person."""

    kind: Membership.Kind
    place_id: int


def register_person(
    *,
    name: str,
    by: int | None,
    at: datetime,
    household_id: int | None = None,
    head: bool = False,
    phone: str = "",
    id_number: str = "",
    born_on: date | None = None,
    gender: str = "",
    memberships: tuple[Belongs, ...] = (),
) -> int:
    """One person by hand; rosters come by file. Returns the id; BadInput for wrong numbers."""
    words = text.clean(name, 60, field="name", one_line=True)
    if not words:
        raise BadInput("name", "请填写姓名。")
    identity = rules.identity(id_number) if id_number else None
    try:
        with transaction.atomic():
            row = Person.objects.create(
                name=words, household_id=household_id, head=head,
                phone=phone_number(phone) if phone else None,
                id_number=identity.number if identity else None,
                born_on=born_on or (identity.born_on if identity else None),
                gender=gender or (identity.gender if identity else ""),
            )  # fmt: skip
            Membership.objects.bulk_create(
                Membership(person=row, place_id=m.place_id, kind=m.kind) for m in memberships
            )
            _happened("person_registered", row.pk, at, by=by)
    except IntegrityError as twice:
        raise BadInput("id_number", "这个证件号码已经登记过。") from twice
    return row.pk


def register_organisation(
    *, name: str, kind: str, place_id: int, by: int | None, at: datetime, phone: str = ""
) -> int:
    """A department, property company or other unit that handles matters."""
    words = text.clean(name, 80, field="name", one_line=True)
    if not words:
        raise BadInput("name", "请填写单位名称。")
    row = Organisation.objects.create(name=words, kind=kind, place_id=place_id, phone=phone)
    _happened("organisation_registered", row.pk, at, place=place_id, by=by)
    return row.pk
