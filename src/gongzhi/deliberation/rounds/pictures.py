"""From the votes of a round to its picture: while it runs, and once for all when it closes."""

import secrets
from datetime import datetime
from typing import Any

import numpy as np

from gongzhi.core import db
from gongzhi.deliberation.rounds import rules
from gongzhi.deliberation.rounds.models import Picture, Round, Statement
from gongzhi.deliberation.rounds.opinion import (
    Calm,
    Opinion,
    Votes,
    analyse,
    collect,
    groups,
    shape,
)
from gongzhi.deliberation.rounds.opinion.votes import Ints, enough

_TRIES = 16  # orders of the published rows tried, to stay near the picture people saw

_VOTES = """
select v.person_id, s.number, v.value, extract(epoch from v.at)::float8
from rounds_vote v join rounds_statement s on s.id = v.statement_id
where v.round_id = %s::bigint order by v.id
"""


def current(round_id: int, at: datetime) -> None:
    """Calculate the picture of a running round anew and remember what keeps it steady."""
    last = Picture.objects.filter(round_id=round_id).first()
    opinion, newest, calm = _live(round_id, last)
    known = [int(label) for label in opinion.labels]
    with db.atomic():
        running = Round.objects.select_for_update(no_key=True).get(pk=round_id)
        if running.state != Round.State.OPEN:
            return  # closed meanwhile: the final picture stands
        Picture.objects.update_or_create(
            round_id=round_id,
            defaults={
                "at": at, "counted_to": newest, "result": told(opinion, round_id),
                "calm": {"k": calm.k, "challenger": calm.challenger, "wins": calm.wins},
                "groups": known,
            },
        )  # fmt: skip
        _prioritise(round_id, opinion)


def final(round_id: int, at: datetime) -> Picture:
    """The last picture, from the very file that is published, so that anybody can repeat it.

    Rows carry random numbers; a group of fewer than five people is left out of the file, and of
    fewer than five people in all nothing is said.
    """
    last = Picture.objects.filter(round_id=round_id).first()
    opinion, newest, calm = _live(round_id, last)
    kept, k = _kept(opinion.labels, list(range(len(opinion.labels))), calm.k)
    result: dict[str, Any] = {"too_few": True, "people": len(opinion.votes.voters)}
    matrix: dict[str, Any] | None = None
    while len(kept) >= rules.FEWEST:
        order, again = _renumbered(opinion, kept, k, _away(round_id))
        left, k = _kept(again.labels, order, k)
        if len(left) == len(kept):
            result = told(again, round_id) | {"withheld": len(opinion.labels) - len(kept)}
            matrix = _file(again)
            break
        kept = left
    made, _ = Picture.objects.update_or_create(
        round_id=round_id,
        defaults={
            "at": at, "counted_to": newest, "result": result, "matrix": matrix, "groups": [],
            "calm": {}, "final": True,
        },
    )  # fmt: skip
    return made


def _live(round_id: int, last: Picture | None) -> tuple[Opinion, datetime | None, Calm]:
    # First the hour, then the votes: one that comes between is only counted once more.
    newest = db.rows("select max(at) from rounds_vote where round_id = %s::bigint", (round_id,))
    rows = db.rows(_VOTES, (round_id,))
    # Names of voters stay here: they are numbered as they came.
    came: dict[int, str] = {}
    voters = [came.setdefault(row[0], str(len(came))) for row in rows]
    votes = collect(
        voters, [str(row[1]) for row in rows], [row[2] for row in rows], [row[3] for row in rows]
    )
    held = last.groups if last else []
    before = {str(at): label for at, label in enumerate(held) if label >= 0}
    calm = Calm(**last.calm) if last and last.calm else Calm()
    opinion = analyse(votes, out=_away(round_id), calm=calm, before=before)
    return opinion, newest[0][0], calm.after(opinion.grouping.best) if rows else calm


def _away(round_id: int) -> set[str]:
    away = Statement.objects.filter(round_id=round_id).exclude(state=Statement.State.IN)
    return {str(number) for number in away.values_list("number", flat=True)}


def told(opinion: Opinion, round_id: int) -> dict[str, Any]:
    """The picture without anybody in it: clouds instead of points, counts of groups of five up."""
    texts = Statement.objects.filter(round_id=round_id).values_list("number", "text")
    plain = shape.plain(opinion, {str(number): words for number, words in texts})
    for personal in ("groups", "points"):
        del plain[personal]
    plain["clouds"] = [_cloud(opinion, at) for at in range(opinion.grouping.k)]
    small = {at for at, size in enumerate(opinion.sizes) if size < rules.FEWEST}
    plain["sizes"] = [None if at in small else size for at, size in enumerate(opinion.sizes)]
    for at in small:
        plain["group_statements"][str(at)] = []  # type: ignore[index]
    for scores in plain["scores"].values():  # type: ignore[attr-defined]
        scores["by_group"] = [
            None if at in small else counts for at, counts in enumerate(scores["by_group"])
        ]
    return plain


def _cloud(opinion: Opinion, at: int) -> dict[str, float]:
    """Where a group lies and how far it spreads, rounded: no person can be read from it."""
    points = opinion.points[opinion.labels == at]
    middle = points.mean(axis=0)
    spread = float(np.sqrt(((points - middle) ** 2).sum(axis=1).mean()))
    return {"x": round(float(middle[0]), 2), "y": round(float(middle[1]), 2), "r": round(spread, 2)}


def _kept(labels: Ints, rows: list[int], k: int) -> tuple[list[int], int]:
    """Those of the rows in no group of fewer than five people; how many groups then remain."""
    sizes = np.bincount(labels[labels >= 0], minlength=1)
    left = [
        row
        for row, label in zip(rows, labels.tolist(), strict=True)
        if label < 0 or sizes[label] >= rules.FEWEST
    ]
    return left, max(1, k - int((sizes < rules.FEWEST).sum()))


def _renumbered(
    opinion: Opinion, kept: list[int], k: int, away: set[str]
) -> tuple[list[int], Opinion]:
    """The rows in an order by chance, and the picture calculated from just these.

    The order decides a little where groups begin: of several the one nearest to what people saw.
    """
    chance = secrets.SystemRandom()
    best: tuple[float, list[int], Opinion] | None = None
    for _ in range(_TRIES):
        order = chance.sample(kept, len(kept))
        matrix = opinion.votes.matrix[order]
        names = tuple(str(number) for number in range(1, len(order) + 1))
        votes = Votes(names, opinion.votes.statements, matrix, enough(matrix), 0)
        again = analyse(votes, out=away, k=k)
        same = groups.agreement(again.labels, opinion.labels[order])
        if best is None or same > best[0]:
            best = (same, order, again)
        if same == 1:
            break
    assert best is not None
    return best[1], best[2]


def _file(opinion: Opinion) -> dict[str, Any]:
    """Rows as published: a number by chance, then the votes, None where there is none."""
    votes = opinion.votes
    marks = np.where(np.isnan(votes.matrix), 9, votes.matrix).astype(int).tolist()
    return {
        "statements": list(votes.statements),
        "k": opinion.grouping.k,
        "rows": [
            [int(name), *(None if mark == 9 else mark for mark in row)]
            for name, row in zip(votes.voters, marks, strict=True)
        ],
    }


def _prioritise(round_id: int, opinion: Opinion) -> None:
    """What is asked next follows the picture; what nobody has seen keeps its first chance."""
    pairs = [
        (int(name), max(float(value), 0.01))
        for name, value in zip(opinion.votes.statements, opinion.priority, strict=True)
        if value > 0
    ]
    db.run(
        "update rounds_statement s set priority = n.value from"
        " unnest(%s::int[], %s::float8[]) n(number, value)"
        " where s.round_id = %s::bigint and s.number = n.number",
        ([number for number, _ in pairs], [value for _, value in pairs], round_id),
    )
