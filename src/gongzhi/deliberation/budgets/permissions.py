"""Who may see, run and account for a budget. One question, one place."""

from datetime import datetime

from gongzhi.core.errors import NotAllowed
from gongzhi.people import queries as people
from gongzhi.people.permissions import Viewer

RUN = frozenset({"committee", "party_secretary", "town_officer"})
COST = RUN | {"dept_officer"}


def may_see(viewer: Viewer, place_path: str) -> bool:
    """Neighbours, and whoever holds a post over the place or in it, as on the board."""
    return viewer.lives_in(place_path) or any(
        post.covers(place_path) or post.place_path.startswith(place_path) for post in viewer.posts
    )


def may_run(viewer: Viewer, place_path: str) -> bool:
    """Whether he sets up a budget there, moves it on and keeps its accounts."""
    return any(post.role in RUN and post.covers(place_path) for post in viewer.posts)


def may_cost(viewer: Viewer, place_path: str) -> bool:
    """Whether he says there what an idea costs, or why it cannot be done."""
    return any(post.role in COST and post.covers(place_path) for post in viewer.posts)


def runner(by: int | None, place_path: str, at: datetime) -> Viewer:
    """The one who acts, if he may run the budget; NotAllowed says who does."""
    viewer = people.viewer(by, at)
    if not may_run(viewer, place_path):
        raise NotAllowed("社区资金由这里的两委成员、书记或镇（街道）干部来管理。")
    return viewer


def coster(by: int | None, place_path: str, at: datetime) -> Viewer:
    """The one who acts, if he may cost ideas there."""
    viewer = people.viewer(by, at)
    if not may_cost(viewer, place_path):
        raise NotAllowed("核算费用由两委成员、镇（街道）干部或部门工作人员来做。")
    return viewer
