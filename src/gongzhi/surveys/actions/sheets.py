"""Paper: numbered sheets made, handed out, taken back, typed by two people who must agree."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError
from django.db.models import Max

from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotFound, Refused
from gongzhi.people.permissions import Viewer
from gongzhi.surveys import permissions, rules
from gongzhi.surveys.actions.answers import Typed, fields_of, into_the_box, the_round
from gongzhi.surveys.actions.base import NotNow, locked, once
from gongzhi.surveys.models import Entry, Round, Sheet


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of typing a sheet: "first", "merged", "void", or "differs" with the fields."""

    state: str
    differs: tuple[str, ...] = ()


def print_more(row: Round, n: int) -> int:
    """Make `n` more numbered sheets; the number of the first."""
    last: int = row.sheets.aggregate(last=Max("number"))["last"] or 0
    Sheet.objects.bulk_create(
        Sheet(round=row, number=last + i + 1, code=rules.new_code()) for i in range(n)
    )
    return last + 1


def more_sheets(
    *, round_id: int, n: int, viewer: Viewer, at: datetime, key: str | None = None
) -> int:
    """More sheets for a running round; the number of the first new one."""
    with db.atomic():
        row = _at_work(round_id, viewer)
        _is_open(row)
        if n < 1 or row.sheets.count() + n > rules.MOST_SHEETS:
            raise BadInput("n", f"请填要加印几张，一共最多{rules.MOST_SHEETS}张。")
        return once(key, permissions.me(viewer), (round_id, n), lambda: print_more(row, n))


def hand_out(*, round_id: int, first: int, last: int, viewer: Viewer, at: datetime) -> int:
    """The sheets from `first` to `last` were handed out; how many were not before.

    On a roll paper is given to a person (`give_paper`), so that nobody answers twice.
    """
    with db.atomic():
        row = _at_work(round_id, viewer)
        _is_open(row)
        if row.audience == Round.Audience.ROLL:
            raise Refused("这次是按名单答的，纸质问卷要发给名单上的人。")
        _range(row, first, last)
        return row.sheets.filter(number__range=(first, last), state="printed").update(
            state="handed"
        )


def give_paper(*, round_id: int, person_id: int, viewer: Viewer, at: datetime) -> bool:
    """Somebody on the roll takes a sheet of paper instead of the phone; False if he had one.

    Which sheet he takes is not written down.
    """
    with db.atomic():
        row = _at_work(round_id, viewer)
        _is_open(row)
        mark = row.roll.select_for_update().filter(person=person_id).first()
        if mark is None:
            raise NotFound("这个人不在答卷的名单上。")
        if mark.how == "phone":
            raise NotNow("这位已经在手机上答过了。", todo="一个人只算一份。")
        if mark.how:
            return False
        mark.how, mark.on = "paper", at.astimezone(SHANGHAI).date()
        mark.save(update_fields=["how", "on"])
    return True


def take_back(*, round_id: int, first: int, last: int, viewer: Viewer, at: datetime) -> int:
    """The sheets from `first` to `last` came back; how many were still out."""
    with db.atomic():
        row = _at_work(round_id, viewer)
        _range(row, first, last)
        states = ["handed", "printed"] if row.audience == Round.Audience.ROLL else ["handed"]
        return row.sheets.filter(number__range=(first, last), state__in=states).update(
            state="returned"
        )


def enter(
    *, round_id: int, number: int, check: str, viewer: Viewer, at: datetime, typed: Typed,
    void: bool = False,
) -> Entered:  # fmt: skip
    """Type one sheet. When two different people have typed the same, it goes into the box, once.

    A sheet with nothing on it is void. Where the two differ, either types it again from the
    paper; each person's last typing counts.
    """
    with db.atomic():
        sheet = _sheet(round_id, number, check, viewer)
        row = the_round(round_id)
        if sheet.state in ("valid", "void"):
            return Entered("merged" if sheet.state == "valid" else "void")
        given = {} if void else rules.read(fields_of(row), typed, paper=True)
        mine = Entry(
            sheet=sheet, by_id=permissions.me(viewer), at=at, answers=given, void=not given
        )
        last = {entry.by_id: entry for entry in sheet.entries.order_by("id")}
        if not _same(last.get(mine.by_id), mine):
            mine.save()
        others = [entry for by, entry in last.items() if by != mine.by_id]
        if not others:
            return Entered("first")
        if not any(_same(entry, mine) for entry in others):
            # The later of two disagreeing people sees where, and both go back to the paper.
            wrong = rules.differences(fields_of(row), others[-1].answers, given)
            return Entered("differs", tuple(wrong))
        return _merge(row, sheet, mine)


def _merge(row: Round, sheet: Sheet, entry: Entry) -> Entered:
    sheet.state, sheet.channel = "void" if entry.void else "valid", "paper"
    try:
        sheet.save(update_fields=["state", "channel"])
    except IntegrityError as wrong:
        raise Refused("这张问卷还没有由两个人录得一样。") from wrong
    if not entry.void:
        into_the_box(row, entry.answers, "paper")
    return Entered("void" if entry.void else "merged")


def _same(one: Entry | None, other: Entry) -> bool:
    return one is not None and one.void == other.void and one.answers == other.answers


def _sheet(round_id: int, number: int, check: str, viewer: Viewer) -> Sheet:
    row = _at_work(round_id, viewer)
    if row.state not in (Round.State.OPEN, Round.State.CLOSED):
        raise NotNow("已经计票，不能再录。")
    sheet = row.sheets.select_for_update().filter(number=number).first()
    if sheet is None or rules.check_of(sheet.code) != check.strip().upper():
        raise BadInput("check", "编号和校验码对不上，请照纸上的再看一遍。")
    if sheet.state == "printed" and row.audience == Round.Audience.SHEETS:
        raise NotNow("这张问卷没有登记发出。", todo="请先在“发出”里登记编号。")
    if sheet.state in ("printed", "handed"):
        sheet.state = "returned"  # it lies on the table
        sheet.save(update_fields=["state"])
    return sheet


def _range(row: Round, first: int, last: int) -> None:
    if not 1 <= first <= last or not row.sheets.filter(number=last).exists():
        raise BadInput("first", "没有这些编号，请看问卷右上角的号码。")


def _at_work(round_id: int, viewer: Viewer) -> Round:
    row = locked(round_id)
    permissions.keep_out(row.pk, viewer)
    permissions.need_works(viewer, row.place_path)
    return row


def _is_open(row: Round) -> None:
    if row.state != Round.State.OPEN:
        raise NotNow("这一次问卷已经截止。")
