"""Photos and voice notes people send: told by their content, made small, nothing hidden kept.

A photo is decoded and written anew, so place, camera and anything behind the picture are gone.
"""

import hashlib
import io
import re
import struct
import warnings
from dataclasses import dataclass
from functools import cache

import pillow_heif
from django.utils.translation import gettext as _
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from gongzhi.core.errors import BadInput
from gongzhi.core.plain_audio import plain

# Damaged tags and large pictures are dealt with below; nobody reads about them in a log.
warnings.filterwarnings("ignore", module=r"PIL\.")

MAX_PHOTO_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 60_000_000  # phones have up to 50 million in their everyday mode
MAX_SIDE = 1600
THUMB_SIDE = 320
QUALITY = 80
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")

MAX_VOICE_BYTES = 5 * 1024 * 1024
MAX_VOICE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo to keep: `jpeg` of `width` × `height` pixels, its SHA-256 in hex, a small `thumb`."""

    jpeg: bytes
    width: int
    height: int
    sha256: str
    thumb: bytes


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice note to keep, without its tags; `seconds` where the file says so."""

    data: bytes
    mime: str
    extension: str
    sha256: str
    seconds: float | None


def accept(data: bytes, name: str, *, field: str = "photos") -> Photo:
    """The photo in `data`, upright, at most 1600 pixels a side, without EXIF; `name` is for words.

    JPEG, PNG, WEBP and HEIC by content. BadInput on `field` for anything else, for a damaged or
    oversized file, and for a picture with too many pixels.
    """
    if not data:
        raise _refused(field, name, _("是空的，没有传上来。请重新选一次。"))
    if len(data) > MAX_PHOTO_BYTES:
        raise _refused(field, name, _("太大了，一张照片最多15兆。请换一张小一点的。"))
    large = _decoded(data, name, field)
    large.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    jpeg = _jpeg(large)
    return Photo(
        jpeg=jpeg,
        width=large.width,
        height=large.height,
        sha256=hashlib.sha256(jpeg).hexdigest(),
        thumb=_thumb(large),
    )


def accept_voice(data: bytes, name: str, *, field: str = "voice") -> Voice:
    """The voice note in `data`: MP3, M4A/AAC, AMR, WAV, OGG or WEBM by content.

    The sound stays as it came; tags, dates, places and names of devices are gone. BadInput on
    `field` for anything else, for a damaged file, for more than 5 MB, and for more than two minutes
    where the length can be read.
    """
    if not data:
        raise _refused(field, name, _("是空的，没有录上。请重新录一次。"))
    if len(data) > MAX_VOICE_BYTES:
        raise _refused(field, name, _("太大了，一段录音最多5兆。请录短一点。"))
    kind = _audio_kind(data)
    if kind is None:
        raise _refused(
            field, name, _("不是能听的录音。可以用MP3、M4A、AAC、AMR、WAV、OGG、WEBM格式。")
        )
    try:
        data = plain(data, kind)
    except ValueError as broken:
        raise _refused(
            field, name, _("打不开，可能没有传完或者已经损坏。请重新录一次。")
        ) from broken
    seconds = _seconds(data, kind)
    if seconds is not None and seconds > MAX_VOICE_SECONDS:
        raise _refused(field, name, _("太长了，一段录音最多两分钟。可以分成几段说。"))
    mime, extension = _AUDIO[kind]
    return Voice(data, mime, extension, hashlib.sha256(data).hexdigest(), seconds)


_AUDIO = {
    "mp3": ("audio/mpeg", "mp3"),
    "aac": ("audio/aac", "aac"),
    "m4a": ("audio/mp4", "m4a"),
    "amr": ("audio/amr", "amr"),
    "wav": ("audio/wav", "wav"),
    "ogg": ("audio/ogg", "ogg"),
    "webm": ("audio/webm", "webm"),
}


_PICTURE_TRACK = re.compile(rb"hdlr.{8}vide", re.DOTALL)


def _refused(field: str, name: str, words: str) -> BadInput:
    shown = "".join(sign for sign in name if sign.isprintable())[-40:]
    return BadInput(field, f"“{shown}”{words}" if shown else _("这个文件") + words)


@cache
def _with_heif() -> None:
    """Teach Pillow HEIC, once."""
    pillow_heif.register_heif_opener()


def _decoded(data: bytes, name: str, field: str) -> Image.Image:
    """The first frame, upright, in RGB on white."""
    _with_heif()
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint lets half a picture pass, for everybody
    damaged = _refused(field, name, _("打不开，可能没有传完或者已经损坏。请重新选一次。"))
    try:
        opened = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(field, name) from error
    except UnidentifiedImageError as error:
        raise _refused(
            field, name, _("不是照片。可以用JPG、PNG、WEBP或苹果手机的HEIC格式。")
        ) from error
    except Exception as error:  # decoders raise what they like on broken files
        raise damaged from error
    if opened.width * opened.height > MAX_PIXELS:
        raise _too_many_pixels(field, name)
    try:
        # A JPEG is read at an eighth to a half of its size when that is enough: less memory.
        opened.draft("RGB", (MAX_SIDE, MAX_SIDE))
        return _on_white(ImageOps.exif_transpose(opened))
    except Exception as error:
        raise damaged from error


def _too_many_pixels(field: str, name: str) -> BadInput:
    return _refused(field, name, _("的像素太多了，最多六千万像素。请用手机截一张图再传。"))


def _on_white(image: Image.Image) -> Image.Image:
    """Without transparency: what could be seen through is white."""
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(ground, image).convert("RGB")
    if image.mode.startswith("I;16"):  # 16 bit grey would be cut off at white
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    return image.convert("RGB")


def _thumb(image: Image.Image) -> bytes:
    small = image.copy()
    small.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS)
    return _jpeg(small)


def _jpeg(image: Image.Image) -> bytes:
    """JPEG without anything but the picture."""
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()


def _audio_kind(data: bytes) -> str | None:
    """The key of `_AUDIO` the first bytes speak of."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav"
    if data[4:8] == b"ftyp":
        # Recorders write video brands too; a file with a picture track is not a voice note.
        return None if _PICTURE_TRACK.search(data) else "m4a"
    if data[:4] == b"\x1aE\xdf\xa3":
        return "webm" if b"webm" in data[:64] and b"V_VP" not in data[:4096] else None
    for start, kind in ((b"#!AMR", "amr"), (b"OggS", "ogg"), (b"ID3", "mp3"), (b"ADIF", "aac")):
        if data.startswith(start):
            return kind
    if len(data) > 4 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return _frame_kind(data[1], data[2])
    return None


def _frame_kind(second: int, third: int) -> str | None:
    """AAC or MP3 by the first frame header, where its fields have a meaning."""
    if second & 0xF6 == 0xF0:
        return "aac"
    layer3 = second & 0x06 == 0x02
    return "mp3" if layer3 and third >> 4 != 0x0F and third & 0x0C != 0x0C else None


def _seconds(data: bytes, kind: str) -> float | None:
    """How long it plays, where the format says so simply."""
    clocks = {"wav": _wav_seconds, "amr": _amr_seconds, "m4a": _m4a_seconds, "ogg": _ogg_seconds}
    try:
        return clocks[kind](data) if kind in clocks else None
    except struct.error:  # cut off in the middle of a header
        return None


def _wav_seconds(data: bytes) -> float | None:
    at, rate = 12, 0
    while at + 8 <= len(data):
        chunk, size = struct.unpack_from("<4sI", data, at)
        if chunk == b"fmt " and at + 20 <= len(data):
            rate = int(struct.unpack_from("<I", data, at + 16)[0])
        if chunk == b"data":
            return min(size, len(data) - at - 8) / rate if rate else None
        at += 8 + size + size % 2
    return None


_AMR_FRAME = {
    False: (12, 13, 15, 17, 19, 20, 26, 31, 5),  # octets after the header of each narrow frame
    True: (17, 23, 32, 36, 40, 46, 50, 58, 60, 5),
}


def _amr_seconds(data: bytes) -> float | None:
    wide = data.startswith(b"#!AMR-WB\n")
    sizes, at, frames = _AMR_FRAME[wide], 9 if wide else 6, 0
    while at < len(data):
        mode = data[at] >> 3 & 0x0F
        at += 1 + (sizes[mode] if mode < len(sizes) else 0)
        frames += 1
    return frames * 0.02


def _m4a_seconds(data: bytes) -> float | None:
    at = data.find(b"mvhd")
    if at < 0 or at + 32 > len(data):
        return None
    if data[at + 4] == 1:
        scale, length = struct.unpack_from(">IQ", data, at + 24)
    else:
        scale, length = struct.unpack_from(">II", data, at + 16)
    return length / scale if scale and length < 2**32 - 1 else None


def _ogg_seconds(data: bytes) -> float | None:
    """From the position of the last page; Opus counts in 48,000 a second."""
    at = data.rfind(b"OggS")
    if at < 0 or at + 14 > len(data):
        return None
    position = int(struct.unpack_from("<q", data, at + 6)[0])
    vorbis = data.find(b"\x01vorbis", 0, 200)
    rate = 48_000 if vorbis < 0 else int(struct.unpack_from("<I", data, vorbis + 12)[0])
    return position / rate if rate and position >= 0 else None
