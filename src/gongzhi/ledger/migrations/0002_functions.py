"""The functions that alone write the books, and the triggers that refuse all others."""

from pathlib import Path

from django.db import migrations

from gongzhi.core.sql import append_only

SQL = Path(__file__).parents[1] / "sql"
APPEND_ONLY = ("ledger_transfer", "ledger_draw")
KEPT = ("ledger_account", "ledger_slot", "ledger_hold", "ledger_lot")


def _kept(table: str) -> str:
    """Rows may change inside the functions; none ever goes."""
    return f"""
create trigger {table}_kept before delete on {table}
  for each row execute function refuse_change();
create trigger {table}_no_truncate before truncate on {table}
  for each statement execute function refuse_change();
"""


FORWARD = "".join([*map(append_only, APPEND_ONLY), *map(_kept, KEPT)])
# Functions go with everything that hangs on them; triggers that call others go by name.
BACK = """
do $$ declare r record; begin
  for r in select tgname, tgrelid::regclass as t from pg_trigger where not tgisinternal
    and tgrelid::regclass::text in ('ledger_transfer', 'ledger_draw', 'ledger_account',
      'ledger_slot', 'ledger_hold', 'ledger_lot')
  loop execute format('drop trigger %I on %s', r.tgname, r.t); end loop;
  for r in select oid::regprocedure as f from pg_proc
    where pronamespace = 'public'::regnamespace and proname like 'ledger\\_%'
    order by proname = 'ledger_row_hash'
  loop execute format('drop function if exists %s cascade', r.f); end loop;
end $$;
drop type ledger_row;
alter table ledger_transfer drop constraint if exists ledger_rule_is_one_line;
alter table ledger_hold drop constraint ledger_hold_rule_is_one_line;
"""


def _file(name: str) -> migrations.RunSQL:
    return migrations.RunSQL((SQL / name).read_text(encoding="utf-8"), migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0001_initial"),
        ("core", "0002_append_only"),
        ("log", "0002_guards"),
    ]
    operations = [
        migrations.RunSQL(FORWARD, BACK),
        _file("0002_guards.sql"),
        _file("0003_post.sql"),
        _file("0004_holds.sql"),
        _file("0005_batch.sql"),
        _file("0006_audit.sql"),
        _file("0007_close.sql"),
    ]
