"""A transfer, whose number is given once, needs no index to wait once.

What waits is deleted within seconds: no vacuum just because much came in.
"""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("log", "0004_kept_room")]
    operations = [
        migrations.RemoveConstraint("pending", "pending_once"),
        migrations.AddConstraint(
            "pending",
            models.UniqueConstraint(
                condition=~Q(kind="ledger.transfer"), fields=("kind", "subject"),
                name="pending_once",
            ),
        ),
        migrations.RunSQL(
            "alter table log_pending set (autovacuum_vacuum_insert_threshold = -1)",
            "alter table log_pending reset (autovacuum_vacuum_insert_threshold)",
        ),
    ]  # fmt: skip
