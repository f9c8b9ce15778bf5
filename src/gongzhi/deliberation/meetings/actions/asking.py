"""Questions from the floor and the speakers list. Nobody picks among them beforehand (case 13)."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused, Stale
from gongzhi.deliberation.bodies import permissions
from gongzhi.deliberation.meetings import store
from gongzhi.deliberation.meetings.actions.calling import session_of
from gongzhi.deliberation.meetings.models import AgendaItem, Question, Speaker
from gongzhi.people import queries as people

MOST_EACH = 10  # questions of one phone in one session: against a stuck key, not against speech
_ASK = """
insert into meetings_question (session_id, number, text, suggestion, person_id, asker, how, state,
  answer, answerer, at, by_id, key)
select s.id, coalesce((select max(q.number) from meetings_question q where q.session_id = s.id), 0)
  + 1, %(text)s, %(suggestion)s::bool, %(person)s::bigint, %(asker)s, %(how)s, 'open', '', '',
  %(at)s::timestamptz, %(by)s::bigint, %(key)s
from meetings_session s where s.id = %(session)s::bigint returning number
"""


def ask(
    *,
    session_id: int,
    words: str,
    by: int | None,
    at: datetime,
    how: str = Question.How.PHONE,
    asker: str | None = None,
    anonymous: bool = True,
    suggestion: bool = False,
    person_id: int | None = None,
    key: str | None = None,
) -> int:
    """A question or suggestion; its number in the session. The same `key` gives the same number.

    By phone from the notice on; from the floor or a slip entered by whoever runs the session.
    Towards neighbours it is anonymous unless he says otherwise.
    """
    said = text.clean(words, 500, field="text")
    if len(said) < 2:
        raise BadInput("text", "请写下您要问的事。", todo="一两句话就行。")
    if how not in Question.How.values:
        raise BadInput("how", "来源不对。")
    with transaction.atomic():
        row = store.session(session_id, lock=True)
        if key:
            known = Question.objects.filter(key=key).values_list("number", flat=True).first()
            if known is not None:
                return int(known)
        if row["state"] not in ("noticed", "open"):
            raise Refused("这场会现在不收问题。", todo="可以到首页“报一件事”。", code="not_now")
        if how == Question.How.PHONE:
            name = _asks_himself(row, by, at)
            person_id = by
        else:
            permissions.runner(by, row["place_path"], row["level"], at)
            name = text.clean(asker or "", 60, field="asker", one_line=True)
        number = db.rows(_ASK, {
            "session": session_id, "text": said, "suggestion": suggestion, "person": person_id,
            "asker": "" if anonymous else name, "how": how, "at": at, "by": by, "key": key,
        })[0][0]  # fmt: skip
        store.tell(session_id, "asked", {"number": number})
    return int(number)


def _asks_himself(row: dict[str, Any], by: int | None, at: datetime) -> str:
    """The name of somebody who lives or works there; NotAllowed for a stranger."""
    viewer = people.viewer(by, at)
    here = viewer.lives_in(row["place_path"]) or any(
        own.startswith(row["place_path"]) or row["place_path"].startswith(own)
        for own in (*viewer.places, *(post.place_path for post in viewer.posts))
    )
    if viewer.person_id is None or not here:
        raise NotAllowed("只有本地的人能在这场会上提问。")
    if Question.objects.filter(session=row["id"], person=by).count() >= MOST_EACH:
        raise Refused("您已经问了很多，先听听答复吧。", code="enough")
    return viewer.name


def answer(*, question_id: int, words: str, answerer: str, by: int | None, at: datetime) -> int:
    """An answer on the spot, in the words of whoever gave it; the session's id."""
    said = text.clean(words, 2000, field="answer")
    who = text.clean(answerer, 60, field="answerer", one_line=True)
    if len(said) < 2:
        raise BadInput("answer", "请写下是怎样答复的。")
    if not who:
        raise BadInput("answerer", "请写是谁答复的。")
    with transaction.atomic():
        session_id = _session_of_question(question_id)
        store.run(session_id, by=by, at=at, states=("open",))
        done = Question.objects.filter(pk=question_id).exclude(state="answered").update(
            state="answered", answer=said, answerer=who, answered_at=at, answered_by=by
        )  # fmt: skip
        if not done:
            raise Stale("这个问题已经有人记下答复了。")
        store.step(session_id, "answered", by=by, at=at, data={"question": question_id})
    return session_id


def carry(*, question_id: int, by: int | None, at: datetime) -> int:
    """Not to be answered now: it goes to be sorted after the session. The session's id."""
    with transaction.atomic():
        session_id = _session_of_question(question_id)
        store.run(session_id, by=by, at=at, states=("open",))
        if not Question.objects.filter(pk=question_id, state="open").update(state="carried"):
            raise Stale("这个问题刚才已经处理过了。")
        store.step(session_id, "carried", by=by, at=at, data={"question": question_id})
    return session_id


def _session_of_question(question_id: int) -> int:
    found = Question.objects.filter(pk=question_id).values_list("session_id", flat=True).first()
    if found is None:
        raise NotFound("没有这个问题。")
    return int(found)


def want_to_speak(
    *, item_id: int, by: int | None, at: datetime, name: str = "", person_id: int | None = None
) -> int:
    """Put oneself, or somebody who raised a hand, on the speakers list; the session's id."""
    session_id = session_of(item_id)
    row = store.session(session_id)
    if row["state"] != "open":
        raise Refused("会还没有开始，或者已经散了。", code="not_now")
    if person_id == by and by is not None:
        named = people.viewer(by, at).name
        if not AgendaItem.objects.filter(
            pk=item_id, session__attendance__person=by
        ).exists():  # fmt: skip
            raise NotAllowed("请先签到，再报名发言。")
    else:
        permissions.runner(by, row["place_path"], row["level"], at)
        named = text.clean(name, 60, field="name", one_line=True)
    if not named:
        raise BadInput("name", "请写谁要发言。")
    try:
        with transaction.atomic():
            Speaker.objects.create(item_id=item_id, person_id=person_id, name=named, at=at)
            store.tell(session_id, "speaker")
    except IntegrityError:
        pass  # on the list already: pressing twice is the same wish
    return session_id


def call_speaker(*, speaker_id: int, by: int | None, at: datetime) -> int:
    """Give the floor; whoever had it has finished. The session's id."""
    with transaction.atomic():
        row = _speaker(speaker_id)
        store.run(row["item__session_id"], by=by, at=at, states=("open",))
        Speaker.objects.filter(
            item=row["item_id"], began_at__isnull=False, ended_at=None
        ).exclude(pk=speaker_id).update(ended_at=at)  # fmt: skip
        Speaker.objects.filter(pk=speaker_id, began_at=None).update(began_at=at)
        store.step(row["item__session_id"], "floor", by=by, at=at, data={"name": row["name"]})
    return int(row["item__session_id"])


def end_speaker(*, speaker_id: int, by: int | None, at: datetime) -> int:
    """He has finished, or does not want to speak any more. The session's id."""
    with transaction.atomic():
        row = _speaker(speaker_id)
        store.run(row["item__session_id"], by=by, at=at, states=("open",))
        Speaker.objects.filter(pk=speaker_id, ended_at=None).update(ended_at=at)
        store.step(row["item__session_id"], "floor_ended", by=by, at=at, data={"name": row["name"]})
    return int(row["item__session_id"])


def _speaker(speaker_id: int) -> dict[str, Any]:
    found = Speaker.objects.filter(pk=speaker_id).values("item_id", "item__session_id", "name")
    row = found.first()
    if row is None:
        raise NotFound("发言名单里没有这个人。")
    return dict(row)
