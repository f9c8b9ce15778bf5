"""A rule book is made: drafted, talked over, voted, filed, published; a change is a new version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, Refused
from gongzhi.ledger.points import permissions, rules, starter, store
from gongzhi.ledger.points.models import Area, Evidence, RuleBook, RuleItem, Subject
from gongzhi.log import actions as log

MOST_ITEMS = 120
_TERMS = ("month_cap", "group_cap", "notice_days", "lasts", "months")
_KEPT = ("id", "version", *_TERMS)


@dataclass(frozen=True, slots=True)
class Vote:
    """How the meeting decided, in heads. `motion` when it was counted in this system.

    `resolution` is how the decision is cited, e.g. "2026年第4次村民代表会议 第2号决议".
    """

    meeting: str
    on: date
    electorate: int
    present: int
    votes_for: int
    motion: int | None = None
    resolution: str = ""


def draft(*, place_id: int, title: str, by: int, at: datetime, key: str | None = None) -> int:
    """Begin the next version: the items of the last one, or the starter book. The book's id."""
    path, _ = store.place(place_id)
    permissions.must(by, permissions.WRITE, path, at)
    said = _lawful_title(title)
    with store.guarded():
        before = store.once("points_rulebook", key, by)
        if before is not None:
            return before
        last = (
            RuleBook.objects.filter(place_id=place_id).order_by("-version").values(*_KEPT).first()
        )
        terms = {name: last[name] for name in _TERMS} if last else {}
        made = RuleBook.objects.create(
            place_id=place_id, place_path=path, title=said, by_id=by, at=at, key=key or None,
            version=last["version"] + 1 if last else 1, **terms,
        )  # fmt: skip
        _first_items(made.pk, last["id"] if last else None, at)
    return int(made.pk)


def _lawful_title(title: str) -> str:
    said = text.clean(title, 80, field="title", one_line=True)
    if len(said) < 4:
        raise BadInput("title", "请写一个标题，例如“双马村积分办法”。")
    rules.check_lawful(said)
    return said


def _first_items(book_id: int, last: int | None, at: datetime) -> None:
    if last is None:
        until = at.astimezone(SHANGHAI).date().replace(month=12, day=31)
        RuleItem.objects.bulk_create(RuleItem(book_id=book_id, **r) for r in starter.items(until))
        return
    db.run(
        "insert into points_ruleitem (book_id, code, area, kind, subject, title, title_en, words,"
        " points, unit, cap, evidence, reviewer, trigger, until_on) select %s::bigint, code, area,"
        " kind, subject, title, title_en, words, points, unit, cap, evidence, reviewer, trigger,"
        " until_on from points_ruleitem where book_id = %s::bigint", (book_id, last),
    )  # fmt: skip


def set_caps(
    *, book_id: int, month_cap: int, group_cap: int, notice_days: int, by: int, at: datetime,
    lasts: str = RuleBook.Lasts.MONTHS, months: int = 24,
) -> None:  # fmt: skip
    """The monthly caps of a person and of a group, how long totals are public and points last."""
    if not 1 <= month_cap <= 2000 or not 1 <= group_cap <= 20000:
        raise BadInput("month_cap", "每月上限从1到2000分，团体从1到20000分。")
    if not 1 <= notice_days <= 60:
        raise BadInput("notice_days", "公示从1天到60天。")
    most = {"months": 60, "year": 12}.get(lasts)
    if most is None:
        raise BadInput("lasts", "请从列出的里面选一个。")
    if not 1 <= months <= most:
        raise BadInput("months", f"几个月（几月底）要从1到{most}。")
    with store.guarded():
        row = _editable(book_id, by, at)
        RuleBook.objects.filter(pk=row["id"]).update(
            month_cap=month_cap, group_cap=group_cap, notice_days=notice_days, lasts=lasts,
            months=months,
        )  # fmt: skip


def save_item(
    *, book_id: int, values: Mapping[str, Any], by: int, at: datetime, item_id: int | None = None
) -> int:
    """Write or change one item of a draft; Refused with the article for what is barred."""
    said = _checked(values)
    with store.guarded():
        _editable(book_id, by, at)
        if item_id is None:
            if RuleItem.objects.filter(book_id=book_id).count() >= MOST_ITEMS:
                raise Refused(f"一份办法最多{MOST_ITEMS}项。", todo="请先合并或删去几项。")
            if RuleItem.objects.filter(book_id=book_id, code=said["code"]).exists():
                raise BadInput("code", "这个编号已经有了。")
            return int(RuleItem.objects.create(book_id=book_id, **said).pk)
        changed = RuleItem.objects.filter(pk=item_id, book_id=book_id).update(**said)
        if not changed:
            raise Refused("这一项已经删去了。")
        return item_id


def remove_item(*, book_id: int, item_id: int, by: int, at: datetime) -> None:
    """Take an item out of a draft; twice is the same."""
    with store.guarded():
        _editable(book_id, by, at)
        RuleItem.objects.filter(pk=item_id, book_id=book_id).delete()


def _editable(book_id: int, by: int, at: datetime) -> dict[str, Any]:
    row = store.book(book_id, lock=True)
    permissions.must(by, permissions.WRITE, row["place_path"], at)
    if row["state"] not in ("draft", "deliberated"):
        raise Refused("表决过的办法不能再改；要改，请起草新的一版。")
    if row["motion_id"] is not None:
        raise Refused("正在表决，不能改。", todo="要改，先把这次表决作废，改好再送。")
    return row


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    said = {
        "code": text.clean(str(values["code"]), 8, field="code", one_line=True).upper(),
        "title": text.clean(str(values["title"]), 60, field="title", one_line=True),
        "words": text.clean(str(values.get("words") or ""), 300, field="words", one_line=True),
        "unit": text.clean(str(values.get("unit") or "次"), 12, field="unit", one_line=True),
        "kind": values["kind"], "area": values["area"], "subject": values["subject"],
        "points": values["points"], "cap": values["cap"],
        "evidence": list(values["evidence"]), "until_on": values.get("until_on") or None,
    }  # fmt: skip
    if len(said["title"]) < 2 or not said["code"]:
        raise BadInput("title", "请写清楚做什么事得分。")
    for name, known in (("area", Area), ("subject", Subject), ("kind", RuleItem.Kind)):
        if said[name] not in known.values:
            raise BadInput(name, "请从列出的里面选一个。")
    if not said["evidence"] or set(said["evidence"]) - set(Evidence.values):
        raise BadInput("evidence", "请至少选一种凭据。")
    if not 1 <= said["points"] <= 500:
        raise BadInput("points", "积分只能加，不能扣：从1到500。")
    if not 1 <= said["cap"] <= 60:
        raise BadInput("cap", "每月上限从1到60。")
    if said["kind"] == "temporary" and said["until_on"] is None:
        raise BadInput("until_on", "临时事项要写明到哪一天。")
    rules.check_lawful(said["title"], said["words"], said["unit"])
    return said


def talked_over(*, book_id: int, on: date, words: str, by: int, at: datetime) -> None:
    """The draft was put to the people and talked over; what came of it."""
    said = text.clean(words, 500, field="words")
    if len(said) < 4:
        raise BadInput("words", "请写明议了什么、改了什么。")
    if on > at.astimezone(SHANGHAI).date():
        raise BadInput("on", "日期不能在今天以后。")
    with store.guarded():
        row = _editable(book_id, by, at)
        if not RuleItem.objects.filter(book_id=book_id).exists():
            raise Refused("还没有一个事项。")
        if row["state"] == "deliberated":
            return
        RuleBook.objects.filter(pk=book_id).update(state="deliberated", talked_on=on, talked=said)
        store.tell("points.deliberated", book_id)


def put_to_vote(*, book_id: int, motion_id: int, by: int, at: datetime) -> None:
    """Name the vote held in this system; until it is counted the draft is frozen.

    When it is counted the book follows by itself: adopted, or back to be changed.
    """
    with store.guarded():
        row = store.book(book_id, lock=True)
        permissions.must(by, permissions.WRITE, row["place_path"], at)
        if row["motion_id"] == motion_id:
            return
        if row["state"] != "deliberated":
            raise Refused("先要大家议过，再表决。")
        _editable(book_id, by, at)
        RuleBook.objects.filter(pk=book_id).update(motion_id=motion_id)
        store.tell("points.put_to_vote", book_id, {"motion": motion_id})


def not_adopted(*, book_id: int, motion_id: int, at: datetime) -> None:
    """The vote failed, had no quorum, does not bind or was voided: the draft may be changed."""
    with store.guarded():
        row = store.book(book_id, lock=True)
        if row["motion_id"] == motion_id and row["state"] == "deliberated":
            RuleBook.objects.filter(pk=book_id).update(motion_id=None, lost_motion=motion_id)
            store.tell("points.not_adopted", book_id, {"motion": motion_id})


def adopted(*, book_id: int, vote: Vote, by: int | None, at: datetime) -> None:
    """The meeting has decided: the text stands. `by` None is the count of a vote held here."""
    cited = text.clean(vote.resolution, 120, field="resolution", one_line=True)
    with store.guarded():
        row = store.book(book_id, lock=True)
        if by is not None:
            permissions.must(by, permissions.WRITE, row["place_path"], at)
        if row["state"] == "voted" and row["motion_id"] == vote.motion:
            return
        if row["state"] != "deliberated":
            raise Refused("先要大家议过，再表决。")
        if row["motion_id"] != vote.motion and row["motion_id"] is not None:
            raise Refused("正在系统里表决，计票以后自动记入。")
        _check_vote(vote, at)
        words = as_text(row)
        RuleBook.objects.filter(pk=book_id).update(
            state="voted", meeting=vote.meeting, voted_on=vote.on, electorate=vote.electorate,
            present=vote.present, votes_for=vote.votes_for, motion_id=vote.motion, text=words,
            text_hash=sha256(words.encode()).hexdigest(), resolution=cited,
        )  # fmt: skip
        store.tell("points.voted", book_id)


def _check_vote(vote: Vote, at: datetime) -> None:
    """Villagers: over half of the assembly present; representatives two thirds; half for it
    (Villagers' Committee Organisation Law, 2025, art. 24 and 27; urban law art. 22 and 25)."""
    if vote.meeting not in RuleBook.Meeting.values:
        raise BadInput("meeting", "只有居民（村民）会议或代表会议能通过积分办法。")
    if vote.on > at.astimezone(SHANGHAI).date():
        raise BadInput("on", "日期不能在今天以后。")
    if not 0 <= vote.votes_for <= vote.present <= vote.electorate:
        raise BadInput("present", "人数对不上：赞成的不能多过到会的，到会的不能多过应到的。")
    needed = vote.present * 2 > vote.electorate
    if vote.meeting == "representatives":
        needed = vote.present * 3 >= vote.electorate * 2
    if not needed:
        raise BadInput("present", store.GUARDS["book_meeting_had_quorum"])
    if vote.votes_for * 2 <= vote.present:
        raise BadInput("votes_for", "没有过半数赞成，不能算通过。")


def as_text(row: Mapping[str, Any]) -> str:
    """The version as one text, as it is put to the vote and kept when adopted."""
    items = []
    for i in RuleItem.objects.filter(book_id=row["id"]).order_by("code").values():
        kinds = [str(Evidence(e).label) for e in i["evidence"]]
        items.append(
            i | {"area": Area(i["area"]).label, "kind": RuleItem.Kind(i["kind"]).label,
                 "subject": Subject(i["subject"]).label, "evidence": kinds}
        )  # fmt: skip
    caps, lasts = (row["month_cap"], row["group_cap"]), (row["lasts"], row["months"])
    return rules.text_of(row["title"], caps, lasts, items)


def file(*, book_id: int, by: int, at: datetime) -> None:
    """The town or street office files it; another than the one who drafted."""
    with store.guarded():
        row = store.book(book_id, lock=True)
        permissions.must(by, permissions.FILE, row["place_path"], at)
        if row["state"] == "filed":
            return
        if row["state"] != "voted":
            raise Refused("表决通过以后才能备案。")
        RuleBook.objects.filter(pk=book_id).update(state="filed", filed_by_id=by, filed_at=at)
        store.tell("points.filed", book_id)


def publish(*, book_id: int, from_on: date, by: int, at: datetime) -> None:
    """From this day the version is in force and the one before it ends; its hash is in the log."""
    with store.guarded():
        row = store.book(book_id, lock=True)
        permissions.must(by, permissions.WRITE, row["place_path"], at)
        if row["state"] == "published":
            return
        if row["state"] != "filed":
            raise Refused("备案以后才能公布。")
        _check_day(row, from_on, at)
        RuleBook.objects.filter(place_id=row["place_id"], state="published").update(
            state="ended", to_on=from_on
        )
        RuleBook.objects.filter(pk=book_id).update(
            state="published", published_at=at, from_on=from_on
        )
        _log(row, at)
        store.tell("points.published", book_id)


def _check_day(row: Mapping[str, Any], from_on: date, at: datetime) -> None:
    if from_on < row["voted_on"] or from_on < at.astimezone(SHANGHAI).date():
        raise BadInput("from_on", "从今天或以后的一天起施行。")
    before = db.rows(
        "select from_on from points_rulebook where place_id = %s::bigint and state = 'published'",
        (row["place_id"],),
    )
    if before and before[0][0] >= from_on:
        raise BadInput("from_on", "要晚于上一版施行的日子。")


def _log(row: Mapping[str, Any], at: datetime) -> None:
    """Both caps as rules of their own: a verifier who replays the ledger holds us to them."""
    each: Sequence[Any] = db.rows(
        "select coalesce(max(points * cap) filter (where subject = 'person'), 1), max(points * cap)"
        " from points_ruleitem where book_id = %s::bigint", (row["id"],),
    )[0]  # fmt: skip
    for group, most, month in ((False, each[0], row["month_cap"]), (True, each[1],
                                                                   row["group_cap"])):  # fmt: skip
        name = rules.code_of(row["place_code"], group=group)
        log.append(
            kind="rule.version", subject=f"rule:{name}@{row['version']}",
            fields={
                "rule": name, "version": row["version"], "unit": "points",
                "text": bytes.fromhex(row["text_hash"]), "each": most, "month": month,
                "side": "credit",
            }, at=at,
        )  # fmt: skip
