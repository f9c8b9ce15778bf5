"""A rule book of the village of the cast, in force, with a budget."""

from datetime import date

from gongzhi.ledger.points import actions
from gongzhi.ledger.points.models import RuleItem
from people import NOW, County

TODAY = date(2026, 11, 23)
VOTE = actions.Vote("representatives", TODAY, 30, 24, 20)


def drafted(county: County) -> int:
    """The starter book as a draft."""
    return actions.draft(
        place_id=county.place("village").pk, title="双马村积分办法",
        by=county.holders["committee"].pk, at=NOW,
    )  # fmt: skip


def voted(county: County) -> int:
    """Talked over and adopted by the representatives."""
    book, by = drafted(county), county.holders["committee"].pk
    actions.talked_over(book_id=book, on=TODAY, words="大家议过，改了三项。", by=by, at=NOW)
    actions.adopted(book_id=book, vote=VOTE, by=by, at=NOW)
    return book


def in_force(county: County, points: int = 10_000) -> int:
    """Filed and published, with a usual budget."""
    book, by = voted(county), county.holders["committee"].pk
    actions.file(book_id=book, by=county.holders["town_officer"].pk, at=NOW)
    actions.publish(book_id=book, from_on=TODAY, by=by, at=NOW)
    usual = actions.open_activity(
        place_id=county.place("village").pk, name="常规积分", by=by, at=NOW, usual=True
    )
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
