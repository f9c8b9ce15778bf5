"""An entry made of rows that never change is written when the log takes it in, not by who posts.

Such are transfers: `log_entry` gives what waits with its bytes or, without, what its area makes of the
rows (`ledger` puts its own in place of this one). One without bytes stops the sequencer, loudly.
"""

from django.db import migrations, models

ENTRY = """
create function log_entry(kind text, subject text, leaf bytea) returns bytea language sql stable
as $$ select leaf $$;
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
drop function log_entry(text, text, bytea);
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
