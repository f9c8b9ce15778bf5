"""Money that comes back: a payment the bank returns, a sale given back after it was settled.

A returned payment is owed again, and no claim stays redeemed by it. A shop that takes back what
was settled owes what it was lent for that, until new sales or its own yuan make up for it.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

PERSON = {"on_delete": django.db.models.deletion.PROTECT, "related_name": "+"}

LINES = """
create or replace function batch_line_guard() returns trigger language plpgsql as $$
begin
  if (old.batch_id, old.holder_id, old.amount_fen, old.bank_account) is distinct from
      (new.batch_id, new.holder_id, new.amount_fen, new.bank_account) or (new.state <> old.state
      and (old.state, new.state) not in (('sent', 'paid'), ('sent', 'failed'),
        ('paid', 'returned'))) or (old.state in ('paid', 'returned')
      and new.reference is distinct from old.reference) or (old.state = 'returned'
      and (new.return_reference, new.returned_at)
        is distinct from (old.return_reference, old.returned_at)) then
    perform mall_refuse('batch_line_one_way', 'what was sent to the bank does not change');
  end if;
  return new;
end $$;
create or replace function batch_line_whole() returns trigger language plpgsql as $$
declare l mall_batchline;
begin
  select * into l from mall_batchline where id = new.id;
  if l.amount_fen <> coalesce((select sum(r.face_fen) from mall_payment p
      join mall_receivable r on r.id = p.receivable_id where p.line_id = l.id), 0)
      or (l.state in ('failed', 'carried', 'returned')) = exists (select 1 from mall_payment
        where line_id = l.id and alive) then
    perform mall_refuse('batch_line_is_its_claims', 'a payment is the sum of its claims');
  end if;
  if l.state = 'returned' and exists (select 1 from mall_payment p
      join mall_receivable r on r.id = p.receivable_id and r.state = 'redeemed'
      where p.line_id = l.id and not exists (select 1 from mall_payment q
        where q.receivable_id = r.id and q.alive)) then
    perform mall_refuse('returned_is_owed', 'what the bank has returned is owed again');
  end if;
  return null;
end $$;
"""
LINES_BACK = """
create or replace function batch_line_guard() returns trigger language plpgsql as $$
begin
  if (old.batch_id, old.holder_id, old.amount_fen, old.bank_account) is distinct from
      (new.batch_id, new.holder_id, new.amount_fen, new.bank_account) or (new.state <> old.state
      and (old.state, new.state) not in (('sent', 'paid'), ('sent', 'failed'))) then
    perform mall_refuse('batch_line_one_way', 'what was sent to the bank does not change');
  end if;
  return new;
end $$;
"""

CLAIMS = """
create function receivable_reopened() returns trigger language plpgsql as $$
begin
  if exists (select 1 from mall_payment where receivable_id = new.id and alive)
      or not exists (select 1 from mall_payment p join mall_batchline l on l.id = p.line_id
        where p.receivable_id = new.id and l.state = 'returned') then
    perform mall_refuse('reopened_by_return', 'only what the bank has returned is owed again');
  end if;
  return new;
end $$;
create trigger receivable_reopened before update on mall_receivable for each row
  when (old.state = 'redeemed' and new.state = 'open') execute function receivable_reopened();

create or replace function receivable_guard() returns trigger language plpgsql as $$
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
      ('draft', 'cancelled'), ('open', 'split'), ('open', 'redeemed'), ('redeemed', 'open')) then
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

create or replace function financing_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and ((old.receivable_id, old.financier_id, old.face_fen, old.seller_id)
      is distinct from (new.receivable_id, new.financier_id, new.face_fen, new.seller_id)
      or (old.state <> new.state and (old.state, new.state) not in (('asked', 'offered'),
        ('asked', 'declined'), ('offered', 'accepted'), ('offered', 'declined'),
        ('accepted', 'live'), ('accepted', 'declined'), ('live', 'repaid'), ('repaid', 'live')))
      or (old.price_fen is not null and new.price_fen is distinct from old.price_fen)) then
    perform mall_refuse('financing_one_way', 'a financing goes one way');
  end if;
  if (new.state in ('asked', 'offered', 'accepted') or tg_op = 'UPDATE' and old.state = 'repaid'
      and new.state = 'live') and not exists (select 1 from mall_receivable
      where id = new.receivable_id and state = 'open' and face_fen = new.face_fen
      and (holder_id = new.seller_id or new.state = 'live')) then
    perform mall_refuse('financed_while_open', 'only an open claim of the seller is financed');
  end if;
  return new;
end $$;
"""

FUND = """
create or replace function fund_adds_up() returns trigger language plpgsql as $$
begin
  if (select (pledged_fen, paid_fen, repaid_fen) from mall_mall where id = new.id)
      is distinct from (
      (select coalesce(sum(amount_fen), 0)::bigint from mall_pledge where mall_id = new.id),
      (select coalesce(sum(l.amount_fen), 0)::bigint from mall_batchline l
        join mall_batch b on b.id = l.batch_id where b.mall_id = new.id and l.state = 'paid'),
      (select coalesce(sum(d.fen), 0)::bigint from mall_debt d
        join mall_merchant s on s.id = d.merchant_id
        where s.mall_id = new.id and d.state = 'repaid')) then
    perform mall_refuse('fund_adds_up', 'the fund is its pledges, less what the bank has paid');
  end if;
  return null;
end $$;
create function fund_of_line() returns trigger language plpgsql as $$
begin
  if (select m.paid_fen from mall_mall m join mall_batch b
      on b.mall_id = m.id where b.id = new.batch_id) <> (select coalesce(sum(l.amount_fen), 0)
      from mall_batchline l join mall_batch b on b.id = l.batch_id where l.state = 'paid'
      and b.mall_id = (select mall_id from mall_batch where id = new.batch_id)) then
    perform mall_refuse('fund_adds_up', 'the fund is its pledges, less what the bank has paid');
  end if;
  return null;
end $$;
create constraint trigger fund_of_line after update of state on mall_batchline
  deferrable initially deferred for each row
  when (old.state = 'paid') execute function fund_of_line();
"""
FUND_BACK = """
create or replace function fund_adds_up() returns trigger language plpgsql as $$
begin
  if (select (pledged_fen, paid_fen) from mall_mall where id = new.id) is distinct from (
      (select coalesce(sum(amount_fen), 0)::bigint from mall_pledge where mall_id = new.id),
      (select coalesce(sum(l.amount_fen), 0)::bigint from mall_batchline l
        join mall_batch b on b.id = l.batch_id where b.mall_id = new.id and l.state = 'paid')) then
    perform mall_refuse('fund_adds_up', 'the fund is its pledges, less what the bank has paid');
  end if;
  return null;
end $$;
"""

DEBTS = """
create or replace function line_of_order() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from mall_order where id = new.order_id
      and merchant_id = new.merchant_id and rate_id = new.rate_id and rate_fen = new.rate_fen
      and case new.kind when 'sale' then state = 'done' and points = new.points
        when 'refund' then state = 'refunded' and points = - new.points
        else exists (select 1 from mall_debt where order_id = new.order_id
          and points = new.points and state = 'repaid') end) then
    perform mall_refuse('line_of_order', 'a line is a sale or a refund that was');
  end if;
  return new;
end $$;

create function debt_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (old.order_id, old.merchant_id, old.points, old.fen, old.advance, old.at,
      old.due_on) is distinct from (new.order_id, new.merchant_id, new.points, new.fen, new.advance,
      new.at, new.due_on) or old.state <> 'owed' then
    perform mall_refuse('debt_fixed', 'a debt ends once and does not change');
  end if;
  return new;
end $$;
create trigger debt_guard before update or delete on mall_debt
  for each row execute function debt_guard();

create function debt_in_the_books() returns trigger language plpgsql as $$
declare d mall_debt; shop bigint;
begin
  select * into d from mall_debt where id = new.id;
  select account into shop from mall_merchant where id = d.merchant_id;
  if not exists (select 1 from mall_order where id = d.order_id and merchant_id = d.merchant_id
      and state = 'refunded' and points >= d.points)
      or not exists (select 1 from ledger_transfer where id = d.advance and code = 'advance'
        and credit_id = shop and amount = d.points)
      or (d.state = 'netted') <> exists (select 1 from ledger_transfer
        where reverses_id = d.advance and amount = d.points)
      or (d.state = 'repaid') <> exists (select 1 from mall_line
        where order_id = d.order_id and kind = 'repaid' and points = d.points)
      or d.state = 'netted' and not exists (select 1 from mall_line l join mall_statement t
        on t.id = l.statement_id and t.state = 'confirmed' where l.order_id = d.order_id
        and l.kind = 'refund' and t.id = d.statement_id)
      or d.state = 'owed' and exists (select 1 from mall_line l join mall_statement t
        on t.id = l.statement_id and t.state = 'confirmed' where l.order_id = d.order_id
        and l.kind = 'refund') then
    perform mall_refuse('debt_in_the_books', 'what a shop owes is in the books');
  end if;
  return null;
end $$;
create constraint trigger debt_in_the_books after insert or update on mall_debt
  deferrable initially deferred for each row execute function debt_in_the_books();
create function debts_of_statement() returns trigger language plpgsql as $$
begin
  if exists (select 1 from mall_debt d join mall_line l on l.order_id = d.order_id
      and l.kind = 'refund' where l.statement_id = new.id and d.state = 'owed') then
    perform mall_refuse('debt_in_the_books', 'what a shop owes comes off what it is owed');
  end if;
  return null;
end $$;
create constraint trigger debts_of_statement after update of state on mall_statement
  deferrable initially deferred for each row when (new.state = 'confirmed')
  execute function debts_of_statement();
"""

DEBTS_BACK = """
create or replace function line_of_order() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from mall_order where id = new.order_id
      and merchant_id = new.merchant_id and rate_id = new.rate_id and rate_fen = new.rate_fen
      and case new.kind when 'sale' then state = 'done' and points = new.points
        else state = 'refunded' and points = - new.points end) then
    perform mall_refuse('line_of_order', 'a line is a sale or a refund that was');
  end if;
  return new;
end $$;
"""
GONE = """
drop trigger receivable_reopened on mall_receivable;
drop trigger fund_of_line on mall_batchline;
drop trigger debts_of_statement on mall_statement;
drop function receivable_reopened, fund_of_line, debts_of_statement, debt_guard, debt_in_the_books
  cascade;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("mall", "0004_edges"),
        ("ledger", "0007_advance"),
        ("people", "0006_first_letters"),
    ]
    operations = [
        migrations.CreateModel(
            "Debt",
            [
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                )),
                ("points", models.PositiveIntegerField()),
                ("fen", models.BigIntegerField()),
                ("advance", models.BigIntegerField(unique=True)),
                ("at", models.DateTimeField()),
                ("due_on", models.DateField()),
                ("state", models.CharField(
                    choices=[("owed", "还没扣完"), ("netted", "已从对账里扣"),
                             ("repaid", "店里退了钱")],
                    default="owed", max_length=8,
                )),
                ("reference", models.CharField(max_length=40, null=True, unique=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("by", models.ForeignKey(null=True, to="people.person", **PERSON)),
                ("merchant", models.ForeignKey(to="mall.merchant", **PERSON)),
                ("order", models.OneToOneField(
                    to="mall.order", on_delete=django.db.models.deletion.PROTECT,
                    related_name="debt",
                )),
                ("statement", models.ForeignKey(null=True, to="mall.statement", **PERSON)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(points__gt=0, fen__gt=0), name="debt_of_something"
                    ),
                    models.CheckConstraint(
                        condition=Q(state="owed", statement=None, reference=None, ended_at=None)
                        | Q(state="netted", statement__isnull=False, reference=None)
                        & Q(ended_at__isnull=False)
                        | Q(state="repaid", statement=None, reference__isnull=False)
                        & Q(ended_at__isnull=False, by__isnull=False),
                        name="debt_state_whole",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["merchant"], condition=Q(state="owed"), name="debt_owed")
                ],
            },
        ),
        migrations.AddField("mall", "repaid_fen", models.BigIntegerField(default=0)),
        migrations.RemoveConstraint("mall", "mall_fund_not_overdrawn"),
        migrations.AddConstraint(
            "mall",
            models.CheckConstraint(
                condition=Q(
                    paid_fen__gte=0,
                    repaid_fen__gte=0,
                    paid_fen__lte=F("pledged_fen") + F("repaid_fen"),
                ),
                name="mall_fund_not_overdrawn",
            ),
        ),
        migrations.AlterField(
            "line", "kind",
            models.CharField(
                choices=[("sale", "核销"), ("refund", "退回"), ("repaid", "店里退了钱")],
                max_length=8,
            ),
        ),
        migrations.RemoveConstraint("line", "line_signed"),
        migrations.AddConstraint(
            "line",
            models.CheckConstraint(
                condition=Q(kind__in=("sale", "repaid"), points__gt=0)
                | Q(kind="refund", points__lt=0),
                name="line_signed",
            ),
        ),
        migrations.AlterField(
            "batchline", "state",
            models.CharField(
                choices=[("sent", "等回执"), ("paid", "已到账"), ("failed", "银行没有付成"),
                         ("carried", "资金不够，顺延"), ("returned", "付后退回")],
                max_length=8,
            ),
        ),
        migrations.AddField(
            "batchline", "return_reference",
            models.CharField(max_length=40, null=True, unique=True),
        ),
        migrations.AddField("batchline", "returned_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "batchline", "checked_by", models.ForeignKey(null=True, to="people.person", **PERSON)
        ),
        migrations.AddField("batchline", "checked_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "batchline", "checked_why", models.CharField(blank=True, default="", max_length=200)
        ),
        migrations.RemoveConstraint("batchline", "paid_has_reference"),
        migrations.AddConstraint(
            "batchline",
            models.CheckConstraint(
                condition=~Q(state__in=("paid", "returned")) | Q(reference__isnull=False),
                name="paid_has_reference",
            ),
        ),
        migrations.AddConstraint(
            "batchline",
            models.CheckConstraint(
                condition=Q(state="returned", return_reference__isnull=False)
                & Q(returned_at__isnull=False)
                | (~Q(state="returned") & Q(return_reference=None, returned_at=None)),
                name="returned_whole",
            ),
        ),
        migrations.AddConstraint(
            "batchline",
            models.CheckConstraint(
                condition=Q(checked_at=None, checked_by=None, checked_why="")
                | (
                    Q(state="returned", checked_at__isnull=False, checked_by__isnull=False)
                    & ~Q(checked_why="")
                ),
                name="checked_whole",
            ),
        ),
        migrations.AddIndex(
            "batchline",
            models.Index(
                fields=["holder"], condition=Q(state="returned"), name="batch_line_returned"
            ),
        ),
        migrations.RunSQL(
            LINES + CLAIMS + FUND + DEBTS, GONE + LINES_BACK + FUND_BACK + DEBTS_BACK,
        ),
    ]  # fmt: skip
