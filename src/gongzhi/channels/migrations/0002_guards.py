"""What is said stays as it was said; a vote is for an option that is there, while the poll lasts."""

from django.db import migrations

GUARDS = """
create function channels_post_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (old.words, old.kind, old.by_id, old.at, old.channel_id, old.options,
      old.under_id, old.until_at) is distinct from (new.words, new.kind, new.by_id, new.at,
      new.channel_id, new.options, new.under_id, new.until_at) then
    raise exception 'what was said stays; it may be hidden, with a reason'
      using errcode = 'check_violation', constraint = 'said_stays_said';
  end if;
  if old.matter_id is not null and old.matter_id is distinct from new.matter_id
      or old.answered_at is not null and old.answered_at is distinct from new.answered_at then
    raise exception 'a matter of a post, and its first answer, stay'
      using errcode = 'check_violation', constraint = 'said_stays_said';
  end if;
  return new;
end $$;
create trigger channels_post_guard before update or delete on channels_post
  for each row execute function channels_post_guard();
create function channels_vote_guard() returns trigger language plpgsql as $$
declare p channels_post;
begin
  if tg_op = 'DELETE' then
    raise exception 'a voice is changed, never taken away'
      using errcode = 'check_violation', constraint = 'voice_in_time';
  end if;
  select * into p from channels_post where id = new.post_id;
  if p.kind <> 'poll' or new.at >= p.until_at or p.hidden_at is not null then
    raise exception 'the poll is over'
      using errcode = 'check_violation', constraint = 'voice_in_time';
  end if;
  if new.option >= cardinality(p.options) then
    raise exception 'no such option'
      using errcode = 'check_violation', constraint = 'voice_for_an_option';
  end if;
  if tg_op = 'UPDATE' and (old.post_id, old.person_id) is distinct from
      (new.post_id, new.person_id) then
    raise exception 'a voice does not change hands'
      using errcode = 'check_violation', constraint = 'voice_in_time';
  end if;
  return new;
end $$;
create trigger channels_vote_guard before insert or update or delete on channels_vote
  for each row execute function channels_vote_guard();
create function channels_receipt_guard() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from channels_post where id = new.post_id and kind = 'notice') then
    raise exception 'only a notice is acknowledged'
      using errcode = 'check_violation', constraint = 'receipt_of_a_notice';
  end if;
  return new;
end $$;
create trigger channels_receipt_guard before insert or update on channels_receipt
  for each row execute function channels_receipt_guard();
"""
UNDO = """
drop function channels_post_guard() cascade; drop function channels_vote_guard() cascade;
drop function channels_receipt_guard() cascade;
"""


class Migration(migrations.Migration):
    dependencies = [("channels", "0001_initial")]
    operations = [migrations.RunSQL(GUARDS, UNDO)]
