"""What 双庙村 decides beside its councils: a programme, money by votes, two secret votes.

All by the real actions, in the past; the results are what they computed.
"""

from datetime import timedelta
from io import BytesIO
from random import Random

from PIL import Image

from gongzhi.cli.demo_data.towns import Town
from gongzhi.cli.demo_data.world import SEED
from gongzhi.deliberation.ballots import actions as ballots
from gongzhi.deliberation.ballots import rules
from gongzhi.deliberation.bodies import actions as bodies
from gongzhi.deliberation.budgets import actions as budgets
from gongzhi.deliberation.budgets import rules as budget_rules
from gongzhi.deliberation.budgets.actions.stages import Plan
from gongzhi.deliberation.budgets.models import Idea
from gongzhi.deliberation.meetings import actions as meetings
from gongzhi.deliberation.meetings.models import AgendaItem
from gongzhi.deliberation.programmes import actions as programmes
from gongzhi.deliberation.programmes import stations
from gongzhi.people import queries as people

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
IDEAS = (  # title, fen, which of ten households approve
    ("河边路装六盏太阳能灯", 540_000, (0, 1, 2, 3, 4, 5, 6)),
    ("给独居老人家装扶手", 260_000, (0, 3, 4, 7, 8, 9)),
    ("小广场添四张长椅", 180_000, (1, 2, 5, 6)),
    ("停车场画线", 320_000, (2, 6)),
    ("活动室添一台投影仪", 450_000, (8,)),
)
COSTED = "按镇里去年同类工程的合同价算。"
NOW_ASKED = ("候车亭夜里有灯吗？", "能不能靠学校那边修？", "集体收入今年还剩多少？")
COUNCILS = (("lane_council", "lane"), ("grid_council", "grid"), ("village_council", "village"))


def tell(town: Town, code: str, homes: list[int], lane: int, grid: int) -> None:
    """The programme's first phase passed, a budget with receipts, one vote closed, one open."""
    village = town.villages[code]
    council = _councils(town, code, {"lane": lane, "grid": grid, "village": village}, homes)
    _programme(town, code, village)
    _station(town, code, village, homes)
    _budget(town, code, village, homes[:10])
    _secret(town, code, lane, homes)
    _today(town, code, council, homes)


def _councils(town: Town, code: str, places: dict[str, int], homes: list[int]) -> int:
    """Three councils, three neighbours in each of the small ones; the village's id."""
    by, at, body = town.post("committee", code), town.day(28), 0
    for n, (blueprint, level) in enumerate(COUNCILS):
        body = bodies.found(place_id=places[level], blueprint=blueprint, by=by, at=at)
        sit = homes if level == "village" else homes[3 * n : 3 * n + 3]
        for person in sit:
            bodies.seat(body_id=body, person_id=person, seat_class="member", by=by, at=at)
    return body


def _programme(town: Town, code: str, village: int) -> None:
    """有序 passed by the representatives twenty days ago; now the second phase."""
    began, asked = town.day(300), town.day(20)
    keeps = people.viewer(town.post("committee", code), asked)
    watch = people.viewer(town.post("supervisor", code), asked)
    made = programmes.adopt(place_id=village, key="luoshe", viewer=keeps, at=began)
    shown = programmes.show_evidence(
        programme_id=made, criterion="compact", photo=None, viewer=keeps, at=began + 40 * DAY,
        words="村规民约经村民代表会议通过，贴在村部公开栏。",
    )  # fmt: skip
    programmes.check_evidence(
        evidence_id=shown, accepted=True, reason="", viewer=watch, at=began + 42 * DAY
    )
    review = programmes.request_review(programme_id=made, viewer=keeps, at=asked)
    programmes.record_review(
        review_id=review, viewer=watch, at=asked + 6 * DAY,
        minutes="村民代表会议第三次会议，记录在村部档案柜",
        held=programmes.Held(
            (asked + 5 * DAY).date(), members=36, present=31, votes_for=27, against=2, abstain=2
        ),
    )  # fmt: skip


def _station(town: Town, code: str, village: int, homes: list[int]) -> None:
    """The station at the village hall with this week's roster, mornings and afternoons."""
    at = town.day(10)
    keeps = people.viewer(town.post("committee", code), at)
    place = stations.open_station(
        place_id=village, name="双庙先锋驿站", address="双庙村党群服务中心一楼", phone="",
        services="代办证明\n帮老人用手机\n借轮椅\n测血压", viewer=keeps, at=at,
    )  # fmt: skip
    monday = town.day(0).date() - town.day(0).weekday() * DAY
    for day in range(7):
        for n, part in enumerate(("am", "pm")):
            stations.plan(
                station_id=place, on=monday + day * DAY, part=part, viewer=keeps, at=at,
                person_id=homes[(2 * day + n) % len(homes)],
            )  # fmt: skip


def _budget(town: Town, code: str, village: int, homes: list[int]) -> None:
    """Ten thousand yuan: ideas, costs, votes by household, divided, one project paid and seen."""
    chief, officer = town.post("committee", code), town.post("town_officer")
    times = budget_rules.Times(town.day(66), town.day(58), town.day(44))
    plan = Plan(
        title="双庙村为民资金", amount_fen=1_000_000, source="镇财政为民资金", times=times,
        doing_until=(town.at + 200 * DAY).date(), about="一万元，大家提点子、大家投票。",
    )  # fmt: skip
    made = budgets.propose(place_id=village, plan=plan, by=chief, at=town.day(80))
    ideas = [
        budgets.submit(budget_id=made, title=title, by=homes[n], at=town.day(75 - n))
        for n, (title, _, _) in enumerate(IDEAS)
    ]
    budgets.close_ideas(budget_id=made, by=chief, at=times.ideas_until)
    for idea, (_, cost, _) in zip(ideas, IDEAS, strict=True):
        budgets.cost(idea_id=idea, cost_fen=cost, note=COSTED, by=officer, at=town.day(62))
    budgets.open_vote(budget_id=made, by=chief, at=times.vote_from)
    for n, person in enumerate(homes):
        chosen = [idea for idea, (_, _, who) in zip(ideas, IDEAS, strict=True) if n in who]
        budgets.vote(budget_id=made, projects=chosen, by=person, at=town.day(55, 9 + n))
    budgets.allocate(budget_id=made, by=chief, at=town.day(43))
    budgets.begin(budget_id=made, by=chief, at=town.day(42))
    _account(town, code, made, homes)


def _account(town: Town, code: str, budget: int, homes: list[int]) -> None:
    """The first project funded: two neighbours watch it; half is paid, and they saw the receipt."""
    chief = town.post("committee", code)
    project = Idea.objects.filter(budget=budget, funded__isnull=False).order_by("funded")[0]
    for person in homes[8:10]:
        budgets.appoint_supervisor(project_id=project.pk, person_id=person, by=chief,
                                   at=town.day(41))  # fmt: skip
    receipt = budgets.keep_receipt(by=chief, at=town.day(30), key=f"demo-receipt-{project.pk}",
                                   data=_receipt(), name="发票.jpg")  # fmt: skip
    half = (project.cost_fen or 0) // 2
    entry = budgets.enter(project_id=project.pk, kind="pay", amount_fen=half,
                          by=chief, at=town.day(30), to="洛社镇照明器材店", words="首付一半",
                          receipt_id=receipt)  # fmt: skip
    for person in homes[8:10]:
        budgets.confirm(entry_id=entry, right=True, by=person, at=town.day(28))


def _secret(town: Town, code: str, lane: int, homes: list[int]) -> None:
    """One secret vote counted with its board, and one that is open for four more days."""
    by, chance = town.post("committee", code), Random(SEED + 77)  # noqa: S311
    for title, said, opens, days, come, agree in (
        ("巷口小广场夜里九点半关灯", "跳舞的要亮，上早班的要睡。巷口小广场的灯夜里九点半关。",
         town.day(25), 3, 11, 8),
        ("双庙巷改成单向通行", "巷子窄，会车刮过两回。试行三个月，车从北口进、南口出。",
         town.day(1), 5, 5, 3),
    ):  # fmt: skip
        motion = ballots.propose_motion(
            title=title, text_=said, place_id=lane, by=by, at=opens - DAY, secret=True,
            listed=[(person, 0) for person in homes],
            house={"quorum": [{"share": "1/2", "op": ">"}]},
        )  # fmt: skip
        ballots.open_motion(motion_id=motion, by=by, at=opens, closes_at=opens + days * DAY)
        voters = chance.sample(homes, come)
        for n, person in enumerate(voters):
            ballots.vote(
                motion_id=motion, person_id=person, choice=("for" if n < agree else "against",),
                receipt=rules.receipt_code(), by=person, at=opens + HOUR,
            )  # fmt: skip
        if opens + days * DAY < town.at:
            ballots.close_motion(motion_id=motion, by=by, at=opens + days * DAY)


def _today(town: Town, code: str, council: int, homes: list[int]) -> None:
    """The village council sits right now: nine are there, two on line; neighbours ask."""
    host, starts = town.post("committee", code), town.at - timedelta(minutes=42)
    session = meetings.call(
        body_id=council, starts_at=starts, venue="村部会议室", by=host, at=town.at - 6 * DAY,
        mode="hybrid", online="点本页“线上参会”签到",
    )  # fmt: skip
    meetings.add_item(session_id=session, kind="motion", title="村口修一座候车亭", minutes=15,
                      note="约两万元，从村集体收入里出，年底前建好。", by=host,
                      at=town.at - 6 * DAY)  # fmt: skip
    meetings.notice(session_id=session, by=host, at=town.at - 5 * DAY)
    for n, person in enumerate(homes[:9]):
        meetings.sign_in(session_id=session, person_id=person, how="online" if n > 6 else "code",
                         by=person, at=starts - timedelta(minutes=9 - n))  # fmt: skip
    meetings.open_session(session_id=session, by=host, at=starts)
    first, second = AgendaItem.objects.filter(session=session).order_by("position")[:2]
    meetings.start_part(item_id=first.pk, by=host, at=starts + timedelta(minutes=1))
    meetings.start_part(item_id=second.pk, by=host, at=town.at - timedelta(minutes=12))
    for n, words in enumerate(NOW_ASKED):
        meetings.ask(session_id=session, words=words, by=homes[n], person_id=homes[n],
                     at=town.at - timedelta(minutes=9 - 3 * n))  # fmt: skip


def _receipt() -> bytes:
    """A blank receipt: an invented one must not look like a real one."""
    made = BytesIO()
    Image.new("RGB", (320, 460), "#f4efe2").save(made, "JPEG", quality=40)
    return made.getvalue()
