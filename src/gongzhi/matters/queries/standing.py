"""Work that waits for somebody at another rung than the one that holds it.

A playbook may let an office stand in for a rung without one of its own (the community files what
a grid reports), or fix a role to a level. Their inboxes hold such matters too.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from gongzhi.people.permissions import Viewer
from gongzhi.places import queries as places
from gongzhi.places.models import PlaybookVersion
from gongzhi.playbooks.moves import Step
from gongzhi.playbooks.schema import Playbook, Stage

Waits = tuple[str, str, str]  # stage, level, step


def elsewhere(viewer: Viewer) -> tuple[str, list[Any]]:
    """A condition for matters that wait for the viewer's posts from another rung. One query."""
    parts, params = ["false"], []
    digests = list(PlaybookVersion.objects.values_list("digest", flat=True))
    for post in viewer.posts:
        by_rung: dict[int, list[tuple[str, str, str, str]]] = {}
        for digest in digests:
            for rung, waits in _offices(digest, post.role):
                by_rung.setdefault(rung, []).append((digest, *waits))
        for rung, found in sorted(by_rung.items()):
            parts.append(
                "((m.version_id, m.stage, m.level, m.step) in (select * from"
                " unnest(%s::text[], %s::text[], %s::text[], %s::text[]))"
                f" and (m.ladder->>{rung:d})::bigint = %s::bigint)"
            )
            params += [*map(list, zip(*found, strict=True)), post.place_id]
    return f"({' or '.join(parts)})", params


@lru_cache(maxsize=512)
def _offices(digest: str, code: str) -> tuple[tuple[int, Waits], ...]:
    """For a role people are appointed to: where its office is, and what waits for it there."""
    playbook = places.playbook(digest)
    return tuple(
        (playbook.level_index(office), (stage.id, level.id, step))
        for stage in playbook.stages
        for level in playbook.levels
        for office, step in _waiting(playbook, stage, level.id, code)
        if office != level.id
    )


def _waiting(playbook: Playbook, stage: Stage, level: str, code: str) -> Iterator[tuple[str, str]]:
    joint = stage.gate.kind == "joint"
    turns = [(role, Step.DISPATCHING if joint else Step.NONE) for role in stage.gate.by]
    turns += [(role, Step.VERIFYING) for role in stage.gate.verify_by]
    for role_id, step in turns:
        role = playbook.role(role_id)
        if not role.special and code in role.holders:
            for office in playbook.held_at(role_id, level):
                yield office, step.value
