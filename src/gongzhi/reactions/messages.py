"""Those concerned are told: short texts, without what others should not read over a shoulder."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import translation

from gongzhi.core import db
from gongzhi.people import notes
from gongzhi.reactions import sending

SOURCE = "zh-hans"

# What the raiser and those who joined are told, by what happened. Nothing else is sent.
TO_CONCERNED = {
    "accept": "您提的“{title}”（{number}）已受理。",
    "refuse": "您提的“{title}”（{number}）没有受理，原因请点开看；可以补充后再提。",
    "refuse_on": "您提的“{title}”（{number}）没有采纳，理由和接下来怎么办请点开看。",
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

_MATTERS = """
select m.id, m.number, m.title, m.sensitive,
  array(select m.raised_by_id where m.raised_by_id is not null
    union select f.person_id from matters_follower f where f.matter_id = m.id) as concerned,
  array(select a.person_id from matters_assignment a
      where a.matter_id = m.id and a.round = m.round and a.ended_at is null
        and a.done_at is null and a.person_id is not null
    union select p.person_id from matters_assignment a join people_appointment p
        on p.organisation_id = a.organisation_id and p.to_on is null
      where a.matter_id = m.id and a.round = m.round and a.ended_at is null
        and a.done_at is null and a.person_id is null) as handlers
from matters_matter m where m.id = any(%s::bigint[])
"""


def wanted(rows: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], list[tuple[int, str]]]]:
    """The rows about which somebody is told, with (person, words in his language) pairs.

    Two statements for all: the matters, and in which language each person reads.
    """
    rows = [row for row in rows if _says_something(row)]
    if not rows:
        return
    ids = list({row["subject_id"] for row in rows})
    matters = {matter["id"]: matter for matter in db.dicts(_MATTERS, (ids,))}
    told = [(row, list(_told(row, matters[row["subject_id"]]))) for row in rows]
    languages = notes.languages({person for _, texts in told for person, _ in texts})
    for row, texts in told:
        if texts:
            matter = matters[row["subject_id"]]
            yield (
                row,
                [
                    (person, _say(text, row, matter, languages.get(person, SOURCE)))
                    for person, text in texts
                ],
            )


def send(row: dict[str, Any], people: list[tuple[int, str]], at: datetime) -> None:
    """Hand the texts to the messages job, in this transaction; once per row and person."""
    for person, words in people:
        sending.later(key=f"{row['id']}:{person}", person=person, words=words, at=at)


def _says_something(row: dict[str, Any]) -> bool:
    kind, _, verb = row["kind"].partition(".")
    if kind == "matter":
        return verb in TO_CONCERNED or verb in TO_HANDLERS or bool(_late(row))
    return bool(row["kind"] == "call_back.asked")


def _late(row: dict[str, Any]) -> int:
    """Per cent of the time that the clock announced, 0 for none."""
    return int(row["data"].get("warned") or 0) if row["kind"] == "matter.tick" else 0


def _told(row: dict[str, Any], matter: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Who is told what: (person, sentence with holes)."""
    verb = row["kind"].partition(".")[2]
    if row["kind"] == "call_back.asked":
        yield row["data"]["person"], PLEASE_JUDGE
        return
    if verb == "refuse" and row["data"].get("result") == "refuse":
        verb = "refuse_on"  # it goes on: an appeal, or to the board with the reason
    if verb in TO_CONCERNED:
        for person in matter["concerned"]:
            yield person, TO_CONCERNED[verb]
    late = _late(row)
    if verb in TO_HANDLERS or late:
        for person in matter["handlers"]:
            yield person, LATE if late else TO_HANDLERS[verb]


def _say(words: str, row: dict[str, Any], matter: dict[str, Any], language: str) -> str:
    with translation.override(language):
        # A sensitive matter is never named on a lock screen.
        title = translation.gettext("一件事") if matter["sensitive"] else matter["title"]
        return translation.gettext(words).format(
            number=matter["number"], title=title, percent=_late(row)
        )
