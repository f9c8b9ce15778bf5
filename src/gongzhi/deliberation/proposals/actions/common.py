"""What actions on projects share: who may edit one, whose household it is, clear refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError, transaction

from gongzhi.core.errors import NotAllowed, Refused
from gongzhi.deliberation.proposals import store
from gongzhi.deliberation.proposals.models import Project
from gongzhi.people import queries as people
from gongzhi.people.models import Person
from gongzhi.people.roles import Permission

EDITORS = (Permission.TRIAGE, Permission.DECIDE)


def household_of(person_id: int, reach_path: str) -> int:
    """The household of somebody who lives where the proposal reaches; NotAllowed elsewhere."""
    found = (
        Person.objects.filter(pk=person_id)
        .values_list("household_id", "household__place__path", "household__grid__path")
        .first()
    )
    if found is None or found[0] is None:
        raise NotAllowed("这位居民没有登记住处。", todo="请先到社区登记住处。")
    if not any((path or "").startswith(reach_path) for path in found[1:]):
        raise NotAllowed("只有这件事涉及范围里的住户可以参加。")
    return int(found[0])


def may_edit(it: store.Loaded, by: int, at: datetime) -> bool:
    """Whether he runs the project: staff of the place who sort or decide, or its lead."""
    viewer = people.viewer(by, at)
    posts = [p for wanted in EDITORS for p in viewer.posts_with(wanted, "matter")]
    lead = Project.objects.filter(proposal=it.id, lead=by).exists()
    return lead or any(post.covers(it.row["place_path"]) for post in posts)


def editable(
    proposal_id: int, by: int, at: datetime, states: tuple[str, ...]
) -> store.Loaded:  # fmt: skip
    """The proposal, locked, when he may edit its project and it stands in one of `states`."""
    it = store.load(proposal_id)
    if not may_edit(it, by, at):
        raise NotAllowed("项目由本级的工作人员或牵头的人来管。")
    if it.state(at) not in states:
        raise Refused("提案还没有定下来，不能立项。", todo="请先把议和定的结果记下来。")
    return it


def project_of(proposal_id: int, by: int, at: datetime) -> Project:
    """The project of a proposal one may edit, locked with it; Refused when there is none yet."""
    it = store.load(proposal_id)
    if not may_edit(it, by, at):
        raise NotAllowed("项目由本级的工作人员或牵头的人来管。")
    project = Project.objects.filter(proposal=proposal_id).first()
    if project is None:
        raise Refused("还没有立项。", todo="请先写明做什么、谁牵头。")
    return project


_SAID = {
    "supervisor_never_handles": ("监督员不能同时是承办的人。", "请换一位不承办的居民。"),
    "one_of_a_household": ("这一户已经有一位监督员了。", "请换另一户的居民。"),
    "levy_agreed": ("自筹的钱，住户同意了多少才能用多少。", "请先登记住户的同意。"),
    "two_supervisors": ("开工的项目至少要有两位居民监督员。", ""),
}


@contextmanager
def told() -> Iterator[None]:
    """A fact the database refuses becomes a sentence; nothing of the block remains."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        known = _SAID.get(_constraint(error))
        if known is None:
            raise
        raise Refused(known[0], code=_constraint(error), todo=known[1]) from None


def _constraint(error: IntegrityError) -> str:
    diag = getattr(error.__cause__, "diag", None)
    return str(getattr(diag, "constraint_name", "") or "")
