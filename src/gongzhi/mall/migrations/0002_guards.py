"""What no program may get round: sums that span rows, states that go one way, who may run a mall."""

from django.db import migrations

from gongzhi.core.sql import append_only

TABLES = ("mall_pledge", "mall_rate", "mall_assignment", "mall_message")

SAY = """
create function mall_refuse(name text, words text) returns void language plpgsql as $$
begin
  raise exception '%', words using errcode = 'check_violation', constraint = name;
end $$;
"""

SHOPS = """
create function mall_guard() returns trigger language plpgsql as $$
begin
  if exists (select 1 from people_organisation
      where id = new.operator_id and kind in ('department', 'government', 'committee')) then
    perform mall_refuse('operator_outside_government', 'a mall is run outside the government');
  end if;
  return new;
end $$;
create trigger mall_guard before insert or update on mall_mall
  for each row execute function mall_guard();
create function mall_operator_stays() returns trigger language plpgsql as $$
begin
  if new.kind in ('department', 'government', 'committee') and exists (select 1 from mall_mall
      where operator_id = new.id) then
    perform mall_refuse('operator_outside_government', 'this organisation runs a mall');
  end if;
  return new;
end $$;
create trigger mall_operator_stays before update of kind on people_organisation
  for each row execute function mall_operator_stays();

create function pledge_adds() returns trigger language plpgsql as $$
begin
  update mall_mall set pledged_fen = pledged_fen + new.amount_fen where id = new.mall_id;
  return null;
end $$;
create trigger pledge_adds after insert on mall_pledge
  for each row execute function pledge_adds();
create function fund_adds_up() returns trigger language plpgsql as $$
begin
  if (select (pledged_fen, paid_fen) from mall_mall where id = new.id) is distinct from (
      (select coalesce(sum(amount_fen), 0)::bigint from mall_pledge where mall_id = new.id),
      (select coalesce(sum(l.amount_fen), 0)::bigint from mall_batchline l
        join mall_batch b on b.id = l.batch_id where b.mall_id = new.id and l.state = 'paid')) then
    perform mall_refuse('fund_adds_up', 'the fund is its pledges, less what the bank has paid');
  end if;
  return null;
end $$;
create constraint trigger fund_adds_up after insert or update on mall_mall
  deferrable initially deferred for each row execute function fund_adds_up();
"""

ORDERS = """
create function order_guard() returns trigger language plpgsql as $$
begin
  if (old.mall_id, old.merchant_id, old.offer_id, old.person_id, old.pieces, old.points,
      old.price_fen, old.cash_fen, old.rate_fen, old.percent, old.code, old.token, old.key)
      is distinct from (new.mall_id, new.merchant_id, new.offer_id, new.person_id, new.pieces,
      new.points, new.price_fen, new.cash_fen, new.rate_fen, new.percent, new.code, new.token,
      new.key) then
    perform mall_refuse('order_fixed', 'an order does not change');
  end if;
  if new.state <> old.state and (old.state, new.state) not in (('held', 'done'),
      ('held', 'void'), ('held', 'expired'), ('done', 'refunded')) then
    perform mall_refuse('order_one_way', 'an order goes one way');
  end if;
  return new;
end $$;
create trigger order_guard before update on mall_order
  for each row execute function order_guard();
"""

LINES = """
create function line_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    perform mall_refuse('line_fixed', 'a line stays');
  end if;
  if (old.merchant_id, old.order_id, old.kind, old.points, old.rate_id, old.rate_fen, old.fen)
      is distinct from (new.merchant_id, new.order_id, new.kind, new.points, new.rate_id,
      new.rate_fen, new.fen) or (new.statement_id is distinct from old.statement_id
      and exists (select 1 from mall_statement
        where id in (old.statement_id, new.statement_id) and state <> 'sent')) then
    perform mall_refuse('line_fixed', 'what is confirmed does not change');
  end if;
  return new;
end $$;
create trigger line_guard before update or delete on mall_line
  for each row execute function line_guard();

create function statement_guard() returns trigger language plpgsql as $$
begin
  if old.state <> 'sent' and new is distinct from old then
    perform mall_refuse('statement_fixed', 'a confirmed statement does not change');
  end if;
  return new;
end $$;
create trigger statement_guard before update on mall_statement
  for each row execute function statement_guard();

create function statement_check(which bigint) returns void language plpgsql as $$
declare s mall_statement; points bigint; fen bigint; leaves bigint;
begin
  select * into s from mall_statement where id = which;
  if not found then return; end if;
  select coalesce(sum(l.points), 0), coalesce(sum(l.fen), 0) into points, fen from mall_line l
    where l.statement_id = which;
  if (s.points, s.gross_fen) is distinct from (points, fen) or exists (select 1 from mall_line l
      where l.statement_id = which and (l.merchant_id, l.rate_id) <> (s.merchant_id, s.rate_id)) then
    perform mall_refuse('statement_is_its_lines', 'a statement is the sum of its lines');
  end if;
  select sum(r.face_fen) into leaves from mall_receivable r
    where r.statement_id = which and r.state not in ('split', 'cancelled');
  if leaves is not null and (leaves <> s.net_fen or s.state <> 'confirmed') then
    perform mall_refuse('leaves_are_the_statement', 'claims add up to their statement');
  end if;
end $$;
create function statement_of_line() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' and old.statement_id is not null then
    perform statement_check(old.statement_id);
  end if;
  if new.statement_id is not null then perform statement_check(new.statement_id); end if;
  return null;
end $$;
create constraint trigger statement_of_line after insert or update on mall_line
  deferrable initially deferred for each row execute function statement_of_line();
create function statement_itself() returns trigger language plpgsql as $$
begin
  perform statement_check(new.id);
  return null;
end $$;
create constraint trigger statement_itself after insert or update on mall_statement
  deferrable initially deferred for each row execute function statement_itself();
"""

CLAIMS = """
create function receivable_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    perform mall_refuse('receivable_fixed', 'a claim stays');
  end if;
  if (old.statement_id, old.parent_id, old.number, old.face_fen, old.due_on, old.limit_on)
      is distinct from (new.statement_id, new.parent_id, new.number, new.face_fen, new.due_on,
      new.limit_on) then
    perform mall_refuse('receivable_fixed', 'a claim does not change');
  end if;
  if new.state <> old.state and (old.state, new.state) not in (('draft', 'open'),
      ('draft', 'cancelled'), ('open', 'split'), ('open', 'redeemed')) then
    perform mall_refuse('receivable_one_way', 'a claim is cancelled before confirmation only');
  end if;
  if new.state = 'split' and old.state = 'open' and (exists (select 1 from mall_financing
      where receivable_id = new.id and state in ('asked', 'offered', 'accepted', 'live'))
      or exists (select 1 from mall_payment where receivable_id = new.id and alive)) then
    perform mall_refuse('split_while_free', 'financed or being paid: not split');
  end if;
  if new.state = 'redeemed' and old.state = 'open' and not exists (select 1 from mall_payment p
      join mall_batchline l on l.id = p.line_id
      where p.receivable_id = new.id and p.alive and l.state = 'paid') then
    perform mall_refuse('redeemed_by_receipt', 'only the bank''s receipt redeems');
  end if;
  if new.holder_id <> old.holder_id and (old.state <> 'open' or exists (select 1
      from mall_payment where receivable_id = new.id and alive)) then
    perform mall_refuse('assigned_while_open', 'only an open claim is passed on');
  end if;
  return new;
end $$;
create trigger receivable_guard before update or delete on mall_receivable
  for each row execute function receivable_guard();

create function receivable_whole() returns trigger language plpgsql as $$
declare r mall_receivable; taker bigint; children bigint;
begin
  select * into r from mall_receivable where id = new.id;
  perform statement_check(r.statement_id);
  select sum(face_fen) into children from mall_receivable where parent_id = r.id;
  if (r.state = 'split') <> (children is not null) or children <> r.face_fen then
    perform mall_refuse('children_are_the_parent', 'children add up to their parent');
  end if;
  if r.parent_id is not null and not exists (select 1 from mall_receivable
      where id = r.parent_id and state = 'split') then
    perform mall_refuse('children_are_the_parent', 'children come of a split');
  end if;
  select taker_id into taker from mall_assignment where receivable_id = r.id
    order by id desc limit 1;
  if r.holder_id <> coalesce(taker, case when r.parent_id is null then (select m.organisation_id
      from mall_statement s join mall_merchant m on m.id = s.merchant_id
      where s.id = r.statement_id) else (select holder_id from mall_receivable
      where id = r.parent_id) end) then
    perform mall_refuse('holder_by_assignment', 'a claim changes hands by an assignment only');
  end if;
  return null;
end $$;
create constraint trigger receivable_whole after insert or update on mall_receivable
  deferrable initially deferred for each row execute function receivable_whole();

create function assignment_guard() returns trigger language plpgsql as $$
begin
  if (select holder_id from mall_receivable where id = new.receivable_id)
      is distinct from new.giver_id then
    perform mall_refuse('assigned_by_holder', 'only the holder passes a claim on');
  end if;
  if new.kind = 'discount' and not exists (select 1 from mall_financier
      where organisation_id = new.taker_id
      and valid_to >= (new.at at time zone 'Asia/Shanghai')::date) then
    perform mall_refuse('discount_by_licensed', 'only a licensed financier discounts');
  end if;
  return new;
end $$;
create trigger assignment_guard before insert on mall_assignment
  for each row execute function assignment_guard();

create function financing_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and ((old.receivable_id, old.financier_id, old.face_fen, old.seller_id)
      is distinct from (new.receivable_id, new.financier_id, new.face_fen, new.seller_id)
      or (old.state <> new.state and (old.state, new.state) not in (('asked', 'offered'),
        ('asked', 'declined'), ('offered', 'accepted'), ('offered', 'declined'),
        ('accepted', 'live'), ('accepted', 'declined'), ('live', 'repaid')))
      or (old.price_fen is not null and new.price_fen is distinct from old.price_fen)) then
    perform mall_refuse('financing_one_way', 'a financing goes one way');
  end if;
  if new.state in ('asked', 'offered', 'accepted') and not exists (select 1 from mall_receivable
      where id = new.receivable_id and state = 'open' and holder_id = new.seller_id
      and face_fen = new.face_fen) then
    perform mall_refuse('financed_while_open', 'only an open claim of the seller is financed');
  end if;
  return new;
end $$;
create trigger financing_guard before insert or update on mall_financing
  for each row execute function financing_guard();
create function financing_assigned() returns trigger language plpgsql as $$
begin
  if new.state = 'live' and not exists (select 1 from mall_assignment a join mall_financier f
      on f.organisation_id = a.taker_id where a.receivable_id = new.receivable_id
      and f.id = new.financier_id and a.kind = 'discount') then
    perform mall_refuse('cash_with_assignment', 'cash and assignment come together');
  end if;
  return null;
end $$;
create constraint trigger financing_assigned after insert or update on mall_financing
  deferrable initially deferred for each row execute function financing_assigned();
"""

BATCHES = """
create function batch_line_guard() returns trigger language plpgsql as $$
begin
  if (old.batch_id, old.holder_id, old.amount_fen, old.bank_account) is distinct from
      (new.batch_id, new.holder_id, new.amount_fen, new.bank_account) or (new.state <> old.state
      and (old.state, new.state) not in (('sent', 'paid'), ('sent', 'failed'))) then
    perform mall_refuse('batch_line_one_way', 'what was sent to the bank does not change');
  end if;
  return new;
end $$;
create trigger batch_line_guard before update on mall_batchline
  for each row execute function batch_line_guard();
create function batch_line_whole() returns trigger language plpgsql as $$
declare l mall_batchline;
begin
  select * into l from mall_batchline where id = new.id;
  if l.amount_fen <> coalesce((select sum(r.face_fen) from mall_payment p
      join mall_receivable r on r.id = p.receivable_id where p.line_id = l.id), 0)
      or (l.state in ('failed', 'carried')) = exists (select 1 from mall_payment
        where line_id = l.id and alive) then
    perform mall_refuse('batch_line_is_its_claims', 'a payment is the sum of its claims');
  end if;
  return null;
end $$;
create constraint trigger batch_line_whole after insert or update on mall_batchline
  deferrable initially deferred for each row execute function batch_line_whole();
create function batch_whole() returns trigger language plpgsql as $$
begin
  if exists (select 1 from mall_batch b where b.id = new.id and (
      b.total_fen <> coalesce((select sum(amount_fen) from mall_batchline
        where batch_id = b.id and state <> 'carried'), 0)
      or b.short_fen <> coalesce((select sum(amount_fen) from mall_batchline
        where batch_id = b.id and state = 'carried'), 0)
      or (b.state = 'settled') = exists (select 1 from mall_batchline
        where batch_id = b.id and state = 'sent'))) then
    perform mall_refuse('batch_is_its_lines', 'a batch is the sum of its lines');
  end if;
  return null;
end $$;
create constraint trigger batch_whole after insert or update on mall_batch
  deferrable initially deferred for each row execute function batch_whole();
"""

GONE = """
drop trigger mall_operator_stays on people_organisation;
drop function mall_refuse, mall_guard, mall_operator_stays, pledge_adds, fund_adds_up, order_guard,
  line_guard, statement_guard, statement_check, statement_of_line, statement_itself,
  receivable_guard, receivable_whole, assignment_guard, financing_guard, financing_assigned,
  batch_line_guard, batch_line_whole, batch_whole cascade;
"""


class Migration(migrations.Migration):
    dependencies = [("mall", "0001_initial")]
    operations = [
        migrations.RunSQL(
            SAY + SHOPS + ORDERS + LINES + CLAIMS + BATCHES + "".join(map(append_only, TABLES)),
            GONE + "".join(f"drop trigger {t}_append_only on {t};"
                           f"drop trigger {t}_no_truncate on {t};" for t in TABLES),
        )
    ]  # fmt: skip
