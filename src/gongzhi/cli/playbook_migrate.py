"""`gongzhi playbook migrate`: running matters to another version. Only shown unless `--apply`."""

import argparse
import os
from collections.abc import Sequence
from datetime import UTC, datetime

from gongzhi.cli.folder import Folder
from gongzhi.cli.say import Trouble, words


def main(argv: list[str]) -> int:
    """Run it on the database of the installation; 1 with a sentence when refused."""
    options = _parser().parse_args(argv)
    from gongzhi.cli import attach

    with attach.database(Folder(os.environ["GONGZHI_DATA"]), "playbook"):
        import django

        django.setup()
        return run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gongzhi playbook migrate")
    parser.add_argument("old", nargs="?", help=words("现在的版本（摘要开头几位）", "digest now"))
    parser.add_argument("new", nargs="?", help=words("要换到的版本", "digest to move to"))
    parser.add_argument("--place", metavar="CODE", help=words("地方的代码", "code of the place"))
    parser.add_argument("--by", type=int, required=True, help=words("经手人编号", "person's id"))
    parser.add_argument("--reason", default="", help=words("为什么换", "why"))
    parser.add_argument("--apply", action="store_true", help=words("真的换", "really do it"))
    parser.add_argument("--undo", type=int, metavar="N", help=words("撤销第几次换版", "undo one"))
    return parser


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The options, for whoever has a database already."""
    return _parser().parse_args(argv)


def run(options: argparse.Namespace) -> int:
    """Show or do it, then say what moved and what did not."""
    from gongzhi.core.errors import Refused
    from gongzhi.matters.actions import migration
    from gongzhi.people.models import Person
    from gongzhi.places import queries

    at = datetime.now(UTC)
    if not Person.objects.filter(pk=options.by).exists():
        raise Trouble(f"没有编号 {options.by} 的人。", f"There is no person {options.by}.")
    try:
        if options.undo is not None:
            outcome = migration.undo_migration(migration_id=options.undo, by=options.by, at=at)
        else:
            outcome = migration.migrate(
                place_id=queries.by_code(options.place or "").pk,
                old=_digest(options.old),
                new=_digest(options.new),
                by=options.by,
                at=at,
                reason=options.reason,
                dry_run=not options.apply,
            )
    except Refused as refused:
        raise Trouble(f"{refused.words}{refused.todo}", refused.words) from refused
    for number, why in outcome.refused.items():
        print(f"✗ {number}：{why}")
    moved, left = len(outcome.moved), len(outcome.refused)
    print(words(f"能换 {moved} 件，不能换 {left} 件。", f"{moved} can move, {left} cannot."))
    if outcome.id is not None and options.undo is None:
        undo = f"gongzhi playbook migrate --undo {outcome.id} --by {options.by}"
        print(words(f"已经换了。七天内可以撤销：{undo}", f"Moved. Within seven days: {undo}"))
    return 0


def _digest(start: str | None) -> str:
    """The one stored version whose digest begins like that."""
    from gongzhi.places.models import PlaybookVersion

    stored = PlaybookVersion.objects.order_by("playbook", "version", "digest")
    known = list(stored.values_list("digest", "playbook", "version"))
    found = [digest for digest, _, _ in known if start and digest.startswith(start)]
    if len(found) == 1:
        return found[0]
    there = "\n".join(f"  {digest[:12]}  {name} v{version}" for digest, name, version in known)
    raise Trouble(f"请写明是哪个版本：\n{there}", f"Say which version:\n{there}")
