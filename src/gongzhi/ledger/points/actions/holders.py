"""Taking part is of one's own will and ends at any time (R7)."""

from datetime import datetime
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.ledger.points import accounts, permissions, rules, store
from gongzhi.ledger.points.models import GuardianConsent, Holder, Subject, Team
from gongzhi.people import queries as people

_PERSON = """
select p.id, p.household_id, p.born_on, v.id as place, v.path from people_person p
left join people_household h on h.id = p.household_id
left join places_place x on x.id = coalesce(h.grid_id, h.place_id)
left join places_place v on v.kind = 'village' and x.path like v.path || '%%'
where p.id = %s::bigint
"""


def person(person_id: int) -> dict[str, Any]:
    """Somebody's household, birthday and community; NotFound. Read by rules, shown to nobody."""
    row = store.one(_PERSON, (person_id,), "没有找到这个人。")
    if row["place"] is None:
        raise Refused(
            "名册上没有您住在哪个村（社区），还不能参加积分。", todo="请先联系村（社区）登记。"
        )
    return row


def join(*, person_id: int, by: int, at: datetime) -> int:
    """A person takes part; who left before comes back to the same account. The holder's id.

    For a minor it is the household that takes part; a guardian agrees first (`agree_for`).
    """
    row = person(person_id)
    viewer = people.viewer(by, at)
    guards = GuardianConsent.objects.filter(minor_id=person_id, guardian_id=by).exists()
    if by != person_id and person_id not in viewer.acts_for and not guards:
        permissions.must(by, permissions.ENTER, row["path"], at)
    if rules.is_minor(row["born_on"], at.astimezone(SHANGHAI).date()):
        if not GuardianConsent.objects.filter(minor_id=person_id).exists():
            raise Refused(store.GUARDS["guardian_agrees_first"], code="guardian_agrees_first")
        return _hold("household", row["household_id"], row, by, at)
    return _hold("person", person_id, row, by, at)


def join_household(*, person_id: int, by: int, at: datetime) -> int:
    """The household takes part beside its members, for the deeds of households."""
    row = person(person_id)
    if by != person_id:
        permissions.must(by, permissions.ENTER, row["path"], at)
    return _hold("household", row["household_id"], row, by, at)


def _hold(subject: str, owner: int, at_place: dict[str, Any], by: int, at: datetime) -> int:
    with store.guarded():
        found = db.rows(
            f"select id, left_at from points_holder where {subject}_id = %s::bigint for update",
            (owner,),
        )
        if found:
            if found[0][1] is not None:
                Holder.objects.filter(pk=found[0][0]).update(left_at=None, left="")
            return int(found[0][0])
        made = Holder.objects.create(
            place_id=at_place["place"], place_path=at_place["path"], subject=subject,
            account=accounts.open_holder(subject, owner, at_place["place"], at=at),
            joined_at=at, by_id=by,
            **{f"{subject}_id": owner},
        )  # fmt: skip
        store.tell("points.joined", made.pk)
    return int(made.pk)


def agree_for(*, minor_id: int, by: int, at: datetime) -> None:
    """A guardian agrees that a minor's deeds count for the household. Twice is the same."""
    row = person(minor_id)
    if not rules.is_minor(row["born_on"], at.astimezone(SHANGHAI).date()):
        raise Refused("已满十八岁，由本人自己决定。")
    with store.guarded():
        GuardianConsent.objects.get_or_create(
            minor_id=minor_id, defaults={"guardian_id": by, "at": at}
        )


def join_team(*, place_id: int, name: str, lead_id: int, by: int, at: datetime) -> int:
    """A team of neighbours with the one who answers for it. The holder's id."""
    path, _ = store.place(place_id)
    permissions.must(by, permissions.ENTER, path, at)
    said = text.clean(name, 60, field="name", one_line=True)
    if len(said) < 2:
        raise BadInput("name", "请写团队的名字。")
    with store.guarded():
        team, _ = Team.objects.get_or_create(
            place_id=place_id, name=said, defaults={"lead_id": lead_id, "by_id": by, "at": at}
        )
        return _hold("team", team.pk, {"place": place_id, "path": path}, by, at)


def join_organisation(*, place_id: int, organisation_id: int, by: int, at: datetime) -> int:
    """An enterprise or institution takes part. The holder's id."""
    path, _ = store.place(place_id)
    permissions.must(by, permissions.ENTER, path, at)
    if not db.rows("select 1 from people_organisation where id = %s::bigint", (organisation_id,)):
        raise NotFound("没有这个单位。")
    return _hold("organisation", organisation_id, {"place": place_id, "path": path}, by, at)


def leave(*, holder_id: int, wish: str, by: int, at: datetime) -> None:
    """Leave without a reason; points stay or are wiped, as he likes. No service asks after it."""
    if wish not in Holder.Left.values:
        raise BadInput("wish", "请选一个：积分留着，还是清零。")
    with store.guarded():
        row = store.one(
            "select * from points_holder where id = %s::bigint for update", (holder_id,),
            "没有这个积分账户。",
        )  # fmt: skip
        if not _own(row, by, at):
            raise NotAllowed("只能由本人（本户）来退出。")
        if row["left_at"] is not None:
            return
        Holder.objects.filter(pk=holder_id).update(left_at=at, left=wish)
        if wish == Holder.Left.WIPE:
            accounts.wipe(row["account"], row["place_id"], holder_id, by=by, at=at)
        store.tell("points.left", holder_id)


def _own(row: dict[str, Any], by: int, at: datetime) -> bool:
    if row["subject"] == Subject.PERSON:
        return bool(row["person_id"] == by)
    if row["subject"] == Subject.HOUSEHOLD:
        return bool(people.viewer(by, at).household_id == row["household_id"])
    return Team.objects.filter(pk=row["team_id"] or 0, lead_id=by).exists()
