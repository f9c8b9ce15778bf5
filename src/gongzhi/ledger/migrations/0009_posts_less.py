"""Posting writes the transfer, the balances and that an entry waits: what else it did, others do.

The entry for the log is made by the sequencer; what a row alone must be is judged by the trigger that
judges it anyway; what is held back is a type of its own.
"""

import re
from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parents[1] / "sql"
_FUNCTION = re.compile(r"^create (?:or replace )?function .*?^(?:end )?\$\$;", re.DOTALL | re.M)


def _again(name: str, *only: str) -> str:
    """The functions of a file, in place of those a database has from before."""
    text = (SQL / name).read_text(encoding="utf-8")
    made = [f for f in _FUNCTION.findall(text) if not only or any(f" {o}(" in f[:60] for o in only)]
    return "\n".join(re.sub("^create function", "create or replace function", f) for f in made)


FORWARD = "\n".join(
    (
        "drop function if exists ledger_log(ledger_transfer, bytea, bytea);",
        "drop function if exists"
        " ledger_batch_log(ledger_row[], ledger_account[], bigint[], timestamptz);",
        _again("0002_guards.sql", "ledger_transfer_check"),
        _again("0003_post.sql"),
        _again("0004_holds.sql"),
        _again("0005_batch.sql"),
        _again("0008_light.sql", "ledger_account_fits"),
        (SQL / "0010_entry.sql").read_text(encoding="utf-8"),
    )
)
BACK = """
alter table ledger_account alter held type bigint;
drop domain ledger_held;
create or replace view log_waiting as select id, kind, subject, leaf, at, since from log_pending;
alter table ledger_account add constraint ledger_held check (held >= 0),
  add constraint ledger_slots_have_no_floor check (slots = 0 or (balance = 0 and held = 0));
alter table ledger_transfer add constraint ledger_amount check (amount > 0),
  add constraint ledger_two_accounts check (not debit_id = credit_id);
"""
STATE = [
    migrations.RemoveConstraint("account", "ledger_held"),
    migrations.RemoveConstraint("account", "ledger_slots_have_no_floor"),
    migrations.RemoveConstraint("transfer", "ledger_amount"),
    migrations.RemoveConstraint("transfer", "ledger_two_accounts"),
]


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_one_read"), ("log", "0006_entry_when_taken_in")]
    operations = [
        migrations.RunSQL(FORWARD, BACK, state_operations=STATE),
        # Its CHECK (slot >= 0) was read anew with every part that changed.
        migrations.AlterField("slot", "slot", models.SmallIntegerField()),
    ]
