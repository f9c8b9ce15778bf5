"""What the law gives to an assembly is not worked on before a binding resolution citing its session.

Three guards: on the row, on the event that carries the position, and on where the citation is from.
"""

from django.db import migrations, models
from django.db.models import Q

SQL = """
alter table matters_event add constraint law_decides_before_work_event check (
  coalesce(position->>'step', '') = '' or coalesce(position->>'statutory', '') = ''
  or coalesce(position->>'resolution', '') <> ''
);
create function resolution_is_from_a_ballot() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from (select new.verb, new.data union all
      select verb, data from matters_event where matter_id = new.matter_id) e
     where e.verb = 'resolve' and e.data->'resolution'->>'binding' = 'true'
       and e.data->'resolution'->>'verdict' = 'pass'
       and e.data->'resolution'->>'session_number' = new.position->>'resolution'
  ) then
    raise exception 'no binding resolution of that session was recorded'
      using errcode = 'check_violation', constraint = 'resolution_is_from_a_ballot';
  end if;
  return new;
end $$;
create trigger resolution_is_from_a_ballot before insert on matters_event
  for each row when (coalesce(new.position->>'resolution', '') <> '')
  execute function resolution_is_from_a_ballot();
"""


class Migration(migrations.Migration):
    dependencies = [("matters", "0007_open_first")]
    operations = [
        migrations.AddField(
            "matter", "statutory",
            models.CharField(max_length=40, default="", db_default="", blank=True),
        ),
        migrations.AddField(
            "matter", "resolution",
            models.CharField(max_length=40, default="", db_default="", blank=True),
        ),
        migrations.AddConstraint(
            "matter",
            models.CheckConstraint(
                condition=Q(step="") | Q(statutory="") | ~Q(resolution=""),
                name="law_decides_before_work",
            ),
        ),
        migrations.RunSQL(
            SQL,
            "alter table matters_event drop constraint law_decides_before_work_event;"
            "drop function resolution_is_from_a_ballot() cascade;",
        ),
    ]  # fmt: skip
