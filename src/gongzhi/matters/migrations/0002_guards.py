"""Events are append-only; nobody verifies what he handled; a paper number for every matter."""

from django.db import migrations

from gongzhi.core.sql import append_only

SQL = append_only("matters_event") + """
create sequence matters_number;
create function handler_never_verifies() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from matters_assignment a join matters_matter m on m.id = a.matter_id
     where a.matter_id = new.matter_id and a.round = m.round
       and (a.person_id = new.by_id or a.done_by_id = new.by_id)
  ) then
    raise exception 'the handler of a matter may not verify it'
      using errcode = 'check_violation', constraint = 'handler_never_verifies';
  end if;
  return new;
end $$;
create trigger handler_never_verifies before insert on matters_event
  for each row when (new.verb = 'verify') execute function handler_never_verifies();
"""


class Migration(migrations.Migration):
    dependencies = [("matters", "0001_initial"), ("core", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            SQL,
            "drop trigger matters_event_append_only on matters_event;"
            "drop trigger matters_event_no_truncate on matters_event;"
            "drop function handler_never_verifies() cascade; drop sequence matters_number;",
        )
    ]
