"""Voice notes without what the recorder wrote beside the sound: when, where, on what, by whom.

Each container keeps only the parts that a player needs, by an allowed list; the rest is blanked in
place (so that no offset moves) or left out. The sound itself is not decoded. ValueError for a file
whose parts cannot be followed: what cannot be looked through is not kept.

Formats: ISO 14496-12 (MP4), RFC 9559 (Matroska, WebM), RFC 3533 and 7845 (Ogg, Opus), the Vorbis I
and Speex manuals, id3.org (ID3v2), RIFF (WAV).
"""

import struct
from functools import cache


def plain(data: bytes, kind: str) -> bytes:
    """The same sound without its tags; `kind` is a key of `photos.accept_voice`'s formats."""
    cleaners = {"m4a": _mp4, "webm": _webm, "ogg": _ogg, "mp3": _mp3, "aac": _mp3, "wav": _wav}
    try:
        return cleaners[kind](data) if kind in cleaners else data
    except (struct.error, IndexError) as cut:
        raise ValueError("cut off inside a header") from cut


# MP4

_BOXES = {
    b"": {b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"sidx", b"mfra"},
    b"moov": {b"mvhd", b"trak", b"mvex"},
    b"trak": {b"tkhd", b"mdia", b"edts", b"tref"},
    b"mdia": {b"mdhd", b"hdlr", b"minf"},
    b"minf": {b"smhd", b"nmhd", b"dinf", b"stbl"},
}
_DATED = {b"mvhd", b"tkhd", b"mdhd"}


def _mp4(data: bytes) -> bytes:
    out = bytearray(data)
    _boxes(out, 0, len(out), b"")
    return bytes(out)


def _boxes(out: bytearray, at: int, end: int, inside: bytes) -> None:
    while at < end:
        size, kind = struct.unpack_from(">I4s", out, at)
        head = 8
        if size == 1:
            (size,), head = struct.unpack_from(">Q", out, at + 8), 16
        size = size or end - at  # 0: to the end
        if size < head:
            raise ValueError("a box smaller than its header")
        stop = min(at + size, end)
        if kind not in _BOXES[inside]:
            out[at + 4 : at + 8] = b"free"
            _blank(out, at + head, stop)
        elif kind in _BOXES:
            _boxes(out, at + head, stop, kind)
        elif kind in _DATED:
            times = 16 if out[at + head] == 1 else 8
            _blank(out, at + head + 4, min(at + head + 4 + times, stop))
        elif kind == b"hdlr":
            _blank(out, at + head + 24, stop)  # the name of the software
        at = stop


# WebM

_SEGMENT, _INFO, _TRACKS, _TRACK = 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE
_HEADER, _CLUSTER, _VOID = 0x1A45DFA3, 0x1F43B675, 0xEC
_IN_CLUSTER = {0xE7, 0xA3, 0xA0, 0xA7, 0xAB}  # a live recording does not say where a cluster ends
_ELEMENTS = {
    0: {_HEADER, _SEGMENT},
    _SEGMENT: {0x114D9B74, _INFO, _TRACKS, _CLUSTER, 0x1C53BB6B, *_IN_CLUSTER},
    _INFO: {0x2AD7B1, 0x4489, 0x4D80, 0x5741},
    _TRACKS: {_TRACK},
    _TRACK: {0xD7, 0x73C5, 0x83, 0xB9, 0x88, 0x9C, 0x86, 0x63A2, 0x56AA, 0x56BB, 0xE1, 0x22B59C,
             0x23E383},
}  # fmt: skip
_APPS = {0x4D80, 0x5741}  # must be there, may be empty


def _webm(data: bytes) -> bytes:
    out = bytearray(data)
    _elements(out, 0, len(out), 0)
    return bytes(out)


def _elements(out: bytearray, at: int, end: int, inside: int) -> None:
    while at < end:
        name, wide = _vint(out, at, marked=True)
        size, more = _vint(out, at + wide, marked=False)
        body = at + wide + more
        open_end = size == (1 << 7 * more) - 1
        if open_end and name not in (_SEGMENT, _CLUSTER):
            raise ValueError("an element without an end")
        stop = end if open_end else min(body + size, end)
        if name == _HEADER and body + size > end:
            raise ValueError("cut off inside a header")
        if name not in _ELEMENTS[inside]:
            _void(out, at, stop)
        elif name in _ELEMENTS:
            _elements(out, body, stop, name)
        elif name == _CLUSTER and open_end:
            stop = body  # its parts follow as if they stood beside it
        elif name in _APPS:
            _blank(out, body, stop)
        at = stop


def _vint(out: bytearray, at: int, *, marked: bool) -> tuple[int, int]:
    """A number of variable length and how many octets it takes; ids keep their length mark."""
    wide = 9 - out[at].bit_length()
    if wide > (4 if marked else 8) or at + wide > len(out):
        raise ValueError("no number")
    number = int.from_bytes(out[at : at + wide])
    return (number if marked else number & ((1 << 7 * wide) - 1)), wide


def _void(out: bytearray, at: int, stop: int) -> None:
    length = stop - at
    if length < 2:
        raise ValueError("cut off inside a header")
    wide = 1 if length - 2 < 127 else 8
    out[at] = _VOID
    out[at + 1 : at + 1 + wide] = ((1 << 7 * wide) | (length - 1 - wide)).to_bytes(wide)
    _blank(out, at + 1 + wide, stop)


# Ogg


def _ogg(data: bytes) -> bytes:
    out = bytearray(data)
    pages = list(_pages(out))
    packets: dict[int, list[list[range]]] = {}
    for at, pieces in pages:
        (serial,) = struct.unpack_from("<I", out, at + 14)
        stream = packets.setdefault(serial, [[]])
        for piece, ends in pieces:
            stream[-1].append(piece)
            if ends:
                stream.append([])
    touched = [at for parts in packets.values() for part in _comment(out, parts) for at in part]
    for at, pieces in pages:
        if any(piece.start <= spot < piece.stop for piece, _ in pieces for spot in touched):
            _seal(out, at, pieces[-1][0].stop)
    return bytes(out)


def _pages(out: bytearray) -> "list[tuple[int, list[tuple[range, bool]]]]":
    """Each page's place and the pieces of packets in it; True where a packet ends."""
    found, at = [], 0
    while at < len(out):
        if out[at : at + 4] != b"OggS":
            raise ValueError("no page")
        sizes = out[at + 27 : at + 27 + out[at + 26]]
        spot, pieces, begun = at + 27 + len(sizes), [], at + 27 + len(sizes)
        for n, size in enumerate(sizes, 1):
            spot = min(spot + size, len(out))
            if size < 255 or n == len(sizes):
                pieces.append((range(begun, spot), size < 255))
                begun = spot
        found.append((at, pieces))
        at = spot
    return found


_EMPTY = bytes(8)  # no vendor, no comments
_CODECS = (
    (b"OpusHead", b"OpusTags", b""),
    (b"\x01vorbis", b"\x03vorbis", b"\x01"),
    (b"Speex   ", b"", b""),
)


def _comment(out: bytearray, packets: list[list[range]]) -> list[list[int]]:
    """Empty the comment header, the second packet of a stream; where it was written."""
    first = b"".join(bytes(out[r.start : r.stop]) for r in packets[0])
    known = [(tags, end) for start, tags, end in _CODECS if first.startswith(start)]
    if not known:
        raise ValueError("a stream of another kind")
    tags, end = known[0]
    spots = [spot for piece in (packets[1] if len(packets) > 1 else []) for spot in piece]
    words = (tags + _EMPTY + end)[: len(spots)].ljust(len(spots), b"\0")
    for spot, value in zip(spots, words, strict=True):
        out[spot] = value
    return [spots[:1] + [piece.start for piece in packets[1]]] if spots else []


def _seal(out: bytearray, at: int, stop: int) -> None:
    out[at + 22 : at + 26] = bytes(4)
    sum_, table = 0, _crc()
    for octet in out[at:stop]:
        sum_ = (sum_ << 8 & 0xFFFFFFFF) ^ table[sum_ >> 24 ^ octet]
    struct.pack_into("<I", out, at + 22, sum_)


@cache
def _crc() -> tuple[int, ...]:
    table = []
    for n in range(256):
        rest = n << 24
        for _ in range(8):
            rest = (rest << 1 ^ (0x04C11DB7 if rest & 0x80000000 else 0)) & 0xFFFFFFFF
        table.append(rest)
    return tuple(table)


# MP3, AAC, WAV


def _mp3(data: bytes) -> bytes:
    """Without ID3 before, ID3v1 and APE behind."""
    while data[:3] == b"ID3":
        a, b, c, d = data[6:10]
        footer = 10 if data[5] & 0x10 else 0
        data = data[10 + (a << 21 | b << 14 | c << 7 | d) + footer :]
    while data[-128:-125] == b"TAG" or data[-32:-24] == b"APETAGEX":
        if data[-128:-125] == b"TAG":
            data = data[:-128]
            continue
        size, _count, flags = struct.unpack_from("<III", data, len(data) - 20)
        data = data[: max(len(data) - size - (32 if flags >> 31 else 0), 0)]
    if not data:
        raise ValueError("nothing but tags")
    return data


def _wav(data: bytes) -> bytes:
    kept, at, heard = b"", 12, False
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : at + 8 + size]
        heard = heard or name == b"fmt "
        if name in (b"fmt ", b"fact", b"data"):
            kept += struct.pack("<4sI", name, len(body)) + body + b"\0" * (len(body) % 2)
        at += 8 + size + size % 2
    if not heard:
        raise ValueError("no format")
    return struct.pack("<4sI4s", b"RIFF", len(kept) + 4, b"WAVE") + kept


def _blank(out: bytearray, at: int, stop: int) -> None:
    if stop > at:
        out[at:stop] = bytes(stop - at)
