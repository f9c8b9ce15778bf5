"""What a transfer pays for its entry, halved.

Its number is given once, so it needs no index to wait once. What waits is deleted within seconds: no
vacuum just because much came in. And PostgreSQL prepares an expression anew for each statement, every
step of it: the entry is one call of `format` in place of thirty concatenations. Its bytes are the
same (`leaves.encode`).
"""

from django.db import migrations, models
from django.db.models import Q

LEAF = """
create or replace function log_transfer_leaf(
  id bigint, key uuid, debit bytea, credit bytea, unit text, amount bigint, code text, rule text,
  reverses bigint, hold bigint, at timestamptz
) returns bytea language sql stable as $$
  select convert_to(format(
    E'gongzhi/1\\nledger.transfer\\ntransfer:%s\\n%s\\namount i %s\\ncode s %s\\ncredit b %s'
    '\\ndebit b %s%s\\nkey b %s%s%s\\nunit s %s\\n',
    id, (extract(epoch from at) * 1000000)::bigint, amount, code, encode(credit, 'base64'),
    encode(debit, 'base64'), E'\\nhold i ' || hold, encode(uuid_send(key), 'base64'),
    E'\\nreverses i ' || reverses, E'\\nrule s ' || nullif(rule, ''), unit), 'UTF8')
$$;
"""
BEFORE = """
create or replace function log_transfer_leaf(
  id bigint, key uuid, debit bytea, credit bytea, unit text, amount bigint, code text, rule text,
  reverses bigint, hold bigint, at timestamptz
) returns bytea language sql stable as $$
  select convert_to(
    E'gongzhi/1\\nledger.transfer\\ntransfer:' || id || E'\\n' || public.log_micros(at)
    || E'\\namount i ' || amount || E'\\ncode s ' || code
    || E'\\ncredit b ' || encode(credit, 'base64') || E'\\ndebit b ' || encode(debit, 'base64')
    || coalesce(E'\\nhold i ' || hold, '')
    || E'\\nkey b ' || encode(uuid_send(key), 'base64')
    || coalesce(E'\\nreverses i ' || reverses, '')
    || coalesce(E'\\nrule s ' || nullif(rule, ''), '')
    || E'\\nunit s ' || unit || E'\\n', 'UTF8')
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("log", "0004_kept_room")]
    operations = [
        migrations.RemoveConstraint("pending", "pending_once"),
        migrations.AddConstraint(
            "pending",
            models.UniqueConstraint(
                condition=~Q(kind="ledger.transfer"), fields=("kind", "subject"),
                name="pending_once",
            ),
        ),
        migrations.RunSQL(
            "alter table log_pending set (autovacuum_vacuum_insert_threshold = -1)",
            "alter table log_pending reset (autovacuum_vacuum_insert_threshold)",
        ),
        migrations.RunSQL(LEAF, BEFORE),
    ]  # fmt: skip
