"""Who reads, writes, keeps and moderates a channel."""

from datetime import datetime

from gongzhi.core.errors import NotAllowed
from gongzhi.people import queries as people
from gongzhi.people.permissions import Viewer

KEEP = frozenset({"grid_worker", "generalist_worker", "committee", "party_secretary"})
OPEN = frozenset({"committee", "party_secretary", "generalist_worker"})


def may_read(viewer: Viewer, place_path: str) -> bool:
    """Those who live there, and those who keep the channel."""
    return viewer.lives_in(place_path) or may_keep(viewer, place_path)


def may_keep(viewer: Viewer, place_path: str) -> bool:
    """Whether he answers there, posts notices, hides with a reason: also a worker of a part."""
    return any(
        post.role in KEEP
        and (post.covers(place_path) or post.place_path.startswith(place_path))
        for post in viewer.posts
    )  # fmt: skip


def may_judge(viewer: Viewer, place_path: str) -> bool:
    """Whether he settles reports and appeals: those who keep it, and who supervises the village."""
    supervises = any(p.role == "supervisor" and p.covers(place_path) for p in viewer.posts)
    return supervises or may_keep(viewer, place_path)


def judge(by: int | None, place_path: str, at: datetime) -> Viewer:
    """The one who acts, if he settles reports and appeals there."""
    viewer = people.viewer(by, at)
    if not may_judge(viewer, place_path):
        raise NotAllowed("由这里的工作人员或监督委员会来处理。")
    return viewer


def keeper(by: int | None, place_path: str, at: datetime) -> Viewer:
    """The one who acts, if he keeps the channel."""
    viewer = people.viewer(by, at)
    if not may_keep(viewer, place_path):
        raise NotAllowed("由这里的网格员、社工或两委成员来做。")
    return viewer


def may_open(viewer: Viewer, place_path: str) -> bool:
    """Whether he opens, changes and closes channels there."""
    return any(post.role in OPEN and post.covers(place_path) for post in viewer.posts)


def opener(by: int | None, place_path: str, at: datetime) -> Viewer:
    """The one who acts, if he may open or close channels there."""
    viewer = people.viewer(by, at)
    if not may_open(viewer, place_path):
        raise NotAllowed("频道由这里的两委成员、书记或全科社工来开。")
    return viewer
