"""What the actions share."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import IntegrityError

from gongzhi.core import db
from gongzhi.core.errors import KeyReused, NotFound
from gongzhi.core.models import Once, Outbox
from gongzhi.deliberation.rounds.models import Round


def once(key: str | None, by: int, said: object, make: Callable[[], int]) -> int:
    """Do it once for a key: the same key again gives the same id, with other content KeyReused."""
    if not key:
        return make()
    name, hashed = f"round:{by}:{key}"[:80], sha256(repr(said).encode()).hexdigest()
    db.rows("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))
    known = Once.objects.filter(pk=name).first()
    if known is not None:
        if known.request_hash != hashed:
            raise KeyReused
        return known.answer
    made = make()
    Once.objects.create(key=name, request_hash=hashed, answer=made)
    return made


def happened(kind: str, round_id: int, at: datetime, **data: Any) -> None:
    """The outbox row of a round: never who voted, never what."""
    Outbox.objects.create(kind=f"round.{kind}", subject_id=round_id, at=at, data=data)


def locked(round_id: int) -> Round:
    """The round, held until the transaction ends: votes under way are waited for. NotFound."""
    found = Round.objects.select_for_update(no_key=True).filter(pk=round_id).first()
    if found is None:
        raise NotFound("没有这一轮云协商。")
    return found


def broken(error: IntegrityError) -> str:
    """The name of the constraint a statement ran into."""
    diag = getattr(error.__cause__, "diag", None)
    return str(getattr(diag, "constraint_name", "") or "")
