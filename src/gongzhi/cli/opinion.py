"""`gongzhi opinion`: groups and common ground of anyone's votes. No database.

    gongzhi opinion VOTES.csv [--json] [--k N] [--statements COMMENTS.csv] [--out 3,7]

VOTES.csv has the columns voter, statement, vote (1, 0, -1) and, if known, time; or is an export of
Polis. docs/explanation/opinion.md says what is calculated and what the JSON holds.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gongzhi.cli import say
from gongzhi.core.errors import BadInput

if TYPE_CHECKING:
    from gongzhi.deliberation.rounds.opinion.analysis import Opinion
    from gongzhi.deliberation.rounds.opinion.consensus import Named


def main(argv: list[str]) -> int:
    """Read, calculate, print."""
    asked = _asked(argv)
    # One thread is enough for a village, and threads of the linear algebra cost memory each.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from gongzhi.deliberation.rounds.opinion import analyse, collect, table

    try:
        held = table.read(asked.votes, asked.statements)
    except BadInput as error:
        words = f"{error.words}{error.todo}"
        raise say.Trouble(words, f"{asked.votes}: {words}") from error
    out = held.out
    if asked.out:
        out = (out or set()) | {name.strip() for name in asked.out.split(",") if name.strip()}
    votes = collect(held.voters, held.statements, held.values, held.times)
    opinion = analyse(votes, out=out, k=asked.k)
    _print(opinion, held.texts, as_json=asked.json)
    return 0


def _asked(argv: list[str]) -> argparse.Namespace:
    parse = argparse.ArgumentParser(prog="gongzhi opinion", description=say.words(*_ABOUT))
    parse.add_argument("votes", type=Path, help="VOTES.csv")
    parse.add_argument("--json", action="store_true", help=say.words("输出JSON", "print JSON"))
    parse.add_argument("--k", type=int, choices=range(1, 6), help=say.words("分成几组", "groups"))
    parse.add_argument("--statements", type=Path, help=say.words("观点表", "list of statements"))
    parse.add_argument("--out", default="", help=say.words("不公开的观点", "moderated away"))
    return parse.parse_args(argv)


_ABOUT = (
    "把同意、不同意、不确定算成意见分组和共同看法。",
    "Turn agree, disagree and pass into groups of opinion and common ground.",
)


def _print(opinion: "Opinion", texts: dict[str, str], *, as_json: bool) -> None:
    from gongzhi.deliberation.rounds.opinion import shape

    try:
        if as_json:
            print(json.dumps(shape.plain(opinion, texts), ensure_ascii=False))
        else:
            _tell(opinion, texts)
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - lives as long as the process


def _tell(opinion: "Opinion", texts: dict[str, str]) -> None:
    votes = opinion.votes
    say.say(
        f"{len(votes.voters)}人对{len(votes.statements)}条观点表过态，改过{votes.changed}次。"
        f"其中{int(votes.came_in.sum())}人表态够多，算进分组。",
        f"{len(votes.voters)} people voted on {len(votes.statements)} statements and changed"
        f" {votes.changed} votes. {int(votes.came_in.sum())} voted enough to be grouped.",
    )
    named = "、".join(f"{_letter(at)}组{size}人" for at, size in enumerate(opinion.sizes))
    plain = ", ".join(f"{_letter(at)} {size}" for at, size in enumerate(opinion.sizes))
    say.say(f"分成{opinion.grouping.k}组：{named}。", f"{opinion.grouping.k} groups: {plain}.")
    _list(opinion, texts, opinion.agreed, "大家都同意：", "Most agree:")
    _list(opinion, texts, opinion.rejected, "大家都不同意：", "Most disagree:")
    for at, apart in enumerate(opinion.apart):
        letter = _letter(at)
        _list(opinion, texts, apart, f"{letter}组与别组不同：", f"Group {letter} differs:")


def _list(
    opinion: "Opinion", texts: dict[str, str], names: "list[Named]", zh: str, en: str
) -> None:
    if not names:
        return
    say.say(f"\n{zh}", f"\n{en}")
    for named in names:
        number = opinion.votes.statements[named.column]
        side = say.words(*(("同意", "agree") if named.agree else ("不同意", "disagree")))
        print(f"  {named.share:4.0%} {side}  [{number}] {texts.get(number, '')}".rstrip())


def _letter(at: int) -> str:
    return "ABCDE"[at]
