"""Who may found a body, seat its members, call and run its sessions. One question, one place."""

from datetime import datetime

from gongzhi.core.errors import NotAllowed
from gongzhi.people import queries as people
from gongzhi.people.permissions import Viewer

# Convened by: rules.md §5; case 2 (building heads and grid leaders call the small ones).
_RUN_ANY = frozenset({"committee", "party_secretary", "workshop_host", "town_officer"})
_RUN_SMALL = frozenset({"grid_worker", "generalist_worker"})
SMALL = frozenset({"building", "grid"})
_JUDGE = frozenset({"supervisor", "town_officer"})


def may_run(viewer: Viewer, place_path: str, level: str) -> bool:
    """Whether he may call and run sessions of a body of that level at that place."""
    roles = _RUN_ANY | (_RUN_SMALL if level in SMALL else frozenset())
    return any(post.role in roles and post.covers(place_path) for post in viewer.posts)


def may_judge(viewer: Viewer, place_path: str) -> bool:
    """Whether he may say that a pledge was kept: supervisors and the town, never the owner."""
    return any(post.role in _JUDGE and post.covers(place_path) for post in viewer.posts)


def may_found(viewer: Viewer, place_path: str) -> bool:
    """Whether he may found a body there or change its seats."""
    roles = {"committee", "party_secretary", "town_officer"}
    return any(post.role in roles and post.covers(place_path) for post in viewer.posts)


def runner(by: int | None, place_path: str, level: str, at: datetime) -> Viewer:
    """The one who acts, if he may run sessions there; NotAllowed says who does."""
    viewer = people.viewer(by, at)
    if not may_run(viewer, place_path, level):
        raise NotAllowed(
            "召集和主持这个会，由这里的两委成员、议事坊主持人或镇（街道）干部来做。",
            todo="网格、楼栋的小会，网格员也可以召集。",
        )
    return viewer


def judge(by: int | None, place_path: str, at: datetime) -> Viewer:
    """The one who acts, if he may judge pledges there."""
    viewer = people.viewer(by, at)
    if not may_judge(viewer, place_path):
        raise NotAllowed("承诺兑现没有，由监督委员会或镇（街道）来认定。")
    return viewer


def founder(by: int | None, place_path: str, at: datetime) -> Viewer:
    """The one who acts, if he may found bodies and change seats there."""
    viewer = people.viewer(by, at)
    if not may_found(viewer, place_path):
        raise NotAllowed("设立会议和确定成员，由这里的两委成员或镇（街道）干部来做。")
    return viewer
