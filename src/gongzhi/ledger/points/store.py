"""Rows that changes are about, locked; what the guards of the tables mean in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError

from gongzhi.core import db
from gongzhi.core.errors import KeyReused, NotFound, Refused

GUARDS = {
    "book_step_by_step": "这份办法刚才已有人推进了一步，请看最新情况。",
    "book_as_voted": "表决过的办法不能再改；要改，请起草新的一版。",
    "items_as_voted": "表决过的事项不能再改；要改，请起草新的一版。",
    "one_book_being_made": "已经有一份正在起草的办法，请接着它做。",
    "book_adopted_by_meeting": "要过半数赞成，才算通过。",
    "book_meeting_had_quorum": "到会人数不够：居民（村民）会议要过半数，代表会议要三分之二以上。",
    "item_is_lawful": "这一项违反法律，不能写进积分办法。",
    "no_account_of_a_minor": "不满十八岁的，积分记到家庭，要监护人先同意。",
    "guardian_of_household": "要同户的成年人来同意。",
    "guardian_agrees_first": "不满十八岁，要监护人先同意。",
    "claim_by_rule_in_force": "做事那天，这一项还没有生效或已经结束。",
    "claim_of_its_subject": "这一项不是给这类对象的。",
    "claim_as_the_rule_says": "次数超过了这一项每月的上限。",
    "claim_step_by_step": "刚才已有别人处理过这一条，请看最新情况。",
    "two_different_people_check": "初审和复审要由两个人来做。",
    "nobody_checks_himself": "自己做的事，要由别人来审。",
    "claimer_does_not_check": "自己报的，要由别人来审。",
    "checked_by_people_apart": "自己或自家人的积分，要由别人来审。",
    "within_the_month": "加上这一条就超过了本月上限。",
    "entered_after_the_notice": "公示的日子还没有满。",
    "one_notice_at_a_time": "上一次公示还没有入账，请先把它入账。",
    "service_within_a_day": "一天最多记八小时。",
    "service_needs_two_others": "要由另外两个人来记录和证明，自己不能给自己记。",
    "one_usual_budget": "这里已经有一个常用预算。",
    "one_book_a_motion": "这次表决已经用在另一份办法上了。",
    "claim_of_who_takes_part": "他已经退出积分，不再记入。",
    "service_stays": "这条记录已有人处理过，请看最新情况。",
    "service_in_hours": "志愿时长只能记在本人的时长账户里。",
    "account_in_points": "积分账户和时长账户不能混用。",
    "quarter_once": "这个季度已经在核对。",
    "quarter_stays": "已经签过字，不能再改。",
    "quarter_looked_at": "抽到的每一笔都要先看过凭据。",
    "quarter_signed_by_two": "要由两个人来签。",
    "quarter_differs_with_words": "申报和账对不上，要写明原因。",
    "member_once": "他已经是成员了。",
}


@contextmanager
def guarded() -> Iterator[None]:
    """A transaction whose guards speak in sentences."""
    try:
        with db.atomic():
            yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        name = getattr(diagnosis, "constraint_name", "") or ""
        if name not in GUARDS:
            raise
        raise Refused(GUARDS[name], code=name) from error


def one(sql: str, params: tuple[object, ...], words: str) -> dict[str, Any]:
    """The one row; NotFound with these words."""
    found = db.dicts(sql, params)
    if not found:
        raise NotFound(words)
    return found[0]


def book(book_id: int, *, lock: bool = False) -> dict[str, Any]:
    """A version of a rule book; NotFound."""
    return one(
        "select b.*, p.name as place, p.code as place_code from points_rulebook b"
        " join places_place p on p.id = b.place_id where b.id = %s::bigint"
        + (" for no key update of b" if lock else ""),
        (book_id,),
        "没有这份积分办法。",
    )


_CLAIM = """
select c.*, i.title, i.code, i.reviewer, i.book_id, i.points as each, h.subject, h.person_id,
  h.household_id, h.account, a.account as budget, a.closed_at as budget_closed
from points_claim c join points_ruleitem i on i.id = c.item_id
join points_holder h on h.id = c.holder_id join points_activity a on a.id = c.activity_id
where c.id = %s::bigint
"""


def claim(claim_id: int, *, lock: bool = False) -> dict[str, Any]:
    """A claim with its item, holder and budget; NotFound."""
    tail = " for no key update of c" if lock else ""
    return one(_CLAIM + tail, (claim_id,), "没有这条申报。")


def place(place_id: int) -> tuple[str, str]:
    """Path and code of a place; NotFound."""
    row = one(
        "select path, code from places_place where id = %s::bigint", (place_id,), "没有这个地方。"
    )
    return row["path"], row["code"]


def once(table: str, key: str | None, by: int | None) -> int | None:
    """The id a request key brought before, of the same person; None for a new one."""
    if not key:
        return None
    found = db.rows(f"select id, by_id from {table} where key = %s::text", (key,))
    if not found:
        return None
    if found[0][1] != by:
        raise KeyReused
    return int(found[0][0])


def tell(kind: str, subject_id: int, data: dict[str, object] | None = None) -> None:
    """A row of the outbox, in the same transaction."""
    db.run(
        "insert into core_outbox (kind, subject_id, data) values (%s, %s::bigint, %s::jsonb)",
        (kind, subject_id, db.dump(data or {})),
    )
