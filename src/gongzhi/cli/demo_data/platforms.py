"""Case 10: proposals of Hanshang, one settled on each platform and one that climbed all four."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gongzhi.cli.demo_data import towns
from gongzhi.cli.demo_data.towns import Town
from gongzhi.deliberation.proposals import actions
from gongzhi.deliberation.proposals.actions import Plan, SmallForm
from gongzhi.deliberation.proposals.models import Proposal
from gongzhi.deliberation.proposals.rules import entries
from gongzhi.matters import actions as matters
from gongzhi.matters import jobs
from gongzhi.matters.models import Matter
from gongzhi.places import actions as places
from gongzhi.playbooks.moves import Tally

HANSHANG, COMMUNITY = "321003001000", "321003001006"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LEVELS = ("courtyard", "grid", "community", "street")
METHOD = {"courtyard": "consensus", "grid": "households", "community": "joint", "street": "street"}
HANDS = {"courtyard": Tally(12, 9, 9, 0, 0), "grid": Tally(20, 15, 12, 2, 1),
         "community": Tally(30, 22, 17, 4, 1), "street": Tally(38, 30, 24, 5, 1)}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One proposal: what it says, where it begins, and where it is settled."""

    title: str
    wrong: str
    propose: str
    topic: str
    reach: str
    settled: str
    ago: float
    days: tuple[int, ...] = (4,)  # how long each platform talked
    end: bool = True


PROPOSALS = (
    Told("三号楼楼道装扶手", "楼道没有扶手，老人上下楼吃力。", "一到六楼装木扶手。", "safety",
         "courtyard", "courtyard", 160),
    Told("网格里装两个电瓶车充电棚", "电瓶车推进楼道充电，有危险。", "在围墙边搭两个棚。",
         "safety", "grid", "grid", 140, (5,)),
    Told("社区食堂给老人送饭", "十几位老人自己做不了饭。", "食堂每天送一次，志愿者送上门。",
         "service", "community", "community", 120, (7,)),
    Told("几个社区合办暑期班", "暑假孩子没人带。", "几个社区轮流办，大学生来带。", "civility",
         "street", "street", 100, (9,)),
    Told("打通小区后门的断头路", "后门到大路隔一道墙，绕行一公里。", "拆一段墙，铺路，装门禁。",
         "environment", "courtyard", "street", 90, (6, 12, 14, 11)),
    Told("楼下空地种花还是停车", "空地荒着，两种意见。", "一半种花，一半停车。", "environment",
         "courtyard", "courtyard", 12, (4,), end=False),
)  # fmt: skip


def tell(at: datetime) -> Town:
    """The street with its four platforms and six proposals."""
    town = towns.settle(HANSHANG, "hanshang", at, seed=10)
    towns.seat_village(town, COMMUNITY, homes=2)
    grid = f"{COMMUNITY}001"
    start = town.start
    yard = f"{grid}C01"
    made: dict[str, int] = {}
    for row in (
        places.NewPlace(grid, "翠岗第一网格", "grid", COMMUNITY),
        places.NewPlace(yard, "翠岗花园东院", "compound", grid),
    ):
        made |= places.add_places(rows=[row], by=None, at=at, valid_from=start)
    towns.appoint(town, [("grid_worker", grid, made[grid], None)])
    homes = towns.live_at(town, made[yard], 14, made[grid])
    for n, told in enumerate(PROPOSALS):
        _one(town, told, homes[n:] + homes[:n], made[yard])
    return town


def _one(town: Town, told: Told, homes: list[int], yard: int) -> None:
    """Written, seconded, accepted; talked over on each platform it needs; done and rated."""
    now = town.day(told.ago)
    form = SmallForm(
        title=told.title, wrong=told.wrong, propose=told.propose, topic=told.topic,
        reach=told.reach, own_part="我可以出一天工。", households=14, place_id=yard,
    )  # fmt: skip
    made = actions.propose(by=homes[0], at=now, key=None, form=form)
    for n, neighbour in enumerate(homes[1:7], 1):
        if Proposal.objects.get(pk=made.id).matter_id is None:
            actions.second(proposal_id=made.id, by=neighbour, at=now + n * HOUR)
    now += DAY
    actions.accept(proposal_id=made.id, by=_desk(town, told.reach), at=now,
                   answers=dict.fromkeys(entries("tests"), True))  # fmt: skip
    now = _climb(town, told, made.id, now)
    if told.end:
        _carry_out(town, told, made.id, homes, now)


def _desk(town: Town, level: str) -> int:
    return town.post("town_officer") if level == "street" else town.post("committee", COMMUNITY)


def _climb(town: Town, told: Told, proposal: int, now: datetime) -> datetime:
    """Platform by platform up to the one that settles it; each time with what was said."""
    way = LEVELS[LEVELS.index(told.reach) : LEVELS.index(told.settled) + 1]
    for level, days in zip(way, told.days, strict=False):
        by, hands = _desk(town, level), HANDS[level]
        now += timedelta(days=days - 1)
        actions.hear(proposal_id=proposal, by=by, at=now, seats=hands.electorate,
                     present=hands.present, words="各家都说了，记在后面。")  # fmt: skip
        now += DAY
        if level != told.settled:
            actions.send_up(proposal_id=proposal, by=by, at=now,
                            reason="牵涉的人不止这一级，请上一级议。")  # fmt: skip
        elif told.end:
            actions.decide(proposal_id=proposal, by=by, at=now, tally=hands, words="同意，这样做。",
                           method=METHOD[level])  # fmt: skip
    return now


def _carry_out(town: Town, told: Told, proposal: int, homes: list[int], now: datetime) -> None:
    """A small project with two supervisors and an account, verified, rated, published."""
    by, lead = _desk(town, told.settled), town.post("generalist_worker", COMMUNITY)
    watch = (town.post("verifier") if told.settled == "street"
             else town.post("supervisor", COMMUNITY))  # fmt: skip
    actions.plan_project(proposal_id=proposal, by=by, at=now + HOUR,
                         plan=Plan(told.propose, "为民服务资金", lead=lead))  # fmt: skip
    for person in homes[8:10]:
        actions.add_supervisor(proposal_id=proposal, by=by, at=now + HOUR, person_id=person)
    line = actions.add_line(proposal_id=proposal, by=by, at=now + HOUR, source="fund",
                            name="为民服务资金", planned_fen=600_000)  # fmt: skip
    actions.start_project(proposal_id=proposal, by=by, at=now + 2 * HOUR)
    actions.spend(proposal_id=proposal, line_id=line, by=by, at=now + 9 * DAY, amount_fen=528_000,
                  what="材料和人工", spent_on=(now + 9 * DAY).date())  # fmt: skip
    actions.finish_project(
        proposal_id=proposal, by=lead, at=now + 10 * DAY, note="做好了，请来看。"
    )
    matter = Proposal.objects.values_list("matter_id", flat=True).get(pk=proposal)
    assert matter is not None
    matters.move(matter_id=matter, verb="verify", by=watch, at=now + 11 * DAY)
    jobs.ask_those_concerned(at=now + 14 * DAY)
    matters.answer_call_back(matter_id=matter, by=homes[0], solved=True, score=5,
                             at=now + 14 * DAY)  # fmt: skip
    jobs.sweep(at=now + 27 * DAY)
    if Matter.objects.filter(pk=matter, stage="publish", outcome="").exists():
        matters.move(matter_id=matter, verb="publish", at=now + 28 * DAY,
                     by=town.post("supervisor", COMMUNITY))  # fmt: skip
