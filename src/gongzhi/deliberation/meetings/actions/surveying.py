"""A questionnaire answered at a session: opened from the runner, its totals in the minutes."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.deliberation.meetings import queries, store
from gongzhi.deliberation.meetings.actions.calling import session_of
from gongzhi.deliberation.meetings.actions.recording import add_survey
from gongzhi.deliberation.meetings.models import AgendaItem
from gongzhi.people import queries as people
from gongzhi.surveys import actions as surveys
from gongzhi.surveys.models import Round

OPEN_FOR = timedelta(hours=12)  # the clock ends what the host forgot; he may end it at any moment


def open_survey(
    *,
    item_id: int,
    by: int,
    at: datetime,
    instrument_id: int | None = None,
    round_id: int | None = None,
    sheets: int = 0,
) -> int:
    """Hand out a questionnaire in this part; the round's id. The same press again gives the same.

    With `sheets`, so many numbered sheets are made to hand out in the room; without, everybody of
    the session's roll who signed in is asked on his phone. `round_id` names one that runs already
    instead (a yearly appraisal, which only the supervision committee may open).
    """
    with transaction.atomic():
        session_id = session_of(item_id)
        row = store.run(session_id, by=by, at=at, states=("open",))
        item = AgendaItem.objects.values("kind", "survey_id", "title").get(pk=item_id)
        if item["kind"] != AgendaItem.Kind.SURVEY:
            raise Refused("这一项不是问卷测评。")
        if item["survey_id"] is not None:
            return int(item["survey_id"])
        if round_id is None:
            made = _opened(row, instrument_id, sheets, by, at, key=f"item:{item_id}")
        else:
            made = _running(round_id, row["place_path"])
        AgendaItem.objects.filter(pk=item_id).update(survey=made)
        store.step(session_id, "survey", by=by, at=at, data={"item": item_id, "round": made})
    return made


def _opened(
    row: dict[str, Any], instrument_id: int | None, sheets: int, by: int, at: datetime, *,
    key: str,
) -> int:  # fmt: skip
    if instrument_id is None:
        raise BadInput("instrument", "请选用哪一份问卷。")
    here = [one["person_id"] for one in queries.roll(row["id"]) if one["present"]]
    if not sheets and not here:
        raise BadInput("sheets", "签到的人里没有名册上的人，请写要发几张纸质问卷。")
    return surveys.open_round(
        instrument_id=instrument_id, viewer=people.viewer(by, at), at=at, closes_at=at + OPEN_FOR,
        audience=Round.Audience.SHEETS if sheets else Round.Audience.ROLL, sheets=sheets,
        place_id=row["place_id"], persons=None if sheets else here, key=key,
    )  # fmt: skip


def _running(round_id: int, place_path: str) -> int:
    found = Round.objects.filter(pk=round_id, place_path=place_path, state=Round.State.OPEN)
    if not found.exists():
        raise NotFound("这里没有这一次正在答的问卷。")
    return round_id


def survey_counted(round_id: int, at: datetime) -> None:
    """The round was counted: minutes written before get their next version with the totals."""
    found = AgendaItem.objects.filter(survey=round_id).values_list("session_id", flat=True).first()
    if found is not None:
        add_survey(session_id=found, round_id=round_id, at=at)
