"""Who runs a vote, who reads papers, who looks at it. One question, one place."""

from datetime import datetime

from gongzhi.core.errors import NotAllowed
from gongzhi.deliberation.bodies import permissions as bodies
from gongzhi.people import queries as people
from gongzhi.people.permissions import Viewer

_READ_PAPERS = frozenset({"supervisor", "generalist_worker", "grid_worker"})
_REVIEW = frozenset({"committee", "party_secretary", "workshop_host", "town_officer"})


def may_run(viewer: Viewer, place_path: str, level: str) -> bool:
    """Whether he may draft, open and close votes there: who may run the meetings."""
    return bodies.may_run(viewer, place_path, level)


def may_read_papers(viewer: Viewer, place_path: str, level: str) -> bool:
    """Whether he may enter paper ballots there."""
    inside = any(p.role in _READ_PAPERS and p.covers(place_path) for p in viewer.posts)
    return inside or may_run(viewer, place_path, level)


def may_review(viewer: Viewer, place_path: str) -> bool:
    """Whether he may say what is taken up as a topic there."""
    return any(post.role in _REVIEW and post.covers(place_path) for post in viewer.posts)


def runner(by: int | None, place_path: str, level: str, at: datetime) -> Viewer:
    """The one who acts, if he may run votes there."""
    viewer = people.viewer(by, at)
    if not may_run(viewer, place_path, level):
        raise NotAllowed("发起和主持表决，由这里的两委成员、议事坊主持人或镇（街道）干部来做。")
    return viewer


def reader(by: int | None, place_path: str, level: str, at: datetime) -> Viewer:
    """The one who acts, if he may enter papers there."""
    viewer = people.viewer(by, at)
    if not may_read_papers(viewer, place_path, level):
        raise NotAllowed("录纸质票由这里的两委成员、监督委员会成员或网格员来做。")
    return viewer


def reviewer(by: int | None, place_path: str, at: datetime) -> Viewer:
    """The one who acts, if he may review topics there."""
    viewer = people.viewer(by, at)
    if not may_review(viewer, place_path):
        raise NotAllowed("审核议题由这里的两委成员、议事坊主持人或镇（街道）干部来做。")
    return viewer
