"""Who must know that places have changed: reactions, and every process that remembers them."""

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.core.models import Fact, Outbox
from gongzhi.places import queries


def changed(kind: str, subject: int, at: datetime, **data: Any) -> None:
    """Tell reactions, and every process that what it remembers of places is old."""
    Outbox.objects.create(kind=kind, subject_id=subject, at=at, data=data)
    restamp()


def restamp() -> None:
    """A new stamp in the running transaction; this process forgets when it commits."""
    Fact.objects.update_or_create(name=queries.STAMP, defaults={"value": secrets.token_hex(8)})
    queries.forget()
    transaction.on_commit(queries.forget)
