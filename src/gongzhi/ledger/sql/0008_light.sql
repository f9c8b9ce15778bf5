-- The same guards, cheaper. PostgreSQL reads every CHECK and every WHEN anew for each statement: for
-- two balances they cost more than writing them. So what never changes is judged when the row comes,
-- what may not change is guarded by naming its columns, and the door by a trigger for the statement.

drop trigger if exists ledger_transfer_shut on ledger_transfer;  -- ledger_transfer_check does it

create or replace function ledger_shut() returns trigger language plpgsql as $$
begin
  if current_setting('search_path') not like '%ledger_open%' then
    raise exception '% is written by the functions of the ledger alone', tg_table_name
      using errcode = 'restrict_violation';
  end if;
  return null;
end $$;

drop trigger if exists ledger_account_shut on ledger_account;
drop trigger if exists ledger_slot_shut on ledger_slot;
drop trigger if exists ledger_hold_shut on ledger_hold;
drop trigger if exists ledger_lot_shut on ledger_lot;
drop trigger if exists ledger_draw_shut on ledger_draw;
create or replace trigger ledger_account_shut before insert or update on ledger_account
  for each statement execute function ledger_shut();
create or replace trigger ledger_slot_shut before insert or update on ledger_slot
  for each statement execute function ledger_shut();
create or replace trigger ledger_hold_shut before insert or update on ledger_hold
  for each statement execute function ledger_shut();
create or replace trigger ledger_lot_shut before insert or update on ledger_lot
  for each statement execute function ledger_shut();
create or replace trigger ledger_draw_shut before insert on ledger_draw
  for each statement execute function ledger_shut();

-- For each row, and not for the statement: before each row means that it is locked and read anew
-- before its CHECK. Else a balance would be judged as it was when a statement began that had to wait.
drop trigger if exists ledger_account_stays on ledger_account;
drop trigger if exists ledger_lot_stays on ledger_lot;
create or replace trigger ledger_account_stays
  before update of id, unit, kind, owner_kind, owner_id, place_id, floor, lots, slots, pseudonym
  on ledger_account for each row execute function refuse_change();
create or replace trigger ledger_lot_stays
  before update of id, account_id, source_id, amount, expires_on
  on ledger_lot for each row execute function refuse_change();

-- Mirrors the kinds of models.Account; what it judges stays as it is (ledger_account_stays).
create or replace function ledger_account_fits() returns trigger language plpgsql as $$
declare
  broken text := case
    when not coalesce(case new.unit
      when 'points' then new.kind in ('issuance', 'budget', 'holder', 'opening', 'expired',
        'merchant', 'desk')
      when 'hours' then new.kind in ('issuance', 'budget', 'holder', 'opening', 'used')
      when 'cny' then new.kind in ('opening', 'outside', 'fund', 'owed', 'claim', 'fee')
      when 'shares' then new.kind in ('issuance', 'holder', 'opening')
    end, false) then 'ledger_kind_of_unit'
    when not coalesce(new.floor = 0, new.kind in ('issuance', 'opening', 'outside', 'owed'))
      then 'ledger_floor_of_kind'
    when new.lots and not (new.unit = 'points' and new.kind = 'holder'
      and new.floor is not distinct from 0) then 'ledger_lots_are_points'
    when new.slots < 0 or (new.slots > 0 and (new.floor is not null or new.lots
      or new.balance <> 0)) then 'ledger_slots_have_no_floor'
  end;
begin
  if broken is not null then
    raise exception '% % with floor %, lots %', new.unit, new.kind, new.floor, new.lots
      using errcode = 'check_violation', constraint = broken;
  end if;
  return new;
end $$;
create or replace trigger ledger_account_fits before insert on ledger_account
  for each row execute function ledger_account_fits();

-- Few transfers reverse or capture: the others need no line in these indexes.
alter table ledger_transfer drop constraint if exists ledger_transfer_reverses_id_key;
alter table ledger_transfer drop constraint if exists ledger_transfer_hold_id_key;
create unique index if not exists ledger_transfer_reverses_id_key on ledger_transfer (reverses_id)
  where reverses_id is not null;
create unique index if not exists ledger_transfer_hold_id_key on ledger_transfer (hold_id)
  where hold_id is not null;

drop function if exists ledger_batch_lots(ledger_row[], date);
