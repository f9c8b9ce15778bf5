"""Who gave a matter back before doing anything is no handler of it and may verify it."""

from django.db import migrations

SQL = """
create or replace function handler_never_verifies() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from matters_assignment a join matters_matter m on m.id = a.matter_id
     where a.matter_id = new.matter_id and a.round = m.round
       and (a.ended_at is null or a.done_at is not null)
       and (a.person_id = new.by_id or a.done_by_id = new.by_id)
  ) then
    raise exception 'the handler of a matter may not verify it'
      using errcode = 'check_violation', constraint = 'handler_never_verifies';
  end if;
  return new;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("matters", "0004_suggestions")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
