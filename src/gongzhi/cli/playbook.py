"""`gongzhi playbook …`: make, check, explain, walk, simulate and compare playbooks."""

import argparse
import importlib
import importlib.util
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

from gongzhi.cli import playbook_walk
from gongzhi.cli.say import Trouble, words
from gongzhi.playbooks import (
    bpmn,
    compare,
    explain,
    load,
    picture,
    reference,
    scenarios,
    simulate,
    simulate_report,
)
from gongzhi.playbooks.problems import Broken
from gongzhi.playbooks.schema import Playbook

_MIGRATE = "gongzhi.cli.playbook_migrate"  # needs the database, so it lives apart


def main(argv: list[str]) -> int:
    """Run one verb of the group; the exit code is 1 when a playbook is not in order."""
    if argv[:1] == ["migrate"] and importlib.util.find_spec(_MIGRATE) is not None:
        return int(importlib.import_module(_MIGRATE).main(argv[1:]))
    options = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except Broken as broken:
        print("\n".join(map(str, broken.problems)), file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gongzhi playbook", description=words("治理方案", "Playbooks")
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    _new(
        verbs.add_parser("new", help=words("新建一份，从现有的抄", "make one from an existing one"))
    )
    _check(
        verbs.add_parser(
            "check", help=words("检查，并跑一遍情景", "check it and run its scenarios")
        )
    )
    _explain(verbs.add_parser("explain", help=words("用大白话讲一遍", "tell it in plain words")))
    _play(verbs.add_parser("play", help=words("走一遍", "walk through it")))
    _simulate(verbs.add_parser("simulate", help=words("模拟一段时间", "simulate some months")))
    _diff(verbs.add_parser("diff", help=words("比较两个版本", "compare two versions")))
    _schema(verbs.add_parser("schema", help=words("打印 JSON Schema", "print the JSON Schema")))
    return parser


def found(name: str) -> Path:
    """The folder meant: a path, or the id of a playbook that is known."""
    if (Path(name) / "playbook.toml").is_file():
        return Path(name)
    known = {folder.name: folder for folder in load.folders()}
    if name not in known:
        there = "、".join(known)
        raise Trouble(
            f"没有叫“{name}”的治理方案。现有：{there}", f"No playbook {name}. There are: {there}"
        )
    return known[name]


def _language() -> str:
    return words("zh-Hans", "en")


def _write(file: str | None, text: str) -> bool:
    if file is None:
        return False
    Path(file).write_text(text, "utf-8")
    print(file)
    return True


def _new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument(
        "--like", default="xuyi", help=words("照哪一份抄", "which one to start from")
    )
    parser.add_argument(
        "--into", default=".", help=words("放在哪个文件夹", "the folder to put it in")
    )

    def run(options: argparse.Namespace) -> int:
        source, target = found(options.like), Path(options.into) / options.id
        if target.exists():
            raise Trouble(f"{target} 已经有了。", f"{target} is already there.")
        shutil.copytree(source, target)
        file = target / "playbook.toml"
        text = file.read_text("utf-8").replace(f'id = "{source.name}"', f'id = "{options.id}"', 1)
        kept = [line for line in text.splitlines() if not line.startswith(("case =", "#:schema"))]
        file.write_text("\n".join(kept) + "\n", "utf-8")
        load.load(target)
        then = f"gongzhi playbook check {target}"
        print(words(f"建好了，改好以后运行：{then}", f"Made. Edit it, then run: {then}"))
        return 0

    parser.set_defaults(run=run)


def _check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "playbooks",
        nargs="*",
        help=words("文件夹或编号；不写就查全部", "folders or ids; all if none"),
    )

    def run(options: argparse.Namespace) -> int:
        folders = [found(name) for name in options.playbooks] or load.folders()
        return max([_check_one(folder) for folder in folders], default=0)

    parser.set_defaults(run=run)


def _check_one(folder: Path) -> int:
    try:
        playbook = load.load(folder)
        told = [(file, scenarios.read(file)) for file in scenarios.files(folder)]
    except Broken as broken:
        print(f"✗ {folder}", *broken.problems, sep="\n")
        return 1
    wrong = [(file, m) for file, told_of in told for m in scenarios.run(playbook, told_of)]
    for file, mismatch in wrong:
        print(f"✗ {file}\n{mismatch}")
    if not wrong:
        zh, en = f"没有错，{len(told)} 个情景都对", f"no slips, {len(told)} scenarios hold"
        print(f"✓ {folder}: {words(zh, en)} ({playbook.digest[:12]})")
    return 1 if wrong else 0


def _explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("playbook")
    parser.add_argument("--lang", default=_language())
    for kind in ("html", "svg", "bpmn"):
        parser.add_argument(f"--{kind}", metavar="FILE")

    def run(options: argparse.Namespace) -> int:
        playbook, language = load.load(found(options.playbook)), options.lang
        wrote = [
            _write(options.html, explain.html(playbook, language)),
            _write(options.svg, picture.svg(playbook, language)),
            _write(options.bpmn, bpmn.export(playbook, language)),
        ]
        if not any(wrote):
            print(explain.text(playbook, language))
        return 0

    parser.set_defaults(run=run)


def _play(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("playbook")
    parser.add_argument("--script", metavar="FILE", help=words("照情景文件走", "a scenario file"))

    def run(options: argparse.Namespace) -> int:
        playbook = load.load(found(options.playbook))
        if options.script:
            return playbook_walk.scripted(
                playbook, scenarios.read(Path(options.script)), _language()
            )
        return playbook_walk.interactive(playbook, _language())

    parser.set_defaults(run=run)


def _staff(text: str) -> tuple[str, int]:
    name, _, value = text.partition("=")
    if not name or not value.isdecimal() or int(value) < 1:
        raise argparse.ArgumentTypeError(words("写成 层级=人数", "write LEVEL=PEOPLE"))
    return name, int(value)


def _able(text: str) -> tuple[str, Fraction]:
    name, _, value = text.partition("=")
    above, _, below = value.partition("/")
    if (
        not name
        or not above.isdecimal()
        or not below.isdecimal()
        or not 0 <= int(above) <= int(below)
    ):
        raise argparse.ArgumentTypeError(words("写成 层级=2/5", "write LEVEL=2/5"))
    return name, Fraction(int(above), max(1, int(below)))


def _simulate(parser: argparse.ArgumentParser) -> None:
    usual = simulate.Setting()
    parser.add_argument("playbook")
    parser.add_argument("--per-day", type=float, default=usual.per_day)
    parser.add_argument("--days", type=int, default=usual.days)
    parser.add_argument("--hours", type=float, default=usual.handle_hours)
    parser.add_argument("--answer", type=float, default=usual.answer)
    parser.add_argument("--content", type=float, default=usual.content)
    parser.add_argument("--staff", type=_staff, action="append", default=[], metavar="LEVEL=N")
    parser.add_argument("--able", type=_able, action="append", default=[], metavar="LEVEL=2/5")
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--svg", metavar="FILE")

    def run(options: argparse.Namespace) -> int:
        playbook = load.load(found(options.playbook))
        _known_levels(playbook, [name for name, _ in (*options.staff, *options.able)])
        setting = simulate.Setting(
            per_day=options.per_day,
            days=options.days,
            handle_hours=options.hours,
            answer=options.answer,
            content=options.content,
            staff=dict(options.staff),
            able=dict(options.able),
            seed=options.seed,
        )
        made = simulate.Simulation(playbook, setting)
        made.run()
        told = simulate_report.report(made, _language())
        print(simulate_report.table(playbook, told, _language()))
        if options.svg:
            _write(options.svg, simulate_report.picture(playbook, told, _language()))
        return 0

    parser.set_defaults(run=run)


def _known_levels(playbook: Playbook, names: Sequence[str]) -> None:
    known = [level.id for level in playbook.levels]
    for name in names:
        if name not in known:
            there = "、".join(known)
            raise Trouble(
                f"没有叫“{name}”的层级。现有：{there}", f"No level {name}. There are: {there}"
            )


def _diff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old")
    parser.add_argument("new")

    def run(options: argparse.Namespace) -> int:
        old, new = load.load(found(options.old)), load.load(found(options.new))
        for change in compare.changes(old, new):
            print(f"· {change.text()}")
        return 0

    parser.set_defaults(run=run)


def _schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keys", action="store_true", help=words("打印各项说明", "print the keys"))

    def run(options: argparse.Namespace) -> int:
        if options.keys:
            print(reference.keys())
            return 0
        print(json.dumps(reference.json_schema(), ensure_ascii=False, indent=2))
        return 0

    parser.set_defaults(run=run)
