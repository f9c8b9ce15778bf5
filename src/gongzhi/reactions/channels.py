"""The end of a matter is told in the channel it came from; who was hidden learns why."""

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
        elif row["kind"] == "channel.hidden":
            yield row


def tell(row: dict[str, Any], at: datetime) -> None:
    """Once for the end of a matter, once for a post."""
    if row["kind"] == "channel.hidden":
        _hidden(row, at)
        return
    matter = row["matter"]
    title = "一件事" if matter["sensitive"] else matter["title"]
    words = WORDS.get(matter["outcome"], OTHER).format(title=title, number=matter["number"])
    event = f"matter:{matter['id']}:{matter['outcome']}"
    actions.sum_up(matter_id=matter["id"], words=words, event=event, at=at)


def _hidden(row: dict[str, Any], at: datetime) -> None:
    found = db.rows(
        "select by_id, hidden_why from channels_post where id = %s::bigint", (row["subject_id"],)
    )
    if found and found[0][0] is not None:
        words = f"您在频道里的一条发言被隐藏，原因：{found[0][1]}"
        sending.later(key=f"{row['id']}:{found[0][0]}", person=found[0][0], words=words, at=at)
