"""A count is published: its totals hang on the board at once (2025 laws, art. 38 and 37).

A questionnaire answered at a session also goes to that session's minutes.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gongzhi.deliberation.meetings import actions as meetings
from gongzhi.publications import actions as publications
from gongzhi.surveys import board, queries, rules

DAYS = 15


def wanted(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows that say a round was counted."""
    return (row for row in rows if row["kind"] == "survey.counted")


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
