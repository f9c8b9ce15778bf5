"""The count: computed from what was cast, judged, put on the board, all in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.core import db
from gongzhi.core.errors import Refused
from gongzhi.core.models import Outbox
from gongzhi.deliberation.ballots import electorates, papers, permissions, recount, rules, store
from gongzhi.deliberation.ballots import words as said
from gongzhi.deliberation.ballots.actions.motions import board_words, locked
from gongzhi.deliberation.ballots.models import Motion
from gongzhi.deliberation.meetings import actions as meetings
from gongzhi.matters import actions as matters
from gongzhi.playbooks import rules as law
from gongzhi.playbooks.moves import Resolution, Verb
from gongzhi.playbooks.rules import Counts, Rule, Verdict
from gongzhi.publications import actions as publications
from gongzhi.publications import rules as masking
from gongzhi.publications.models import MIN_DAYS, Publication


@dataclass(frozen=True, slots=True)
class Result:
    """What a vote came to; `root` is the Merkle root of its board, in hex."""

    verdict: Verdict
    won: tuple[str, ...]
    counts: Counts
    root: str


_ROLL = """
select count(*) as members,
  count(*) filter (where here or voted <> '') as present,
  count(distinct coalesce(household_id, -person_id)) as households,
  count(distinct coalesce(household_id, -person_id)) filter (where here or voted <> '')
    as households_present,
  coalesce(sum(area), 0)::bigint as area,
  coalesce(sum(area) filter (where here or voted <> ''), 0)::bigint as area_present
from ballots_elector where motion_id = %s::bigint
"""
_WAYS = """
select count(*) filter (where voted = 'phone') as phone,
  count(*) filter (where voted = 'paper') as paper,
  count(*) filter (where voted = 'hands') as hands,
  count(*) filter (where blocked <> '') as blocked
from ballots_elector where motion_id = %s::bigint
"""


def close_motion(*, motion_id: int, by: int | None, at: datetime) -> Result:
    """Count, judge, publish. Called again it gives the same result: a vote is counted once.

    `by` None is the clock. Refused while papers are read only once or read differently, and for a
    vote with an announced end before that end, unless everybody has voted.
    """
    with db.atomic():
        motion = locked(motion_id)
        if motion["state"] == "closed":
            return _stored(motion)
        _may_close(motion, by, at)
        papers.settle(motion)
        electorates.sign_in(motion)
        rule = rules.rule_of(motion["rule"], motion["edition"], motion["house"])
        head, ballots, counts = _count(motion, rule, at)
        board = recount.board(head, ballots)
        _rewrite(motion, board["ballots"])
        Motion.objects.filter(pk=motion_id).update(
            state="closed", closed_at=at, result=head["result"] | {"head": head},
            root=board["root"], closes_at=min(at, motion["closes_at"]),
        )  # fmt: skip
        _publish(motion, rule, head, board["root"], by, at)
        told = _hand_on(motion, head, by, at)
        Outbox.objects.create(
            kind="motion.closed", subject_id=motion_id, at=at,
            data={"root": board["root"], "verdict": head["result"]["verdict"]} | told,
        )  # fmt: skip
        store.tell(motion_id)
    return Result(head["result"]["verdict"], tuple(head["result"]["won"]), counts, board["root"])


def _stored(motion: Mapping[str, Any]) -> Result:
    result = motion["result"]
    verdict: Verdict = result["verdict"]
    return Result(verdict, tuple(result["won"]), Counts(**result["counts"]), motion["root"])


def _may_close(motion: Mapping[str, Any], by: int | None, at: datetime) -> None:
    if motion["state"] != "open":
        raise Refused("这个表决还没有开始，或已经作废。")
    if by is not None:
        permissions.runner(by, motion["place_path"], motion["level"], at)
    if at >= motion["closes_at"] or (motion["live"] and by is not None):
        return
    waiting = db.rows(
        "select count(*) from ballots_elector where motion_id = %s::bigint and voted = ''"
        " and blocked = ''", (motion["id"],),
    )[0][0]  # fmt: skip
    if waiting:
        raise Refused(
            f"投票还没有到时间，还有{waiting}人可以投。", todo="到了公布的时间再计票。",
            code="too_early",
        )  # fmt: skip


def _count(
    motion: Mapping[str, Any], rule: Rule, at: datetime
) -> tuple[dict[str, Any], list[dict[str, Any]], Counts]:
    """The head of the board with the result in it, the ballots, and the counts."""
    ballots, on_paper = _ballots(motion)
    hands = _hands(motion)
    ways = db.dicts(_WAYS, (motion["id"],))[0]
    shape: dict[str, Any] = {
        "options": motion["options"], "method": motion["method"], "most": motion["most"],
        "hands": hands, "weighted": motion["weighted"],
    }  # fmt: skip
    votes = recount.sums(shape, ballots)
    counts = _counts(motion, rule, len(ballots) + sum(hands.values()),
                     sum(ballot.get("area", 0) for ballot in ballots))  # fmt: skip
    verdict, won, full = rules.decided(rule, motion["method"], motion["options"], votes, counts)
    result = {
        "verdict": verdict, "won": won, "ballots": len(ballots), "votes": votes,
        "ways": _by_way(motion, ways, hands, on_paper), "blocked": ways["blocked"],
        "quorum": rules.lines(law.quorum_lines(rule, full)),
        "majority": rules.lines(law.pass_lines(rule, full)),
        "counts": {field: getattr(full, field) for field in Counts.__dataclass_fields__},
    }  # fmt: skip
    head = shape | {
        "motion": motion["id"], "title": motion["title"], "place": motion["place_name"],
        "secret": motion["secret"], "binding": motion["binding"], "rule": rules.written(rule),
        "roll": rules.roll_of(counts), "hands_voted": sum(hands.values()),
        "closed_at": at.replace(second=0, microsecond=0).isoformat(), "result": result,
    }  # fmt: skip
    return head, ballots, full


def _counts(motion: Mapping[str, Any], rule: Rule, taken: int, area: int) -> Counts:
    roll = Counts(**db.dicts(_ROLL, (motion["id"],))[0])
    counts = replace(roll, participating=taken, participating_area=area)
    # Owners take part by voting, not by being there (民法典 278).
    return replace(counts, present=taken, area_present=area) if rule.by_voting else counts


def _ballots(motion: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[list[str]]]:
    """The ballots as the board shows them, and the choices of those on paper (open votes)."""
    rows = db.rows(
        "select choice, receipt, weight, paper from ballots_ballot where motion_id = %s::bigint",
        (motion["id"],),
    )
    made = [
        {"choice": db.load(choice), "receipt": receipt}
        | ({"area": weight} if motion["weighted"] else {})
        for choice, receipt, weight, _ in rows
    ]
    return made, [db.load(choice) for choice, _, _, paper in rows if paper]


def _hands(motion: Mapping[str, Any]) -> dict[str, int]:
    found = db.rows(
        "select counts from ballots_handcount where motion_id = %s::bigint"
        " order by id desc limit 1", (motion["id"],),
    )  # fmt: skip
    return dict(db.load(found[0][0])) if found else {}


def _by_way(
    motion: Mapping[str, Any], ways: Mapping[str, int], hands: Mapping[str, int],
    on_paper: list[list[str]],
) -> dict[str, Any]:  # fmt: skip
    """Each way on its own: how many people, and for an open vote what they said.

    Not for a secret one: of three papers in a village everybody knows whose they are.
    """
    made: dict[str, Any] = {
        way: {"people": ways[way], "votes": None} for way in ("phone", "paper", "hands")
    }
    if not motion["secret"]:
        ids = [option["id"] for option in motion["options"]]
        paper = {one: sum(one in choice for choice in on_paper) for one in ids}
        made["paper"]["votes"], made["hands"]["votes"] = paper, dict(hands)
        made["paper"]["counted"] = len(on_paper)
    return made


def _rewrite(motion: Mapping[str, Any], ordered: list[dict[str, Any]]) -> None:
    """Write a secret vote's ballots anew in the order of the board, and the roll by its numbers.

    Until now both lay on disk in the order in which people voted, each pair by one transaction;
    afterwards all of them come from this one.
    """
    if not motion["secret"]:
        return
    db.run("delete from ballots_ballot where motion_id = %s::bigint", (motion["id"],))
    db.run(
        """insert into ballots_ballot (id, motion_id, secret, choice, weight, receipt, version)
        select gen_random_uuid(), %s::bigint, true, b.value->'choice', 0, b.value->>'receipt', 1
        from jsonb_array_elements(%s::jsonb) with ordinality b order by b.ordinality""",
        (motion["id"], db.dump(ordered)),
    )
    db.rows("select ballots_roll_anew(%s::bigint)", (motion["id"],))


def _publish(
    motion: Mapping[str, Any], rule: Rule, head: Mapping[str, Any], root: str, by: int | None,
    at: datetime,
) -> None:  # fmt: skip
    text = masking.mask(said.sentence(head) + f"\n\n{motion['text']}")
    body = board_words(motion, rule, text)
    body["root"], body["ballots"] = root, head["result"]["ballots"]
    publications.publish(
        place_id=motion["place_id"], subject="motion", subject_id=motion["id"],
        title=masking.mask(f"表决结果：{motion['title']}"), body=body, by=by, at=at,
        audience=Publication.Audience.PUBLIC, days=MIN_DAYS, masked=False, reason="计票",
    )  # fmt: skip


def _hand_on(
    motion: Mapping[str, Any], head: Mapping[str, Any], by: int | None, at: datetime
) -> dict[str, str]:
    """Tell the session's agenda and the matter. A matter that stands elsewhere hinders no count."""
    verdict = head["result"]["verdict"]
    sentence = said.sentence(head)
    if motion["item_id"] is not None:
        kind = "no_decision" if verdict == "no_decision" else "resolution"
        meetings.record_outcome(
            item_id=motion["item_id"], by=by, at=at, checked=True,
            outcome=kind if motion["binding"] or kind == "no_decision" else "opinion",
            data={"words": sentence, "motion": motion["id"], "verdict": verdict},
        )  # fmt: skip
    if motion["matter_id"] is None:
        return {}
    try:
        with transaction.atomic():
            matters.move(
                matter_id=motion["matter_id"], verb=Verb.RESOLVE, by=by, at=at, note=sentence,
                key=f"motion:{motion['id']}", resolution=_resolution(motion, head),
            )  # fmt: skip
    except Refused as refusal:
        return {"matter": "refused", "why": refusal.words}
    return {"matter": "moved"}


def _resolution(motion: Mapping[str, Any], head: Mapping[str, Any]) -> Resolution:
    number, body = "", ""
    if motion["session_id"] is not None:
        number, body = db.rows(
            "select s.number::text, b.name from meetings_session s join bodies_body b"
            " on b.id = s.body_id where s.id = %s::bigint", (motion["session_id"],),
        )[0]  # fmt: skip
    counts = head["result"]["counts"]
    return Resolution(
        id=motion["id"], session_number=number, body_name=body, rule=motion["rule"],
        edition=motion["edition"], binding=motion["binding"], verdict=head["result"]["verdict"],
        tally={"members": counts["members"], "present": counts["present"],
               "for": counts["for_"], "against": counts["against"], "abstain": counts["abstain"]},
    )  # fmt: skip
