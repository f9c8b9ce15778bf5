"""What an item or a question leads to: a matter with somebody who does it, and a day (case 13).

Within three days of the session the offices sort: 交办 to one, 会办 to a lead and others, or merge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.core.errors import BadInput, NotFound, Refused, Stale
from gongzhi.deliberation.meetings import store
from gongzhi.deliberation.meetings.actions.calling import session_of
from gongzhi.deliberation.meetings.actions.running import record_outcome
from gongzhi.deliberation.meetings.models import AgendaItem, Question, Sorting
from gongzhi.matters import actions as matters
from gongzhi.matters.actions import Assignee
from gongzhi.people.models import Organisation, Person

_SOURCE = {"phone": "page", "slip": "paper", "floor": "counter"}
_TRIES = 3  # steps a playbook may put before dispatching that a sorter may take himself


@dataclass(frozen=True, slots=True)
class Sorted:
    """The matter something became, and whether its playbook already let it be dispatched."""

    id: int
    matter_id: int
    number: str
    dispatched: bool


def hand_over(
    *,
    by: int,
    at: datetime,
    due_at: datetime,
    lead: Assignee,
    others: Sequence[Assignee] = (),
    item_id: int | None = None,
    question_id: int | None = None,
    body: str = "",
    place_id: int | None = None,
) -> Sorted:
    """Give an item, or a question, to somebody by a day: it becomes a matter with a number.

    With `others` it is 会办. The playbook of the place decides whether work may begin at once or
    the matter first goes its way; who leads and by when stands on the rectification list anyway.
    """
    if due_at <= at:
        raise BadInput("due_at", "期限要在今天以后。")
    _check(lead, others)
    with transaction.atomic():
        what = _what(item_id, question_id)
        row = store.run(what["session"], by=by, at=at,
                        states=("open",) if item_id else ("open", "closed"))  # fmt: skip
        _not_yet(item_id, question_id)
        matter_id, number = what["matter"], ""
        if matter_id is None:
            raised = matters.raise_matter(
                by=by, at=at, key=None, body=body.strip() or what["words"],
                place_id=place_id or row["place_id"], source=what["source"],
                raised_by=what["person"], title=what["title"],
                consent_note=f"在{row['title']}上提出",
            )  # fmt: skip
            matter_id, number = raised.id, raised.number
        went = _dispatch(matter_id, (lead, *others), by=by, at=at, due_at=due_at)
        made = Sorting.objects.create(
            session_id=what["session"], question_id=question_id, item_id=item_id,
            kind="joint" if others else "assign", lead_person_id=lead.person_id,
            lead_organisation_id=lead.organisation_id, others=[_plain(one) for one in others],
            due_at=due_at, matter_id=matter_id, at=at, by_id=by,
        )  # fmt: skip
        _mark(item_id, question_id, matter_id, by=by, at=at, due_at=due_at)
        store.step(what["session"], "sorted", by=by, at=at,
                   data={"matter": matter_id, "kind": made.kind})  # fmt: skip
    return Sorted(made.pk, matter_id, number, went)


def merge(*, question_id: int, into: int, by: int, at: datetime) -> Sorted:
    """The same issue was asked before: the asker follows that one. `into` is a sorting's id."""
    with transaction.atomic():
        what = _what(None, question_id)
        store.run(what["session"], by=by, at=at, states=("open", "closed"))
        _not_yet(None, question_id)
        first = Sorting.objects.filter(pk=into, session_id=what["session"]).first()
        if first is None or first.merged_into_id is not None:
            raise BadInput("into", "请选一件已经交办的。")
        made = Sorting.objects.create(
            session_id=what["session"], question_id=question_id, kind=first.kind,
            lead_person_id=first.lead_person_id, lead_organisation_id=first.lead_organisation_id,
            others=first.others, due_at=first.due_at, matter_id=first.matter_id,
            merged_into=first, at=at, by_id=by,
        )  # fmt: skip
        _follows(first.matter_id, what["person"], at)
        _mark(None, question_id, first.matter_id, by=by, at=at, due_at=first.due_at)
        store.step(what["session"], "merged", by=by, at=at, data={"into": into})
    return Sorted(made.pk, first.matter_id, "", True)


def _check(lead: Assignee, others: Sequence[Assignee]) -> None:
    named = [lead, *others]
    if lead.person_id is None and lead.organisation_id is None:
        raise BadInput("lead", "请选谁来办。")
    people = {one.person_id for one in named if one.person_id}
    units = {one.organisation_id for one in named if one.organisation_id}
    if len({one.name for one in named}) < len(named):
        raise BadInput("others", "会办的不能和牵头的是同一个。")
    if Person.objects.filter(pk__in=people).count() < len(people):
        raise BadInput("lead", "没有这个编号的人。")
    if Organisation.objects.filter(pk__in=units).count() < len(units):
        raise BadInput("lead", "没有这个单位。")


def _what(item_id: int | None, question_id: int | None) -> dict[str, Any]:
    """What is handed over, in the words of its matter."""
    if item_id is not None:
        session = session_of(item_id)
        item = AgendaItem.objects.get(pk=item_id)
        words = "\n".join(part for part in (item.title, item.note, item.record) if part)
        return {"session": session, "words": words[:4000], "title": item.title[:60],
                "person": None, "source": "counter", "matter": item.matter_id}  # fmt: skip
    asked = Question.objects.filter(pk=question_id or 0).first()
    if asked is None:
        raise NotFound("没有这个问题。")
    if asked.state == "answered":
        raise Refused("这个问题当场答复过了。")
    return {"session": asked.session_id, "words": asked.text, "title": "", "matter": None,
            "person": asked.person_id, "source": _SOURCE[asked.how]}  # fmt: skip


def _not_yet(item_id: int | None, question_id: int | None) -> None:
    mine = {"item": item_id} if item_id else {"question": question_id}
    if Sorting.objects.filter(**mine).exists():
        raise Stale("这一件刚才已经交办了。")


def _mark(
    item_id: int | None, question_id: int | None, matter_id: int, *, by: int, at: datetime,
    due_at: datetime,
) -> None:  # fmt: skip
    if question_id is not None:
        Question.objects.filter(pk=question_id).update(state="carried")
    elif item_id is not None and AgendaItem.objects.get(pk=item_id).kind != "part":
        record_outcome(item_id=item_id, outcome="matter", by=by, at=at, matter_id=matter_id,
                       data={"due_at": due_at.isoformat()})  # fmt: skip


def _dispatch(
    matter_id: int, named: Sequence[Assignee], *, by: int, at: datetime, due_at: datetime
) -> bool:
    """Take the matter to work as far as its playbook lets this person; False where it waits."""
    wanted = tuple(Assignee(one.person_id, one.organisation_id, due_at) for one in named)
    for _step in range(_TRIES):
        try:
            with transaction.atomic():
                matters.move(matter_id=matter_id, verb="dispatch", by=by, at=at, assignees=wanted)
            return True
        except Refused:
            pass
        try:
            with transaction.atomic():
                matters.move(matter_id=matter_id, verb="accept", by=by, at=at)
        except Refused:
            return False
    return False


def _follows(matter_id: int, person: int | None, at: datetime) -> None:
    if person is not None:
        try:
            with transaction.atomic():
                matters.join(matter_id=matter_id, by=person, at=at)
        except Refused:
            pass  # it has ended, or he may not see it: the list still shows it


def _plain(one: Assignee) -> dict[str, int]:
    named = {"person": one.person_id, "organisation": one.organisation_id}
    return {key: value for key, value in named.items() if value is not None}
