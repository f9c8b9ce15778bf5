"""An entry made of rows that never change is written when the log takes it in, not by who posts.

Such are transfers. `log_waiting` shows what waits with the bytes it came with or, without, those its
area makes of the rows (`ledger` puts its own view in place of this one). One without bytes stops the
sequencer, loudly.
"""

from django.db import migrations, models

ENTRY = """
create view log_waiting as select id, kind, subject, leaf, at, since from log_pending;
create or replace function log_append(kind text, subject text, leaf bytea, at timestamptz)
returns void language plpgsql as $$
begin
  if log_append.leaf is null then
    raise exception 'no entry for % %', log_append.kind, log_append.subject
      using errcode = 'not_null_violation';
  end if;
  insert into public.log_pending (kind, subject, leaf, at)
    values (log_append.kind, log_append.subject, log_append.leaf, log_append.at);
end $$;
"""
BEFORE = """
drop view log_waiting;
create or replace function log_append(kind text, subject text, leaf bytea, at timestamptz)
returns void language plpgsql as $$
begin
  insert into public.log_pending (kind, subject, leaf, at)
    values (log_append.kind, log_append.subject, log_append.leaf, log_append.at);
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("log", "0005_waits_once")]
    operations = [
        migrations.AlterField("pending", "leaf", models.BinaryField(null=True)),
        migrations.RunSQL(ENTRY, BEFORE),
    ]
