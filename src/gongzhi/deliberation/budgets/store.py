"""Reading the row a change is about, locked; and what the guards of the tables mean in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError

from gongzhi.core import db
from gongzhi.core.errors import NotFound, Refused, Stale

GUARDS = {
    "rule_before_vote": "投票已经开始，资金、规则和时间都不能再改。",
    "stage_by_stage": "刚才已有别人把这笔资金推进了一步，请看最新情况。",
    "ideas_before_vote": "已经过了核算的时候，点子不能再改。",
    "roll_frozen": "投票名单已经定下，不能再改。",
    "vote_in_time": "现在不是投票时间。",
    "never_overspent": "余额不够。要追加，先写明是哪次会议决定的。",
    "never_more_than_budget": "加上这一笔就超过资金总额了，不能追加。",
    "account_of_project": "这个项目的账还没有开始，或者已经结清。",
    "finished_when_confirmed": "每一笔支出都要有两位监督员确认，结余也要交回，才能结清。",
    "confirmed_by_supervisor": "只有这个项目的居民监督员能确认单据，自己记的账自己不能确认。",
}


@contextmanager
def guarded() -> Iterator[None]:
    """A transaction whose guards, should a race get that far, speak in sentences."""
    try:
        with db.atomic():
            yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        words = GUARDS.get(getattr(diagnosis, "constraint_name", "") or "")
        if words is None:
            raise
        raise Stale(words) from error


def budget(budget_id: int, *, lock: bool = False) -> dict[str, Any]:
    """The row of a budget; NotFound."""
    found = db.dicts(
        "select * from budgets_budget where id = %s::bigint" + (" for update" if lock else ""),
        (budget_id,),
    )
    if not found:
        raise NotFound("没有这笔社区资金。")
    return found[0]


def idea(idea_id: int, *, lock: bool = False) -> dict[str, Any]:
    """An idea with what its budget says: "stage", "place_path"…; NotFound."""
    found = db.dicts(
        "select i.*, b.stage, b.place_id, b.place_path, b.title as budget, b.amount_fen,"
        " w.name as place from budgets_idea i join budgets_budget b on b.id = i.budget_id"
        " join places_place w on w.id = b.place_id where i.id = %s::bigint"
        + (" for update of i" if lock else ""),
        (idea_id,),
    )
    if not found:
        raise NotFound("没有这个点子。")
    return found[0]


def at_stage(row: dict[str, Any], *stages: str) -> None:
    """Refused where the budget stands elsewhere."""
    if row["stage"] not in stages:
        raise Refused("这笔资金现在不在这一步。", todo="请看最新情况。")


def once(table: str, key: str | None, by: int | None) -> int | None:
    """The id a request key brought before, of the same person; None for a new one."""
    if not key:
        return None
    found = db.rows(f"select id, by_id from {table} where key = %s::text", (key,))
    if not found:
        return None
    if found[0][1] != by:
        raise Refused("这张表的编号已经用过，请刷新页面再交。", code="key_reused")
    return int(found[0][0])


def tell(kind: str, subject_id: int) -> None:
    """A row of the outbox, in the same transaction."""
    db.run("insert into core_outbox (kind, subject_id) values (%s, %s::bigint)", (kind, subject_id))
