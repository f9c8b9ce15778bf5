"""What hung on the board stands: another text is another version, with days of its own.

Only one thing may still happen to an item: that a newer version replaces it, once. What somebody
objected stands too, and so does the answer once it is given.
"""

from django.db import migrations

STANDS = """
create function publication_stands() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.replaced_at is null
     and (to_jsonb(new) - 'replaced_at') = (to_jsonb(old) - 'replaced_at') then
    return new;
  end if;
  raise exception 'what hung on the board stands: another text is another version'
    using errcode = 'restrict_violation';
end $$;
create trigger publication_stands before update or delete on publications_publication
  for each row execute function publication_stands();

create function objection_stands() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.answered_at is null
     and (new.id, new.publication_id, new.by_id, new.text, new.at)
       = (old.id, old.publication_id, old.by_id, old.text, old.at) then
    return new;
  end if;
  raise exception 'an objection stands, and so does its answer'
    using errcode = 'restrict_violation';
end $$;
create trigger objection_stands before update or delete on publications_objection
  for each row execute function objection_stands();
"""
BACK = """
drop trigger publication_stands on publications_publication;
drop function publication_stands();
drop trigger objection_stands on publications_objection;
drop function objection_stands();
"""


class Migration(migrations.Migration):
    """Triggers beside the tables of 0001."""

    dependencies = [("publications", "0001_initial")]  # noqa: RUF012
    operations = [migrations.RunSQL(STANDS, BACK)]  # noqa: RUF012
