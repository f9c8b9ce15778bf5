"""Rosters (名册): template, check, apply, undo, export. What the doors and the command call.

A check and an application read the file again from the batch: nothing staged outlives a session.
"""

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction

from gongzhi.core import tables, text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.core.tables import Cell
from gongzhi.core.tables.guard import check_size
from gongzhi.people import roster_apply
from gongzhi.people.models import ImportBatch
from gongzhi.people.permissions import Viewer
from gongzhi.people.roles import ROLES, Permission, Personal
from gongzhi.people.roster_rows import (
    COLUMNS,
    GENDERS,
    HEAD,
    NEEDED,
    OTHER_NAMES,
    RELATIONS,
    STATUSES,
    Doors,
    Entry,
    Reader,
    Wrong,
)
from gongzhi.people.rules import mask
from gongzhi.places.models import Kind, Place

CHUNK = 2_000
SHOWN_ERRORS = 50
MAX_ROWS = 300_000
ELSEWHERE = "这个证件号码已登记在辖区外，请先由上一级办理迁入"

EXPORTED = (
    "姓名",
    "证件号码",
    "性别",
    "出生日期",
    "手机号",
    "住址",
    "房号",
    "与户主关系",
    "成员身份",
)
Progress = Callable[[int, dict[str, int]], None]
"""Called with per cent done and the counts so far."""


@dataclass
class _Judged:
    """What a check found."""

    counts: dict[str, int] = field(default_factory=dict)
    wrong: dict[int, str] = field(default_factory=dict)  # row number in the file → sentence
    names: dict[int, str] = field(default_factory=dict)

    def shown(self) -> list[dict[str, Any]]:
        """The first errors, for the screen."""
        rows = islice(sorted(self.wrong.items()), SHOWN_ERRORS)
        return [{"row": n, "name": self.names.get(n, ""), "words": words} for n, words in rows]


def template() -> bytes:
    """An empty roster to fill in: text cells, lists to choose from, a note."""
    return tables.template(
        "名册",
        COLUMNS,
        choices={"性别": tuple(dict.fromkeys(GENDERS.values())), "与户主关系": RELATIONS,
                 "成员身份": ("常住", "户籍", "村民", "成员", "业主")},
        note="带*的要填。证件号码按文本填写；日期写成 1990-01-02；成员身份可填几个，用顿号隔开。"
        "“备注”只供您自己用，不会导入。",
        needed=("姓名", "楼栋", "房号"),
    )  # fmt: skip


def upload(*, place_id: int, filename: str, data: bytes, by: int | None, at: datetime) -> int:
    """Keep a file for checking; returns the batch. BadInput for what is no roster file."""
    check_size(data)
    name = text.clean(filename, 200, field="file", one_line=True)
    if not name.lower().endswith((".xlsx", ".xls", ".csv")):
        raise BadInput("file", "请上传 Excel（.xlsx、.xls）或 CSV 文件。")
    batch = ImportBatch.objects.create(
        place_id=place_id, filename=name, sha256=hashlib.sha256(data).hexdigest(), file=data,
        by_id=by, at=at,
    )  # fmt: skip
    return batch.pk


def check(batch_id: int, progress: Progress | None = None) -> dict[str, int]:
    """Dry run over all rows: {"rows", "new", "changed", "same", "wrong"}, first errors stored.

    Progress and errors so far are stored after every 2,000 rows, for the page that waits. A file
    that cannot be read at all is BadInput, kept as the error of row 0.
    """
    batch = _batch(batch_id)
    try:
        judged = _judge(batch, _rows(batch), progress, upto=99)
    except BadInput as unreadable:
        _save(batch.pk, 100, _Judged({"rows": 0, "wrong": 1}, {0: unreadable.words}))
        raise
    _save(batch.pk, 100, judged)
    if progress is not None:
        progress(100, judged.counts)
    return judged.counts


def apply(*, batch_id: int, by: int | None, at: datetime, skip_wrong: bool = False,
          progress: Progress | None = None) -> dict[str, int]:  # fmt: skip
    """Import a checked batch in one transaction. With wrong rows only when told to skip them."""
    batch = _batch(batch_id)
    if batch.state != ImportBatch.State.CHECKED:
        raise Refused("这份名册已经导入过，或已经撤销。", code="not_waiting")
    return _apply(batch, _rows(batch), by=by, at=at, skip_wrong=skip_wrong, progress=progress)


def import_rows(
    *, place_id: int, name: str, rows: Sequence[Sequence[Cell]], by: int | None, at: datetime,
    progress: Progress | None = None,
) -> tuple[int, dict[str, int]]:  # fmt: skip
    """Import rows that are already read, header first; the batch and its counts."""
    batch = ImportBatch.objects.create(
        place_id=place_id, filename=name, sha256="", by_id=by, at=at,
    )  # fmt: skip
    return batch.pk, _apply(batch, rows, by=by, at=at, skip_wrong=False, progress=progress)


def _apply(
    batch: ImportBatch, rows: Sequence[Sequence[Cell]], *, by: int | None, at: datetime,
    skip_wrong: bool, progress: Progress | None,
) -> dict[str, int]:  # fmt: skip
    judged = _judge(batch, rows, progress, upto=70)
    if judged.counts["wrong"] and not skip_wrong:
        raise Refused(
            f"还有 {judged.counts['wrong']} 行有问题，没有导入。", code="rows_wrong",
            todo="请下载标好问题的文件，改好再传；或者选择只导入没有问题的行。",
        )  # fmt: skip
    _save(batch.pk, 80, judged)
    roster_apply.write(batch.pk, by=by, at=at)
    if progress is not None:
        progress(100, judged.counts)
    return judged.counts


def undo(*, batch_id: int, by: int | None, at: datetime) -> None:
    """Put back what a batch did, within 24 hours; Refused with the reason otherwise."""
    roster_apply.undo(batch_id, by=by, at=at)


def annotated(batch_id: int) -> bytes:
    """The user's own file with one more column, saying what is wrong with each row."""
    batch = _batch(batch_id)
    rows = _rows(batch)
    judged = _judge(batch, rows, None, upto=99, save=False)
    return tables.annotate(rows, judged.wrong, title="问题")


def status(batch_id: int) -> dict[str, Any]:
    """Progress, counts and first errors of a batch, for the page that waits."""
    row = ImportBatch.objects.filter(pk=batch_id).values(
        "id", "place_id", "filename", "state", "progress", "counts", "errors", "at", "applied_at",
        "undone_at",
    )  # fmt: skip
    found = row.first()
    if found is None:
        raise NotFound("没有这次导入。")
    return dict(found)


def purge(*, at: datetime) -> int:
    """Drop files and former values of batches that can no longer be undone (PIPL art. 19)."""
    with transaction.atomic():
        old = ImportBatch.objects.filter(at__lt=at - roster_apply.UNDO_WITHIN, file__isnull=False)
        old = old.exclude(applied_at__gte=at - roster_apply.UNDO_WITHIN)
        for batch in old.only("id"):
            batch.changes.all().delete()
        return old.update(file=None)


def _batch(batch_id: int) -> ImportBatch:
    batch = ImportBatch.objects.select_related("place").filter(pk=batch_id).first()
    if batch is None:
        raise NotFound("没有这次导入。")
    if batch.file is None:
        raise Refused("这份文件已经按期清除，请重新上传。", code="file_gone")
    return batch


def _rows(batch: ImportBatch) -> Sequence[Sequence[Cell]]:
    return tables.read(bytes(batch.file or b""), batch.filename)


def _judge(
    batch: ImportBatch, rows: Sequence[Sequence[Cell]], progress: Progress | None, *, upto: int,
    save: bool = True,
) -> _Judged:  # fmt: skip
    """Read every row, stage the good ones, compare them with what is known."""
    if len(rows) > MAX_ROWS:
        raise BadInput("file", f"最多 {MAX_ROWS} 行，请按村（社区）分成几份。")
    header, where = tables.find_header(rows, COLUMNS, NEEDED, OTHER_NAMES)
    body = rows[header + 1 :]
    reader, judged = Reader(where, doors(batch.place)), _Judged(counts={"rows": 0, "wrong": 0})
    for start in range(0, max(len(body), 1), CHUNK):
        chunk = body[start : start + CHUNK]
        good: list[Entry] = []
        for row in reader.read(chunk, header + 2 + start):
            judged.counts["rows"] += 1
            if isinstance(row, Wrong):
                judged.counts["wrong"] += 1
                judged.wrong[row.n], judged.names[row.n] = row.words, row.name
            else:
                good.append(row)
        roster_apply.copy(good, first=start == 0)
        done = upto * 8 * (start + len(chunk)) // (10 * max(len(body), 1))
        if save:
            _save(batch.pk, done, judged)
        if progress is not None:
            progress(done, judged.counts)
    _compare(batch, judged)
    return judged


def _compare(batch: ImportBatch, judged: _Judged) -> None:
    counts, elsewhere = roster_apply.compare(batch.place.path)
    judged.wrong |= dict.fromkeys(elsewhere, f"证件号码：{ELSEWHERE}")
    judged.counts["wrong"] += len(elsewhere)
    judged.counts |= {state: counts.get(state, 0) for state in ("new", "changed", "same")}


def _save(batch_id: int, progress: int, judged: _Judged) -> None:
    ImportBatch.objects.filter(pk=batch_id).update(
        progress=progress, counts=judged.counts, errors=judged.shown()
    )


def doors(place: Place) -> Doors:
    """Buildings below a place by (compound, name), also by full name alone where it is unique."""
    rows = Place.objects.filter(
        path__startswith=place.path, kind=Kind.BUILDING, valid_to=None
    ).values_list("id", "name", "attributes__compound")
    found: dict[tuple[str, str], int] = {}
    twice: set[tuple[str, str]] = set()
    for pk, name, compound in rows:
        for key in {(compound or "", name), ("", name)}:
            if key in found:
                twice.add(key)
            found[key] = pk
    return {key: pk for key, pk in found.items() if key not in twice}


# Numbers inside a text count as numbers: 1单元 9 comes before 1单元 10. Each is padded to 8 digits.
_NATURAL = r"""regexp_replace(regexp_replace({0}, '([0-9]+)', '0000000\1', 'g'),
  '0*([0-9]{{8}})', '\1', 'g') collate "C" """
_EXPORT = f"""
select p.id, p.name, p.id_number, p.gender, p.born_on, p.phone, b.name, h.door, p.head,
  (select string_agg(m.kind, ' ' order by m.kind) from people_membership m
    where m.person_id = p.id and m.to_on is null)
from people_person p join people_household h on h.id = p.household_id
  join places_place b on b.id = h.place_id
where starts_with(b.path, %s) order by b.code,
  {_NATURAL.format("h.door")}, p.head desc, p.id
"""
_LOG = """
insert into people_accesslog (reader_id, person_id, field, purpose, at)
select %(reader)s::bigint, p.id, f, %(purpose)s, %(at)s::timestamptz
from people_person p join people_household h on h.id = p.household_id
  join places_place b on b.id = h.place_id,
  unnest(array['id_number', 'gender', 'born_on', 'phone']) f
where starts_with(b.path, %(path)s)
"""


def export_roster(
    *, viewer: Viewer, place: Place, at: datetime, masked: bool = True, purpose: str = ""
) -> bytes:
    """The people who live in a place as xlsx; a second sheet says who took it, when, of what.

    Masked unless a post gives sight of everybody there and a purpose is written; then each person
    and field is in the access log. NotAllowed without a post there.
    """
    reason = text.clean(purpose, 200, field="purpose", one_line=True)
    posts = [ROLES[post.role] for post in viewer.posts if post.covers(place.path)]
    sighted = any(role.personal is Personal.PLACE for role in posts)
    if not sighted and not any(Permission.ADMINISTER in role.people for role in posts):
        raise NotAllowed("您不能导出这里的名册。")
    if not masked:
        if not sighted:
            raise NotAllowed("您只能导出隐去号码的名册。")
        if not reason:
            raise BadInput("purpose", "导出完整号码要写明用途。")
    shown = "隐去证件号码和手机号" if masked else "完整号码"
    scope = f"{place.name}；{shown}；用途：{reason or '未填'}"
    out = io.BytesIO()
    with transaction.atomic(), connection.cursor() as cursor:
        if not masked:
            cursor.execute(_LOG, {"reader": viewer.person_id, "purpose": reason, "at": at,
                                  "path": place.path})  # fmt: skip
        cursor.execute(_EXPORT, [place.path])
        tables.write_xlsx(
            out, EXPORTED, (_shown(row, masked) for row in cursor.fetchall()),
            who=viewer.name, when=at, filter=scope, text_columns=EXPORTED,
        )  # fmt: skip
    return out.getvalue()


def _shown(row: tuple[Any, ...], masked: bool) -> list[Cell]:
    _, name, number, gender, born, phone, building, door, head, kinds = row
    words = "、".join(_KIND_WORDS.get(kind, kind) for kind in (kinds or "").split())
    if masked:
        number, phone = mask("id_number", number), mask("phone", phone)
        born = mask("born_on", born)
    return [name, number, gender, str(born or ""), phone, building, door, HEAD if head else "",
            words]  # fmt: skip


_KIND_WORDS = {code: words for words, code in reversed(STATUSES.items())}
