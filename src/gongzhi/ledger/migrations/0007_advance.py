"""A shop that takes back what it was already paid for is lent the points it returns.

They go on to the resident at once, and the shop owes them (`mall.models.Debt`): the mirror of the
redemption that was, until new sales or yuan make up for it. Nothing new is given out.
"""

from django.db import migrations

LAWFUL = """
create or replace function ledger_lawful(unit text, code text, debit_kind text, credit_kind text)
returns boolean language sql immutable parallel safe as $$
  select (code || ' ' || debit_kind || '>' || credit_kind) = any (case unit
    when 'points' then array[
      'fund issuance>budget', 'return budget>issuance', 'award budget>holder',
      'opening opening>holder', 'sale holder>merchant', 'spend holder>merchant',
      'spend holder>desk', 'expire holder>expired', 'wipe holder>issuance',{advance}
      'redeem merchant>issuance', 'redeem desk>issuance']
    when 'hours' then array[
      'fund issuance>budget', 'return budget>issuance', 'service issuance>holder',
      'service budget>holder', 'opening opening>holder', 'use holder>used']
    when 'cny' then array[
      'opening opening>fund', 'opening opening>claim', 'deposit outside>fund',
      'withdraw fund>outside', 'claim owed>claim', 'assign claim>claim', 'settle claim>owed',
      'fee claim>fee', 'fee fund>fee', 'pay fund>outside', 'pay fee>outside',
      'discount outside>outside']
    when 'shares' then array[
      'allot issuance>holder', 'opening opening>holder', 'inherit holder>holder',
      'withdraw holder>issuance']
    else '{{}}'::text[] end)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_known_accounts")]
    operations = [
        migrations.RunSQL(
            LAWFUL.format(advance="\n      'advance issuance>merchant',"), LAWFUL.format(advance="")
        )
    ]
