"""That the accounts of a transfer exist is judged once, by the trigger that reads them anyway."""

import django.db.models.deletion
from django.db import migrations, models


def _account() -> models.Field:
    return models.ForeignKey(
        "ledger.account", on_delete=django.db.models.deletion.PROTECT, related_name="+",
        db_index=False, db_constraint=False,
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_one_update")]
    operations = [
        migrations.AlterField("transfer", "debit", _account()),
        migrations.AlterField("transfer", "credit", _account()),
    ]
