"""What is wanted of me now: at most one card of each kind, with how many there are."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.deliberation.ballots import queries as ballots
from gongzhi.deliberation.budgets import queries as budgets
from gongzhi.deliberation.meetings.queries import wanted as meetings
from gongzhi.deliberation.rounds import queries as rounds
from gongzhi.people.permissions import Viewer
from gongzhi.surveys import queries as surveys

# The soonest of each kind, and how many of it there are.
_ALL = f"""
select kind, count(*) as many, min(until) as until,
  (array_agg(id order by until, id))[1] as id, (array_agg(title order by until, id))[1] as title
from ({ballots.WANTED} union all {rounds.WANTED} union all {surveys.WANTED}
  union all {meetings.WANTED} union all {budgets.WANTED}) wanted group by kind
"""
# In the order of haste: what is going on in a room first. Kind: icon, page of one, page of many.
_KINDS = {
    "sign_in": ("check", "meeting", "session_id", "meetings"),
    "vote": ("check", "vote", "motion_id", "votes"),
    "session": ("users", "meeting", "session_id", "meetings"),
    "round": ("users", "round", "round_id", "rounds"),
    "budget": ("chart", "budget_vote", "budget_id", "budgets"),
    "survey": ("list", "survey", "round_id", "surveys"),
}


def cards(viewer: Viewer, at: datetime) -> list[dict[str, Any]]:
    """{"kind", "icon", "words", "title", "until", "many", "href"} by haste. One statement."""
    if viewer.person_id is None:
        return []
    rows = db.dicts(
        _ALL,
        {
            "me": viewer.person_id, "home": viewer.household_id, "places": list(viewer.places),
            "at": at, "on": at.astimezone(SHANGHAI).date(),
        },
    )  # fmt: skip
    found = {row["kind"]: row for row in rows}
    return [_card(found[kind]) for kind in _KINDS if kind in found]


def _card(row: dict[str, Any]) -> dict[str, Any]:
    icon, one, name, all_ = _KINDS[row["kind"]]
    href = reverse(one, kwargs={name: row["id"]}) if row["many"] == 1 else reverse(all_)
    return row | {"icon": icon, "href": href, "words": _words(row["kind"], row["many"])}


def _words(kind: str, many: int) -> str:
    said = {
        "sign_in": ngettext("有%(n)d个会正在开，您还没有签到",
                            "有%(n)d个会正在开，您还没有签到", many),
        "vote": ngettext("有%(n)d个表决等您投票", "有%(n)d个表决等您投票", many),
        "session": ngettext("有%(n)d个会请您参加", "有%(n)d个会请您参加", many),
        "round": ngettext("有%(n)d个话题想听您的意见", "有%(n)d个话题想听您的意见", many),
        "budget": ngettext("有%(n)d笔社区的钱等您投票", "有%(n)d笔社区的钱等您投票", many),
        "survey": ngettext("有%(n)d份问卷请您填", "有%(n)d份问卷请您填", many),
    }[kind]  # fmt: skip
    return said % {"n": many}
