"""Walking through a playbook at the terminal, step by step or after a scenario."""

from collections.abc import Callable
from datetime import datetime, timedelta

from gongzhi.cli.say import words
from gongzhi.core.clock import SHANGHAI, Term
from gongzhi.playbooks import grants, play, scenarios
from gongzhi.playbooks.moves import Attendance, Move, Played, Ratings, Refused, Tally, Verb
from gongzhi.playbooks.room import Room
from gongzhi.playbooks.schema import Playbook

Ask = Callable[[str], str]
START = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)


def where(room: Room, language: str) -> str:
    """One line: when, which stage, which rung, until when."""
    now, known = room.position, room.playbook.words(language)
    at = room.at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")
    if now.outcome:
        return f"{at}  {known.done if now.outcome == 'done' else now.outcome}"
    due = now.due_at.astimezone(SHANGHAI).strftime("→ %m-%d %H:%M") if now.due_at else ""
    stage = known.stages[now.stage]
    return f"{at}  {stage.name}（{known.levels[now.level]}）{now.step.value} {stage.status} {due}"


def scripted(playbook: Playbook, scenario: scenarios.Scenario, language: str) -> int:
    """Tell a scenario as it happens; 1 if it does not come out as written."""
    print(scenario.sentence)
    room = scenarios.room_of(playbook, scenario)
    print(f"   {where(room, language)}")
    wrong = 0
    for number, when in enumerate(scenario.when, 1):
        mismatches = scenarios.happen(room, number, when)
        name = f"{when.who} {grants.NAMES[when.do]}" if when.do else ""
        passed = f"({when.wait}) " if when.wait else ""
        print(f"{number:2} {passed}{name}\n   {where(room, language)}")
        for mismatch in mismatches:
            print(f"   ✗ {mismatch}")
        wrong += len(mismatches)
    return 1 if wrong else 0


def table_of(playbook: Playbook) -> Room:
    """A table with one person for every role, called by the role's name."""
    known = playbook.words()
    people = {known.roles[role.id]: frozenset({role.id}) for role in playbook.roles}
    return Room(playbook, people, START)


def interactive(playbook: Playbook, language: str, ask: Ask = input) -> int:
    """Ask again and again what happens next, until the matter ends or nobody wants to go on."""
    room = table_of(playbook)
    while not room.position.outcome:
        print(where(room, language))
        choices = _choices(room)
        for number, (person, verb) in enumerate(choices, 1):
            print(f"  {number:2}. {person}：{grants.NAMES[verb]}")
        print(words("  t 3d. 过三天   q. 结束", "  t 3d. three days pass   q. quit"))
        try:
            if not _turn(room, choices, ask(words("做什么？ ", "What now? ")).strip(), ask):
                return 0
        except EOFError:
            return 0
        except (ValueError, IndexError):
            print(words("没有看懂，请再写一遍。", "Not understood; please write it again."))
    print(where(room, language))
    return 0


def _choices(room: Room) -> list[tuple[str, Verb]]:
    return [
        (person, verb)
        for person in room.people
        for verb in play.available(room.playbook, room.position, room.facts(person))
        if verb is not Verb.COMMENT
    ]


def _turn(room: Room, choices: list[tuple[str, Verb]], line: str, ask: Ask) -> bool:
    if line in ("q", ""):
        return False
    if line.startswith("t"):
        for played in room.wait_until(room.calendar.add(room.at, Term.parse(line[1:].strip()))):
            print(f"   ⏰ {played.result} {played.warned or ''}")
        return True
    person, verb = choices[int(line) - 1]
    answer = room.play(person, _asked(room, person, verb, ask))
    if isinstance(answer, Refused):
        print(f"   ✗ {answer.words}{answer.todo}")
    elif isinstance(answer, Played):
        print(f"   ✓ {answer.result}")
    return True


def _numbers(ask: Ask, zh: str, en: str) -> list[int]:
    return [int(word) for word in ask(words(zh, en)).split()]


def _asked(room: Room, person: str, verb: Verb, ask: Ask) -> Move:
    """The move with what it must bring."""
    if verb is Verb.RESOLVE:
        said = _numbers(ask, "应到 到会 赞成 反对 弃权：", "members present for against abstain: ")
        return Move(verb, tally=Tally(*said))
    if verb is Verb.HEAR:
        seats, present = _numbers(ask, "应到 到会：", "seats present: ")
        came = {role.id: present for role in room.playbook.roles}
        return Move(verb, attendance=Attendance(seats, present, came))
    if verb is Verb.RATE:
        asked, *scores = _numbers(ask, "请了几人评 每人几分：", "how many asked, then each score: ")
        return Move(verb, ratings=Ratings(asked, {score: scores.count(score) for score in scores}))
    if verb is Verb.PARK:
        days = _numbers(ask, "几天以后复查：", "review in how many days: ")[0]
        return Move(verb, ask(words("原因：", "reason: ")), until=room.at + timedelta(days=days))
    if verb in (Verb.DISPATCH, Verb.TRANSFER):
        helpers = ask(words("交给谁（空格分开）：", "to whom (by spaces): ")).split()
        reason = ask(words("原因：", "reason: ")) if verb is Verb.TRANSFER else ""
        room.people = {**{name: frozenset() for name in helpers}, **room.people}
        return Move(verb, reason, assignees=tuple(helpers))
    if verb is Verb.ATTACH:
        room.attachments += 1
    reason = ask(words("原因：", "reason: ")) if verb in grants.NEEDS_REASON else ""
    return Move(verb, reason)
