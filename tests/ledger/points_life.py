"""A rule book of the village of the cast, in force, with a budget."""

from datetime import date, timedelta

from django.db import connection

from gongzhi.ledger.points import actions
from gongzhi.ledger.points.models import Activity, RuleItem
from people import NOW, County

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
VOTE = actions.Vote("representatives", TODAY, 30, 24, 20)


def drafted(county: County) -> int:
    """The starter book as a draft."""
    return actions.draft(
        place_id=county.place("village").pk, title="双马村积分办法",
        by=county.holders["committee"].pk, at=NOW,
    )  # fmt: skip


def voted(county: County, book: int | None = None) -> int:
    """Talked over and adopted by the representatives."""
    by = county.holders["committee"].pk
    book = drafted(county) if book is None else book
    actions.talked_over(book_id=book, on=TODAY, words="大家议过，改了三项。", by=by, at=NOW)
    actions.adopted(book_id=book, vote=VOTE, by=by, at=NOW)
    return book


def in_force(county: County, points: int = 10_000) -> int:
    """Filed and published, with a usual budget."""
    return to_force(county, drafted(county), points)


def to_force(county: County, book: int, points: int = 10_000) -> int:
    """A draft adopted, filed and published, with a usual budget that has points."""
    by, village = county.holders["committee"].pk, county.place("village").pk
    voted(county, book)
    actions.file(book_id=book, by=county.holders["town_officer"].pk, at=NOW)
    actions.publish(book_id=book, from_on=TODAY, by=by, at=NOW)
    usual = actions.open_activity(place_id=village, name="常规积分", by=by, at=NOW, usual=True)
    actions.fund(activity_id=usual, points=points, why="代表会议决定", key="1", by=by, at=NOW)
    return book


def item(book: int, code: str) -> int:
    """The id of an item."""
    return RuleItem.objects.get(book_id=book, code=code).pk


def deed(book: int, code: str = "H01", **other: object) -> actions.Deed:
    """A deed of today with a witness."""
    said: dict[str, object] = {
        "item_id": item(book, code), "on": TODAY, "words": "和邻居扫了楼前", "evidence": "witness",
    }  # fmt: skip
    return actions.Deed(**(said | other))  # type: ignore[arg-type]


def approved(county: County, book: int, code: str = "H01", **other: object) -> int:
    """Ah-Mei's claim after both checks."""
    claim = actions.claim(deed=deed(book, code, **other), by=county.ah_mei.pk, at=NOW)
    actions.check_first(claim_id=claim, by=county.holders["grid_worker"].pk, at=NOW)
    actions.check_second(claim_id=claim, by=county.holders["committee"].pk, at=NOW)
    return claim


def budget(county: County) -> int:
    """The account of the usual budget."""
    return Activity.objects.get(place=county.place("village"), usual=True).account


def entered(county: County, book: int, *codes: str, **other: object) -> int:
    """Ah-Mei's deeds of these items, noticed and entered three days later; the notice."""
    for code in codes or ("H01",):
        approved(county, book, code, **other)
    by = county.holders["committee"].pk
    notice = actions.post(place_id=county.place("village").pk, by=by, at=NOW)
    actions.enter(notice_id=notice, by=by, at=NOW + 3 * DAY)
    return notice


def tamper(table: str, trigger: str, change: str, *params: object) -> None:
    """Change a table as somebody with its owner's password could: without its guard."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute(f"alter table {table} disable trigger {trigger}")
        cursor.execute(change, params)
        cursor.execute(f"alter table {table} enable trigger {trigger}")
        cursor.execute("set constraints all deferred")
