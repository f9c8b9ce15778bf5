"""What the platforms did: sent it up or down with a reason, talked, decided. Counted, not typed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, Stale
from gongzhi.deliberation.proposals import rules, store
from gongzhi.deliberation.proposals.models import Decision, Phase
from gongzhi.matters import actions as matters
from gongzhi.playbooks.moves import Attendance, Tally


def send_up(
    *,
    proposal_id: int,
    by: int,
    at: datetime,
    reason: str,
    key: str | None = None,
    seen: int | None = None,
) -> matters.Moved:
    """To the next platform up, one rung, with a reason that is read on its page."""
    return _climb("escalate", proposal_id, by=by, at=at, reason=reason, key=key, seen=seen)


def send_down(
    *,
    proposal_id: int,
    by: int,
    at: datetime,
    reason: str,
    key: str | None = None,
    seen: int | None = None,
) -> matters.Moved:
    """To the platform below, with a reason."""
    return _climb("send_down", proposal_id, by=by, at=at, reason=reason, key=key, seen=seen)


def _climb(
    verb: str,
    proposal_id: int,
    *,
    by: int,
    at: datetime,
    reason: str,
    key: str | None,
    seen: int | None,
) -> matters.Moved:
    it = _running(proposal_id)
    return matters.move(
        matter_id=it["matter_id"], verb=verb, by=by, at=at, reason=reason, key=key, seen=seen
    )


def hear(
    *,
    proposal_id: int,
    by: int,
    at: datetime,
    seats: int,
    present: int,
    words: str,
    by_role: Mapping[str, int] | None = None,
    key: str | None = None,
    seen: int | None = None,
) -> matters.Moved:
    """The platform met and talked: who came, what was said. A missed quorum decides nothing."""
    it = _running(proposal_id)
    return matters.move(
        matter_id=it["matter_id"], verb="hear", by=by, at=at, key=key, seen=seen, note=words,
        attendance=Attendance(seats=seats, present=present, by_role=dict(by_role or {})),
    )  # fmt: skip


def decide(
    *,
    proposal_id: int,
    by: int,
    at: datetime,
    tally: Tally,
    method: str,
    words: str,
    session_id: int | None = None,
    motion_id: int | None = None,
    key: str | None = None,
    seen: int | None = None,
) -> Decision | None:
    """Hands were counted: the playbook judges the count, and what it says is kept.

    A forum's opinion is not binding (cases.md 1.2, 5). None when the same request had come before.
    """
    if method not in rules.entries("methods") or method == rules.VOTE:
        raise BadInput("method", "请选是怎么定的。")
    words = text.clean(words, 1000, field="words")
    with db.atomic():
        if not store.first_time(f"decide:{proposal_id}", by, key, proposal_id, tally, words):
            return None
        it = _running(proposal_id)
        moved = matters.move(
            matter_id=it["matter_id"], verb="resolve", by=by, at=at, seen=seen, tally=tally,
            note=words,
        )  # fmt: skip
        made = Decision.objects.create(
            proposal_id=proposal_id, matter_seq=moved.seq, level=it["level"],
            place_id=it["held_by_id"], method=method, verdict=moved.result, words=words,
            session_id=session_id, motion_id=motion_id, by_id=by, at=at,
        )  # fmt: skip
        store.event(proposal_id, "decided", by=by, at=at, verdict=moved.result)
    return made


_VOTED = """
select p.id as proposal_id, e.seq, e.by_id, e.at, o.place_id, o.session_id, o.binding,
  coalesce(b.position->>'level', '') as level, o.result->>'verdict' as verdict,
  coalesce(e.data->>'note', '') as words
from ballots_motion o join proposals_proposal p on p.matter_id = o.matter_id
join matters_event e on e.matter_id = o.matter_id and e.verb = 'resolve'
  and (e.data->'resolution'->>'id')::bigint = o.id
left join matters_event b on b.matter_id = e.matter_id and b.seq = e.seq - 1
where o.id = %s::bigint and o.state = 'closed' order by e.seq limit 1
"""


def follow_motion(motion_id: int) -> Decision | None:
    """A vote on the proposal's matter was counted: keep its decision with session and motion.

    Reactions call this once the motion is closed; the verdict is the count's, the matter has moved
    already. Done once. None when the vote was about no proposal, or the matter did not take it.
    """
    with db.atomic():
        found = db.dicts(_VOTED, (motion_id,))
        if not found:
            return None
        row = found[0]
        store.load(row["proposal_id"])
        made, new = Decision.objects.get_or_create(
            proposal_id=row["proposal_id"], matter_seq=row["seq"],
            defaults={
                "level": row["level"], "place_id": row["place_id"], "method": rules.VOTE,
                "verdict": row["verdict"], "session_id": row["session_id"],
                "words": row["words"][:1000],
                # A vote without a session is a forum's opinion, whatever it was called.
                "binding": row["binding"] and row["session_id"] is not None,
                "motion_id": motion_id, "by_id": row["by_id"], "at": row["at"],
            },
        )  # fmt: skip
        if new:
            store.event(row["proposal_id"], "decided", by=row["by_id"], at=row["at"],
                        verdict=row["verdict"], motion=motion_id)  # fmt: skip
    return made


def _running(proposal_id: int) -> dict[str, Any]:
    found = db.dicts(
        "select p.phase, p.matter_id, m.level, m.held_by_id, m.outcome from proposals_proposal p"
        " left join matters_matter m on m.id = p.matter_id where p.id = %s::bigint",
        (proposal_id,),
    )
    if not found or found[0]["phase"] != Phase.RUNNING or found[0]["outcome"]:
        raise Stale("这件提案现在没有在办。", todo="请看最新情况。")
    return found[0]
