"""What a simulation showed: numbers with their intervals, a table, a picture."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from gongzhi.playbooks import phrases
from gongzhi.playbooks.schema import Playbook
from gongzhi.playbooks.simulate import FIRST_DAY, Case, Simulation, ended

_Z = 1.959964  # two-sided 95 %


@dataclass(frozen=True, slots=True)
class Rung:
    """One level. Shares are of one; hours are working hours."""

    level: str
    name: str
    staff: int
    busy: float  # part of the working time they worked
    settled: int
    share: float
    low: float  # 95 % interval of the share (Wilson)
    high: float
    target: float | None
    waited_median: float
    waited_p90: float
    breaches: int


@dataclass(frozen=True, slots=True)
class Report:
    """The whole. Days are calendar days from raising to the end."""

    raised: int
    done: int
    unsolved: int
    silent: int
    reworked: int
    days_median: float
    days_p90: float
    breaches: int
    rungs: tuple[Rung, ...]


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); all of it for nothing counted."""
    if of == 0:
        return 0.0, 1.0
    share, z2 = hits / of, _Z * _Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which that part of the values lies; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


def report(simulation: Simulation, language: str = "zh-Hans") -> Report:
    """The numbers of a simulation that has run."""
    cases = simulation.cases
    done = [case for case in cases if ended(case)]
    days = [_days(case) for case in done]
    late = Counter(level for case in cases for _, level in case.breaches)
    settled = Counter(case.settled for case in done if case.settled)
    return Report(
        raised=len(cases),
        done=len(done),
        unsolved=sum(case.room.position.unsolved for case in done),
        silent=sum(case.silent for case in done),
        reworked=sum(case.reworked for case in done),
        days_median=quantile(days, 0.5),
        days_p90=quantile(days, 0.9),
        breaches=sum(late.values()),
        rungs=tuple(_rungs(simulation, settled, late, language)),
    )


def _days(case: Case) -> float:
    ended_at = case.room.position.ended_at
    assert ended_at is not None
    return (ended_at - case.raised).total_seconds() / 86400


def _rungs(
    simulation: Simulation, settled: Counter[str], late: Counter[str], language: str
) -> list[Rung]:
    playbook, total = simulation.playbook, sum(settled.values())
    hours = _office_hours(simulation)
    rungs = []
    for level in playbook.levels:
        waits = [case.waited[level.id] for case in simulation.cases if level.id in case.waited]
        low, high = wilson(settled[level.id], total)
        staff = simulation.staff[level.id]
        rungs.append(
            Rung(
                level=level.id,
                name=playbook.words(language).levels[level.id],
                staff=staff,
                busy=min(1.0, simulation.busy[level.id] / (hours * staff)),
                settled=settled[level.id],
                share=settled[level.id] / total if total else 0.0,
                low=low,
                high=high,
                target=None if level.target_share is None else float(level.target_share),
                waited_median=quantile(waits, 0.5),
                waited_p90=quantile(waits, 0.9),
                breaches=late[level.id],
            )
        )
    return rungs


def _office_hours(simulation: Simulation) -> float:
    worked = simulation.setting.calendar.between(FIRST_DAY, simulation.end)
    return worked.total_seconds() / 3600


def table(playbook: Playbook, found: Report, language: str = "zh-Hans") -> str:
    """The numbers as lines for a terminal."""

    def say(phrase: str, **parts: object) -> str:
        return phrases.say(phrase, language, **parts)

    lines = [
        playbook.words(language).name,
        say("sim_all", raised=found.raised, done=found.done),
        say("sim_days", median=f"{found.days_median:.1f}", p90=f"{found.days_p90:.1f}"),
        say("sim_rest", late=found.breaches, silent=found.silent, again=found.reworked,
            unsolved=found.unsolved),
        "",
    ]  # fmt: skip
    for rung in found.rungs:
        aim = "" if rung.target is None else say("sim_target", share=f"{rung.target:.0%}")
        lines.append(
            say("sim_rung", name=rung.name, staff=rung.staff, busy=f"{rung.busy:.0%}",
                settled=rung.settled, share=f"{rung.share:.1%}", low=f"{rung.low:.1%}",
                high=f"{rung.high:.1%}", target=aim, median=f"{rung.waited_median:.1f}",
                p90=f"{rung.waited_p90:.1f}", late=rung.breaches)
        )  # fmt: skip
    return "\n".join([*lines, "", say("sim_note")])


def picture(playbook: Playbook, found: Report, language: str = "zh-Hans") -> str:
    """The shares by level with their intervals, and the hoped-for shares beside them, as SVG."""
    import altair as alt
    import vl_convert

    order = [rung.name for rung in reversed(found.rungs)]
    data = alt.InlineData(values=[_row(rung) for rung in found.rungs])
    base = alt.Chart(data).encode(y=alt.Y("name:N", sort=order, title=None))
    bars = base.mark_bar(height=18, color="#317f9f").encode(
        x=alt.X("share:Q", axis=alt.Axis(format="%", title=None), scale=alt.Scale(domain=[0, 1]))
    )
    whiskers = base.mark_rule(strokeWidth=2, color="#1f2328").encode(x="low:Q", x2="high:Q")
    texts = base.mark_text(align="left", dx=8, baseline="middle").encode(
        x="beside:Q", text="label:N"
    )
    layers = [bars, whiskers, texts]
    if all(rung.target is not None for rung in found.rungs):
        tick = base.mark_tick(thickness=3, size=30, color="#8a4b00").encode(x="target:Q")
        layers.append(tick)
    title = phrases.say("sim_title", language, name=playbook.words(language).name)
    chart = alt.layer(*layers).properties(
        width=460, height=44 * len(found.rungs), title=alt.Title(title, anchor="start")
    )
    chart = chart.configure(
        font="system-ui, PingFang SC, Noto Sans CJK SC, Noto Sans SC, sans-serif"
    ).configure_axis(labelFontSize=14).configure_text(fontSize=13)  # fmt: skip
    return vl_convert.vegalite_to_svg(chart.to_dict())


def _row(rung: Rung) -> dict[str, object]:
    return {
        "name": rung.name,
        "share": rung.share,
        "low": rung.low,
        "high": rung.high,
        "target": rung.target,
        "beside": max(rung.high, rung.target or 0.0),
        "label": f"{rung.share:.1%} ({rung.settled})",
    }
