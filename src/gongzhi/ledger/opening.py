"""Opening balances: the paper books of points, brought in whole or not at all.

One member of the committee puts the file in, another person who may fund points lets it in; each
line names book, page and line on paper and is entered once. Undoing is by reversals, never by
deletion. Case 1: points 1.0 on paper, 2.0 on line (Maqun).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from gongzhi.core import db, tables, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.core.tables import Cell
from gongzhi.core.tables.guard import check_size
from gongzhi.ledger import actions
from gongzhi.ledger.models import Opening
from gongzhi.ledger.opening_owners import Owner, Owners, take_part
from gongzhi.ledger.opening_rows import COLUMNS, NEEDED, OTHER_NAMES, Line, Reader, Wrong
from gongzhi.ledger.points import accounts, permissions
from gongzhi.ledger.points import queries as points
from gongzhi.ledger.points.actions import budgets
from gongzhi.ledger.points.rules import last_day
from gongzhi.people import queries as people

MAX_ROWS = 5_000
SHOWN_ERRORS = 50
LET_IN = "账本由两委成员、书记或镇（街道）干部来确认入账。"
KEEP_FILE = timedelta(days=7)  # of a file nobody entered: it names people


@dataclass
class _Judged:
    """What is in a file: what would be entered, what has been, what is wrong."""

    fresh: list[tuple[Line, Owner]] = field(default_factory=list)
    same: int = 0
    wrong: dict[int, str] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    @property
    def points(self) -> int:
        return sum(line.points for line, _ in self.fresh)

    def counts(self) -> dict[str, int]:
        """For the page."""
        rows = len(self.fresh) + self.same + len([n for n in self.wrong if n])
        return {"rows": rows, "new": len(self.fresh), "same": self.same,
                "wrong": len(self.wrong), "points": self.points}  # fmt: skip

    def shown(self) -> list[dict[str, Any]]:
        """The first errors, for the screen."""
        first = sorted(self.wrong.items())[:SHOWN_ERRORS]
        return [{"row": n, "name": self.names.get(n, ""), "words": words} for n, words in first]


def template() -> bytes:
    """An empty paper book to fill in."""
    return tables.template(
        "期初积分", COLUMNS, choices={"对象": ("个人", "家庭", "团队", "单位")},
        note="带*的要填，一行抄账本上的一行。账本、页码、行号写纸上的，导入以后凭它查。同名的请填"
        "手机号，或楼栋和房号；家庭写户主的姓名；新团队写负责人。“备注”只供您自己用，不会导入。",
        needed=NEEDED,
    )  # fmt: skip


def may_put_in(viewer: Any, path: str) -> bool:
    """The committee member who keeps the points of the community."""
    return permissions.holds(viewer, permissions.SECOND, path)


def may_let_in(viewer: Any, path: str) -> bool:
    """Whoever may fund points there: committee, secretary, town or street office."""
    return permissions.holds(viewer, permissions.FUND, path)


def upload(*, place_id: int, filename: str, data: bytes, by: int, at: datetime) -> int:
    """Keep a file and check it; the number of the opening. The same file again is the same one."""
    check_size(data)
    name = text.clean(filename, 200, field="file", one_line=True)
    if not name.lower().endswith((".xlsx", ".xls", ".csv")):
        raise BadInput("file", "请上传 Excel（.xlsx、.xls）或 CSV 文件。")
    place = _place(place_id)
    if not may_put_in(people.viewer(by, at), place["path"]):
        raise NotAllowed("期初积分由两委里管积分的成员来导入。")
    digest = hashlib.sha256(data).hexdigest()
    with db.atomic():
        known = Opening.objects.filter(place_id=place_id, sha256=digest).exclude(state="undone")
        found = known.order_by("-state", "id").first()
        if found is None:
            found = Opening.objects.create(
                place_id=place_id, filename=name, sha256=digest, file=data, by_id=by, at=at
            )
    if found.state == Opening.State.CHECKED:
        check(opening_id=found.pk, at=at)
    return int(found.pk)


def check(*, opening_id: int, at: datetime) -> dict[str, int]:
    """Dry run over all rows: {"rows", "new", "same", "wrong", "points"}; first errors are kept.

    What is wrong with the whole file is the error of row 0.
    """
    opening = _opening(opening_id)
    place = _place(opening.place_id)
    try:
        judged = _judge(place, _rows(opening), at)
    except BadInput as unreadable:
        judged = _Judged(wrong={0: f"{unreadable.words}{unreadable.todo}"})
    if judged.fresh and not judged.wrong:
        try:
            _until(place["id"], at)
            budgets.solvent(place["id"], judged.points, at)
        except Refused as short:
            judged.wrong[0] = f"{short.words}{short.todo}"
    Opening.objects.filter(pk=opening_id).update(counts=judged.counts(), errors=judged.shown())
    return judged.counts()


def apply(*, opening_id: int, by: int, at: datetime) -> int:
    """Enter a checked file in one transaction; how many lines. Twice is the same.

    By another person than the one who put it in. Refused with a wrong line, and when the fund
    cannot cover the points.
    """
    with db.atomic():
        opening = _opening(opening_id, lock=True)
        place = _place(opening.place_id)
        if not may_let_in(people.viewer(by, at), place["path"]):
            raise NotAllowed(LET_IN)
        if opening.state == Opening.State.APPLIED:
            return 0
        if opening.state == Opening.State.UNDONE:
            raise Refused("这份账本已经撤销，请重新上传。", code="not_waiting")
        if by == opening.by_id:
            raise NotAllowed("您自己导入的账本，要由另一个人来确认入账。", code="two_people")
        db.run("select pg_advisory_xact_lock(hashtext('ledger_opening'), %s::int)", (place["id"],))
        judged = _judge(place, _rows(opening), at)
        if judged.wrong:
            raise Refused(
                f"还有{len(judged.wrong)}行有问题，没有入账。", code="rows_wrong",
                todo="请下载标好问题的文件，改好再传。",
            )  # fmt: skip
        budgets.solvent(place["id"], judged.points, at)
        _enter(opening, place, judged, by, at)
        Opening.objects.filter(pk=opening_id).update(
            state="applied", applied_by_id=by, applied_at=at, file=None, counts=judged.counts(),
            errors=[],
        )  # fmt: skip
    return len(judged.fresh)


def _enter(opening: Opening, place: dict[str, Any], judged: _Judged, by: int, at: datetime) -> None:
    for owner in dict.fromkeys(owner for _, owner in judged.fresh if owner.account is None):
        take_part(owner, place["id"], by=opening.by_id, at=at)
    lines = [line for line, _ in judged.fresh]
    owners = Owners(place, lines, at).of(lines)
    source = _source(place["id"], at)
    before, until = _times_undone(source, lines), _until(place["id"], at)
    rows = [
        actions.Wanted(
            key=accounts.key("opening", place["id"], line.evidence, before.get(line.evidence, 0)),
            debit=source, credit=_account(owners[line.n]), amount=line.points, code="opening",
            evidence=line.evidence, event=f"opening:{opening.pk}", expires_on=until,
        )
        for line in lines
    ]  # fmt: skip
    actions.batch(rows, by=by, at=at)


def _until(place_id: int, at: datetime) -> date:
    """The last day of points entered now, by the rules in force; Refused before there are any."""
    today = at.astimezone(SHANGHAI).date()
    book = points.book_in_force(place_id, today)
    if book is None:
        raise Refused(
            "这里还没有现行的积分办法，不知道积分用到哪一天。", code="no_book",
            todo="请先公布积分办法，再导入纸质账本。",
        )  # fmt: skip
    return last_day(today, book["lasts"], book["months"])


def _account(owner: Owner | str) -> int:
    if isinstance(owner, str) or owner.account is None:
        raise Refused("名册刚才有变动，没有入账。", code="stale", todo="请再检查一次。")
    return owner.account


def undo(*, opening_id: int, why: str, by: int, at: datetime) -> int:
    """Take all of it back by reversals; how many. Refused when somebody has spent of it."""
    said = text.clean(why, 200, field="why", one_line=True)
    if len(said) < 4:
        raise BadInput("why", "请写明为什么撤销。")
    with db.atomic():
        opening = _opening(opening_id, lock=True)
        if not may_let_in(people.viewer(by, at), _place(opening.place_id)["path"]):
            raise NotAllowed(LET_IN)
        if opening.state == Opening.State.UNDONE:
            return 0
        if opening.state != Opening.State.APPLIED:
            raise Refused("这份账本没有入账，不用撤销。", code="not_applied")
        found = db.rows(
            "select t.id, r.amount = t.amount from ledger_transfer t left join ledger_transfer r"
            " on r.reverses_id = t.id where t.event = %s order by t.id",
            (f"opening:{opening_id}",),
        )
        left = [transfer for transfer, whole in found if whole is None]
        if any(whole is False for _, whole in found):
            raise Refused("其中有的已经更正过一部分，不能整本撤销。", code="in_use")
        try:
            for transfer in left:
                actions.reverse(
                    key=accounts.key("opening-undo", transfer), transfer=transfer, by=by, at=at,
                    evidence=said, event=f"opening-undo:{opening_id}",
                )  # fmt: skip
        except (actions.Overdraft, actions.NotReversible) as spent:
            raise Refused(
                "其中有的积分已经用掉或过期，不能整本撤销。", code="in_use",
                todo="请逐笔更正，或先和本人说清楚。",
            ) from spent  # fmt: skip
        Opening.objects.filter(pk=opening_id).update(
            state="undone", undone_by_id=by, undone_at=at, undone_why=said
        )
    return len(left)


def annotated(opening_id: int, at: datetime) -> bytes:
    """The clerk's own file with one more column, saying what is wrong with each row."""
    opening = _opening(opening_id)
    rows = _rows(opening)
    return tables.annotate(rows, _judge(_place(opening.place_id), rows, at).wrong, title="问题")


def status(opening_id: int) -> dict[str, Any]:
    """One opening with the names of those who acted; NotFound."""
    found = db.dicts(
        "select o.id, o.place_id, o.filename, o.state, o.counts, o.errors, o.by_id, o.at,"
        " o.applied_at, o.undone_at, o.undone_why, w.name as place, w.path, u.name as by,"
        " a.name as applied_by, r.name as undone_by, o.file is not null as kept"
        " from ledger_opening o join places_place w on w.id = o.place_id"
        " join people_person u on u.id = o.by_id"
        " left join people_person a on a.id = o.applied_by_id"
        " left join people_person r on r.id = o.undone_by_id where o.id = %s::bigint",
        (opening_id,),
    )
    if not found:
        raise NotFound("没有这次导入。")
    row = found[0]
    return row | {"counts": db.load(row["counts"]), "errors": db.load(row["errors"])}


def listed(place_id: int, *, most: int = 20) -> list[dict[str, Any]]:
    """The last openings of a place."""
    rows = db.dicts(
        "select o.id, o.filename, o.state, o.counts, o.at, o.applied_at, u.name as by"
        " from ledger_opening o join people_person u on u.id = o.by_id"
        " where o.place_id = %s::bigint order by o.id desc limit %s::int", (place_id, most),
    )  # fmt: skip
    return [row | {"counts": db.load(row["counts"])} for row in rows]


def purge(*, at: datetime) -> int:
    """Drop the files nobody entered within a week (PIPL art. 19); how many."""
    old = Opening.objects.filter(file__isnull=False, at__lt=at - KEEP_FILE)
    return old.update(file=None)


def _place(place_id: int) -> dict[str, Any]:
    found = db.dicts(
        "select id, path, kind, name from places_place where id = %s::bigint", (place_id,)
    )
    if not found or found[0]["kind"] != "village":
        raise BadInput("place", "请选一个村（社区）：积分账在村（社区）里。")
    return found[0]


def _opening(opening_id: int, *, lock: bool = False) -> Opening:
    known = Opening.objects.select_for_update() if lock else Opening.objects.all()
    found = known.filter(pk=opening_id).first()
    if found is None:
        raise NotFound("没有这次导入。")
    return found


def _rows(opening: Opening) -> Sequence[Sequence[Cell]]:
    if opening.file is None:
        raise Refused("这份文件已经清除，请重新上传。", code="file_gone")
    return tables.read(bytes(opening.file), opening.filename)


def _source(place_id: int, at: datetime) -> int:
    """The account all opening points of a place come from."""
    return actions.open_account(
        unit="points", kind="opening", owner_kind="place", owner_id=place_id, floor=None,
        place=place_id, at=at,
    )  # fmt: skip


def _judge(place: dict[str, Any], rows: Sequence[Sequence[Cell]], at: datetime) -> _Judged:
    header, where = tables.find_header(rows, COLUMNS, NEEDED, OTHER_NAMES)
    body = rows[header + 1 :]
    if len(body) > MAX_ROWS:
        raise BadInput("file", f"最多{MAX_ROWS}行，请分成几份。")
    read = list(Reader(where).read(body, header + 2))
    lines = [row for row in read if isinstance(row, Line)]
    judged = _Judged(
        wrong={row.n: row.words for row in read if isinstance(row, Wrong)},
        names={row.n: row.name for row in read},
    )
    if not read:
        raise BadInput("file", "表里没有一行积分。")
    owners = Owners(place, lines, at).of(lines)
    entered = _entered(place["id"], lines)
    for line in lines:
        owner, was = owners[line.n], entered.get(line.evidence)
        if isinstance(owner, str):
            judged.wrong[line.n] = f"姓名：{owner}"
        elif was == (line.points, owner.account):
            judged.same += 1
        elif was is not None:
            judged.wrong[line.n] = (
                f"行号：账本上这一行已经入过账，是{was[0]}分，和这次不一样；要改，请先撤销那一次"
            )
        else:
            judged.fresh.append((line, owner))
    return judged


def _entered(place_id: int, lines: Sequence[Line]) -> dict[str, tuple[int, int]]:
    """Lines of paper that are in the ledger and not taken back: (points, account)."""
    source = actions.account_of(
        unit="points", kind="opening", owner_kind="place", owner_id=place_id, place=place_id
    )
    found = db.rows(
        "select t.evidence, t.amount, t.credit_id from ledger_transfer t"
        " where t.debit_id = %s::bigint and t.evidence = any(%s::text[]) and not exists"
        " (select 1 from ledger_transfer r where r.reverses_id = t.id and r.amount = t.amount)",
        (source, [line.evidence for line in lines]),
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in found}


def _times_undone(source: int, lines: Sequence[Line]) -> dict[str, int]:
    """How often a line was entered before and taken back: each time is an entry of its own."""
    found = db.rows(
        "select evidence, count(*) from ledger_transfer where debit_id = %s::bigint"
        " and evidence = any(%s::text[]) group by evidence",
        (source, [line.evidence for line in lines]),
    )
    return {row[0]: int(row[1]) for row in found}
