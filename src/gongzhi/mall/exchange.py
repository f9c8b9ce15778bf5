"""Files for banks and the register of movable finance: written, read, and sent through a seam.

The payment file is UTF-8 CSV with a header, as county banks take it at the counter or by their
host-to-host folder; another bank's columns are another `Format`. Sending is a `Channel`: a folder
the bank's client watches (`Folder`), or `FakeBank` / `FakeRegister`, which answer at once and are
for demonstrations and tests only.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from gongzhi.core.errors import BadInput

PAYMENT = ("批次号", "序号", "收款单位", "开户银行", "账号", "金额（元）", "用途")
RECEIPT = ("批次号", "序号", "账号", "金额（元）", "结果", "银行流水号", "说明")
PAID, FAILED, RETURNED = "成功", "失败", "退回"
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Instruction:
    """One line of a payment file; the amount in fen."""

    batch: str
    seq: int
    name: str
    bank: str
    account: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Result:
    """One line of a bank's receipt; the amount in fen.

    `returned`: paid before, and now it came back; `reference` is then the number of the return.
    """

    batch: str
    seq: int
    account: str
    amount_fen: int
    paid: bool
    reference: str
    why: str
    returned: bool = False

    @property
    def word(self) -> str:
        """As the bank writes it."""
        return RETURNED if self.returned else PAID if self.paid else FAILED


def yuan(fen: int) -> str:
    """12345 → "123.45"."""
    return f"{fen // 100}.{fen % 100:02d}"


def fen(typed: str) -> int:
    """ "123.45" or "123" → fen; BadInput."""
    whole, _, rest = typed.strip().replace(",", "").partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 12) or not (
        rest == "" or (rest.isascii() and rest.isdigit() and len(rest) <= 2)
    ):
        raise BadInput("file", f"金额“{typed}”读不出来。")
    return int(whole) * 100 + int(rest.ljust(2, "0") or 0)


def payment_file(lines: Sequence[Instruction]) -> str:
    """The payment file as text."""
    return _table(
        PAYMENT,
        [(i.batch, i.seq, i.name, i.bank, i.account, yuan(i.amount_fen), "积分商城结算")
         for i in lines],
    )  # fmt: skip


def receipt_file(lines: Sequence[Result]) -> str:
    """A receipt as a bank writes it."""
    return _table(
        RECEIPT,
        [(r.batch, r.seq, r.account, yuan(r.amount_fen), r.word, r.reference, r.why)
         for r in lines],
    )  # fmt: skip


def read_payment(text: str) -> list[Instruction]:
    """The lines of a payment file, as a bank reads them; BadInput."""
    return [
        Instruction(row[0], _whole(row[1]), row[2], row[3], row[4], fen(row[5]))
        for row in _rows(text, PAYMENT)
    ]


def read_receipt(text: str) -> list[Result]:
    """The lines of a receipt; BadInput names the line that cannot be read."""
    found = []
    for number, row in enumerate(_rows(text, RECEIPT), 2):
        if row[4] not in {PAID, FAILED, RETURNED}:
            raise BadInput("file", f"第{number}行的结果要写“{PAID}”“{FAILED}”或“{RETURNED}”。")
        if row[4] != FAILED and not row[5]:
            raise BadInput("file", f"第{number}行没有银行流水号。")
        if len(row[5]) > 40:
            raise BadInput("file", f"第{number}行的银行流水号太长。")
        found.append(
            Result(
                row[0], _whole(row[1]), row[2], fen(row[3]), row[4] == PAID, row[5], row[6],
                row[4] == RETURNED,
            )
        )  # fmt: skip
    if not found:
        raise BadInput("file", "回执里没有内容。")
    return found


def _whole(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise BadInput("file", f"序号“{typed}”读不出来。")
    return int(typed)


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue()


def _rows(text: str, head: Sequence[str]) -> list[list[str]]:
    try:
        rows = [row for row in csv.reader(io.StringIO(text.lstrip("\ufeff")), strict=True) if row]
    except csv.Error as error:
        raise BadInput("file", "这个文件读不出来，请用银行给的原文件。") from error
    if not rows or tuple(cell.strip() for cell in rows[0]) != tuple(head):
        raise BadInput("file", f"表头应当是：{'，'.join(head)}。")
    if len(rows) > 5001:
        raise BadInput("file", "一个文件最多5000行。")
    found = [[cell.strip() for cell in row] for row in rows[1:]]
    for number, row in enumerate(found, 2):
        if len(row) != len(head):
            raise BadInput("file", f"第{number}行的列数不对。")
    return found


def decoded(raw: bytes) -> str:
    """The text of a bank's file, UTF-8 or GB 18030; BadInput."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
        break
    raise BadInput("file", "这个文件读不出来，请用银行给的原文件。")


def notice(*, number: str, giver: str, taker: str, face_fen: int, due_on: str, at: str) -> str:
    """What tells the debtor that a claim changed hands (Civil Code art. 546)."""
    return (
        f"债权转让通知\r\n凭证编号：{number}\r\n原持有人：{giver}\r\n新持有人：{taker}\r\n"
        f"金额：{yuan(face_fen)}元\r\n到期日：{due_on}\r\n通知时间：{at}\r\n"
        "自通知之日起，请向新持有人付款。\r\n"
    )


def registration(
    *, number: str, seller: str, financier: str, face_fen: int, due_on: str, registration: str
) -> str:
    """What goes to the unified register of movable finance (Civil Code art. 768).

    Without a number it is the application; with one, the record of what was registered.
    """
    return (
        f"动产融资统一登记 应收账款转让\r\n凭证编号：{number}\r\n转让人：{seller}\r\n"
        f"受让人：{financier}\r\n金额：{yuan(face_fen)}元\r\n到期日：{due_on}\r\n"
        + (f"登记编号：{registration}\r\n" if registration else "")
    )


class Channel(Protocol):
    """How a file gets to a bank or register, and what comes back at once, if anything."""

    def send(self, name: str, body: str) -> str | None:
        """Hand over a file; the answer's text, or None when it comes later."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder the bank's own client watches: `out` for what we send, `in` for its answers.

    A file appears whole or not at all; an answer that was read goes to `done`, one that could not
    be taken to `refused`, where a clerk looks at it.
    """

    path: Path

    def send(self, name: str, body: str) -> None:
        """Write the file beside and rename it."""
        out, _ = self._of("out"), self._of("in")
        part = out / f".{name}.part"
        part.write_text(body, "utf-8", newline="")
        part.rename(out / name)

    def answers(self) -> list[tuple[str, bytes]]:
        """What the bank has left, oldest first: name and content, at most a hundred."""
        files = [f for f in self._of("in").iterdir() if f.is_file() and f.name[0] != "."]
        files.sort(key=lambda f: (f.stat().st_mtime, f.name))
        return [(f.name, f.read_bytes()) for f in files[:100] if f.stat().st_size <= MOST_BYTES]

    def put_away(self, name: str, *, taken: bool) -> None:
        """The answer was dealt with."""
        (self._of("in") / name).rename(self._of("done" if taken else "refused") / name)

    def _of(self, part: str) -> Path:
        found = self.path / part
        found.mkdir(parents=True, exist_ok=True)
        return found


@dataclass(frozen=True, slots=True)
class FakeBank:
    """Pays everything at once, except the accounts it is told to refuse. Not a bank."""

    refuses: frozenset[str] = frozenset()

    def send(self, name: str, body: str) -> str:
        """The receipt of a payment file; the same file gets the same references."""
        if not body.startswith(PAYMENT[0]):
            return ""
        return receipt_file(
            [
                Result(
                    i.batch, i.seq, i.account, i.amount_fen, i.account not in self.refuses,
                    "" if i.account in self.refuses else _reference(i), "账号不存在"
                    if i.account in self.refuses else "",
                )
                for i in read_payment(body)
            ]
        )  # fmt: skip

    def sent_back(self, body: str, why: str = "账户已注销") -> str:
        """Of a payment file what comes back days later: what went to the accounts it refuses."""
        return receipt_file(
            [
                Result(i.batch, i.seq, i.account, i.amount_fen, False, "T" + _reference(i), why,
                       True)
                for i in read_payment(body)
                if i.account in self.refuses
            ]
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FakeRegister:
    """Gives a registration number to what it is sent. Not the register."""

    def send(self, name: str, body: str) -> str:
        """A number of twenty digits made from the content."""
        return f"{int(sha256(body.encode()).hexdigest()[:15], 16):020d}"


def _reference(line: Instruction) -> str:
    seen = f"{line.batch}/{line.seq}/{line.account}/{line.amount_fen}"
    return "F" + sha256(seen.encode()).hexdigest()[:15].upper()
