-- Many transfers in one statement: all or nothing, and every row that is wrong says why.

create type ledger_row as (
  n int, key uuid, debit bigint, credit bigint, amount bigint, code text, rule text,
  evidence text, event text, expires date, dated date
);

create function ledger_row_hash(r ledger_row) returns bytea
language sql immutable parallel safe as $$
  select ledger_request(r.debit::text, r.credit::text, r.amount::text, r.code, r.rule, r.evidence,
    r.event, r.expires::text, r.dated::text)
$$;

-- What is wrong with the rows before anything is written: [{"row", "code"}], or null.
create function ledger_row_faults(a_rows ledger_row[]) returns jsonb
language sql stable set search_path = public, pg_temp as $$
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
    left join ledger_account d on d.id = r.debit
    left join ledger_account c on c.id = r.credit
    left join ledger_transfer t on t.key = r.key) judged
  where fault is not null
$$;

-- Rows after which an account without that right stands below its floor, in the order of the rows.
create function ledger_row_overdrafts(a_rows ledger_row[]) returns jsonb
language sql volatile set search_path = public, pg_temp as $$
  select jsonb_agg(jsonb_build_object('row', n, 'code', 'overdraft') order by n) from (
    select e.n, e.amount, a.floor, a.balance - a.held
        + sum(e.amount) over (partition by e.account order by e.n) as left_over
    from (
      select n, debit as account, -amount as amount from unnest(a_rows)
      union all select n, credit, amount from unnest(a_rows)) e
    join ledger_account a on a.id = e.account where a.floor is not null) run
  where amount < 0 and left_over < floor
$$;

-- The rows beside the numbers of their transfers.
create function ledger_rows_made(a_rows ledger_row[], a_made bigint[])
returns table (n int, key uuid, debit bigint, credit bigint, amount bigint, code text, rule text,
  evidence text, event text, expires date, dated date, id bigint)
language sql immutable parallel safe as $$
  select * from rows from (unnest(a_rows), unnest(a_made))
$$;

create function ledger_batch_lots(a_rows ledger_row[], a_made bigint[], a_today date) returns void
language plpgsql as $$
declare
  r record;
begin
  if not exists (select 1 from unnest(a_rows) x join ledger_account d on d.id = x.debit
                 where d.lots) then
    insert into ledger_lot (account_id, source_id, amount, remaining, expires_on)
      select x.credit, x.id, x.amount, x.amount, x.expires
      from ledger_rows_made(a_rows, a_made) x join ledger_account c on c.id = x.credit and c.lots
      order by x.n;
    return;
  end if;
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

create function ledger_batch_balances(a_rows ledger_row[]) returns void
language plpgsql as $$
begin
  update ledger_account a set balance = a.balance + e.amount from (
    select account, sum(amount)::bigint as amount from (
      select debit as account, -amount as amount from unnest(a_rows)
      union all select credit, amount from unnest(a_rows)) x group by account) e
  where a.id = e.account and a.slots = 0;
  update ledger_slot s set balance = s.balance + e.amount from (
    select account, pg_backend_pid() % a.slots as slot, sum(amount)::bigint as amount from (
      select debit as account, -amount as amount from unnest(a_rows)
      union all select credit, amount from unnest(a_rows)) x
    join ledger_account a on a.id = x.account and a.slots > 0 group by 1, 2) e
  where s.account_id = e.account and s.slot = e.slot;
end $$;

create function ledger_batch_locks(a_rows ledger_row[]) returns void
language plpgsql as $$
begin
  perform 1 from ledger_account a where a.slots = 0 and a.id in
    (select u.debit from unnest(a_rows) u union select u.credit from unnest(a_rows) u)
    order by a.id for no key update;
  perform 1 from ledger_slot s join ledger_account a
    on a.id = s.account_id and s.slot = pg_backend_pid() % a.slots
    where a.slots > 0 and a.id in
      (select u.debit from unnest(a_rows) u union select u.credit from unnest(a_rows) u)
    order by s.account_id for no key update of s;
end $$;

create function ledger_post_batch(a_rows ledger_row[], a_by bigint, a_at timestamptz)
returns table (n int, transfer bigint, repeated boolean)
language plpgsql security definer
set search_path = public, ledger_open, pg_temp as $$
declare
  faults jsonb; fresh ledger_row[]; made bigint[];
  numbers regclass := pg_get_serial_sequence('ledger_transfer', 'id');
  today date := (a_at at time zone 'Asia/Shanghai')::date;
begin
  faults := ledger_row_faults(a_rows);
  if faults is not null then
    raise exception 'rows are wrong' using errcode = 'GZ006', detail = faults::text;
  end if;
  -- Numbers follow the rows, keys are claimed in order: two batches never wait in a circle.
  with numbered as (
    select nextval(numbers) as id, x.* from (select * from unnest(a_rows) u order by u.n) x),
  claimed as (
    insert into ledger_transfer (id, key, request_hash, debit_id, credit_id, unit, amount, code,
        rule, evidence, event, expires_on, by, dated, at, debit_slot, credit_slot)
      select x.id, x.key, ledger_row_hash((x.n, x.key, x.debit, x.credit, x.amount, x.code, x.rule,
          x.evidence, x.event, x.expires, x.dated)::ledger_row),
        x.debit, x.credit, d.unit, x.amount, x.code, x.rule, x.evidence, x.event, x.expires, a_by,
        coalesce(x.dated, today), a_at,
        case when d.slots > 0 then pg_backend_pid() % d.slots end,
        case when c.slots > 0 then pg_backend_pid() % c.slots end
      from numbered x join ledger_account d on d.id = x.debit
      join ledger_account c on c.id = x.credit order by x.key
      on conflict (key) do nothing returning id, key)
  select array_agg(u order by u.n), array_agg(c.id order by u.n) into fresh, made
    from claimed c join unnest(a_rows) u on u.key = c.key;
  if cardinality(made) is distinct from cardinality(a_rows) then
    -- A key taken since we looked, with other content, is told like one taken long ago.
    faults := ledger_row_faults(a_rows);
    if faults is not null then
      raise exception 'rows are wrong' using errcode = 'GZ006', detail = faults::text;
    end if;
  end if;
  if fresh is not null then
    perform ledger_batch_locks(fresh);
    faults := ledger_row_overdrafts(fresh);
    if faults is not null then
      raise exception 'rows are wrong' using errcode = 'GZ006', detail = faults::text;
    end if;
    perform ledger_batch_balances(fresh);
    perform ledger_batch_lots(fresh, made, today);
    insert into log_pending (kind, subject, leaf, at)
      select 'ledger.transfer', 'transfer:' || x.id, log_transfer_leaf(x.id, x.key, d.pseudonym,
        c.pseudonym, d.unit, x.amount, x.code, x.rule, null, null, a_at), a_at
      from ledger_rows_made(fresh, made) x join ledger_account d on d.id = x.debit
      join ledger_account c on c.id = x.credit order by x.id;
  end if;
  return query select u.n, t.id, f.id is null from unnest(a_rows) u
    join ledger_transfer t on t.key = u.key
    left join unnest(made) f(id) on f.id = t.id order by u.n;
end $$;
