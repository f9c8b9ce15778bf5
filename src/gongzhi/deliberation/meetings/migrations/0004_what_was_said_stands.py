"""What was asked and promised before everybody stands.

A question is neither reworded nor left out, an answer given is not given otherwise; a promise keeps
its words and its owner, and is kept or broken only where somebody's judgement says so.
"""

from django.db import migrations

STANDS = """
create function meetings_question_stands() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.state <> 'answered'
     and (new.id, new.session_id, new.number, new.text, new.suggestion, new.asker, new.how, new.at)
       = (old.id, old.session_id, old.number, old.text, old.suggestion, old.asker, old.how, old.at)
     and (new.person_id, new.by_id) is not distinct from (old.person_id, old.by_id) then
    return new;
  end if;
  raise exception 'a question stands as it was asked and answered'
    using errcode = 'restrict_violation', constraint = 'question_stands';
end $$;
create trigger meetings_question_stands before update or delete on meetings_question
  for each row execute function meetings_question_stands();

create function meetings_pledge_stands() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE'
     and (to_jsonb(new) - 'state' - 'due_on') = (to_jsonb(old) - 'state' - 'due_on') then
    return new;
  end if;
  raise exception 'a pledge keeps its words and its owner'
    using errcode = 'restrict_violation', constraint = 'pledge_stands';
end $$;
create trigger meetings_pledge_stands before update or delete on meetings_pledge
  for each row execute function meetings_pledge_stands();

create function meetings_pledge_as_judged() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from (select e.verb, e.due_on from meetings_pledgeevent e
        where e.pledge_id = new.id order by e.id desc limit 1) last
      join meetings_pledge p on p.id = new.id
     where last.due_on = p.due_on
       and p.state = case last.verb when 'made' then 'open' else last.verb end
  ) then
    raise exception 'a pledge stands as the last word on it says'
      using errcode = 'check_violation', constraint = 'pledge_as_judged';
  end if;
  return null;
end $$;
create constraint trigger meetings_pledge_as_judged after insert or update on meetings_pledge
  deferrable initially deferred for each row execute function meetings_pledge_as_judged();
"""
BACK = """
drop trigger meetings_question_stands on meetings_question;
drop function meetings_question_stands();
drop trigger meetings_pledge_stands on meetings_pledge;
drop function meetings_pledge_stands();
drop trigger meetings_pledge_as_judged on meetings_pledge;
drop function meetings_pledge_as_judged();
"""


class Migration(migrations.Migration):
    """Triggers beside the tables of 0001."""

    dependencies = [("meetings", "0003_survey_of_a_part")]  # noqa: RUF012
    operations = [migrations.RunSQL(STANDS, BACK)]  # noqa: RUF012
