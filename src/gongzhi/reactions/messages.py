"""Those concerned are told: short texts, without what others should not read over a shoulder."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.reactions import sending

# What the raiser and those who joined are told, by what happened. Nothing else is sent.
TO_CONCERNED = {
    "accept": "您提的“{title}”（{number}）已受理。",
    "refuse": "您提的“{title}”（{number}）没有受理，原因请点开看；可以补充后再提。",
    "dispatch": "您提的“{title}”（{number}）已有人办。",
    "divert": "您提的“{title}”（{number}）不在这里办理，已写明该去哪里，请点开看。",
    "park": "您提的“{title}”（{number}）一时办不了，原因和复查日期请点开看。",
    "publish": "您提的“{title}”（{number}）的全过程已公开。",
}
TO_HANDLERS = {
    "dispatch": "有一件事交您办理：“{title}”（{number}）。",
    "send_back": "“{title}”（{number}）核查没有通过，请再办。",
    "transfer": "有一件事转给您办理：“{title}”（{number}）。",
}
LATE = "“{title}”（{number}）的期限已用去{percent}%。"
PLEASE_JUDGE = "您提的“{title}”（{number}）办好了吗？请点开说一声，不回也行。"

_MATTER = "select number, title, sensitive from matters_matter where id = %s::bigint"
_CONCERNED = """
select raised_by_id from matters_matter where id = %(id)s::bigint and raised_by_id is not null
union select person_id from matters_follower where matter_id = %(id)s::bigint
"""
_HANDLERS = """
select a.person_id from matters_assignment a join matters_matter m on m.id = a.matter_id
 where a.matter_id = %(id)s::bigint and a.round = m.round and a.ended_at is null
   and a.done_at is null and a.person_id is not null
union select p.person_id from matters_assignment a join matters_matter m on m.id = a.matter_id
  join people_appointment p on p.organisation_id = a.organisation_id and p.to_on is null
 where a.matter_id = %(id)s::bigint and a.round = m.round and a.ended_at is null
   and a.done_at is null and a.person_id is null
"""


def wanted(rows: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], list[tuple[int, str]]]]:
    """The rows about which somebody is told, with (person, words) pairs."""
    for row in rows:
        texts = list(_texts(row))
        if texts:
            yield row, texts


def send(row: dict[str, Any], people: list[tuple[int, str]], at: datetime) -> None:
    """Hand the texts to the messages job, in this transaction; once per row and person."""
    for person, words in people:
        sending.later(key=f"{row['id']}:{person}", person=person, words=words, at=at)


def _texts(row: dict[str, Any]) -> Iterator[tuple[int, str]]:
    kind, _, verb = row["kind"].partition(".")
    matter_id = row["subject_id"]
    if row["kind"] == "call_back.asked":
        named = _named(matter_id)
        yield row["data"]["person"], PLEASE_JUDGE.format(**named)
        return
    if kind != "matter":
        return
    late = row["data"].get("warned") if verb == "tick" else None
    if not (verb in TO_CONCERNED or verb in TO_HANDLERS or late):
        return
    named = _named(matter_id)
    if verb in TO_CONCERNED:
        for (person,) in db.rows(_CONCERNED, {"id": matter_id}):
            yield person, TO_CONCERNED[verb].format(**named)
    if verb in TO_HANDLERS or late:
        words = LATE.format(percent=late, **named) if late else TO_HANDLERS[verb].format(**named)
        for (person,) in db.rows(_HANDLERS, {"id": matter_id}):
            yield person, words


def _named(matter_id: int) -> dict[str, str]:
    """Number and title; a sensitive matter is never named on a lock screen."""
    number, title, sensitive = db.rows(_MATTER, (matter_id,))[0]
    return {"number": number, "title": "一件事" if sensitive else title}
