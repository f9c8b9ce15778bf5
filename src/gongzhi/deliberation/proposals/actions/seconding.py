"""Neighbours stand behind a proposal, household by household; enough of them file it."""

from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.deliberation.proposals import rules, store
from gongzhi.deliberation.proposals.models import Phase
from gongzhi.matters import actions as matters
from gongzhi.matters.models import Source
from gongzhi.people import queries as people
from gongzhi.people.roles import ROLES, Permission
from gongzhi.places import queries as places

_LOOK = """
select p.id, p.phase, p.household_id, p.accepted_at, p.closes_at, p.needed, p.seconded,
  p.place_path, x.household_id as mine, m.outcome,
  coalesce(hp.path like p.reach_path || '%%' or hg.path like p.reach_path || '%%', false) as inside,
  exists (select 1 from proposals_seconder s where s.proposal_id = p.id
    and s.household_id = x.household_id and s.withdrawn_at is null) as already
from proposals_proposal p join people_person x on x.id = %(who)s::bigint
left join people_household h on h.id = x.household_id
left join places_place hp on hp.id = h.place_id left join places_place hg on hg.id = h.grid_id
left join matters_matter m on m.id = p.matter_id
where p.id = %(id)s::bigint for no key update of p
"""
_SECOND = """
with made as (insert into proposals_seconder (proposal_id, household_id, person_id, at)
  values (%(id)s::bigint, %(household)s::bigint, %(who)s::bigint, %(at)s::timestamptz)
  on conflict do nothing returning proposal_id)
insert into core_outbox (kind, subject_id) select 'proposal.seconded', proposal_id from made
returning subject_id
"""


def second(
    *, proposal_id: int, by: int, at: datetime, for_person: int | None = None, how: str = ""
) -> bool:
    """The household of `by` stands behind it; False if it did already. At most three statements.

    `for_person`: staff write down a signature on paper and say `how`. The household that makes
    the number full files the proposal as a matter of its proposer.
    """
    who = by if for_person is None else for_person
    with db.atomic():
        found = db.dicts(_LOOK, {"who": who, "id": proposal_id})
        if not found:
            raise NotFound("没有找到这件提案。")
        row = found[0]
        _check_open(row, at)
        _check_household(row)
        if who != by:
            _check_staff(by, row["place_path"], how, at)
        if row["already"]:
            return False
        made = db.run(_SECOND, {"id": proposal_id, "household": row["mine"], "who": who, "at": at})
        if made and row["phase"] == Phase.SECONDING and row["seconded"] + 1 >= row["needed"]:
            file(proposal_id, at=at)
    return bool(made)


def withdraw_second(*, proposal_id: int, by: int, at: datetime) -> bool:
    """The household stands back; possible until the proposal is accepted. False if it had not."""
    with db.atomic():
        found = db.dicts(_LOOK, {"who": by, "id": proposal_id})
        if not found:
            raise NotFound("没有找到这件提案。")
        if found[0]["accepted_at"] is not None:
            raise Refused("提案已经受理，附议不能再撤回。", todo="不同的意见请写在留言里。")
        gone = db.run(
            "with gone as (update proposals_seconder set withdrawn_at = %s::timestamptz"
            " where proposal_id = %s::bigint and household_id = %s::bigint"
            " and withdrawn_at is null returning proposal_id)"
            " insert into core_outbox (kind, subject_id) select 'proposal.unseconded', proposal_id"
            " from gone",
            (at, proposal_id, found[0]["mine"]),
        )
    return bool(gone)


def _check_open(row: dict[str, Any], at: datetime) -> None:
    running = row["phase"] == Phase.RUNNING and not row["outcome"]
    if row["phase"] not in (Phase.SECONDING, Phase.RUNNING) or (
        row["phase"] == Phase.RUNNING and not running
    ):
        raise Refused("这件提案现在不征集附议。", code="not_seconding")
    if row["accepted_at"] is not None:
        raise Refused("提案已经受理，不用再附议。", code="accepted", todo="有话请写在留言里。")
    if row["phase"] == Phase.SECONDING and row["closes_at"] < at:
        raise Refused("附议的时间已经过了。", code="closed", todo="可以请提案人再提一次。")


def _check_household(row: dict[str, Any]) -> None:
    if row["mine"] is None:
        raise NotAllowed("附议按户算，您还没有登记住处。", todo="请到社区登记住处。")
    if row["mine"] == row["household_id"]:
        raise NotAllowed("自己家提的案，自己家不能附议。", code="own_household")
    if not row["inside"]:
        raise NotAllowed("只有这件事涉及范围里的住户可以附议。", code="outside")


def _check_staff(by: int, path: str, how: str, at: datetime) -> None:
    posts = people.viewer(by, at).posts_with(Permission.CREATE, "matter")
    if not any(ROLES[post.role].staff and post.covers(path) for post in posts):
        raise NotAllowed("只有本社区（村）的工作人员能代人登记。")
    if len(how.strip()) < 2:
        raise BadInput("how", "请写明本人怎样同意的。", todo="例如：本人在纸上签了名。")


def file(proposal_id: int, *, at: datetime) -> None:
    """Enough households stand behind it: a matter of the proposer begins, on the level it reaches.

    Inside the caller's transaction, which has locked the proposal.
    """
    it = store.load(proposal_id)
    _, playbook = places.adopted(it.row["place_id"], at.astimezone(SHANGHAI).date())
    level = rules.level_for(playbook, it.row["reach"])
    matter_id = raise_for(it, level, at=at)
    store.change(
        proposal_id, at, phase=Phase.RUNNING.value, matter_id=matter_id, filed_at=at
    )  # fmt: skip
    store.event(proposal_id, "filed", by=None, at=at, level=level)


def raise_for(it: store.Loaded, level: str, *, at: datetime) -> int:
    """The matter of a proposal: what is wrong, what is proposed, what the proposer does himself."""
    row = it.row
    said = [row["wrong"], f"建议：{row['propose']}"]
    said += [f"自己能做：{row['own_part']}"] if row["own_part"] else []
    raised = matters.raise_matter(
        by=row["proposer_id"], at=at, key=None, body="\n".join(said), title=row["title"],
        place_id=row["place_id"], where=row["spot"], source=Source.PHONE_PAGE, level=level,
    )  # fmt: skip
    return raised.id
