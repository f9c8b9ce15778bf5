-- Setting aside, capturing, giving back, reversing, expiring.

create function ledger_hold(
  a_key uuid, a_account bigint, a_credit bigint, a_amount bigint, a_code text, a_by bigint,
  a_at timestamptz, a_expires timestamptz, a_rule text default '', a_evidence text default '',
  a_event text default '', out hold bigint, out repeated boolean
) language plpgsql security definer
set search_path = public, ledger_open, pg_temp as $$
declare
  d ledger_account; c ledger_account; was record;
  hash bytea := ledger_request('hold', a_account::text, a_credit::text, a_amount::text, a_code,
    a_rule, a_evidence, a_event);
begin
  select * into d from ledger_account where id = a_account;
  select * into c from ledger_account where id = a_credit;
  if d.id is null or (a_credit is not null and c.id is null) then
    raise exception 'no such account' using errcode = 'GZ002';
  end if;
  if d.slots > 0 or (c.id is not null and (d.unit <> c.unit or d.id = c.id
    or not ledger_lawful(d.unit, a_code, d.kind, c.kind))) then
    raise exception '% % % > %', d.unit, a_code, d.kind, c.kind using errcode = 'GZ003';
  end if;
  insert into ledger_hold (key, request_hash, account_id, credit_id, unit, amount, captured, code,
      rule, evidence, event, by, state, at, expires_at)
    values (a_key, hash, a_account, a_credit, d.unit, a_amount, 0, a_code, a_rule, a_evidence,
      a_event, a_by, 'pending', a_at, a_expires)
    on conflict (key) do nothing returning id into hold;
  repeated := hold is null;
  if repeated then
    select id, request_hash into was from ledger_hold where key = a_key;
    if was.request_hash <> hash then
      raise exception 'key % was used for something else', a_key using errcode = 'GZ001';
    end if;
    hold := was.id;
    return;
  end if;
  update ledger_account set held = held + a_amount where id = a_account;
  if d.lots then
    perform ledger_take(a_account, a_amount, ledger_day(a_at), null, hold,
      null);
  end if;
end $$;

-- Takes what was set aside, or less of it; the rest is free again.
create function ledger_capture(
  a_key uuid, a_hold bigint, a_amount bigint, a_by bigint, a_at timestamptz,
  a_evidence text default '', a_credit bigint default null, a_code text default '',
  out transfer bigint, out repeated boolean
) language plpgsql security definer
set search_path = public, ledger_open, pg_temp as $$
declare
  h ledger_hold; d ledger_account; c ledger_account; t ledger_transfer; hash bytea;
begin
  select * into h from ledger_hold where id = a_hold for update;
  if h.id is null then
    raise exception 'no such hold' using errcode = 'GZ002';
  end if;
  a_amount := coalesce(a_amount, h.amount);
  hash := ledger_request('capture', a_hold::text, a_amount::text, a_evidence, a_credit::text,
    a_code);
  if exists (select 1 from ledger_transfer where key = a_key) then
    transfer := ledger_again(a_key, hash);
    repeated := true;
    return;
  end if;
  if h.state <> 'pending' or a_at > h.expires_at then
    raise exception 'hold % is %', a_hold, h.state using errcode = 'GZ004';
  end if;
  if a_amount > h.amount then
    raise exception 'more than was set aside' using errcode = 'GZ008';
  end if;
  select * into d from ledger_account where id = h.account_id;
  select * into c from ledger_account where id = coalesce(h.credit_id, a_credit);
  if c.id is null then
    raise exception 'no such account' using errcode = 'GZ002';
  end if;
  if (a_credit is not null and a_credit <> c.id)
    or (h.code <> '' and a_code <> '' and h.code <> a_code) then
    raise exception 'set aside for another' using errcode = 'GZ003';
  end if;
  insert into ledger_transfer (key, request_hash, debit_id, credit_id, amount, code, rule,
      evidence, event, hold_id, by, dated, at)
    values (a_key, hash, d.id, c.id, a_amount, coalesce(nullif(h.code, ''), a_code), h.rule,
      coalesce(nullif(a_evidence, ''), h.evidence), h.event, h.id, a_by,
      ledger_day(a_at), a_at)
    returning * into t;
  update ledger_hold set state = 'captured', captured = a_amount, ended_at = a_at where id = h.id;
  if t.credit_slot is not null or d.id < c.id then
    update ledger_account set held = held - h.amount, balance = balance - a_amount where id = d.id;
    perform ledger_add(c.id, t.credit_slot, a_amount);
  else
    perform ledger_add(c.id, t.credit_slot, a_amount);
    update ledger_account set held = held - h.amount, balance = balance - a_amount where id = d.id;
  end if;
  if d.lots and h.amount > a_amount then
    perform ledger_give_back(h.amount - a_amount, null, h.id, null, h.id);
  end if;
  if c.lots then
    insert into ledger_lot (account_id, source_id, amount, remaining)
      values (c.id, t.id, a_amount, a_amount);
  end if;
  perform ledger_log(t);
  transfer := t.id;
  repeated := false;
end $$;

create function ledger_release(h ledger_hold, a_state text, a_at timestamptz) returns void
language plpgsql as $$
begin
  update ledger_hold set state = a_state, ended_at = a_at where id = h.id;
  update ledger_account set held = held - h.amount where id = h.account_id;
  if (select lots from ledger_account where id = h.account_id) then
    perform ledger_give_back(h.amount, null, h.id, null, h.id);
  end if;
end $$;

-- Gives back what was set aside; true when it already had been.
create function ledger_void(a_hold bigint, a_at timestamptz) returns boolean
language plpgsql security definer
set search_path = public, ledger_open, pg_temp as $$
declare
  h ledger_hold;
begin
  select * into h from ledger_hold where id = a_hold for update;
  if h.id is null then
    raise exception 'no such hold' using errcode = 'GZ002';
  end if;
  if h.state = 'captured' then
    raise exception 'hold % is captured', a_hold using errcode = 'GZ004';
  end if;
  if h.state <> 'pending' then
    return true;
  end if;
  perform ledger_release(h, 'void', a_at);
  return false;
end $$;

-- Gives back holds whose time is over, at most a_most of them; how many.
create function ledger_expire_holds(a_at timestamptz, a_most int) returns int
language plpgsql security definer
set search_path = public, ledger_open, pg_temp as $$
declare
  h ledger_hold; n int := 0;
begin
  for h in select * from ledger_hold where state = 'pending' and expires_at < a_at
    order by account_id, id limit a_most for update skip locked
  loop
    perform ledger_release(h, 'expired', a_at);
    n := n + 1;
  end loop;
  return n;
end $$;

-- The mirror of a transfer, whole or in part, once. Points go back to the lots they came from.
create function ledger_reverse(
  a_key uuid, a_transfer bigint, a_amount bigint, a_by bigint, a_at timestamptz,
  a_evidence text default '', a_event text default '', out transfer bigint, out repeated boolean
) language plpgsql security definer
set search_path = public, ledger_open, pg_temp as $$
declare
  was ledger_transfer; d ledger_account; c ledger_account; t ledger_transfer; hash bytea;
  gone bigint;
  today date := ledger_day(a_at);
begin
  select * into was from ledger_transfer where id = a_transfer;
  if was.id is null then
    raise exception 'no such transfer' using errcode = 'GZ002';
  end if;
  a_amount := coalesce(a_amount, was.amount);
  hash := ledger_request('reverse', a_transfer::text, a_amount::text, a_evidence, a_event);
  select * into d from ledger_account where id = was.credit_id;
  select * into c from ledger_account where id = was.debit_id;
  insert into ledger_transfer (key, request_hash, debit_id, credit_id, amount, code, rule,
      evidence, event, reverses_id, by, dated, at)
    values (a_key, hash, d.id, c.id, a_amount, 'reverse', '', a_evidence, a_event, was.id, a_by,
      today, a_at)
    on conflict do nothing returning * into t;
  if t.id is null then
    if not exists (select 1 from ledger_transfer where key = a_key) then
      raise exception '% is reversed already', a_transfer using errcode = 'GZ005';
    end if;
    transfer := ledger_again(a_key, hash);
    repeated := true;
    return;
  end if;
  perform ledger_move(t);
  if d.lots then  -- an award is taken back: its own lot first; what expired is gone already
    select coalesce(sum(x.amount), 0) into gone from ledger_draw x
      join ledger_lot l on l.id = x.lot_id join ledger_transfer e on e.id = x.transfer_id
      where l.source_id = was.id and e.code = 'expire';
    if a_amount > was.amount - gone then
      raise exception '% of it has expired', gone using errcode = 'GZ005';
    end if;
    perform ledger_take(d.id, a_amount, today, t.id, null, was.id);
  end if;
  if c.lots then
    perform ledger_give_back(a_amount, was.id, was.hold_id, t.id, null);
  end if;
  perform ledger_log(t);
  transfer := t.id;
  repeated := false;
end $$;

-- Takes away what ended before a_on, from at most a_most accounts; how many transfers.
create function ledger_expire_day(a_on date, a_at timestamptz, a_most int) returns int
language plpgsql security definer
set search_path = public, ledger_open, pg_temp as $$
declare
  a ledger_account; sink ledger_account; t ledger_transfer; due bigint; n int := 0; one bigint;
  gone_to bigint;
begin
  if a_on > ledger_day(a_at) then
    raise exception 'that day has not come' using errcode = 'GZ008';
  end if;
  perform pg_advisory_xact_lock(hashtext('ledger_expire_day'));
  for one in select distinct account_id from ledger_lot
    where remaining > 0 and expires_on < a_on order by account_id limit a_most
  loop
    select * into a from ledger_account where id = one for no key update;
    select coalesce(sum(remaining), 0) into due from ledger_lot
      where account_id = one and remaining > 0 and expires_on < a_on;
    continue when due = 0;
    gone_to := ledger_open_account(a.place_id, a.unit, 'expired', 'ledger', 0, '', 0, 0, false, a_at);
    select * into sink from ledger_account where id = gone_to;
    insert into ledger_transfer (key, request_hash, debit_id, credit_id, amount, code, rule,
        evidence, event, dated, at)
      values (gen_random_uuid(), ledger_request('expire', one::text, a_on::text), one, sink.id,
        due, 'expire', '', '', 'expire:' || a_on, a_on, a_at)
      returning * into t;
    with ended as (
      update ledger_lot l set remaining = 0 from ledger_lot o
      where o.id = l.id and l.account_id = one and l.remaining > 0 and l.expires_on < a_on
      returning l.id, o.remaining)
    insert into ledger_draw (lot_id, transfer_id, amount) select id, t.id, remaining from ended;
    perform ledger_move(t);
    perform ledger_log(t);
    n := n + 1;
  end loop;
  return n;
end $$;
