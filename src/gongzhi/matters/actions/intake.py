"""A matter begins: by a resident, by staff on behalf, by another system."""

import re
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, KeyReused, NotAllowed, NotFound
from gongzhi.matters import positions, rules, store
from gongzhi.matters.models import Source
from gongzhi.matters.suggest import taxonomy
from gongzhi.people.roles import ROLES, Permission
from gongzhi.places import queries as places
from gongzhi.playbooks import play
from gongzhi.playbooks.moves import Facts, Position
from gongzhi.playbooks.schema import Playbook

MAX_BODY, MAX_TITLE = 4000, 60
MAX_PHOTOS = 6
MAX_FILES = MAX_PHOTOS + 1  # and a voice note
RAISABLE = ("village", "grid", "compound", "building")


@dataclass(frozen=True, slots=True)
class Raised:
    """The new matter; `repeated` when the same request had come before."""

    id: int
    number: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody says of a new matter, as `checked` leaves it."""

    body: str
    place_id: int
    source: str
    title: str = ""
    category: str = ""
    where: str = ""
    lon: float | None = None
    lat: float | None = None
    anonymous: bool = True
    sensitive: bool = False
    urgent: bool = False
    consent_note: str = ""
    uploads: tuple[str, ...] = ()
    level: str | None = None
    parent: int | None = None


_SAID = tuple(field.name for field in fields(Draft))


def raise_matter(
    *,
    by: int | None,
    at: datetime,
    key: str | None,
    body: str,
    place_id: int,
    source: Source | str,
    raised_by: int | None = None,
    title: str = "",
    category: str = "",
    where: str = "",
    lon: float | None = None,
    lat: float | None = None,
    anonymous: bool = True,
    sensitive: bool = False,
    urgent: bool = False,
    consent_note: str = "",
    uploads: tuple[str, ...] = (),
    level: str | None = None,
) -> Raised:
    """Raise a matter at a place; it starts on the playbook the place has adopted on that day.

    `by` is who types, `raised_by` whose matter it is (default: the same). Staff who enter it for
    somebody say how he agreed in `consent_note`. `uploads` are keys of `upload`. BadInput names
    the field; the same `key` with the same content gives the first answer again.
    """
    draft = checked(
        Draft(
            body, place_id, str(source), title, category, where, lon, lat, anonymous, sensitive,
            urgent, consent_note, uploads, level,
        )
    )  # fmt: skip
    whose = by if raised_by is None else raised_by
    # Without files one statement writes everything, and a statement is a transaction by itself.
    with db.atomic() if draft.uploads else nullcontext():
        return begin(draft, by=by, whose=whose, at=at, key=key, agreed=whose == by)


def checked(draft: Draft) -> Draft:
    """The draft with its texts clean; BadInput names the field that is wrong."""
    body = text.clean(draft.body, MAX_BODY, field="body")
    if len(body) < 2:
        raise BadInput("body", "还没有写发生了什么。", todo="写一两句话就行。")
    if draft.source not in Source.values:
        raise BadInput("source", "来源不对。")
    if draft.category and draft.category not in taxonomy.categories():
        raise BadInput("category", "没有这个类别。", todo="请从列表里选，说不清就留空。")
    if len(draft.uploads) > MAX_FILES:
        raise BadInput("photos", "照片最多六张。", todo="请去掉几张再提交。")
    _check_point(draft.lon, draft.lat)
    return replace(
        draft,
        body=body,
        title=text.clean(draft.title, MAX_TITLE, field="title", one_line=True) or summary(body),
        where=text.clean(draft.where, 200, field="where", one_line=True),
        consent_note=text.clean(draft.consent_note, 200, field="consent_note", one_line=True),
    )


def begin(
    draft: Draft, *, by: int | None, whose: int | None, at: datetime, key: str | None, agreed: bool
) -> Raised:
    """The matter of a checked draft, inside the caller's transaction if it brings files.

    Unless the raiser `agreed` by doing it himself, NotAllowed or BadInput when `by` may not.
    """
    place = _place(draft.place_id)
    if not agreed:
        _check_on_behalf(by, whose, place, draft.consent_note, at)
    row = {name: getattr(draft, name) for name in _SAID} | _first_row(place, at, draft) | {
        "raised_by": whose, "by": by, "at": at,
        "entered_by": by if by != whose else None,
        "search": text.to_tsvector_literal(f"{draft.title}\n{draft.body}\n{draft.where}"),
        "key": store.request_key("raise", by, key), "hash": store.fingerprint(draft, whose),
        "data": db.dump({"source": draft.source, "photos": len(draft.uploads)}),
    }  # fmt: skip
    raised = _insert(row)
    if draft.uploads and not raised.repeated:
        file_uploads(raised.id, 1, draft.uploads, by)
    return raised


def summary(body: str) -> str:
    """The first sentence, at most 30 characters: what a list shows when no title was typed."""
    first = re.split(r"[。！？!?\n；;]", body, maxsplit=1)[0].strip() or body
    return first if len(first) <= 30 else first[:29] + "…"


def file_uploads(matter_id: int, seq: int, keys: tuple[str, ...], by: int | None) -> None:
    """Give uploads their matter. BadInput for a seventh photo, or one not there or not his."""
    filed = db.rows(
        "update matters_attachment set matter_id = %s::bigint, seq = %s::int, key = null"
        " where key = any(%s::text[]) and matter_id is null and by_id is not distinct from"
        " %s::bigint returning kind",
        (matter_id, seq, list(keys), by),
    )
    if sum(kind == "photo" for (kind,) in filed) > MAX_PHOTOS:
        raise BadInput("photos", "照片最多六张。", todo="请去掉几张再提交。")
    if len(filed) != len(set(keys)):
        raise BadInput(
            "photos", "有照片没有传上来，文字已经保留。", todo="请重新选那张照片再提交。"
        )


def _check_point(lon: float | None, lat: float | None) -> None:
    if (lon is None) != (lat is None):
        raise BadInput("lon", "位置不完整。", todo="请在地图上重新点一下。")
    if lon is not None and lat is not None and not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadInput("lon", "位置不在地图范围内。", todo="请在地图上重新点一下。")


def _place(place_id: int) -> places.Standing:
    """Where the matter is raised; the database looks again when it is written."""
    place = places.standing(place_id)
    if place is None:
        raise _gone()
    if place.kind not in RAISABLE:
        raise BadInput("place", "地点太大了。", todo="请选到村、社区、小区或楼栋。")
    return place


def _gone() -> NotFound:
    return NotFound("没有找到这个地点，或者它已经撤并。", todo="请重新选择地点。")


def _check_on_behalf(
    by: int | None, whose: int | None, place: places.Standing, consent_note: str, at: datetime
) -> None:
    day = at.astimezone(SHANGHAI).date()
    proxy, staff = db.rows(
        "select exists (select 1 from people_proxy where person_id = %(by)s::bigint"
        " and acts_for_id = %(whose)s::bigint and withdrawn_at is null and agreed_at is not null"
        " and until_on >= %(day)s::date), exists (select 1 from people_appointment a"
        " join places_place p on p.id = a.place_id where a.person_id = %(by)s::bigint"
        " and a.role = any(%(roles)s::text[]) and %(path)s::text like p.path || '%%'"
        " and a.from_on <= %(day)s::date and (a.to_on is null or a.to_on >= %(day)s::date))",
        {"by": by, "whose": whose, "day": day, "path": place.path, "roles": _FOR_OTHERS},
    )[0]
    if proxy:
        return
    if not staff:
        raise NotAllowed("您还不能替这位家人办事。", todo="请先在“我的”里添加代办，并由本人同意。")
    if not consent_note:
        raise BadInput("consent_note", "请写明本人怎样同意的。", todo="例如：本人来电口头同意。")


# Staff who take in what residents say; a merchant or an observer has a post too.
_FOR_OTHERS = [
    code for code, role in ROLES.items() if role.staff and Permission.CREATE in role.matter
]


def _first_row(place: places.Standing, at: datetime, draft: Draft) -> dict[str, Any]:
    """Columns that the playbook decides: where the matter stands when it is raised."""
    version, playbook = places.adopted(place.id, at.astimezone(SHANGHAI).date())
    ladder = rungs(playbook, place.above)
    calendar = places.calendar(place.id)
    facts = Facts(
        calendar=calendar, urgent=draft.urgent, topic=rules.topic(playbook, draft.category)
    )
    position = start(playbook, ladder, facts, at, draft.level)
    return positions.to_values(position) | {
        "version": version.digest,
        "ladder": db.dump(ladder),
        "held_by": ladder[playbook.level_index(position.level)],
        "tick_at": play.next_tick(playbook, position, calendar),
        "position": db.dump(positions.to_json(position)),
    }


def rungs(playbook: Playbook, above: Mapping[str, int]) -> list[int | None]:
    """The place that holds a matter on each level; None below the place where it was raised."""
    ladder: list[int | None] = [above.get(level.unit) for level in playbook.levels]
    known = [place for place in ladder if place is not None]
    if not known:
        raise BadInput("place", "这个地点不在所用规程的任何一级里。", todo="请联系社区工作人员。")
    for index in range(1, len(ladder)):
        if ladder[index] is None and ladder[index - 1] is not None:
            ladder[index] = ladder[index - 1]
    return ladder


def start(
    playbook: Playbook,
    ladder: list[int | None],
    facts: Facts,
    at: datetime,
    level: str | None,
) -> Position:
    """The first position; a rung without a place gives way to the next one up."""
    if level is not None and level not in {rung.id for rung in playbook.levels}:
        raise BadInput("level", "没有这一级。")
    position = play.start(playbook, facts, at, level)
    index = playbook.level_index(position.level)
    while ladder[index] is None:
        index += 1
    if playbook.levels[index].id != position.level:
        position = play.start(
            playbook, Facts(calendar=facts.calendar, urgent=facts.urgent), at,
            playbook.levels[index].id,
        )  # fmt: skip
    return position


_FIELDS = ", ".join(positions.COLUMNS)
_VALUES = ", ".join(
    f"%({field})s::timestamptz" if field in positions.TIMES else f"%({field})s"
    for field in positions.FIELDS
)
_INSERT = f"""
with new as (
  select nextval('matters_matter_id_seq') as id, path from places_place
  where id = %(place_id)s::bigint and valid_to is null
), kept as (
  insert into core_once (key, request_hash, answer)
  select %(key)s::text, %(hash)s::text, id from new where %(key)s::text is not null
  on conflict do nothing returning key
), matter as (
  insert into matters_matter (id, number, title, body, category, category_confirmed, place_id,
    place_path, "where", lon, lat, raised_by_id, entered_by_id, consent_note, source, anonymous,
    sensitive, urgent, created_at, updated_at, version_id, ladder, {_FIELDS}, held_by_id, held_path,
    tick_at, round, settled_level, silent, advice, last_seq, parent_id)
  select new.id, 'GZ' || to_char(%(at)s::timestamptz at time zone 'Asia/Shanghai', 'YY')
    || lpad(nextval('matters_number')::text, 7, '0'), %(title)s, %(body)s, %(category)s, false,
    %(place_id)s::bigint, new.path, %(where)s, %(lon)s::float8, %(lat)s::float8,
    %(raised_by)s::bigint, %(entered_by)s::bigint, %(consent_note)s, %(source)s, %(anonymous)s,
    %(sensitive)s, %(urgent)s, %(at)s, %(at)s, %(version)s, %(ladder)s::jsonb, {_VALUES}, p.id,
    p.path, %(tick_at)s::timestamptz, 1, '', false, '', 1, %(parent)s::bigint
  from places_place p, new where p.id = %(held_by)s::bigint
    and (%(key)s::text is null or exists (select 1 from kept))
  returning id, number
), found_by as (
  insert into matters_mattertext (matter_id, search) select id, %(search)s::tsvector from matter
), event as (
  insert into matters_event (matter_id, seq, verb, result, at, by_id, role, reason, position, data,
    private)
  select id, 1, 'raise', 'stay', %(at)s, %(by)s::bigint, '', '', %(position)s::jsonb,
    %(data)s::jsonb, false from matter
), out as (
  insert into core_outbox (kind, subject_id, data) select 'matter.raise', id, '{{}}' from matter
)
select id, number from matter
"""


def _insert(row: dict[str, Any]) -> Raised:
    made = db.rows(_INSERT, row)
    if made:
        return Raised(*made[0])
    if row["key"] is None:
        raise _gone()
    before = db.rows(
        "select m.id, m.number, o.request_hash from core_once o"
        " join matters_matter m on m.id = o.answer where o.key = %s",
        (row["key"],),
    )
    if not before:
        raise _gone()
    if before[0][2] != row["hash"]:
        raise KeyReused()
    return Raised(before[0][0], before[0][1], repeated=True)
