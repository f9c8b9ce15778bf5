"""What must never be false of a vote: rolls and closed motions stand still, boards are whole."""

from django.db import migrations

from gongzhi.core.sql import append_only

SQL = append_only("ballots_handcount") + append_only("ballots_use") + """
alter table ballots_motion
  add constraint motion_of_body foreign key (body_id) references bodies_body (id)
    deferrable initially deferred,
  add constraint motion_of_session foreign key (session_id) references meetings_session (id)
    deferrable initially deferred,
  add constraint motion_of_item foreign key (item_id) references meetings_agendaitem (id)
    deferrable initially deferred;
alter table ballots_topic add constraint topic_of_body foreign key (body_id)
  references bodies_body (id) deferrable initially deferred;
alter table ballots_ballot add constraint ballot_as_secret_as_its_motion
  foreign key (motion_id, secret) references ballots_motion (id, secret);

create function ballot_only_while_open() returns trigger language plpgsql as $$
declare stands text;
begin
  select state into stands from ballots_motion
   where id = case when tg_op = 'DELETE' then old.motion_id else new.motion_id end;
  if stands <> 'open' then
    raise exception 'ballots change only while the vote is open'
      using errcode = 'check_violation', constraint = 'ballot_only_while_open';
  end if;
  if tg_op = 'UPDATE' and (new.motion_id, new.secret, new.receipt)
      is distinct from (old.motion_id, old.secret, old.receipt) then
    raise exception 'a ballot stays what it is but for the choice'
      using errcode = 'check_violation', constraint = 'ballot_only_while_open';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger ballot_only_while_open before insert or update or delete on ballots_ballot
  for each row execute function ballot_only_while_open();
create function paper_only_while_open() returns trigger language plpgsql as $$
begin
  if exists (select 1 from ballots_motion where id = new.motion_id and state <> 'open') then
    raise exception 'papers are entered before the count'
      using errcode = 'check_violation', constraint = 'paper_only_while_open';
  end if;
  return new;
end $$;
create trigger paper_only_while_open before insert or update on ballots_paperentry
  for each row execute function paper_only_while_open();

create function roll_is_frozen() returns trigger language plpgsql as $$
declare stands text;
begin
  select state into stands from ballots_motion
   where id = case when tg_op = 'DELETE' then old.motion_id else new.motion_id end;
  if stands = 'draft' or (tg_op = 'UPDATE' and stands = 'open'
      and (new.motion_id, new.person_id, new.household_id, new.area)
        is not distinct from (old.motion_id, old.person_id, old.household_id, old.area)) then
    return case when tg_op = 'DELETE' then old else new end;
  end if;
  raise exception 'the roll was frozen when the vote opened'
    using errcode = 'check_violation', constraint = 'roll_is_frozen';
end $$;
create trigger roll_is_frozen before insert or update or delete on ballots_elector
  for each row execute function roll_is_frozen();

create function motion_is_frozen() returns trigger language plpgsql as $$
declare in_the_box int; on_the_roll int;
begin
  if tg_op = 'DELETE' then
    if old.state = 'draft' then return old; end if;
    raise exception 'a motion that was put to the vote is kept'
      using errcode = 'check_violation', constraint = 'motion_is_frozen';
  end if;
  if old.state in ('closed', 'void') then
    raise exception 'a vote that was counted stands'
      using errcode = 'check_violation', constraint = 'motion_is_frozen';
  end if;
  if old.state = 'open' and (new.state = 'draft' or new.closes_at > old.closes_at
      or (new.title, new.text, new.rule, new.edition, new.house, new.binding, new.method,
          new.options, new.most, new.secret, new.weighted, new.electorate, new.opens_at,
          new.matter_id, new.session_id, new.item_id, new.body_id)
        is distinct from (old.title, old.text, old.rule, old.edition, old.house, old.binding,
          old.method, old.options, old.most, old.secret, old.weighted, old.electorate,
          old.opens_at, old.matter_id, old.session_id, old.item_id, old.body_id)) then
    raise exception 'what is put to the vote does not change while people vote'
      using errcode = 'check_violation', constraint = 'motion_is_frozen';
  end if;
  if new.state = 'closed' then
    select count(*) into in_the_box from ballots_ballot where motion_id = new.id;
    select count(*) into on_the_roll from ballots_elector
     where motion_id = new.id and voted in ('phone', 'paper');
    if in_the_box > on_the_roll or in_the_box <> (new.result->>'ballots')::int then
      raise exception '% ballots, % on the roll, % in the result', in_the_box, on_the_roll,
        new.result->>'ballots' using errcode = 'check_violation',
        constraint = 'no_more_ballots_than_voters';
    end if;
  end if;
  return new;
end $$;
create trigger motion_is_frozen before update or delete on ballots_motion
  for each row execute function motion_is_frozen();

create function ballots_roll_anew(motion bigint) returns void language plpgsql as $$
declare line bigint;
begin
  for line in select id from ballots_elector where motion_id = motion order by id loop
    update ballots_elector set voted = voted where id = line;
  end loop;
end $$;

create function opinion_is_not_binding() returns trigger language plpgsql as $$
begin
  if exists (select 1 from ballots_motion where id = new.motion_id
      and (binding or state <> 'closed')) then
    raise exception 'only a forum''s opinion is used or not'
      using errcode = 'check_violation', constraint = 'opinion_is_not_binding';
  end if;
  return new;
end $$;
create trigger opinion_is_not_binding before insert on ballots_use
  for each row execute function opinion_is_not_binding();
"""
BACK = """
drop function ballots_roll_anew(bigint);
alter table ballots_motion drop constraint motion_of_body, drop constraint motion_of_session,
  drop constraint motion_of_item;
alter table ballots_topic drop constraint topic_of_body;
drop function opinion_is_not_binding() cascade; drop function motion_is_frozen() cascade;
drop function roll_is_frozen() cascade; drop function paper_only_while_open() cascade;
drop function ballot_only_while_open() cascade;
alter table ballots_ballot drop constraint ballot_as_secret_as_its_motion;
drop trigger ballots_handcount_append_only on ballots_handcount;
drop trigger ballots_handcount_no_truncate on ballots_handcount;
drop trigger ballots_use_append_only on ballots_use;
drop trigger ballots_use_no_truncate on ballots_use;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ballots", "0001_initial"),
        ("core", "0002_append_only"),
        ("meetings", "0001_initial"),
    ]
    operations = [migrations.RunSQL(SQL, BACK)]
