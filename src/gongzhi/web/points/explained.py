"""Why an entry of a resident's account is there: the deed, the goods, the page of the old book.

The ledger keeps only what can be looked up ("claim:12", "order:9"); here it is looked up.
"""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from gongzhi.core import db
from gongzhi.ledger import reports
from gongzhi.ledger.points import queries

_ABOUT = """
select 'claim:' || c.id as about, i.title, c.words, i.code, b.version, b.id as book, null as "order"
from points_claim c join points_ruleitem i on i.id = c.item_id
join points_rulebook b on b.id = i.book_id where c.id = any(%(claim)s::bigint[])
union all
select 'order:' || o.id, f.name, g.name, null, null, null, o.id
from mall_order o join mall_offer f on f.id = o.offer_id
join mall_merchant m on m.id = o.merchant_id join people_organisation g on g.id = m.organisation_id
where o.id = any(%(order)s::bigint[])
"""
_UNDONE = "select id, evidence from ledger_transfer where id = any(%s::bigint[])"


def lately(holders: Sequence[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The last entries of these accounts together, newest first, each with its reason."""
    lines = queries.lately([h["account"] for h in holders], most)
    for line in lines:
        line["words"] = reports.CODES.get(line["code"], line["code"])
        line["about"] = line["evidence"]
    return explained(lines)


def explained(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same lines with `title`, `said` and `because` = (words' parts, address) where known.

    Two statements for the whole page; a reversal is explained by what it takes back.
    """
    undone = [line["reverses"] for line in lines if line["reverses"]]
    before = dict(db.rows(_UNDONE, (undone,))) if undone else {}
    abouts = {line["id"]: before.get(line["reverses"], line["about"]) for line in lines}
    wanted: dict[str, list[int]] = {"claim": [], "order": []}
    for about in abouts.values():
        kind, colon, number = about.partition(":")
        if colon and kind in wanted and number.isdecimal():
            wanted[kind].append(int(number))
    known = {row["about"]: row for row in db.dicts(_ABOUT, wanted)} if any(wanted.values()) else {}
    for line in lines:
        line |= _told(line, known.get(abouts[line["id"]]))
    return lines


def _told(line: dict[str, Any], row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        return {"title": "", "said": line["evidence"], "book": None, "link": ""}
    if row["order"] is not None:
        link = reverse("mall_order", kwargs={"order_id": row["order"]})
        return {"title": row["title"], "said": row["words"], "book": None, "link": link}
    link = reverse("points_book", kwargs={"book_id": row["book"]}) + f"#{row['code']}"
    return {"title": row["title"], "said": row["words"], "link": link,
            "book": {"version": row["version"], "code": row["code"]}}  # fmt: skip
