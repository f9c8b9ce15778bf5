"""Case 13: eleven small-stool assemblies of Aiyuan, told by their real actions.

Nothing of the sentence is typed: sessions, questions, who they went to, what was verified. The
report counts them (`deliberation.meetings.queries.record`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gongzhi.cli.demo_data import asked, towns
from gongzhi.cli.demo_data.towns import Town
from gongzhi.core.errors import Refused
from gongzhi.deliberation.bodies import actions as bodies
from gongzhi.deliberation.meetings import actions as meetings
from gongzhi.deliberation.meetings.models import AgendaItem, Pledge, Question, Sorting
from gongzhi.deliberation.meetings.models import Attendance as Came
from gongzhi.matters import actions as matters
from gongzhi.matters import jobs
from gongzhi.matters.actions import Assignee
from gongzhi.playbooks.moves import Attendance

AIYUAN = "321323101000"
DAY = timedelta(days=1)
# Days before the loading, and which of six villages: the rule asks for each quarter in each of 21.
SESSIONS = (
    (690, 0), (640, 1), (575, 2), (520, 3), (455, 0), (390, 4), (325, 1), (250, 2), (180, 3),
    (105, 5), (26, 4),
)  # fmt: skip
ISSUES_EACH = 11  # 121 of 11
JOINT_MORE = (0, 3)  # sessions with four 会办 instead of three: 35 in all
OPEN_BEFORE = 1  # of the session before last; with all of the last: 12 open
ASKED = (
    "村西头的水泥路坑坑洼洼，下雨积水，什么时候修？", "三组的路灯坏了几盏，晚上不敢走。",
    "二组机井抽不上水，麦子要浇了。", "垃圾桶太远，老人倒不动，能不能加两个？",
    "村口排水沟堵了，一下雨就倒灌。", "低保评议结果贴在哪里？有几户看不明白。",
    "秸秆收购点太远，能不能在村里设一个？", "村卫生室下午常没人，看个头疼要跑镇上。",
    "文化广场的健身器材坏了一年了。", "学校门口上学放学太堵，能不能划个停车的地方？",
    "沟边那座小桥栏杆掉了，孩子走着危险。", "高压线下面的树该修了。", "网格员电话换了，群里没说。",
    "养老金认证老人不会弄，能不能上门？", "河坡上有人种菜，汛期要清。",
)  # fmt: skip
PLEDGES = ("年底前修好西头水泥路八百米", "每月五日公开村里的收支")


@dataclass
class Meeting:
    """One assembly: its village and hour, and what it left."""

    village: str
    starts_at: datetime
    session: int
    number: int


def tell(at: datetime) -> Town:
    """Twenty-one bodies since two years, eleven sessions, and what became of every issue."""
    town = towns.settle(AIYUAN, "aiyuan", at, seed=13)
    codes = sorted(town.villages)[3:9]
    for code in codes:
        towns.seat_village(town, code, homes=12)
    found = _bodies(town)
    held: list[Meeting] = []
    for number, (ago, village) in enumerate(SESSIONS):
        code = codes[village]
        held.append(_hold(town, found[code], code, number, town.day(ago, 14, 30)))
        _after(town, held, number)
    return town


def _bodies(town: Town) -> dict[str, int]:
    """One small-stool assembly in each of the town's villages, each quarter."""
    first = (town.at - timedelta(days=733)).date()  # eight whole quarters, and a little
    officer = town.post("town_officer")
    return {
        code: bodies.found(
            place_id=place, blueprint="small_stool", by=officer, from_on=first,
            at=town.at - timedelta(days=733),
        )
        for code, place in town.villages.items()
    }  # fmt: skip


def _hold(town: Town, body: int, code: str, number: int, starts: datetime) -> Meeting:
    """Called and announced ten days before, seven parts, questions, closed."""
    host, officer = town.post("workshop_host", code), town.post("town_officer")
    session = meetings.call(body_id=body, starts_at=starts, venue="村部广场", by=host,
                            at=starts - 12 * DAY)  # fmt: skip
    meetings.add_paper(session_id=session, title="村支两委工作报告", by=host, at=starts - 12 * DAY,
                       words="一年来修路、清沟、办学几件事的经过和花费，请大家先看。")  # fmt: skip
    meetings.notice(session_id=session, by=host, at=starts - 11 * DAY)
    _come(town, session, host, code, number, starts - timedelta(minutes=20))
    meetings.open_session(session_id=session, by=host, at=starts)
    now = starts
    for item in AgendaItem.objects.filter(session=session).order_by("position"):
        now += timedelta(minutes=1)
        meetings.start_part(item_id=item.pk, by=host, at=now)
        if item.kind == AgendaItem.Kind.QUESTIONS:
            _ask(town, session, code, number, now)
        if item.kind == AgendaItem.Kind.SURVEY and number == len(SESSIONS) - 1:
            asked.ask(town, code, item.pk, now)
        if item.title == "集体承诺" and number in (0, 1):
            for n, words in enumerate(PLEDGES[: 2 - number]):
                meetings.pledge(session_id=session, words=words, by=host, at=now, item_id=item.pk,
                                owner_id=town.post("committee", code),
                                due_on=(now + timedelta(days=120 + 30 * n)).date())  # fmt: skip
        now += timedelta(minutes=item.minutes)
    meetings.close_session(session_id=session, by=host, at=now)
    meetings.publish_minutes(session_id=session, by=host, at=now + 2 * DAY)
    _sort(town, session, code, number, officer, starts + 2 * DAY)
    return Meeting(code, starts, session, number)


def _come(town: Town, session: int, host: int, code: str, number: int, at: datetime) -> None:
    """Villagers of the roll one by one, a paper list for each kind of guest; at least a hundred."""
    homes = town.homes[code]
    for person in homes:
        meetings.sign_in(session_id=session, person_id=person, how="desk", by=host, at=at)
    for came_as, n in (("town_leader", 3), ("town_staff", 6), ("party", 24), ("representative", 19),
                       ("", 50 + (number * 7) % 31 - len(homes))):  # fmt: skip
        names = {town.crowd.person(youngest=25, oldest=75).name for _ in range(n)}
        meetings.sign_in_list(
            session_id=session, names="\n".join(sorted(names)), by=host, at=at, came_as=came_as
        )
    short = 102 - _heads(session)
    if short > 0:
        more = "\n".join(f"{n}组来的村民" for n in range(1, short + 1))
        meetings.sign_in_list(session_id=session, names=more, by=host, at=at)


def _heads(session: int) -> int:
    return Came.objects.filter(session=session).count()


def _ask(town: Town, session: int, code: str, number: int, at: datetime) -> None:
    """Eleven that go on, and two answered on the spot."""
    host, homes = town.post("workshop_host", code), town.homes[code]
    for n in range(ISSUES_EACH + 2):
        words = ASKED[(number * 4 + n) % len(ASKED)]
        meetings.ask(session_id=session, words=words, how=("floor", "slip")[n % 2], by=host, at=at,
                     person_id=homes[n % len(homes)], suggestion=n % 3 == 2)  # fmt: skip
    first = Question.objects.filter(session=session).order_by("number")[:2]
    for question in first:
        meetings.answer(question_id=question.pk, words="这件事上月已经办好，单据在公开栏。",
                        answerer="村委会主任", by=host, at=at)  # fmt: skip


def _sort(town: Town, session: int, code: str, number: int, by: int, at: datetime) -> None:
    """Within three days: 交办 to one, or 会办 to a lead with others."""
    committee = Assignee(person_id=town.post("committee", code))
    joint = 3 + (number in JOINT_MORE)
    carried = Question.objects.filter(session=session, state="carried").order_by("number")
    for n, question in enumerate(carried):
        unit = Assignee(organisation_id=town.units[(n + number) % len(town.units)][0])
        lead, others = (unit, (committee,)) if n < joint else (committee if n % 2 else unit, ())
        meetings.hand_over(question_id=question.pk, by=by, at=at + timedelta(minutes=n), lead=lead,
                           others=others, due_at=at + timedelta(days=_days(number, n)),
                           place_id=town.villages[code])  # fmt: skip


def _days(number: int, n: int) -> int:
    """By when: 15, 30 or 60 days; what is still in hand has time left."""
    if number == len(SESSIONS) - 1:
        return (30, 45, 60)[n % 3]
    if number == len(SESSIONS) - 2 and n < OPEN_BEFORE:
        return 150
    return (30, 15, 60)[n % 3]


def _after(town: Town, held: list[Meeting], number: int) -> None:
    """What came of the issues: worked on, verified, told; the list read at the next session."""
    meeting = held[-1]
    if number == len(SESSIONS) - 1:
        return  # the last one's are in hand
    issues = list(Sorting.objects.filter(session=meeting.session).order_by("id"))
    left = OPEN_BEFORE if number == len(SESSIONS) - 2 else 0
    work = meeting.starts_at + timedelta(days=10)
    for n, issue in enumerate(issues[left:]):
        _put_right(town, meeting.village, issue, work + timedelta(days=n % 8))
    told = work + timedelta(days=12)
    jobs.ask_those_concerned(at=told)
    for n, issue in enumerate(issues[left:]):
        if n % 5:  # one of five stays silent, and is counted as silent
            matters.answer_call_back(
                matter_id=issue.matter_id, by=_asker(issue), solved=True, score=(5, 4, 3)[n % 3],
                at=told + timedelta(hours=n + 1),
            )  # fmt: skip
    jobs.sweep(at=work + timedelta(days=20))
    earlier = [m for m in held[:-1] if m.village == meeting.village]
    if earlier:
        _read_back(town, earlier[-1], meeting)
    _judge(town, meeting, number)


def _put_right(town: Town, code: str, issue: Sorting, at: datetime) -> None:
    officer = dict(town.units)
    named = [(issue.lead_person_id, issue.lead_organisation_id)]
    named += [(one.get("person"), one.get("organisation")) for one in issue.others]
    for n, (person, unit) in enumerate(named):
        matters.move(
            matter_id=issue.matter_id, verb="report_done", at=at + timedelta(hours=n),
            by=person or officer[unit or 0], note="已经办好，请来看。", cost_fen=80_000,
        )  # fmt: skip
    matters.move(matter_id=issue.matter_id, verb="verify", by=town.post("supervisor", code),
                 at=at + DAY, note="到现场看过。")  # fmt: skip


def _asker(issue: Sorting) -> int:
    asked = Question.objects.values_list("person_id", flat=True).get(pk=issue.question_id or 0)
    assert asked is not None
    return int(asked)


def _read_back(town: Town, before: Meeting, now: Meeting) -> None:
    """The next session of the village has read the list: that is recorded, then it is published."""
    host, watch = town.post("workshop_host", now.village), town.post("supervisor", now.village)
    came = Attendance(seats=200, present=_heads(now.session))
    for issue in Sorting.objects.filter(session=before.session):
        try:
            matters.move(matter_id=issue.matter_id, verb="hear", by=host, attendance=came,
                         at=now.starts_at + timedelta(hours=3))  # fmt: skip
            matters.move(matter_id=issue.matter_id, verb="publish", by=watch,
                         at=now.starts_at + 3 * DAY)  # fmt: skip
        except Refused:
            continue  # still being put right: it stays on the list


def _judge(town: Town, meeting: Meeting, number: int) -> None:
    """Of the pledges of the first sessions one is kept and one is broken, and it is said."""
    if number not in (4, 6):
        return
    officer = town.post("town_officer")
    for n, pledge in enumerate(Pledge.objects.filter(body__place__code=meeting.village,
                                                     state="open").order_by("id")):  # fmt: skip
        verdict = "kept" if number == 4 and n == 0 else "broken"
        why = "现场量过，修了八百二十米。" if verdict == "kept" else "查了公开栏，只公开了两个月。"
        meetings.judge_pledge(pledge_id=pledge.pk, verdict=verdict, note=why, by=officer,
                              at=meeting.starts_at + timedelta(hours=1))  # fmt: skip
