"""The path of a place follows its parent, whoever writes it."""

from django.db import migrations

SQL = """
create function place_path() returns trigger language plpgsql as $$
declare above text;
begin
  if new.parent_id is null then
    new.path := '/' || new.id || '/';
  else
    select path into above from places_place where id = new.parent_id;
    if above like '%%/' || new.id || '/%%' then
      raise exception 'place % cannot lie inside itself', new.id using errcode = 'check_violation';
    end if;
    new.path := above || new.id || '/';
  end if;
  return new;
end $$;
create trigger place_path before insert or update of parent_id, path on places_place
  for each row execute function place_path();
create function place_path_below() returns trigger language plpgsql as $$
begin
  update places_place set path = '' where parent_id = new.id;
  return null;
end $$;
create trigger place_path_below after update of path on places_place
  for each row when (old.path is distinct from new.path) execute function place_path_below();
""".replace("%%", "%")


class Migration(migrations.Migration):
    dependencies = [("places", "0001_initial")]
    operations = [
        migrations.RunSQL(
            SQL,
            "drop function place_path() cascade; drop function place_path_below() cascade;",
        )
    ]
