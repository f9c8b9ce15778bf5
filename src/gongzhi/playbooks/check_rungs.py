"""What a stage changes on single rungs, and how long it stays open: told in a clerk's words."""

from collections.abc import Iterator
from datetime import datetime

from gongzhi.core.clock import SHANGHAI, Term, WorkCalendar
from gongzhi.playbooks.problems import Problem
from gongzhi.playbooks.schema import Playbook, Rung, Stage

_MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
_GATES = {"rule": ("vote",), "quorum": ("vote", "hearing")}


def check(pb: Playbook) -> Iterator[Problem]:
    """The slips of `on` and `not_before`."""
    for stage in pb.stages:
        for level, rung in stage.on.items():
            where = f"playbook.toml · stages → {stage.id} → on → {level}"
            yield from _rung(stage, rung, where)
        yield from _open_too_long(pb, stage)


def _rung(stage: Stage, rung: Rung, where: str) -> Iterator[Problem]:
    if stage.level:
        what = "这一步只在一级办，不用按级写"
        yield Problem("rung_of_fixed", where, what, "去掉 on，或去掉 level")
    if rung.due is None and rung.rule is None and rung.quorum is None:
        yield Problem("rung_empty", where, "什么也没有改", "写 due、rule 或 quorum")
    if rung.due is not None and stage.deadline is None:
        yield Problem("rung_without_deadline", where, "这一步没有期限", "先写 deadline")
    for key, kinds in _GATES.items():
        if getattr(rung, key) is not None and stage.gate.kind not in kinds:
            what = f"“{stage.gate.kind}”这种关口用不上“{key}”"
            yield Problem("key_misplaced", where, what, f"只用在：{'、'.join(kinds)}")
    if rung.basis is None:
        expected = "basis = source（原文）、law（法律）或 default（我们的建议）"
        yield Problem("no_basis", where, "没有写数字从哪里来（basis）", expected)


def _open_too_long(pb: Playbook, stage: Stage) -> Iterator[Problem]:
    least = stage.gate.not_before
    if least is None or stage.deadline is None:
        return
    dues = [stage.deadline.due, *(rung.due for rung in stage.on.values())]
    if any(due is not None and _end(due) <= _end(least) for due in dues):
        what = "至少要开放的时间（not_before）不比期限短"
        yield Problem("never_in_time", f"playbook.toml · stages → {stage.id} → gate", what,
                      "期限写长一点，或 not_before 写短一点")  # fmt: skip


def _end(term: Term) -> datetime:
    return WorkCalendar().add(_MONDAY, term)
