-- What waits for the log: with the bytes it came with or, a transfer, with those its rows make. They
-- never change, so a transfer need not carry its entry along: making it is the sequencer's work.
create or replace view log_waiting as
  select p.id, p.kind, p.subject,
    case when p.leaf is not null or t.id is null then p.leaf else log_transfer_leaf(t.id, t.key,
      d.pseudonym, c.pseudonym, t.unit, t.amount, t.code, t.rule, t.reverses_id, t.hold_id, t.at)
    end as leaf, p.at, p.since
  from log_pending p
  left join ledger_transfer t on t.id = case when p.leaf is null and p.kind = 'ledger.transfer'
    then substr(p.subject, length('transfer:') + 1)::bigint end
  left join ledger_account d on d.id = t.debit_id
  left join ledger_account c on c.id = t.credit_id;

-- PostgreSQL reads every CHECK anew for each statement, a type's own once: what is held back is
-- judged when it changes, not with every balance. That an account in slots has nothing of its own
-- needs no judging: its balance is the sum of both. What a transfer alone must be:
-- ledger_transfer_check, under the same names.
create domain ledger_held as bigint constraint ledger_held check (value >= 0);
alter table ledger_account
  drop constraint if exists ledger_held,
  drop constraint if exists ledger_slots_have_no_floor,
  alter held type ledger_held;
alter table ledger_transfer
  drop constraint if exists ledger_amount,
  drop constraint if exists ledger_two_accounts;
