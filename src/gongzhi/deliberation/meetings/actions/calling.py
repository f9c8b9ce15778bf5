"""Before a session: calling it, its agenda and papers, the notice, calling it off."""

import secrets
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotFound, Refused, Stale
from gongzhi.deliberation.bodies import permissions
from gongzhi.deliberation.bodies import queries as bodies
from gongzhi.deliberation.bodies import rules as body_rules
from gongzhi.deliberation.meetings import rules, store
from gongzhi.deliberation.meetings.models import AgendaItem, Paper, Session

PREPARING = ("draft", "noticed")
RUNNING = ("draft", "noticed", "open")
MOST_ITEMS = 60


def call(
    *,
    body_id: int,
    starts_at: datetime,
    venue: str,
    by: int | None,
    at: datetime,
    title: str = "",
    mode: str = Session.Mode.ONSITE,
    online: str = "",
    template: str | None = None,
    key: str | None = None,
) -> int:
    """Call a session of a body: a draft with the agenda of its template; its id.

    `online` says in words how to join. The same `key` gives the same session again.
    """
    body = bodies.whereabouts(body_id)
    permissions.runner(by, body["place__path"], body["level"], at)
    if mode not in Session.Mode.values:
        raise BadInput("mode", "请选择怎样开会。")
    where = text.clean(venue, 120, field="venue", one_line=True)
    if not where:
        raise BadInput("venue", "请写明在哪里开会。")
    link = text.clean(online, 200, field="online", one_line=True)
    if mode != Session.Mode.ONSITE and not link:
        raise BadInput(
            "online",
            "请写明线上怎样参加。",
            todo="例如：点本页“线上参会”签到，再进视频会议 123-456。",
        )
    if starts_at <= at:
        raise BadInput("starts_at", "开会时间已经过去了。")
    rule = body_rules.rule_of(body["rule"], body["edition"], body["house"])
    named = text.clean(title, 80, field="title", one_line=True)
    token = f"k{key}"[:24] if key else secrets.token_urlsafe(12)
    with transaction.atomic():
        # Two clerks at once: the body's row keeps their numbers apart.
        db.rows("select id from bodies_body where id = %s::bigint for no key update", (body_id,))
        known = (
            Session.objects.filter(token=token).values_list("id", flat=True).first()
            if key
            else None
        )
        if known:
            return int(known)
        number = (Session.objects.filter(body=body_id).aggregate(n=Max("number"))["n"] or 0) + 1
        made = Session.objects.create(
            body_id=body_id, place_id=body["place_id"], place_path=body["place__path"],
            number=number, title=named or f"{body['name']}第{number}次会议", rule=body["rule"],
            edition=body["edition"], house=body["house"],
            required=list(body["house"].get("required", ())), mode=mode, starts_at=starts_at,
            venue=where, online=link, token=token, by_id=by, at=at,
            notice_days=body_rules.notice_days(rule, body["house"]),
        )  # fmt: skip
        _agenda(made, body["template"] if template is None else template)
        store.step(made.pk, "called", by=by, at=at)
    return made.pk


def _agenda(session: Session, template: str) -> None:
    """The parts of the template, after what has to be read first."""
    before = _to_read_back(session.body_id, session.pk)
    lines = [rules.Part("宣读上次清单和承诺的进展", 10, "readback")] if before else []
    known = rules.templates().get(template)
    lines += list(known.parts) if known else []
    AgendaItem.objects.bulk_create(
        AgendaItem(session=session, position=n, kind=line.kind, title=line.title,
                   minutes=line.minutes)
        for n, line in enumerate(lines, start=1)
    )  # fmt: skip


def _to_read_back(body_id: int, but: int) -> bool:
    """Whether earlier sessions left pledges or issues: they are read first (case 13)."""
    found = db.rows(
        "select exists (select 1 from meetings_pledge where body_id = %(body)s::bigint)"
        " or exists (select 1 from meetings_sorting o join meetings_session s"
        "   on s.id = o.session_id where s.body_id = %(body)s::bigint and s.id <> %(but)s::bigint)"
        " or exists (select 1 from meetings_question q join meetings_session s"
        "   on s.id = q.session_id where s.body_id = %(body)s::bigint and s.state = 'closed')",
        {"body": body_id, "but": but},
    )
    return bool(found[0][0])


def add_item(
    *,
    session_id: int,
    kind: str,
    title: str,
    by: int | None,
    at: datetime,
    minutes: int = 10,
    speaker: str = "",
    note: str = "",
    parent_id: int | None = None,
    matter_id: int | None = None,
    after: int | None = None,
) -> int:
    """Put a part or an item on the agenda; its id.

    At its end, `after` another, or as the last one below its parent.
    """
    if kind not in AgendaItem.Kind.values:
        raise BadInput("kind", "请选择这是环节还是要议的事。")
    named = text.clean(title, 80, field="title", one_line=True)
    if len(named) < 2:
        raise BadInput("title", "请写明议什么。")
    if not 1 <= minutes <= 480:
        raise BadInput("minutes", "时间请填1到480分钟。")
    with transaction.atomic():
        store.run(session_id, by=by, at=at, states=RUNNING)
        mine = AgendaItem.objects.filter(session=session_id)
        if mine.count() >= MOST_ITEMS:
            raise Refused("一场会最多60项议程。", todo="请另开一场会。")
        for name, wanted in (("parent", parent_id), ("after", after)):
            if wanted is not None and not mine.filter(pk=wanted).exists():
                raise BadInput(name, "这一项不在这场会的议程里。")
        place = _place_for(mine, after or _last_below(mine, parent_id))
        made = AgendaItem.objects.create(
            session_id=session_id, position=place, kind=kind, title=named, minutes=minutes,
            speaker=text.clean(speaker, 60, field="speaker", one_line=True),
            note=text.clean(note, 2000, field="note"), parent_id=parent_id, matter_id=matter_id,
        )  # fmt: skip
        store.step(session_id, "item_added", by=by, at=at, data={"item": made.pk, "title": named})
    return made.pk


def _last_below(mine: Any, parent_id: int | None) -> int | None:
    """The parent's last part, or the parent itself."""
    if parent_id is None:
        return None
    below = mine.filter(parent=parent_id).order_by("-position").values_list("id", flat=True)
    return below.first() or parent_id


def _place_for(mine: Any, after: int | None) -> int:
    """The position behind another item, the rest moved down; else the last one."""
    if after is None:
        return int(mine.aggregate(n=Max("position"))["n"] or 0) + 1
    place = int(mine.values_list("position", flat=True).get(pk=after)) + 1
    for row in mine.filter(position__gte=place).order_by("-position"):
        AgendaItem.objects.filter(pk=row.pk).update(position=row.position + 1)
    return place


def remove_item(*, item_id: int, by: int | None, at: datetime) -> int:
    """Take a part off that has not begun; what has begun leaves with an outcome. Its session."""
    with transaction.atomic():
        session_id = session_of(item_id)
        store.run(session_id, by=by, at=at, states=RUNNING)
        item = AgendaItem.objects.get(pk=item_id)
        if item.started_at or item.outcome or item.kind == AgendaItem.Kind.READBACK:
            raise Refused("这一项已经开始，或者是必须先念的，不能拿掉。")
        AgendaItem.objects.filter(parent=item_id).update(parent=None)
        try:
            item.delete()
        except IntegrityError as used:
            raise Refused("这一项上已经有记录，不能拿掉。") from used
        store.step(session_id, "item_removed", by=by, at=at, data={"title": item.title})
    return session_id


def session_of(item_id: int) -> int:
    """The session of an item; NotFound."""
    found = AgendaItem.objects.filter(pk=item_id).values_list("session_id", flat=True).first()
    if found is None:
        raise NotFound("议程里没有这一项。")
    return int(found)


def add_paper(*, session_id: int, title: str, words: str, by: int | None, at: datetime) -> int:
    """Something to read beforehand; after the notice it shows when it came."""
    named = text.clean(title, 80, field="title", one_line=True)
    said = text.clean(words, 20_000, field="text")
    if not named or len(said) < 2:
        raise BadInput("text" if named else "title", "请写上材料的名称和内容。")
    with transaction.atomic():
        store.run(session_id, by=by, at=at, states=RUNNING)
        made = Paper.objects.create(session_id=session_id, title=named, text=said, by_id=by, at=at)
        store.step(session_id, "paper", by=by, at=at, data={"title": named})
    return made.pk


def notice(*, session_id: int, by: int | None, at: datetime, why_short: str = "") -> None:
    """Send the notice with papers and agenda. The days of the rule are kept.

    Refused when it is too late; `why_short` names the special circumstances where the law, or the
    forum's own rule, allows less notice (2025 laws: village art. 25, urban art. 26).
    """
    why = text.clean(why_short, 200, field="why_short", one_line=True)
    with transaction.atomic():
        row = store.run(session_id, by=by, at=at, states=("draft",))
        if row["starts_at"] <= at:
            raise Refused("开会时间已经过去了。", todo="请先改开会时间，再发通知。")
        short = rules.days_between(at, row["starts_at"]) < row["notice_days"]
        if short:
            _may_be_short(row, why)
        if not AgendaItem.objects.filter(session=session_id).exists():
            raise Refused("还没有议程。", todo="请先写上要议什么，再发通知。")
        Session.objects.filter(pk=session_id).update(
            state="noticed", noticed_at=at, short_notice=why if short else ""
        )
        store.step(session_id, "noticed", by=by, at=at, data={"short": short})


def _may_be_short(row: dict[str, Any], why: str) -> None:
    rule = body_rules.rule_of(row["rule"], row["edition"], row["house"])
    asked = f"这种会要提前{row['notice_days']}天通知"
    source = f"（{rule.law}）" if rule.law else ""
    if not body_rules.short_notice_allowed(rule, row["house"]):
        raise Refused(
            f"{asked}{source}，现在来不及了。", todo="请把开会时间往后改。", code="too_late"
        )
    if len(why) < 4:
        raise BadInput(
            "why_short",
            f"{asked}{source}。遇有特殊情况可以临时通知，请写明是什么情况。",
            code="too_late",
        )


def move(*, session_id: int, starts_at: datetime, venue: str, by: int | None, at: datetime) -> None:
    """Another time or place while it is a draft; after the notice it is called off instead."""
    where = text.clean(venue, 120, field="venue", one_line=True)
    if not where:
        raise BadInput("venue", "请写明在哪里开会。")
    if starts_at <= at:
        raise BadInput("starts_at", "开会时间已经过去了。")
    with transaction.atomic():
        store.run(session_id, by=by, at=at, states=("draft",))
        Session.objects.filter(pk=session_id).update(starts_at=starts_at, venue=where)
        store.step(session_id, "moved", by=by, at=at)


def cancel(*, session_id: int, reason: str, by: int | None, at: datetime) -> None:
    """Call it off, with a reason everybody reads."""
    why = text.clean(reason, 200, field="reason", one_line=True)
    if len(why) < 2:
        raise BadInput("reason", "请写明为什么取消。")
    with transaction.atomic():
        row = store.run(session_id, by=by, at=at, states=PREPARING)
        changed = Session.objects.filter(pk=session_id, state=row["state"]).update(
            state="cancelled", cancelled_reason=why
        )
        if not changed:
            raise Stale()
        store.step(session_id, "cancelled", by=by, at=at, data={"reason": why})
