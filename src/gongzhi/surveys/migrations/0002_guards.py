"""What no program may get round: sealed from those rated, frozen, entered by two, counted."""

from django.db import migrations

from gongzhi.core.sql import append_only

RATED = """
create function survey_rates(the_round bigint, who bigint) returns boolean
  language sql stable as $$
  select exists (
    select 1 from surveys_rated r where r.round_id = the_round and (r.person_id = who
      or exists (select 1 from people_appointment a
        where a.organisation_id = r.organisation_id and a.person_id = who
          and (a.to_on is null or a.to_on >= current_date))))
$$;
create function survey_keep_out() returns trigger language plpgsql as $$
declare who bigint; the_round bigint;
begin
  if tg_table_name = 'surveys_entry' then
    select s.round_id into the_round from surveys_sheet s where s.id = new.sheet_id;
    who := new.by_id;
  elsif tg_table_name = 'surveys_roll' then the_round := new.round_id; who := new.person_id;
  elsif tg_table_name = 'surveys_reading' then the_round := new.round_id; who := new.by_id;
  else the_round := new.id; who := coalesce(new.counted_by_id, new.opened_by_id);
    if survey_rates(new.id, new.chair_id) or survey_rates(new.id, new.opened_by_id) then
      raise exception 'a person rated may not open or chair the round'
        using errcode = 'check_violation', constraint = 'rated_keep_out';
    end if;
  end if;
  if survey_rates(the_round, who) then
    raise exception 'a person rated has no part in the round'
      using errcode = 'check_violation', constraint = 'rated_keep_out';
  end if;
  return new;
end $$;
create trigger rated_keep_out before insert on surveys_entry
  for each row execute function survey_keep_out();
create trigger rated_keep_out before insert on surveys_roll
  for each row execute function survey_keep_out();
create trigger rated_keep_out before insert on surveys_reading
  for each row execute function survey_keep_out();
create trigger rated_keep_out before update on surveys_round
  for each row execute function survey_keep_out();
"""

FROZEN = """
create function survey_frozen() returns trigger language plpgsql as $$
declare used timestamptz; which bigint;
begin
  if tg_table_name = 'surveys_instrument' then
    if old.frozen_at is not null then
      raise exception 'a questionnaire in use is never changed: make a new version'
        using errcode = 'restrict_violation', constraint = 'instrument_frozen';
    end if;
  else
    which := case when tg_op = 'INSERT' then new.instrument_id else old.instrument_id end;
    select frozen_at into used from surveys_instrument where id = which;
    if used is not null then
      raise exception 'a questionnaire in use is never changed: make a new version'
        using errcode = 'restrict_violation', constraint = 'instrument_frozen';
    end if;
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger instrument_frozen before update or delete on surveys_instrument
  for each row execute function survey_frozen();
create trigger instrument_frozen before insert or update or delete on surveys_question
  for each row execute function survey_frozen();

create function survey_set_up_once() returns trigger language plpgsql as $$
declare now_state text; which bigint;
begin
  which := case when tg_op = 'DELETE' then old.round_id else new.round_id end;
  select state into now_state from surveys_round where id = which;
  if tg_table_name = 'surveys_roll' and tg_op = 'UPDATE' then
    if old.how <> '' or new.person_id <> old.person_id or new.round_id <> old.round_id
       or now_state <> 'open' then
      raise exception 'a mark on the roll is made once, while the round is open'
        using errcode = 'restrict_violation', constraint = 'roll_frozen';
    end if;
  elsif now_state <> 'draft' then
    raise exception 'the roll and those rated are fixed when the round opens'
      using errcode = 'restrict_violation', constraint = 'roll_frozen';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger roll_frozen before insert or update or delete on surveys_roll
  for each row execute function survey_set_up_once();
create trigger roll_frozen before insert or update or delete on surveys_rated
  for each row execute function survey_set_up_once();
"""

ROUND = """
create function survey_round_moves() returns trigger language plpgsql as $$
declare given bigint; marked bigint; sheets_valid bigint; on_paper bigint; handed bigint;
begin
  if (old.state, new.state) not in (('draft', 'draft'), ('draft', 'open'), ('open', 'open'),
      ('open', 'closed'), ('closed', 'closed'), ('closed', 'counted')) then
    raise exception 'a round goes draft, open, closed, counted: not % to %', old.state, new.state
      using errcode = 'restrict_violation', constraint = 'round_goes_on';
  end if;
  if old.state <> 'draft' and (new.instrument_id, new.place_id, new.audience, new.chair_id,
      new.opened_by_id, new.fail_num, new.fail_den) is distinct from (old.instrument_id,
      old.place_id, old.audience, old.chair_id, old.opened_by_id, old.fail_num, old.fail_den) then
    raise exception 'an open round keeps its questions, its chair and its rule'
      using errcode = 'restrict_violation', constraint = 'round_goes_on';
  end if;
  -- Villagers Committee Law 2025 art. 38, Urban Residents Committee Law 2025 art. 37
  if old.state = 'draft' and new.state = 'open' and exists (
      select 1 from surveys_instrument i where i.id = new.instrument_id and i.kind = 'appraisal')
     and (select count(distinct a.person_id) from people_appointment a
           where a.person_id in (new.chair_id, new.opened_by_id) and a.role = 'supervisor'
             and a.place_id = new.place_id and a.from_on <= new.opened_at::date
             and (a.to_on is null or a.to_on >= new.opened_at::date))
         <> (select count(distinct x) from unnest(array[new.chair_id, new.opened_by_id]) x) then
    raise exception 'an appraisal is chaired and opened by the supervision committee'
      using errcode = 'check_violation', constraint = 'appraisal_chaired_by_supervisors';
  end if;
  if new.state = 'counted' and old.state = 'closed' then
    select count(*) into given from surveys_response where round_id = new.id;
    select count(*) filter (where how = 'phone'), count(*) filter (where how = 'paper')
      into marked, handed from surveys_roll where round_id = new.id;
    select count(*) filter (where state = 'valid'), count(*) filter (where state = 'valid'
        and channel = 'paper') into sheets_valid, on_paper
      from surveys_sheet where round_id = new.id;
    if given <> marked + sheets_valid or (new.audience = 'roll' and on_paper > handed) then
      raise exception '% answers, but % marks and % valid sheets', given, marked, sheets_valid
        using errcode = 'check_violation', constraint = 'round_adds_up';
    end if;
  end if;
  return new;
end $$;
create trigger round_goes_on before update on surveys_round
  for each row execute function survey_round_moves();

create function survey_box_shut() returns trigger language plpgsql as $$
declare now_state text; which uuid; the_round bigint;
begin
  if tg_op = 'UPDATE' then
    raise exception 'an answer is never changed'
      using errcode = 'restrict_violation', constraint = 'box_shut';
  end if;
  if tg_table_name = 'surveys_response' then
    the_round := case when tg_op = 'DELETE' then old.round_id else new.round_id end;
  else
    which := case when tg_op = 'DELETE' then old.response_id else new.response_id end;
    select round_id into the_round from surveys_response where id = which;
  end if;
  select state into now_state from surveys_round where id = the_round;
  if now_state in ('draft', 'counted') then
    raise exception 'answers come in while the round is open, and none after the count'
      using errcode = 'restrict_violation', constraint = 'box_shut';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger box_shut before insert or update or delete on surveys_response
  for each row execute function survey_box_shut();
create trigger box_shut before insert or update or delete on surveys_answer
  for each row execute function survey_box_shut();
"""

SHEETS = """
create function survey_sheet_moves() returns trigger language plpgsql as $$
begin
  if old.state in ('valid', 'void') or (new.round_id, new.number, new.code)
      is distinct from (old.round_id, old.number, old.code) then
    raise exception 'a sheet is merged once'
      using errcode = 'restrict_violation', constraint = 'sheet_merged_once';
  end if;
  if new.state in ('valid', 'void') and new.channel = 'paper' and not exists (
    with last as (select distinct on (by_id) by_id, answers, void from surveys_entry
                   where sheet_id = new.id order by by_id, id desc)
    select 1 from last a join last b on a.by_id < b.by_id
     where a.void = b.void and a.void = (new.state = 'void')
       and (a.void or a.answers = b.answers)) then
    raise exception 'two different people must type the same before a sheet counts'
      using errcode = 'check_violation', constraint = 'sheet_entered_by_two';
  end if;
  return new;
end $$;
create trigger sheet_moves before update on surveys_sheet
  for each row execute function survey_sheet_moves();
create function survey_reading_counted() returns trigger language plpgsql as $$
begin
  if (select state from surveys_round where id = new.round_id) <> 'counted' then
    raise exception 'single answers are sealed until the count'
      using errcode = 'check_violation', constraint = 'sealed_until_the_count';
  end if;
  return new;
end $$;
create trigger sealed_until_the_count before insert on surveys_reading
  for each row execute function survey_reading_counted();
"""

VERDICT = """
alter table surveys_verdict
  add constraint verdict_follows_the_share check (
    failed = (incompetent * fail_den > (competent + basic + incompetent) * fail_num)),
  add constraint verdict_of_five check (competent + basic + incompetent >= 5);
create function survey_verdict_counted() returns trigger language plpgsql as $$
declare told bigint[];
begin
  select array[count(*) filter (where a.picks = '[0]'), count(*) filter (where a.picks = '[1]'),
               count(*) filter (where a.picks = '[2]')] into told
    from surveys_answer a join surveys_question q on q.id = a.question_id
   where a.rated_id = new.rated_id and q.kind = 'appraise';
  if told <> array[new.competent, new.basic, new.incompetent]::bigint[] or not exists (
      select 1 from surveys_rated r join surveys_round w on w.id = r.round_id
       where r.id = new.rated_id and r.person_id = new.person_id and w.place_id = new.place_id
         and w.state = 'counted' and w.fail_num = new.fail_num and w.fail_den = new.fail_den) then
    raise exception 'a verdict is counted, never typed'
      using errcode = 'check_violation', constraint = 'verdict_is_counted';
  end if;
  return new;
end $$;
create trigger verdict_is_counted before insert on surveys_verdict
  for each row execute function survey_verdict_counted();
"""

SQL = (
    RATED + FROZEN + ROUND + SHEETS + VERDICT
    + "".join(map(append_only, ("surveys_entry", "surveys_reading", "surveys_verdict")))
)
FUNCTIONS = (
    "survey_rates(bigint, bigint)", "survey_keep_out()", "survey_frozen()",
    "survey_set_up_once()", "survey_round_moves()", "survey_box_shut()", "survey_sheet_moves()",
    "survey_reading_counted()", "survey_verdict_counted()",
)


class Migration(migrations.Migration):
    dependencies = [("surveys", "0001_initial"), ("core", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            SQL,
            "".join(f"drop function {name} cascade;" for name in FUNCTIONS)
            + "".join(
                f"drop trigger {table}_append_only on {table};"
                f"drop trigger {table}_no_truncate on {table};"
                for table in ("surveys_entry", "surveys_reading", "surveys_verdict")
            ),
        )
    ]
