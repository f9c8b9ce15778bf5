"""What must never be false of a proposal, said by the database itself.

Source: cases.md case 10 (seconders by household, resident supervisors), §1.2 (append-only, the
handler never verifies), §2.15 (limits).
"""

from django.db import migrations

from gongzhi.core.sql import append_only

SQL = (
    append_only("proposals_proposalevent")
    + append_only("proposals_review")
    + append_only("proposals_decision")
    + append_only("proposals_spending")
    + append_only("proposals_honour")
    + """
create sequence proposals_number;

create function proposal_seconder() returns trigger language plpgsql as $$
declare p record;
begin
  select household_id, accepted_at, phase into p from proposals_proposal
   where id = new.proposal_id;
  if p.household_id = new.household_id then
    raise exception 'a household does not second its own proposal'
      using errcode = 'check_violation', constraint = 'not_its_own_household';
  end if;
  if tg_op = 'UPDATE' and new.proposal_id = old.proposal_id
     and (new.household_id, new.person_id, new.at) = (old.household_id, old.person_id, old.at)
     and (old.withdrawn_at is not null or new.withdrawn_at is null) then
    raise exception 'a seconder changes only by withdrawing, once'
      using errcode = 'restrict_violation', constraint = 'seconder_kept';
  end if;
  if p.accepted_at is not null and new.carried_from_id is null then
    raise exception 'after acceptance seconders stay as they are'
      using errcode = 'check_violation', constraint = 'seconders_fixed';
  end if;
  return new;
end $$;
create trigger proposal_seconder before insert or update on proposals_seconder
  for each row execute function proposal_seconder();

create function proposal_counts() returns trigger language plpgsql as $$
begin
  update proposals_proposal set seconded = (select count(*) from proposals_seconder s
    where s.proposal_id = proposals_proposal.id and s.withdrawn_at is null)
   where id = coalesce(new.proposal_id, old.proposal_id);
  return null;
end $$;
create trigger proposal_counts after insert or update or delete on proposals_seconder
  for each row execute function proposal_counts();

create function proposal_talked() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    update proposals_proposal set talked = talked + 1 where id = new.proposal_id;
  elsif old.hidden_at is null and new.hidden_at is not null then
    update proposals_proposal set talked = talked - 1 where id = new.proposal_id;
  end if;
  return null;
end $$;
create trigger proposal_talked after insert or update on proposals_comment
  for each row execute function proposal_talked();

create function comment_kept() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.hidden_at is not null
     or (new.text, new.by_id, new.at, new.stand, new.proposal_id)
        is distinct from (old.text, old.by_id, old.at, old.stand, old.proposal_id) then
    raise exception 'a comment is hidden with a reason, never changed'
      using errcode = 'restrict_violation', constraint = 'comment_kept';
  end if;
  return new;
end $$;
create trigger comment_kept before update or delete on proposals_comment
  for each row execute function comment_kept();

create function project_handlers(project bigint) returns setof bigint language sql stable as $$
  select lead_id from proposals_project where id = project and lead_id is not null
  union select who_id from proposals_task where project_id = project and who_id is not null
  union select a.person_id from proposals_project j
    join proposals_proposal p on p.id = j.proposal_id
    join matters_assignment a on a.matter_id = p.matter_id
   where j.id = project and a.person_id is not null
$$;
create function supervisor_never_handles() returns trigger language plpgsql as $$
declare it bigint; doer bigint;
begin
  it := case tg_table_name when 'proposals_project' then new.id
        else (to_jsonb(new)->>'project_id')::bigint end;
  select s.person_id into doer from proposals_supervisor s
   where s.project_id = it and s.person_id in (select project_handlers(it)) limit 1;
  if doer is not null then
    raise exception 'person % both supervises and does the work', doer
      using errcode = 'check_violation', constraint = 'supervisor_never_handles';
  end if;
  return null;
end $$;
create trigger supervisor_never_handles after insert or update on proposals_supervisor
  for each row execute function supervisor_never_handles();
create trigger supervisor_never_handles after insert or update on proposals_task
  for each row execute function supervisor_never_handles();
create trigger supervisor_never_handles after insert or update on proposals_project
  for each row execute function supervisor_never_handles();

create function two_supervisors() returns trigger language plpgsql as $$
declare it bigint;
begin
  it := coalesce((to_jsonb(old)->>'project_id')::bigint, (to_jsonb(new)->>'id')::bigint);
  if exists (select 1 from proposals_project j where j.id = it and j.started_at is not null)
     and (select count(*) from proposals_supervisor s where s.project_id = it) < 2 then
    raise exception 'a running project has two resident supervisors'
      using errcode = 'check_violation', constraint = 'two_supervisors';
  end if;
  return null;
end $$;
create constraint trigger two_supervisors after insert or update on proposals_project
  deferrable initially deferred for each row execute function two_supervisors();
create constraint trigger two_supervisors after update or delete on proposals_supervisor
  deferrable initially deferred for each row execute function two_supervisors();

create function levy_agreed() returns trigger language plpgsql as $$
declare agreed bigint; spent bigint;
begin
  perform 1 from proposals_moneyline where id = new.line_id and source = 'levy' for update;
  if found then
    select coalesce(sum(amount_fen), 0) into agreed from proposals_levy
     where line_id = new.line_id and withdrawn_at is null;
    select coalesce(sum(amount_fen), 0) into spent from proposals_spending
     where line_id = new.line_id;
    if spent > agreed then
      raise exception 'spent % of a levy of which % was agreed', spent, agreed
        using errcode = 'check_violation', constraint = 'levy_agreed';
    end if;
  end if;
  return null;
end $$;
create constraint trigger levy_agreed after insert on proposals_spending
  deferrable initially immediate for each row execute function levy_agreed();
create constraint trigger levy_agreed after insert or update on proposals_levy
  deferrable initially immediate for each row execute function levy_agreed();

create function levy_is_a_levy() returns trigger language plpgsql as $$
begin
  if (select source from proposals_moneyline where id = new.line_id) <> 'levy' then
    raise exception 'only a levy is agreed to by households'
      using errcode = 'check_violation', constraint = 'levy_is_a_levy';
  end if;
  return null;
end $$;
create constraint trigger levy_is_a_levy after insert on proposals_levy
  deferrable initially immediate for each row execute function levy_is_a_levy();
"""
)

DOWN = """
drop function proposal_seconder() cascade; drop function proposal_counts() cascade;
drop function proposal_talked() cascade; drop function comment_kept() cascade;
drop function supervisor_never_handles() cascade; drop function project_handlers(bigint);
drop function two_supervisors() cascade; drop function levy_agreed() cascade;
drop function levy_is_a_levy() cascade; drop sequence proposals_number;
""" + "".join(
    f"drop trigger {table}_append_only on {table}; drop trigger {table}_no_truncate on {table};"
    for table in (
        "proposals_proposalevent", "proposals_review", "proposals_decision", "proposals_spending",
        "proposals_honour",
    )
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("proposals", "0001_initial"), ("core", "0002_append_only")]
    operations = [migrations.RunSQL(SQL, DOWN)]
