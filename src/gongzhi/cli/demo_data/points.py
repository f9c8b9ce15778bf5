"""Points as people earn them: a rule book the meeting passed, paper books carried over, deeds.

Case 1 (Maqun) and case 12 (Xinqiao). Every step is a real action; what the pages say of it is
computed from the records.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from gongzhi.cli.demo_data import towns
from gongzhi.cli.demo_data.log import Diary
from gongzhi.cli.demo_data.towns import Town
from gongzhi.core.clock import SHANGHAI
from gongzhi.deliberation.ballots import actions as ballots
from gongzhi.deliberation.ballots import rules as ballot_rules
from gongzhi.deliberation.bodies import actions as bodies
from gongzhi.ledger import opening
from gongzhi.ledger.points import actions
from gongzhi.ledger.points.models import RuleItem
from gongzhi.people.models import Person
from gongzhi.places import actions as places
from gongzhi.places.models import Place
from gongzhi.reactions import awarded, tovote

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MINUTE = timedelta(minutes=1)
BOOK_TALK = "楼栋里议了两次：把扫楼道改成按户记，值守从四分改成三分。"
REPRESENTATIVES = 12
PAPER_HEAD = "对象,姓名,楼栋,房号,积分,账本,页码,行号"


class Deed(NamedTuple):
    """Who did what, so many days ago. `who` is a neighbour's number, or "team", "unit"."""

    ago: float
    who: int | str
    code: str
    words: str
    evidence: str = "witness"
    times: int = 1
    stop: str = ""  # "claimed", "checked", "refused": how far it comes


@dataclass
class Community:
    """One community that keeps points: its people, and what was made on the way."""

    town: Town
    code: str
    diary: Diary
    name: str
    place: int = 0
    grid: str = ""
    homes: list[int] = field(default_factory=list)
    team: int = 0
    unit: int = 0
    holders: dict[str, int] = field(default_factory=dict)  # "team", "unit" → holder
    book: int = 0
    usual: int = 0
    motion: int = 0
    claims: list[int] = field(default_factory=list)
    channels: dict[str, int] = field(default_factory=dict)

    def post(self, role: str) -> int:
        """Who holds that post here, or in the grid."""
        return self.town.posts.get((role, self.code)) or self.town.posts[role, self.grid]

    @property
    def urban(self) -> bool:
        """0..: a residents' committee; 2..: a villagers' committee (the division code says so)."""
        return self.code[9] != "2"

    def item(self, code: str) -> int:
        """An item of the rule book in force."""
        return RuleItem.objects.values_list("id", flat=True).get(book_id=self.book, code=code)


def community(
    town: Town, diary: Diary, code: str, homes: int, buildings: Sequence[str], compound: str
) -> Community:
    """Posts, a grid, a compound, buildings, and neighbours at their doors."""
    towns.seat_village(town, code, homes=0)
    place = Place.objects.get(pk=town.villages[code])
    made = Community(town, code, diary, place.name.removesuffix("居委会").removesuffix("村委会"),
                     place.pk, f"{code}001")  # fmt: skip
    start = town.start
    estate = f"{code}C01"
    rows = [
        places.NewPlace(f"{made.grid}B{n:02d}", name, "building", estate)
        for n, name in enumerate(buildings, 1)
    ]
    found: dict[str, int] = {}
    for level in (
        [places.NewPlace(made.grid, f"{made.name}第1网格", "grid", code)],
        [places.NewPlace(estate, compound, "compound", made.grid)],
        rows,
    ):
        found |= places.add_places(rows=level, by=None, at=town.at, valid_from=start)
    town.villages |= found
    towns.appoint(town, [("grid_worker", made.grid, found[made.grid], None)])
    each = homes // len(rows)
    for row in rows:
        made.homes += towns.live_at(town, found[row.code], each, found[made.grid])
    return made


def rule_book(c: Community, ago: int, *, ballot: bool, budget: int) -> None:
    """Drafted, talked over, passed by the representatives, filed, published; then a budget."""
    diary, town, by = c.diary, c.town, c.post("committee")

    def drafted(at: datetime) -> None:
        c.book = actions.draft(place_id=c.place, title=f"{c.name}积分办法", by=by, at=at)

    def talked(at: datetime) -> None:
        actions.talked_over(book_id=c.book, on=at.astimezone(SHANGHAI).date(), words=BOOK_TALK,
                            by=by, at=at)  # fmt: skip

    def published(at: datetime) -> None:
        actions.file(book_id=c.book, by=town.post("town_officer"), at=at - HOUR)
        actions.publish(book_id=c.book, from_on=at.astimezone(SHANGHAI).date(), by=by, at=at)
        _react("points.published", c.book, at)
        c.usual = actions.open_activity(place_id=c.place, name=f"{at.year}年常规积分", usual=True,
                                        by=by, at=at)  # fmt: skip

    def funded(at: datetime) -> None:
        actions.fund(activity_id=c.usual, points=budget, why="代表会议通过的年度积分预算",
                     key="first", by=by, at=at)  # fmt: skip

    diary.on(town.day(ago + 24), drafted)
    diary.on(town.day(ago + 20), talked)
    if ballot:
        _vote(c, ago)
    else:
        diary.on(town.day(ago + 4, 16), partial(_on_paper, c))
    diary.on(town.day(ago, 10), published)
    diary.on(town.day(ago, 15), funded)


def _on_paper(c: Community, at: datetime) -> None:
    """The meeting counted hands; its minutes lie in the cupboard."""
    on = at.astimezone(SHANGHAI).date()
    meeting = "居民代表会议" if c.urban else "村民代表会议"
    vote = actions.Vote("representatives", on, 36, 31, 28,
                        resolution=f"{on.year}年第3次{meeting}第1号决议")  # fmt: skip
    actions.adopted(book_id=c.book, vote=vote, by=c.post("committee"), at=at)


def _vote(c: Community, ago: int) -> None:
    """The representatives vote in the system; the book follows the count by itself."""
    by, town = c.post("committee"), c.town

    def proposed(at: datetime) -> None:
        body = bodies.found(
            place_id=c.place, by=by, at=at,
            blueprint="resident_rep_meeting" if c.urban else "villager_rep_meeting",
        )  # fmt: skip
        for person in c.homes[:REPRESENTATIVES]:
            bodies.seat(body_id=body, person_id=person, seat_class="representative", by=by, at=at)
        c.motion = tovote.put(book_id=c.book, to=f"body:{body}", by=by, at=at)
        ballots.announce_motion(motion_id=c.motion, by=by, at=at)

    def opened(at: datetime) -> None:
        ballots.open_motion(motion_id=c.motion, by=by, at=at, closes_at=at + 2 * DAY)
        for n, person in enumerate(c.homes[: REPRESENTATIVES - 1]):
            ballots.vote(
                motion_id=c.motion, person_id=person, by=person, at=at + HOUR,
                choice=("for" if n % 5 else "against",), receipt=ballot_rules.receipt_code(),
            )  # fmt: skip

    def closed(at: datetime) -> None:
        ballots.close_motion(motion_id=c.motion, by=by, at=at)
        _react("motion.closed", c.motion, at)

    diary = c.diary
    diary.on(town.day(ago + 18), proposed)
    diary.on(town.day(ago + 6), opened)
    diary.on(town.day(ago + 4, 12), closed)


def _react(kind: str, subject: int, at: datetime) -> None:
    """What the worker would have done within the second."""
    awarded.follow({"kind": kind, "subject_id": subject, "at": at}, at)


def paper_books(c: Community, ago: int, balances: Sequence[int]) -> None:
    """Points 1.0 lay in exercise books since 2019: one person types them in, another lets them in.

    The paper names the page and the line; both are asked for ever after.
    """

    def carried(at: datetime) -> None:
        rows = Person.objects.filter(pk__in=c.homes[: len(balances)]).order_by("pk")
        lines = [
            f"个人,{name},{building},{door},{points},2019年积分本,{n // 5 + 1},{n % 5 + 1}"
            for n, ((name, building, door), points) in enumerate(
                zip(rows.values_list("name", "household__place__name", "household__door"),
                    balances, strict=True)
            )
        ]  # fmt: skip
        sheet = "\n".join((PAPER_HEAD, *lines, "")).encode()
        made = opening.upload(place_id=c.place, filename="2019年积分本.csv", data=sheet,
                              by=c.post("committee"), at=at)  # fmt: skip
        opening.apply(opening_id=made, by=c.post("party_secretary"), at=at)

    c.diary.on(c.town.day(ago, 17), carried)


def groups(c: Community, ago: int, team: str) -> None:
    """A team of neighbours, and an enterprise of the place."""

    def joined(at: datetime) -> None:
        worker = c.post("generalist_worker")
        c.holders["team"] = actions.join_team(place_id=c.place, name=team, lead_id=c.homes[1],
                                              by=worker, at=at)  # fmt: skip
        c.holders["unit"] = actions.join_organisation(place_id=c.place, organisation_id=c.unit,
                                                      by=worker, at=at)  # fmt: skip

    c.diary.on(c.town.day(ago, 11), joined)


def deeds(c: Community, done: Sequence[Deed]) -> None:
    """Each is claimed the same evening and looked at by two others in the days after."""
    for n, deed in enumerate(done):
        at = c.town.day(deed.ago, 18, n % 60)
        c.diary.on(at, partial(_claimed, c, deed))


def _claimed(c: Community, deed: Deed, at: datetime) -> None:
    group = isinstance(deed.who, str)
    by = c.post("generalist_worker") if isinstance(deed.who, str) else c.homes[deed.who]
    claim = actions.claim(
        deed=actions.Deed(c.item(deed.code), at.astimezone(SHANGHAI).date(), deed.words,
                          deed.evidence, deed.times),
        by=by, at=at, holder_id=c.holders[str(deed.who)] if group else None,
    )  # fmt: skip
    c.claims.append(claim)
    first, second = c.post("grid_worker"), c.post("committee")
    if deed.stop == "claimed":
        return
    if deed.stop == "refused":
        why = "这一次没有人能证明，请下次叫上邻居。"
        c.diary.on(at + 15 * HOUR, lambda t: actions.refuse(claim_id=claim, reason=why, by=first,
                                                            at=t))  # fmt: skip
        return
    c.diary.on(at + 15 * HOUR, lambda t: actions.check_first(claim_id=claim, by=first, at=t))
    if deed.stop != "checked":
        c.diary.on(at + 17 * HOUR, lambda t: actions.check_second(claim_id=claim, by=second, at=t))


def notice(c: Community, ago: int, *, entered: bool = True) -> None:
    """Totals are made public; three days later they are entered."""
    by = c.post("committee")

    def posted(at: datetime) -> None:
        made = actions.post(place_id=c.place, by=by, at=at)
        _react("points.noticed", made, at)
        if entered:
            c.diary.on(at + 3 * DAY + HOUR, lambda t: actions.enter(notice_id=made, by=by, at=t))

    c.diary.on(c.town.day(ago, 16), posted)


def hours(c: Community, served: Sequence[tuple[float, int, int, str]]) -> None:
    """(days ago, neighbour, minutes, what): recorded by the worker, confirmed by who was helped."""

    def one(neighbour: int, minutes: int, what: str, at: datetime) -> None:
        made = actions.record(
            person_id=c.homes[neighbour], on=at.astimezone(SHANGHAI).date(), minutes=minutes,
            what=what, by=c.post("generalist_worker"), at=at,
        )  # fmt: skip
        helped = c.homes[(neighbour + 5) % len(c.homes)]
        actions.confirm(service_id=made, by=helped, at=at)
        _react("service.confirmed", made, at)

    for ago, neighbour, minutes, what in served:
        c.diary.on(c.town.day(ago, 17, 30), partial(one, neighbour, minutes, what))
