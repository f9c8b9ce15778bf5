"""Heads of the log written on a chain: what was signed for it, and what became of that."""

import django.db.models.deletion
from django.db import migrations, models

from gongzhi.core.sql import append_only

GUARDS = f"""
{append_only("log_anchor")}
{append_only("log_anchorend")}
alter table log_anchor add constraint anchor_whole
  check (length(tx) = 32 and length(raw) > 0 and number >= 0);
alter table log_anchorend add constraint anchor_block_whole
  check (block_hash is null or length(block_hash) = 32);
revoke update, delete, truncate on log_anchor, log_anchorend from public;
-- Not on log_anchor: a foreign key locks its rows with the owner's right to UPDATE.
revoke update, delete, truncate on log_anchorend from current_user;
"""
UNGUARD = "alter table log_anchor drop constraint anchor_whole;" + "".join(
    f"drop trigger {table}_no_truncate on {table}; drop trigger {table}_append_only on {table};"
    for table in ("log_anchor", "log_anchorend")
)


class Migration(migrations.Migration):
    dependencies = [("log", "0002_guards")]
    operations = [
        migrations.CreateModel(
            name="Anchor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("chain_id", models.BigIntegerField()),
                ("tx", models.BinaryField()),
                ("raw", models.BinaryField()),
                ("sender", models.TextField()),
                ("number", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "checkpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="anchors",
                        to="log.checkpoint",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("chain_id", "checkpoint"), name="anchored_once"
                    ),
                    models.UniqueConstraint(
                        fields=("chain_id", "sender", "number"), name="anchor_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("chain_id__gte", 1)), name="anchor_on_a_chain"
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="AnchorEnd",
            fields=[
                (
                    "anchor",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="end",
                        serialize=False,
                        to="log.anchor",
                    ),
                ),
                ("block", models.BigIntegerField(null=True)),
                ("block_hash", models.BinaryField(null=True)),
                ("block_at", models.DateTimeField(null=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("block", None), ("block_at", None), ("block_hash", None)),
                            models.Q(
                                ("block__gte", 0),
                                ("block_at__isnull", False),
                                ("block_hash__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="anchor_in_a_block_or_in_none",
                    )
                ]
            },
        ),
        migrations.RunSQL(GUARDS, UNGUARD),
    ]
