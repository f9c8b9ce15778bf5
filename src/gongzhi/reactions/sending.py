"""The messages job: a note in the person's own list, a text to the phone if he wants it."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from gongzhi.people import gateway, notes

QUEUE = "messages"


def later(*, key: str, person: int, words: str, at: datetime) -> None:
    """Note it for the person now; defer the text to his phone in this transaction."""
    if notes.write(key=key, person_id=person, words=words, at=at):
        text_phone.configure(queue=QUEUE).defer(key=key)


def to_all(*, event: str, words: Mapping[int, str], at: datetime) -> None:
    """The same for everybody at once: notes in one statement, texts for those who want them."""
    for key in notes.write_all(event=event, words=words, at=at):
        text_phone.configure(queue=QUEUE).defer(key=key)


@app.task(
    name="gongzhi.text_phone", retry=RetryStrategy(max_attempts=5, exponential_wait=5), queue=QUEUE
)
def text_phone(*, key: str) -> None:
    """Send the note to the phone of whoever asked to be told by text."""
    found = notes.to_text(key)
    if found is None:
        return
    phone, words = found
    gateway.gateway().send(phone, words)
    notes.texted(key, at=timezone.now())
