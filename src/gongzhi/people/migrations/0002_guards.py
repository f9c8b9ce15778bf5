"""The access log is append-only; a supervisor is not on the committee he supervises."""

from django.db import migrations

from gongzhi.core.sql import append_only

# Villagers Committee Law 2025 and Urban Residents Committee Law 2025: members of the committee
# (and their near kin) may not sit on the supervision committee. Separation of system, security
# and audit administrators: GB/T 22239-2019. Mirrors people.rules.BARRED.
SQL = """
create function appointment_conflict() returns trigger language plpgsql as $$
declare other text;
begin
  select a.role into other from people_appointment a
   where a.person_id = new.person_id and a.id is distinct from new.id
     and (a.to_on is null or a.to_on >= new.from_on)
     and (new.to_on is null or new.to_on >= a.from_on)
     and (
       (a.place_id = new.place_id and (a.role, new.role) in (
          ('supervisor', 'committee'), ('committee', 'supervisor'),
          ('verifier', 'dispatcher'), ('dispatcher', 'verifier')))
       or (a.role, new.role) in (
          ('system_admin', 'security_admin'), ('security_admin', 'system_admin'),
          ('system_admin', 'audit_admin'), ('audit_admin', 'system_admin'),
          ('security_admin', 'audit_admin'), ('audit_admin', 'security_admin'))
     )
   limit 1;
  if other is null and new.role in ('supervisor', 'committee') then
    select a.role into other from people_appointment a
      join people_kinship k on (k.person_id = least(a.person_id, new.person_id)
                            and k.other_id = greatest(a.person_id, new.person_id))
     where a.place_id = new.place_id and a.person_id <> new.person_id
       and a.role = case new.role when 'supervisor' then 'committee' else 'supervisor' end
       and (a.to_on is null or a.to_on >= new.from_on)
       and (new.to_on is null or new.to_on >= a.from_on)
     limit 1;
  end if;
  if other is not null then
    raise exception 'appointment conflicts with %', other
      using errcode = 'exclusion_violation', constraint = 'appointment_conflict';
  end if;
  return new;
end $$;
create trigger appointment_conflict before insert or update on people_appointment
  for each row execute function appointment_conflict();
""" + append_only("people_accesslog")


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("core", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            SQL,
            "drop function appointment_conflict() cascade;"
            "drop trigger people_accesslog_append_only on people_accesslog;"
            "drop trigger people_accesslog_no_truncate on people_accesslog;",
        )
    ]
