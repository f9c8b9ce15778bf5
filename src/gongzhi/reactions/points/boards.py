"""Points on the board of the community: rules in force, totals, corrections, the quarter's record.

Numbers only, never a person; at least fifteen days (Villagers' Committee Organisation Law art. 35,
Urban Residents' Committee Organisation Law art. 34).
"""

from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.ledger.points.rules import small
from gongzhi.publications import actions as board

DAYS = 15
AREAS = {"environment": "环境", "safety": "安全", "mediation": "调解", "education": "教育",
         "culture": "文体", "care": "助弱"}  # fmt: skip
_BOOK = """
select place_id, title, version, text, text_hash, resolution, voted_on from points_rulebook
where id = %s::bigint
"""
_NOTICE = "select place_id, totals, enter_from from points_notice where id = %s::bigint"
# What was taken back out of a notice, in all: a second correction is a new version of the same.
_UNDONE = """
select n.id, n.place_id, n.posted_at, i.area, count(*) as deeds, sum(c.points)::bigint as points
from points_claim c join points_notice n on n.id = c.notice_id
join points_ruleitem i on i.id = c.item_id
where c.state = 'reversed' and n.id = (select notice_id from points_claim where id = %s::bigint)
group by n.id, n.place_id, n.posted_at, i.area order by i.area
"""
_QUARTER = "select place_id, first_on, totals, agrees, words from points_quarter where id = %s"


def put(kind: str, subject: int, at: datetime) -> None:
    """The paper of a published book, a notice or a reconciled quarter."""
    make = {"points.published": _book, "points.noticed": _notice, "points.reconciled": _quarter}
    place, about, title, lines = make[kind](subject)
    _hang(place, about, subject, title, lines, at)


def corrected(claim: int, at: datetime) -> None:
    """The totals of a notice, less what was taken back since: by area, without a name."""
    rows = db.dicts(_UNDONE, (claim,))
    if not rows:
        return
    day = rows[0]["posted_at"].strftime("%Y-%m-%d")
    lines = [f"更正{day}的公示：下面的积分记错了，已经冲回。"]
    lines += [f"{AREAS[r['area']]}：{r['deeds']}件，{r['points']}分" for r in rows]
    _hang(rows[0]["place_id"], "points_correction", rows[0]["id"], "积分更正（总数）", lines, at)


def _hang(
    place: int, about: str, subject: int, title: str, lines: list[str], at: datetime
) -> None:  # fmt: skip
    board.publish(
        place_id=place, subject=about, subject_id=subject, title=title,
        body={"sections": [{"name": title, "lines": lines}]}, audience="community", days=DAYS,
        by=None, at=at, masked=False,
    )  # fmt: skip


def _book(subject: int) -> tuple[int, str, str, list[str]]:
    row = db.dicts(_BOOK, (subject,))[0]
    decided = f"{row['voted_on']} {row['resolution']}".strip()
    lines = [f"依据：{decided}", *row["text"].strip().splitlines()]
    return row["place_id"], "points_book", f"{row['title']}（第{row['version']}版）", lines


def _notice(subject: int) -> tuple[int, str, str, list[str]]:
    row = db.dicts(_NOTICE, (subject,))[0]
    lines = [
        f"{AREAS[t['area']]}：{t['deeds']}件，{t['points']}分，参加的有{t['holders']}"
        for t in db.load(row["totals"])
    ]
    return row["place_id"], "points_notice", "积分公示（总数）", lines


def _quarter(subject: int) -> tuple[int, str, str, list[str]]:
    row = db.dicts(_QUARTER, (subject,))[0]
    found: dict[str, Any] = db.load(row["totals"])
    drawn, there = db.rows(
        "select count(*), count(*) filter (where found) from points_sample"
        " where quarter_id = %s::bigint", (subject,),
    )[0]  # fmt: skip
    name = f"{row['first_on'].year}年第{(row['first_on'].month + 2) // 3}季度积分核对"
    lines = [
        f"入账：申报{found['entered']['deeds']}件{found['entered']['points']}分，"
        f"账上{found['booked']['deeds']}笔{found['booked']['points']}分",
        f"冲回：{found['undone']['deeds']}件{found['undone']['points']}分，"
        f"账上{found['booked_back']['deeds']}笔{found['booked_back']['points']}分",
        f"兑换{found['spent']}分，到期{found['expired']}分，大家手里还有{found['held']}分",
        f"抽查凭据{small(drawn)}笔，齐全的{small(there)}笔" if drawn else "这个季度没有入账",
        "申报和账一致，两人签字。" if row["agrees"] else "申报和账不一致，两人签字。",
    ]
    if row["words"]:
        lines.append(f"说明：{row['words']}")
    return row["place_id"], "points_quarter", name, lines
