"""The end of a matter is told in the channel it came from; who asked, was hidden or reported
learns what came of it. Who muted a channel is not told of answers there."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gongzhi.channels import actions
from gongzhi.core import db
from gongzhi.reactions import sending

WORDS = {
    "done": "办好了：{title}（{number}）。",
    "closed": "办结了：{title}（{number}）。",
    "refused": "没有受理：{title}（{number}），原因已告诉提的人。",
}
TOLD: dict[str, tuple[str, str]] = {  # whom, and with which words
    "channel.answered": (
        "select p.by_id, c.name from channels_post p join channels_channel c on c.id = p.channel_id"
        " where p.id = %s::bigint and p.kind <> 'relay' and not exists (select from channels_mark k"
        " where k.channel_id = c.id and k.person_id = p.by_id and k.muted)",
        "您在“{0}”里说的，社区答复了。",
    ),
    "channel.handed": (
        "select h.to_id, n.name, left(p.words, 40) from channels_handing h"
        " join people_person n on n.id = h.by_id join channels_post p on p.id = h.post_id"
        " where h.id = %s::bigint",
        "{0}请您答复频道里的一条：{1}",
    ),
    "channel.hidden": (
        "select by_id, hidden_why from channels_post where id = %s::bigint"
        " and hidden_at is not null and by_id <> hidden_by_id",
        "您在频道里的一条发言被隐藏，原因：{0}。觉得不对，可以在那里申诉，由别人复查。",
    ),
    "channel.settled": (
        "select by_id, answer, outcome from channels_report where id = %s::bigint"
        " and outcome <> ''",
        "您反映的那条发言留着：{0}",
    ),
    "channel.decided": (
        "select by_id, answer, outcome from channels_appeal where id = %s::bigint"
        " and outcome <> ''",
        "您的申诉由别人复查过了，维持隐藏：{0}",
    ),
}
ELSE = {  # where the last column says so, these words instead
    ("channel.settled", "hidden"): "您反映的那条发言已经隐藏：{0}",
    ("channel.decided", "restored"): "您的申诉由别人复查过了，恢复显示：{0}",
}
OTHER = "这件事有了结果：{title}（{number}）。"


def wanted(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows about matters that ended and came from a channel, or about something hidden."""
    about = [row["subject_id"] for row in rows if row["kind"].startswith("matter.")]
    ended: dict[int, dict[str, Any]] = {}
    if about:
        found = db.dicts(
            "select m.id, m.number, m.title, m.outcome, m.sensitive from matters_matter m"
            " where m.id = any(%s::bigint[]) and m.outcome <> '' and exists (select 1 from"
            " channels_post p where p.matter_id = m.id and p.kind <> 'summary')", (about,),
        )  # fmt: skip
        ended = {row["id"]: row for row in found}
    for row in rows:
        if row["kind"].startswith("matter.") and row["subject_id"] in ended:
            yield row | {"matter": ended[row["subject_id"]]}
        elif row["kind"] in TOLD:
            yield row


def tell(row: dict[str, Any], at: datetime) -> None:
    """Once for the end of a matter, once for a post."""
    if row["kind"] in TOLD:
        _told(row, at)
        return
    matter = row["matter"]
    title = "一件事" if matter["sensitive"] else matter["title"]
    words = WORDS.get(matter["outcome"], OTHER).format(title=title, number=matter["number"])
    event = f"matter:{matter['id']}:{matter['outcome']}"
    actions.sum_up(matter_id=matter["id"], words=words, event=event, at=at)


def _told(row: dict[str, Any], at: datetime) -> None:
    sql, words = TOLD[row["kind"]]
    for person, *facts in db.rows(sql, (row["subject_id"],)):
        if person is not None:
            said = ELSE.get((row["kind"], facts[-1]), words).format(*facts)
            sending.later(key=f"{row['id']}:{person}", person=person, words=said, at=at)
