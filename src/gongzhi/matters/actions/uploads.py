"""Photos and voice notes: stored the moment they arrive, so that a failed form loses nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gongzhi.core import db, photos
from gongzhi.core.errors import BadInput, KeyReused, NotAllowed

KEPT = timedelta(hours=48)  # how long an upload waits for its form
MAX_WAITING = 40  # of one person; more is not a report but a flood


@dataclass(frozen=True, slots=True)
class Upload:
    """A stored file that waits for its matter."""

    key: str
    kind: str
    sha256: str


def upload(
    *, by: int | None, at: datetime, key: str, data: bytes, name: str, kind: str = "photo"
) -> Upload:
    """Check, clean and store one "photo" or "voice" note. The same key gives the same answer.

    NotAllowed for nobody: uploads that wait are counted by person, so no crowd of strangers shares
    a limit and none can fill the disk.

    EXIF, place and device are gone afterwards; the picture is upright and at most 1600 pixels.
    """
    if by is None:
        raise NotAllowed("请先登录，再上传照片。")
    if not 8 <= len(key) <= 80:
        raise BadInput("key", "上传编号不对，请刷新页面。")
    before = db.rows(
        "select kind, sha256, by_id from matters_attachment where key = %s::text", (key,)
    )
    if before:
        stored, digest, owner = before[0]
        if owner != by:
            raise KeyReused()
        return Upload(key, stored, digest)
    _check_flood(by, at)
    row = _voice(data, name) if kind == "voice" else _photo(data, name)
    db.run(
        "insert into matters_attachment (seq, kind, sha256, mime, content, thumb, width, height,"
        " by_id, key, at) values (1, %(kind)s, %(sha256)s, %(mime)s, %(content)s, %(thumb)s,"
        " %(width)s::int, %(height)s::int, %(by)s::bigint, %(key)s, %(at)s::timestamptz)"
        " on conflict (key) do nothing",
        row | {"by": by, "key": key, "at": at},
    )
    return Upload(key, str(row["kind"]), str(row["sha256"]))


def forget_unfiled(*, at: datetime) -> int:
    """Remove uploads whose form never came."""
    return db.run(
        "delete from matters_attachment where matter_id is null and at < %s::timestamptz",
        (at - KEPT,),
    )


def _check_flood(by: int, at: datetime) -> None:
    waiting = db.rows(
        "select count(*) from matters_attachment where matter_id is null"
        " and by_id = %s::bigint and at > %s::timestamptz",
        (by, at - timedelta(hours=1)),
    )[0][0]
    if waiting >= MAX_WAITING:
        raise BadInput("photos", "上传的照片太多了，请先提交这件事。", code="too_many")


def _photo(data: bytes, name: str) -> dict[str, object]:
    photo = photos.accept(data, name)
    return {
        "kind": "photo", "sha256": photo.sha256, "mime": "image/jpeg", "content": photo.jpeg,
        "thumb": photo.thumb, "width": photo.width, "height": photo.height,
    }  # fmt: skip


def _voice(data: bytes, name: str) -> dict[str, object]:
    voice = photos.accept_voice(data, name)
    return {
        "kind": "voice", "sha256": voice.sha256, "mime": voice.mime, "content": voice.data,
        "thumb": None, "width": 0, "height": 0,
    }  # fmt: skip
