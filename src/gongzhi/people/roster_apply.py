"""The database half of a roster: staged by COPY, compared and written set-based, put back by batch.

`stage` works outside a transaction so that its progress is seen; `write` is one transaction.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from gongzhi.core.errors import NotFound, Refused
from gongzhi.core.models import Outbox
from gongzhi.core.pinyin import initials
from gongzhi.people.models import ImportBatch
from gongzhi.people.roster_rows import Entry

UNDO_WITHIN = timedelta(hours=24)
_BY_HAND = "请逐个改正，或导入改正后的名册。"

_TABLE = """
drop table if exists pg_temp.roster_row;
create temp table roster_row (
  n int, name text, id_number text, gender text, born_on date, phone text, place_id bigint,
  door text, head boolean, kinds text[],
  grid_id bigint, village_id bigint, household_id bigint, person_id bigint, state text,
  initials text not null default '');
"""
_COPY = """copy roster_row
(n, name, id_number, gender, born_on, phone, place_id, door, head, kinds) from stdin"""

# Empty cells of a file say nothing; they never wipe out what is known.
_COMPARE = """
create index on roster_row (id_number); analyze roster_row;
update roster_row r set grid_id = g.grid_id, village_id = g.village_id from (
  select p.id,
    (select a.id from places_place a where a.kind = 'grid'
        and a.id = any(string_to_array(trim(both '/' from p.path), '/')::bigint[])) as grid_id,
    (select a.id from places_place a where a.kind = 'village'
        and a.id = any(string_to_array(trim(both '/' from p.path), '/')::bigint[])) as village_id
  from places_place p where p.id in (select place_id from roster_row)) g
where g.id = r.place_id;
update roster_row r set household_id = h.id from people_household h
 where h.place_id = r.place_id and h.door = r.door;
update roster_row r set person_id = p.id from people_person p where p.id_number = r.id_number;
update roster_row r set person_id = p.id from people_person p
 where r.person_id is null and p.household_id = r.household_id and p.name = r.name
   and (p.id_number is null or r.id_number is null)
   and not exists (select 1 from roster_row o where o.person_id = p.id);
create index on roster_row (person_id);
update roster_row r set state = 'elsewhere' from people_person p
  join people_household h on h.id = p.household_id join places_place pl on pl.id = h.place_id
 where p.id = r.person_id and not starts_with(pl.path, %(path)s);
update roster_row r set state = case
    when r.person_id is null then 'new'
    when (p.name, p.household_id, p.head) is not distinct from (r.name, r.household_id, r.head)
     and (r.gender = '' or p.gender = r.gender)
     and (r.born_on is null or p.born_on = r.born_on)
     and (r.phone is null or p.phone = r.phone)
     and (r.id_number is null or p.id_number = r.id_number)
     and not exists (select 1 from unnest(r.kinds) k where not exists (
           select 1 from people_membership m where m.person_id = p.id and m.kind = k
             and m.place_id = r.village_id and m.to_on is null))
    then 'same' else 'changed' end
  from roster_row s left join people_person p on p.id = s.person_id
 where s.n = r.n and r.state is null;
"""
_FIELDS = "'name', {0}.name, 'gender', {0}.gender, 'born_on', {0}.born_on, 'phone', {0}.phone, " \
    "'id_number', {0}.id_number, 'household_id', {0}.household_id, 'head', {0}.head"  # fmt: skip
_WRITE = f"""
insert into people_household (place_id, grid_id, door, batch)
  select distinct on (place_id, door) place_id, grid_id, door, %(batch)s::bigint from roster_row
   where household_id is null and state in ('new', 'changed') order by place_id, door
  on conflict do nothing;
update roster_row r set household_id = h.id from people_household h
 where r.household_id is null and h.place_id = r.place_id and h.door = r.door;
drop table if exists pg_temp.roster_before;
create temp table roster_before as
  select p.id, jsonb_build_object({_FIELDS.format("p")}) as before
    from people_person p join roster_row r on r.person_id = p.id where r.state = 'changed';
update people_person p set name = r.name, initials = r.initials, head = r.head,
    household_id = r.household_id, gender = coalesce(nullif(r.gender, ''), p.gender),
    born_on = coalesce(r.born_on, p.born_on), phone = coalesce(r.phone, p.phone),
    id_number = coalesce(r.id_number, p.id_number)
  from roster_row r where r.person_id = p.id and r.state = 'changed';
insert into people_importchange (batch_id, person, before, after)
  select %(batch)s, p.id, b.before, jsonb_build_object({_FIELDS.format("p")})
    from people_person p join roster_before b on b.id = p.id;
update roster_row r set person_id = o.id from (
  select n, nextval(pg_get_serial_sequence('people_person', 'id')) as id
    from (select n from roster_row where state = 'new' order by n) s) o
 where o.n = r.n;
insert into people_person (id, name, initials, household_id, head, batch, gender, born_on,
    id_number, phone, care)
  select person_id, name, initials, household_id, head, %(batch)s, gender, born_on,
    id_number, phone, '' from roster_row where state = 'new' order by n;
insert into people_membership (person_id, place_id, kind, from_on, batch)
  select r.person_id, r.village_id, k, %(on)s::date, %(batch)s from roster_row r, unnest(r.kinds) k
   where r.state in ('new', 'changed') and r.village_id is not null
  on conflict do nothing;
"""
_UNDO = """
delete from people_membership where batch = %(batch)s;
update people_person p set name = c.before->>'name', gender = c.before->>'gender',
    born_on = (c.before->>'born_on')::date, phone = c.before->>'phone',
    id_number = c.before->>'id_number', household_id = (c.before->>'household_id')::bigint,
    head = (c.before->>'head')::boolean
  from people_importchange c where c.batch_id = %(batch)s and c.person = p.id;
delete from people_person where batch = %(batch)s;
delete from people_household h where h.batch = %(batch)s
  and not exists (select 1 from people_person p where p.household_id = h.id);
"""
_NAMES = "select distinct name from roster_row where state in ('new', 'changed')"
_LETTERS = """
update roster_row r set initials = n.letters
  from unnest(%s::text[], %s::text[]) n(name, letters) where r.name = n.name"""
_NAMES_BACK = """select distinct p.name from people_person p
  join people_importchange c on c.person = p.id where c.batch_id = %(batch)s"""
_LETTERS_BACK = """
update people_person p set initials = n.letters from people_importchange c,
  unnest(%s::text[], %s::text[]) n(name, letters)
 where c.batch_id = %s and p.id = c.person and p.name = n.name"""
_CHANGED_SINCE = f"""
select count(*) from people_importchange c left join people_person p on p.id = c.person
 where c.batch_id = %(batch)s
   and jsonb_build_object({_FIELDS.format("p")}) is distinct from c.after
"""


def copy(entries: Iterable[Entry], *, first: bool) -> None:
    """Write entries into this session's staging table, made anew for the first of them."""
    with connection.cursor() as cursor:
        if first:
            cursor.execute(_TABLE)
        with cursor.copy(_COPY) as copying:
            for e in entries:
                copying.write_row((e.n, e.name, e.id_number, e.gender, e.born_on, e.phone,
                                   e.place_id, e.door, e.head, list(e.kinds)))  # fmt: skip


def compare(path: str) -> tuple[dict[str, int], list[int]]:
    """What the staged rows would do, and the rows of people who are registered elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE, {"path": path})
        cursor.execute("select state, count(*) from roster_row group by state")
        counts = {str(state): int(count) for state, count in cursor.fetchall()}
        cursor.execute("select n from roster_row where state = 'elsewhere' order by n")
        elsewhere = [int(row[0]) for row in cursor.fetchall()]
    return counts, elsewhere


def write(batch_id: int, *, by: int | None, at: datetime) -> None:
    """Write the staged rows in one transaction; refused unless the batch was only checked."""
    params: dict[str, Any] = {"batch": batch_id, "on": at.date()}
    with transaction.atomic():
        batch = _locked(batch_id)
        if batch.state != ImportBatch.State.CHECKED:
            raise Refused("这份名册已经导入过，或已经撤销。", code="not_waiting")
        with connection.cursor() as cursor:
            cursor.execute(_NAMES)
            cursor.execute(_LETTERS, _letters(cursor.fetchall()))
            cursor.execute(_WRITE, params)
        batch.state, batch.applied_at, batch.progress = ImportBatch.State.APPLIED, at, 100
        batch.save(update_fields=["state", "applied_at", "progress"])
        _told("roster_applied", batch, by, at)


def undo(batch_id: int, *, by: int | None, at: datetime) -> None:
    """Put everything back as it was; refused after 24 hours or where others built on it."""
    params = {"batch": batch_id}
    try:
        with transaction.atomic():
            batch = _locked(batch_id)
            _refuse_late(batch, at)
            with connection.cursor() as cursor:
                cursor.execute(_CHANGED_SINCE, params)
                (later,) = cursor.fetchone()
                if later:
                    raise Refused(f"导入之后又有人改过其中 {later} 人的信息，不能整批撤销。",
                                  code="changed_since", todo=_BY_HAND)  # fmt: skip
                cursor.execute("set constraints all immediate")
                cursor.execute(_UNDO, params)
                cursor.execute(_NAMES_BACK, params)
                cursor.execute(_LETTERS_BACK, [*_letters(cursor.fetchall()), batch_id])
            batch.state, batch.undone_at = ImportBatch.State.UNDONE, at
            batch.save(update_fields=["state", "undone_at"])
            _told("roster_undone", batch, by, at)
    except IntegrityError as used:
        raise Refused(
            "导入的人里，已经有人登录、提事、任职或被查阅过，不能整批撤销。",
            code="in_use", todo=_BY_HAND,
        ) from used  # fmt: skip


def _letters(rows: Iterable[tuple[Any, ...]]) -> list[list[str]]:
    """Names, and beside them the first letters people type to find them."""
    names = [str(name) for (name,) in rows]
    return [names, [initials(name) for name in names]]


def _refuse_late(batch: ImportBatch, at: datetime) -> None:
    if batch.state != ImportBatch.State.APPLIED or batch.applied_at is None:
        raise Refused("这份名册没有导入，或已经撤销。", code="not_applied")
    if at > batch.applied_at + UNDO_WITHIN:
        raise Refused("超过 24 小时，不能整批撤销了。", code="too_late",
                      todo=_BY_HAND)  # fmt: skip


def _locked(batch_id: int) -> ImportBatch:
    batch = ImportBatch.objects.select_for_update().filter(pk=batch_id).first()
    if batch is None:
        raise NotFound("没有这次导入。")
    return batch


def _told(kind: str, batch: ImportBatch, by: int | None, at: datetime) -> None:
    Outbox.objects.create(
        kind=kind, subject_id=batch.pk, at=at, data={"by": by, "place": batch.place_id}
    )
