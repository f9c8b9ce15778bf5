"""Handings, reports and appeals stay as they were; each is settled once, and by another."""

from django.db import migrations

from gongzhi.core.sql import append_only

GUARDS = """
create function channels_report_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'a report stays' using errcode = 'check_violation',
      constraint = 'report_stays';
  end if;
  if tg_op = 'UPDATE' and (old.outcome <> '' or (old.post_id, old.by_id, old.why, old.at)
      is distinct from (new.post_id, new.by_id, new.why, new.at)) then
    raise exception 'a report is settled once' using errcode = 'check_violation',
      constraint = 'report_stays';
  end if;
  if new.settled_by_id is not null and exists (select 1 from channels_post
      where id = new.post_id and by_id = new.settled_by_id) then
    raise exception 'nobody settles a report about himself' using errcode = 'check_violation',
      constraint = 'report_settled_by_another';
  end if;
  return new;
end $$;
create trigger channels_report_guard before insert or update or delete on channels_report
  for each row execute function channels_report_guard();
create function channels_appeal_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'an appeal stays' using errcode = 'check_violation',
      constraint = 'appeal_stays';
  end if;
  if tg_op = 'INSERT' and not exists (select 1 from channels_post where id = new.post_id
      and by_id = new.by_id and hidden_at = new.hid_at and hidden_by_id = new.hid_by_id
      and hidden_why = new.hid_why) then
    raise exception 'the author appeals against the hiding as it was'
      using errcode = 'check_violation', constraint = 'appeal_of_the_author';
  end if;
  if tg_op = 'UPDATE' and (old.outcome <> '' or (old.post_id, old.by_id, old.words, old.at,
      old.hid_by_id, old.hid_at, old.hid_why) is distinct from (new.post_id, new.by_id,
      new.words, new.at, new.hid_by_id, new.hid_at, new.hid_why)) then
    raise exception 'an appeal is decided once' using errcode = 'check_violation',
      constraint = 'appeal_stays';
  end if;
  return new;
end $$;
create trigger channels_appeal_guard before insert or update or delete on channels_appeal
  for each row execute function channels_appeal_guard();
"""
UNDO = """
drop function channels_report_guard() cascade; drop function channels_appeal_guard() cascade;
drop trigger channels_handing_append_only on channels_handing;
drop trigger channels_handing_no_truncate on channels_handing;
"""


class Migration(migrations.Migration):
    dependencies = [("channels", "0003_care")]
    operations = [migrations.RunSQL(GUARDS + append_only("channels_handing"), UNDO)]
