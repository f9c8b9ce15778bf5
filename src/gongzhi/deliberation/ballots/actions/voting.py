"""A vote by phone, the sign-in roll, papers handed out, conflicts declared."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused, Stale
from gongzhi.deliberation.ballots import permissions, recount, rules, store
from gongzhi.deliberation.ballots.actions.motions import locked


@dataclass(frozen=True, slots=True)
class Voted:
    """What the voter holds now: the version of his ballot, and whether this was a repetition."""

    version: int
    repeated: bool = False
    title: str = ""
    secret: bool = False


def vote(
    *,
    motion_id: int,
    person_id: int,
    choice: Iterable[str],
    receipt: str,
    by: int,
    at: datetime,
    seen: int = 0,
) -> Voted:
    """Cast a vote, or change the one whose version was `seen`; until the vote closes.

    `receipt` is the code the voter was given before (`rules.receipt_code`): sent twice, it is one
    ballot. Of an open vote the roll finds the ballot again; of a secret one only the code does.
    `by` is the voter or his written proxy. Refused: not on the roll, a conflict of interest, voted
    on another way, not open; Stale when another device was quicker.
    """
    found = db.dicts(
        "select method, options, most, title, secret from ballots_motion where id = %s::bigint",
        (motion_id,),
    )
    if not found:
        raise NotFound("没有这个表决。")
    row = found[0]
    chosen = rules.choice_of(row["method"], db.load(row["options"]), row["most"], set(choice))
    digest = recount.receipt_hash(motion_id, rules.plain_code(receipt))
    try:
        version = store.cast(motion_id, person_id, chosen, digest, seen=seen, by=by, at=at)
    except IntegrityError as wrong:
        raise Refused("这张回执已经用过了。", todo="请重新打开投票页再投。") from wrong
    if version is not None:
        return Voted(version, title=row["title"], secret=row["secret"])
    again = _explain(motion_id, person_id, chosen, digest, seen=seen, by=by, at=at)
    return replace(again, title=row["title"], secret=row["secret"])


def _explain(
    motion_id: int, person_id: int, chosen: list[str], digest: str, *, seen: int, by: int,
    at: datetime,
) -> Voted:  # fmt: skip
    """A repetition, or the reason why nothing was written."""
    row = store.why_not(motion_id, person_id, digest, by=by)
    if row is None:
        raise NotFound("没有这个表决。")
    if row["elector"] is None or not row["own"]:
        raise NotAllowed(
            "您不在这次投票的名册上。", code="not_on_roll", todo="名册有误，请找主持人。"
        )
    if row["state"] != "open" or not row["opens_at"] <= at < row["closes_at"]:
        early = row["state"] == "draft" or (row["opens_at"] and at < row["opens_at"])
        raise Refused(
            "投票还没有开始。" if early else "投票已经结束，这一票没有计入。", code="closed"
        )
    if row["blocked"]:
        raise NotAllowed(f"您要回避，不能投这一票：{row['blocked']}。", code="conflict")
    if row["voted"] in ("paper", "hands"):
        way = {"paper": "纸质票", "hands": "现场举手"}[row["voted"]]
        raise Refused(f"签到册上记着您已经用{way}投过，一人只计一次。", code="voted_otherwise")
    if row["choice"] is not None and db.load(row["choice"]) == chosen and row["version"] > seen:
        return Voted(int(row["version"]), repeated=True)
    if row["choice"] is not None:
        raise Stale("您的这一票刚才已经改过。", todo="请看现在的一票，再决定改不改。")
    if row["secret"]:
        change = "想改的话，请点“改我的票”，填投票时给您的回执码。"
        wrong = "没有找到这张回执的票，请核对回执码。"
        raise Refused("您已经投过票了。", code="voted", todo=wrong if seen else change)
    raise Stale("您已经投过票了。", todo="请看现在的一票，再决定改不改。")


def sign_in_room(*, motion_id: int, person_ids: Iterable[int], by: int, at: datetime) -> int:
    """These are in the room (where no meeting keeps a sign-in roll); how many were new."""
    with db.atomic():
        motion = locked(motion_id)
        permissions.reader(by, motion["place_path"], motion["level"], at)
        _voting(motion, at)
        return db.run(
            "update ballots_elector set here = true where motion_id = %s::bigint and not here"
            " and person_id = any(%s::bigint[])",
            (motion_id, list(person_ids)),
        )


def hand_out(
    *, motion_id: int, person_ids: Iterable[int], by: int, at: datetime
) -> dict[str, list[int]]:
    """Mark on the roll who gets a paper ballot: {"given", "refused"} person ids.

    Whoever has voted by phone gets none, and whoever got one cannot vote by phone: the roll
    decides, and each person counts once.
    """
    wanted = sorted(set(person_ids))
    with db.atomic():
        motion = locked(motion_id)
        permissions.reader(by, motion["place_path"], motion["level"], at)
        _voting(motion, at)
        given = mark(motion_id, wanted, "paper")
    return {"given": given, "refused": [one for one in wanted if one not in set(given)]}


def mark(motion_id: int, person_ids: list[int], way: str) -> list[int]:
    """Set the way of those who have not voted yet and are not blocked; whom it was set for."""
    rows = db.rows(
        "update ballots_elector set voted = %s, here = true where motion_id = %s::bigint"
        " and person_id = any(%s::bigint[]) and voted = '' and blocked = '' returning person_id",
        (way, motion_id, person_ids),
    )
    return sorted(row[0] for row in rows)


def _voting(motion: dict[str, Any], at: datetime) -> None:
    if motion["state"] != "open" or at >= motion["closes_at"]:
        raise Refused("投票已经结束。" if motion["state"] != "draft" else "投票还没有开始。")


def declare_conflict(*, motion_id: int, person_id: int, reason: str, by: int, at: datetime) -> None:
    """Somebody on the roll stands aside, or the host finds that he must; read on the roll.

    Only before he has voted: a ballot that is in cannot be told apart any more.
    """
    why = text.clean(reason, 120, field="reason", one_line=True)
    if len(why) < 2:
        raise BadInput("reason", "请写明为什么要回避。")
    with db.atomic():
        motion = locked(motion_id)
        if by != person_id:
            permissions.runner(by, motion["place_path"], motion["level"], at)
        _voting(motion, at)
        done = db.run(
            "update ballots_elector set blocked = %s where motion_id = %s::bigint"
            " and person_id = %s::bigint and voted = ''",
            (why, motion_id, person_id),
        )
        if not done:
            raise Refused("不在名册上，或者已经投过票，不能再申明回避。")
