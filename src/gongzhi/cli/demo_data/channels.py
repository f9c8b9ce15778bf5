"""掌上社区 of Maqun: what neighbours say, who answers, what becomes a matter and how it ends.

A channel in every community of the street (case 1: everywhere since 2016); in the two pilots also
for compounds, buildings and a topic.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from gongzhi.channels import actions
from gongzhi.cli.demo_data.points import Community
from gongzhi.cli.demo_data.towns import Town
from gongzhi.core import db
from gongzhi.matters import actions as matters
from gongzhi.matters import jobs
from gongzhi.matters.actions import Assignee
from gongzhi.matters.models import Matter
from gongzhi.reactions import awarded
from gongzhi.reactions import channels as told

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


class Said(NamedTuple):
    """A neighbour's word in a channel, and what came of it."""

    ago: float
    channel: str
    who: int
    words: str
    answer: str = ""
    category: str = ""  # made into a matter of this category
    end: str = "done"  # how far the matter comes: "done", "working", "new"
    after: int = 12  # minutes until the keeper answers


def everywhere(town: Town, ago: int) -> None:
    """A channel of each community of the street, opened by its generalist worker."""
    for code, place in sorted(town.villages.items()):
        if len(code) == 12 and ("generalist_worker", code) not in town.posts:
            actions.open_channel(
                place_id=place, kind="community", name="社区频道", about="社区的事在这里说。",
                by=town.post("generalist_worker"), at=town.day(ago),
            )  # fmt: skip


def opened(c: Community, ago: int, kinds: Sequence[tuple[str, str, str, str]]) -> None:
    """(key, kind, name, code of the place): by the committee, before anybody talks."""
    for key, kind, name, code in kinds:
        place = c.place if code == c.code else c.town.villages[code]
        c.channels[key] = actions.open_channel(
            place_id=place, kind=kind, name=name, by=c.post("committee"), at=c.town.day(ago),
            about="说说身边的事，半小时里有人回。" if kind != "topic" else "",
        )  # fmt: skip


def talk(c: Community, said: Sequence[Said]) -> None:
    """Posts at the hours people have time; the answers in office hours."""
    for n, one in enumerate(said):
        at = c.town.day(one.ago, 9 + n % 8, (7 * n) % 50)
        c.diary.on(at, partial(_say, c, one))


def _say(c: Community, one: Said, at: datetime) -> None:
    keeper = c.post("grid_worker")
    post = actions.say(channel_id=c.channels[one.channel], words=one.words, by=c.homes[one.who],
                       at=at)  # fmt: skip
    answered = at + one.after * MINUTE
    if one.answer:
        c.diary.on(answered, lambda t: actions.say(
            channel_id=c.channels[one.channel], words=one.answer, by=keeper, under=post, at=t
        ))  # fmt: skip
    if one.category:
        c.diary.on(answered + 2 * MINUTE, partial(_matter, c, one, post))


def _matter(c: Community, one: Said, post: int, at: datetime) -> None:
    """Two taps: the words become a matter in the grid, and the grid worker takes it."""
    keeper = c.post("grid_worker")
    made = actions.make_matter(post_id=post, place_id=c.town.villages[c.grid],
                               category=one.category, by=keeper, at=at)  # fmt: skip
    if one.end == "new":
        return
    at += MINUTE
    matters.move(matter_id=made.id, verb="accept", by=c.post("generalist_worker"), at=at)
    matters.move(matter_id=made.id, verb="dispatch", by=keeper, at=at + MINUTE,
                 assignees=(Assignee(person_id=keeper),))  # fmt: skip
    if one.end == "done":
        c.diary.on(at + 2 * DAY, partial(_finished, c, made.id, c.homes[one.who]))


def _finished(c: Community, matter: int, raiser: int, at: datetime) -> None:
    """Done, seen by the supervision committee, judged by who raised it, told in the channel."""
    matters.move(matter_id=matter, verb="report_done", by=c.post("grid_worker"), at=at,
                 note="办好了，请来看。")  # fmt: skip
    matters.move(matter_id=matter, verb="verify", by=c.post("supervisor"), at=at + 3 * HOUR)
    jobs.ask_those_concerned(at=at + 3 * DAY)
    matters.answer_call_back(matter_id=matter, by=raiser, solved=True, score=5, at=at + 3 * DAY)
    matters.move(matter_id=matter, verb="publish", by=c.post("committee"), at=at + 3 * DAY + HOUR)
    c.diary.on(at + 3 * DAY + HOUR, partial(_told, matter))


def _told(matter: int, at: datetime) -> None:
    """What the worker would have done within the second: the summary, and the point for it."""
    row = Matter.objects.values("id", "number", "title", "outcome", "sensitive").get(pk=matter)
    told.tell({"kind": "matter.moved", "matter": row}, at)
    rows = [{"kind": "matter.moved", "subject_id": matter, "at": at}]
    for wanted in awarded.wanted(rows):
        awarded.follow(wanted, at)


def relayed(c: Community, ago: float, channel: str, words: str) -> None:
    """A message forwarded from a group elsewhere, pasted in by a worker."""
    c.diary.on(c.town.day(ago, 10, 20), lambda at: actions.relay(
        channel_id=c.channels[channel], words=words, by=c.post("generalist_worker"), at=at
    ))  # fmt: skip


def notified(c: Community, ago: float, channel: str, words: str, seen: int) -> None:
    """A notice, and so many who pressed "看到了"."""

    def told_all(at: datetime) -> None:
        post = actions.notify(channel_id=c.channels[channel], words=words,
                              by=c.post("committee"), at=at)  # fmt: skip
        for n, person in enumerate(c.homes[:seen]):
            actions.seen(post_id=post, by=person, at=at + (n + 1) * 20 * MINUTE)

    c.diary.on(c.town.day(ago, 9, 30), told_all)


def polled(
    c: Community, ago: float, channel: str, words: str, options: Sequence[str],
    votes: Sequence[int], days: int,
) -> None:  # fmt: skip
    """An open poll with the voices of as many neighbours as there are votes."""

    def asked(at: datetime) -> None:
        post = actions.ask(channel_id=c.channels[channel], words=words, options=options,
                           until=at + days * DAY, by=c.post("committee"), at=at)  # fmt: skip
        for n, option in enumerate(votes):
            actions.vote(post_id=post, option=option, by=c.homes[n], at=at + (n + 1) * HOUR)

    c.diary.on(c.town.day(ago, 10), asked)


def counted(path: str) -> dict[str, int]:
    """Posts by kind below a place."""
    rows = db.rows(
        "select p.kind, count(*) from channels_post p join channels_channel c"
        " on c.id = p.channel_id where c.place_path like %s || '%%' group by 1", (path,),
    )  # fmt: skip
    return {str(kind): int(n) for kind, n in rows}
