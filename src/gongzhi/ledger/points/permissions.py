"""Who drafts, files, checks and funds (rules.md §5, column points). One question, one place."""

from datetime import datetime

from gongzhi.core.errors import NotAllowed
from gongzhi.people import queries as people
from gongzhi.people.permissions import Viewer

WRITE = frozenset({"committee", "party_secretary"})
FILE = frozenset({"town_officer"})
FIRST = frozenset({"grid_worker", "generalist_worker"})
SECOND = frozenset({"committee"})
ENTER = frozenset({"generalist_worker", "grid_worker", "committee", "org_manager"})
CONFIRM = ENTER | frozenset({"supervisor"})
RECONCILE = frozenset({"committee", "supervisor"})
AUDIT = SECOND | frozenset({"supervisor", "party_secretary", "town_officer"})
FUND = WRITE | FILE
DESK = WRITE | FILE | FIRST | SECOND | frozenset({"supervisor"})

_WHO = {
    WRITE: "积分办法由这里的两委成员或书记来起草。",
    FILE: "备案由镇（街道）干部来做。",
    FIRST: "初审由网格员或全科社工来做。",
    SECOND: "复审由两委里管积分的成员来做。",
    FUND: "积分预算由两委成员、书记或镇（街道）干部来管。",
    RECONCILE: "季度核对由两委成员和监督委员会来做。",
    ENTER: "由组织活动的人或社区工作人员来登记。",
}


def holds(viewer: Viewer, roles: frozenset[str], place_path: str) -> bool:
    """Whether he has one of these posts over that place."""
    return any(post.role in roles and post.covers(place_path) for post in viewer.posts)


def serves(viewer: Viewer, roles: frozenset[str], place_path: str) -> bool:
    """The same, or the post is at a grid inside the community."""
    return any(
        post.role in roles
        and (post.covers(place_path) or post.place_path.startswith(place_path))
        for post in viewer.posts
    )  # fmt: skip


def must(by: int | None, roles: frozenset[str], place_path: str, at: datetime) -> Viewer:
    """The one who acts, if he may; NotAllowed says who does."""
    viewer = people.viewer(by, at)
    grid = roles in (FIRST, ENTER)
    if not (serves if grid else holds)(viewer, roles, place_path):
        raise NotAllowed(_WHO[roles])
    return viewer


def may_see(viewer: Viewer, place_path: str) -> bool:
    """Neighbours, and whoever holds a post over the place or in it."""
    return viewer.lives_in(place_path) or any(
        post.covers(place_path) or post.place_path.startswith(place_path) for post in viewer.posts
    )
