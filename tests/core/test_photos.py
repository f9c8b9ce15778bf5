"""Photos lose everything but the picture; voice notes are what they say."""

import io
import struct
import zlib

import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from gongzhi.core import photos
from gongzhi.core.errors import BadInput

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")
pillow_heif.register_heif_opener()


def picture(width: int = 400, height: int = 200) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), "blue")
    image.paste("red", (0, 0, width // 2, height))
    return image


def exif(orientation: int = 1) -> bytes:
    tags = Image.Exif()
    tags[Base.Orientation] = orientation
    tags[Base.Make] = "SecretPhone"
    tags.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (33.0, 0.0, 1.0)
    return tags.tobytes()


def saved(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def is_red(pixel: object) -> bool:
    assert isinstance(pixel, tuple)
    return bool(pixel[0] > 150 > 100 > pixel[2])


def test_place_and_camera_are_gone() -> None:
    sent = saved(picture(), exif=exif(), comment=b"SecretNote")
    assert b"SecretPhone" in sent
    photo = photos.accept(sent, "a.jpg")
    for kept in (photo.jpeg, photo.thumb):
        assert not opened(kept).getexif()
        assert b"Secret" not in kept
        assert b"Exif" not in kept


@pytest.mark.parametrize(
    ("orientation", "red_at"), [(1, "left"), (3, "right"), (6, "top"), (8, "bottom")]
)
def test_the_picture_stands_upright(orientation: int, red_at: str) -> None:
    photo = photos.accept(saved(picture(), exif=exif(orientation)), "a.jpg")
    image = opened(photo.jpeg)
    assert image.size == (photo.width, photo.height)
    assert (photo.width > photo.height) == (red_at in {"left", "right"})
    right, bottom = photo.width - 10, photo.height - 10
    spot = {"left": (10, 10), "right": (right, 10), "top": (10, 10), "bottom": (10, bottom)}
    assert is_red(image.getpixel(spot[red_at]))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_phones_formats_are_told_by_content_not_by_name(kind: str) -> None:
    photo = photos.accept(saved(picture(), kind, exif=exif()), "whatever.txt")
    image = opened(photo.jpeg)
    assert image.format == "JPEG"
    assert image.size == (400, 200)
    assert is_red(image.getpixel((10, 10)))
    assert not image.getexif()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "CMYK", "I;16"])
def test_every_kind_of_colour_can_be_kept(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    sent = saved(Image.new(mode, (50, 40)), kind)
    assert photos.accept(sent, "a").width == 50


def test_what_was_transparent_is_white() -> None:
    photo = photos.accept(saved(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"), "a.png")
    assert opened(photo.jpeg).getpixel((25, 25)) == (255, 255, 255)


def test_large_photos_become_small_and_small_ones_stay() -> None:
    large = photos.accept(saved(picture(4000, 3000)), "a.jpg")
    assert (large.width, large.height) == (1600, 1200)
    assert max(opened(large.thumb).size) == photos.THUMB_SIDE
    small = photos.accept(saved(picture(30, 20)), "a.jpg")
    assert (small.width, small.height) == (30, 20)


def test_the_same_photo_has_the_same_digest() -> None:
    sent = saved(picture())
    assert photos.accept(sent, "a.jpg").sha256 == photos.accept(sent, "b.jpg").sha256
    assert len(photos.accept(sent, "a.jpg").sha256) == 64


def header_of_a_png(width: int, height: int) -> bytes:
    sent = bytearray(saved(Image.new("1", (8, 8)), "PNG"))
    sent[16:24] = struct.pack(">II", width, height)
    sent[29:33] = struct.pack(">I", zlib.crc32(bytes(sent[12:29])))
    return bytes(sent)


@pytest.mark.parametrize("side", [9_000, 60_000])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(side: int) -> None:
    with pytest.raises(BadInput, match="像素太多"):
        photos.accept(header_of_a_png(side, side), "bomb.png")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "是空的"),
        ("路灯坏了".encode() * 50, "不是照片"),
        (b"%PDF-1.7 ...", "不是照片"),
        (saved(picture(), "GIF"), "不是照片"),
        (saved(picture(2000, 2000), quality=95)[:3000], "打不开"),
        (saved(picture(600, 600), "PNG")[:300], "打不开"),
        (saved(picture(), "HEIF")[:400], "打不开|不是照片"),
        (b"\xff\xd8\xff" + b"\0" * (15 * 1024 * 1024), "太大了"),
    ],
)
def test_what_is_wrong_is_said_with_the_name_of_the_file(data: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        photos.accept(data, "我家.jpg")
    assert refused.value.field == "photos"
    assert "我家.jpg" in refused.value.words


@given(st.data())
def test_a_damaged_photo_is_kept_or_refused_but_never_an_error(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP", "HEIF"]))
    sent = bytearray(saved(picture(60, 40), kind, exif=exif()))
    for _ in range(data.draw(st.integers(1, 5))):
        sent[data.draw(st.integers(0, len(sent) - 1))] = data.draw(st.integers(0, 255))
    try:
        photo = photos.accept(bytes(sent), "a")
    except BadInput:
        return
    assert opened(photo.jpeg).size == (photo.width, photo.height)
