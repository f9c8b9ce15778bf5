"""Contracts with their story, pictures on the shelf, files handed over; undone sales travel along.

A sale that was given back weighs nothing together with its refund, whatever the rates: both may
stand on a statement of another rate, so that an old refund never blocks what was sold since.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from gongzhi.core.sql import append_only

TABLES = ("mall_record", "mall_delivery")

CHECK = """
create or replace function statement_check(which bigint) returns void language plpgsql as $$
declare s mall_statement; points bigint; fen bigint; leaves bigint;
begin
  select * into s from mall_statement where id = which;
  if not found then return; end if;
  select coalesce(sum(l.points), 0), coalesce(sum(l.fen), 0) into points, fen from mall_line l
    where l.statement_id = which;
  if (s.points, s.gross_fen) is distinct from (points, fen) or exists (select 1 from mall_line l
      join mall_order o on o.id = l.order_id where l.statement_id = which
      and (l.merchant_id <> s.merchant_id or (l.rate_id <> s.rate_id
        and o.state <> 'refunded'))) then
    perform mall_refuse('statement_is_its_lines', 'a statement is the sum of its lines');
  end if;
  select sum(r.face_fen) into leaves from mall_receivable r
    where r.statement_id = which and r.state not in ('split', 'cancelled');
  if leaves is not null and (leaves <> s.net_fen or s.state <> 'confirmed') then
    perform mall_refuse('leaves_are_the_statement', 'claims add up to their statement');
  end if;
end $$;
alter table mall_statement disable trigger statement_guard;
update mall_statement t set fee_bp = m.fee_bp from mall_merchant m
  where m.id = t.merchant_id and t.fee_bp <> m.fee_bp;
set constraints all immediate;
alter table mall_statement enable trigger statement_guard;
alter table mall_statement add constraint statement_fee
  check (fee_fen = greatest(gross_fen, 0) * fee_bp / 10000);
"""
BACK = """
alter table mall_statement drop constraint statement_fee;
create or replace function statement_check(which bigint) returns void language plpgsql as $$
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
"""
PERSON = {"on_delete": django.db.models.deletion.PROTECT, "related_name": "+"}
KINDS = [
    ("signed", "签约"), ("renewed", "续签或改约"), ("suspended", "暂停"), ("resumed", "恢复"),
    ("ended", "退出"), ("terms", "规则调整"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("mall", "0002_guards")]
    operations = [
        migrations.AddField("merchant", "pay_days", models.PositiveSmallIntegerField(default=1)),
        migrations.AddConstraint(
            "merchant",
            models.CheckConstraint(condition=Q(pay_days__range=(1, 365)), name="merchant_pay_days"),
        ),
        migrations.AddField("statement", "fee_bp", models.PositiveSmallIntegerField(default=0)),
        migrations.RemoveConstraint("statement", "statement_confirmed_whole"),
        migrations.AddConstraint(
            "statement",
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | Q(
                    points__gt=0,
                    net_fen__gt=0,
                    confirmed_by__isnull=False,
                    confirmed_at__isnull=False,
                ),
                name="statement_confirmed_whole",
            ),
        ),
        migrations.CreateModel(
            "Record",
            [
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                )),
                ("kind", models.CharField(choices=KINDS, max_length=10)),
                ("why", models.CharField(max_length=200)),
                ("terms", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                ("by", models.ForeignKey(to="people.person", **PERSON)),
                ("mall", models.ForeignKey(to="mall.mall", **PERSON)),
                ("merchant", models.ForeignKey(null=True, to="mall.merchant", **PERSON)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=~Q(why=""), name="mall_record_has_reason"),
                    models.CheckConstraint(
                        condition=Q(kind="terms", merchant=None)
                        | (~Q(kind="terms") & Q(merchant__isnull=False)),
                        name="mall_record_about",
                    ),
                ],
                "indexes": [models.Index(fields=["mall", "merchant", "-id"], name="mall_record_of")],
            },
        ),
        migrations.CreateModel(
            "Picture",
            [
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                )),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                ("thumb", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("by", models.ForeignKey(to="people.person", **PERSON)),
                ("merchant", models.ForeignKey(to="mall.merchant", **PERSON)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["merchant", "sha256"], name="mall_picture_once"
                    )
                ]
            },
        ),
        migrations.AddField(
            "offer", "picture", models.ForeignKey(null=True, to="mall.picture", **PERSON)
        ),
        migrations.CreateModel(
            "Delivery",
            [
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                )),
                ("channel", models.CharField(max_length=40)),
                ("answer", models.TextField(blank=True, default="")),
                ("at", models.DateTimeField()),
                ("message", models.OneToOneField(to="mall.message", **PERSON)),
            ],
        ),
        migrations.RunSQL(
            CHECK + "".join(map(append_only, TABLES)),
            BACK + "".join(f"drop trigger {t}_append_only on {t};"
                           f"drop trigger {t}_no_truncate on {t};" for t in TABLES),
        ),
    ]  # fmt: skip
