"""Phases follow each other, each passed by a review; what was adopted and walked stays."""

from django.db import migrations

from gongzhi.core.sql import append_only

SQL = """
-- Two thirds there and more than half of those present: Villagers Committee Law 2025 art. 30,
-- Urban Residents Committee Law 2025 art. 29.
alter table programmes_review add constraint review_pass_is_a_majority check (
  verdict <> 'pass' or (present * 3 >= members * 2 and votes_for * 2 > present));
create function programme_step() returns trigger language plpgsql as $$
declare last programmes_step; passed programmes_review; phases jsonb; at_now int; at_next int;
begin
  select d.source->'phase' into phases from programmes_programme p
    join programmes_definitiontext d on d.digest = p.definition_id where p.id = new.programme_id;
  select * into last from programmes_step where programme_id = new.programme_id
    order by seq desc limit 1;
  select coalesce(min(i) - 1, jsonb_array_length(phases)) into at_next
    from jsonb_array_elements(phases) with ordinality as e(v, i) where v->>'key' = new.phase;
  if last.id is null then
    if new.seq <> 1 or at_next <> 0 or new.review_id is not null then
      raise exception 'a programme begins with its first phase'
        using errcode = 'check_violation', constraint = 'phases_in_order';
    end if;
    return new;
  end if;
  select coalesce(min(i) - 1, jsonb_array_length(phases)) into at_now
    from jsonb_array_elements(phases) with ordinality as e(v, i) where v->>'key' = last.phase;
  if new.seq <> last.seq + 1 or at_next <> at_now + 1 or new.on <= last.on
     or last.phase = 'done' then
    raise exception 'phases follow one another, each after the day of the last'
      using errcode = 'check_violation', constraint = 'phases_in_order';
  end if;
  select * into passed from programmes_review where id = new.review_id;
  if passed.id is null or passed.programme_id <> new.programme_id or passed.phase <> last.phase
     or passed.verdict <> 'pass' or passed.held_on > new.on then
    raise exception 'a phase is passed by the review of the representatives'' meeting'
      using errcode = 'check_violation', constraint = 'phase_passed_by_review';
  end if;
  return new;
end $$;
create trigger programme_step before insert on programmes_step
  for each row execute function programme_step();
create function programme_recorded() returns trigger language plpgsql as $$
begin
  if old.verdict <> '' then
    raise exception 'what a meeting decided is not written over'
      using errcode = 'restrict_violation', constraint = 'review_recorded_once';
  end if;
  return new;
end $$;
create trigger review_recorded_once before update or delete on programmes_review
  for each row execute function programme_recorded();
""" + append_only("programmes_step") + append_only("programmes_definitiontext")


class Migration(migrations.Migration):
    dependencies = [("programmes", "0001_initial"), ("core", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            SQL,
            "alter table programmes_review drop constraint review_pass_is_a_majority;"
            "drop function programme_step() cascade; drop function programme_recorded() cascade;"
            "drop trigger programmes_step_append_only on programmes_step;"
            "drop trigger programmes_step_no_truncate on programmes_step;"
            "drop trigger programmes_definitiontext_append_only on programmes_definitiontext;"
            "drop trigger programmes_definitiontext_no_truncate on programmes_definitiontext;",
        )
    ]
