"""What a session may never do, whoever asks: the same sentences the actions speak."""

from django.db import migrations

from gongzhi.core.sql import append_only

TABLES = ("sessionevent", "minutes", "pledgeevent", "roll")

SQL = "".join(append_only(f"meetings_{table}") for table in TABLES) + """
alter table meetings_session add constraint noticed_in_time check (
  noticed_at is null or short_notice <> ''
  or (starts_at at time zone 'Asia/Shanghai')::date
     - (noticed_at at time zone 'Asia/Shanghai')::date >= notice_days);

create function meetings_session_steps() returns trigger language plpgsql as $$
declare
  left_over text;
  missing text;
begin
  if new.state <> old.state and (old.state, new.state) not in (
    ('draft', 'noticed'), ('draft', 'cancelled'), ('noticed', 'cancelled'),
    ('noticed', 'open'), ('open', 'closed')
  ) then
    raise exception 'a session goes from % to % never', old.state, new.state
      using errcode = 'check_violation', constraint = 'session_goes_forward';
  end if;
  if new.state = 'open' and old.state = 'noticed' then
    select string_agg(c, ',') into missing from jsonb_array_elements_text(new.required) c
     where not exists (
       select 1 from meetings_roll r join meetings_attendance a
         on a.session_id = r.session_id and a.person_id = r.person_id
        where r.session_id = new.id and r.seat_class = c);
    if missing is not null then
      raise exception 'nobody came for %', missing
        using errcode = 'check_violation', constraint = 'composition_complete';
    end if;
  end if;
  if new.state = 'closed' and old.state = 'open' then
    select string_agg(i.title, ',') into left_over from meetings_agendaitem i
     where i.session_id = new.id and i.kind in ('item', 'motion', 'hearing') and i.outcome = '';
    if left_over is not null then
      raise exception 'items without an outcome: %', left_over
        using errcode = 'check_violation', constraint = 'every_item_leaves';
    end if;
  end if;
  return new;
end $$;
create trigger meetings_session_steps before update on meetings_session
  for each row execute function meetings_session_steps();

create function meetings_session_is_over() returns trigger language plpgsql as $$
declare
  of_session bigint := case when tg_op = 'DELETE' then old.session_id else new.session_id end;
begin
  if exists (select 1 from meetings_session s where s.id = of_session
              and s.state in ('closed', 'cancelled')) then
    raise exception 'the session is over' using errcode = 'check_violation',
      constraint = 'session_is_over';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger meetings_agenda_over before insert or update or delete on meetings_agendaitem
  for each row execute function meetings_session_is_over();
create trigger meetings_attendance_over before insert or update or delete on meetings_attendance
  for each row execute function meetings_session_is_over();
create trigger meetings_mandate_over before insert or update or delete on meetings_mandate
  for each row execute function meetings_session_is_over();

create function meetings_roll_frozen() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from meetings_session s where s.id = new.session_id
                  and s.state = 'noticed') then
    raise exception 'the roll is frozen when the session opens'
      using errcode = 'check_violation', constraint = 'roll_frozen';
  end if;
  return new;
end $$;
create trigger meetings_roll_frozen before insert on meetings_roll
  for each row execute function meetings_roll_frozen();

create function meetings_owner_never_judges() returns trigger language plpgsql as $$
begin
  if new.verb in ('kept', 'broken', 'extended') and exists (
    select 1 from meetings_pledge p where p.id = new.pledge_id and p.owner_id = new.by_id
  ) then
    raise exception 'the owner of a pledge may not judge it'
      using errcode = 'check_violation', constraint = 'owner_never_judges';
  end if;
  return new;
end $$;
create trigger meetings_owner_never_judges before insert on meetings_pledgeevent
  for each row execute function meetings_owner_never_judges();
"""

BACK = (
    "".join(
        f"drop trigger meetings_{t}_append_only on meetings_{t};"
        f"drop trigger meetings_{t}_no_truncate on meetings_{t};"
        for t in TABLES
    )
    + """
alter table meetings_session drop constraint noticed_in_time;
drop function meetings_session_steps() cascade;
drop function meetings_session_is_over() cascade;
drop function meetings_roll_frozen() cascade;
drop function meetings_owner_never_judges() cascade;
"""
)


class Migration(migrations.Migration):
    dependencies = [("meetings", "0001_initial"), ("core", "0002_append_only")]
    operations = [migrations.RunSQL(SQL, BACK)]
