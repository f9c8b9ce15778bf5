"""What is voted on is frozen meanwhile; hours are no points; who left gets none; quarters stay."""

from django.db import migrations

BOOK = """
create function points_book_frozen() returns trigger language plpgsql as $$
begin
  if (old.state not in ('draft', 'deliberated')
        or (old.motion_id is not null and new.motion_id is not null and old.state = 'deliberated'))
      and (old.lasts, old.months, old.title, old.month_cap, old.group_cap)
      is distinct from (new.lasts, new.months, new.title, new.month_cap, new.group_cap) then
    raise exception 'what is voted on does not change: a change is a new version'
      using errcode = 'check_violation', constraint = 'book_as_voted';
  end if;
  return new;
end $$;
create trigger points_book_frozen before update on points_rulebook
  for each row execute function points_book_frozen();
create function points_item_frozen() returns trigger language plpgsql as $$
begin
  if exists (select 1 from points_rulebook where id = coalesce(new.book_id, old.book_id)
      and motion_id is not null) then
    raise exception 'what is voted on does not change: a change is a new version'
      using errcode = 'check_violation', constraint = 'items_as_voted';
  end if;
  return coalesce(new, old);
end $$;
create trigger points_item_frozen before insert or update or delete on points_ruleitem
  for each row execute function points_item_frozen();
"""
UNITS = """
create function points_holder_in_points() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from ledger_account where id = new.account and unit = 'points'
      and kind = case tg_table_name when 'points_holder' then 'holder' else 'budget' end) then
    raise exception 'an account of points, of this kind'
      using errcode = 'check_violation', constraint = 'account_in_points';
  end if;
  return new;
end $$;
create trigger points_holder_in_points after insert on points_holder
  for each row execute function points_holder_in_points();
create trigger points_activity_in_points after insert or update on points_activity
  for each row execute function points_holder_in_points();
"""
QUARTER = """
create function points_quarter_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.second_id is not null or (old.signed_by_id is not null
      and (old.signed_by_id, old.signed_at, old.words) is distinct from (new.signed_by_id,
      new.signed_at, new.words)) or (old.place_id, old.first_on, old.totals, old.agrees, old.by_id)
      is distinct from (new.place_id, new.first_on, new.totals, new.agrees, new.by_id) then
    raise exception 'what was signed stays'
      using errcode = 'check_violation', constraint = 'quarter_stays';
  end if;
  if new.signed_by_id is not null and exists (select 1 from points_sample s
      where s.quarter_id = new.id and s.found is null) then
    raise exception 'every entry drawn is looked at first'
      using errcode = 'check_violation', constraint = 'quarter_looked_at';
  end if;
  return new;
end $$;
create trigger points_quarter_guard before update or delete on points_quarter
  for each row execute function points_quarter_guard();
create function points_sample_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (old.quarter_id, old.claim_id) is distinct from (new.quarter_id,
      new.claim_id) or exists (select 1 from points_quarter q where q.id = old.quarter_id
      and q.signed_by_id is not null) then
    raise exception 'what was signed stays'
      using errcode = 'check_violation', constraint = 'quarter_stays';
  end if;
  return new;
end $$;
create trigger points_sample_guard before update or delete on points_sample
  for each row execute function points_sample_guard();
"""
CLAIM = """
create or replace function points_claim_guard() returns trigger language plpgsql as $$
declare i points_ruleitem; b points_rulebook; h points_holder; used bigint; units bigint;
begin
  if tg_op = 'DELETE' then
    raise exception 'a claim is withdrawn or refused, never deleted'
      using errcode = 'check_violation', constraint = 'claim_stays';
  end if;
  if tg_op = 'UPDATE' then
    if (old.item_id, old.holder_id, old.doer_id, old.points, old.times, old."on", old.event,
        old.by_id) is distinct from (new.item_id, new.holder_id, new.doer_id, new.points,
        new.times, new."on", new.event, new.by_id) then
      raise exception 'what was claimed does not change'
        using errcode = 'check_violation', constraint = 'claim_stays';
    end if;
    if new.state <> old.state and not (old.state || '>' || new.state) = any (array[
        'claimed>checked', 'claimed>refused', 'claimed>withdrawn', 'checked>approved',
        'checked>refused', 'checked>withdrawn', 'approved>refused', 'approved>withdrawn',
        'approved>noticed', 'noticed>approved', 'noticed>withdrawn', 'noticed>entered',
        'entered>reversed']) then
      raise exception 'a claim goes on step by step'
        using errcode = 'check_violation', constraint = 'claim_step_by_step';
    end if;
    if old.first_id is not null and old.first_id is distinct from new.first_id
        or old.second_id is not null and old.second_id is distinct from new.second_id then
      raise exception 'who checked stays'
        using errcode = 'check_violation', constraint = 'claim_stays';
    end if;
  end if;
  select * into i from points_ruleitem where id = new.item_id;
  select * into b from points_rulebook where id = i.book_id;
  select * into h from points_holder where id = new.holder_id for no key update;
  if tg_op = 'INSERT' then
    if b.state not in ('published', 'ended') or new."on" < b.from_on
        or (b.to_on is not null and new."on" >= b.to_on)
        or (i.until_on is not null and new."on" > i.until_on) then
      raise exception 'points are given by the rule in force on the day of the deed'
        using errcode = 'check_violation', constraint = 'claim_by_rule_in_force';
    end if;
    if h.left_at is not null or (h.subject <> i.subject
        and not (i.subject = 'person' and h.subject = 'household'
          and points_is_minor(new.doer_id, new."on"))) then
      raise exception 'the rule is for others'
        using errcode = 'check_violation', constraint = 'claim_of_its_subject';
    end if;
    if new.points <> i.points * new.times or new.times > i.cap then
      raise exception 'so many points and no more'
        using errcode = 'check_violation', constraint = 'claim_as_the_rule_says';
    end if;
    if new.doer_id is not null and points_is_minor(new.doer_id, new."on") and not exists (
        select 1 from points_guardianconsent g where g.minor_id = new.doer_id
          and g.withdrawn_at is null) then
      raise exception 'a guardian agrees first'
        using errcode = 'check_violation', constraint = 'guardian_agrees_first';
    end if;
  end if;
  if exists (select 1 from people_person c where c.id in (new.first_id, new.second_id)
      and (c.id = h.person_id or c.household_id = h.household_id
        or exists (select 1 from people_person d where d.household_id = c.household_id
          and d.id in (h.person_id, new.doer_id))
        or exists (select 1 from points_team t where t.id = h.team_id and t.lead_id = c.id)
        or exists (select 1 from points_member m where m.team_id = h.team_id
          and m.person_id = c.id and m.left_at is null)
        or exists (select 1 from people_appointment a where a.organisation_id = h.organisation_id
          and a.person_id = c.id and (a.to_on is null or a.to_on >= new.at::date)))) then
    raise exception 'nobody checks for himself or his own household'
      using errcode = 'check_violation', constraint = 'checked_by_people_apart';
  end if;
  if new.state = 'approved' and (tg_op = 'INSERT' or old.state = 'checked') then
    select coalesce(sum(c.points), 0), coalesce(sum(c.times) filter (where c.item_id = i.id), 0)
      into used, units from points_claim c where c.holder_id = h.id and c.id <> new.id
      and c.state in ('approved', 'noticed', 'entered')
      and date_trunc('month', c."on") = date_trunc('month', new."on");
    if units + new.times > i.cap or used + new.points
        > (case when h.subject = 'person' then b.month_cap else b.group_cap end) then
      raise exception 'more than the month allows'
        using errcode = 'check_violation', constraint = 'within_the_month';
    end if;
  end if;
  if new.state = 'entered' and old.state <> 'entered' then
    -- Also by the month of recording: what a verifier counts who only has the log.
    select coalesce(sum(c.points), 0) into used from points_claim c where c.holder_id = h.id
      and c.id <> new.id and c.state = 'entered'
      and date_trunc('month', c.entered_at at time zone 'Asia/Shanghai')
        = date_trunc('month', new.entered_at at time zone 'Asia/Shanghai');
    if used + new.points
        > (case when h.subject = 'person' then b.month_cap else b.group_cap end) then
      raise exception 'more than the month allows'
        using errcode = 'check_violation', constraint = 'within_the_month';
    end if;
  end if;
  if new.state = 'entered' and old.state <> 'entered' and h.left_at is not null then
    raise exception 'who has left gets no points'
      using errcode = 'check_violation', constraint = 'claim_of_who_takes_part';
  end if;
  if new.state = 'entered' and not exists (select 1 from points_notice n
      where n.id = new.notice_id and n.entered_at is not null) then
    raise exception 'points are entered when their notice has run'
      using errcode = 'check_violation', constraint = 'entered_after_the_notice';
  end if;
  return new;
end $$;
"""
SERVICE = """
create or replace function points_service_guard() returns trigger language plpgsql as $$
declare minutes bigint;
begin
  if tg_op = 'DELETE' or (tg_op = 'UPDATE' and ((old.person_id, old."on", old.minutes,
      old.by_id, old.witness_id, old.what) is distinct from (new.person_id, new."on", new.minutes,
      new.by_id, new.witness_id, new.what) or old.ended_at is not null
      or (old.confirmed_by_id is not null and (old.confirmed_by_id, old.confirmed_at, old.transfer)
      is distinct from (new.confirmed_by_id, new.confirmed_at, new.transfer)))) then
    raise exception 'what was recorded stays'
      using errcode = 'check_violation', constraint = 'service_stays';
  end if;
  perform pg_advisory_xact_lock(hashtext('points_service'), new.person_id::int);
  select coalesce(sum(s.minutes), 0) into minutes from points_service s
    where s.person_id = new.person_id and s."on" = new."on" and s.id <> new.id and s.ended_at is null;
  if new.ended_at is null and minutes + new.minutes > 480 then
    raise exception 'at most eight hours a day'
      using errcode = 'check_violation', constraint = 'service_within_a_day';
  end if;
  if new.transfer is not null and not exists (select 1 from ledger_transfer t
      join ledger_account a on a.id = t.credit_id where t.id = new.transfer and t.unit = 'hours'
      and t.amount = new.minutes and a.owner_kind = 'person' and a.owner_id = new.person_id) then
    raise exception 'volunteer time is entered in minutes of the one who served'
      using errcode = 'check_violation', constraint = 'service_in_hours';
  end if;
  return new;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("points", "0003_lives"), ("ledger", "0002_functions")]
    operations = [
        migrations.RunSQL(BOOK + UNITS + QUARTER + CLAIM + SERVICE, migrations.RunSQL.noop)
    ]
