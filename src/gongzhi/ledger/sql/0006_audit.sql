-- Everything the books must be, checked anew from the transfers alone. One row for each fault.

create function ledger_audit() returns table (fault text, what text)
language sql stable set search_path = public, pg_temp as $$
  with moved as (
    select account, slot, sum(amount) as amount from (
      select debit_id as account, debit_slot as slot, -amount as amount from ledger_transfer
      union all select credit_id, credit_slot, amount from ledger_transfer) x
    group by account, slot),
  replay as (select account, sum(amount) as amount from moved where slot is null group by account),
  taken as (select lot_id, sum(amount) as amount from ledger_draw group by lot_id)
  select 'balance', format('account %s stands at %s, its transfers make %s', a.id, a.balance,
      coalesce(r.amount, 0))
    from ledger_account a left join replay r on r.account = a.id
    where a.balance <> coalesce(r.amount, 0)
  union all
  select 'slot', format('account %s slot %s stands at %s, its transfers make %s', s.account_id,
      s.slot, s.balance, coalesce(m.amount, 0))
    from ledger_slot s left join moved m on m.account = s.account_id and m.slot = s.slot
    where s.balance <> coalesce(m.amount, 0)
  union all
  select 'slots', format('account %s has not its %s slots', a.id, a.slots)
    from ledger_account a
    where a.slots <> (select count(*) from ledger_slot s where s.account_id = a.id)
  union all
  select 'sum', format('%s: the balances make %s, not 0', unit, sum(amount)) from (
      select unit, balance as amount from ledger_account
      union all select a.unit, s.balance from ledger_slot s
        join ledger_account a on a.id = s.account_id) u
    group by unit having sum(amount) <> 0
  union all
  select 'unit', format('transfer %s is in %s, its accounts are not', t.id, t.unit)
    from ledger_transfer t join ledger_account d on d.id = t.debit_id
    join ledger_account c on c.id = t.credit_id where d.unit <> t.unit or c.unit <> t.unit
  union all
  select 'flow', format('transfer %s: %s from %s to %s', t.id, t.code, d.kind, c.kind)
    from ledger_transfer t join ledger_account d on d.id = t.debit_id
    join ledger_account c on c.id = t.credit_id
    where t.reverses_id is null and not ledger_lawful(t.unit, t.code, d.kind, c.kind)
  union all
  select 'reversal', format('transfer %s is not the mirror of %s', t.id, o.id)
    from ledger_transfer t join ledger_transfer o on o.id = t.reverses_id
    where t.debit_id <> o.credit_id or t.credit_id <> o.debit_id or t.amount > o.amount
      or o.reverses_id is not null
  union all
  select 'held', format('account %s holds back %s, its holds make %s', a.id, a.held,
      coalesce(h.amount, 0))
    from ledger_account a left join (
      select account_id, sum(amount) as amount from ledger_hold where state = 'pending'
      group by account_id) h on h.account_id = a.id
    where a.held <> coalesce(h.amount, 0)
  union all
  select 'hold', format('hold %s is %s of %s, its transfer says %s', h.id, h.state, h.captured,
      coalesce(t.amount, 0))
    from ledger_hold h left join ledger_transfer t on t.hold_id = h.id
    where h.captured <> coalesce(t.amount, 0) or (t.id is not null and
      (t.debit_id <> h.account_id or t.credit_id <> h.credit_id))  -- no credit named: any
  union all
  select 'lots', format('account %s has %s free, its lots make %s', a.id, a.balance - a.held,
      coalesce(l.amount, 0))
    from ledger_account a left join (
      select account_id, sum(remaining) as amount from ledger_lot group by account_id) l
      on l.account_id = a.id
    where a.lots and a.balance - a.held <> coalesce(l.amount, 0)
  union all
  select 'lot', format('lot %s has %s left of %s, %s were drawn', l.id, l.remaining, l.amount,
      coalesce(d.amount, 0))
    from ledger_lot l left join taken d on d.lot_id = l.id
    join ledger_transfer t on t.id = l.source_id
    where l.remaining <> l.amount - coalesce(d.amount, 0) or l.amount <> t.amount
      or t.credit_id <> l.account_id or l.expires_on is distinct from t.expires_on
$$;
