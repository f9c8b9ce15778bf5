"""Voice notes are what they say, and nothing is left in them but the sound."""

import io
import math
import struct
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.core import photos, plain_audio
from gongzhi.core.errors import BadInput

SECRET = b"+32.9+118.5/ SecretPhone"


def sound(seconds: float) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(bytes(math.ceil(seconds * 8000)))
    return out.getvalue()


def tagged_wav(seconds: float) -> bytes:
    plain = sound(seconds)
    return plain + struct.pack("<4sI", b"LIST", len(SECRET)) + SECRET


def amr(seconds: float) -> bytes:
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * int(seconds * 50)


def box(kind: bytes, *inside: bytes) -> bytes:
    body = b"".join(inside)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def m4a(seconds: float) -> bytes:
    made = struct.pack(">III", 0, 3_878_000_000, 3_878_000_000)  # version, made, changed
    times = struct.pack(">II", 1000, int(seconds * 1000)) + bytes(80)
    name = box(b"hdlr", bytes(8), b"soun", bytes(12), SECRET, b"\0")
    media = box(b"mdia", box(b"mdhd", made, times), name, box(b"minf", box(b"stbl", bytes(8))))
    track = box(b"trak", box(b"tkhd", made, times), media, box(b"udta", SECRET))
    movie = box(b"moov", box(b"mvhd", made, times), track, box(b"udta", box(b"\xa9xyz", SECRET)))
    return (
        box(b"ftyp", b"M4A \0\0\0\0M4A isom") + movie + box(b"uuid", SECRET)
        + box(b"mdat", b"the sound")
    )  # fmt: skip


def page(flags: int, position: int, number: int, *packets: bytes) -> bytes:
    sizes = b"".join(bytes([255] * (len(p) // 255) + [len(p) % 255]) for p in packets)
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, position, 7, number, 0, len(sizes))
    return head + sizes + b"".join(packets)


def opus_tags(words: bytes = SECRET * 30) -> bytes:
    return b"OpusTags" + struct.pack("<I", 0) + struct.pack("<II", 1, len(words)) + words


def ogg(seconds: float) -> bytes:
    return (
        page(2, 0, 0, b"OpusHead" + bytes(11)) + page(0, 0, 1, opus_tags())
        + page(4, int(seconds * 48_000), 2, b"the sound")
    )  # fmt: skip


def element(name: int, body: bytes, wide: int = 8) -> bytes:
    size = ((1 << 7 * wide) | len(body)).to_bytes(wide)
    return name.to_bytes((name.bit_length() + 7) // 8) + size + body


def webm(seconds: float) -> bytes:
    info = element(0x2AD7B1, b"\x0f\x42\x40") + element(0x4D80, SECRET) + element(0x5741, SECRET)
    info += element(0x4461, bytes(8), 1) + element(0x7BA9, SECRET, 1)
    track = element(0xD7, b"\1") + element(0x86, b"A_OPUS") + element(0x536E, SECRET)
    parts = element(0x1549A966, info) + element(0x1654AE6B, element(0xAE, track))
    live = bytes.fromhex("1F43B67501FFFFFFFFFFFFFF") + element(0xE7, b"\0", 1)
    parts += live + element(0xA3, b"\x81\0\0\x80the sound", 1) + element(0x1254C367, SECRET)
    head = element(0x1A45DFA3, element(0x4282, b"webm", 1), 1)
    return head + bytes.fromhex("1853806701FFFFFFFFFFFFFF") + parts


def mp3(seconds: float) -> bytes:
    tag = b"ID3\x04\0\0" + bytes([0, 0, 0, len(SECRET)]) + SECRET
    ape = struct.pack("<8sIIII8x", b"APETAGEX", 2000, 32 + len(SECRET), 1, 0)
    frames = b"\xff\xfb\x90\x00" + b"the sound" * 9
    return tag + frames + SECRET + ape + b"TAG" + SECRET.ljust(125, b"\0")


RECORDINGS = [(tagged_wav, "wav"), (amr, "amr"), (m4a, "m4a"), (ogg, "ogg"), (webm, "webm"),
              (mp3, "mp3")]  # fmt: skip


@pytest.mark.parametrize(("make", "extension"), RECORDINGS)
def test_voice_notes_are_told_by_content(make: object, extension: str) -> None:
    assert callable(make)
    voice = photos.accept_voice(make(3), "whatever.bin")
    assert voice.extension == extension
    assert voice.mime.startswith("audio/")
    assert voice.seconds is None or voice.seconds == pytest.approx(3, abs=0.05)


@pytest.mark.parametrize(("make", "extension"), RECORDINGS)
def test_what_the_recorder_wrote_beside_the_sound_is_gone(make: object, extension: str) -> None:
    assert callable(make)
    sent = make(3)
    kept = photos.accept_voice(sent, "a").data
    assert b"SecretPhone" not in kept
    assert struct.pack(">I", 3_878_000_000) not in kept  # when
    assert kept.count(b"the sound") == sent.count(b"the sound")
    assert plain_audio.plain(kept, extension) == kept  # nothing left to take away


@pytest.mark.parametrize("make", [m4a, webm, ogg])
def test_no_part_of_a_recording_moves(make: object) -> None:
    assert callable(make)
    sent = make(3)
    kept = photos.accept_voice(sent, "a").data
    assert len(kept) == len(sent)
    assert kept.index(b"the sound") == sent.index(b"the sound")


def test_a_page_of_ogg_is_sealed_again() -> None:
    kept = plain_audio.plain(ogg(3), "ogg")
    second = kept.index(b"OggS", 4)
    third = kept.index(b"OggS", second + 4)
    sealed = bytearray(kept[second:third])
    seal = struct.unpack_from("<I", sealed, 22)[0]
    sealed[22:26] = bytes(4)
    rest = 0
    for octet in sealed:  # RFC 3533, appendix: one bit at a time
        rest ^= octet << 24
        for _ in range(8):
            rest = (rest << 1 ^ (0x04C11DB7 if rest >> 31 else 0)) & 0xFFFFFFFF
    assert seal == rest
    assert kept[second:third].endswith(b"OpusTags" + bytes(len(opus_tags()) - 8))


@pytest.mark.parametrize("make", [sound, amr, m4a, ogg])
def test_more_than_two_minutes_are_refused(make: object) -> None:
    assert callable(make)
    photos.accept_voice(make(119), "a")
    with pytest.raises(BadInput, match="最多两分钟"):
        photos.accept_voice(make(125), "a")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "是空的"),
        (b"hello" * 100, "不是能听的录音"),
        (b"\x89PNG\r\n" + bytes(50), "不是能听的录音"),
        (b"\0\0\0\x18ftypmp42" + b"....hdlr" + bytes(8) + b"vide" + bytes(50), "不是能听的录音"),
        (b"#!AMR\n" + bytes(5 * 1024 * 1024), "太大了"),
        (b"OggS\0\x02" + bytes(22) + b"OpusHead", "打不开"),
        (box(b"ftyp", b"M4A ") + b"\0\0\0\x04moov", "打不开"),
        (b"\x1aE\xdf\xa3" + b"\x42\x82\x84webm" + bytes(100), "打不开"),
        (b"ID3\x04\0\0\0\0\0\x10" + bytes(16), "打不开"),
        (b"RIFF\0\0\0\0WAVEdata\0\0\0\0", "打不开"),
    ],
)
def test_what_is_no_voice_note_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        photos.accept_voice(data, "录音.mp3")


@given(st.sampled_from([make for make, _ in RECORDINGS]), st.data())
def test_a_damaged_voice_note_is_kept_or_refused_but_never_an_error(
    make: object, at: st.DataObject
) -> None:
    assert callable(make)
    sent = bytearray(make(1))
    sent = sent[: at.draw(st.integers(0, len(sent)))]
    for spot in at.draw(st.lists(st.integers(0, max(len(sent) - 1, 0)), max_size=4)):
        if sent:
            sent[spot] ^= at.draw(st.integers(1, 255))
    try:
        photos.accept_voice(bytes(sent), "a")
    except BadInput:
        return
