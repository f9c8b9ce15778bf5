"""Looks through a workbook before it is parsed: bombs, and single cells a million rows away.

A workbook is a ZIP of XML. What a member declares about its size is not believed: it is unpacked
piece by piece, and counted.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from itertools import chain

from gongzhi.core.errors import BadInput

MAX_BYTES = 40 * 1024 * 1024
MAX_UNPACKED = 500 * 1024 * 1024
MAX_CELLS = 20_000_000  # of the rectangle around all cells, which is what a parser makes room for

_PIECE = 4 * 1024 * 1024
_OVERLAP = 4096
# Cells in the columns after Z, or in the rows after 99,999.
# Two patterns that begin with plain bytes are ten times as fast as one that does not.
_FAR = tuple(
    re.compile(b"r=" + quote + rb"(?:([A-Z]{2,3})(\d{1,7})|([A-Z])(\d{6,7}))" + quote)
    for quote in (b'"', b"'")
)
_REPEATED = re.compile(rb"number-(rows|columns)-repeated=[\"'](\d{3,})[\"']")


def _bad(words: str) -> BadInput:
    return BadInput("file", words)


def check_size(data: bytes) -> None:
    """BadInput for an empty file and for one that is too large."""
    if not data:
        raise _bad("文件是空的。")
    if len(data) > MAX_BYTES:
        raise _bad(f"文件太大，最多{MAX_BYTES // 1024 // 1024}兆。请分成几个文件。")


def check_zip(data: bytes) -> bool:
    """BadInput for a bomb or a damaged workbook; True for an OpenDocument table."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise _bad("文件已经损坏，打不开。请重新保存一次再传。") from error
    names = {member.filename for member in members}
    unpacked = 0
    for member in members:
        far = _Far()
        for piece in _pieces(data, member):
            unpacked += len(piece)
            if unpacked > MAX_UNPACKED or len(members) > 5000:
                raise _bad("文件解开以后太大，不像一张表格。")
            if member.filename.endswith(".xml"):
                far.look(piece)
    return "content.xml" in names


def _pieces(data: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The unpacked member in pieces, whatever size it says it has."""
    try:
        name, extra = struct.unpack_from("<HH", data, member.header_offset + 26)
        start = member.header_offset + 30 + name + extra
        packed = data[start : start + member.compress_size]
        if member.compress_type == zipfile.ZIP_STORED:
            yield packed
            return
        if member.compress_type != zipfile.ZIP_DEFLATED:
            raise _bad("文件的压缩方式不常见，打不开。请用Excel或WPS重新保存。")
        unpack = zlib.decompressobj(-15)
        while packed and not unpack.eof:
            yield unpack.decompress(packed, _PIECE)
            packed = unpack.unconsumed_tail
    except (struct.error, zlib.error) as error:
        raise _bad("文件已经损坏，打不开。请重新保存一次再传。") from error


class _Far:
    """The rectangle around the cells of one sheet, as far as it is larger than 26 × 99,999."""

    def __init__(self) -> None:
        self.column, self.row = 26, 99_999
        self._rest = b""

    def look(self, piece: bytes) -> None:
        """Read on; BadInput as soon as the rectangle is too large."""
        text = self._rest + piece
        for found in chain.from_iterable(pattern.finditer(text) for pattern in _FAR):
            self.column = max(self.column, _column(found[1] or found[3]))
            self.row = max(self.row, int(found[2] or found[4]))
            if self.column > 26 and self.row > 99_999 and self.column * self.row > MAX_CELLS:
                raise _bad(
                    "表格的范围太大：很远的地方有零散的单元格。请把要用的行列复制到新表再传。"
                )
        if any(_repeats_content(text, found) for found in _REPEATED.finditer(text)):
            raise _bad("表格里有一行或一格重复了很多次，请删掉多余的行列再传。")
        self._rest = text[-_OVERLAP:]


def _repeats_content(text: bytes, found: re.Match[bytes]) -> bool:
    """Whether something filled, not blank, is repeated very often (OpenDocument)."""
    rows = found[1] == b"rows"
    if int(found[2]) <= (10_000 if rows else 200):
        return False
    closed = text.find(b">", found.end())
    if rows:
        return b"value-type" in text[closed : text.find(b"</table:table-row>", closed)]
    tag = text[text.rfind(b"<", 0, found.start()) : closed]
    return b"value-type" in tag or text[closed + 1 : closed + 8] == b"<text:p"


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
