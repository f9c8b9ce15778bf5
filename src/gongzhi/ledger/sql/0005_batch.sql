-- Many transfers in one statement: all or nothing, and every row that is wrong says why.

create type ledger_row as (
  n int, key uuid, debit bigint, credit bigint, amount bigint, code text, rule text,
  evidence text, event text, expires date, dated date
);

create function ledger_row_hash(r ledger_row) returns bytea
language sql stable parallel safe as $$
  select ledger_request(r.debit::text, r.credit::text, r.amount::text, r.code, r.rule, r.evidence,
    r.event, r.expires::text, r.dated::text)
$$;

-- The accounts the rows name, read once.
create function ledger_row_accounts(a_rows ledger_row[]) returns ledger_account[]
language sql stable set search_path = public, pg_temp as $$
  select coalesce(array_agg(a), '{}') from ledger_account a where a.id = any(array(
    select u.debit from unnest(a_rows) u union select u.credit from unnest(a_rows) u))
$$;

-- What is wrong with the rows before anything is written: [{"row", "code"}], or null. The keys are
-- looked up when they are given: what another writes at this moment shows itself at the insert.
-- Joins of lists are made by hashing: to the planner a list is short.
create function ledger_row_faults(a_rows ledger_row[], a_known ledger_account[], a_keys uuid[])
returns jsonb language sql stable
set search_path = public, pg_temp set enable_nestloop = off set enable_seqscan = off as $$
  select jsonb_agg(jsonb_build_object('row', n, 'code', fault) order by n) from (
    select r.n, case
      when d.id is null or c.id is null then 'no_account'
      when r.key is null then 'no_key'
      when r.amount is null or r.amount <= 0 then 'amount'
      when d.id = c.id then 'same_account'
      when d.unit <> c.unit or not coalesce(ledger_lawful(d.unit, r.code, d.kind, c.kind), false)
        then 'not_lawful'
      when t.id is not null and t.request_hash <> ledger_row_hash(r.whole) then 'key_reused'
      when r.twice then 'key_twice'
    end as fault
    from (select u.*, u as whole, count(*) over (partition by u.key) > 1 as twice
      from unnest(a_rows) u) r
    left join unnest(a_known) d on d.id = r.debit
    left join unnest(a_known) c on c.id = r.credit
    left join (select * from ledger_transfer where key = any(a_keys)) t on t.key = r.key) judged
  where fault is not null
$$;

-- Every fault there is, when there is one.
create function ledger_refuse_rows(a_rows ledger_row[], a_known ledger_account[]) returns void
language plpgsql as $$
declare
  faults jsonb := ledger_row_faults(a_rows, a_known, (select array_agg(u.key) from unnest(a_rows) u));
begin
  if faults is not null then
    raise exception 'rows are wrong' using errcode = 'GZ006', detail = faults::text;
  end if;
end $$;

-- Rows after which an account without that right stands below its floor, in the order of the rows.
-- Everybody locks in one order, accounts by number, then slots: that is why no plan but the walk
-- along the index may be chosen.
create function ledger_row_overdrafts(a_rows ledger_row[], a_ids bigint[]) returns jsonb
language sql volatile set search_path = public, pg_temp
set enable_nestloop = off set enable_seqscan = off set enable_bitmapscan = off as $$
  with locked as materialized (
    select a.id, a.floor, a.balance - a.held as free from ledger_account a
    where a.slots = 0 and a.id = any(a_ids) order by a.id for no key update)
  select jsonb_agg(jsonb_build_object('row', n, 'code', 'overdraft') order by n) from (
    select e.n, e.amount, a.floor,
      a.free + sum(e.amount) over (partition by e.account order by e.n) as left_over
    from (
      select n, debit as account, -amount as amount from unnest(a_rows)
      union all select n, credit, amount from unnest(a_rows)) e
    join locked a on a.id = e.account) run
  where amount < 0 and left_over < floor
$$;

-- The rows beside the numbers of their transfers.
create function ledger_rows_made(a_rows ledger_row[], a_made bigint[])
returns table (n int, key uuid, debit bigint, credit bigint, amount bigint, code text, rule text,
  evidence text, event text, expires date, dated date, id bigint)
language sql immutable parallel safe as $$
  select * from rows from (unnest(a_rows), unnest(a_made))
$$;

-- Writes the transfers whose keys are free; their numbers. Keys are claimed in order: two batches
-- never wait in a circle.
create function ledger_batch_claim(
  a_rows ledger_row[], a_made bigint[], a_by bigint, a_at timestamptz, a_today date
) returns bigint[] language plpgsql set enable_nestloop = off set enable_seqscan = off as $$
declare
  got bigint[];
begin
  with claimed as (
    insert into ledger_transfer (id, key, request_hash, debit_id, credit_id, amount, code, rule,
        evidence, event, expires_on, by, dated, at)
      select x.id, x.key, ledger_request(x.debit::text, x.credit::text, x.amount::text, x.code,
          x.rule, x.evidence, x.event, x.expires::text, x.dated::text),
        x.debit, x.credit, x.amount, x.code, x.rule, x.evidence, x.event, x.expires, a_by,
        coalesce(x.dated, a_today), a_at
      from ledger_rows_made(a_rows, a_made) x order by x.key
      on conflict (key) do nothing returning id)
  select array_agg(id) into got from claimed;
  return got;
end $$;

-- The lots of what comes in; false when somebody's lots are to be taken from.
create function ledger_batch_new_lots(
  a_rows ledger_row[], a_known ledger_account[], a_made bigint[]
) returns boolean language plpgsql set enable_nestloop = off as $$
begin
  if exists (select 1 from unnest(a_rows) x join unnest(a_known) d on d.id = x.debit
             where d.lots) then
    return false;
  end if;
  insert into ledger_lot (account_id, source_id, amount, remaining, expires_on)
    select x.credit, x.id, x.amount, x.amount, x.expires
    from ledger_rows_made(a_rows, a_made) x join unnest(a_known) c on c.id = x.credit and c.lots
    order by x.n;
  return true;
end $$;

create function ledger_batch_lots(a_rows ledger_row[], a_made bigint[], a_today date) returns void
language plpgsql as $$
declare
  r record;
begin
  for r in select x.*, d.lots as from_lots, c.lots as to_lots
    from ledger_rows_made(a_rows, a_made) x join ledger_account d on d.id = x.debit
    join ledger_account c on c.id = x.credit order by x.n
  loop
    if r.from_lots then
      begin
        perform ledger_take(r.debit, r.amount, a_today, r.id, null, null);
      exception when sqlstate 'GZ007' then
        raise exception 'rows are wrong' using errcode = 'GZ006',
          detail = jsonb_build_array(jsonb_build_object('row', r.n, 'code', 'expired'))::text;
      end;
    end if;
    if r.to_lots then
      insert into ledger_lot (account_id, source_id, amount, remaining, expires_on)
        values (r.credit, r.id, r.amount, r.amount, r.expires);
    end if;
  end loop;
end $$;

create function ledger_batch_balances(a_rows ledger_row[], a_ids bigint[]) returns void
language plpgsql set enable_nestloop = off set enable_seqscan = off as $$
begin
  update ledger_account a set balance = a.balance + e.amount from (
    select account, sum(amount)::bigint as amount from (
      select debit as account, -amount as amount from unnest(a_rows)
      union all select credit, amount from unnest(a_rows)) x group by account) e
  where a.id = any(a_ids) and a.id = e.account and a.slots = 0;
end $$;

create function ledger_batch_slots(a_rows ledger_row[], a_known ledger_account[]) returns void
language plpgsql as $$
begin
  perform 1 from ledger_slot s join unnest(a_known) a
    on a.slots > 0 and a.id = s.account_id and s.slot = pg_backend_pid() % a.slots
    order by s.account_id for no key update of s;
  update ledger_slot s set balance = s.balance + e.amount from (
    select account, pg_backend_pid() % a.slots as slot, sum(amount)::bigint as amount from (
      select debit as account, -amount as amount from unnest(a_rows)
      union all select credit, amount from unnest(a_rows)) x
    join unnest(a_known) a on a.id = x.account and a.slots > 0 group by 1, 2) e
  where s.account_id = e.account and s.slot = e.slot;
end $$;

create function ledger_batch_log(a_made bigint[], a_at timestamptz) returns void
language plpgsql as $$
begin
  insert into log_pending (kind, subject, at)
    select 'ledger.transfer', 'transfer:' || id, a_at from unnest(a_made) id order by id;
end $$;

create function ledger_post_batch(a_rows ledger_row[], a_by bigint, a_at timestamptz)
returns table (n int, transfer bigint, repeated boolean)
language plpgsql security definer
set search_path = public, ledger_open, pg_temp as $$
declare
  known ledger_account[] := ledger_row_accounts(a_rows);
  ids bigint[] := array(select a.id from unnest(known) a);
  numbers bigint[]; got bigint[]; faults jsonb; fresh ledger_row[]; made bigint[];
  today date := ledger_day(a_at);
  sequence regclass := pg_get_serial_sequence('ledger_transfer', 'id');
begin
  if ledger_row_faults(a_rows, known, null) is not null then
    perform ledger_refuse_rows(a_rows, known);
  end if;
  numbers := array(select nextval(sequence) from unnest(a_rows));
  got := ledger_batch_claim(a_rows, numbers, a_by, a_at, today);
  if cardinality(got) = cardinality(a_rows) then
    fresh := a_rows; made := numbers;
  else  -- some keys are known: with other content they are refused, with the same they are answered
    perform ledger_refuse_rows(a_rows, known);
    select array_agg((x.n, x.key, x.debit, x.credit, x.amount, x.code, x.rule, x.evidence, x.event,
        x.expires, x.dated)::ledger_row), array_agg(x.id) into fresh, made
      from ledger_rows_made(a_rows, numbers) x where x.id = any(got);
  end if;
  if fresh is not null then
    faults := ledger_row_overdrafts(fresh, ids);
    if faults is not null then
      raise exception 'rows are wrong' using errcode = 'GZ006', detail = faults::text;
    end if;
    perform ledger_batch_balances(fresh, ids);
    if exists (select 1 from unnest(known) a where a.slots > 0) then
      perform ledger_batch_slots(fresh, known);
    end if;
    if not ledger_batch_new_lots(fresh, known, made) then
      perform ledger_batch_lots(fresh, made, today);
    end if;
    perform ledger_batch_log(made, a_at);
  end if;
  if cardinality(made) = cardinality(a_rows) then
    return query select x.n, x.id, false from ledger_rows_made(fresh, made) x order by x.n;
  else
    return query select u.n, t.id, t.id <> all(coalesce(made, '{}')) from unnest(a_rows) u
      join ledger_transfer t on t.key = u.key order by u.n;
  end if;
end $$;
