-- Who may pay whom, what may be written, and only from inside the functions of the ledger.

-- Mirrors rules.FLOWS (a test compares them). Points come from an issuance through a budget to
-- those who earned them, and go to a shop, to expiry or back: never from resident to resident,
-- never against money. PBoC Law art. 20; cases.md case 12.
create function ledger_lawful(unit text, code text, debit_kind text, credit_kind text)
returns boolean language sql immutable parallel safe as $$
  select (code || ' ' || debit_kind || '>' || credit_kind) = any (case unit
    when 'points' then array[
      'fund issuance>budget', 'return budget>issuance', 'award budget>holder',
      'opening opening>holder', 'sale holder>merchant', 'spend holder>merchant',
      'spend holder>desk', 'expire holder>expired', 'wipe holder>issuance',
      'advance issuance>merchant',
      'redeem merchant>issuance', 'redeem desk>issuance']
    when 'hours' then array[
      'fund issuance>budget', 'return budget>issuance', 'service issuance>holder',
      'service budget>holder', 'opening opening>holder', 'use holder>used']
    when 'cny' then array[
      'opening opening>fund', 'opening opening>claim', 'deposit outside>fund',
      'withdraw fund>outside', 'claim owed>claim', 'assign claim>claim', 'settle claim>owed',
      'fee claim>fee', 'fee fund>fee', 'pay fund>outside', 'pay fee>outside',
      'discount outside>outside']
    when 'shares' then array[
      'allot issuance>holder', 'opening opening>holder', 'inherit holder>holder',
      'withdraw holder>issuance']
    else '{}'::text[] end)
$$;

create function ledger_shut() returns trigger language plpgsql as $$
begin
  raise exception '% is written by the functions of the ledger alone', tg_table_name
    using errcode = 'restrict_violation';
end $$;

-- What a transfer must be, whoever writes it. Reads both accounts, once for all who write: their unit
-- and the slots, the caller's share of an account many write to, are filled in here. ledger_post alone
-- judges in the statement that writes, and says so: ledger_judged in its search path.
create function ledger_transfer_check() returns trigger language plpgsql as $$
declare
  -- One expression for what a row alone must be: each is set up anew in every transaction, and a
  -- CHECK is read anew by every statement, which costs more than writing the row.
  broken text := case
    when current_setting('search_path') not like '%ledger_open%' then 'ledger_shut'
    when not new.amount > 0 then 'ledger_amount'
    when new.debit_id = new.credit_id then 'ledger_two_accounts'
    when length(new.rule) > 80 or length(new.evidence) > 200 or length(new.event) > 80
      then 'ledger_texts'
    when new.rule <> '' and new.rule ~ '[[:cntrl:]]' then 'ledger_rule_is_one_line'
    when current_setting('search_path') not like '%ledger_judged%' or new.hold_id is not null
      or new.reverses_id is not null then 'nothing yet'
  end;
  strange boolean; unlawful boolean; was record;
begin
  if broken is null then
    return new;
  elsif broken = 'ledger_shut' then
    raise exception '% is written by the functions of the ledger alone', tg_table_name
      using errcode = 'restrict_violation';
  elsif broken = 'ledger_texts' then
    raise exception 'a text is too long' using errcode = 'string_data_right_truncation';
  elsif broken <> 'nothing yet' then  -- what enters the log as one line is one line
    raise exception 'a transfer breaks %', broken
      using errcode = 'check_violation', constraint = broken;
  end if;
  select d.unit, c.unit <> d.unit or coalesce(new.unit <> d.unit, false),
      not ledger_lawful(d.unit, new.code, d.kind, c.kind),
      case when d.slots > 0 then pg_backend_pid() % d.slots end,
      case when c.slots > 0 then pg_backend_pid() % c.slots end
    into new.unit, strange, unlawful, new.debit_slot, new.credit_slot
    from ledger_account d, ledger_account c where d.id = new.debit_id and c.id = new.credit_id;
  if not found then
    raise exception 'no such account' using errcode = 'GZ002';
  end if;
  if strange is not false then
    raise exception 'accounts of another unit' using errcode = 'GZ003';
  end if;
  if new.hold_id is not null then  -- a condition with a query in it would cost one every time
    perform from ledger_hold where id = new.hold_id and account_id = new.debit_id;
    if not found then
      raise exception 'hold % is not of account %', new.hold_id, new.debit_id
        using errcode = 'foreign_key_violation';
    end if;
  end if;
  if new.reverses_id is null then
    if unlawful is not false then
      raise exception '% % from % to %', new.unit, new.code, new.debit_id, new.credit_id
        using errcode = 'GZ003';
    end if;
  else
    select * into was from ledger_transfer where id = new.reverses_id;
    if not found or new.code <> 'reverse' or was.reverses_id is not null
      or was.debit_id <> new.credit_id or was.credit_id <> new.debit_id
      or was.amount < new.amount
      or was.code in ('expire', 'reverse') then
      raise exception 'not the mirror of %', new.reverses_id using errcode = 'GZ005';
    end if;
  end if;
  return new;
end $$;
create trigger ledger_transfer_check before insert on ledger_transfer
  for each row execute function ledger_transfer_check();

-- Only our functions put the schema ledger_open (there is none) into their search path. A parameter of
-- our own would say it better, but only a superuser may give a function one.
create trigger ledger_transfer_shut before insert on ledger_transfer for each row
  when (current_setting('search_path') not like '%ledger_open%')
  execute function ledger_shut();
create trigger ledger_account_shut before insert or update on ledger_account for each row
  when (current_setting('search_path') not like '%ledger_open%')
  execute function ledger_shut();
create trigger ledger_slot_shut before insert or update on ledger_slot for each row
  when (current_setting('search_path') not like '%ledger_open%')
  execute function ledger_shut();
create trigger ledger_hold_shut before insert or update on ledger_hold for each row
  when (current_setting('search_path') not like '%ledger_open%')
  execute function ledger_shut();
create trigger ledger_lot_shut before insert or update on ledger_lot for each row
  when (current_setting('search_path') not like '%ledger_open%')
  execute function ledger_shut();
create trigger ledger_draw_shut before insert on ledger_draw for each row
  when (current_setting('search_path') not like '%ledger_open%')
  execute function ledger_shut();

-- Even inside the functions an account, a lot and a hold stay whose they are.
create trigger ledger_account_stays before update on ledger_account for each row
  when ((old.id, old.unit, old.kind, old.owner_kind, old.owner_id, old.place_id, old.floor,
         old.lots, old.slots, old.pseudonym) is distinct from
        (new.id, new.unit, new.kind, new.owner_kind, new.owner_id, new.place_id, new.floor,
         new.lots, new.slots, new.pseudonym))
  execute function refuse_change();
create trigger ledger_lot_stays before update on ledger_lot for each row
  when ((old.id, old.account_id, old.source_id, old.amount, old.expires_on) is distinct from
        (new.id, new.account_id, new.source_id, new.amount, new.expires_on))
  execute function refuse_change();
create trigger ledger_hold_stays before update on ledger_hold for each row
  when (old.state <> 'pending'
    or (old.id, old.key, old.account_id, old.amount, old.expires_at)
      is distinct from
       (new.id, new.key, new.account_id, new.amount, new.expires_at))
  execute function refuse_change();

create function ledger_lots_agree() returns trigger language plpgsql as $$
declare
  wrong bigint;
begin
  select a.id into wrong from ledger_account a where a.id = new.id and a.balance - a.held <>
    (select coalesce(sum(remaining), 0) from ledger_lot where account_id = a.id and remaining > 0);
  if wrong is not null then
    raise exception 'lots of account % differ from its balance', wrong
      using errcode = 'check_violation', constraint = 'ledger_lots_agree';
  end if;
  return null;
end $$;
create constraint trigger ledger_lots_agree after insert or update on ledger_account
  deferrable initially deferred for each row
  when (new.lots) execute function ledger_lots_agree();

create function ledger_hold_agrees() returns trigger language plpgsql as $$
declare
  wrong bigint;
begin
  select h.id into wrong from ledger_hold h join ledger_account a on a.id = h.account_id
    where h.id = new.id and a.lots and
      (select coalesce(sum(d.amount), 0) from ledger_draw d where d.hold_id = h.id) <>
      case h.state when 'pending' then h.amount else h.captured end;
  if wrong is not null then
    raise exception 'lots of hold % differ from its amount', wrong
      using errcode = 'check_violation', constraint = 'ledger_hold_agrees';
  end if;
  return null;
end $$;
create constraint trigger ledger_hold_agrees after insert or update on ledger_hold
  deferrable initially deferred for each row execute function ledger_hold_agrees();

alter table ledger_account set (fillfactor = 70);
alter table ledger_slot set (fillfactor = 50);
alter table ledger_lot set (fillfactor = 80);

-- What enters the log as one line is one line.
alter table ledger_transfer add constraint ledger_rule_is_one_line check (rule !~ '[[:cntrl:]]');
alter table ledger_hold add constraint ledger_hold_rule_is_one_line check (rule !~ '[[:cntrl:]]');
