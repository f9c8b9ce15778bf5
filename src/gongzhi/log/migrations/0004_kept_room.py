"""The room of entries that were taken in is used again; the file is not cut and grown anew."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("log", "0003_anchors")]
    operations = [
        migrations.RunSQL(
            "alter table log_pending set (vacuum_truncate = off)",
            "alter table log_pending reset (vacuum_truncate)",
        )
    ]
