"""Forms of a project: what and who, tasks, money, supervisors, beginning and end."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gongzhi.deliberation.proposals import actions, queries
from gongzhi.deliberation.proposals.actions import Plan
from gongzhi.deliberation.proposals.models import MoneyLine
from gongzhi.web.proposals.forms import Act, Row
from gongzhi.web.staff import frame

WORKING = ("decided", "project")


class PlanForm(Act):
    """The project: what, budget line, lead."""

    name, done, first = _("立项"), _("已立项。"), True
    plan = forms.CharField(label=_("做什么"), max_length=1000, widget=frame.Lines(4))
    budget_line = forms.CharField(
        label=_("列在哪一项预算"), max_length=100, required=False,
        help_text=_("例如：社区为民服务资金。"),
    )  # fmt: skip
    lead = forms.ChoiceField(label=_("谁牵头"))

    @classmethod
    def offered(cls, row: Row) -> bool:
        project = row["project"]
        return bool(row["edits"]) and row["state"] in ("deciding", *WORKING) and not (
            project and project["started_at"]
        )  # fmt: skip

    def offer(self, row: Row) -> None:
        found = queries.leads(row["place_path"], row["today"])
        self.fields["lead"].choices = [("", _("请选")), *found]  # type: ignore[attr-defined]
        project = row["project"]
        self.first = project is None
        if project and not self.is_bound:
            unit = f"u{project['lead_unit_id']}" if project["lead_unit_id"] else ""
            self.initial = dict(self.initial) | {
                "plan": project["plan"], "budget_line": project["budget_line"],
                "lead": unit or f"p{project['lead_id']}",
            }  # fmt: skip

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        kind, number = typed["lead"][:1], int(typed["lead"][1:])
        actions.plan_project(
            **who,
            plan=Plan(
                typed["plan"], typed["budget_line"], lead=number if kind == "p" else None,
                lead_unit=number if kind == "u" else None,
            ),
        )  # fmt: skip


class ProjectForm(Act):
    """Something of a project that exists."""

    @classmethod
    def offered(cls, row: Row) -> bool:
        project = row["project"]
        return bool(project and row["edits"] and not project["finished_at"])


class TaskForm(ProjectForm):
    """One more task."""

    name, done = _("加一项任务"), _("已加任务。")
    what = forms.CharField(label=_("要做的事"), max_length=200)
    who_words = forms.CharField(label=_("谁来做"), max_length=60, required=False)
    due_on = forms.DateField(label=_("哪天以前"), required=False, widget=frame.Day())

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        names = ("what", "who_words", "due_on")
        actions.add_task(**who, **{name: typed[name] for name in names})


class LineForm(ProjectForm):
    """One more source of money."""

    name, done = _("加一笔资金"), _("已加资金来源。")
    source = forms.ChoiceField(label=_("钱从哪里来"), choices=MoneyLine.SOURCES)
    line_name = forms.CharField(label=_("名称"), max_length=100, required=False)
    planned = forms.DecimalField(
        label=_("计划多少元"), min_value=Decimal("0.01"), max_digits=12, decimal_places=2
    )

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        actions.add_line(
            **who, source=typed["source"], name=typed["line_name"],
            planned_fen=int(typed["planned"] * 100),
        )  # fmt: skip


class SupervisorForm(ProjectForm):
    """A resident who watches; found by name among the households concerned."""

    name, done = _("登记居民监督员"), _("已登记监督员。")
    person = forms.CharField(label=_("居民姓名"), max_length=60)
    door = forms.CharField(
        label=_("门牌（有同名时写）"),
        max_length=60,
        required=False,
        help_text=_("例如：1单元 101。"),
    )  # fmt: skip

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        person = queries.resident(self.row["reach_path"], typed["person"], typed["door"])
        actions.add_supervisor(**who, person_id=person)


class StartForm(ProjectForm):
    """Work begins."""

    name, done, first = _("开工"), _("已开工。"), True
    press = _("开工：交给牵头的人")

    @classmethod
    def offered(cls, row: Row) -> bool:
        return super().offered(row) and "dispatch" in row["allowed"]

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        actions.start_project(**who, **self.once(typed))


class RunningForm(ProjectForm):
    """Something of a project at work."""

    @classmethod
    def offered(cls, row: Row) -> bool:
        return super().offered(row) and bool(row["project"]["started_at"])


class SpendForm(RunningForm):
    """Money went out."""

    name, done = _("记一笔支出"), _("已记支出。")
    line = forms.ChoiceField(label=_("从哪一笔钱出"))
    amount = forms.DecimalField(
        label=_("多少元"), min_value=Decimal("0.01"), max_digits=12, decimal_places=2
    )
    what = forms.CharField(label=_("花在什么上"), max_length=200)
    spent_on = forms.DateField(label=_("哪一天"), widget=frame.Day())
    receipt = forms.CharField(label=_("票据号"), max_length=60, required=False)

    def offer(self, row: Row) -> None:
        self.fields["line"].choices = [  # type: ignore[attr-defined]
            (str(line["id"]), f"{dict(MoneyLine.SOURCES)[line['source']]} {line['name']}")
            for line in row["project"]["lines"]
        ]

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        names = ("what", "spent_on", "receipt")
        actions.spend(
            **who, line_id=int(typed["line"]), amount_fen=int(typed["amount"] * 100),
            key=typed["key"] or None, **{name: typed[name] for name in names},
        )  # fmt: skip


class TaskDoneForm(RunningForm):
    """A task is done."""

    name, done = _("报一项任务完成"), _("已记下完成。")
    task = forms.ChoiceField(label=_("哪一项"))
    note = frame.reason(_("说明（可不填）"), required=False, most=300)

    @classmethod
    def offered(cls, row: Row) -> bool:
        return super().offered(row) and any(not t["done_at"] for t in row["project"]["tasks"])

    def offer(self, row: Row) -> None:
        self.fields["task"].choices = [  # type: ignore[attr-defined]
            (str(t["id"]), t["what"]) for t in row["project"]["tasks"] if not t["done_at"]
        ]

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        actions.task_done(**who, task_id=int(typed["task"]), note=typed["note"])


class FinishForm(Act):
    """The handler says it is done."""

    name, done, first = _("报完工"), _("已报完工，等核查。"), True
    note = frame.reason(_("做成了什么样"), most=1000)

    @classmethod
    def offered(cls, row: Row) -> bool:
        return bool(row["project"]) and "report_done" in row["allowed"]

    def run(self, who: Mapping[str, Any], typed: dict[str, Any]) -> None:
        actions.finish_project(**who, note=typed["note"], key=typed["key"] or None)
