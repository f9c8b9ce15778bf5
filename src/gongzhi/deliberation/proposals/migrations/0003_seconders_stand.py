"""A household that stood behind a proposal stays on its list: it may withdraw once, in time."""

from django.db import migrations

STANDS = """
create or replace function proposal_seconder() returns trigger language plpgsql as $$
declare p record;
begin
  if tg_op = 'DELETE' or (tg_op = 'UPDATE' and (
      old.withdrawn_at is not null or new.withdrawn_at is null
      or (to_jsonb(new) - 'withdrawn_at') <> (to_jsonb(old) - 'withdrawn_at'))) then
    raise exception 'a seconder changes only by withdrawing, once'
      using errcode = 'restrict_violation', constraint = 'seconder_kept';
  end if;
  select household_id, accepted_at into p from proposals_proposal where id = new.proposal_id;
  if p.household_id = new.household_id then
    raise exception 'a household does not second its own proposal'
      using errcode = 'check_violation', constraint = 'not_its_own_household';
  end if;
  if p.accepted_at is not null and (tg_op = 'UPDATE' or new.carried_from_id is null) then
    raise exception 'after acceptance seconders stay as they are'
      using errcode = 'check_violation', constraint = 'seconders_fixed';
  end if;
  return new;
end $$;
drop trigger proposal_seconder on proposals_seconder;
create trigger proposal_seconder before insert or update or delete on proposals_seconder
  for each row execute function proposal_seconder();
"""


class Migration(migrations.Migration):
    """The function of 0002 let another household be written over the one that seconded."""

    dependencies = [("proposals", "0002_guards")]  # noqa: RUF012
    operations = [migrations.RunSQL(STANDS, migrations.RunSQL.noop)]  # noqa: RUF012
