"""A code on the resident's screen for five minutes: the desk learns whose points are meant."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from gongzhi.core import db
from gongzhi.core.errors import NotFound, Refused
from gongzhi.ledger.points import store
from gongzhi.ledger.points.models import Code
from gongzhi.people.rules import digest

LASTS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Shown:
    """Whose code was read: the holder and the account in the ledger, no name."""

    holder_id: int
    account: int
    subject: str


def issue(*, holder_id: int, at: datetime) -> str:
    """Eight digits, good once and for five minutes; older ones of the same holder end."""
    code = f"{secrets.randbelow(10**8):08d}"
    with store.guarded():
        db.run(
            "delete from points_code where holder_id = %s::bigint and used_at is null", (holder_id,)
        )
        Code.objects.create(
            digest=digest(code, settings.SECRET_KEY), holder_id=holder_id, until=at + LASTS, at=at
        )
    return code


def use(*, code: str, at: datetime) -> Shown:
    """Whose it is, once; NotFound for a wrong, spent or late one. Inside the desk's transaction."""
    found = db.rows(
        "update points_code c set used_at = %s::timestamptz from points_holder h"
        " where h.id = c.holder_id and c.digest = %s and c.used_at is null"
        " and c.until > %s::timestamptz returning h.id, h.account, h.subject, h.left_at",
        (at, digest(code.strip(), settings.SECRET_KEY), at),
    )
    if not found:
        raise NotFound("这个码不对，或已经过时。", todo="请让居民重新打开一次。")
    if found[0][3] is not None:
        raise Refused("他已经退出积分。")
    return Shown(*found[0][:3])
