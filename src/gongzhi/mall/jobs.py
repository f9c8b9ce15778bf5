"""Files to and from the bank and the register, by the folders an installation names.

Without `GONGZHI_BANK_FOLDER` and `GONGZHI_REGISTER_FOLDER` nothing is sent by itself: clerks
download the files and hand in the receipts on the page of the mall.
"""

import logging
import re
from datetime import datetime
from pathlib import Path

from django.conf import settings

from gongzhi.core import db
from gongzhi.core.errors import Refused
from gongzhi.mall import actions, exchange
from gongzhi.mall.exchange import Channel, Folder
from gongzhi.mall.models import Delivery

logger = logging.getLogger("gongzhi.mall")

GOES_TO = {"payment": "bank", "notice": "bank", "registration": "register"}
_WAITING = """
select m.id, m.kind, m.name, m.body, m.mall_id from mall_message m
where m.kind = any(%s) and not exists (select 1 from mall_delivery where message_id = m.id)
order by m.id limit 1 for update of m skip locked
"""


def channels() -> dict[str, Channel]:
    """The adapters this installation has, by where they lead."""
    named = {"bank": settings.MALL_BANK_FOLDER, "register": settings.MALL_REGISTER_FOLDER}
    return {name: Folder(Path(path)) for name, path in named.items() if path}


def sweep(*, at: datetime) -> int:
    """Hand over what waits, take in what has come; how much."""
    found = channels()
    return deliver(found, at=at) + collect(found, at=at)


def deliver(found: dict[str, Channel], *, at: datetime) -> int:
    """Each file once to the channel of its kind; an answer given at once is taken in at once."""
    kinds = [kind for kind, where in GOES_TO.items() if where in found]
    sent = 0
    while kinds and sent < 100:
        with db.atomic():
            rows = db.dicts(_WAITING, (kinds,))
            if not rows:
                break
            row = rows[0]
            channel = found[GOES_TO[row["kind"]]]
            answer = channel.send(row["name"], row["body"]) or ""
            Delivery.objects.create(
                message_id=row["id"], channel=type(channel).__name__, answer=answer, at=at
            )
            if answer and row["kind"] == "payment":
                actions.take_receipt(mall_id=row["mall_id"], body=answer, by=None, at=at)
            sent += 1
    return sent


def collect(found: dict[str, Channel], *, at: datetime) -> int:
    """Receipts the bank has left; one that does not agree is put aside whole, for a clerk."""
    bank, taken = found.get("bank"), 0
    if not isinstance(bank, Folder):
        return 0
    for name, raw in bank.answers():
        try:
            body = exchange.decoded(raw)
            taken += actions.take_receipt(mall_id=_mall(body), body=body, by=None, at=at)
        except Refused as refusal:
            logger.warning("receipt %s refused: %s", name, refusal.words)
            bank.put_away(name, taken=False)
        else:
            bank.put_away(name, taken=True)
    return taken


def _mall(body: str) -> int:
    """Whose batch a receipt speaks of: the number before the dash."""
    found = re.match(r"([0-9]{1,9})-[0-9]+$", exchange.read_receipt(body)[0].batch)
    return int(found[1]) if found else 0
