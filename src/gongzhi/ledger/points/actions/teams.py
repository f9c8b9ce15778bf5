"""Members of a team come and go of their own will; the lead answers for it."""

from datetime import datetime
from typing import Any

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import NotAllowed, NotFound, Refused
from gongzhi.ledger.points import rules, store
from gongzhi.ledger.points.actions import holders
from gongzhi.ledger.points.models import Member, Team

MOST = 200


def enter_team(*, team_id: int, by: int, at: datetime) -> None:
    """A neighbour joins; a minor only when a guardian agreed. Twice is the same."""
    with store.guarded():
        team = _locked(team_id)
        row = holders.person(by)
        if row["place"] != team["place_id"]:
            raise NotAllowed("这个团队是给本村（社区）的人的。")
        minor = rules.is_minor(row["born_on"], at.astimezone(SHANGHAI).date())
        if minor and holders.consent(by) is None:
            raise Refused(store.GUARDS["guardian_agrees_first"], code="guardian_agrees_first")
        known = Member.objects.filter(team_id=team_id, left_at=None)
        if known.filter(person_id=by).exists():
            return
        if known.count() >= MOST:
            raise Refused(f"一个团队最多{MOST}人。")
        Member.objects.create(team_id=team_id, person_id=by, joined_at=at, by_id=by)


def leave_team(*, team_id: int, person_id: int, by: int, at: datetime) -> None:
    """A member leaves, or the lead takes somebody off who asked for it. The lead hands over first.

    The team keeps its points: they were never anybody's own.
    """
    with store.guarded():
        team = _locked(team_id)
        if by not in (person_id, team["lead_id"]):
            raise NotAllowed("由本人或负责人来办。")
        if person_id == team["lead_id"]:
            raise Refused("您是负责人。", todo="先把负责人交给别的成员，再退出。")
        Member.objects.filter(team_id=team_id, person_id=person_id, left_at=None).update(left_at=at)


def hand_over(*, team_id: int, to: int, by: int, at: datetime) -> None:
    """Another grown-up member answers for the team from now on."""
    with store.guarded():
        team = _locked(team_id)
        if team["lead_id"] == to:
            return
        if by != team["lead_id"]:
            raise NotAllowed("由现在的负责人来交接。")
        if not Member.objects.filter(team_id=team_id, person_id=to, left_at=None).exists():
            raise NotFound("团队里没有这个人。")
        if rules.is_minor(holders.person(to)["born_on"], at.astimezone(SHANGHAI).date()):
            raise Refused("负责人要年满十八岁。")
        Team.objects.filter(pk=team_id).update(lead_id=to)


def _locked(team_id: int) -> dict[str, Any]:
    return store.one(
        "select t.* from points_team t join points_holder h on h.team_id = t.id"
        " where t.id = %s::bigint and h.left_at is null for no key update of t", (team_id,),
        "没有这个团队。",
    )  # fmt: skip
