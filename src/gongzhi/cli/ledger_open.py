"""`gongzhi ledger open`: a paper book of points, checked, entered by two people, undone."""

import argparse
from pathlib import Path
from typing import Any

from gongzhi.cli import say

VERBS = frozenset({"open", "open-template", "undo-opening"})


def arguments(kinds: Any) -> None:
    """The verbs of `gongzhi ledger` that bring paper books in."""
    book = kinds.add_parser("open", add_help=False)
    book.add_argument("file", type=Path)
    book.add_argument("--place", required=True)
    book.add_argument("--by", required=True)
    last = book.add_mutually_exclusive_group()
    last.add_argument("--second")
    last.add_argument("--check", action="store_true")
    template = kinds.add_parser("open-template", add_help=False)
    template.add_argument("file", type=Path)
    undo = kinds.add_parser("undo-opening", add_help=False)
    undo.add_argument("number", type=int)
    undo.add_argument("--by", required=True)
    undo.add_argument("--why", required=True)


def run(asked: argparse.Namespace) -> int:
    """One of them; 1 when a line of the book is wrong."""
    from django.utils import timezone

    from gongzhi.ledger import opening

    at = timezone.now()
    if asked.what == "open-template":
        _write(asked.file, opening.template())
        say.say(f"模板写好了：{asked.file}", f"Template written: {asked.file}")
        return 0
    if asked.what == "undo-opening":
        done = opening.undo(opening_id=asked.number, why=asked.why, by=_person(asked.by), at=at)
        say.say(f"已冲正 {done} 笔。", f"{done} entries reversed.")
        return 0
    return _open(asked, at)


def _open(asked: argparse.Namespace, at: Any) -> int:
    from gongzhi.ledger import opening
    from gongzhi.places import queries as places

    place = places.by_code(asked.place)
    number = opening.upload(
        place_id=place.pk, filename=asked.file.name, data=_read(asked.file),
        by=_person(asked.by), at=at,
    )  # fmt: skip
    found = opening.status(number)
    n = found["counts"]
    say.say(
        f"第 {number} 号，{place.name}：共 {n['rows']} 行，新入账 {n['new']} 行 {n['points']} 分，"
        f"以前入过 {n['same']} 行，有问题 {n['wrong']} 行。",
        f"Opening {number}, {place.name}: {n['rows']} rows, {n['new']} new with {n['points']}"
        f" points, {n['same']} entered before, {n['wrong']} wrong.",
    )
    if n["wrong"]:
        return _wrong(asked.file, number, found["errors"], at)
    if asked.check or asked.second is None:
        say.say("只检查，没有入账。入账要另一个人：加上 --second 手机号。",
                "Checked only. To enter it name another person: --second PHONE.")  # fmt: skip
        return 0
    done = opening.apply(opening_id=number, by=_person(asked.second), at=at)
    say.say(f"已入账 {done} 笔。", f"{done} entries made.")
    return 0


def _wrong(file: Path, number: int, errors: list[dict[str, Any]], at: Any) -> int:
    from gongzhi.core.errors import Refused
    from gongzhi.ledger import opening

    for error in errors[:10]:
        words = f"{error['row']} {error['name']} {error['words']}"
        say.say(f"  第 {words}", f"  row {words}")
    try:
        marked = opening.annotated(number, at)
    except Refused:
        return 1  # no table at all: the sentence above says it
    back = file.with_name(f"{file.stem}-问题.xlsx")
    _write(back, marked)
    say.say(f"一行也没有入账。标好问题的文件：{back}",
            f"Nothing was entered. Your file with the problems marked: {back}")  # fmt: skip
    return 1


def _person(phone: str) -> int:
    """Who has that phone number."""
    from gongzhi.core import db
    from gongzhi.core.errors import NotFound

    found = db.rows("select id from people_person where phone = %s limit 2", (phone,))
    if len(found) != 1:
        raise NotFound(f"没有找到手机号是 {phone} 的人，或者不止一个。")
    return int(found[0][0])


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise say.Trouble(f"读不了文件 {file}：{error.strerror}。",
                          f"Cannot read {file}: {error.strerror}.") from error  # fmt: skip


def _write(file: Path, body: bytes) -> None:
    try:
        file.write_bytes(body)
    except OSError as error:
        raise say.Trouble(f"写不了文件 {file}：{error.strerror}。",
                          f"Cannot write {file}: {error.strerror}.") from error  # fmt: skip
