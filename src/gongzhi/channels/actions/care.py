"""Looking after a channel: hand on, report, hide with a reason, appeal, decide by another."""

from datetime import datetime
from typing import Any

from gongzhi.channels import permissions
from gongzhi.channels.actions import shared
from gongzhi.channels.models import Appeal, Handing, Post, Report
from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.people import queries as people

REPORTS_A_DAY = 10


def hand(*, post_id: int, to: int, words: str = "", by: int, at: datetime) -> int:
    """Give what waits for an answer to a colleague, or take it oneself; he is told. The handing.

    The hour by which it should be answered stays as it was.
    """
    said = text.clean(words, 200, field="words", one_line=True)
    with shared.guarded():
        row = shared.post(post_id, lock=True)
        permissions.keeper(by, row["place_path"], at)
        _may_wait(row)
        if not permissions.may_keep(people.viewer(to, at), row["place_path"]):
            raise BadInput("to", "请选管这个频道的同事。")
        last = Handing.objects.filter(post_id=post_id).order_by("-pk").first()
        if last is not None and last.to_id == to:
            return int(last.pk)
        made = Handing.objects.create(post_id=post_id, to_id=to, by_id=by, words=said, at=at)
        if to != by:
            shared.tell("channel.handed", made.pk)
    return int(made.pk)


def _may_wait(row: dict[str, Any]) -> None:
    if row["kind"] not in ("talk", "relay") or row["under_id"] is not None:
        raise Refused("这一条不用交给谁答复。")
    if row["answered_at"] is not None or row["hidden_at"] is not None:
        raise Refused("这一条已经答复或隐藏了。", code="stale")


def report(*, post_id: int, why: str, by: int, at: datetime) -> int:
    """Somebody says that this does not belong here. Only those who settle it see who said so.

    Twice is the same report. Its id.
    """
    said = _why(why, "请写一句为什么不合适。")
    with shared.guarded():
        row = shared.post(post_id)
        if not permissions.may_read(people.viewer(by, at), row["place_path"]):
            raise NotFound("没有这条发言。")
        if row["by_id"] in (by, None) or row["hidden_at"] is not None:
            raise Refused("这一条不用反映。")
        before = Report.objects.filter(post_id=post_id, by_id=by).first()
        if before is not None:
            return int(before.pk)
        _not_too_many(by, at)
        made = Report.objects.create(post_id=post_id, by_id=by, why=said, at=at)
        shared.tell("channel.reported", post_id)
    return int(made.pk)


def _not_too_many(by: int, at: datetime) -> None:
    n = db.rows(
        "select count(*) from channels_report where by_id = %s::bigint"
        " and at > %s::timestamptz - interval '1 day'", (by, at),
    )[0][0]  # fmt: skip
    if n >= REPORTS_A_DAY:
        raise Refused("今天反映得很多了。急事请直接打电话。", code="too_many")


def hide(*, post_id: int, why: str, by: int, at: datetime) -> int:
    """Cover what does not belong here, with a reason everybody reads; its author is told.

    What was reported about it is settled with it. The post.
    """
    said = _why(why, "请写明为什么隐藏，发言的人和邻居都看得到。")
    with shared.guarded():
        row = shared.post(post_id, lock=True)
        permissions.keeper(by, row["place_path"], at)
        if row["hidden_at"] is not None:
            if row["hidden_by_id"] == by:
                return post_id
            raise Refused("同事已经隐藏了这一条。", code="stale")
        _hide(row, said, by, at)
    return post_id


def _hide(row: dict[str, Any], why: str, by: int, at: datetime) -> None:
    if row["by_id"] is None:
        raise Refused("办理结果是系统写的，不隐藏。")
    Post.objects.filter(pk=row["id"]).update(hidden_at=at, hidden_by_id=by, hidden_why=why)
    if row["by_id"] != by:  # nobody settles what was reported about himself
        _settle(row["id"], "hidden", why, by, at)
    shared.tell("channel.hidden", row["id"])


def _settle(post_id: int, outcome: str, answer: str, by: int, at: datetime) -> int:
    """All open reports about it, but never his own."""
    settled = db.rows(
        "update channels_report set outcome = %s, answer = %s, settled_by_id = %s::bigint,"
        " settled_at = %s::timestamptz where post_id = %s::bigint and outcome = ''"
        " and by_id <> %s::bigint returning id", (outcome, answer, by, at, post_id, by),
    )  # fmt: skip
    for (one,) in settled:
        shared.tell("channel.settled", one)
    return len(settled)


def settle(*, post_id: int, hidden: bool, answer: str, by: int, at: datetime) -> int:
    """Decide what neighbours reported: hide it, or leave it; `answer` says why, to those who did.

    Not the one who wrote it, nor one who reported it. How many reports were settled.
    """
    said = _why(answer, "请写明为什么这样处理，反映的人看得到。")
    with shared.guarded():
        row = shared.post(post_id, lock=True)
        permissions.judge(by, row["place_path"], at)
        if row["by_id"] == by:
            raise NotAllowed("说的是您自己的话，请别的工作人员来看。")
        waiting = Report.objects.filter(post_id=post_id, outcome="")
        if waiting.filter(by_id=by).exists():
            raise NotAllowed("您自己反映的，请别的工作人员来看。")
        count = waiting.count()
        if not count:
            raise Refused("同事已经处理了。", code="stale")
        if hidden:
            _hide(row, said, by, at)
            return count
        return _settle(post_id, "kept", said, by, at)


def appeal(*, post_id: int, words: str, by: int, at: datetime) -> int:
    """The author says that hiding was wrong; once a hiding. Another decides. The appeal."""
    said = text.clean(words, 300, field="words", one_line=True)
    if len(said) < 4:
        raise BadInput("words", "请写一句为什么不该隐藏。")
    with shared.guarded():
        row = shared.post(post_id, lock=True)
        if row["by_id"] != by:
            raise NotFound("没有这条发言。")
        if row["hidden_at"] is None:
            raise Refused("这一条没有隐藏。")
        before = Appeal.objects.filter(post_id=post_id, hid_at=row["hidden_at"]).first()
        if before is not None:
            return int(before.pk)
        made = Appeal.objects.create(
            post_id=post_id, by_id=by, words=said, at=at, hid_by_id=row["hidden_by_id"],
            hid_at=row["hidden_at"], hid_why=row["hidden_why"],
        )  # fmt: skip
        shared.tell("channel.appealed", made.pk)
    return int(made.pk)


def decide(*, appeal_id: int, restored: bool, answer: str, by: int, at: datetime) -> None:
    """Show it again, or leave it hidden, with words for the author. Never the one who hid it."""
    said = _why(answer, "请写明为什么这样决定，发言的人看得到。", most=300)
    with shared.guarded():
        found = Appeal.objects.select_for_update(no_key=True).filter(pk=appeal_id).first()
        if found is None:
            raise NotFound("没有这件申诉。")
        row = shared.post(found.post_id, lock=True)
        permissions.judge(by, row["place_path"], at)
        if by in (found.hid_by_id, found.by_id):
            raise NotAllowed("是您隐藏的，请别人来复查。")
        if found.outcome:
            raise Refused("同事已经复查了。", code="stale")
        found.outcome = Appeal.Outcome.RESTORED if restored else Appeal.Outcome.STAYS
        found.answer, found.judged_by_id, found.judged_at = said, by, at
        found.save(update_fields=["outcome", "answer", "judged_by", "judged_at"])
        if restored:
            Post.objects.filter(pk=found.post_id).update(
                hidden_at=None, hidden_by_id=None, hidden_why=""
            )
        shared.tell("channel.decided", appeal_id)


def _why(typed: str, words: str, most: int = 200) -> str:
    said = text.clean(typed, most, field="why", one_line=True)
    if len(said) < 4:
        raise BadInput("why", words)
    return said
