-- Where the program runs as a role of its own (gongzhi_app), it may look and call, not write.
-- Owners write to rows through the functions alone as well: that is what the triggers see to.
revoke insert, update, delete, truncate on ledger_account, ledger_slot, ledger_hold,
  ledger_transfer, ledger_lot, ledger_draw from public;
revoke execute on function ledger_post, ledger_post_batch, ledger_hold, ledger_capture,
  ledger_void, ledger_reverse, ledger_expire_day, ledger_expire_holds, ledger_open_account
  from public;
do $$ begin
  if exists (select 1 from pg_roles where rolname = 'gongzhi_app') then
    revoke insert, update, delete, truncate on ledger_account, ledger_slot, ledger_hold,
      ledger_transfer, ledger_lot, ledger_draw from gongzhi_app;
    grant select on ledger_account, ledger_slot, ledger_hold, ledger_transfer, ledger_lot,
      ledger_draw to gongzhi_app;
    grant execute on function ledger_post, ledger_post_batch, ledger_hold, ledger_capture,
      ledger_void, ledger_reverse, ledger_expire_day, ledger_expire_holds, ledger_open_account
      to gongzhi_app;
  end if;
end $$;
