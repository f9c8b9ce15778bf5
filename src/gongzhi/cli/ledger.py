"""`gongzhi ledger`: trial-balance, statement, export, audit, open, undo-opening."""

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from gongzhi.cli import say


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        raise say.Trouble(
            "用法：gongzhi ledger trial-balance [--unit 单位] | statement 账户 |"
            " export --beancount|--hledger [文件] | audit |"
            " open 文件 --place 代码 --by 手机号 [--second 手机号 | --check] |"
            f" open-template 文件 | undo-opening 编号 --by 手机号 --why 原因（{message}）",
            "Usage: gongzhi ledger trial-balance [--unit UNIT] | statement ACCOUNT |"
            " export --beancount|--hledger [FILE] | audit |"
            " open FILE --place CODE --by PHONE [--second PHONE | --check] |"
            f" open-template FILE | undo-opening NUMBER --by PHONE --why WORDS ({message})",
        )


def main(argv: list[str]) -> int:
    """Run one of them; 1 when the audit finds something."""
    from gongzhi.cli import ledger_open
    from gongzhi.core.errors import Refused
    from gongzhi.ledger import rules

    parser = _Parser(prog="gongzhi ledger", add_help=False)
    kinds = parser.add_subparsers(dest="what", required=True)
    trial = kinds.add_parser("trial-balance", add_help=False)
    trial.add_argument("--unit", choices=sorted(rules.UNITS))
    statement = kinds.add_parser("statement", add_help=False)
    statement.add_argument("account", type=int)
    export = kinds.add_parser("export", add_help=False)
    form = export.add_mutually_exclusive_group(required=True)
    form.add_argument("--beancount", action="store_true")
    form.add_argument("--hledger", action="store_true")
    export.add_argument("file", type=Path, nargs="?")
    kinds.add_parser("audit", add_help=False)
    ledger_open.arguments(kinds)
    asked = parser.parse_args(argv)
    try:
        if asked.what in ledger_open.VERBS:
            return ledger_open.run(asked)
        if asked.what == "trial-balance":
            return _trial([asked.unit] if asked.unit else sorted(rules.UNITS))
        if asked.what == "statement":
            return _statement(asked.account)
        return audit() if asked.what == "audit" else _export(asked.beancount, asked.file)
    except Refused as refused:
        said = f"{refused.words}{refused.todo}"
        raise say.Trouble(said, said) from None


def audit() -> int:
    """Replay the books; each fault on a line. 1 when there is one."""
    from gongzhi.ledger import queries

    faults = list(queries.audit())
    for kind, words in faults:
        print(f"{kind}: {words}", flush=True)
    if faults:
        say.say(f"账目有 {len(faults)} 处不符。", f"The books have {len(faults)} faults.")
        return 1
    say.say("账目相符。", "The books are whole.")
    return 0


def _trial(units: list[str]) -> int:
    from gongzhi.ledger import queries, rules

    for unit in units:
        total = 0
        for row in queries.trial_balance(unit):
            total += row["balance"]
            came, went, balance = (rules.written(unit, row[k]) for k in ("came", "went", "balance"))
            print(f"{unit:8}{row['kind']:10}{row['accounts']:8}{came:>16}{went:>16}{balance:>16}")
        print(f"{unit:8}{'=':10}{'':8}{'':16}{'':16}{rules.written(unit, total):>16}")
    return 0


def _statement(account: int) -> int:
    from gongzhi.ledger import queries

    queries.balance(account)
    page = 0
    while True:
        shown = queries.statement(account, page)
        for line in shown.lines:
            print(f"{line.dated} {line.id:>10} {line.code:10}{line.amount:>14}{line.balance:>14}"
                  f"  {line.evidence}")  # fmt: skip
        page = shown.before
        if not page:
            return 0


def _export(bean: bool, file: Path | None) -> int:
    from gongzhi.ledger import export

    lines = export.beancount() if bean else export.hledger()
    if file is None:
        sys.stdout.writelines(lines)
        return 0
    try:
        with file.open("w", encoding="utf-8") as out:
            out.writelines(lines)
    except OSError as error:
        raise say.Trouble(f"写不了文件 {file}：{error.strerror}。",
                          f"Cannot write {file}: {error.strerror}.") from error  # fmt: skip
    return 0
