"""Money bugs planted one at a time into copies of the mall's rules and files; who notices?

    python -m mutations.mall        (in tests/, with src on the path)

Prints caught, survived or equivalent for each; fails where one survives that is no equivalent.
"""

import importlib.util
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from gongzhi import mall as package
from mall import quick_clearing

HERE = Path(package.__file__).parent


class Bug(NamedTuple):
    """One slip: in which file, what stands there, what is written instead, why none can see it."""

    file: str
    name: str
    old: str
    new: str
    equal: str = ""


BUGS = (
    Bug("rules", "points may pay a little more than their share",
        "return price_fen * percent // (100 * rate_fen)",
        "return price_fen * percent // (100 * rate_fen) + 1"),
    Bug("rules", "the share is of the price before the rate",
        "price_fen * percent // (100 * rate_fen)", "price_fen * percent // 100"),
    Bug("rules", "a fee is taken on a refund", "return max(gross_fen, 0) *",
        "return abs(gross_fen) *"),
    Bug("rules", "the fee is per thousand", "basis_points // 10_000", "basis_points // 1_000"),
    Bug("rules", "an undone sale is paid without its refund", " + undone\n", "\n"),
    Bug("rules", "a statement takes the newest rate", "rows = sorted(lines, key=lambda line: (",
        "rows = sorted(lines, key=lambda line: (-"),
    Bug("rules", "a statement of nothing", "if sum(line.fen for line in found) > 0 and",
        "if sum(line.fen for line in found) >= 0 and"),
    Bug("rules", "a statement with no points left",
        "and sum(line.points for line in found) > 0:", "and True:"),
    Bug("rules", "who comes later is paid in another's stead",
        "left = left - amount if fits else 0", "left = left - amount if fits else left"),
    Bug("rules", "a part of a holder's claims is paid",
        "amount = sum(c.amount_fen for c in of)", "amount = of[0].amount_fen"),
    Bug("rules", "the fund is overdrawn by a fen", "fits = amount <= left",
        "fits = amount <= left + 1"),
    Bug("rules", "the bank waits behind the shop", "not any(c.financed for c in of)",
        "any(c.financed for c in of)"),
    Bug("rules", "the newest claim goes first", "min(c.due_on for c in of)",
        "max(c.due_on for c in of)"),
    Bug("rules", "a split makes money", "if sum(wanted) != face_fen:",
        "if sum(wanted) < face_fen:"),
    Bug("rules", "a split loses money", "if sum(wanted) != face_fen:",
        "if sum(wanted) > face_fen:"),
    Bug("rules", "a part below nothing", "part <= 0 for part in wanted",
        "part == 0 for part in wanted"),
    Bug("rules", "a term longer than a year", "if due_on > later(on, most_months):",
        "if due_on > later(on, most_months + 1):"),
    Bug("rules", "a long term without a reason", "len(why.strip()) < 4", "False"),
    Bug("rules", "a mall stretches its own terms", "if not 1 <= value <= most[name]:",
        "if not 1 <= value:"),
    Bug("rules", "claims of a holder in another order",
        "of = sorted(held[holder], key=lambda c: (c.due_on, c.id))", "of = held[holder]",
        equal="he is paid whole or not at all: the order of his own claims moves no money"),
    Bug("exchange", "half a yuan is five fen", 'rest.ljust(2, "0")', 'rest.rjust(2, "0")'),
    Bug("exchange", "yuan without the fen", "{fen // 100}.{fen % 100:02d}",
        "{fen // 100}.{fen % 10:02d}"),
    Bug("exchange", "a payment without the bank's number",
        "if row[4] != FAILED and not row[5]:", "if False:"),
    Bug("exchange", "what failed is taken as paid", "row[4] == PAID, row[5], row[6],",
        "True, row[5], row[6],"),
    Bug("exchange", "what came back is not seen to", "row[4] == RETURNED,", "False,"),
    Bug("exchange", "amounts below nothing are read", "whole.isascii() and whole.isdigit()",
        'whole.lstrip("-").isdigit()'),
    Bug("exchange", "a third digit after the point is dropped", "and len(rest) <= 2)", ")"),
)  # fmt: skip


def planted(bug: Bug, folder: Path) -> ModuleType:
    """A copy of the module with the bug in it."""
    text = (HERE / f"{bug.file}.py").read_text("utf-8")
    if text.count(bug.old) != 1:
        raise LookupError(f"{bug.name}: stands {text.count(bug.old)} times in {bug.file}")
    path = folder / f"{bug.file}.py"
    path.write_text(text.replace(bug.old, bug.new), "utf-8")
    spec = importlib.util.spec_from_file_location(f"planted_{bug.file}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


def caught(bug: Bug) -> bool:
    """Whether the quick tests notice."""
    tests = quick_clearing.OF_RULES if bug.file == "rules" else quick_clearing.OF_EXCHANGE
    with tempfile.TemporaryDirectory() as folder:
        module = planted(bug, Path(folder))
        for test in tests:
            try:
                test(module)
            except Exception:  # a crash is noticed as well
                return True
    return False


def main() -> int:
    """How many survived that should not have."""
    survived = 0
    for bug in BUGS:
        found = caught(bug)
        word = "caught" if found else ("equivalent" if bug.equal else "SURVIVED")
        survived += word == "SURVIVED"
        print(f"{word:10} {bug.file:9} {bug.name}{f' ({bug.equal})' if bug.equal else ''}")
    print(f"{len(BUGS)} planted, {survived} survived")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
