"""Rosters too long for one request: checked and applied by the worker, watched on the page."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.core.errors import Refused
from gongzhi.people import roster
from gongzhi.people.models import ImportBatch

QUEUE = "rosters"


@app.task(name="gongzhi.check_roster", queue=QUEUE)
def check_roster(*, batch: int) -> None:
    """Dry run over all rows; a file that cannot be read at all says so as its only error."""
    try:
        roster.check(batch)
    except Refused as refusal:
        unreadable(batch, refusal)


@app.task(name="gongzhi.apply_roster", queue=QUEUE)
def apply_roster(*, batch: int, by: int, skip_wrong: bool) -> None:
    """Import the checked rows in one transaction; a refusal is kept for the page."""
    try:
        roster.apply(batch_id=batch, by=by, at=timezone.now(), skip_wrong=skip_wrong)
    except Refused as refusal:
        unreadable(batch, refusal)


def unreadable(batch: int, refusal: Refused) -> None:
    """Keep why nothing could be done with the file."""
    words = f"{refusal.words}{refusal.todo}"
    ImportBatch.objects.filter(pk=batch).update(
        progress=100,
        counts={"rows": 0, "wrong": 1, "new": 0, "changed": 0, "same": 0},
        errors=[{"row": 0, "name": "", "words": words}],
    )
