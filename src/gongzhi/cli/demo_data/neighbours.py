"""What waits for the first residents: a topic, a vote, money and a questionnaire of their own.

In 聚龙湖 of Xindu, where 阿梅 lives, and an appraisal in 双马村, where 老赵 lives; one appraisal is
counted. All by the real actions; nobody of the two has answered anything yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from gongzhi.cli.demo_data import cast
from gongzhi.deliberation.ballots import actions as ballots
from gongzhi.deliberation.ballots import rules
from gongzhi.deliberation.budgets import actions as budgets
from gongzhi.deliberation.budgets import rules as budget_rules
from gongzhi.deliberation.budgets.actions.stages import Plan
from gongzhi.deliberation.rounds import actions as rounds
from gongzhi.deliberation.rounds.models import Statement
from gongzhi.people import queries as people
from gongzhi.people.models import Account, Person
from gongzhi.people.permissions import Viewer
from gongzhi.places.models import Place
from gongzhi.surveys import actions as surveys
from gongzhi.surveys.actions.answers import fields_of, the_round

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MOST = 40  # neighbours on a roll: the full demonstration has thousands
SAID = (
    "充电棚搭在北门空地上。", "充电棚离楼远一点，最少十米。", "先把楼道里的车清走，再说搭棚。",
    "充电价格要贴出来。", "棚顶装太阳能板。", "夜里十二点以后不准充电。",
    "按户头分车位，一户一个。",
)  # fmt: skip
VIEWS = ((1, 1, -1, 1, 1, -1, 1), (-1, 1, 1, 1, 0, 1, -1))  # how the two sides see each
IDEAS = (  # title, fen, which of the neighbours approve
    ("二号楼门口修一段扶手坡道", 180_000, (1, 2, 3, 4, 5, 6)),
    ("花园里添六张靠背长椅", 240_000, (2, 3, 7, 8)),
    ("儿童滑梯换新地垫", 320_000, (1, 4, 5, 9)),
    ("装两个智能快递柜", 460_000, (6, 8)),
)
QUESTIONS = (
    ("single", "您多大年纪", "60岁以下\n60岁以上", True),
    ("scale", "楼道和院子干净吗", "", False),
    ("multiple", "接下来最该办什么", "电动车充电\n停车\n路灯\n给老人送饭", False),
    ("yesno", "愿意来社区议事吗", "", False),
    ("words", "还想对社区说什么", "", False),
)


@dataclass(frozen=True)
class Corner:
    """A community with those who act in it and the neighbours of one grid, the resident first."""

    place: int
    at: datetime
    chief: int
    watch: int
    officer: int
    homes: list[int]

    def viewer(self, person: int, ago: float = 0) -> Viewer:
        """Somebody as he stood that many days ago."""
        return people.viewer(person, self.at - ago * DAY)


def write(at: datetime) -> None:
    """Everything of it, in one transaction, in the past as far as it is done."""
    with transaction.atomic():
        _write(at)


def _write(at: datetime) -> None:
    accounts = dict(Account.objects.values_list("username", "person_id"))
    places = dict(Place.objects.filter(
        valid_to=None, code__in=(cast.COMMUNITIES[0], cast.SHUANGMA)
    ).values_list("code", "id"))  # fmt: skip
    town = Corner(places[cast.COMMUNITIES[0]], at, accounts["he"], accounts["lv"],
                  accounts["luo"], _neighbours(accounts["amei"]))  # fmt: skip
    village = Corner(places[cast.SHUANGMA], at, accounts["chen"], accounts["sun"],
                     accounts["jiang"], _neighbours(accounts["laozhao"]))  # fmt: skip
    _topic(town)
    _vote(town)
    _money(town)
    _questionnaire(town)
    _appraisal(town, (town.chief, accounts["shi"]), ago=300, done=True)
    _appraisal(village, (village.chief, accounts["zheng"]), ago=2, done=False)


def _neighbours(resident: int) -> list[int]:
    """The resident and the heads of households of the same grid."""
    grid = Person.objects.values_list("household__grid", flat=True).get(pk=resident)
    heads = Person.objects.filter(household__grid=grid, head=True).exclude(pk=resident)
    return [resident, *heads.order_by("id").values_list("id", flat=True)[: MOST - 1]]


def _topic(here: Corner) -> None:
    """A round for a meeting next week; a third of the neighbours have spoken."""
    at = here.at - 3 * DAY
    held = rounds.open_round(
        place_id=here.place, question="小区的电动车在哪里充电？", seeds="\n".join(SAID),
        intro="下个月议事会要定，先听听大家怎么想。一条一句话，同意、不同意、说不准都行。",
        viewer=here.viewer(here.chief, 3), at=at, closes_at=here.at + 5 * DAY,
    )  # fmt: skip
    statements = (
        Statement.objects.filter(round=held).order_by("number").values_list("id", flat=True)
    )
    for n, person in enumerate(here.homes[1:13]):
        viewer = here.viewer(person)
        for statement, value in zip(statements, VIEWS[n % 2], strict=True):
            rounds.vote(round_id=held, statement_id=statement, value=value, viewer=viewer,
                        at=at + (n + 1) * HOUR)  # fmt: skip
    rounds.say(round_id=held, words="孩子放学那会儿，棚口要有人看着。", at=here.at - DAY,
               viewer=here.viewer(here.homes[3]))  # fmt: skip


def _vote(here: Corner) -> None:
    """Every household of the grid is asked; some have voted."""
    at = here.at - 2 * DAY
    motion = ballots.propose_motion(
        title="院里的路灯夜里十一点后亮一半", place_id=here.place, by=here.chief, at=at,
        text_="夜里十一点到早上五点，路灯隔一盏亮一盏，省下的电费贴在公开栏。试三个月。",
        listed=[(person, 0) for person in here.homes],
        house={"quorum": [{"share": "1/2", "op": ">"}]},
    )  # fmt: skip
    ballots.open_motion(motion_id=motion, by=here.chief, at=at, closes_at=here.at + 4 * DAY)
    for n, person in enumerate(here.homes[1:8]):
        ballots.vote(
            motion_id=motion, person_id=person, by=person, at=at + HOUR,
            choice=("against" if n == 5 else "for",), receipt=rules.receipt_code(),
        )  # fmt: skip


def _money(here: Corner) -> None:
    """Six thousand yuan: ideas of neighbours, costed; the vote is open."""
    at, homes = here.at, here.homes
    times = budget_rules.Times(at - 9 * DAY, at - 2 * DAY, at + 6 * DAY)
    plan = Plan(
        title="聚龙湖社区微更新资金", amount_fen=600_000, source="街道社区治理专项", times=times,
        doing_until=(at + 120 * DAY).date(), about="六千元，大家提点子、大家投票，一户一票。",
    )  # fmt: skip
    made = budgets.propose(place_id=here.place, plan=plan, by=here.chief, at=at - 20 * DAY)
    ideas = [
        budgets.submit(budget_id=made, title=title, by=homes[n + 1], at=at - (18 - n) * DAY)
        for n, (title, _, _) in enumerate(IDEAS)
    ]
    budgets.close_ideas(budget_id=made, by=here.chief, at=times.ideas_until)
    for idea, (_, cost, _) in zip(ideas, IDEAS, strict=True):
        budgets.cost(idea_id=idea, cost_fen=cost, note="按街道今年的合同价算。", by=here.officer,
                     at=at - 7 * DAY)  # fmt: skip
    budgets.open_vote(budget_id=made, by=here.chief, at=times.vote_from)
    for n in range(1, 10):
        chosen = [idea for idea, (_, _, who) in zip(ideas, IDEAS, strict=True) if n in who]
        budgets.vote(budget_id=made, projects=chosen, by=homes[n], at=at - DAY + n * HOUR)


def _questionnaire(here: Corner) -> None:
    """Asked of the neighbours by name on the roll; a few have answered, without a name."""
    at = here.at - DAY
    maker = here.viewer(here.chief, 1)
    form = surveys.make_instrument(
        place_id=here.place, kind="survey", title="聚龙湖社区服务问卷", viewer=maker, at=at,
        intro="一分钟填完，不记名。结果贴在公开栏。",
    )  # fmt: skip
    for kind, words, options, groups in QUESTIONS:
        surveys.add_question(
            instrument_id=form, kind=kind, words=words, options=options, groups=groups,
            needed=kind != "words", viewer=maker, at=at,
        )  # fmt: skip
    asked = surveys.open_round(
        instrument_id=form, viewer=maker, at=at, closes_at=here.at + 7 * DAY, audience="roll",
        persons=here.homes,
    )  # fmt: skip
    fields = [field.field for field in fields_of(the_round(asked))]
    for n, person in enumerate(here.homes[1:5]):
        says = (str(n % 2), str(3 + n % 2), str(n % 4), "0", "")
        _answer(here, asked, person, dict(zip(fields, says, strict=True)), at + HOUR)


def _appraisal(here: Corner, rated: Sequence[int], *, ago: float, done: bool) -> None:
    """The yearly appraisal of two members, chaired by the supervision committee."""
    at, watch = here.at - ago * DAY, here.viewer(here.watch, ago)
    form = surveys.make_instrument(
        place_id=here.place, kind="appraisal", viewer=watch, at=at,
        title=f"{(at - 180 * DAY).year}年度民主评议",
        intro="不记名。被评的人看不到谁怎么选，也不参与计票。",
    )  # fmt: skip
    asked = surveys.open_round(
        instrument_id=form, viewer=watch, at=at, closes_at=at + 9 * DAY, audience="roll",
        persons=here.homes, rated=rated,
    )  # fmt: skip
    fields = [field.field for field in fields_of(the_round(asked))]
    for n, person in enumerate(here.homes[1 : 13 if done else 6]):
        says = (str(int(n % 4 == 3)), str(n % 3 if n % 5 == 2 else 0))
        _answer(here, asked, person, dict(zip(fields, says, strict=True)), at + HOUR)
    if done:
        end = at + 9 * DAY + HOUR
        surveys.close_round(round_id=asked, viewer=watch, at=end)
        surveys.count_round(round_id=asked, viewer=watch, at=end)


def _answer(here: Corner, asked: int, person: int, says: dict[str, str], at: datetime) -> None:
    surveys.answer(round_id=asked, viewer=here.viewer(person), at=at,
                   typed={name: [value] for name, value in says.items() if value})  # fmt: skip
