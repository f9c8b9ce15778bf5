"""Statements: put by the host or a participant, let in or left out with a reason."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused, Stale
from gongzhi.deliberation.rounds import permissions, queries, rules
from gongzhi.deliberation.rounds.actions.base import broken, happened, locked, once
from gongzhi.deliberation.rounds.models import Round, Statement
from gongzhi.people import notes
from gongzhi.people.permissions import Viewer

# The roll, the hours and how many he put are looked at on the way.
_SAY = """
with r as (
  select id, state = 'open' and opens_at <= %(at)s::timestamptz and closes_at > %(at)s::timestamptz
      as runs, round_roll(id, %(by)s::bigint, %(on)s::date) as member
    from rounds_round where id = %(round)s::bigint
), c as (
  select coalesce(max(number), 0) as last,
    count(*) filter (where author_id = %(by)s::bigint) as mine
    from rounds_statement where round_id = %(round)s::bigint
), made as (
  insert into rounds_statement
    (round_id, number, text, author_id, state, reason, rule, at, priority)
  select r.id, c.last + 1, %(text)s, %(by)s::bigint, 'waiting', '', '', %(at)s::timestamptz, 100
    from r, c where r.runs and r.member and c.mine < %(most)s::int and c.last < %(all)s::int
  returning id, round_id
), out as (
  insert into core_outbox (kind, subject_id, data)
  select 'round.said', round_id, jsonb_build_object('statement', id) from made
)
select r.runs, r.member, c.mine, c.last, (select id from made) from r, c
"""


def say(*, round_id: int, words: str, viewer: Viewer, at: datetime, key: str | None = None) -> int:
    """A participant adds a statement; it waits for the moderator. Its id."""
    if viewer.person_id is None:
        raise NotAllowed("请先登录，再提观点。")
    by = viewer.person_id
    said = rules.one_sentence(text.clean(words, 140, field="text", one_line=False))
    with db.atomic():
        return once(key, by, (round_id, said), lambda: _put(round_id, said, by, at))


def _put(round_id: int, said: str, by: int, at: datetime) -> int:
    params = {
        "round": round_id, "text": said, "by": by, "at": at, "on": queries.day(at),
        "most": rules.MOST_OWN, "all": rules.MOST_STATEMENTS,
    }  # fmt: skip
    _one_by_one(round_id)
    try:
        with transaction.atomic():
            found = db.rows(_SAY, params)
    except IntegrityError as error:
        raise _told(error) from error
    if not found:
        raise NotFound("没有这一轮云协商。")
    runs, member, mine, last, made = found[0]
    if not member:
        raise NotAllowed("这一轮只请名册上的人参加。", todo="觉得名册有错，请找社区改。")
    if not runs:
        raise rules.NotOpen()
    if mine >= rules.MOST_OWN:
        raise Refused(f"每人最多提{rules.MOST_OWN}条，您已经提满了。", code="enough")
    if last >= rules.MOST_STATEMENTS:
        raise Refused("这一轮的观点已经很多了，请先对已有的表态。", code="enough")
    return int(made)


def _one_by_one(round_id: int) -> None:
    """Statements of a round are numbered one after the other; votes go on meanwhile."""
    db.rows(
        "select pg_advisory_xact_lock(hashtextextended('round statements', %s::bigint))",
        (round_id,),
    )


def _told(error: IntegrityError) -> Refused:
    """The sentence for a constraint."""
    name = broken(error)
    if name == "statement_text_once":
        return BadInput("text", "已经有一条一模一样的观点了。", todo="请直接对那一条表态。")
    if name == "statement_while_open":
        return rules.NotOpen()
    raise error


def seed(*, round_id: int, words: str, viewer: Viewer, at: datetime) -> int:
    """The host puts in statements of his own, one a line, before or while it runs; how many."""
    with db.atomic():
        held = locked(round_id)
        permissions.need_hosts(viewer, held.place_path)
        said = lines(words, "words")
        if not said:
            raise BadInput("words", "请至少写一条，一行一条。")
        return put_in(held, said, viewer, at)


def lines(words: str, field: str) -> list[str]:
    """The statements of a text, one a line; BadInput names the line that is none."""
    typed = list(dict.fromkeys(filter(None, map(str.strip, words.splitlines()))))
    return [_line(number, line, field) for number, line in enumerate(typed, 1)]


def put_in(held: Round, said: list[str], viewer: Viewer, at: datetime) -> int:
    """Statements of the host, let in at once; how many."""
    _one_by_one(held.pk)
    last = held.statements.aggregate(last=Max("number"))["last"] or 0
    if last + len(said) > rules.MOST_STATEMENTS:
        raise BadInput("words", f"一轮最多{rules.MOST_STATEMENTS}条。")
    known = set(held.statements.filter(text__in=said).values_list("text", flat=True))
    if known:
        raise BadInput("words", f"已经有这一条了：{min(known)}")
    try:
        with transaction.atomic():
            Statement.objects.bulk_create(
                Statement(
                    round=held, number=last + n, text=line, state=Statement.State.IN, at=at,
                    decided_by_id=viewer.person_id, decided_at=at,
                )
                for n, line in enumerate(said, 1)
            )  # fmt: skip
    except IntegrityError as error:
        raise _told(error) from error
    return len(said)


def _line(number: int, line: str, field: str) -> str:
    try:
        return rules.one_sentence(text.clean(line, 140, field=field, one_line=True))
    except BadInput as wrong:
        raise BadInput(field, f"第{number}行：{wrong.words}", todo=wrong.todo) from wrong


def decide(
    *,
    statement_id: int,
    let_in: bool,
    viewer: Viewer,
    at: datetime,
    rule: str = "",
    reason: str = "",
) -> None:
    """Let a statement in, or leave it out (also later) under a line of the policy, with a reason.

    The author reads the reason. Nobody judges his own. The same decision again changes nothing.
    """
    found = Statement.objects.filter(pk=statement_id).values("round_id").first()
    if found is None:
        raise NotFound("没有这一条观点。")
    with db.atomic():
        held = locked(found["round_id"])
        permissions.need_hosts(viewer, held.place_path)
        statement = Statement.objects.select_for_update().get(pk=statement_id)
        if held.state != Round.State.OPEN:
            raise rules.NotOpen()
        if statement.author_id is not None and statement.author_id == viewer.person_id:
            raise NotAllowed("不能审自己提的观点。", todo="请由别的同事来审。")
        wanted = Statement.State.IN if let_in else Statement.State.OUT
        if statement.state == wanted:
            return
        if statement.state == Statement.State.OUT:
            raise Stale("这一条刚才已经有人审过了。")
        statement.rule, statement.reason = ("", "") if let_in else _why(rule, reason)
        statement.state = wanted
        statement.decided_by_id, statement.decided_at = viewer.person_id, at
        statement.save()
        _tell(statement, at)
        happened("decided", held.pk, at, statement=statement.pk)


def _tell(statement: Statement, at: datetime) -> None:
    """The author is told at once, not only when he looks."""
    if statement.author_id is None:
        return
    said = "已放出，大家可以表态了。"
    if statement.state == Statement.State.OUT:
        said = f"没有放出：{rules.POLICY[statement.rule]}。{statement.reason}"
    named = statement.text if len(statement.text) <= 40 else f"{statement.text[:39]}…"
    notes.write(
        key=f"statement:{statement.pk}:{statement.state}", person_id=statement.author_id, at=at,
        words=f"您提的观点“{named}”{said}",
    )  # fmt: skip


def _why(rule: str, reason: str) -> tuple[str, str]:
    if rule not in rules.POLICY:
        raise BadInput("rule", "请选不放出的理由。")
    said = text.clean(reason, 200, field="reason", one_line=True)
    if len(said) < 4:
        raise BadInput("reason", "请用一句话告诉提的人为什么。", todo="例如：和第3条意思一样。")
    return rule, said
