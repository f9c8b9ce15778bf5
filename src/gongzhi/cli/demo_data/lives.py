"""How a matter may go in the demonstration, step by step, each step by somebody who may do it."""

from dataclasses import dataclass
from datetime import timedelta

from gongzhi.cli.demo_data import cast
from gongzhi.cli.demo_data.scene import Life, Scene
from gongzhi.matters import actions
from gongzhi.matters.actions import Assignee
from gongzhi.playbooks.moves import Attendance, Tally

NOW = timedelta(0)
LEVELS = ("grid", "community", "street", "district")


@dataclass
class Plan:
    """One matter to tell."""

    title: str
    body: str
    category: str
    place: int
    raiser: int
    village: str  # code of the village or community
    grid: str = ""  # code of the grid
    level: str = "grid"  # where it is settled
    stop: str = ""  # the stage in which it is left standing; "" to the end
    twist: str = ""
    urgent: bool = False
    source: str = "page"
    by: int = 0  # who enters it for the raiser
    followers: tuple[int, ...] = ()
    by_deadline: bool = True
    score: int = 5
    matter: int = 0
    number: str = ""


def _raise(scene: Scene, plan: Plan) -> Life:
    at = yield NOW
    by = plan.by or plan.raiser
    note = {"telephone": "本人来电，口头同意代填", "paper": "本人手写纸条并签名"}.get(
        plan.source, ""
    )
    raised = actions.raise_matter(
        by=by, raised_by=plan.raiser, at=at, key=None, body=plan.body, title=plan.title,
        place_id=plan.place, source=plan.source, category=plan.category, urgent=plan.urgent,
        consent_note=note if plan.by else "", anonymous=plan.twist != "named",
    )  # fmt: skip
    plan.matter, plan.number = raised.id, raised.number
    for person in plan.followers:
        at = yield scene.hours(1, 3)
        actions.join(matter_id=plan.matter, by=person, at=at)


def _who(scene: Scene, role: str, place: str) -> int:
    return scene.world.posts[role, place][0]


# 新都：四级


def xindu(scene: Scene, plan: Plan) -> Life:
    """发现上报、立案、办理（一级一级上交）、评价、公开."""
    yield from _raise(scene, plan)
    worker = _who(scene, "grid_worker", plan.grid)
    if plan.stop == "report":
        return
    at = yield scene.hours(1, 3)
    scene.move(plan.matter, "accept", _taker(scene, plan, worker), at)
    if plan.stop == "file":
        return
    at = yield scene.hours(1, 4)
    desk = _desk(scene, plan, scene.where(plan.matter).level)
    if plan.twist == "recall":
        return scene.move(plan.matter, "recall", plan.raiser, at, reason="自己协商好了")
    if plan.twist == "refuse":
        reason = "同一件事三天前已经答复过，情况没有变化"
        return scene.move(plan.matter, "refuse", desk, at, reason=reason)
    if plan.twist == "divert":
        advice = "请带上合同和工资记录，到区劳动人事争议仲裁委员会申请，不收费。"
        return scene.move(plan.matter, "divert", desk, at, reason="属于劳动仲裁范围", note=advice)
    if plan.category:
        actions.classify(matter_id=plan.matter, category=plan.category, by=desk, at=at)
    scene.move(plan.matter, "accept", desk, at + timedelta(minutes=5))
    yield from _climb(scene, plan, worker)
    yield from _handle(scene, plan)


def _taker(scene: Scene, plan: Plan, worker: int) -> int:
    """The grid worker; where the clock has already sent it up, the desk there."""
    level = scene.where(plan.matter).level
    return worker if level == "grid" else _desk(scene, plan, level)


def _climb(scene: Scene, plan: Plan, worker: int) -> Life:
    """Up to the level where it will be settled: by the clock, or by somebody who says why."""
    while LEVELS.index(scene.where(plan.matter).level) < LEVELS.index(plan.level):
        here = scene.where(plan.matter)
        if plan.by_deadline and here.due_at is not None:
            at = yield scene.hours(1, 2)
            yield here.due_at - at + timedelta(hours=9)
            continue
        at = yield scene.hours(12, 40)
        who = {"grid": worker}.get(here.level) or _desk(scene, plan, here.level)
        scene.move(
            plan.matter, "escalate", who, at, reason="牵涉几家单位，本级没有权限，提请上一级"
        )


def _desk(scene: Scene, plan: Plan, level: str) -> int:
    if level == "street":
        return scene.world.people["luo"]
    if level == "district":
        return scene.world.people["gao"]
    return _who(scene, "committee", plan.village)


def _verifier(scene: Scene, plan: Plan, level: str) -> int:
    if level == "street":
        return scene.world.people["yan"]
    if level == "district":
        return _who(scene, "verifier", cast.YANDU)
    return _who(scene, "supervisor", plan.village)


UNIT_OF = {
    "utilities.water": "water", "environment.sewage": "water", "facilities.drains": "water",
    "utilities.power": "power", "safety.wires": "power", "facilities.lighting": "power",
    "safety.fire": "police", "noise.leisure": "police", "neighbours.family": "police",
    "labour.wages": "labour", "market.food": "market", "market.trade": "market",
}  # fmt: skip


def _handlers(scene: Scene, plan: Plan, level: str) -> list[tuple[Assignee, int]]:
    """Who is given the work, and the person who will report it done."""
    if level == "grid":
        worker = _who(scene, "grid_worker", plan.grid)
        return [(Assignee(person_id=worker), worker)]
    if level == "community" and plan.village == cast.COMMUNITIES[0]:
        manager = scene.world.people["cao"]
        unit = scene.world.units["estate"]
        return [(Assignee(organisation_id=unit), manager)]
    if level == "community":
        worker = _who(scene, "grid_worker", plan.grid)
        return [(Assignee(person_id=worker), worker)]
    near = {"district": ("labour", "market")}.get(level, ("city", "water", "power", "police"))
    lead = UNIT_OF.get(plan.category, near[0])
    lead = lead if lead in near else near[0]
    units = [lead] if level == "street" else list(dict.fromkeys((lead, *near)))
    return [
        (Assignee(organisation_id=scene.world.units[key]), _member(scene, key)) for key in units
    ]


def _member(scene: Scene, unit: str) -> int:
    """Somebody of the unit."""
    post = next(post for post in cast.POSTS if post.unit == unit)
    return next(
        person for person in scene.world.posts[post.role, post.place]
        if scene.world.member_of.get(person) == unit
    )  # fmt: skip


def _handle(scene: Scene, plan: Plan) -> Life:
    level = scene.where(plan.matter).level
    desk = _desk(scene, plan, level)
    if plan.stop == "dispatch":
        return
    at = yield scene.hours(2, 20)
    handlers = _handlers(scene, plan, level)
    scene.move(plan.matter, "dispatch", desk, at, assignees=tuple(a for a, _ in handlers))
    if plan.twist == "return":
        at = yield scene.hours(3, 9)
        scene.move(
            plan.matter, "return", handlers[0][1], at, reason="不在我单位管护范围，附权属说明"
        )
        at = yield scene.hours(2, 6)
        scene.move(plan.matter, "accept_return", desk, at, reason="情况属实，改派")
        handlers = handlers[1:] or [(Assignee(organisation_id=scene.world.units["helpers"]),
                                     scene.world.people["hua"])]  # fmt: skip
        at = yield scene.hours(1, 4)
        scene.move(plan.matter, "dispatch", desk, at, assignees=tuple(a for a, _ in handlers))
    if plan.twist == "pause":
        at = yield scene.hours(5, 20)
        return scene.move(plan.matter, "pause", desk, at, reason="waiting_resident")
    if plan.twist == "park":
        at = yield scene.hours(20, 40)
        return scene.move(plan.matter, "park", desk, at, until=at + timedelta(days=90),
                          reason="要等下半年管网改造一起做，先挂账，到期复查")  # fmt: skip
    if plan.twist == "extend":
        at = yield scene.hours(20, 60)
        scene.move(plan.matter, "extend", desk, at, reason="配件要从厂家调货，已告知当事人")
    if plan.stop == "handle":
        return
    yield from _done(scene, plan, handlers, level)
    yield from _end(scene, plan)


DONE = (
    "已到现场处理好，当事人在场看过。", "换了新的配件，试用正常，留了维修电话。",
    "上门调解，双方各让一步，签了协议。", "清理完毕，并加派人员每天巡一次。",
    "联系相关单位三方到场，当天解决。", "已按规定办好，材料复印件留存。",
)  # fmt: skip


def _done(scene: Scene, plan: Plan, handlers: list[tuple[Assignee, int]], level: str) -> Life:
    for _, member in handlers:
        at = yield scene.hours(10, 40)
        cost = scene.rng.choice((None, None, 12_000, 38_500, 120_000))
        scene.move(
            plan.matter, "report_done", member, at, note=scene.rng.choice(DONE), cost_fen=cost
        )
    if plan.stop == "verify":
        return
    checker = _verifier(scene, plan, level)
    at = yield scene.hours(4, 24)
    if plan.twist == "send_back":
        scene.move(plan.matter, "send_back", checker, at, reason="现场还有一处没有修好")
        for _, member in handlers:
            at = yield scene.hours(5, 20)
            scene.move(plan.matter, "report_done", member, at, note="遗留的一处已补好。")
        at = yield scene.hours(4, 20)
    scene.move(plan.matter, "verify", checker, at, note="到现场看过，属实。")


def _end(scene: Scene, plan: Plan) -> Life:
    """Those concerned judge, the page is published, and sometimes somebody objects."""
    if plan.stop in ("verify", "appraise"):
        return
    at = yield scene.hours(50, 90)
    if plan.twist == "silent":
        at = yield timedelta(days=8)
    else:
        for person in (plan.raiser, *plan.followers):
            if scene.where(plan.matter).stage != "appraise":
                break  # enough have answered
            solved = plan.score >= 3
            words = scene.rng.choice(("", "很快", "态度好", "谢谢")) if solved else "还是老样子"
            actions.answer_call_back(
                matter_id=plan.matter,
                by=person,
                at=at,
                solved=solved,
                score=plan.score,
                words=words,
            )
            at = yield scene.hours(1, 5)
    if plan.stop == "publish" or scene.where(plan.matter).stage != "publish":
        return
    supervisor = _who(scene, "supervisor", plan.village)
    at = yield scene.hours(3, 30)
    scene.move(plan.matter, "publish", supervisor, at)
    if plan.twist == "reopen":
        at = yield timedelta(days=5)
        scene.move(plan.matter, "reopen", plan.raiser, at)
        plan.twist, plan.score = "", 4
        if plan.village == cast.SHUANGMA:
            yield from village_handle(scene, plan)
        else:
            yield from _handle(scene, plan)


# 盱眙：六步


def xuyi(scene: Scene, plan: Plan) -> Life:
    """提事、议事、定事、办事、评事、晒事."""
    yield from _raise(scene, plan)
    chen, wu = scene.world.people["chen"], scene.world.people["wu"]
    if plan.stop == "propose":
        return
    at = yield scene.hours(4, 40)
    if plan.twist == "refuse":
        return scene.move(
            plan.matter, "refuse", chen, at, reason="宅基地审批由镇里依法办理，不由村里议定"
        )
    if plan.twist == "divert":
        return scene.move(plan.matter, "divert", chen, at, reason="已进入诉讼程序",
                          note="案件在法院审理，请向承办法官了解进展，村里可以陪同。")  # fmt: skip
    scene.move(plan.matter, "accept", chen, at)
    if plan.stop == "deliberate":
        return
    at = yield scene.hours(60, 130)
    if plan.twist == "recall":
        return scene.move(plan.matter, "recall", plan.raiser, at, reason="两家自己说开了")
    scene.move(
        plan.matter, "hear", wu, at, attendance=_came(scene), note=_SAID[plan.twist == "hearing"]
    )
    if plan.stop == "decide":
        return
    at = yield scene.hours(50, 120)
    if plan.twist == "voted_down":
        scene.move(plan.matter, "resolve", chen, at, tally=Tally(30, 24, 12, 10, 2))
        at = yield scene.hours(60, 120)
        scene.move(
            plan.matter, "hear", wu, at, attendance=_came(scene), note="改了方案，减少占地，再议。"
        )
        at = yield scene.hours(50, 100)
    scene.move(plan.matter, "resolve", chen, at, tally=_tally(scene))
    yield from village_handle(scene, plan)


_SAID = {
    False: "大家轮流说，同意先办，费用从村集体公益金出，账目公开。",
    True: "决策听证：赞成和反对的两方各推三人陈述，水利站到场答问；多数意见是分两段施工，"
    "先保住五户的出水口。反对意见两条已记录在案。",
}


def _came(scene: Scene) -> Attendance:
    came = scene.rng.randrange(8, 12)
    return Attendance(11, came, {"affected": 3, "council": came - 3})


def _tally(scene: Scene) -> Tally:
    present = scene.rng.randrange(22, 29)
    against = scene.rng.randrange(0, 5)
    return Tally(30, present, present - against - 1, against, 1)


def village_handle(scene: Scene, plan: Plan) -> Life:
    """联动办事: the village, or a station of the town, and what it cost."""
    chen, sun = scene.world.people["chen"], scene.world.people["sun"]
    if plan.stop == "handle":
        return
    at = yield scene.hours(5, 40)
    handlers = [(Assignee(person_id=scene.world.people["liu"]), scene.world.people["liu"])]
    if plan.twist in ("hearing", "joint"):
        unit = scene.world.units["water_town"]
        handlers.append((Assignee(organisation_id=unit), scene.world.people["han"]))
    scene.move(plan.matter, "dispatch", chen, at, assignees=tuple(a for a, _ in handlers))
    if plan.twist == "park":
        at = yield scene.hours(50, 80)
        return scene.move(plan.matter, "park", chen, at, until=at + timedelta(days=120),
                          reason="等明年高标准农田项目下达，先挂账，到期复查")  # fmt: skip
    if plan.stop == "working":
        return
    for _, member in handlers:
        at = yield scene.hours(100, 200)
        cost = scene.rng.choice((260_000, 480_000, 1_350_000, 90_000))
        scene.move(
            plan.matter, "report_done", member, at, note=scene.rng.choice(DONE), cost_fen=cost
        )
    if plan.stop == "verify":
        return
    at = yield scene.hours(10, 40)
    scene.move(plan.matter, "verify", sun, at, note="监督委员会三人到场验收。")
    yield from _end(scene, plan)
