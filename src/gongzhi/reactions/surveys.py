"""Those on the roll are told that a questionnaire waits; a count is published at once.

The totals hang on the board (2025 laws, art. 38 and 37). A questionnaire answered at a session also
goes to that session's minutes.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import translation

from gongzhi.core.clock import SHANGHAI
from gongzhi.deliberation.meetings import actions as meetings
from gongzhi.people import notes
from gongzhi.publications import actions as publications
from gongzhi.reactions import sending
from gongzhi.reactions.messages import SOURCE
from gongzhi.surveys import board, queries, rules

DAYS = 15


ASKED = {
    "survey": "有一份问卷请您填：“{title}”，{day}截止。不记名，点“问卷和评议”就能填。",
    "appraisal": "请您参加民主评议：“{title}”，{day}截止。不记名，点“问卷和评议”就能填。",
}


def wanted(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows that say a round was opened or counted."""
    return (row for row in rows if row["kind"] in ("survey.opened", "survey.counted"))


def follow(row: dict[str, Any], at: datetime) -> None:
    """Tell those who are asked, or publish what was counted."""
    if row["kind"] == "survey.counted":
        publish(row, at)
    else:
        ask(row, at)


def ask(row: dict[str, Any], at: datetime) -> None:
    """A note to everybody on the roll who has not answered, each in his language."""
    head = queries.head(row["subject_id"])
    people = queries.still_asked(head["id"]) if head["state"] == "open" else []
    languages = notes.languages(people)
    said = {language: _said(head, language) for language in {SOURCE, *languages.values()}}
    words = {person: said[languages.get(person, SOURCE)] for person in people}
    sending.to_all(event=f"{row['id']}", words=words, at=at)


def _said(head: dict[str, Any], language: str) -> str:
    with translation.override(language):
        return translation.gettext(ASKED[head["kind"]]).format(
            title=head["title"], day=_day(head["closes_at"])
        )


def _day(at: datetime) -> str:
    local = at.astimezone(SHANGHAI)
    words = translation.gettext("%(month)d月%(day)d日")
    return words % {"month": local.month, "day": local.day}


def publish(row: dict[str, Any], at: datetime) -> None:
    """Hang the totals of the round on the board of its place; the same totals are one version."""
    meetings.survey_counted(row["subject_id"], at)
    found = queries.totals(row["subject_id"])
    head = found["head"]
    body = board.body(
        found["counts"], found["questions"], queries.verdicts(head["id"]),
        rules.article(head["code"]),
    )  # fmt: skip
    publications.publish(
        place_id=head["place_id"], subject="survey", subject_id=head["id"],
        title=f"{head['title']}：结果", body=body, audience="community", days=DAYS, by=None, at=at,
    )  # fmt: skip
