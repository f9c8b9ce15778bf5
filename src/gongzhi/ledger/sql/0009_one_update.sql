-- PostgreSQL reads every CHECK anew for each statement: few and short ones. What never changes is
-- judged when the row comes (ledger_account_fits, ledger_transfer_check), under the same name.

alter table ledger_transfer drop constraint if exists ledger_rule_is_one_line;
alter table ledger_account drop constraint if exists ledger_no_overdraft;
alter table ledger_account add constraint ledger_no_overdraft
  check (balance >= floor + held);  -- without a floor this is null, and so it holds
alter table ledger_account drop constraint if exists ledger_slots_have_no_floor;
alter table ledger_account add constraint ledger_slots_have_no_floor
  check (slots = 0 or (balance = 0 and held = 0));

-- Entries come in the order of time: a summary of each stretch of pages finds a month.
drop index if exists ledger_by_time;
create index ledger_by_time on ledger_transfer using brin (at)
  with (pages_per_range = 16, autosummarize = on);

drop function if exists ledger_row_faults(ledger_row[]);
drop function if exists ledger_row_overdrafts(ledger_row[]);
drop function if exists ledger_batch_balances(ledger_row[]);
drop function if exists ledger_batch_locks(ledger_row[]);
