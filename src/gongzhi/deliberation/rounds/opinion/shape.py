"""The picture as plain values, ready for JSON. Documented in docs/explanation/opinion.md."""

from collections.abc import Mapping

from gongzhi.deliberation.rounds.opinion.analysis import Opinion
from gongzhi.deliberation.rounds.opinion.consensus import Named, Tally

FORMAT = "gongzhi-opinion/1"


def plain(opinion: Opinion, texts: Mapping[str, str] | None = None) -> dict[str, object]:
    """Everything a reader may want, under stable names."""
    votes, words = opinion.votes, texts or {}
    marks = votes.matrix == votes.matrix
    return {
        "format": FORMAT,
        "voters": len(votes.voters),
        "counted": int(votes.came_in.sum()),
        "statements": len(votes.statements),
        "votes": int(marks.sum()),
        "changed": votes.changed,
        "moderated_out": [s for s, gone in zip(votes.statements, opinion.out, strict=True) if gone],
        "placed_nobody": [
            s for s, idle in zip(votes.statements, opinion.idle, strict=True) if idle
        ],
        "k": opinion.grouping.k,
        "silhouettes": {str(k): _round(v) for k, v in opinion.grouping.silhouettes.items()},
        "sizes": opinion.sizes,
        "groups": {
            voter: int(label) if label >= 0 else None
            for voter, label in zip(votes.voters, opinion.labels, strict=True)
        },
        "points": {
            voter: [_round(x), _round(y)]
            for voter, (x, y) in zip(votes.voters, opinion.points.tolist(), strict=True)
        },
        "consensus": {
            "agree": [_named(opinion, named, words) for named in opinion.agreed],
            "disagree": [_named(opinion, named, words) for named in opinion.rejected],
        },
        "group_statements": {
            str(at): [_named(opinion, named, words) for named in apart]
            for at, apart in enumerate(opinion.apart)
        },
        "scores": {
            statement: _scores(opinion, at, words) for at, statement in enumerate(votes.statements)
        },
    }


def _named(opinion: Opinion, named: Named, words: Mapping[str, str]) -> dict[str, object]:
    statement = opinion.votes.statements[named.column]
    told: dict[str, object] = {
        "statement": statement,
        "side": "agree" if named.agree else "disagree",
        "share": _round(named.share),
        "test": _round(named.test),
    }
    if named.differs:
        told |= {"times": _round(named.times), "difference_test": _round(named.differs)}
    return told | ({"text": words[statement]} if statement in words else {})


def _scores(opinion: Opinion, at: int, words: Mapping[str, str]) -> dict[str, object]:
    statement = opinion.votes.statements[at]
    bridge = float(opinion.bridge[at])
    return {
        **_counts(opinion.everyone, at),
        "group_aware": _round(opinion.group_aware[at]),
        "group_aware_against": _round(opinion.group_aware_against[at]),
        "bridging": _round(bridge) if bridge == bridge else None,
        "priority": _round(opinion.priority[at]),
        "by_group": [_counts(group, at) for group in opinion.by_group],
        **({"text": words[statement]} if statement in words else {}),
    }


def _counts(tally: Tally, at: int) -> dict[str, object]:
    agree, disagree, seen = (int(part[at]) for part in (tally.agree, tally.disagree, tally.seen))
    return {"agree": agree, "disagree": disagree, "pass": seen - agree - disagree, "seen": seen}


def _round(number: object) -> float:
    return round(float(number), 6) + 0.0  # type: ignore[arg-type]
