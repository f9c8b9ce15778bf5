"""A playbook told to the people it governs: sentences, a page and a picture, made from the data."""

from dataclasses import dataclass
from fractions import Fraction
from html import escape

from gongzhi.core.clock import Term
from gongzhi.playbooks import phrases, picture, rules
from gongzhi.playbooks.schema import Deadline, Gate, Playbook, Publish, Quorum, Stage, Words


@dataclass(frozen=True, slots=True)
class Line:
    """One heading and what is said under it; `basis` where numbers of it come from."""

    title: str
    text: str
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A stage, or one of the closing parts."""

    id: str
    title: str
    intro: str
    lines: tuple[Line, ...]


_DIGITS = "零一二三四五六七八九十"


@dataclass(frozen=True)
class Teller:
    """Says things of one playbook in one language."""

    playbook: Playbook
    language: str = "zh-Hans"

    @property
    def words(self) -> Words:
        """The playbook's own words."""
        return self.playbook.words(self.language)

    def say(self, phrase: str, **parts: object) -> str:
        """A phrase, filled in."""
        return phrases.say(phrase, self.language, **parts)

    def list(self, parts: list[str], last: str = "and") -> str:
        """ "a、b、c" or "a, b, c"."""
        return self.say(last if len(parts) == 2 else "and").join(parts)

    def roles(self, ids: tuple[str, ...]) -> str:
        """The names of roles."""
        return self.list([self.words.roles[role] for role in ids], "or")

    def term(self, term: Term) -> str:
        """A length of time in words."""
        return self.say(term.unit, n=term.amount)

    def share(self, share: Fraction, op: str) -> str:
        """ "过半数", "三分之二以上", or "more than 1/2": whether the share itself is enough."""
        if (self.language, share, op) == ("zh-Hans", Fraction(1, 2), ">"):
            return self.say("majority")
        above, below = share.numerator, share.denominator
        if self.language == "zh-Hans" and below < len(_DIGITS):
            written = f"{_DIGITS[below]}分之{_DIGITS[above]}"
        else:
            written = str(share)
        return self.say("more" if op == ">" else "at_least", share=written)

    def basis(self, basis: str | None) -> str:
        """Where numbers come from, in words."""
        return self.say(basis) if basis else ""


def sections(playbook: Playbook, language: str = "zh-Hans") -> tuple[Section, ...]:
    """Everything the playbook says, stage by stage, then the ladder, the limits, the measures."""
    tell = Teller(playbook, phrases.spoken(language))
    stages = tuple(_stage(tell, stage) for stage in playbook.stages)
    rest = (_rungs(tell), _ladder(tell), _limits(tell), _measures(tell))
    return stages + tuple(section for section in rest if section.lines)


def _stage(tell: Teller, stage: Stage) -> Section:
    words = tell.words.stages[stage.id]
    lines = [
        Line(tell.say("who"), words.who or tell.roles(stage.do)),
        Line(tell.say("gate"), gate(tell, stage), tell.basis(_gate_basis(stage.gate))),
        *_on_rungs(tell, stage),
    ]
    if stage.deadline is not None:
        lines.append(
            Line(tell.say("time"), deadline(tell, stage.deadline), tell.basis(stage.deadline.basis))
        )
    for title, board in (("board", stage.publish), ("refusal", stage.refusal)):
        if board is not None:
            lines.append(Line(tell.say(title), _board(tell, board), tell.basis(board.basis)))
    return Section(stage.id, words.name, words.what, tuple(lines))


def _on_rungs(tell: Teller, stage: Stage) -> list[Line]:
    """What is otherwise on single rungs."""
    lines = []
    for level, rung in stage.on.items():
        there, said = tell.playbook.stage_on(stage.id, level), []
        if rung.rule is not None or rung.quorum is not None:
            said.append(gate(tell, there))
        if rung.due is not None:
            said.append(tell.say("due", due=tell.term(rung.due)))
        stop = "；" if tell.language == "zh-Hans" else "; "
        text = stop.join(said)
        lines.append(Line(tell.words.levels[level], text, tell.basis(rung.basis)))
    return lines


def _gate_basis(gate: Gate) -> str | None:
    return gate.basis or (gate.quorum.basis if gate.quorum else None)


def gate(tell: Teller, stage: Stage) -> str:
    """What the stage waits for, in a sentence."""
    known = stage.gate
    quorum = _quorum(tell, known.quorum) if known.quorum else ""
    least = known.not_before
    wait = tell.say("not_before", least=tell.term(least)) if least is not None else ""
    return wait + tell.say(
        known.kind,
        by=tell.roles(known.by),
        verify=tell.roles(known.verify_by),
        threshold=float(known.threshold) if known.threshold else "",
        rule=_rule(tell, stage) if known.kind == "vote" else "",
        quorum=quorum,
    )


def _quorum(tell: Teller, quorum: Quorum) -> str:
    parts = []
    if quorum.min_count is not None:
        parts.append(tell.say("quorum_count", n=quorum.min_count))
    if quorum.min_share is not None:
        parts.append(tell.say("quorum_share", share=tell.share(quorum.min_share, quorum.op)))
    for role, n in quorum.include.items():
        parts.append(tell.say("quorum_role", role=tell.words.roles[role], n=n))
    stop = "；" if tell.language == "zh-Hans" else "; "
    return stop + tell.list(parts) + stop + tell.say("quorum_missed")


def _rule(tell: Teller, stage: Stage) -> str:
    rule = rules.of_stage(stage)
    assert rule is not None
    name = (rule.names or {}).get(tell.language, "") or tell.say("house")
    parts = [f"{name}（{rule.law}）" if rule.law and tell.language == "zh-Hans" else name]
    if rule.weighted:  # area and heads, twice over: the article says it better than one share
        return tell.list(parts)
    if rule.quorum is not None:
        parts.append(tell.say("rule_quorum", share=tell.share(rule.quorum.share, rule.quorum.op)))
        parts.append(tell.say("quorum_missed"))
    kind = "rule_present" if rule.pass_.of == "present" else "rule_members"
    parts.append(tell.say(kind, share=tell.share(rule.pass_.share, rule.pass_.op)))
    return tell.list(parts)


def deadline(tell: Teller, known: Deadline) -> str:
    """How long, and what then."""
    text = tell.say("due", due=tell.term(known.due))
    if known.urgent is not None:
        text += tell.say("urgent", due=tell.term(known.urgent))
    parts = [text]
    if known.warn:
        parts.append(tell.say("warn", percent=tell.list([f"{p}%" for p in known.warn])))
    parts.append(tell.say(f"late_{known.then}"))
    if known.pause_on:
        reasons = tell.list([tell.words.reasons[reason] for reason in known.pause_on])
        parts.append(tell.say("pause", reasons=reasons))
    return ("；" if tell.language == "zh-Hans" else "; ").join(parts)


def _board(tell: Teller, publish: Publish) -> str:
    return tell.say(
        "board_line",
        what=tell.list([tell.say(f"part_{part}") for part in publish.what]),
        to=tell.say(f"to_{publish.to}"),
        days=publish.days,
        mask=tell.say("masked") if publish.mask else "",
    )


def _rungs(tell: Teller) -> Section:
    levels = tell.playbook.levels
    title, shared = tell.say("levels"), [level for level in levels if level.target_share]
    if not shared:
        return Section("levels", title, "", ())
    shares = tell.list([f"{tell.words.levels[x.id]} {_percent(x.target_share)}" for x in shared])
    line = Line(title, tell.say("shares", shares=shares), tell.basis(shared[0].basis))
    return Section("levels", title, "", (line,))


def _percent(share: Fraction | None) -> str:
    return f"{float(share * 100):g}%" if share is not None else ""


def _ladder(tell: Teller) -> Section:
    climb, title = tell.playbook.climb, tell.say("ladder")
    if climb is None:
        return Section("climb", title, "", ())
    topics = [f"{tell.words.topics[t]} → {tell.words.levels[x]}" for t, x in climb.topics.items()]
    said = [tell.say(f"climb_{cause}", topics=tell.list(topics)) for cause in climb.by]
    top = tell.playbook.top_stage()
    said.append(
        tell.say("top_stage", stage=tell.words.stages[top].name) if top else tell.say("top_hold")
    )
    said.append(tell.say("descents", n=climb.max_descents))
    said.append(tell.say("returns", n=climb.max_returns))
    basis = tell.basis(climb.basis)
    return Section("climb", title, "", tuple(Line("", text, basis) for text in said))


def _limits(tell: Teller) -> Section:
    limits = tell.playbook.limits
    said = [tell.say("loops", n=limits.loops), tell.say("extensions", n=limits.extensions)]
    if limits.recall_until:
        said.append(tell.say("recall", stage=tell.words.stages[limits.recall_until].name))
    if limits.reopen_days:
        said.append(tell.say("reopen", n=limits.reopen_days))
    basis = tell.basis(limits.basis)
    lines = tuple(Line("", text, basis) for text in said)
    return Section("limits", tell.say("limits"), "", lines)


def _measures(tell: Teller) -> Section:
    lines = []
    for measure in tell.playbook.measures:
        hoped = tell.say("target", share=_percent(measure.target)) if measure.target else ""
        lines.append(Line(tell.words.measures[measure.id], hoped, tell.basis(measure.basis)))
    return Section("measures", tell.say("measures"), "", tuple(lines))


def text(playbook: Playbook, language: str = "zh-Hans") -> str:
    """The page as plain text, for a terminal."""
    tell = Teller(playbook, phrases.spoken(language))
    lines = [tell.words.name, tell.words.summary, tell.words.source, ""]
    for section in sections(playbook, language):
        lines += [f"■ {section.title}", *([f"  {section.intro}"] if section.intro else [])]
        for line in section.lines:
            head = f"{line.title}：" if line.title and line.text else line.title
            basis = f"（{tell.say('basis')}：{line.basis}）" if line.basis else ""
            lines.append(f"  · {head}{line.text}{basis}")
        lines.append("")
    return "\n".join(lines)


def html(playbook: Playbook, language: str = "zh-Hans") -> str:
    """The page as a fragment of HTML: the picture, then section by section."""
    tell = Teller(playbook, phrases.spoken(language))
    head = (
        f'<p class="lead">{escape(tell.words.summary)}</p>'
        f'<p class="muted">{escape(tell.words.source)}</p>'
        f'<div class="flow" tabindex="0" role="region" aria-label="{escape(tell.words.name)}">'
        f"{picture.svg(playbook, language)}</div>"
    )
    body = "".join(_html_section(tell, section) for section in sections(playbook, language))
    return f'<article class="playbook" lang="{tell.language}">{head}{body}</article>'


def _html_section(tell: Teller, section: Section) -> str:
    intro = f"<p>{escape(section.intro)}</p>" if section.intro else ""
    if all(line.title and line.text for line in section.lines):
        rows = "".join(
            f"<dt>{escape(line.title)}</dt><dd>{escape(line.text)}{_html_basis(tell, line)}</dd>"
            for line in section.lines
        )
        inner = f"<dl>{rows}</dl>"
    else:
        rows = "".join(
            f"<li>{escape(' '.join(filter(None, (line.title, line.text))))}"
            f"{_html_basis(tell, line)}</li>"
            for line in section.lines
        )
        inner = f"<ul>{rows}</ul>"
    return f'<section id="{section.id}"><h2>{escape(section.title)}</h2>{intro}{inner}</section>'


def _html_basis(tell: Teller, line: Line) -> str:
    if not line.basis:
        return ""
    return f' <span class="tag">{escape(tell.say("basis"))}: {escape(line.basis)}</span>'
