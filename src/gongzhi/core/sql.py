"""Pieces of SQL that migrations share."""

REFUSE_CHANGE = """
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: corrections are new rows', tg_table_name
    using errcode = 'restrict_violation';
end $$;
"""


def append_only(table: str) -> str:
    """Triggers that refuse UPDATE, DELETE and TRUNCATE on a table, for every role."""
    return f"""
create trigger {table}_append_only before update or delete on {table}
  for each row execute function refuse_change();
create trigger {table}_no_truncate before truncate on {table}
  for each statement execute function refuse_change();
"""
