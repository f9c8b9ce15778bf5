"""Once a quarter the points are held against the books and their evidence, signed by two.

What is checked: claims entered and reversed against the transfers of the ledger, every holder's
account against its own entries, and a sample drawn by lot against its evidence (cases.md case 1,
process B, step 8). The record is published; a quarter is reconciled once.
"""

from datetime import date, datetime
from random import Random
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.ledger.points import permissions, quarterly, rules, store
from gongzhi.ledger.points.models import Quarter, Sample

SHARE, LEAST, MOST = 20, 5, 50  # one entry in twenty is drawn, at least five, at most fifty


def begin_quarter(*, place_id: int, first_on: date, by: int, at: datetime) -> int:
    """Take the totals of a quarter that is over and draw the sample; its id. Twice is the same.

    The lot is seeded with the totals, so that anybody who has them can draw it again.
    """
    path, code = store.place(place_id)
    permissions.must(by, permissions.RECONCILE, path, at)
    if rules.quarter(first_on) != first_on:
        raise BadInput("first_on", "请选一个季度。")
    if rules.quarter_after(first_on) > at.astimezone(SHANGHAI).date():
        raise BadInput("first_on", "这个季度还没有过完。")
    with store.guarded():
        db.rows("select 1 from places_place where id = %s::bigint for no key update", (place_id,))
        before = Quarter.objects.filter(place_id=place_id, first_on=first_on).first()
        if before is not None:
            return int(before.pk)
        totals = quarterly.totals(place_id, first_on)
        made = Quarter.objects.create(
            place_id=place_id, place_path=path, first_on=first_on, totals=totals,
            agrees=quarterly.agrees(totals), by_id=by, at=at,
        )  # fmt: skip
        _draw(made.pk, place_id, first_on, f"{code}:{first_on}:{totals['entered']['points']}")
    return int(made.pk)


def _draw(quarter_id: int, place_id: int, first_on: date, seed: str) -> None:
    entered = quarterly.entered_ids(place_id, first_on)
    size = min(len(entered), max(LEAST, min(MOST, -(-len(entered) // SHARE))))
    drawn = sorted(Random(seed).sample(entered, size))  # noqa: S311  a lot to redraw
    Sample.objects.bulk_create(Sample(quarter_id=quarter_id, claim_id=c) for c in drawn)


def look_at(*, sample_id: int, found: bool, words: str, by: int, at: datetime) -> None:
    """The evidence of an entry drawn was there, or not and why. Not by who checked the claim."""
    said = text.clean(words, 200, field="words", one_line=True)
    if not found and len(said) < 4:
        raise BadInput("words", "没有凭据，请写明是怎么回事。")
    with store.guarded():
        row = store.one(
            "select q.*, s.id as sample, c.doer_id, c.first_id, c.second_id, h.person_id"
            " from points_sample s join points_quarter q on q.id = s.quarter_id"
            " join points_claim c on c.id = s.claim_id join points_holder h on h.id = c.holder_id"
            " where s.id = %s::bigint for no key update of s", (sample_id,), "没有抽到这一笔。",
        )  # fmt: skip
        permissions.must(by, permissions.RECONCILE, row["place_path"], at)
        if by in (row["doer_id"], row["person_id"]):
            raise Refused(store.GUARDS["nobody_checks_himself"])
        if by in (row["first_id"], row["second_id"]):
            raise Refused("这一笔是您审过的，要由别人来核对。")
        Sample.objects.filter(pk=sample_id).update(found=found, words=said, by_id=by, at=at)


def sign(*, quarter_id: int, by: int, at: datetime, words: str = "") -> str:
    """The first signature, or the second by somebody else, which makes the record public.

    "signed" or "published". What did not agree is explained with the first.
    """
    with store.guarded():
        row = locked(quarter_id)
        permissions.must(by, permissions.RECONCILE, row["place_path"], at)
        if row["second_id"] is not None:
            return "published"
        if row["signed_by_id"] is None:
            _first(row, words, by, at)
            return "signed"
        if row["signed_by_id"] == by:
            raise Refused(store.GUARDS["quarter_signed_by_two"])
        Quarter.objects.filter(pk=quarter_id).update(second_id=by, second_at=at)
        store.tell("points.reconciled", quarter_id)
    return "published"


def _first(row: dict[str, Any], words: str, by: int, at: datetime) -> None:
    said = text.clean(words, 500, field="words")
    if Sample.objects.filter(quarter_id=row["id"], found=None).exists():
        raise Refused(store.GUARDS["quarter_looked_at"])
    missing = Sample.objects.filter(quarter_id=row["id"], found=False).exists()
    if (missing or not row["agrees"]) and len(said) < 4:
        raise BadInput("words", "有对不上的，请写明原因和怎么处理。")
    Quarter.objects.filter(pk=row["id"]).update(signed_by_id=by, signed_at=at, words=said)


def locked(quarter_id: int) -> dict[str, Any]:
    """A quarter's row under a lock; NotFound."""
    found = db.dicts("select * from points_quarter where id = %s::bigint for update", (quarter_id,))
    if not found:
        raise NotFound("没有这次核对。")
    return found[0]
