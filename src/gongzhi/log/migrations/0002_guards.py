"""What nobody may do to the log, and the functions other areas write it with in their SQL."""

from django.db import migrations

from gongzhi.core.sql import append_only

GUARDS = f"""
{append_only("log_leaf")}
{append_only("log_checkpoint")}
{append_only("log_cosignature")}

-- A tile may only grow at its end, and never beyond 256 hashes.
alter table log_tile add constraint tile_of_hashes
  check (length(hashes) between 32 and 8192 and length(hashes) % 32 = 0);
create trigger log_tile_only_grows before update on log_tile for each row
  when (old.level <> new.level or old.index <> new.index
    or substring(new.hashes from 1 for length(old.hashes)) <> old.hashes)
  execute function refuse_change();
create trigger log_tile_stays before delete on log_tile
  for each row execute function refuse_change();
create trigger log_tile_no_truncate before truncate on log_tile
  for each statement execute function refuse_change();

-- A commitment is never changed; only what opens it may be deleted.
create trigger log_nonce_never_changes before update on log_nonce
  for each row execute function refuse_change();

-- A head covers all entries there are, and no head before it was as long.
create function log_head_is_whole() returns trigger language plpgsql as $$
declare
  before bigint;
  added bigint;
begin
  select coalesce(max(size), 0) into before from log_checkpoint where size <> new.size;
  select count(*) into added from log_leaf where index >= before;
  if new.size < before or added <> new.size - before
    or exists (select 1 from log_leaf where index >= new.size) then
    raise exception 'a checkpoint of % does not fit % entries after %', new.size, added, before
      using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger log_checkpoint_whole after insert on log_checkpoint
  for each row execute function log_head_is_whole();

revoke update, delete, truncate on log_leaf, log_checkpoint, log_cosignature from public;
-- Not on log_checkpoint: a foreign key locks its rows with the owner's right to UPDATE.
revoke update, delete, truncate on log_leaf, log_cosignature from current_user;
"""

FUNCTIONS = """
create function log_append(kind text, subject text, leaf bytea, at timestamptz) returns void
language plpgsql as $$
begin
  insert into public.log_pending (kind, subject, leaf, at)
    values (log_append.kind, log_append.subject, log_append.leaf, log_append.at);
end $$;

-- SHA-256(32 random bytes || owner), made once. Three UUIDs of version 4 hold 366 random bits.
create function log_pseudonym(owner text) returns bytea language plpgsql as $$
declare
  fresh bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
    || uuid_send(gen_random_uuid()));
  found bytea;
begin
  insert into public.log_nonce (owner, nonce, commitment)
    values (log_pseudonym.owner, fresh,
      sha256(fresh || convert_to(log_pseudonym.owner, 'UTF8')))
    on conflict do nothing returning commitment into found;
  if found is null then
    select commitment into found from public.log_nonce n where n.owner = log_pseudonym.owner;
  end if;
  return found;
end $$;

create function log_micros(at timestamptz) returns text language sql stable as $$
  select ((extract(epoch from at) * 1000000)::bigint)::text
$$;

create function log_transfer_leaf(
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

create function log_account_leaf(
  id bigint, account bytea, unit text, floor bigint, at timestamptz
) returns bytea language sql stable as $$
  select convert_to(
    E'gongzhi/1\\nledger.account\\naccount:' || id || E'\\n' || public.log_micros(at)
    || E'\\naccount b ' || encode(account, 'base64')
    || coalesce(E'\\nfloor i ' || floor, '') || E'\\nunit s ' || unit || E'\\n', 'UTF8')
$$;
"""
UNDO = """
drop function log_account_leaf(bigint, bytea, text, bigint, timestamptz);
drop function log_transfer_leaf(
  bigint, uuid, bytea, bytea, text, bigint, text, text, bigint, bigint, timestamptz);
drop function log_micros(timestamptz);
drop function log_pseudonym(text);
drop function log_append(text, text, bytea, timestamptz);
"""
UNGUARD = """
drop trigger log_checkpoint_whole on log_checkpoint;
drop function log_head_is_whole();
drop trigger log_nonce_never_changes on log_nonce;
drop trigger log_tile_no_truncate on log_tile;
drop trigger log_tile_stays on log_tile;
drop trigger log_tile_only_grows on log_tile;
alter table log_tile drop constraint tile_of_hashes;
""" + "".join(
    f"drop trigger {table}_no_truncate on {table}; drop trigger {table}_append_only on {table};"
    for table in ("log_cosignature", "log_checkpoint", "log_leaf")
)


class Migration(migrations.Migration):
    dependencies = [("log", "0001_initial"), ("core", "0002_append_only")]
    operations = [migrations.RunSQL(GUARDS, UNGUARD), migrations.RunSQL(FUNCTIONS, UNDO)]
