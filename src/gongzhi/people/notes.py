"""Short notes to a person: his own list on the home page, texted only with his consent."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from gongzhi.core import db
from gongzhi.people.models import Account, Consent, Note

TEXTS = "短信通知"  # the purpose of the consent, as people read it
KEPT = 100


def write(*, key: str, person_id: int, words: str, at: datetime) -> bool:
    """Add a note; False when the same key was noted before."""
    _, made = Note.objects.get_or_create(
        key=key, defaults={"person_id": person_id, "words": words, "at": at}
    )
    return made


def write_all(*, event: str, words: Mapping[int, str], at: datetime) -> list[str]:
    """The same event noted for many, each in his words; keys of those who also want a text."""
    people = list(words)
    db.run(
        "insert into people_note (key, person_id, words, at)"
        " select %s || ':' || t.person, t.person, left(t.words, 300), %s::timestamptz"
        " from unnest(%s::bigint[], %s::text[]) t(person, words) on conflict (key) do nothing",
        (event, at, people, [words[one] for one in people]),
    )
    rows = db.rows(
        "select n.key from people_note n join people_person p on p.id = n.person_id"
        " where n.key = any(%s::text[]) and n.texted_at is null and p.phone is not null"
        " and exists (select 1 from people_consent c where c.person_id = p.id"
        "   and c.purpose = %s and c.withdrawn_at is null)",
        ([f"{event}:{one}" for one in people], TEXTS),
    )
    return [key for (key,) in rows]


def languages(person_ids: Collection[int]) -> dict[int, str]:
    """In which language each of them reads ("en"), of those who chose one. One statement."""
    chosen = Account.objects.filter(person__in=person_ids).exclude(language="")
    return dict(chosen.values_list("person_id", "language"))


def of(person_id: int) -> list[dict[str, Any]]:
    """His notes, newest first."""
    rows = Note.objects.filter(person=person_id).order_by("-at", "-id")[:KEPT]
    return [dict(row) for row in rows.values("id", "words", "at", "read_at")]


def unread(person_id: int) -> int:
    """How many he has not looked at."""
    return Note.objects.filter(person=person_id, read_at=None).count()


def mark_read(*, person_id: int, at: datetime) -> None:
    """He has seen the list."""
    Note.objects.filter(person=person_id, read_at=None).update(read_at=at)


def to_text(key: str) -> tuple[str, str] | None:
    """Phone and words of a note that is to be texted and has not been; None if it is not to be."""
    agreed = Consent.objects.filter(purpose=TEXTS, withdrawn_at=None).values("person_id")
    note = (
        Note.objects.filter(~Q(person__phone=None), key=key, texted_at=None, person__in=agreed)
        .values_list("person__phone", "words")
        .first()
    )
    return None if note is None else (str(note[0]), note[1])


def texted(key: str, *, at: datetime) -> None:
    """It was handed to the gateway."""
    Note.objects.filter(key=key).update(texted_at=at)
