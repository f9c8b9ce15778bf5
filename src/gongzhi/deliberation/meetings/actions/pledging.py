"""Promises made in public, and what became of them; and the sides heard at a hearing."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from gongzhi.core import text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.core.models import Outbox
from gongzhi.deliberation.bodies import permissions
from gongzhi.deliberation.meetings import store
from gongzhi.deliberation.meetings.actions.calling import session_of
from gongzhi.deliberation.meetings.models import AgendaItem, Party, Pledge, PledgeEvent
from gongzhi.people.models import Organisation, Person

JUDGED = ("kept", "broken", "extended")


def pledge(
    *,
    session_id: int,
    words: str,
    due_on: date,
    by: int | None,
    at: datetime,
    owner_id: int | None = None,
    organisation_id: int | None = None,
    item_id: int | None = None,
) -> int:
    """Somebody promises, before everybody, something by a day; its id. Public from then on."""
    said = text.clean(words, 300, field="text")
    if len(said) < 4:
        raise BadInput("text", "请写明承诺做什么。")
    if due_on <= at.astimezone(SHANGHAI).date():
        raise BadInput("due_on", "兑现的日子要在今天以后。")
    if owner_id is None and organisation_id is None:
        raise BadInput("owner", "请写明谁来兑现。")
    if owner_id and not Person.objects.filter(pk=owner_id).exists():
        raise BadInput("owner", "没有这个编号的人。")
    if organisation_id and not Organisation.objects.filter(pk=organisation_id).exists():
        raise BadInput("organisation", "没有这个单位。")
    with transaction.atomic():
        row = store.run(session_id, by=by, at=at, states=("open", "closed"))
        made = Pledge.objects.create(
            body_id=row["body_id"], session_id=session_id, item_id=item_id, text=said,
            owner_id=owner_id, organisation_id=organisation_id, due_on=due_on, at=at, by_id=by,
        )  # fmt: skip
        PledgeEvent.objects.create(pledge=made, verb="made", due_on=due_on, at=at, by_id=by)
        Outbox.objects.create(kind="pledge.made", subject_id=made.pk, at=at)
        store.step(session_id, "pledged", by=by, at=at, data={"pledge": made.pk})
    return made.pk


def judge_pledge(
    *,
    pledge_id: int,
    verdict: str,
    note: str,
    by: int | None,
    at: datetime,
    due_on: date | None = None,
) -> None:
    """Kept, broken, or extended to another day, in words everybody reads. Never by its owner."""
    if verdict not in JUDGED:
        raise BadInput("verdict", "请选择：兑现了、没有兑现，还是延期。")
    why = text.clean(note, 300, field="note", one_line=True)
    if len(why) < 4:
        raise BadInput("note", "请写明凭什么这样认定。", todo="例如：现场看过，三盏路灯都亮了。")
    with transaction.atomic():
        row = (
            Pledge.objects.select_for_update(of=("self",)).select_related("session")
            .filter(pk=pledge_id).first()
        )  # fmt: skip
        if row is None:
            raise NotFound("没有这条承诺。")
        permissions.judge(by, row.session.place_path, at)
        if row.owner_id == by:
            raise NotAllowed("自己作的承诺，要由别人认定。")
        if row.state in ("kept", "broken"):
            raise Refused("这条承诺已经认定过了。", code="judged")
        if verdict == "extended" and (due_on is None or due_on <= row.due_on):
            raise BadInput("due_on", "延期请写新的日子，要比原来的晚。")
        row.state = verdict
        row.due_on = due_on if verdict == "extended" and due_on else row.due_on
        row.save(update_fields=["state", "due_on"])
        PledgeEvent.objects.create(
            pledge=row, verb=verdict, note=why, due_on=row.due_on, at=at, by_id=by
        )
        Outbox.objects.create(kind=f"pledge.{verdict}", subject_id=row.pk, at=at)


def add_party(
    *,
    item_id: int,
    name: str,
    stand: str,
    by: int | None,
    at: datetime,
    person_id: int | None = None,
) -> int:
    """A side to be heard, behind those already there; its id. Before anybody has spoken."""
    named = text.clean(name, 60, field="name", one_line=True)
    if len(named) < 2:
        raise BadInput("name", "请写是哪一方、谁来说。")
    if stand not in ("for", "against", "other"):
        raise BadInput("stand", "请选择赞成、反对，还是其他意见。")
    with transaction.atomic():
        session_id = session_of(item_id)
        store.run(session_id, by=by, at=at, states=("draft", "noticed", "open"))
        if not AgendaItem.objects.filter(pk=item_id, kind="hearing").exists():
            raise Refused("只有听证的议程才排各方顺序。")
        last = Party.objects.filter(item=item_id).aggregate(n=Max("position"))["n"] or 0
        try:
            with transaction.atomic():
                made = Party.objects.create(
                    item_id=item_id, position=last + 1, name=named, stand=stand, person_id=person_id
                )
        except IntegrityError as twice:
            raise Refused("这一方已经排上了。") from twice
        store.step(session_id, "party", by=by, at=at, data={"item": item_id, "name": named})
    return made.pk


def write_statement(*, party_id: int, words: str, by: int | None, at: datetime) -> int:
    """What a side said, as it will be published; the session's id.

    In the order they were put: nobody is passed over in silence.
    """
    said = text.clean(words, 4000, field="statement")
    if len(said) < 2:
        raise BadInput("statement", "请记下这一方说了什么。", todo="没有人来，就写“没有到会”。")
    row = Party.objects.filter(pk=party_id).values("item_id", "position").first()
    if row is None:
        raise NotFound("没有这一方。")
    with transaction.atomic():
        session_id = session_of(row["item_id"])
        store.run(session_id, by=by, at=at, states=("open",))
        before = Party.objects.filter(
            item=row["item_id"], position__lt=row["position"], said_at=None
        ).first()
        if before is not None:
            raise Refused(f"按顺序，先请{before.name}说。", todo="没有到会的，也请记一句。")
        Party.objects.filter(pk=party_id).update(statement=said, said_at=at)
        store.step(session_id, "statement", by=by, at=at, data={"party": party_id})
    return session_id
