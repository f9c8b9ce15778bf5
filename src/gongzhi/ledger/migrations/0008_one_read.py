"""The accounts of a transfer are read once, by the trigger that judges it and fills in what they say.

It judges as well that the hold and what is reversed are there, that a reversal is called so, and how
long texts are: a third foreign key, a CHECK and a type's length each cost more, at every transfer.
"""

import re
from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).parents[1] / "sql"
_FUNCTION = re.compile(r"^create function .*?^(?:end )?\$\$;", re.DOTALL | re.MULTILINE)
OTHER = """
drop function if exists ledger_move(ledger_transfer, int, int);
drop function if exists ledger_move(bigint, int, bigint, int, bigint);
drop function if exists ledger_add(bigint, int, bigint);
drop function if exists ledger_post(
  uuid, bigint, bigint, bigint, text, bigint, timestamptz, text, text, text, date, date);
drop function if exists ledger_batch_claim(
  ledger_row[], ledger_account[], bigint[], bigint, timestamptz, date);
"""
LIGHTER = """
alter table ledger_transfer
  drop constraint ledger_reversal_says_of_what,
  drop constraint ledger_transfer_hold_id_149031e0_fk_ledger_hold_id,
  drop constraint ledger_transfer_reverses_id_d2a125b2_fk_ledger_transfer_id,
  alter unit type text, alter code type text, alter rule type text, alter evidence type text,
  alter event type text;
"""
HEAVIER = """
alter table ledger_transfer
  alter unit type varchar(8), alter code type varchar(20), alter rule type varchar(80),
  alter evidence type varchar(200), alter event type varchar(80),
  add constraint ledger_transfer_reverses_id_d2a125b2_fk_ledger_transfer_id
    foreign key (reverses_id) references ledger_transfer deferrable initially deferred,
  add constraint ledger_transfer_hold_id_149031e0_fk_ledger_hold_id
    foreign key (hold_id) references ledger_hold deferrable initially deferred,
  add constraint ledger_reversal_says_of_what
    check ((code = 'reverse') = (reverses_id is not null));
"""


def _again(name: str, *only: str) -> str:
    """The functions of a file, in place of those a database has from before."""
    text = (SQL / name).read_text(encoding="utf-8")
    made = [f for f in _FUNCTION.findall(text) if not only or any(f" {o}(" in f[:60] for o in only)]
    return "\n".join(f.replace("create function", "create or replace function", 1) for f in made)


FORWARD = "\n".join(
    (
        LIGHTER,
        OTHER,
        _again("0002_guards.sql", "ledger_transfer_check"),
        _again("0003_post.sql"),
        _again("0004_holds.sql"),
        _again("0005_batch.sql"),
    )
)


def _once(to: str, name: str) -> models.Field:
    return models.OneToOneField(
        to, null=True, on_delete=django.db.models.deletion.PROTECT, related_name=name,
        db_constraint=False,
    )  # fmt: skip


STATE = [
    migrations.RemoveConstraint("transfer", "ledger_reversal_says_of_what"),
    migrations.AlterField("transfer", "hold", _once("ledger.hold", "transfer")),
    migrations.AlterField("transfer", "reverses", _once("ledger.transfer", "reversed_by")),
    migrations.AlterField("transfer", "code", models.TextField()),
    *(
        migrations.AlterField("transfer", name, models.TextField(blank=True, default=""))
        for name in ("rule", "evidence", "event")
    ),
    migrations.AlterField(
        "transfer",
        "unit",
        models.TextField(
            choices=[
                ("points", "积分"),
                ("hours", "志愿时长（分钟）"),
                ("cny", "人民币（分）"),
                ("shares", "集体股份（百分之一股）"),
            ]
        ),
    ),
]


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_advance"), ("log", "0005_waits_once")]
    operations = [
        migrations.RunSQL(FORWARD, HEAVIER, state_operations=STATE),
        # Accounts of a place are found by (place, unit).
        migrations.AlterField(
            "account",
            "place",
            models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT,
                related_name="+", to="places.place",
            ),
        ),
    ]  # fmt: skip
