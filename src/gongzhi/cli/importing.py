"""`gongzhi import roster FILE [--place CODE] [--dry-run] [--skip-wrong]`, and its undoing."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from gongzhi.cli import say

if TYPE_CHECKING:
    from gongzhi.places.models import Place


_OPTIONS = "[--place {}] [--dry-run] [--skip-wrong]"


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        raise say.Trouble(
            f"用法：gongzhi import roster 文件 {_OPTIONS.format('代码')}（{message}）",
            f"Usage: gongzhi import roster FILE {_OPTIONS.format('CODE')} ({message})",
        )


def main(argv: list[str]) -> int:
    """0 when all went well; 1 with wrong rows, which are then marked in a copy beside the file."""
    from gongzhi.core.errors import Refused

    parser = _Parser(prog="gongzhi import", add_help=False)
    kinds = parser.add_subparsers(dest="what", required=True)
    rosters = kinds.add_parser("roster", add_help=False)
    rosters.add_argument("file", type=Path)
    rosters.add_argument("--place", default="")
    rosters.add_argument("--dry-run", action="store_true")
    rosters.add_argument("--skip-wrong", action="store_true")
    template = kinds.add_parser("template", add_help=False)
    template.add_argument("file", type=Path)
    undo = kinds.add_parser("undo", add_help=False)
    undo.add_argument("batch", type=int)
    asked = parser.parse_args(argv)
    try:
        if asked.what == "template":
            return _template(asked.file)
        if asked.what == "undo":
            return _undo(asked.batch)
        return _roster(asked)
    except Refused as refused:
        raise say.Trouble(
            f"{refused.words}{refused.todo}", f"{refused.words}{refused.todo}"
        ) from None


def _roster(asked: argparse.Namespace) -> int:
    from django.utils import timezone

    from gongzhi.people import roster

    try:
        data = asked.file.read_bytes()
    except OSError as error:
        raise say.Trouble(
            f"读不了文件 {asked.file}：{error.strerror}。",
            f"Cannot read {asked.file}: {error.strerror}.",
        ) from error
    place, at = find_place(asked.place), timezone.now()
    say.say(f"导入到：{place.name}（{place.code}）", f"Into: {place.name} ({place.code})")
    batch = roster.upload(
        place_id=place.pk, filename=asked.file.name, data=data, by=None, at=at
    )  # fmt: skip
    counts = roster.check(batch, _bar)
    _tell(counts)
    if counts["wrong"]:
        _errors(batch, asked.file)
    if asked.dry_run:
        say.say("只检查，没有写入。", "Checked only; nothing was written.")
        return 1 if counts["wrong"] else 0
    if counts["wrong"] and not asked.skip_wrong:
        say.say("没有导入。改好再来，或加上 --skip-wrong 只导入没有问题的行。",
                "Nothing was imported. Correct the rows, or add --skip-wrong.")  # fmt: skip
        return 1
    roster.apply(batch_id=batch, by=None, at=at, skip_wrong=asked.skip_wrong, progress=_bar)
    say.say(f"已导入，批次 {batch}。24 小时内可以撤销：gongzhi import undo {batch}",
            f"Imported as batch {batch}. Within 24 hours: gongzhi import undo {batch}")  # fmt: skip
    return 0


def find_place(code: str) -> "Place":
    """The place with that code; without one, the only town or county that has buildings."""
    from gongzhi.core.errors import NotFound
    from gongzhi.places import queries
    from gongzhi.places.models import Kind, Place

    if code:
        return queries.by_code(code)
    built = Place.objects.filter(kind=Kind.BUILDING, valid_to=None).values_list("path", flat=True)
    tops = {path.split("/")[3] for path in built if path.count("/") > 4}
    if len(tops) != 1:
        raise NotFound("请用 --place 写明导入到哪里，例如 --place 320903050000。")
    return queries.by_id(int(tops.pop()))


def _bar(done: int, counts: dict[str, int]) -> None:
    if sys.stdout.isatty():
        full = done * 30 // 100
        print(f"\r{'█' * full}{'·' * (30 - full)} {done:3d}% {counts['rows']:,} 行，"
              f"{counts['wrong']:,} 行有问题\x1b[K", end="\n" if done == 100 else "",
              flush=True)  # fmt: skip


def _tell(counts: dict[str, int]) -> None:
    say.say(
        f"共 {counts['rows']:,} 行：新增 {counts['new']:,}，变更 {counts['changed']:,}，"
        f"不变 {counts['same']:,}，有问题 {counts['wrong']:,}。",
        f"{counts['rows']:,} rows: {counts['new']:,} new, {counts['changed']:,} changed, "
        f"{counts['same']:,} same, {counts['wrong']:,} wrong.",
    )


def _errors(batch: int, file: Path) -> None:
    from gongzhi.people import roster

    for error in roster.status(batch)["errors"][:10]:
        say.say(f"  第 {error['row']} 行 {error['name']} {error['words']}",
                f"  row {error['row']} {error['name']} {error['words']}")  # fmt: skip
    back = file.with_name(f"{file.stem}-问题.xlsx")
    back.write_bytes(roster.annotated(batch))
    say.say(f"标好问题的文件：{back}", f"Your file with the problems marked: {back}")


def _template(file: Path) -> int:
    from gongzhi.people import roster

    file.write_bytes(roster.template())
    say.say(f"模板写好了：{file}", f"Template written: {file}")
    return 0


def _undo(batch: int) -> int:
    from django.utils import timezone

    from gongzhi.people import roster

    roster.undo(batch_id=batch, by=None, at=timezone.now())
    say.say("已撤销，数据和导入前一样。", "Undone; the data are as before the import.")
    return 0
