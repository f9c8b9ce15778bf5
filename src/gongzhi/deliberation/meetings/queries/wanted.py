"""Which sessions want one person: he is invited, or it is on and he has not signed in yet."""

from gongzhi.deliberation.bodies import queries as bodies
from gongzhi.deliberation.bodies.models import Body

# Of the session in the outer query instead of parameters.
_OF_SESSION = {"%(body)s": "ses.body_id", "%(path)s": "ses.place_path", "%(on)s": "ses.starts_at"}


def _belongs(electorate: str) -> str:
    """Whether the person belongs to the body by its electorate, on the day it meets."""
    members = bodies.members_sql(electorate)
    for parameter, column in _OF_SESSION.items():
        members = members.replace(parameter, column)
    return (
        f"b.electorate = '{electorate}' and exists (select 1 from ({members}) mm"
        " where mm.person_id = %(me)s::bigint)"
    )


# Seats may be held from elsewhere; of all others only sessions around one's home are looked at.
_INVITED = " or ".join(
    f"({_belongs(one)})" if one == Body.Electorate.SEATS else f"(near.it and {_belongs(one)})"
    for one in Body.Electorate.values
)
WANTED = f"""
select case when ses.state = 'open' then 'sign_in' else 'session' end as kind, ses.id, ses.title,
  ses.starts_at as until
from meetings_session ses join bodies_body b on b.id = ses.body_id
  cross join lateral (select exists (select 1 from unnest(%(places)s::text[]) own
    where own like ses.place_path || '%%') as it) near
where ses.state in ('noticed', 'open') and ses.starts_at > %(at)s::timestamptz - interval '12 hours'
  and case when ses.state = 'open' then exists (select 1 from meetings_roll l
      where l.session_id = ses.id and l.person_id = %(me)s::bigint)
    else {_INVITED} end
  and not exists (select 1 from meetings_attendance a
    where a.session_id = ses.id and a.person_id = %(me)s::bigint)"""
