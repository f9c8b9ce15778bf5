"""Taking part is of one's own will and ends at any time (R7).

Whoever left comes back only by his own word: a claim somebody else enters brings nobody back.
"""

from datetime import datetime
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.ledger.points import accounts, permissions, rules, store
from gongzhi.ledger.points.models import Claim, GuardianConsent, Holder, Member, Subject, Team
from gongzhi.people import queries as people

OPEN = ("claimed", "checked", "approved", "noticed")  # claims nothing was entered for yet

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


def consent(minor_id: int) -> GuardianConsent | None:
    """The living consent of a guardian, or None."""
    return GuardianConsent.objects.filter(minor_id=minor_id, withdrawn_at=None).first()


def speaks_for(person_id: int, by: int, at: datetime) -> bool:
    """Himself, whoever acts for him with his consent, or the guardian of a minor."""
    if by == person_id or person_id in people.viewer(by, at).acts_for:
        return True
    agreed = consent(person_id)
    return agreed is not None and agreed.guardian_id == by


def join(*, person_id: int, by: int, at: datetime, agreed: bool = True) -> int:
    """A person takes part; who left before comes back to the same account. The holder's id.

    For a minor it is the household that takes part; a guardian agrees first (`agree_for`). Staff
    at the counter say with `agreed` that he told them so himself: a box not ticked is refused.
    """
    row = person(person_id)
    if not speaks_for(person_id, by, at):
        permissions.must(by, permissions.ENTER, row["path"], at)
        if not agreed:
            raise BadInput("agreed", "要本人当面或打电话同意，才能替他登记。")
    subject, owner = _for_whom(row, person_id, at)
    return _hold(subject, owner, row, by, at, back=True)


def _for_whom(row: dict[str, Any], person_id: int, at: datetime) -> tuple[str, int]:
    """A minor's deeds count for the household; NotAllowed before a guardian agreed."""
    if not rules.is_minor(row["born_on"], at.astimezone(SHANGHAI).date()):
        return "person", person_id
    if consent(person_id) is None:
        raise Refused(store.GUARDS["guardian_agrees_first"], code="guardian_agrees_first")
    return "household", row["household_id"]


def join_household(*, person_id: int, by: int, at: datetime, agreed: bool = True) -> int:
    """The household takes part beside its members, for the deeds of households."""
    row = person(person_id)
    if rules.is_minor(row["born_on"], at.astimezone(SHANGHAI).date()):
        raise Refused("要由家里的成年人来报名。")
    if by != person_id:
        permissions.must(by, permissions.ENTER, row["path"], at)
        if not agreed:
            raise BadInput("agreed", "要家里人当面或打电话同意，才能替他们登记。")
    return _hold("household", row["household_id"], row, by, at, back=True)


def of_claim(*, person_id: int, household: bool, by: int, at: datetime) -> tuple[int, int]:
    """(holder, place) for the claim of a person's or a household's deed.

    Who claims for himself takes part from then on; for somebody else it is claimed only when he
    takes part already. Refused for whoever left.
    """
    row = person(person_id)
    subject, owner = ("household", row["household_id"]) if household else _for_whom(
        row, person_id, at
    )  # fmt: skip
    if not speaks_for(person_id, by, at):
        known = db.rows(
            f"select id from points_holder where {subject}_id = %s::bigint and left_at is null",
            (owner,),
        )
        if not known:
            raise Refused("他没有参加积分，或已经退出。", todo="先问本人愿不愿意，再替他登记参加。")
        return int(known[0][0]), int(row["place"])
    return _hold(subject, owner, row, by, at), int(row["place"])


def _hold(
    subject: str, owner: int, at_place: dict[str, Any], by: int, at: datetime, *,
    back: bool = False,
) -> int:  # fmt: skip
    with store.guarded():
        found = db.rows(
            f"select id, left_at from points_holder where {subject}_id = %s::bigint for update",
            (owner,),
        )
        if found:
            if found[0][1] is not None:
                if not back:
                    raise Refused("已经退出积分了。", todo="想再参加，先在“我的积分”里点参加。")
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
        made, new = GuardianConsent.objects.get_or_create(
            minor_id=minor_id, defaults={"guardian_id": by, "at": at}
        )
        if not new and made.withdrawn_at is not None:
            made.guardian_id, made.at, made.withdrawn_at = by, at, None
            made.save(update_fields=["guardian", "at", "withdrawn_at"])


def no_longer_agree(*, minor_id: int, by: int, at: datetime) -> None:
    """Any adult of the household takes the consent back: nothing more is claimed for the minor.

    What is not entered yet is withdrawn; what the household has it keeps.
    """
    row = person(minor_id)
    if people.viewer(by, at).household_id != row["household_id"] or by == minor_id:
        raise NotAllowed("要同户的成年人来办。")
    with store.guarded():
        GuardianConsent.objects.filter(minor_id=minor_id, withdrawn_at=None).update(withdrawn_at=at)
        Claim.objects.filter(doer_id=minor_id, state__in=OPEN).update(
            state="withdrawn", notice=None
        )


def join_team(
    *, place_id: int, name: str, lead_id: int, by: int, at: datetime, about: str = ""
) -> int:
    """A team of neighbours with the one who answers for it. The holder's id.

    Staff found it with the lead named, or a grown-up neighbour founds his own.
    """
    path, _ = store.place(place_id)
    if by != lead_id or not people.viewer(by, at).lives_in(path):
        permissions.must(by, permissions.ENTER, path, at)
    lead = person(lead_id)
    if lead["place"] != place_id:
        raise BadInput("lead", "负责人要住在这个村（社区）。")
    if rules.is_minor(lead["born_on"], at.astimezone(SHANGHAI).date()):
        raise BadInput("lead", "负责人要年满十八岁。")
    said = text.clean(name, 60, field="name", one_line=True)
    purpose = text.clean(about, 200, field="about", one_line=True)
    if len(said) < 2:
        raise BadInput("name", "请写团队的名字。")
    with store.guarded():
        team, new = Team.objects.get_or_create(
            place_id=place_id, name=said,
            defaults={"lead_id": lead_id, "by_id": by, "at": at, "about": purpose},
        )  # fmt: skip
        if not new and team.lead_id != lead_id:
            raise BadInput("name", "这里已经有一个同名的团队，请换个名字。")
        if new:
            Member.objects.create(team=team, person_id=lead_id, joined_at=at, by_id=by)
        return _hold("team", team.pk, {"place": place_id, "path": path}, by, at, back=True)


def join_organisation(*, place_id: int, organisation_id: int, by: int, at: datetime) -> int:
    """An enterprise or institution takes part. The holder's id."""
    path, _ = store.place(place_id)
    permissions.must(by, permissions.ENTER, path, at)
    if not db.rows("select 1 from people_organisation where id = %s::bigint", (organisation_id,)):
        raise NotFound("没有这个单位。")
    place_ = {"place": place_id, "path": path}
    return _hold("organisation", organisation_id, place_, by, at, back=True)


def leave(*, holder_id: int, wish: str, by: int, at: datetime) -> None:
    """Leave without a reason; points stay or are wiped, as he likes. No service asks after it.

    What is claimed and not entered yet is withdrawn: nothing more is entered for him.
    """
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
        Claim.objects.filter(holder_id=holder_id, state__in=OPEN).update(
            state="withdrawn", notice=None
        )
        Holder.objects.filter(pk=holder_id).update(left_at=at, left=wish)
        if wish == Holder.Left.WIPE:
            accounts.wipe(row["account"], row["place_id"], holder_id, by=by, at=at)
        store.tell("points.left", holder_id)


def _own(row: dict[str, Any], by: int, at: datetime) -> bool:
    if row["subject"] == Subject.PERSON:
        return bool(row["person_id"] == by)
    if row["subject"] == Subject.HOUSEHOLD:
        return bool(people.viewer(by, at).household_id == row["household_id"])
    if row["subject"] == Subject.ORGANISATION:
        return bool(row["organisation_id"] in people.viewer(by, at).organisations)
    return Team.objects.filter(pk=row["team_id"] or 0, lead_id=by).exists()
