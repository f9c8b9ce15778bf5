"""What joins the mall to the books, and who must stay apart: true for every program, not only ours.

An order taken is a transfer of just those points into just that shop; a month is the sum of its
orders; a line is a sale or refund that was; a payment is of what is due to that holder. Neither
operator nor funder sells in its own mall or finances its claims.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from gongzhi.core.sql import append_only

PERSON = {"on_delete": django.db.models.deletion.PROTECT, "related_name": "+"}

ORDERS = """
create function order_terms() returns trigger language plpgsql as $$
begin
  if new.percent <> (select percent from mall_mall where id = new.mall_id) then
    perform mall_refuse('order_percent_of_mall', 'the share is the mall''s');
  end if;
  return new;
end $$;
create trigger order_terms before insert on mall_order
  for each row execute function order_terms();
create function month_terms() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and new.most <> (select month from mall_mall where id = new.mall_id)
      or tg_op = 'UPDATE' and (new.most, new.mall_id, new.person_id, new.first)
        is distinct from (old.most, old.mall_id, old.person_id, old.first) then
    perform mall_refuse('month_limit_of_mall', 'the month''s limit is the mall''s');
  end if;
  return new;
end $$;
create trigger month_terms before insert or update on mall_month
  for each row execute function month_terms();

create function month_check(a_mall bigint, a_person bigint, a_first date) returns void
language plpgsql as $$
begin
  if coalesce((select points from mall_month where mall_id = a_mall and person_id = a_person
      and first = a_first), 0) <> (select coalesce(sum(points), 0) from mall_order
      where mall_id = a_mall and person_id = a_person and price_fen > 0
      and state in ('held', 'done')
      and at >= a_first::timestamp at time zone 'Asia/Shanghai'
      and at < (a_first + interval '1 month') at time zone 'Asia/Shanghai') then
    perform mall_refuse('month_is_its_orders', 'a month is the sum of its orders');
  end if;
end $$;
create function month_of_itself() returns trigger language plpgsql as $$
begin
  perform month_check(new.mall_id, new.person_id, new.first);
  return null;
end $$;
create constraint trigger month_of_itself after insert or update on mall_month
  deferrable initially deferred for each row execute function month_of_itself();

create function order_in_the_books() returns trigger language plpgsql as $$
declare o mall_order; shop bigint;
begin
  select * into o from mall_order where id = new.id;
  select account into shop from mall_merchant where id = o.merchant_id;
  if o.price_fen > 0 then
    perform month_check(o.mall_id, o.person_id,
      date_trunc('month', o.at at time zone 'Asia/Shanghai')::date);
  end if;
  if not exists (select 1 from ledger_hold h join points_holder p on p.account = h.account_id
      where h.id = o.hold and h.amount = o.points and p.person_id = o.person_id) then
    perform mall_refuse('order_holds_points', 'an order sets aside its points');
  end if;
  if o.state in ('done', 'refunded') and (not exists (select 1 from ledger_transfer
      where id = o.transfer and hold_id = o.hold and credit_id = shop and amount = o.points)
      or o.rate_id is not null and not exists (select 1 from mall_line
        where order_id = o.id and kind = 'sale')) then
    perform mall_refuse('order_in_the_books', 'what is taken is in the books');
  end if;
  if (o.state = 'refunded') <> exists (select 1 from ledger_transfer
        where reverses_id = o.transfer)
      or o.rate_id is not null and (o.state = 'refunded') <> exists (select 1 from mall_line
        where order_id = o.id and kind = 'refund') then
    perform mall_refuse('order_given_back', 'what is given back is in the books');
  end if;
  return null;
end $$;
create constraint trigger order_in_the_books after insert or update on mall_order
  deferrable initially deferred for each row execute function order_in_the_books();

create function line_of_order() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from mall_order where id = new.order_id
      and merchant_id = new.merchant_id and rate_id = new.rate_id and rate_fen = new.rate_fen
      and case new.kind when 'sale' then state = 'done' and points = new.points
        else state = 'refunded' and points = - new.points end) then
    perform mall_refuse('line_of_order', 'a line is a sale or a refund that was');
  end if;
  return new;
end $$;
create trigger line_of_order before insert on mall_line
  for each row execute function line_of_order();
"""

APART = """
create function merchant_apart() returns trigger language plpgsql as $$
begin
  if exists (select 1 from mall_mall where id = new.mall_id
      and new.organisation_id in (operator_id, funder_id)) then
    perform mall_refuse('merchant_apart', 'neither operator nor funder sells in its own mall');
  end if;
  return new;
end $$;
create trigger merchant_apart before insert or update on mall_merchant
  for each row execute function merchant_apart();
create function service_point_stays() returns trigger language plpgsql as $$
begin
  if (old.category = 'point') <> (new.category = 'point') then
    perform mall_refuse('service_point_stays', 'a service point is no shop, nor a shop one');
  end if;
  return new;
end $$;
create trigger service_point_stays before update of category on mall_merchant
  for each row execute function service_point_stays();
create function offer_of_category() returns trigger language plpgsql as $$
begin
  if (new.kind = 'gift') <> ((select category from mall_merchant where id = new.merchant_id)
      = 'point') then
    perform mall_refuse('offer_of_category', 'gifts are a service point''s, and nothing else is');
  end if;
  return new;
end $$;
create trigger offer_of_category before insert or update on mall_offer
  for each row execute function offer_of_category();
create function mall_apart() returns trigger language plpgsql as $$
begin
  if exists (select 1 from mall_merchant where mall_id = new.id
      and organisation_id in (new.operator_id, new.funder_id)) then
    perform mall_refuse('merchant_apart', 'neither operator nor funder sells in its own mall');
  end if;
  return new;
end $$;
create trigger mall_apart before update of operator_id, funder_id on mall_mall
  for each row execute function mall_apart();
create function taker_apart() returns trigger language plpgsql as $$
declare taker bigint;
begin
  if tg_table_name = 'mall_assignment' then
    taker := new.taker_id;
  else
    select organisation_id into taker from mall_financier where id = new.financier_id;
  end if;
  if exists (select 1 from mall_receivable r join mall_statement t on t.id = r.statement_id
      join mall_merchant s on s.id = t.merchant_id join mall_mall m on m.id = s.mall_id
      where r.id = new.receivable_id and taker in (m.operator_id, m.funder_id)) then
    perform mall_refuse('taker_apart', 'neither operator nor funder takes a claim');
  end if;
  return new;
end $$;
create trigger taker_apart before insert on mall_assignment
  for each row execute function taker_apart();
create trigger taker_apart before insert on mall_financing
  for each row execute function taker_apart();
"""

PAYMENTS = """
create function payment_of_what_is_due() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from mall_batchline l join mall_batch b on b.id = l.batch_id
      join mall_receivable r on r.id = new.receivable_id and r.holder_id = l.holder_id
        and r.state = 'open' and r.due_on <= b.cutoff
      join mall_statement t on t.id = r.statement_id
      join mall_merchant s on s.id = t.merchant_id and s.mall_id = b.mall_id
      where l.id = new.line_id) then
    perform mall_refuse('payment_of_what_is_due', 'only what is due to that holder is paid');
  end if;
  return new;
end $$;
create trigger payment_of_what_is_due before insert on mall_payment
  for each row execute function payment_of_what_is_due();
"""

GONE = """
drop function order_terms, month_terms, month_check, month_of_itself, order_in_the_books,
  line_of_order, merchant_apart, service_point_stays, offer_of_category, mall_apart, taker_apart, payment_of_what_is_due cascade;
drop trigger mall_restock_append_only on mall_restock;
drop trigger mall_restock_no_truncate on mall_restock;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("mall", "0003_contracts"),
        ("ledger", "0004_light"),
        ("points", "0004_guards"),
        ("people", "0006_first_letters"),
    ]
    operations = [
        migrations.AddField(
            "order", "taken_key", models.CharField(blank=True, default="", max_length=80)
        ),
        migrations.CreateModel(
            "Restock",
            [
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                )),
                ("add", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("key", models.CharField(max_length=80, null=True, unique=True)),
                ("by", models.ForeignKey(to="people.person", **PERSON)),
                ("offer", models.ForeignKey(to="mall.offer", **PERSON)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=~Q(add=0), name="restock_of_something")
                ]
            },
        ),
        migrations.RunSQL(ORDERS + APART + PAYMENTS + append_only("mall_restock"), GONE),
    ]  # fmt: skip
