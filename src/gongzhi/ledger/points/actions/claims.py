"""A deed is claimed, looked at by one, then by another; or recorded by the system itself."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from gongzhi.core import db, photos, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, KeyReused, NotAllowed, NotFound, Refused
from gongzhi.ledger.points import permissions, store
from gongzhi.ledger.points.actions import holders
from gongzhi.ledger.points.models import Claim, Evidence, Holder, Photo, Subject
from gongzhi.people import queries as people

OLDEST = timedelta(days=60)  # a deed is claimed while people remember it

_ITEM = """
select i.*, b.place_id, b.place_path, b.month_cap, b.group_cap from points_ruleitem i
join points_rulebook b on b.id = i.book_id
where i.id = %s::bigint and b.state in ('published', 'ended')
"""
_IN_FORCE = """
select i.* from points_ruleitem i join points_rulebook b on b.id = i.book_id
where b.place_id = %s::bigint and b.state in ('published', 'ended') and b.from_on <= %s::date
  and (b.to_on is null or b.to_on > %s::date) and i.trigger = %s
  and (i.until_on is null or i.until_on >= %s::date) order by i.code limit 1
"""


@dataclass(frozen=True, slots=True)
class Deed:
    """What is said to have been done."""

    item_id: int
    on: date
    words: str
    evidence: str
    times: int = 1
    photo: str = ""
    activity_id: int | None = None


def keep_photo(*, data: bytes, name: str, by: int, at: datetime, key: str) -> str:
    """Store a picture for a claim; its SHA-256. The same key, the same picture."""
    known = Photo.objects.filter(key=key).values("sha256", "by_id").first()
    if known:
        if known["by_id"] != by:
            raise KeyReused
        return str(known["sha256"])
    made = photos.accept(data, name, field="photo")
    Photo.objects.create(
        sha256=made.sha256, content=made.jpeg, thumb=made.thumb, by_id=by, at=at, key=key
    )
    return str(made.sha256)


def claim(
    *, deed: Deed, by: int, at: datetime, doer_id: int | None = None,
    holder_id: int | None = None, key: str | None = None,
) -> int:  # fmt: skip
    """Claim points for a deed of one's own, or enter those of an activity one organised.

    `doer_id` is who did it (default: the one who claims), `holder_id` a team or organisation.
    """
    words = text.clean(deed.words, 300, field="words")
    if len(words) < 2:
        raise BadInput("words", "请用一句话写做了什么。")
    with store.guarded():
        before = store.once("points_claim", key, by)
        if before is not None:
            return before
        item = store.one(_ITEM, (deed.item_id,), "没有这一项，或还没有公布。")
        _check(item, deed, at)
        holder = _whose(item, by, doer_id, holder_id, at)
        doer = None if item["subject"] in ("team", "organisation") else (doer_id or by)
        made = Claim.objects.create(
            item_id=deed.item_id, holder_id=holder, doer_id=doer,
            activity_id=_budget(item["place_id"], deed.activity_id),
            place_path=item["place_path"], times=deed.times, points=item["points"] * deed.times,
            on=deed.on, words=words, evidence=deed.evidence, photo=deed.photo, by_id=by, at=at,
            key=key or None,
        )  # fmt: skip
        store.tell("points.claimed", made.pk)
    return int(made.pk)


def _check(item: dict[str, Any], deed: Deed, at: datetime) -> None:
    today = at.astimezone(SHANGHAI).date()
    if deed.on > today or deed.on < today - OLDEST:
        raise BadInput("on", "做事的日子要在最近60天里。")
    if not 1 <= deed.times <= item["cap"]:
        raise BadInput("times", f"这一项每月最多{item['cap']}{item['unit']}。")
    if item["trigger"]:
        raise Refused("这一项由系统按记录自动记，不用申报。")
    if deed.evidence not in item["evidence"]:
        names = "、".join(str(Evidence(e).label) for e in item["evidence"])
        raise BadInput("evidence", f"这一项的凭据可以是：{names}。")
    if deed.evidence == "photo" and not deed.photo:
        raise BadInput("photo", "请加一张照片，或换一种凭据。")


def _whose(
    item: dict[str, Any], by: int, doer: int | None, holder: int | None, at: datetime
) -> int:
    """The holder a claim is for; made when he takes part for the first time."""
    if item["subject"] in ("team", "organisation"):
        found = Holder.objects.filter(
            pk=holder or 0, subject=item["subject"], left_at=None, place_id=item["place_id"]
        ).values("organisation_id", "team__lead_id").first()  # fmt: skip
        if found is None:
            raise BadInput("holder", "请选哪个团队（单位）。")
        of_firm = found["organisation_id"] in people.viewer(by, at).organisations
        if found["team__lead_id"] != by and not of_firm:
            permissions.must(by, permissions.ENTER, item["place_path"], at)
        return int(holder or 0)
    person = doer or by
    if not holders.speaks_for(person, by, at):
        permissions.must(by, permissions.ENTER, item["place_path"], at)
    found_id, place = holders.of_claim(
        person_id=person, household=item["subject"] == Subject.HOUSEHOLD, by=by, at=at
    )
    if place != item["place_id"]:
        raise NotAllowed("这一项是给这个村（社区）的居民的。")
    return found_id


def _budget(place_id: int, activity_id: int | None) -> int:
    found = db.rows(
        "select id from points_activity where place_id = %s::bigint and closed_at is null"
        " and (id = %s::bigint or (%s::bigint is null and usual)) limit 1",
        (place_id, activity_id, activity_id),
    )
    if not found:
        raise Refused("这里还没有拨积分预算，暂时不能申报。", todo="请联系村（社区）。")
    return int(found[0][0])


def withdraw(*, claim_id: int, by: int, at: datetime) -> None:
    """Take back what one claimed, before the second check."""
    with store.guarded():
        row = store.claim(claim_id, lock=True)
        if by not in (row["by_id"], row["doer_id"]):
            raise NotFound("没有这条申报。")
        if row["state"] == "withdrawn":
            return
        Claim.objects.filter(pk=claim_id).update(state="withdrawn")


def check_first(*, claim_id: int, by: int, at: datetime) -> None:
    """The evidence is right, says a grid worker or social worker."""
    with store.guarded():
        row = store.claim(claim_id, lock=True)
        permissions.must(by, permissions.FIRST, row["place_path"], at)
        _apart(row, by, at)
        if row["state"] == "checked" and row["first_id"] == by:
            return
        _at(row, "claimed")
        Claim.objects.filter(pk=claim_id).update(state="checked", first_id=by, first_at=at)
        store.tell("points.checked", claim_id)


def check_second(*, claim_id: int, by: int, at: datetime) -> None:
    """Another, of the committee, agrees; within the caps of the month."""
    with store.guarded():
        row = store.claim(claim_id, lock=True)
        permissions.must(by, permissions.SECOND, row["place_path"], at)
        _apart(row, by, at)
        if row["state"] == "approved" and row["second_id"] == by:
            return
        _at(row, "checked")
        if row["first_id"] == by:
            raise Refused(store.GUARDS["two_different_people_check"])
        Claim.objects.filter(pk=claim_id).update(state="approved", second_id=by, second_at=at)
        store.tell("points.approved", claim_id)


def refuse(*, claim_id: int, reason: str, by: int, at: datetime) -> None:
    """Not this time, and why; the one who claimed reads it."""
    said = text.clean(reason, 300, field="reason")
    if len(said) < 4:
        raise BadInput("reason", "请写明为什么没有通过，本人看得到。")
    with store.guarded():
        row = store.claim(claim_id, lock=True)
        roles = permissions.FIRST if row["state"] == "claimed" else permissions.SECOND
        permissions.must(by, roles, row["place_path"], at)
        _apart(row, by, at)
        if row["state"] not in ("claimed", "checked", "approved"):
            raise Refused(store.GUARDS["claim_step_by_step"])
        Claim.objects.filter(pk=claim_id).update(state="refused", reason=said, refused_at=at)
        store.tell("points.refused", claim_id)


def _at(row: dict[str, Any], state: str) -> None:
    if row["state"] != state:
        raise Refused(store.GUARDS["claim_step_by_step"], code="stale")


def _apart(row: dict[str, Any], by: int, at: datetime) -> None:
    """Not for oneself, one's household, near kin, or what one claimed oneself."""
    if by == row["by_id"]:
        raise Refused(store.GUARDS["claimer_does_not_check"])
    for other in {row["doer_id"], row["person_id"]} - {None}:
        why = people.conflict(person_id=by, other_id=other, on=at.astimezone(SHANGHAI).date())
        if why:
            raise Refused("自己、家人或近亲的积分，要由别人来审。", code="conflict")


def automatic(
    *, event: str, trigger: str, person_id: int, on: date, words: str, at: datetime,
    times: int = 1,
) -> int | None:  # fmt: skip
    """Points for what the system itself recorded; once for an event. None where no rule gives any.

    Only who takes part already gets any; what is over the month's cap is not given.
    """
    if db.rows("select 1 from points_claim where event = %s", (event,)):
        return None
    holder = db.dicts(
        "select h.* from points_holder h where h.person_id = %s::bigint and h.left_at is null",
        (person_id,),
    )
    if not holder:
        return None
    found = db.dicts(_IN_FORCE, (holder[0]["place_id"], on, on, trigger, on))
    if not found:
        return None
    item = found[0]
    budget = db.rows(
        "select id from points_activity where place_id = %s::bigint and usual"
        " and closed_at is null", (holder[0]["place_id"],),
    )  # fmt: skip
    if not budget:
        return None
    return _record(event, item, holder[0], budget[0][0], min(times, item["cap"]), on, words, at)


def _record(
    event: str, item: dict[str, Any], holder: dict[str, Any], budget: int, times: int, on: date,
    words: str, at: datetime,
) -> int | None:  # fmt: skip
    """One statement: the month is counted under the holder's lock before the row is written."""
    db.rows("select 1 from points_holder where id = %s::bigint for no key update", (holder["id"],))
    made = db.rows(
        """insert into points_claim (item_id, holder_id, doer_id, activity_id, place_path, times,
          points, "on", words, evidence, photo, event, state, at, reason)
        select i.id, %(holder)s::bigint, %(person)s::bigint, %(budget)s::bigint, b.place_path,
          %(times)s::smallint, i.points * %(times)s::int, %(on)s::date, %(words)s, 'record', '',
          %(event)s, 'approved', %(at)s::timestamptz, ''
        from points_ruleitem i join points_rulebook b on b.id = i.book_id,
          lateral (select coalesce(sum(c.points), 0) as used, coalesce(sum(c.times)
            filter (where c.item_id = i.id), 0) as units from points_claim c
            where c.holder_id = %(holder)s::bigint and c.state in ('approved', 'noticed', 'entered')
              and date_trunc('month', c."on") = date_trunc('month', %(on)s::date)) m
        where i.id = %(item)s::bigint and m.units + %(times)s::int <= i.cap
          and m.used + i.points * %(times)s::int <= b.month_cap
        on conflict (event) do nothing returning id""",
        {
            "item": item["id"], "holder": holder["id"], "person": holder["person_id"],
            "budget": budget, "times": times, "on": on, "words": words[:300], "event": event,
            "at": at,
        },
    )  # fmt: skip
    return int(made[0][0]) if made else None
