"""做: the project with its tasks, its money in fen, its resident supervisors, and its end."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused, Stale
from gongzhi.deliberation.proposals import rules, store
from gongzhi.deliberation.proposals.actions.common import (
    editable,
    household_of,
    may_edit,
    project_of,
    told,
)
from gongzhi.deliberation.proposals.models import (
    Asked,
    Project,
    Spending,
    Supervisor,
    Task,
)
from gongzhi.matters import actions as matters
from gongzhi.matters.actions import Assignee, following


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, on which budget line, led by whom."""

    plan: str
    budget_line: str = ""
    lead: int | None = None
    lead_unit: int | None = None


def plan_project(*, proposal_id: int, by: int, at: datetime, plan: Plan) -> int:
    """Write the project of a decided proposal, or change it until it starts. Its id."""
    words = text.clean(plan.plan, 1000, field="plan")
    if len(words) < 4:
        raise BadInput("plan", "请写明要做什么。")
    if plan.lead is None and plan.lead_unit is None:
        raise BadInput("lead", "请选牵头的人或单位。")
    with db.atomic():
        it = editable(proposal_id, by, at, ("deciding", "decided", "project"))
        before = Project.objects.filter(proposal=proposal_id).first()
        if before is not None and before.started_at is not None:
            raise Refused("项目已经开工，计划不能再改。", todo="变化请写进任务和公开说明里。")
        with told():
            made, _new = Project.objects.update_or_create(
                proposal_id=proposal_id,
                defaults={
                    "plan": words, "lead_id": plan.lead, "lead_unit_id": plan.lead_unit,
                    "budget_line": text.clean(
                        plan.budget_line, 100, field="budget_line", one_line=True
                    ),
                    "by_id": by, "at": at,
                },
            )  # fmt: skip
        store.event(it.id, "planned", by=by, at=at)
    return made.pk


def add_task(
    *,
    proposal_id: int,
    by: int,
    at: datetime,
    what: str,
    who: int | None = None,
    who_words: str = "",
    due_on: date | None = None,
) -> int:
    """One more piece of work, with who does it and until when."""
    what = text.clean(what, 200, field="what", one_line=True)
    if len(what) < 2:
        raise BadInput("what", "请写明要做的事。")
    with db.atomic():
        project = project_of(proposal_id, by, at)
        with told():
            made = Task.objects.create(
                project=project, what=what, who_id=who, due_on=due_on,
                who_words=text.clean(who_words, 60, field="who_words", one_line=True),
            )  # fmt: skip
        store.event(proposal_id, "task_added", by=by, at=at, task=made.pk)
    return made.pk


def task_done(*, proposal_id: int, task_id: int, by: int, at: datetime, note: str = "") -> None:
    """A piece of work is done; once. By who does it, the lead, or who edits the project."""
    with db.atomic():
        it = store.load(proposal_id)
        task = Task.objects.filter(pk=task_id, project__proposal=proposal_id).first()
        if task is None:
            raise NotFound("没有这项任务。")
        if by != task.who_id and not may_edit(it, by, at):
            raise NotAllowed("这项任务由承办的人或项目负责人来报完成。")
        if task.done_at is not None:
            return
        Task.objects.filter(pk=task_id).update(
            done_at=at, done_by=by, note=text.clean(note, 300, field="note")
        )
        store.event(proposal_id, "task_done", by=by, at=at, task=task_id)


def add_supervisor(*, proposal_id: int, by: int, at: datetime, person_id: int) -> bool:
    """A resident will watch over it: he lives there, does none of the work, has no office in it."""
    with db.atomic():
        it = store.load(proposal_id)
        if by != person_id and not may_edit(it, by, at):
            raise NotAllowed("监督员由自己报名，或由项目的工作人员登记。")
        project = Project.objects.filter(proposal=proposal_id).first()
        if project is None:
            raise Refused("还没有立项，先不用选监督员。")
        if project.finished_at is not None:
            raise Refused("项目已经完工。")
        household = household_of(person_id, it.row["reach_path"])
        if Supervisor.objects.filter(project=project, person=person_id).exists():
            return False
        with told():
            Supervisor.objects.create(
                project=project, person_id=person_id, household_id=household, at=at
            )
        store.event(proposal_id, "supervisor_added", by=by, at=at)
    return True


def start_project(
    *, proposal_id: int, by: int, at: datetime, key: str | None = None, seen: int | None = None
) -> None:
    """Hand the work to the lead; not before two residents supervise it."""
    with db.atomic():
        if not store.first_time(f"start:{proposal_id}", by, key, proposal_id):
            return
        it = store.load(proposal_id)
        project = project_of(proposal_id, by, at)
        if project.started_at is not None:
            raise Stale("项目已经开工。")
        least = rules.limit("supervisors")
        if Supervisor.objects.filter(project=project).count() < least:
            raise Refused(
                f"还没有{least}位居民监督员，不能开工。", code="two_supervisors",
                todo="请先请两位不承办的居民来监督。",
            )  # fmt: skip
        doers = Task.objects.filter(project=project).exclude(who=None).exclude(who=project.lead_id)
        others = doers.order_by("who_id").values_list("who_id", flat=True).distinct()
        lead = Assignee(project.lead_id, project.lead_unit_id)
        with told():
            matters.move(
                matter_id=it.row["matter_id"], verb="dispatch", by=by, at=at, seen=seen,
                assignees=(lead, *(Assignee(who) for who in others if who)),
            )  # fmt: skip
            Project.objects.filter(pk=project.pk).update(started_at=at)
        store.event(proposal_id, "started", by=by, at=at)


def finish_project(
    *, proposal_id: int, by: int, at: datetime, note: str, key: str | None = None
) -> None:
    """The one who handles it says his part is done; with the last part the sample is drawn."""
    with db.atomic():
        if not store.first_time(f"finish:{proposal_id}", by, key, proposal_id, note):
            return
        it = store.load(proposal_id)
        project = Project.objects.filter(proposal=proposal_id).first()
        if project is None or project.started_at is None:
            raise Refused("项目还没有开工。")
        if Task.objects.filter(project=project, done_at=None).exists():
            raise Refused("还有任务没有完成。", code="open_tasks", todo="请先把任务逐项报完成。")
        spent = sum(
            Spending.objects.filter(line__project=project).values_list("amount_fen", flat=True)
        )
        matters.move(
            matter_id=it.row["matter_id"], verb="report_done", by=by, at=at, note=note,
            cost_fen=max(spent, 0),
        )  # fmt: skip
        if store.load(proposal_id).row["step"] == "verifying":
            Project.objects.filter(pk=project.pk).update(finished_at=at)
            draw(it, project, at=at)
        store.event(proposal_id, "finished", by=by, at=at)


_AFFECTED = """
select distinct on (h.id) h.id, p.id as person from people_household h
join people_person p on p.household_id = h.id
join places_place hp on hp.id = h.place_id left join places_place hg on hg.id = h.grid_id
where (hp.path like %(reach)s || '%%' or hg.path like %(reach)s || '%%')
  and h.id <> %(own)s::bigint and h.id not in (select household_id from proposals_seconder
    where proposal_id = %(id)s::bigint and withdrawn_at is null)
  and h.id not in (select household_id from proposals_supervisor where project_id = %(project)s)
  and p.id not in (select project_handlers(%(project)s))
order by h.id, p.head desc, p.id
"""


def draw(it: store.Loaded, project: Project, *, at: datetime) -> None:
    """Who is asked what came of it: the proposer, seconders, supervisors, and households by lot.

    The lot is the order of SHA-256 of the seed and the household's number, so anybody who knows
    the seed (the proposal's number and the day) can draw it again.
    """
    seed = f"{it.row['number']}:{at.date().isoformat()}"
    rows = db.rows(
        _AFFECTED,
        {"reach": it.row["reach_path"], "own": it.row["household_id"], "id": it.id,
         "project": project.pk},
    )  # fmt: skip
    lots = sorted(rows, key=lambda row: sha256(f"{seed}:{row[0]}".encode()).hexdigest())
    asked = [(it.row["proposer_id"], it.row["household_id"], "proposer")]
    watching = Supervisor.objects.filter(project=project).values_list("person_id", "household_id")
    asked += [(p, h, "supervisor") for p, h in watching]
    behind = db.rows(
        "select person_id, household_id from proposals_seconder where proposal_id = %s::bigint"
        " and withdrawn_at is null and person_id not in (select project_handlers(%s))",
        (it.id, project.pk),
    )
    asked += [(p, h, "seconder") for p, h in behind]
    asked += [(p, h, "affected") for h, p in lots[: rules.limit("sample_households")]]
    Asked.objects.bulk_create(
        [
            Asked(proposal_id=it.id, person_id=p, household_id=h, as_what=kind, at=at,
                  seed=seed if kind == "affected" else "")
            for p, h, kind in asked
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    following.follow_together(matter_id=it.row["matter_id"], people=[p for p, _, _ in asked], at=at)
