"""Try a way of governing on paper first: staff, arrivals and work in; shares and waiting out."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from gongzhi.matters import words
from gongzhi.playbooks import simulate, simulate_report
from gongzhi.playbooks.schema import Playbook
from gongzhi.web.staff import frame
from gongzhi.web.staff.playbooks import one

MOST = 1_200  # matters in one go: some three seconds


class SimulateForm(forms.Form):
    """What is assumed. It stands in the address, so that a result can be shown to others."""

    use_required_attribute = False
    per_day = forms.FloatField(
        label=gettext_lazy("一天提多少件事"), min_value=0.2, max_value=200, initial=5
    )
    days = forms.IntegerField(
        label=gettext_lazy("连着提多少天"), min_value=10, max_value=365, initial=60
    )
    handle_hours = forms.FloatField(
        label=gettext_lazy("办一件事要几个工作小时（中间数）"),
        min_value=0.1,
        max_value=200,
        initial=6,
    )

    def __init__(self, *args: Any, playbook: Playbook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = words.of(playbook).levels
        self.levels = [level.id for level in playbook.levels]
        for level in self.levels:
            self.fields[f"staff_{level}"] = forms.IntegerField(
                label=_("%s有几个人办（可不填）") % named[level],
                min_value=1,
                max_value=500,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """Not more matters at once than a page can wait for."""
        typed = self.cleaned_data
        if typed.get("per_day", 0) * typed.get("days", 0) > MOST:
            self.add_error("days", _("一次最多推演%d件，请少几天或每天少几件。") % MOST)
        return typed

    def setting(self) -> simulate.Setting:
        """The assumptions as the simulator knows them."""
        typed = self.cleaned_data
        staff = {x: typed[f"staff_{x}"] for x in self.levels if typed.get(f"staff_{x}")}
        return simulate.Setting(
            per_day=typed["per_day"], days=typed["days"], handle_hours=typed["handle_hours"],
            staff=staff,
        )  # fmt: skip

    def shown(self) -> list[forms.BoundField]:
        """The fields in order."""
        return self.visible_fields()


@frame.staff_only
def simulation(request: HttpRequest, playbook_id: str) -> HttpResponse:
    """The form, and with numbers in the address also what they lead to."""
    playbook = one(playbook_id)
    form = SimulateForm(request.GET or None, playbook=playbook)
    report, picture = None, ""
    if form.is_bound and form.is_valid():
        report, picture = _run(playbook, form.setting(), words.language())
    page = {
        "title": _("推演：%s") % words.of(playbook).name,
        "p": playbook,
        "form": form,
        "report": report,
        "picture": Markup(picture),  # noqa: S704 - drawn here from our own numbers
    }
    return frame.page(request, "simulation.html", page, 422 if form.errors else 200)


def _run(
    playbook: Playbook, setting: simulate.Setting, language: str
) -> tuple[simulate_report.Report, str]:
    happened = simulate.Simulation(playbook, setting)
    happened.run()
    report = simulate_report.report(happened, language)
    return report, simulate_report.picture(playbook, report, language)
