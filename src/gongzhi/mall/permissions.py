"""Who runs, watches, sells in, pays for and finances a mall. One question, one place.

The operator's people, merchants and funders hold a post *in their organisation*; the public side
founds a mall, publishes the rate and looks on, but never sells.
"""

from datetime import datetime
from typing import Any

from gongzhi.core.errors import NotAllowed, NotFound
from gongzhi.people import queries as people
from gongzhi.people.permissions import Viewer

FOUND = frozenset({"committee", "town_officer"})
WATCH = FOUND | {"supervisor", "party_secretary", "county_leader", "observer"}
PUBLIC = frozenset(
    {"committee", "town_officer", "party_secretary", "dept_officer", "county_leader", "supervisor"}
)


def may_watch(viewer: Viewer, place_path: str) -> bool:
    """Whether he sees totals: those who answer for the place."""
    return any(post.role in WATCH and post.covers(place_path) for post in viewer.posts)


def may_found(viewer: Viewer, place_path: str) -> bool:
    """Whether he founds a mall there and publishes its rate."""
    return any(post.role in FOUND and post.covers(place_path) for post in viewer.posts)


def acts_in(viewer: Viewer, role: str, organisation_id: int) -> bool:
    """Whether he holds that post in that organisation."""
    return any(p.role == role and p.organisation_id == organisation_id for p in viewer.posts)


def operates(viewer: Viewer, mall: dict[str, Any]) -> bool:
    """Whether he works for the operator and holds no public post."""
    return acts_in(viewer, "org_manager", mall["operator_id"]) and not any(
        post.role in PUBLIC for post in viewer.posts
    )


def sells(viewer: Viewer, merchant: dict[str, Any]) -> bool:
    """Whether he works in the shop."""
    return acts_in(viewer, "merchant", merchant["organisation_id"])


def founder(by: int, place_path: str, at: datetime) -> Viewer:
    """The one who acts, if he may found; NotAllowed."""
    viewer = people.viewer(by, at)
    if not may_found(viewer, place_path):
        raise NotAllowed("开办商城和公布兑换比例，由村（社区）两委或镇（街道）来做。")
    return viewer


def operator(by: int, mall: dict[str, Any], at: datetime) -> Viewer:
    """The one who acts, if he works for the operator; NotAllowed."""
    viewer = people.viewer(by, at)
    if not operates(viewer, mall):
        raise NotAllowed("商城由政府以外的运营单位来管，在机关任职的人不能兼办。")
    return viewer


def seller(by: int, merchant: dict[str, Any], at: datetime) -> Viewer:
    """The one who acts, if he works in the shop; NotFound, as strangers know nothing of it."""
    viewer = people.viewer(by, at)
    if not sells(viewer, merchant):
        raise NotFound("没有这家商户，或者您不是这家店的人。")
    return viewer


def funder(by: int, mall: dict[str, Any], at: datetime) -> Viewer:
    """The one who acts, if he speaks for who pays; NotAllowed."""
    viewer = people.viewer(by, at)
    if not acts_in(viewer, "funder", mall["funder_id"]):
        raise NotAllowed("这要由出资单位来办。")
    return viewer


def holder(by: int, organisation_id: int, at: datetime) -> Viewer:
    """The one who acts, if he speaks for the holder of a claim; NotFound."""
    viewer = people.viewer(by, at)
    if not any(acts_in(viewer, role, organisation_id) for role in ("merchant", "funder")):
        raise NotFound("没有这笔应收账款，或者它不归您的单位。")
    return viewer
