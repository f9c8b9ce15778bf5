"""The books against the log: what a superuser changed in both tables of the books is still named.

A transfer and its balances can be rewritten so that they agree; the entry made when it was posted
cannot: its hash is in every checkpoint signed since.
"""

from collections.abc import Iterator

from gongzhi.core import db

_DIFFERING = """
with entry as (
  select subject, leaf from log_leaf where kind = 'ledger.transfer'
  union all select subject, leaf from log_waiting where kind = 'ledger.transfer'),
row as (
  select 'transfer:' || t.id as subject, log_transfer_leaf(t.id, t.key, d.pseudonym, c.pseudonym,
    t.unit, t.amount, t.code, t.rule, t.reverses_id, t.hold_id, t.at) as leaf
  from ledger_transfer t join ledger_account d on d.id = t.debit_id
  join ledger_account c on c.id = t.credit_id)
select coalesce(row.subject, entry.subject) as subject,
  case when row.subject is null then 'deleted' when entry.subject is null then 'inserted'
    else 'edited' end as what
from row full join entry on entry.subject = row.subject
where row.leaf is distinct from entry.leaf
order by length(coalesce(row.subject, entry.subject)), 1
"""


def differing() -> Iterator[tuple[str, str]]:
    """("transfer:57", "edited" | "deleted" | "inserted"): rows that are not what the log holds."""
    for subject, what in db.rows(_DIFFERING):
        yield str(subject), str(what)
