"""The function that refuses changes to append-only tables."""

from django.db import migrations

from gongzhi.core.sql import REFUSE_CHANGE


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE_CHANGE, "drop function refuse_change()")]
