"""Who may see and change what at the desk: one question to `people.permissions` each."""

from gongzhi.core.errors import NotAllowed
from gongzhi.people.permissions import Post, Viewer
from gongzhi.places import queries as places
from gongzhi.places.models import Place

_WORDS = {"places": "维护这里的地图、日历和治理办法", "people": "登记这里的人员和任免岗位"}


def place(viewer: Viewer, place_id: int) -> Place:
    """A place inside one of the viewer's posts; NotAllowed with the reason, NotFound."""
    found = places.by_id(place_id)
    if not may_open(viewer, found.path):
        raise NotAllowed(
            f"{found.name}不在您负责的范围内。", todo=f"您负责的是：{_where(viewer.posts)}。"
        )
    return found


def may_open(viewer: Viewer, path: str) -> bool:
    """Whether the page of the place there opens for the viewer: a link is shown only then."""
    return any(post.covers(path) for post in viewer.posts)


def administered(viewer: Viewer, place_id: int, area: str) -> Place:
    """A place whose "places" or "people" the viewer administers; NotAllowed with the reason."""
    found = places.by_id(place_id)
    if not viewer.administers(area, found.path):
        raise NotAllowed(
            f"您没有{_WORDS[area]}的权限。",
            todo=f"{found.name}的这项工作由两委成员、镇（街道）干部或管理员来做。",
        )
    return found


def administers(viewer: Viewer, area: str) -> bool:
    """Whether there is any place where the viewer may do it."""
    return any(viewer.administers(area, post.place_path) for post in viewer.posts)


def home(viewer: Viewer) -> Post:
    """The widest post: where the desk begins."""
    return min(viewer.posts, key=lambda post: (len(post.place_path), post.place_id))


def roots(viewer: Viewer) -> list[Post]:
    """One post for each place that lies in no other place of the viewer."""
    found: list[Post] = []
    for post in sorted(viewer.posts, key=lambda post: len(post.place_path)):
        if not any(above.covers(post.place_path) for above in found):
            found.append(post)
    return found


def _where(posts: tuple[Post, ...]) -> str:
    return "、".join(dict.fromkeys(post.place_name for post in posts)) or "（没有岗位）"
