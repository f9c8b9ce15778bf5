"""Short notes to a person: his own list on the home page, texted only with his consent."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q

from gongzhi.people.models import Account, Consent, Note

TEXTS = "短信通知"  # the purpose of the consent, as people read it
KEPT = 100


def write(*, key: str, person_id: int, words: str, at: datetime) -> bool:
    """Add a note; False when the same key was noted before."""
    _, made = Note.objects.get_or_create(
        key=key, defaults={"person_id": person_id, "words": words, "at": at}
    )
    return made


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
