-- Opening accounts and posting one transfer. All: SECURITY DEFINER, fixed search_path, and the
-- door of the tables open only while the function runs.

create function ledger_open_account(
  a_place bigint, a_unit text, a_kind text, a_owner_kind text, a_owner bigint, a_name text,
  a_floor bigint, a_slots int, a_lots boolean, a_at timestamptz
) returns bigint language plpgsql security definer
set search_path = public, ledger_open, pg_temp as $$
declare
  was record; made bigint; alias bytea;
begin
  select id, floor, slots, lots into was from ledger_account
    where owner_kind = a_owner_kind and owner_id = a_owner and unit = a_unit and kind = a_kind
      and place_id is not distinct from a_place and name = a_name;
  if not found then
    made := nextval(pg_get_serial_sequence('ledger_account', 'id'));
    alias := log_pseudonym('account:' || made);
    insert into ledger_account (id, place_id, unit, kind, owner_kind, owner_id, name, floor, slots,
        lots, balance, held, pseudonym, opened_at)
      values (made, a_place, a_unit, a_kind, a_owner_kind, a_owner, a_name, a_floor, a_slots,
        a_lots, 0, 0, alias, a_at)
      on conflict on constraint ledger_account_once do nothing;
    if found then
      insert into ledger_slot (account_id, slot, balance)
        select made, n, 0 from generate_series(0, a_slots - 1) n;
      perform log_append('ledger.account', 'account:' || made,
        log_account_leaf(made, alias, a_unit, a_floor, a_at), a_at);
      return made;
    end if;
    select id, floor, slots, lots into was from ledger_account
      where owner_kind = a_owner_kind and owner_id = a_owner and unit = a_unit and kind = a_kind
        and place_id is not distinct from a_place and name = a_name;
  end if;
  if (was.floor, was.slots, was.lots) is distinct from (a_floor, a_slots, a_lots) then
    raise exception 'account % is of another make', was.id using errcode = 'GZ001';
  end if;
  return was.id;
end $$;

-- Stable and no more, as turning an array into text is: so PostgreSQL writes it into the caller.
create function ledger_request(variadic parts text[]) returns bytea
language sql stable parallel safe as $$
  select sha256(convert_to(parts::text, 'UTF8'))
$$;

-- Adds to a balance, or to its part in that slot.
create function ledger_add(a_account bigint, a_slot int, a_amount bigint) returns void
language plpgsql as $$
begin
  if a_slot is null then
    update ledger_account set balance = balance + a_amount where id = a_account;
  else
    update ledger_slot set balance = balance + a_amount where account_id = a_account and slot = a_slot;
  end if;
end $$;

-- Takes from the lots that end first, those of a_first before all; not from those past their day.
create function ledger_take(
  a_account bigint, a_amount bigint, a_on date, a_transfer bigint, a_hold bigint, a_first bigint
) returns void language plpgsql as $$
declare
  taken bigint;
begin
  with ordered as (
    select id, remaining, sum(remaining) over (
      order by (source_id = a_first) desc nulls last, expires_on nulls last, id) - remaining as before
    from ledger_lot where account_id = a_account and remaining > 0
      and (expires_on is null or expires_on >= a_on or source_id = a_first)),
  part as (
    select id, least(remaining, a_amount - before) as amount from ordered where before < a_amount),
  less as (
    update ledger_lot l set remaining = l.remaining - p.amount from part p where l.id = p.id
    returning l.id, p.amount),
  noted as (
    insert into ledger_draw (lot_id, transfer_id, hold_id, amount)
      select id, a_transfer, a_hold, amount from less returning amount)
  select coalesce(sum(amount), 0) into taken from noted;
  if taken <> a_amount then
    raise exception 'account % has % of % usable', a_account, taken, a_amount
      using errcode = 'GZ007';
  end if;
end $$;

-- Gives back to the lots a transfer or a hold was taken from, the last to end first.
create function ledger_give_back(
  a_amount bigint, a_from_transfer bigint, a_from_hold bigint, a_transfer bigint, a_hold bigint
) returns void language plpgsql as $$
declare
  given bigint;
begin
  with took as (
    select lot_id, sum(amount)::bigint as amount from ledger_draw
    where transfer_id = a_from_transfer or hold_id = a_from_hold
    group by lot_id having sum(amount) > 0),
  ordered as (
    select t.lot_id, t.amount, sum(t.amount) over (
      order by l.expires_on desc nulls first, l.id desc) - t.amount as before
    from took t join ledger_lot l on l.id = t.lot_id),
  part as (
    select lot_id, least(amount, a_amount - before)::bigint as amount from ordered
    where before < a_amount),
  more as (
    update ledger_lot l set remaining = l.remaining + p.amount from part p where l.id = p.lot_id
    returning l.id, p.amount),
  noted as (
    insert into ledger_draw (lot_id, transfer_id, hold_id, amount)
      select id, a_transfer, a_hold, -amount from more returning amount)
  select coalesce(-sum(amount), 0) into given from noted;
  if given <> a_amount then
    raise exception 'the lots take back % of %', given, a_amount using errcode = 'GZ005';
  end if;
end $$;

-- Puts a transfer on its way into the log, when its balances are held: in the order of the log no
-- account is ever below its floor. Its entry is made of what never changes: whoever takes it in writes
-- it (log_waiting), not who posts.
create function ledger_log(t ledger_transfer) returns void language plpgsql as $$
begin
  insert into log_pending (kind, subject, at) values ('ledger.transfer', 'transfer:' || t.id, t.at);
end $$;

-- The day of a moment, where the books are kept.
create function ledger_day(a_at timestamptz) returns date
language sql stable parallel safe as $$
  select (a_at at time zone 'Asia/Shanghai')::date
$$;

-- The one with this key, when it asked for the same; GZ001 otherwise.
create function ledger_again(a_key uuid, a_hash bytea) returns bigint
language plpgsql as $$
declare
  was record;
begin
  select id, request_hash into was from ledger_transfer where key = a_key;
  if not found or was.request_hash <> a_hash then
    raise exception 'key % was used for something else', a_key using errcode = 'GZ001';
  end if;
  return was.id;
end $$;

-- The same; when there is none with this key, nothing was written because of the accounts.
create function ledger_again(a_key uuid, a_hash bytea, a_debit bigint, a_credit bigint)
returns bigint language plpgsql as $$
begin
  perform from ledger_transfer where key = a_key;
  if found then
    return ledger_again(a_key, a_hash);
  end if;
  perform from ledger_account d, ledger_account c where d.id = a_debit and c.id = a_credit;
  if not found then
    raise exception 'no such account' using errcode = 'GZ002';
  end if;
  raise exception 'not from % to %', a_debit, a_credit using errcode = 'GZ003';
end $$;

-- Moves the balances of a transfer already written. Everybody locks in one order, so that nobody
-- waits in a circle: accounts by number, slots after all accounts.
create function ledger_move(t ledger_transfer) returns void language plpgsql as $$
begin
  if (t.debit_slot is not null, t.debit_id) < (t.credit_slot is not null, t.credit_id) then
    perform ledger_add(t.debit_id, t.debit_slot, -t.amount);
    perform ledger_add(t.credit_id, t.credit_slot, t.amount);
  else
    perform ledger_add(t.credit_id, t.credit_slot, t.amount);
    perform ledger_add(t.debit_id, t.debit_slot, -t.amount);
  end if;
end $$;

-- The number of the transfer; below zero when this key had made it already. One number and no row of
-- two: a function in FROM is set up, filled and read as a table.
create function ledger_post(
  a_key uuid, a_debit bigint, a_credit bigint, a_amount bigint, a_code text, a_by bigint,
  a_at timestamptz, a_rule text default '', a_evidence text default '', a_event text default '',
  a_expires date default null, a_dated date default null
) returns bigint language plpgsql security definer
set search_path = public, ledger_open, ledger_judged, pg_temp
-- Both accounts in one statement, locked in the order of their numbers: no plan but the walk along
-- the index of numbers may be chosen.
set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  transfer bigint; of_unit text; from_slot int; to_slot int; lots record;
  hash bytea := ledger_request(a_debit::text, a_credit::text, a_amount::text, a_code, a_rule,
    a_evidence, a_event, a_expires::text, a_dated::text);
begin
  -- Written for speed: each statement costs its start. The one that writes reads the accounts and
  -- judges them: ledger_transfer_check does not do it again.
  insert into ledger_transfer (key, request_hash, debit_id, credit_id, unit, amount, code, rule,
      evidence, event, expires_on, by, dated, at, debit_slot, credit_slot)
    select a_key, hash, a_debit, a_credit, d.unit, a_amount, a_code, a_rule, a_evidence, a_event,
      a_expires, a_by, coalesce(a_dated, ledger_day(a_at)), a_at,
      case when d.slots > 0 then pg_backend_pid() % d.slots end,
      case when c.slots > 0 then pg_backend_pid() % c.slots end
    from ledger_account d, ledger_account c where d.id = a_debit and c.id = a_credit
      and c.unit = d.unit and ledger_lawful(d.unit, a_code, d.kind, c.kind)
    on conflict (key) do nothing returning id, unit, debit_slot, credit_slot
    into transfer, of_unit, from_slot, to_slot;
  if not found then
    return -ledger_again(a_key, hash, a_debit, a_credit);
  end if;
  update ledger_account
    set balance = balance + case id when a_debit then -a_amount else a_amount end
    where id in (a_debit, a_credit) and slots = 0;
  if from_slot is not null or to_slot is not null then  -- slots after all accounts, as everywhere
    update ledger_slot
      set balance = balance + case account_id when a_debit then -a_amount else a_amount end
      where account_id in (a_debit, a_credit) and slot in (from_slot, to_slot)
        and slot = case account_id when a_debit then from_slot else to_slot end;
  end if;
  insert into log_pending (kind, subject, at)  -- as ledger_log, without the call
    values ('ledger.transfer', 'transfer:' || transfer, a_at);
  if of_unit = 'points' then  -- nothing else lies in lots: ledger_account_fits
    select d.lots as of_debit, c.lots as of_credit into lots
      from ledger_account d, ledger_account c where d.id = a_debit and c.id = a_credit;
    if lots.of_debit then
      perform ledger_take(a_debit, a_amount, ledger_day(a_at), transfer, null, null);
    end if;
    if lots.of_credit then
      insert into ledger_lot (account_id, source_id, amount, remaining, expires_on)
        values (a_credit, transfer, a_amount, a_amount, a_expires);
    end if;
  end if;
  return transfer;
end $$;
