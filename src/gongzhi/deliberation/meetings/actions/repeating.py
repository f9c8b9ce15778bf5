"""A press that arrives twice is one press: a double click, a phone that sends again."""

from collections.abc import Callable, Mapping
from hashlib import sha256

import msgspec
from django.db import transaction

from gongzhi.core import db


def once(
    *, session_id: int, verb: str, by: int, key: str, asked: Mapping[str, str],
    do: Callable[[], object],
) -> bool:  # fmt: skip
    """Do it unless the same person asked the same under this `key` before; whether it was done.

    A refusal leaves nothing behind, so that it may be tried again. `asked` is what the form held:
    a form gone back to and filled in otherwise is another one, whatever its key. A second press
    that comes while the first still works waits for it.
    """
    if not key:
        do()
        return True
    of = msgspec.json.encode([session_id, verb, by, key, sorted(asked.items())])
    digest = sha256(of).hexdigest()
    with transaction.atomic():
        new = db.run(
            "insert into core_once (key, request_hash, answer) values (%s, %s, %s::bigint)"
            " on conflict do nothing",
            (f"session:{digest}", digest, session_id),
        )
        if new:
            do()
    return bool(new)
