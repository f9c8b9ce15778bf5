"""What no program may get round: the rule before the vote, the frozen roll, money never overspent."""

from django.db import migrations

from gongzhi.core.sql import append_only

TABLES = ("budgets_allocation", "budgets_entry", "budgets_confirmation")

BUDGET = """
create function budget_guard() returns trigger language plpgsql as $$
declare stages text[] := array['ideas', 'costing', 'vote', 'allocated', 'doing', 'done'];
begin
  if old.opened_at is not null and (old.rule, old.completion, old.amount_fen, old.per,
      old.place_id, old.vote_from, old.vote_until, old.opened_at) is distinct from (new.rule,
      new.completion, new.amount_fen, new.per, new.place_id, new.vote_from, new.vote_until,
      new.opened_at) then
    raise exception 'the rule, the money and the time are fixed before the vote'
      using errcode = 'check_violation', constraint = 'rule_before_vote';
  end if;
  if new.stage <> old.stage and array_position(stages, new.stage::text)
      <> array_position(stages, old.stage::text) + 1 then
    raise exception 'a budget goes on step by step, never back'
      using errcode = 'check_violation', constraint = 'stage_by_stage';
  end if;
  if new.stage = 'allocated' and old.stage = 'vote'
      and not exists (select 1 from budgets_allocation where budget_id = new.id) then
    raise exception 'no result without an allocation'
      using errcode = 'check_violation', constraint = 'result_is_computed';
  end if;
  return new;
end $$;
create trigger budget_guard before update on budgets_budget
  for each row execute function budget_guard();
"""

IDEA = """
create function idea_guard() returns trigger language plpgsql as $$
declare b budgets_budget;
begin
  select * into b from budgets_budget where id = new.budget_id;
  if tg_op = 'INSERT' then
    if b.stage not in ('ideas', 'costing') then
      raise exception 'ideas are taken before the vote'
        using errcode = 'check_violation', constraint = 'ideas_before_vote';
    end if;
    return new;
  end if;
  if b.stage not in ('ideas', 'costing') and (old.state, old.cost_fen, old.title, old.number)
      is distinct from (new.state, new.cost_fen, new.title, new.number) then
    raise exception 'what is voted on does not change'
      using errcode = 'check_violation', constraint = 'ideas_before_vote';
  end if;
  if new.funded is distinct from old.funded and (old.funded is not null
      or not exists (select 1 from budgets_allocation where budget_id = b.id)) then
    raise exception 'only the allocation funds a project'
      using errcode = 'check_violation', constraint = 'result_is_computed';
  end if;
  if old.finished_at is not null and new.finished_at is distinct from old.finished_at then
    raise exception 'a finished project stays so'
      using errcode = 'check_violation', constraint = 'finished_once';
  end if;
  if new.finished_at is not null and old.finished_at is null and (
      coalesce((select balance_fen from budgets_entry where project_id = new.id
        order by seq desc limit 1), 1) <> 0
      or exists (select 1 from budgets_entry e where e.project_id = new.id and e.kind = 'pay'
        and (select count(*) from budgets_confirmation c where c.entry_id = e.id and c."right")
          < 2)) then
    raise exception 'two supervisors confirm every receipt, and the rest is given back'
      using errcode = 'check_violation', constraint = 'finished_when_confirmed';
  end if;
  return new;
end $$;
create trigger idea_guard before insert or update on budgets_idea
  for each row execute function idea_guard();
"""

VOTE = """
create function elector_guard() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from budgets_budget where id = coalesce(new.budget_id, old.budget_id)
      and opened_at is null) or (tg_op = 'UPDATE' and new.budget_id <> old.budget_id) then
    raise exception 'the roll is frozen when the vote opens'
      using errcode = 'check_violation', constraint = 'roll_frozen';
  end if;
  return coalesce(new, old);
end $$;
create trigger elector_guard before insert or update or delete on budgets_elector
  for each row execute function elector_guard();
create function vote_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'a vote is changed, never taken away'
      using errcode = 'check_violation', constraint = 'vote_in_time';
  end if;
  if not exists (select 1 from budgets_budget b where b.id = new.budget_id and b.stage = 'vote'
      and new.at >= b.vote_from and new.at < b.vote_until) then
    raise exception 'votes count while the vote is open'
      using errcode = 'check_violation', constraint = 'vote_in_time';
  end if;
  if not exists (select 1 from budgets_elector e where e.id = new.elector_id
      and e.budget_id = new.budget_id and (e.person_id = new.by_id or exists (
        select 1 from people_person p where p.id = new.by_id
          and p.household_id = e.household_id))) then
    raise exception 'only the voice itself votes'
      using errcode = 'check_violation', constraint = 'vote_of_own';
  end if;
  if exists (select 1 from unnest(new.projects) one where not exists (select 1 from budgets_idea i
        where i.id = one and i.budget_id = new.budget_id and i.state = 'costed'))
      or (select count(distinct one) from unnest(new.projects) one) < cardinality(new.projects) then
    raise exception 'a vote names projects of this budget, each once'
      using errcode = 'check_violation', constraint = 'vote_on_projects';
  end if;
  return new;
end $$;
create trigger vote_guard before insert or update or delete on budgets_vote
  for each row execute function vote_guard();
create function allocation_guard() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from budgets_budget b where b.id = new.budget_id and b.stage = 'vote'
      and new.at >= b.vote_until and b.rule = new.rule and b.completion = new.completion) then
    raise exception 'allocated after the vote, by the rule fixed before it'
      using errcode = 'check_violation', constraint = 'allocation_after_vote';
  end if;
  return new;
end $$;
create trigger allocation_guard before insert on budgets_allocation
  for each row execute function allocation_guard();
"""

MONEY = """
create function entry_guard() returns trigger language plpgsql as $$
declare i budgets_idea; b budgets_budget; last budgets_entry; given bigint;
begin
  select * into i from budgets_idea where id = new.project_id for no key update;
  select * into b from budgets_budget where id = i.budget_id for no key update;
  if b.stage <> 'doing' or i.funded is null or i.finished_at is not null then
    raise exception 'an account is kept while a funded project is being done'
      using errcode = 'check_violation', constraint = 'account_of_project';
  end if;
  select * into last from budgets_entry where project_id = i.id order by seq desc limit 1;
  if (last.id is null) <> (new.kind = 'allot')
      or (new.kind = 'allot' and new.amount_fen <> i.cost_fen) then
    raise exception 'an account begins with what was allotted'
      using errcode = 'check_violation', constraint = 'account_begins_with_cost';
  end if;
  new.seq := coalesce(last.seq, 0) + 1;
  new.balance_fen := coalesce(last.balance_fen, 0)
    + case when new.kind in ('pay', 'return') then -new.amount_fen else new.amount_fen end;
  if new.kind in ('allot', 'raise') then
    select coalesce(sum(case when e.kind = 'return' then -e.amount_fen else e.amount_fen end), 0)
      into given from budgets_entry e join budgets_idea p on p.id = e.project_id
      where p.budget_id = b.id and e.kind in ('allot', 'raise', 'return');
    if given + new.amount_fen > b.amount_fen then
      raise exception 'more than the budget'
        using errcode = 'check_violation', constraint = 'never_more_than_budget';
    end if;
  end if;
  return new;
end $$;
create trigger entry_guard before insert on budgets_entry
  for each row execute function entry_guard();
create function confirmation_guard() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from budgets_entry e join budgets_supervisor s
      on s.project_id = e.project_id where e.id = new.entry_id and s.person_id = new.by_id
      and e.by_id <> new.by_id) then
    raise exception 'receipts are confirmed by the supervisors of the project'
      using errcode = 'check_violation', constraint = 'confirmed_by_supervisor';
  end if;
  return new;
end $$;
create trigger confirmation_guard before insert on budgets_confirmation
  for each row execute function confirmation_guard();
"""

UNDO = """
drop function budget_guard() cascade; drop function idea_guard() cascade;
drop function elector_guard() cascade; drop function vote_guard() cascade;
drop function allocation_guard() cascade; drop function entry_guard() cascade;
drop function confirmation_guard() cascade;
"""


class Migration(migrations.Migration):
    dependencies = [("budgets", "0001_initial"), ("core", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            BUDGET + IDEA + VOTE + MONEY + "".join(map(append_only, TABLES)),
            UNDO
            + "".join(
                f"drop trigger {table}_append_only on {table};"
                f"drop trigger {table}_no_truncate on {table};"
                for table in TABLES
            ),
        )
    ]
