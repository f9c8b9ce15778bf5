"""Whose the lines of a paper book are, looked up in a few questions for a whole file."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.ledger.opening_rows import Line
from gongzhi.ledger.points import actions, rules

_PEOPLE = """
select p.id, p.name, p.phone, p.born_on, p.household_id, b.name as building, h.door
from people_person p join people_household h on h.id = p.household_id
join places_place b on b.id = h.place_id
join places_place x on x.id = coalesce(h.grid_id, h.place_id)
where p.name = any(%s::text[]) and x.path like %s || '%%' order by p.id
"""
_TEAMS = "select id, name from points_team where place_id = %s::bigint and name = any(%s::text[])"
_UNITS = """
select o.id, o.name from people_organisation o join places_place w on w.id = o.place_id
where o.name = any(%s::text[]) and (w.path like %s || '%%' or %s like w.path || '%%')
"""
_HOLDERS = """
select subject, coalesce(person_id, household_id, team_id, organisation_id) as owner, account,
  place_id, left_at from points_holder
where (subject, coalesce(person_id, household_id, team_id, organisation_id)) in
  (select s, o from unnest(%s::text[], %s::bigint[]) wanted(s, o))
"""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who holds the account; `account` is None until he takes part. `person` joins for him."""

    subject: str
    id: int
    person: int
    name: str
    account: int | None = None


class Owners:
    """The people, teams and units of one village, as far as a file names them."""

    def __init__(self, place: dict[str, Any], lines: Sequence[Line], at: datetime) -> None:
        self.place = place
        self.today: date = at.astimezone(SHANGHAI).date()
        names = sorted({n for line in lines for n in (line.name, line.lead) if n})
        self.people: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in db.dicts(_PEOPLE, (names, place["path"])):
            self.people[row["name"]].append(row)
        self.teams = {name: pk for pk, name in db.rows(_TEAMS, (place["id"], names))}
        self.units: dict[str, list[int]] = defaultdict(list)
        for pk, name in db.rows(_UNITS, (names, place["path"], place["path"])):
            self.units[name].append(pk)

    def of(self, lines: Sequence[Line]) -> dict[int, Owner | str]:
        """Row in the file → its owner, or the sentence that says why there is none."""
        found = {line.n: self._one(line) for line in lines}
        wanted = {(o.subject, o.id) for o in found.values() if isinstance(o, Owner) and o.id}
        table = [[s for s, _ in wanted], [i for _, i in wanted]]
        known = {(h["subject"], h["owner"]): h for h in db.dicts(_HOLDERS, table)}
        return {n: self._held(o, known) if isinstance(o, Owner) else o for n, o in found.items()}

    def _held(self, owner: Owner, known: dict[tuple[str, int], dict[str, Any]]) -> Owner | str:
        row = known.get((owner.subject, owner.id))
        if row is None:
            return owner
        if row["left_at"] is not None:
            return "已经退出积分；本人愿意再参加以后才能记"
        if row["place_id"] != self.place["id"]:
            return "积分账户在别的村（社区）"
        return Owner(owner.subject, owner.id, owner.person, owner.name, row["account"])

    def _one(self, line: Line) -> Owner | str:
        if line.subject == "organisation":
            units = self.units[line.name]
            if len(units) != 1:
                return "没有登记这个单位" if not units else "同名的单位不止一个"
            return Owner("organisation", units[0], 0, line.name)
        if line.subject == "team":
            return self._team(line)
        person = self._person(line.name, line)
        if isinstance(person, str):
            return person
        if line.subject == "household":
            return Owner("household", person["household_id"], person["id"], line.name)
        if rules.is_minor(person["born_on"], self.today):
            return "不满十八岁，积分记到家庭：请把对象改成“家庭”"
        return Owner("person", person["id"], person["id"], line.name)

    def _team(self, line: Line) -> Owner | str:
        if line.name in self.teams:
            return Owner("team", self.teams[line.name], 0, line.name)
        if not line.lead:
            return "还没有这个团队，请在“负责人”里写谁负责"
        lead = self._person(line.lead, None)
        return f"负责人：{lead}" if isinstance(lead, str) else Owner("team", 0, lead["id"],
                                                                  line.name)  # fmt: skip

    def _person(self, name: str, line: Line | None) -> dict[str, Any] | str:
        found = self.people[name]
        if not found:
            return f"名册上没有“{name}”，请先登记，或核对姓名"
        if line is not None:
            for typed, column, words in (
                (line.phone, "phone", "手机号"), (line.building, "building", "楼栋"),
                (line.door, "door", "房号"),
            ):  # fmt: skip
                if typed:
                    found = [row for row in found if (row[column] or "") == typed]
                    if not found:
                        return f"{words}和名册上的“{name}”对不上"
        if len(found) > 1:
            return f"叫“{name}”的有{len(found)}人，请填手机号，或楼栋和房号"
        return found[0]


def take_part(owner: Owner, place_id: int, *, by: int, at: datetime) -> None:
    """He was in the paper book, so he takes part; he may leave at any time (R7)."""
    if owner.subject == "person":
        actions.join(person_id=owner.id, by=by, at=at)
    elif owner.subject == "household":
        actions.join_household(person_id=owner.person, by=by, at=at)
    elif owner.subject == "team":
        lead = owner.person or by
        actions.join_team(place_id=place_id, name=owner.name, lead_id=lead, by=by, at=at)
    else:
        actions.join_organisation(place_id=place_id, organisation_id=owner.id, by=by, at=at)
