"""The first letters of the names there are already; new ones bring theirs."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from gongzhi.core.pinyin import initials

AT_ONCE = 5000


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A few thousand persons a statement."""
    with schema_editor.connection.cursor() as cursor:
        last = 0
        while True:
            cursor.execute(
                "select id, name from people_person where initials = '' and id > %s"
                " order by id limit %s", [last, AT_ONCE],
            )  # fmt: skip
            rows = cursor.fetchall()
            if not rows:
                return
            cursor.execute(
                "update people_person p set initials = n.letters"
                " from unnest(%s::bigint[], %s::text[]) n(id, letters) where p.id = n.id",
                [[pk for pk, _ in rows], [initials(name) for _, name in rows]],
            )
            last = rows[-1][0]


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("people", "0005_no_proxy_of")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
