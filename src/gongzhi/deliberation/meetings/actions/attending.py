"""Signing in: by code, at the desk, from a paper list, on line; and written proxies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.deliberation.bodies import permissions
from gongzhi.deliberation.bodies import rules as body_rules
from gongzhi.deliberation.meetings import queries, rules, store
from gongzhi.deliberation.meetings.models import Attendance, Mandate, Session

BEFORE = timedelta(hours=12)  # the desk opens in the morning of an evening's session
_HERE = ("noticed", "open")
_SIGN = """
with came as (
  insert into meetings_attendance (session_id, person_id, guest, came_as, how, at, by_id)
  select s.id, %(person)s::bigint, %(guest)s, %(came_as)s, %(how)s, %(at)s::timestamptz,
    %(by)s::bigint
  from meetings_session s where s.id = %(session)s::bigint and s.state in ('noticed', 'open')
    and (%(person)s::bigint is null
      or exists (select 1 from people_person p where p.id = %(person)s::bigint))
  on conflict do nothing returning id),
 out as (insert into core_outbox (kind, subject_id)
  select 'session.came', %(session)s::bigint from came)
select id from came
"""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`new` is False when he was in already: counted once, whatever way he came."""

    new: bool
    member: bool = False


def sign_in(
    *,
    session_id: int,
    person_id: int,
    how: str,
    by: int | None,
    at: datetime,
    came_as: str = "",
) -> SignedIn:
    """A person is there. By himself (`by` is he), or entered at the desk by somebody who runs it.

    Members and observers alike: only the roll decides whose presence counts for the quorum.
    """
    row = _here(session_id, at)
    if how not in Attendance.How.values or came_as not in Attendance.As.values:
        raise BadInput("how", "签到方式不对。")
    if by != person_id:
        permissions.runner(by, row["place_path"], row["level"], at)
    if how == "online" and row["mode"] == Session.Mode.ONSITE:
        raise Refused("这场会只在现场开。", todo=f"请到{_where(session_id)}。")
    if by == person_id and how in ("desk", "paper"):
        raise NotAllowed("自己签到请扫码，或者请签到台代签。")
    return SignedIn(bool(_came(session_id, person_id, "", came_as, how, by, at)))


def sign_in_by_code(*, token: str, person_id: int, at: datetime) -> tuple[int, SignedIn]:
    """The QR at the door: the session's id, and whether it was the first time."""
    found = Session.objects.filter(token=token).values_list("id", flat=True).first()
    if found is None:
        raise NotFound("没有这场会的签到码。", todo="请重新扫会场门口的码。")
    signed = sign_in(session_id=found, person_id=person_id, how="code", by=person_id, at=at)
    return found, signed


def sign_in_guest(
    *, session_id: int, name: str, by: int | None, at: datetime, came_as: str = ""
) -> SignedIn:
    """Somebody who is on no roster: a guest, an observer from elsewhere."""
    row = _here(session_id, at)
    permissions.runner(by, row["place_path"], row["level"], at)
    named = text.clean(name, 60, field="name", one_line=True)
    if len(named) < 2:
        raise BadInput("name", "请写来人的姓名。")
    return SignedIn(bool(_came(session_id, None, named, came_as, "desk", by, at)))


def sign_in_list(
    *, session_id: int, names: str, by: int | None, at: datetime, came_as: str = ""
) -> dict[str, Any]:
    """A paper list, one name a line: {"signed": n, "again": n, "guests": […], "unclear": […]}.

    A name two members share is left for the desk (`unclear`); one that nobody has is a guest.
    """
    row = _here(session_id, at)
    permissions.runner(by, row["place_path"], row["level"], at)
    lines = text.clean(names, 40_000, field="names").splitlines()
    wanted = [line.strip()[:60] for line in lines if line.strip()]
    if not wanted:
        raise BadInput("names", "请把名单上的姓名写上，一行一个。")
    if len(wanted) > 2000:
        raise BadInput("names", "一次最多两千个名字。")
    known: dict[str, list[int]] = {}
    for member in queries.roll(session_id):
        known.setdefault(member["name"], []).append(member["person_id"])
    with transaction.atomic():
        return _enter(session_id, wanted, known, came_as, by, at)


def _enter(
    session_id: int, wanted: Sequence[str], known: dict[str, list[int]], came_as: str,
    by: int | None, at: datetime,
) -> dict[str, Any]:  # fmt: skip
    told: dict[str, Any] = {"signed": 0, "again": 0, "guests": [], "unclear": []}
    for name in dict.fromkeys(wanted):
        found = known.get(name, [])
        if len(found) > 1:
            told["unclear"].append(name)
            continue
        person = found[0] if found else None
        guest = "" if found else name
        new = _came(session_id, person, guest, came_as, "paper", by, at)
        told["signed" if new else "again"] += 1
        if guest and new:
            told["guests"].append(name)
    return told


def sign_out(*, attendance_id: int, by: int | None, at: datetime) -> int:
    """Take back a wrong entry of the desk; the session's id. It leaves an event."""
    found = Attendance.objects.filter(pk=attendance_id).values("session_id", "person_id").first()
    if found is None:
        raise NotFound("没有这条签到。")
    with transaction.atomic():
        store.run(found["session_id"], by=by, at=at, states=_HERE)
        Attendance.objects.filter(pk=attendance_id).delete()
        store.step(found["session_id"], "struck", by=by, at=at,
                   data={"person": found["person_id"]})  # fmt: skip
    return int(found["session_id"])


def mandate(
    *, session_id: int, holder_id: int, for_person_id: int, paper: str, by: int | None, at: datetime
) -> int:
    """A written proxy, checked against the limits of the rule; its id.

    Only where the law knows them (农村集体经济组织法 art. 27: in writing, within one household).
    """
    row = _here(session_id, at)
    permissions.runner(by, row["place_path"], row["level"], at)
    rule = body_rules.rule_of(row["rule"], row["edition"], row["house"])
    if rule.proxies is None:
        raise Refused("这种会不能委托别人参加，要本人到会（线上也算）。", code="no_proxies")
    written = text.clean(paper, 200, field="paper", one_line=True)
    if len(written) < 2:
        raise BadInput("paper", "委托要有书面材料，请写明是什么、存在哪里。")
    members = {member["person_id"]: member for member in queries.roll(session_id)}
    if for_person_id not in members:
        raise BadInput("for_person", "委托人不在名册里，不用委托。")
    if holder_id not in members:
        raise BadInput("holder", "受托人要在名册里。")
    homes = {members[one]["household_id"] for one in (holder_id, for_person_id)}
    if rule.proxies.same_household and (len(homes) > 1 or None in homes):
        raise BadInput("holder", f"只能委托同一户的家人。（{rule.law}）")
    used = set(Mandate.objects.filter(session=session_id, holder=holder_id)
               .values_list("slot", flat=True))  # fmt: skip
    free = [slot for slot in range(1, rules.MOST_MANDATES + 1) if slot not in used]
    if not free:
        raise BadInput("holder", "一个人最多受三个人委托。")
    try:
        with transaction.atomic():
            made = Mandate.objects.create(
                session_id=session_id, holder_id=holder_id, for_person_id=for_person_id,
                slot=free[0], paper=written, at=at, by_id=by,
            )  # fmt: skip
            store.step(session_id, "mandate", by=by, at=at,
                       data={"holder": holder_id, "for": for_person_id})  # fmt: skip
    except IntegrityError as wrong:
        words = "这个人已经委托过了，或者委托给了自己。"
        raise Refused(words, code="mandate_refused") from wrong
    return made.pk


def _here(session_id: int, at: datetime) -> dict[str, Any]:
    row = store.session(session_id)
    if row["state"] not in _HERE:
        raise Refused(
            {"draft": "这场会还没有发通知。", "closed": "会已经散了。"}.get(
                row["state"], "这场会取消了。"
            ),
            code="not_now",
        )
    if at < row["starts_at"] - BEFORE:
        raise Refused("还没到签到的时候。", todo="开会当天再签到。", code="too_early")
    return row


def _came(
    session_id: int, person: int | None, guest: str, came_as: str, how: str, by: int | None,
    at: datetime,
) -> list[tuple[Any, ...]]:  # fmt: skip
    params = {
        "session": session_id, "person": person, "guest": guest, "came_as": came_as, "how": how,
        "by": by, "at": at,
    }  # fmt: skip
    return db.rows(_SIGN, params)


def _where(session_id: int) -> str:
    return str(Session.objects.values_list("venue", flat=True).get(pk=session_id))
