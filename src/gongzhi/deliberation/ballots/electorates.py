"""The roll of a vote, made in one statement when it opens: who votes, who may not and why."""

from datetime import date, datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import Refused
from gongzhi.deliberation.ballots.models import Motion
from gongzhi.deliberation.bodies import queries as bodies

_OF_PLACE = ("villagers_18", "residents_18", "households")
_COLLECTIVE = """select p.id as person_id, p.household_id, null::bigint as area
  from people_person p join people_membership m on m.person_id = p.id
    join places_place w on w.id = m.place_id
  where m.kind = 'collective' and m.to_on is null and w.path = %(path)s::text
    and (p.born_on is null or p.born_on <= (%(on)s::date - interval '18 years'))"""
_MEMBERS = """select distinct p.id as person_id, p.household_id, null::bigint as area
  from people_person p join people_appointment a on a.person_id = p.id
    join places_place w on w.id = a.place_id
  where a.role in ('workshop_host', 'workshop_member') and w.path = %(path)s::text
    and a.from_on <= %(on)s::date and (a.to_on is null or a.to_on >= %(on)s::date)"""
_LISTED = """select p.id as person_id, p.household_id, (l.row->>1)::bigint as area
  from jsonb_array_elements(%(listed)s::jsonb) l(row)
    join people_person p on p.id = (l.row->>0)::bigint"""
_INSERT = """
insert into ballots_elector (motion_id, person_id, household_id, area, blocked, here, voted)
select %(motion)s::bigint, e.person_id, e.household_id, coalesce(e.area, 0), '', false, ''
from ({members}) e order by e.person_id
"""
# A party to the thing votes neither himself nor through his family or his firm (rules.md §5).
_WHY = {
    "own": "这件事办的就是您自己的事，要回避", "home": "和当事人是一家人，要回避",
    "kin": "和当事人是近亲属，要回避", "firm": "在承办这件事的单位任职，要回避",
}  # fmt: skip
_BLOCK = """
update ballots_elector e set blocked = why.words from (
  select x.id, case
    when x.person_id = any(%(parties)s::bigint[]) then %(own)s::text
    when exists (select 1 from people_person q where q.id = any(%(parties)s::bigint[])
      and q.household_id = x.household_id) then %(home)s
    when exists (select 1 from people_kinship k, unnest(%(parties)s::bigint[]) q(id)
      where k.person_id = least(q.id, x.person_id) and k.other_id = greatest(q.id, x.person_id))
      then %(kin)s
    when exists (select 1 from people_appointment a where a.person_id = x.person_id
      and a.from_on <= %(on)s::date and (a.to_on is null or a.to_on >= %(on)s::date)
      and (a.organisation_id = any(%(firms)s::bigint[])
        or a.organisation_id in (select s.organisation_id from matters_assignment s
          where s.matter_id = %(matter)s::bigint)))
      then %(firm)s else '' end::text as words
  from ballots_elector x where x.motion_id = %(motion)s::bigint
) why where why.id = e.id and why.words <> ''
"""


def freeze(motion: dict[str, Any], at: datetime) -> int:
    """Write the roll of a draft and block those with a conflict; how many are on it."""
    on = at.astimezone(SHANGHAI).date()
    if motion["electorate"] == Motion.Electorate.SESSION:
        made = _of_session(motion)
    else:
        made = db.run(_INSERT.format(members=_members(motion)), _params(motion, on))
    if not made:
        raise Refused("名册上一个人也没有，不能开始投票。", todo="请先导入名册，或换一种投票的人。")
    if motion["weighted"]:
        _areas_known(motion["id"])
    db.run(_BLOCK, _params(motion, on) | _WHY)
    sign_in(motion)
    return made


def _params(motion: dict[str, Any], on: date) -> dict[str, Any]:
    return {
        "motion": motion["id"], "path": motion["place_path"], "on": on, "body": motion["body_id"],
        "listed": db.dump(motion["listed"]), "parties": motion["parties"],
        "firms": motion["firms"], "matter": motion["matter_id"],
    }  # fmt: skip


def _members(motion: dict[str, Any]) -> str:
    electorate = motion["electorate"]
    if electorate == Motion.Electorate.BODY:
        return bodies.members_sql(bodies.whereabouts(motion["body_id"])["electorate"])
    if electorate in _OF_PLACE:
        return bodies.members_sql(electorate)
    return {"collective": _COLLECTIVE, "members": _MEMBERS, "listed": _LISTED}[electorate]


def _of_session(motion: dict[str, Any]) -> int:
    """The roll of the meeting as it was frozen there; a written proxy votes for whom he stands."""
    return db.run(
        """insert into ballots_elector (motion_id, person_id, household_id, area, proxy_id, blocked,
          here, voted)
        select %s::bigint, r.person_id, r.household_id, r.area, d.holder_id, '', false, ''
        from meetings_roll r left join meetings_mandate d
          on d.session_id = r.session_id and d.for_person_id = r.person_id
        where r.session_id = %s::bigint order by r.person_id""",
        (motion["id"], motion["session_id"]),
    )


def sign_in(motion: dict[str, Any]) -> None:
    """Who signed in at the meeting is here; of one represented in writing, his proxy did."""
    if motion["session_id"] is None:
        return
    db.run(
        """update ballots_elector e set here = true from meetings_attendance a
        where e.motion_id = %s::bigint and a.session_id = %s::bigint and not e.here
          and a.person_id in (e.person_id, e.proxy_id)""",
        (motion["id"], motion["session_id"]),
    )


def _areas_known(motion_id: int) -> None:
    missing = db.rows(
        "select count(*) from ballots_elector where motion_id = %s::bigint and area = 0",
        (motion_id,),
    )[0][0]
    if missing:
        raise Refused(
            f"有{missing}位业主没有登记专有部分面积，不能按面积计票。",
            todo="请先在业主大会的名单里补上面积。",
        )
