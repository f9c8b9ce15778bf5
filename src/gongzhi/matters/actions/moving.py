"""A matter moves: load and lock, ask the playbook, leave the effects, write. One transaction."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, KeyReused, NotAllowed, NotFound, Refused, Stale
from gongzhi.matters import facts, positions, store, sunpage
from gongzhi.matters.actions import effects
from gongzhi.matters.actions.intake import MAX_FILES, file_uploads
from gongzhi.places import queries as places
from gongzhi.playbooks import moves, play
from gongzhi.playbooks.moves import (
    Attendance,
    Facts,
    Move,
    Played,
    Ratings,
    Resolution,
    Tally,
    Verb,
)
from gongzhi.playbooks.schema import Playbook

# What has an action of its own (raising, judging the result: answers are counted, never typed) and
# what only the clock does.
NOT_BY_HAND = frozenset({Verb.RAISE, Verb.RATE, Verb.TICK})
# Refusals that say "not you" rather than "not now".
NOT_YOU = frozenset({"not_yours", "own_work", "conflict"})


@dataclass(frozen=True, slots=True)
class Assignee:
    """Who is to handle it: a person, an organisation, or a person of one; and by when."""

    person_id: int | None = None
    organisation_id: int | None = None
    due_at: datetime | None = None

    @property
    def name(self) -> str:
        """How `decide` knows this assignee."""
        return f"{self.person_id or ''}@{self.organisation_id or ''}"


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move led to. `result` is `moves.Played.result`."""

    id: int
    number: str
    seq: int
    verb: str
    result: str
    stage: str
    level: str
    outcome: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """Everything a door may say about a move, already clean."""

    verb: Verb
    reason: str = ""
    note: str = ""
    tally: Tally | None = None
    attendance: Attendance | None = None
    ratings: Ratings | None = None
    assignees: tuple[Assignee, ...] = ()
    until: datetime | None = None
    into: str = ""
    cost_fen: int | None = None
    private: bool = False
    uploads: tuple[str, ...] = ()
    data: dict[str, Any] | None = None
    item: str = ""
    resolution: Resolution | None = None

    def move(self) -> Move:
        """The move as the playbook understands it."""
        return Move(
            self.verb,
            reason=self.reason,
            tally=self.tally,
            attendance=self.attendance,
            ratings=self.ratings,
            assignees=tuple(a.name for a in self.assignees),
            until=self.until,
            item=self.item,
            resolution=self.resolution,
        )


def move(
    *,
    matter_id: int,
    verb: Verb | str,
    by: int | None,
    at: datetime,
    key: str | None = None,
    seen: int | None = None,
    reason: str = "",
    note: str = "",
    tally: Tally | None = None,
    attendance: Attendance | None = None,
    assignees: tuple[Assignee, ...] = (),
    until: datetime | None = None,
    into: str = "",
    cost_fen: int | None = None,
    private: bool = False,
    uploads: tuple[str, ...] = (),
    item: str = "",
    resolution: Resolution | None = None,
) -> Moved:
    """Make one move of a matter by hand.

    `seen` is the `last_seq` the person looked at: if somebody moved the
    matter since, Stale names him. `reason` goes to `decide`; `note` is what was said or done, kept
    with the event. `into` is the number a MERGE goes into; `until` the review day of a PARK;
    `cost_fen` what a part of the work cost; only a COMMENT can be `private`, for handlers alone.
    `item` is what a MARK says the law gives to an assembly. `resolution` is what a ballot counted:
    only deliberation hands one in, with its RESOLVE, and no door's form can; then `by` may be None
    (the ballot closed by itself), for who may close it was asked there.
    Refused carries the playbook's own sentence, NotAllowed when it is not this person's step.
    """
    wish = Wish(
        verb=_verb(verb),
        reason=text.clean(reason, 200, field="reason"),
        note=text.clean(note, 2000, field="note"),
        tally=tally, attendance=attendance, assignees=assignees, until=until,
        into=into.strip(), cost_fen=cost_fen, private=private, uploads=uploads,
        item=item.strip()[:40], resolution=resolution,
    )  # fmt: skip
    if by is None and resolution is None:
        raise NotAllowed("请先登录。")
    _check(wish)
    return play_wish(matter_id, wish, by=by, at=at, key=key, seen=seen)


def play_wish(
    matter_id: int,
    wish: Wish,
    *,
    by: int | None,
    at: datetime,
    key: str | None = None,
    seen: int | None = None,
) -> Moved:
    """One move, in one transaction with all it leaves behind; see `move`."""
    with db.atomic():
        return _play(matter_id, wish, by=by, at=at, key=key, seen=seen)


def _check(wish: Wish) -> None:
    """What no playbook needs to be asked about."""
    if wish.verb in NOT_BY_HAND:
        raise NotAllowed("这一步由系统自动完成。", code="not_yours")
    if wish.resolution is not None and wish.verb is not Verb.RESOLVE:
        raise BadInput("resolution", "决议只能作为表决的结果记下。")
    if wish.private and wish.verb is not Verb.COMMENT:
        raise BadInput("private", "只有留言可以只给办事人员看。")
    if len(wish.uploads) > MAX_FILES:
        raise BadInput("photos", "照片最多六张。", todo="请去掉几张再提交。")
    times = [wish.until, *(assignee.due_at for assignee in wish.assignees)]
    if any(time is not None and time.tzinfo is None for time in times):
        raise BadInput("until", "时间没有写明时区。")


def _play(
    matter_id: int, wish: Wish, *, by: int | None, at: datetime, key: str | None, seen: int | None
) -> Moved:
    key = store.request_key(f"move:{matter_id}", by, key)
    matter = store.load(matter_id, by=by, at=at, key=key)
    if matter is None:
        raise NotFound()
    asked = store.fingerprint(wish)
    if matter.once is not None:
        return _again(matter, wish, asked)
    if seen is not None and seen != matter.row["last_seq"]:
        raise _stale(matter, seen)
    playbook = places.playbook(matter.row["version_id"])
    calendar = places.calendar(matter.row["place_id"])
    around = facts.gather(playbook, matter, by=by, calendar=calendar)
    around = replace(around, attachments=around.attachments + len(wish.uploads))
    answer = decide(playbook, matter, wish, around, at)
    left = effects.leave(playbook, matter, wish, answer, by=by, at=at, calendar=calendar)
    moved = _write(playbook, matter, wish, answer, around, left, by=by, at=at, key=(key, asked))
    if answer.result == "pass":
        sunpage.publish_stage(playbook, matter, matter.position.stage, by=by, at=at)
    elif wish.verb is Verb.REFUSE:
        sunpage.publish_refusal(playbook, matter, matter.position.stage, by=by, at=at)
    return moved


def decide(
    playbook: Playbook, matter: store.Loaded, wish: Wish, around: Facts, at: datetime
) -> Played:
    """Ask the playbook; its no is raised as a refusal. A move below all known places is refused."""
    answer = play.decide(playbook, matter.position, wish.move(), around, at)
    if isinstance(answer, moves.Refused):
        if answer.field:
            raise BadInput(answer.field, answer.words, code=answer.code, todo=answer.todo)
        kind = NotAllowed if answer.code in NOT_YOU else Refused
        raise kind(answer.words, code=answer.code, todo=answer.todo)
    if matter.ladder[playbook.level_index(answer.position.level)] is None:
        raise Refused("这件事没有登记到更小的地点，不能再往下交。", code="no_place")
    return answer


def _write(
    playbook: Playbook,
    matter: store.Loaded,
    wish: Wish,
    answer: Played,
    around: Facts,
    left: effects.Left,
    *,
    by: int | None,
    at: datetime,
    key: tuple[str | None, str],
) -> Moved:
    position = answer.position
    held = matter.ladder[playbook.level_index(position.level)]
    assert held is not None
    if wish.uploads:
        file_uploads(matter.id, matter.row["last_seq"] + 1, wish.uploads, by)
    seq = store.write(
        matter.id,
        matter.row["last_seq"],
        store.Write(
            verb=wish.verb.value, result=answer.result, at=at, by=by, position=position,
            tick_at=play.next_tick(playbook, position, around.calendar), held_by=held,
            round=left.round, settled_level=left.settled_level, role=_role(wish, around),
            reason=wish.reason, data=left.data, private=wish.private,
            silent=left.silent, merged_into=left.merged_into, advice=left.advice,
            key=key[0], hash=key[1],
        ),
    )  # fmt: skip
    if seq is None:
        raise Stale()
    return Moved(
        matter.id, matter.row["number"], seq, wish.verb.value, answer.result,
        position.stage, position.level, position.outcome,
    )  # fmt: skip


def note(
    matter: store.Loaded, *, by: int, at: datetime, data: dict[str, Any], private: bool = False
) -> Moved:
    """Record something about a loaded matter that leaves it where it stands."""
    playbook = places.playbook(matter.row["version_id"])
    calendar = places.calendar(matter.row["place_id"])
    around = facts.gather(playbook, matter, by=by, calendar=calendar)
    left = effects.Left(matter.row["round"], matter.row["settled_level"], data)
    wish, answer = Wish(Verb.COMMENT, private=private), Played(matter.position)
    return _write(playbook, matter, wish, answer, around, left, by=by, at=at, key=(None, ""))


def _role(wish: Wish, around: Facts) -> str:
    """The role he acted in: for a signature the one he signs for, else the first he holds."""
    fresh = sorted(around.roles - around.signed) if wish.verb is Verb.SIGN else []
    return (fresh or sorted(around.roles) or [""])[0]


def _verb(verb: Verb | str) -> Verb:
    try:
        return Verb(verb)
    except ValueError:
        raise BadInput("move", "没有这种办法。", todo="请从页面上的按钮里选。") from None


def _again(matter: store.Loaded, wish: Wish, asked: str) -> Moved:
    """The same request once more: the first answer, nothing is done twice."""
    assert matter.once is not None
    seq, before = matter.once
    if before != asked:
        raise KeyReused()
    result, kept = db.rows(
        "select result, position from matters_event where matter_id = %s::bigint and seq = %s::int",
        (matter.id, seq),
    )[0]
    position = positions.from_json(db.load(kept))
    return Moved(
        matter.id, matter.row["number"], seq, wish.verb.value, result, position.stage,
        position.level, position.outcome, repeated=True,
    )  # fmt: skip


def _stale(matter: store.Loaded, seen: int) -> Stale:
    """Who moved it meanwhile, and what he did."""
    found = db.rows(
        "select p.name, e.verb, e.at from matters_event e left join people_person p"
        " on p.id = e.by_id where e.matter_id = %s::bigint and e.seq > %s::int"
        " order by e.seq desc limit 1",
        (matter.id, seen),
    )
    name, verb, at = found[0] if found else (None, "", None)
    stale = Stale(todo="请看最新情况，再决定要不要继续；您写的内容还在。")
    stale.data = {"moved_by": name or "系统", "verb": verb, "at": at, "seq": matter.row["last_seq"]}
    if name:
        stale.words = f"刚才{name}已经处理过这件事，请看最新情况。"
    return stale
