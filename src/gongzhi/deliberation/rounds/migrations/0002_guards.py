"""What must never be false of a round: who votes, on what, when; and that what is closed stays."""

from django.db import migrations

from gongzhi.core.sql import append_only

ROLL = """
create function round_roll(the_round bigint, who bigint, on_day date) returns boolean
language sql stable as $$
  select exists (
    select 1 from rounds_round r join people_person p on p.id = who
    where r.id = the_round and (p.born_on is null or p.born_on <= on_day - interval '18 years')
      and ((r.electorate = 'residents' and exists (
          select 1 from people_household h join places_place w on w.id in (h.place_id, h.grid_id)
          where h.id = p.household_id and w.path like r.place_path || '%'))
        or exists (select 1 from people_membership m join places_place w on w.id = m.place_id
          where m.person_id = who and w.path like r.place_path || '%'
            and (m.from_on is null or m.from_on <= on_day)
            and (m.to_on is null or m.to_on >= on_day)
            and m.kind = case r.electorate when 'residents' then 'resident'
                                           else r.electorate end)))
$$;
"""

VOTE = """
create function round_vote_guard() returns trigger language plpgsql as $$
declare r record;
begin
  select o.id, o.state, o.opens_at, o.closes_at, s.state as let into r
    from rounds_statement s join rounds_round o on o.id = s.round_id
   where s.id = new.statement_id for share of o;
  if r.id is distinct from new.round_id or r.let <> 'in' then
    raise exception 'this statement is not put to the vote in this round'
      using errcode = 'check_violation', constraint = 'vote_on_statement_in';
  end if;
  if r.state <> 'open' or new.at < r.opens_at or new.at >= r.closes_at then
    raise exception 'votes are given while the round is open'
      using errcode = 'check_violation', constraint = 'vote_while_open';
  end if;
  if not round_roll(new.round_id, new.person_id, (new.at at time zone 'Asia/Shanghai')::date) then
    raise exception 'only people on the roll vote'
      using errcode = 'check_violation', constraint = 'vote_on_roll';
  end if;
  if tg_op = 'UPDATE' then
    if (old.round_id, old.statement_id, old.person_id)
       <> (new.round_id, new.statement_id, new.person_id) then
      raise exception 'a vote stays with its person and statement'
        using errcode = 'restrict_violation', constraint = 'vote_stays';
    end if;
    insert into rounds_changed (vote, value, at) values (old.id, old.value, old.at);
  end if;
  return new;
end $$;
create trigger vote_guard before insert or update on rounds_vote
  for each row execute function round_vote_guard();
create function round_vote_kept() returns trigger language plpgsql as $$
begin
  raise exception 'a vote is changed, never taken away'
    using errcode = 'restrict_violation', constraint = 'vote_kept';
end $$;
create trigger vote_kept before delete on rounds_vote
  for each row execute function round_vote_kept();
create trigger vote_no_truncate before truncate on rounds_vote
  for each statement execute function round_vote_kept();
"""

FROZEN = """
create function round_frozen() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'rounds_round' then
    if old.state = 'closed' then
      raise exception 'a closed round is never changed'
        using errcode = 'restrict_violation', constraint = 'round_frozen';
    end if;
  elsif old.final then
    raise exception 'the picture of a closed round is never changed'
      using errcode = 'restrict_violation', constraint = 'picture_frozen';
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger round_frozen before update or delete on rounds_round
  for each row execute function round_frozen();
create trigger picture_frozen before update or delete on rounds_picture
  for each row execute function round_frozen();

create function round_statement_guard() returns trigger language plpgsql as $$
declare r record;
begin
  select state, opens_at, closes_at into r from rounds_round where id = new.round_id for share;
  if r.state <> 'open' then
    raise exception 'statements are put and judged while the round is open'
      using errcode = 'check_violation', constraint = 'statement_while_open';
  end if;
  if tg_op = 'UPDATE' and (old.text, old.round_id, old.number) <>
                          (new.text, new.round_id, new.number) then
    raise exception 'the words of a statement are never changed: people voted on them'
      using errcode = 'restrict_violation', constraint = 'statement_words_stay';
  end if;
  return new;
end $$;
create trigger statement_guard before insert or update of text, round_id, number, state
  on rounds_statement for each row execute function round_statement_guard();
"""

FUNCTIONS = (
    "round_vote_guard()", "round_vote_kept()", "round_frozen()", "round_statement_guard()",
    "round_roll(bigint, bigint, date)",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("rounds", "0001_initial"),
        ("core", "0002_append_only"),
        ("people", "0005_no_proxy_of"),
        ("places", "0003_end_of_adoption"),
    ]
    operations = [
        migrations.RunSQL(
            ROLL + VOTE + FROZEN + append_only("rounds_changed"),
            "".join(f"drop function {name} cascade;" for name in FUNCTIONS)
            + "drop trigger rounds_changed_append_only on rounds_changed;"
            + "drop trigger rounds_changed_no_truncate on rounds_changed;",
        )
    ]
