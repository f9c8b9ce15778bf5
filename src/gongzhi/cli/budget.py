"""`gongzhi budget FILE.pb`: divide a budget by the ballots of a Pabulib file. No database."""

import argparse
import json
from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

from gongzhi.cli import say
from gongzhi.deliberation.budgets.allocation import pb, report
from gongzhi.deliberation.budgets.allocation.completion import (
    COMPLETIONS,
    RULES,
    UTILITIES,
    allocate,
)
from gongzhi.deliberation.budgets.allocation.election import APPROVALS, Election


def main(argv: Sequence[str]) -> int:
    """Print the winners as a table or as JSON; Trouble for a file that cannot be read."""
    options = _parser().parse_args(list(argv))
    election = _election(options.file)
    outcome = allocate(election, options.rule, options.completion, options.utility)
    found = report.as_data(election, outcome)
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _table(found)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gongzhi budget", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE.pb")
    parser.add_argument("--rule", choices=RULES, default="equal-shares")
    parser.add_argument("--completion", choices=COMPLETIONS, default="none")
    parser.add_argument("--utility", choices=UTILITIES, default="cost")
    parser.add_argument("--json", action="store_true")
    return parser


def _election(path: Path) -> Election:
    try:
        election = pb.read(pb.decode(path.read_bytes()))
    except OSError as error:
        raise say.Trouble(f"打不开“{path}”。", f"Cannot open {path}: {error.strerror}") from error
    except pb.Malformed as error:
        raise say.Trouble(f"{path.name}{error.words}", f"{path.name}: {error.en}") from error
    if election.vote_type not in APPROVALS:
        kind = election.vote_type
        raise say.Trouble(
            f"{path.name}的投票方式是“{kind}”；这里只按赞成票（approval、choose-1）分配。",
            f"{path.name} holds {kind} votes; only approvals (approval, choose-1) are allocated.",
        )
    return election


def _table(found: dict[str, Any]) -> None:
    spent, left, budget = (_yuan(found[key]) for key in ("spent_fen", "left_fen", "budget_fen"))
    say.say(
        f"{found['voters']}票，总额{budget}元：选中{len(found['winners'])}个，"
        f"用{spent}元，余{left}元。",
        f"{found['voters']} ballots, budget {budget}: {len(found['winners'])} funded for {spent},"
        f" {left} left.",
    )
    for project in found["projects"]:
        if project["order"] is not None:
            name = f"{project['id']} {project['name']}".strip()
            print(f"{project['order']:>4}  {_yuan(project['cost_fen']):>16}  {name}")
            _why(project)


def _why(project: dict[str, Any]) -> None:
    many, paid = project["supporters"], project["paid"]
    if paid is None:
        say.say(f"      {many}票支持", f"      supported by {many}")
        return
    less = paid["less"]["voters"] if paid["less"] else 0
    each = _yuan(paid["each_fen_at_most"])
    say.say(
        f"      {many}票支持，每票最多出{each}元" + (f"；其中{less}票出尽余额" if less else ""),
        f"      supported by {many}, each paid up to {each}"
        + (f"; {less} gave all they had left" if less else ""),
    )


def _yuan(fen: int | str) -> str:
    """An amount with two digits, parts of a fen rounded up."""
    whole = ceil(Fraction(fen))
    return f"{whole // 100:,}.{whole % 100:02d}"
