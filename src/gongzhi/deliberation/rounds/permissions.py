"""Who may open and run a round, and who may see it. Plain Python."""

from typing import Any

from gongzhi.core.errors import NotAllowed
from gongzhi.people.permissions import Post, Viewer
from gongzhi.people.roles import Permission

HOST = "workshop_host"


def host_posts(viewer: Viewer) -> list[Post]:
    """Posts that let him open a round: those who publish there, and hosts of deliberation."""
    may = set(viewer.posts_with(Permission.PUBLISH, "publication"))
    return [p for p in viewer.posts if viewer.is_staff and (p in may or p.role == HOST)]


def hosts(viewer: Viewer, place_path: str) -> bool:
    """Whether he may run a round of that place."""
    return any(post.covers(place_path) for post in host_posts(viewer))


def need_hosts(viewer: Viewer, place_path: str) -> None:
    """NotAllowed with what to do."""
    if not hosts(viewer, place_path):
        raise NotAllowed("您不能在这里开云协商。", todo="请找议事坊主持人或村（居）两委。")


def sees(viewer: Viewer, row: dict[str, Any]) -> bool:
    """Those it concerns and those with a post there or above; once it is closed everybody."""
    path = row["place_path"]
    return (
        row["state"] == "closed"
        or viewer.lives_in(path)
        or any(post.covers(path) or post.place_path.startswith(path) for post in viewer.posts)
    )
