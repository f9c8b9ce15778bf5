"""What no program may get round: step by step, lawful minors, caps, checks by people apart."""

from django.db import migrations

BOOK = """
create function points_book_guard() returns trigger language plpgsql as $$
declare steps text[] := array['draft', 'deliberated', 'voted', 'filed', 'published', 'ended'];
begin
  if new.state <> old.state and array_position(steps, new.state::text)
      <> array_position(steps, old.state::text) + 1 then
    raise exception 'a rule book goes on step by step, never back'
      using errcode = 'check_violation', constraint = 'book_step_by_step';
  end if;
  if old.state not in ('draft', 'deliberated') and (old.title, old.month_cap, old.group_cap,
      old.text, old.text_hash, old.voted_on, old.present, old.votes_for, old.version, old.place_id)
      is distinct from (new.title, new.month_cap, new.group_cap, new.text, new.text_hash,
      new.voted_on, new.present, new.votes_for, new.version, new.place_id) then
    raise exception 'what was voted on does not change: a change is a new version'
      using errcode = 'check_violation', constraint = 'book_as_voted';
  end if;
  if old.from_on is not null and old.from_on is distinct from new.from_on then
    raise exception 'the day a rule came into force stays'
      using errcode = 'check_violation', constraint = 'book_as_voted';
  end if;
  return new;
end $$;
create trigger points_book_guard before update on points_rulebook
  for each row execute function points_book_guard();
create function points_item_guard() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from points_rulebook where id = coalesce(new.book_id, old.book_id)
      and state in ('draft', 'deliberated')) then
    raise exception 'what was voted on does not change: a change is a new version'
      using errcode = 'check_violation', constraint = 'items_as_voted';
  end if;
  return coalesce(new, old);
end $$;
create trigger points_item_guard before insert or update or delete on points_ruleitem
  for each row execute function points_item_guard();
"""

HOLDER = """
create function points_is_minor(person bigint, day date) returns boolean language sql stable as
$$ select coalesce((select born_on + interval '18 years' > day from people_person
  where id = person), false) $$;
create function points_holder_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'who takes part may leave; the row stays with its account'
      using errcode = 'check_violation', constraint = 'holder_stays';
  end if;
  if tg_op = 'INSERT' and new.person_id is not null
      and points_is_minor(new.person_id, new.joined_at::date) then
    raise exception 'a minor has no account: his deeds count for the household'
      using errcode = 'check_violation', constraint = 'no_account_of_a_minor';
  end if;
  if tg_op = 'UPDATE' and (old.subject, old.person_id, old.household_id, old.team_id,
      old.organisation_id, old.account) is distinct from (new.subject, new.person_id,
      new.household_id, new.team_id, new.organisation_id, new.account) then
    raise exception 'an account does not change hands'
      using errcode = 'check_violation', constraint = 'holder_stays';
  end if;
  return new;
end $$;
create trigger points_holder_guard before insert or update or delete on points_holder
  for each row execute function points_holder_guard();
create function points_guardian_guard() returns trigger language plpgsql as $$
begin
  if points_is_minor(new.guardian_id, new.at::date) or not exists (
      select 1 from people_person g join people_person m on m.household_id = g.household_id
      where g.id = new.guardian_id and m.id = new.minor_id) then
    raise exception 'a guardian is an adult of the same household'
      using errcode = 'check_violation', constraint = 'guardian_of_household';
  end if;
  return new;
end $$;
create trigger points_guardian_guard before insert or update on points_guardianconsent
  for each row execute function points_guardian_guard();
"""

CLAIM = """
create function points_claim_guard() returns trigger language plpgsql as $$
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
        'checked>refused', 'checked>withdrawn', 'approved>refused', 'approved>noticed',
        'noticed>approved', 'noticed>entered', 'entered>reversed']) then
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
        select 1 from points_guardianconsent g where g.minor_id = new.doer_id) then
      raise exception 'a guardian agrees first'
        using errcode = 'check_violation', constraint = 'guardian_agrees_first';
    end if;
  end if;
  if exists (select 1 from people_person c where c.id in (new.first_id, new.second_id)
      and (c.id = h.person_id or c.household_id = h.household_id
        or exists (select 1 from people_person d where d.household_id = c.household_id
          and d.id in (h.person_id, new.doer_id))
        or exists (select 1 from points_team t where t.id = h.team_id and t.lead_id = c.id))) then
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
  if new.state = 'entered' and not exists (select 1 from points_notice n
      where n.id = new.notice_id and n.entered_at is not null) then
    raise exception 'points are entered when their notice has run'
      using errcode = 'check_violation', constraint = 'entered_after_the_notice';
  end if;
  return new;
end $$;
create trigger points_claim_guard before insert or update or delete on points_claim
  for each row execute function points_claim_guard();
create function points_notice_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (old.totals, old.posted_at, old.enter_from, old.place_id) is distinct
      from (new.totals, new.posted_at, new.enter_from, new.place_id)
      or old.entered_at is not null then
    raise exception 'what was made public stays'
      using errcode = 'check_violation', constraint = 'notice_stays';
  end if;
  return new;
end $$;
create trigger points_notice_guard before update or delete on points_notice
  for each row execute function points_notice_guard();
create function points_service_guard() returns trigger language plpgsql as $$
declare minutes bigint;
begin
  if tg_op = 'DELETE' or (tg_op = 'UPDATE' and (old.confirmed_by_id is not null
      or (old.person_id, old."on", old.minutes, old.by_id) is distinct from (new.person_id,
      new."on", new.minutes, new.by_id))) then
    raise exception 'what was recorded stays'
      using errcode = 'check_violation', constraint = 'service_stays';
  end if;
  perform pg_advisory_xact_lock(hashtext('points_service'), new.person_id::int);
  select coalesce(sum(s.minutes), 0) into minutes from points_service s
    where s.person_id = new.person_id and s."on" = new."on" and s.id <> new.id;
  if minutes + new.minutes > 480 then
    raise exception 'at most eight hours a day'
      using errcode = 'check_violation', constraint = 'service_within_a_day';
  end if;
  return new;
end $$;
create trigger points_service_guard before insert or update or delete on points_service
  for each row execute function points_service_guard();
"""

UNDO = """
drop function points_book_guard() cascade; drop function points_item_guard() cascade;
drop function points_holder_guard() cascade; drop function points_guardian_guard() cascade;
drop function points_claim_guard() cascade; drop function points_notice_guard() cascade;
drop function points_service_guard() cascade; drop function points_is_minor(bigint, date);
"""


class Migration(migrations.Migration):
    dependencies = [("points", "0001_initial")]
    operations = [migrations.RunSQL(BOOK + HOLDER + CLAIM, UNDO)]
