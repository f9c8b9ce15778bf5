"""The statements that actions share: load and lock one proposal, write an event, answer once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import KeyReused, NotFound
from gongzhi.deliberation.proposals import rules
from gongzhi.matters import store as matters
from gongzhi.places import queries as places
from gongzhi.playbooks.schema import Playbook

_LOAD = """
select p.*, m.number as matter_number, m.stage, m.level, m.step, m.outcome, m.version_id,
  m.due_at, m.parked_until, m.held_path, m.held_by_id, m.last_seq, x.name as proposer
from proposals_proposal p join people_person x on x.id = p.proposer_id
left join matters_matter m on m.id = p.matter_id
where p.id = %s::bigint for no key update of p
"""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A proposal, locked, with what its matter says."""

    row: dict[str, Any]
    playbook: Playbook | None

    @property
    def id(self) -> int:
        """The proposal's id."""
        return int(self.row["id"])

    @property
    def gate(self) -> str:
        """The kind of gate its matter waits at, "" without a matter."""
        if self.playbook is None:
            return ""
        return str(self.playbook.stage(self.row["stage"]).gate.kind)

    def state(self, at: datetime) -> str:
        """Where it stands: one of `rules.STATES`."""
        row = self.row
        return rules.state(
            row["phase"], self.gate, row["step"] or "", row["outcome"] or "",
            parked=row["parked_until"] is not None,
            over=row["closes_at"] is not None and row["closes_at"] < at,
        )  # fmt: skip


def load(proposal_id: int) -> Loaded:
    """The proposal, locked until the end of the transaction; NotFound."""
    found = db.dicts(_LOAD, (proposal_id,))
    if not found:
        raise NotFound("没有找到这件提案。", todo="请核对编号。")
    row = found[0]
    return Loaded(row, places.playbook(row["version_id"]) if row["version_id"] else None)


def event(
    proposal_id: int, kind: str, *, by: int | None, at: datetime, **data: object
) -> None:  # fmt: skip
    """Write what happened, with its outbox row, inside the caller's transaction."""
    db.run(
        "with made as (insert into proposals_proposalevent (proposal_id, seq, kind, at, by_id,"
        " data) select %(id)s::bigint, coalesce(max(seq), 0) + 1, %(kind)s, %(at)s::timestamptz,"
        " %(by)s::bigint, %(data)s::jsonb from proposals_proposalevent"
        " where proposal_id = %(id)s::bigint returning proposal_id)"
        " insert into core_outbox (kind, subject_id, data)"
        " select 'proposal.' || %(kind)s::text, proposal_id, '{}' from made",
        {"id": proposal_id, "kind": kind, "at": at, "by": by, "data": db.dump(data)},
    )


def first_time(kind: str, by: int, key: str | None, answer: int, *asked: object) -> bool:
    """Whether this request is new; the same one once more is done already (KeyReused if not)."""
    kept = matters.request_key(kind, by, key)
    if kept is None:
        return True
    hash_ = matters.fingerprint(*asked)
    if db.run(
        "insert into core_once (key, request_hash, answer) values (%s, %s, %s::bigint)"
        " on conflict do nothing",
        (kept, hash_, answer),
    ):
        return True
    if db.rows("select request_hash from core_once where key = %s", (kept,))[0][0] != hash_:
        raise KeyReused()
    return False


def change(proposal_id: int, at: datetime, **values: object) -> None:
    """Write columns of a locked proposal."""
    names = ", ".join(f"{name} = %({name})s" for name in values)
    db.run(
        f"update proposals_proposal set {names}, updated_at = %(_at)s where id = %(_id)s::bigint",
        values | {"_at": at, "_id": proposal_id},
    )
