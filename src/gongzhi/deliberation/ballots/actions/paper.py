"""Paper ballots, read by two people who do not see each other's reading; hands counted in the room.

Rule for somebody who votes in two ways: the roll decides. The first way that is written beside his
name counts, the second is refused and told; nobody has to guess afterwards which one was meant.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import BadInput, Refused
from gongzhi.deliberation.ballots import electorates, permissions, rules
from gongzhi.deliberation.ballots.actions.motions import locked
from gongzhi.deliberation.ballots.actions.voting import mark
from gongzhi.deliberation.ballots.models import HandCount

INVALID = "invalid"

_READ = """
insert into ballots_paperentry (motion_id, elector_id, by_id, choice)
select e.motion_id, e.id, %(by)s::bigint, t.choice
from jsonb_to_recordset(%(rows)s::jsonb) t(person bigint, choice jsonb)
  join ballots_elector e on e.motion_id = %(motion)s::bigint and e.person_id = t.person
where e.voted = 'paper'
on conflict (elector_id, by_id) do update set choice = excluded.choice
returning elector_id
"""
_TOTALS = """
insert into ballots_paperentry (motion_id, by_id, totals) values (%s::bigint, %s::bigint, %s::jsonb)
on conflict (motion_id, by_id) where elector_id is null do update set totals = excluded.totals
"""


def enter_paper(
    *, motion_id: int, papers: Mapping[int, Sequence[str]], by: int, at: datetime
) -> dict[str, list[int]]:
    """Read named papers of an open vote: person → ticked options ([] for a spoilt one).

    {"read": persons, "set_aside": persons whom the roll has as having voted another way}. Entering
    again replaces one's own reading. Papers collected before the end may be entered after it, but
    not after the count.
    """
    with db.atomic():
        motion = _ready(motion_id, by, at)
        if motion["secret"]:
            raise Refused("不记名的票只录总数。")
        rows = [
            {"person": person, "choice": _ticked(motion, choice)}
            for person, choice in sorted(papers.items())
        ]
        mark(motion_id, sorted(papers), "paper")
        read = db.rows(_READ, {"motion": motion_id, "by": by, "rows": db.dump(rows)})
        people = {row[0] for row in db.rows(
            "select person_id from ballots_elector where id = any(%s::bigint[])",
            ([row[0] for row in read],),
        )}  # fmt: skip
    return {"read": sorted(people), "set_aside": sorted(set(papers) - people)}


def _ticked(motion: Mapping[str, Any], choice: Sequence[str]) -> list[str]:
    if not choice:
        return []
    return rules.choice_of(motion["method"], motion["options"], motion["most"], set(choice))


def enter_totals(*, motion_id: int, totals: Mapping[str, int], by: int, at: datetime) -> None:
    """Count the papers of a secret vote: option → papers, "invalid" for spoilt ones.

    Of a vote with several ticks a paper, papers are counted as the sets that were ticked:
    "o1+o3" → papers.
    """
    with db.atomic():
        motion = _ready(motion_id, by, at)
        if not motion["secret"]:
            raise Refused("记名的票要一张一张录。")
        clean = {}
        for sign, papers in totals.items():
            if papers < 0 or papers > 1_000_000:
                raise BadInput("totals", "张数要写成不小于零的整数。")
            ticked = [] if sign == INVALID else _ticked(motion, sign.split("+"))
            clean["+".join(ticked) or INVALID] = papers
        given = db.rows(
            "select count(*) from ballots_elector where motion_id = %s::bigint"
            " and voted = 'paper'", (motion_id,),
        )[0][0]  # fmt: skip
        if sum(clean.values()) > given:
            raise BadInput(
                "totals", f"一共只发出{given}张纸质票，您录了{sum(clean.values())}张。",
                todo="请再数一遍。",
            )  # fmt: skip
        db.run(_TOTALS, (motion_id, by, db.dump(clean)))


def _ready(motion_id: int, by: int, at: datetime) -> dict[str, Any]:
    motion = locked(motion_id)
    permissions.reader(by, motion["place_path"], motion["level"], at)
    if motion["state"] != "open":
        raise Refused("只有在投票期间和计票之前才能录纸质票。")
    return motion


def count_hands(*, motion_id: int, counts: Mapping[str, int], by: int, at: datetime) -> None:
    """Enter the hands raised in the room, option by option; a recount replaces the last count.

    Everybody who signed in to the room and has not voted otherwise is now on the roll as voting by
    hand, so that no phone counts him again. There cannot be more hands than such people.
    """
    with db.atomic():
        motion = locked(motion_id)
        permissions.runner(by, motion["place_path"], motion["level"], at)
        if motion["state"] != "open" or at >= motion["closes_at"]:
            raise Refused("现在不在投票时间里，举手不能计入。")
        if motion["secret"] or motion["weighted"] or motion["method"] in ("multiple", "approval"):
            raise Refused("不记名、按面积或可选几项的表决不能用举手。", todo="请用手机或纸质票。")
        known = {option["id"] for option in motion["options"]}
        if not set(counts) <= known or any(n < 0 for n in counts.values()):
            raise BadInput("counts", "举手的人数要写成不小于零的整数。")
        electorates.sign_in(motion)
        room = _room(motion)
        raised = sum(counts.values())
        if raised > len(room):
            raise BadInput(
                "counts", f"现场还能举手的有{len(room)}人，不能数出{raised}只手。",
                todo="请核对签到，再数一遍。",
            )  # fmt: skip
        mark(motion_id, room, "hands")
        HandCount.objects.create(
            motion_id=motion_id, counts=dict(counts), room=len(room), by_id=by, at=at
        )


def _room(motion: Mapping[str, Any]) -> list[int]:
    """Who can raise a hand: in the room, not blocked, on no other way; those on line vote there."""
    online = (
        "and not exists (select 1 from meetings_attendance a where a.session_id = %s::bigint"
        " and a.person_id = e.person_id and a.how = 'online')"
        if motion["session_id"] is not None else "and %s::bigint is null"
    )  # fmt: skip
    rows = db.rows(
        "select person_id from ballots_elector e where e.motion_id = %s::bigint and e.here"
        f" and e.blocked = '' and e.voted in ('', 'hands') {online}",
        (motion["id"], motion["session_id"]),
    )
    return [row[0] for row in rows]
