"""Who keeps a programme and a roster; what a meeting decided is written down by the village."""

from datetime import datetime

from gongzhi.core import db
from gongzhi.core.errors import NotAllowed
from gongzhi.deliberation.programmes.models import RECORDERS
from gongzhi.people.permissions import Viewer
from gongzhi.people.roles import Permission


def me(viewer: Viewer) -> int:
    """The person who asks; NotAllowed for nobody."""
    if viewer.person_id is None:
        raise NotAllowed("请先登录。")
    return viewer.person_id


def keeps(viewer: Viewer, place_path: str) -> bool:
    """Whether he may adopt, show evidence, ask for reviews, keep rosters: who publishes there."""
    return any(
        post.covers(place_path) for post in viewer.posts_with(Permission.PUBLISH, "publication")
    )


def need_keeps(viewer: Viewer, place_path: str) -> None:
    """NotAllowed with what to do."""
    if not keeps(viewer, place_path):
        raise NotAllowed("这里的规划和驿站由村（居）两委或监督委员会来管。")


def recorder(viewer: Viewer, place_id: int) -> str:
    """In which post of exactly that place he writes down a review; NotAllowed for the town."""
    for post in viewer.posts:
        if post.place_id == place_id and post.role in RECORDERS:
            return post.role
    raise NotAllowed(
        "评审结果由本村（社区）的人来记，镇（街道）不能单方面定。",
        code="not_the_town",
        todo="请由村（居）两委或监督委员会成员照会议记录填写。",
    )


def on_the_roster(station_id: int, person_id: int, at: datetime) -> bool:
    """Whether he has duties at that station around that day."""
    return bool(
        db.rows(
            "select 1 from programmes_duty where station_id = %s::bigint and person_id = %s::bigint"
            ' and "on" > %s::date - 60 limit 1',
            (station_id, person_id, at),
        )
    )
