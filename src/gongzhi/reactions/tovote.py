"""A draft of the rule book goes to the meeting that decides: the vote is drafted with its text.

Only the meetings that the law lets decide on the affairs of a village or community: the assembly,
or the representatives' meeting (Villagers' Committee Organisation Law art. 25-28; Urban Residents'
Committee Organisation Law art. 23-26, both 2025). A forum's opinion adopts nothing.
"""

from datetime import datetime

from gongzhi.core import db
from gongzhi.core.errors import BadInput, NotFound
from gongzhi.deliberation.ballots.actions import propose_motion
from gongzhi.ledger.points import actions, store

REPRESENTATIVES = ("villager_rep_meeting", "resident_rep_meeting")
ASSEMBLIES = ("villagers_assembly", "villagers_assembly_households", "residents_assembly")
MOST_TEXT = 3500


def deciding(place_id: int) -> list[tuple[str, str]]:
    """Who can decide there: [("body:7", its name)], then the whole assembly by its preset."""
    bodies = db.rows(
        "select id, name from bodies_body where place_id = %s::bigint and to_on is null"
        " and kind = 'statutory' and rule = any(%s::text[]) order by id limit 20",
        (place_id, [*REPRESENTATIVES, *ASSEMBLIES]),
    )
    found = db.rows("select code from places_place where id = %s::bigint", (place_id,))
    if not found:
        raise NotFound("没有这个地方。")
    urban = found[0][0][9:10] != "2"  # 0..: residents' committees, 2..: villagers' committees
    whole = [("residents_assembly", "居民会议（十八周岁以上居民）")] if urban else [
        ("villagers_assembly", "村民会议（十八周岁以上村民）"),
        ("villagers_assembly_households", "村民会议（每户一名代表）"),
    ]  # fmt: skip
    return [(f"body:{pk}", name) for pk, name in bodies] + whole


def put(*, book_id: int, to: str, by: int, at: datetime, key: str | None = None) -> int:
    """Draft the vote on a book and freeze the book until it is counted; the motion's id."""
    row = store.book(book_id)
    if to not in dict(deciding(row["place_id"])):
        raise BadInput("to", "请选由哪个会来决定。")
    known = row["motion_id"]
    if known is not None:
        return int(known)
    with db.atomic():
        title = f"通过《{row['title']}》（第{row['version']}版）"
        words = actions.as_text(row)
        if len(words) > MOST_TEXT:
            words = f"{words[:MOST_TEXT]}……\n（全文在积分办法里。）"
        common = {"title": title[:80], "text_": words, "by": by, "at": at, "key": key}
        if to.startswith("body:"):
            motion = propose_motion(body_id=int(to[5:]), **common)  # type: ignore[arg-type]
        else:
            voters = {"villagers_assembly_households": "households",
                      "residents_assembly": "residents_18"}.get(to, "villagers_18")  # fmt: skip
            motion = propose_motion(
                place_id=row["place_id"], rule=to, electorate=voters, **common  # type: ignore[arg-type]
            )  # fmt: skip
        actions.put_to_vote(book_id=book_id, motion_id=motion, by=by, at=at)
    return motion
