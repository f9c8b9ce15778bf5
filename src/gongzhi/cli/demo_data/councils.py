"""Cases 2, 3 and 10: matters settled at three councils, consultations used and not, proposals."""

from datetime import datetime, timedelta
from io import BytesIO

from PIL import Image

from gongzhi.cli.demo_data import cloud, decisions, towns
from gongzhi.cli.demo_data.towns import Town
from gongzhi.deliberation.bodies import actions as bodies
from gongzhi.deliberation.meetings import actions as meetings
from gongzhi.deliberation.meetings.models import AgendaItem
from gongzhi.matters import actions as matters
from gongzhi.matters import jobs
from gongzhi.matters.actions import Assignee, following
from gongzhi.matters.models import Matter
from gongzhi.places import actions as places
from gongzhi.playbooks.moves import Attendance, Tally

LUOSHE, ANGUO = "320206102000", "320322115000"
SHUANGMIAO, LIUBANG = "320206102201", "320322115201"  # 双庙村, 刘邦村
LANE_OF = f"{SHUANGMIAO}001B01"  # 双庙巷, invented
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Where each of twenty is settled: the slogan's own order, most of them in the lane.
SETTLED = ("lane",) * 12 + ("grid",) * 5 + ("village",) * 3
LANE = (
    "楼道里堆的旧家具谁来搬", "晾衣绳挡了楼梯口", "楼顶太阳能漏水滴到下面", "电动车堵在单元门口",
    "门灯坏了几天没人换", "楼下种的菜招虫子", "防盗门关不严", "空调水滴到一楼窗台",
    "孩子晚上练琴吵到楼上", "快递没地方放", "一楼院墙边的杂草", "楼道墙皮掉了",
)  # fmt: skip
GRID = ("三栋楼共用的化粪池满了", "停车位不够，几栋楼争", "广场舞声音太大", "河边护栏锈断一截",
        "垃圾投放点放在哪里")  # fmt: skip
VILLAGE = ("村道拓宽要让出几家门口的地", "老年活动室每天几点开门", "自来水管道改造先改哪一组")
TOPICS = (  # title, and why its result is not used ("" when it is)
    ("菜场门口改成单行道", ""),
    ("村部二楼改成图书室", "县里明年统一改造村部，到时一起建，现在不另花钱。"),
)
DISSENT = {
    "菜场门口改成单行道": "同意；老周家不赞成晚上也单行，照实记下。",
    "村部二楼改成图书室": "同意；老周家担心楼梯陡，老人上不去，照实记下。",
}


def tell(at: datetime) -> tuple[Town, Town]:
    """Luoshe and Anguo."""
    return _luoshe(at), _anguo(at)


def _luoshe(at: datetime) -> Town:
    """Twenty matters of one village: lane, grid, village; where each was settled is computed."""
    town = towns.settle(LUOSHE, "luoshe", at, seed=2)
    code = SHUANGMIAO
    towns.seat_village(town, code, homes=2)
    start = at.date() - timedelta(days=700)
    grid, lane = f"{code}001", LANE_OF
    made = places.add_places(rows=[places.NewPlace(grid, "双庙村一网格", "grid", code)], by=None,
                             at=at, valid_from=start)  # fmt: skip
    made |= places.add_places(rows=[places.NewPlace(lane, "双庙巷", "building", grid)], by=None,
                              at=at, valid_from=start)  # fmt: skip
    towns.appoint(town, [("grid_worker", grid, made[grid], None),
                         ("workshop_host", lane, made[lane], None)])  # fmt: skip
    homes = towns.live_at(town, made[lane], 12, made[grid])
    town.homes[lane] = homes
    titles = {"lane": LANE, "grid": GRID, "village": VILLAGE}
    for n, level in enumerate(SETTLED):
        title = titles[level][n - SETTLED.index(level)]
        _three_councils(town, code, title, level, homes[n % 12], made[lane], town.day(290 - 12 * n))
    decisions.tell(town, code, homes, made[lane], made[grid])
    return town


def _three_councils(
    town: Town, code: str, title: str, level: str, raiser: int, place: int, at: datetime
) -> None:
    """Talked over rung by rung until it is settled there, done, verified, rated, published."""
    caller = {
        "lane": town.post("workshop_host", f"{code}001B01"),
        "grid": town.post("grid_worker", f"{code}001"),
        "village": town.post("committee", code),
    }
    raised = matters.raise_matter(by=raiser, at=at, key=None, place_id=place, source="counter",
                                  title=title, body=f"{title}，请大家商量个办法。")  # fmt: skip
    at += 3 * HOUR
    matters.move(matter_id=raised.id, verb="accept", by=town.post("generalist_worker", code), at=at)
    for rung in ("lane", "grid", "village"):
        at += 2 * DAY
        tally = Tally(12, 8, 8, 0, 0) if rung == level else Tally(12, 8, 4, 4, 0)
        said = "都同意，这么办。" if rung == level else "两种意见，请上一级再商量。"
        matters.move(
            matter_id=raised.id, verb="resolve", by=caller[rung], at=at, tally=tally, note=said
        )
        if rung == level:
            break
    worker = town.post("grid_worker", f"{code}001")
    matters.move(matter_id=raised.id, verb="dispatch", by=caller[level], at=at + HOUR,
                 assignees=(Assignee(person_id=worker),))  # fmt: skip
    _finish(town, code, raised.id, worker, raiser, at + 2 * DAY)


def _finish(town: Town, code: str, matter: int, handler: int, raiser: int, at: datetime) -> None:
    """Reported, verified by somebody else, judged by the raiser, published."""
    watch = town.post("supervisor", code)
    matters.move(matter_id=matter, verb="report_done", by=handler, at=at, note="办好了，请来看。")
    matters.move(matter_id=matter, verb="verify", by=watch, at=at + 4 * HOUR)
    jobs.ask_those_concerned(at=at + 3 * DAY)
    matters.answer_call_back(matter_id=matter, by=raiser, solved=True, score=5, at=at + 3 * DAY)
    jobs.sweep(at=at + 15 * DAY)  # others who were asked and stay silent
    if Matter.objects.filter(pk=matter, stage="publish").exists():
        matters.move(matter_id=matter, verb="publish", by=watch, at=at + 16 * DAY)


def _anguo(at: datetime) -> Town:
    """Two topics: one consulted on site and on line and used, one not used, with the reason."""
    town = towns.settle(ANGUO, "anguo", at, seed=3)
    code = LIUBANG
    towns.seat_village(town, code, homes=14)
    unit = town.units[1][0]
    towns.appoint(town, [("org_manager", code, town.villages[code], unit)])
    body = _council(town, code, unit)
    for n, (title, why_not) in enumerate(TOPICS):
        _consult(town, code, body, title, why_not, town.homes[code], town.day(95 - 30 * n))
    return town


def _council(town: Town, code: str, unit: int) -> int:
    """The consultation council with its five classes of seats."""
    by, at = town.post("committee", code), town.at - timedelta(days=300)
    body = bodies.found(place_id=town.villages[code], blueprint="one_four_one", by=by, at=at)
    seats = [("party_secretary", "party"), ("committee", "committee"),
             ("supervisor", "supervision"), ("org_manager", "unit")]  # fmt: skip
    for role, seat in seats:
        bodies.seat(body_id=body, person_id=town.post(role, code), seat_class=seat, by=by, at=at,
                    organisation_id=unit if seat == "unit" else None)  # fmt: skip
    for person in town.homes[code][:6]:
        bodies.seat(body_id=body, person_id=person, seat_class="stakeholder", by=by, at=at,
                    why="家在菜场边上")  # fmt: skip
    return body


def _consult(
    town: Town, code: str, body: int, title: str, why_not: str, homes: list[int], at: datetime
) -> None:
    """Topic, papers, round, a hybrid session of all five, opinion signed; used, or not and why."""
    party, host = town.post("party_secretary", code), town.post("workshop_host", code)
    raised = matters.raise_matter(
        by=homes[0], at=at, key=None, title=title, source="page",
        place_id=town.villages[code], body=f"建议{title}，请大家议一议。",
    )  # fmt: skip
    matter = raised.id
    following.follow_together(matter_id=matter, people=homes[1:4], at=at + HOUR)
    matters.move(matter_id=matter, verb="accept", by=party, at=at + 2 * DAY)
    paper = matters.upload(by=host, at=at + 3 * DAY, key=f"demo-paper-{matter}", data=_paper(),
                           name="材料.jpg")  # fmt: skip
    matters.move(matter_id=matter, verb="attach", by=host, at=at + 3 * DAY, uploads=(paper.key,),
                 note="材料贴在村部和这里，请大家看。")  # fmt: skip
    said = cloud.SAID[[topic for topic, _ in TOPICS].index(title)]
    came = cloud.consult(town, code, title, said, homes, at + 3 * DAY + HOUR, at + 8 * DAY)
    matters.move(matter_id=matter, verb="hear", by=host, at=at + 8 * DAY, attendance=came,
                 note="云协商结束了，结果已公开。")  # fmt: skip
    came = _session(town, code, body, matter, at + 9 * DAY)
    matters.move(matter_id=matter, verb="hear", by=host, at=at + 10 * DAY, attendance=came)
    for role in ("committee", "supervisor", "org_manager"):
        matters.move(matter_id=matter, verb="sign", by=town.post(role, code), at=at + 11 * DAY)
    matters.move(matter_id=matter, verb="sign", by=homes[0], at=at + 11 * DAY,
                 note=DISSENT[title])  # fmt: skip
    if why_not:
        matters.move(matter_id=matter, verb="refuse", by=party, at=at + 13 * DAY, reason=why_not)
        matters.move(matter_id=matter, verb="publish", by=town.post("supervisor", code),
                     at=at + 14 * DAY)  # fmt: skip
        return
    matters.move(matter_id=matter, verb="accept", by=party, at=at + 13 * DAY)
    officer, unit = town.units[1][1], Assignee(organisation_id=town.units[1][0])
    matters.move(matter_id=matter, verb="dispatch", by=town.post("committee", code),
                 at=at + 14 * DAY, assignees=(unit,))  # fmt: skip
    _finish(town, code, matter, officer, homes[0], at + 24 * DAY)


def _session(town: Town, code: str, body: int, matter: int, at: datetime) -> Attendance:
    """On site and on line, counted alike and once; who came, as the playbook counts it."""
    host = town.post("workshop_host", code)
    session = meetings.call(body_id=body, starts_at=at, venue="村部会议室", by=host, mode="hybrid",
                            online="点本页“线上参会”签到", at=at - 5 * DAY)  # fmt: skip
    meetings.notice(session_id=session, by=host, at=at - 5 * DAY)
    for role in ("party_secretary", "committee", "supervisor", "org_manager"):
        meetings.sign_in(session_id=session, person_id=town.post(role, code), how="desk", by=host,
                         at=at - HOUR)  # fmt: skip
    for n, person in enumerate(town.homes[code][:6]):
        meetings.sign_in(session_id=session, person_id=person, by=person if n % 2 else host,
                         how="online" if n % 2 else "desk", at=at - HOUR)  # fmt: skip
    meetings.open_session(session_id=session, by=host, at=at)
    for item in AgendaItem.objects.filter(session=session).order_by("position"):
        meetings.start_part(item_id=item.pk, by=host, at=at + item.position * timedelta(minutes=20))
        if item.kind == AgendaItem.Kind.ITEM:
            meetings.record_outcome(
                item_id=item.pk, outcome="opinion", by=host, at=at + HOUR, matter_id=matter,
                data={"words": "多数赞成；不同意见写在后面。"},
            )  # fmt: skip
    meetings.close_session(session_id=session, by=host, at=at + 2 * HOUR)
    there = {"party": 1, "committee": 1, "supervision": 1, "unit": 1, "stakeholder": 6}
    return Attendance(seats=10, present=10, by_role=there)


def _paper() -> bytes:
    """A blank sheet: what the paper says stands in the notice."""
    made = BytesIO()
    Image.new("RGB", (400, 560), "#f7f5ef").save(made, "JPEG", quality=40)
    return made.getvalue()
