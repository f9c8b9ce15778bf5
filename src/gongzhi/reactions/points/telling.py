"""Whom points concern is told in person: refused, taken back, asked to witness. With the reason."""

from datetime import datetime
from typing import Any

from django.utils import translation

from gongzhi.core import db
from gongzhi.people import notes
from gongzhi.reactions import sending

SOURCE = "zh-hans"

# A household's adults, a team's lead, a firm's people are told of what is theirs.
_CLAIM = """
select c.points, c.reason, i.title, array(
  select x.id from people_person x where x.id in (h.person_id, t.lead_id)
  union select x.id from people_person x where x.household_id = h.household_id
    and coalesce(x.born_on + interval '18 years' <= %(at)s::date, true)
  union select a.person_id from people_appointment a where a.organisation_id = h.organisation_id
    and a.from_on <= %(at)s::date and (a.to_on is null or a.to_on >= %(at)s::date)) as people
from points_claim c join points_ruleitem i on i.id = c.item_id
join points_holder h on h.id = c.holder_id left join points_team t on t.id = h.team_id
where c.id = %(id)s::bigint
"""
_SERVICE = """
select s.*, p.name as who from points_service s join people_person p on p.id = s.person_id
where s.id = %(id)s::bigint
"""


REVERSED = "“{title}”的{n}分记错了，已经冲回。原因：{why}"
REFUSED = "“{title}”的积分申报没有通过。原因：{why}"
WITNESS = "请您证明：{who}做了“{title}”，{n}分钟。"
ENDED = "“{title}”的志愿时长没有记入。原因：{why}"


def tell(row: dict[str, Any], at: datetime) -> None:
    """Once for each person and outbox row, in the language he reads."""
    about = {"id": row["subject_id"], "at": at}
    if row["kind"].startswith("points."):
        found = db.dicts(_CLAIM, about)[0]
        said = REVERSED if row["kind"] == "points.reversed" else REFUSED
        people = found["people"]
        holes = {"title": found["title"], "n": found["points"], "why": found["reason"]}
    else:
        found = db.dicts(_SERVICE, about)[0]
        said, people = _of_service(row["kind"], found)
        holes = {"title": found["what"], "n": found["minutes"], "why": found["reason"],
                 "who": found["who"]}  # fmt: skip
    languages = notes.languages(set(people))
    for person in people:
        with translation.override(languages.get(person, SOURCE)):
            words = translation.gettext(said).format(**holes)[:300]
        sending.later(key=f"{row['id']}:{person}", person=person, words=words, at=at)


def _of_service(kind: str, row: dict[str, Any]) -> tuple[str, list[int]]:
    if kind == "service.recorded":
        return WITNESS, [row["witness_id"]] if row["witness_id"] else []
    return ENDED, sorted({row["person_id"], row["by_id"]} - {row["ended_by_id"]})
