"""Who may do what with a questionnaire. Those rated may do nothing in the round that rates them."""

from datetime import date

from gongzhi.core import db
from gongzhi.core.errors import NotAllowed, NotFound
from gongzhi.people.permissions import Viewer
from gongzhi.people.roles import Permission

SUPERVISOR = "supervisor"


def me(viewer: Viewer) -> int:
    """The person who asks; NotAllowed for nobody."""
    if viewer.person_id is None:
        raise NotAllowed("请先登录。")
    return viewer.person_id


def builds(viewer: Viewer, place_path: str) -> bool:
    """Whether he may write questionnaires for that place: who may publish there."""
    posts = viewer.posts_with(Permission.PUBLISH, "publication")
    return any(post.covers(place_path) for post in posts)


def supervises(viewer: Viewer, place_id: int) -> bool:
    """Whether he sits on the supervision committee of exactly that place."""
    return any(p.role == SUPERVISOR and p.place_id == place_id for p in viewer.posts)


def works_at(viewer: Viewer, place_path: str) -> bool:
    """Whether he works there: may hand out, take back and type sheets."""
    posts = viewer.posts_with(Permission.CREATE, "matter")
    return viewer.is_staff and any(post.covers(place_path) for post in posts)


def reads(viewer: Viewer, place_path: str) -> bool:
    """Whether totals about named people concern him: he lives there, belongs there, or works there.

    The laws have an appraisal published to the villagers or residents, not to the world.
    """
    here = any(p.covers(place_path) or p.place_path.startswith(place_path) for p in viewer.posts)
    return here or viewer.lives_in(place_path)


def is_rated(round_id: int, person_id: int | None) -> bool:
    """Whether the round rates him, or a unit he is appointed in. One statement."""
    if person_id is None:
        return False
    return bool(db.rows("select survey_rates(%s::bigint, %s::bigint)", (round_id, person_id))[0][0])


def keep_out(round_id: int, viewer: Viewer) -> None:
    """NotAllowed for those the round rates (rules.md §5, §8 R5 and R13)."""
    if is_rated(round_id, viewer.person_id):
        raise NotAllowed(
            "这一次评的是您本人或您的单位，您不能参与、主持或查看。",
            code="rated",
            todo="计票以后，汇总结果会公布在公开栏。",
        )


def need_builds(viewer: Viewer, place_path: str) -> None:
    """NotAllowed with what to do."""
    if not builds(viewer, place_path):
        raise NotAllowed("您不能在这里编问卷。", todo="请找村（居）两委或监督委员会成员。")


def need_works(viewer: Viewer, place_path: str) -> None:
    """NotFound: strangers do not learn which questionnaires there are."""
    if not works_at(viewer, place_path):
        raise NotFound("没有这一次问卷，或者它不在您负责的地方。")


def held(person_id: int, place_id: int, role: str, on: date) -> bool:
    """Whether a person holds that role at exactly that place on that day."""
    return bool(
        db.rows(
            "select 1 from people_appointment where person_id = %s::bigint and role = %s"
            " and place_id = %s::bigint and from_on <= %s::date"
            " and (to_on is null or to_on >= %s::date) limit 1",
            (person_id, role, place_id, on, on),
        )
    )
