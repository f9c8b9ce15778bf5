"""Everything about a playbook that its types cannot say. Each slip is told in a clerk's words."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import pairwise

from gongzhi.playbooks import check_flow, check_rungs, check_words, rules
from gongzhi.playbooks.kinds import Special
from gongzhi.playbooks.problems import Problem, unknown
from gongzhi.playbooks.schema import Gate, HouseRule, Playbook, Publish, Quorum, Stage

FILE = "playbook.toml"
SPECIAL: tuple[Special, ...] = ("raiser", "assignee", "affected", "residents")
# Codes of appointments; the same as in the register of people (a test compares them).
HOLDERS = (
    "grid_worker",
    "generalist_worker",
    "committee",
    "supervisor",
    "party_secretary",
    "workshop_host",
    "workshop_member",
    "town_officer",
    "dept_officer",
    "enforcement_officer",
    "dispatcher",
    "verifier",
    "county_leader",
    "org_manager",
    "volunteer",
    "observer",
)
# What may be put on a board. The second group says who somebody is, or lets one guess.
PARTS = (
    "title",
    "level",
    "attendance",
    "decision",
    "votes",
    "progress",
    "cost",
    "result",
    "rating",
)
PERSONAL = ("body", "photo", "place", "raiser")
MIN_DAYS = 15  # 村民委员会组织法、城市居民委员会组织法: published items stay at least 15 days

# Keys of a gate that mean something for some kinds only.
_BELONGS: dict[str, tuple[str, ...]] = {
    "verify_by": ("joint",),
    "quorum": ("hearing", "vote"),
    "rule": ("vote",),
    "threshold": ("rate",),
    "min_raters": ("rate",),
    "enough": ("rate",),
    "ask_after": ("rate",),
    "not_before": ("accept", "approve", "sign", "attach", "hearing", "vote", "publish"),
}


def check(playbook: Playbook) -> tuple[Problem, ...]:
    """Every slip; none if the playbook may be used. Names first: the rest needs them right."""
    names = (*_same(playbook), *_unknown(playbook), *_nothing(playbook))
    if names:
        return names
    looks: tuple[Callable[[Playbook], Iterable[Problem]], ...] = (
        _roles,
        _levels,
        _gates,
        _publications,
        _topics,
        _limits,
        _numbers,
        check_flow.check,
        check_rungs.check,
        check_words.check,
    )
    return tuple(problem for look in looks for problem in look(playbook))


def _at(*path: str) -> str:
    return f"{FILE} · {' → '.join(path)}"


def _same(pb: Playbook) -> Iterator[Problem]:
    lists = {
        "levels": [level.id for level in pb.levels],
        "roles": [role.id for role in pb.roles],
        "stages": [stage.id for stage in pb.stages],
        "measures": [measure.id for measure in pb.measures],
    }
    for name, ids in lists.items():
        for twice in (i for i, n in Counter(ids).items() if n > 1):
            yield Problem("same_id", _at(name), f"编号“{twice}”用了不止一次", "每个编号只用一次")


def _nothing(pb: Playbook) -> Iterator[Problem]:
    for name, items in (("levels", pb.levels), ("roles", pb.roles), ("stages", pb.stages)):
        if not items:
            yield Problem("empty_list", _at(name), "一项也没有", "至少写一项")


def _unknown(pb: Playbook) -> Iterator[Problem]:
    levels = tuple(level.id for level in pb.levels)
    roles = tuple(role.id for role in pb.roles)
    stages = tuple(stage.id for stage in pb.stages)
    for where, word in _named_levels(pb):
        if word not in levels:
            yield unknown("unknown_level", where, "层级", word, levels)
    for where, word in _named_roles(pb):
        if word not in roles:
            yield unknown("unknown_role", where, "角色", word, roles)
    for where, word in _named_stages(pb):
        if word not in stages:
            yield unknown("unknown_stage", where, "步骤", word, stages)
    for role in pb.roles:
        for word in () if role.special else role.holders:
            if word not in HOLDERS:
                known = HOLDERS + SPECIAL
                yield unknown("unknown_holder", _at("roles", role.id), "岗位", word, known)


def _named_levels(pb: Playbook) -> Iterator[tuple[str, str]]:
    yield _at("start_level"), pb.start_level
    for role in pb.roles:
        if role.at != "level":
            yield _at("roles", role.id, "at"), role.at
        for rung, office in role.stand_in.items():
            yield _at("roles", role.id, "stand_in"), rung
            yield _at("roles", role.id, "stand_in"), office
    for stage in pb.stages:
        if stage.level:
            yield _at("stages", stage.id, "level"), stage.level
        for level in stage.on:
            yield _at("stages", stage.id, "on"), level
    for topic, level in pb.climb.topics.items() if pb.climb else ():
        yield _at("climb", "topics", topic), level


def _named_roles(pb: Playbook) -> Iterator[tuple[str, str]]:
    for stage in pb.stages:
        gate = stage.gate
        yield from ((_at("stages", stage.id, "do"), role) for role in stage.do)
        yield from ((_at("stages", stage.id, "gate", "by"), role) for role in gate.by)
        yield from ((_at("stages", stage.id, "gate", "verify_by"), role) for role in gate.verify_by)
        for role in gate.quorum.include if gate.quorum else ():
            yield _at("stages", stage.id, "gate", "quorum", "include"), role
        for level, rung in stage.on.items():
            for role in rung.quorum.include if rung.quorum else ():
                yield _at("stages", stage.id, "on", level, "quorum", "include"), role


def _named_stages(pb: Playbook) -> Iterator[tuple[str, str]]:
    for stage in pb.stages:
        for edge in stage.next:
            if edge.to not in ("end", "refused"):
                yield _at("stages", stage.id, "next"), edge.to
    if pb.climb and pb.climb.top != "hold":
        yield _at("climb", "top"), pb.climb.top
    if pb.limits.recall_until:
        yield _at("limits", "recall_until"), pb.limits.recall_until
    if pb.limits.reopen_to:
        yield _at("limits", "reopen_to"), pb.limits.reopen_to
    for measure in pb.measures:
        if measure.stage:
            yield _at("measures", measure.id, "stage"), measure.stage


def _roles(pb: Playbook) -> Iterator[Problem]:
    used = {role for _, role in _named_roles(pb)}
    for role in pb.roles:
        if role.id not in used:
            yield Problem(
                "role_unused", _at("roles", role.id), "哪一步都没有用到", "用上它，或者删掉"
            )
        if not role.holders:
            yield Problem("no_holder", _at("roles", role.id), "没有人能担任", "写上岗位")
    if not any(role.special == "raiser" for role in pb.roles):
        what = '没有提出人（holders = "raiser"）'
        yield Problem("no_raiser", _at("roles"), what, "加上提出人，他才能撤回、重新打开和评价")


_UNITS = ("building", "compound", "grid", "village", "town", "county", "prefecture", "province")


def _levels(pb: Playbook) -> Iterator[Problem]:
    ranks = [_UNITS.index(level.unit) for level in pb.levels]
    if any(low >= high for low, high in pairwise(ranks)):
        yield Problem("levels_order", _at("levels"), "层级顺序不对", "从小到大，从下到上写")
    shares = [level.target_share for level in pb.levels if level.target_share is not None]
    if shares and (len(shares) < len(pb.levels) or sum(shares, Fraction()) != 1):
        what = f"各级比例加起来是 {sum(shares, Fraction())}"
        yield Problem("shares_not_one", _at("levels"), what, "每一级都写，加起来正好是 1")


def _gates(pb: Playbook) -> Iterator[Problem]:
    for stage in pb.stages:
        where = _at("stages", stage.id, "gate")
        if not stage.do:
            yield Problem(
                "no_doer", _at("stages", stage.id, "do"), "没有写谁来做", "至少写一个角色"
            )
        if not stage.gate.by:
            yield Problem("no_by", where, "没有写由谁决定（by）", "至少写一个角色")
        for key, kinds in _BELONGS.items():
            if key in stage.gate.model_fields_set and stage.gate.kind not in kinds:
                what = f"“{stage.gate.kind}”这种关口用不上“{key}”"
                yield Problem("key_misplaced", where, what, f"只用在：{'、'.join(kinds)}")
        yield from _by_kind(pb, stage, where)
        if stage.gate.quorum is not None:
            yield from _quorum(stage.gate.quorum, f"{where} → quorum")
        for level in stage.on:
            there, at = pb.stage_on(stage.id, level).gate, _at("stages", stage.id, "on", level)
            if there.kind == "vote":
                yield from _vote(there, at)
            if there.quorum is not None and there.quorum is not stage.gate.quorum:
                yield from _quorum(there.quorum, f"{at} → quorum")


def _by_kind(pb: Playbook, stage: Stage, where: str) -> Iterator[Problem]:
    gate = stage.gate
    if gate.kind == "vote":
        yield from _vote(gate, where)
    if gate.kind == "rate":
        yield from _rate(pb, gate, where)
    if gate.kind == "joint":
        yield from _joint(pb, stage, where)
    if gate.kind == "publish" and stage.publish is None:
        what = "公开这一步没有写公开什么（publish）"
        yield Problem("nothing_published", where, what, "写上公开什么、给谁看、多少天")


def _vote(gate: Gate, where: str) -> Iterator[Problem]:
    known = tuple(rules.presets())
    if gate.rule is None:
        what = "表决没有写规则（rule）"
        yield Problem("vote_without_rule", where, what, "写法定规则的名字，或自己的规则", known)
    elif isinstance(gate.rule, HouseRule):
        if not 0 < gate.rule.pass_ <= 1 or (gate.rule.pass_ == 1 and gate.rule.op == ">"):
            what = f"没有哪个表决能达到 {gate.rule.op} {gate.rule.pass_}"
            yield Problem("rule_impossible", where, what, "写 0 到 1 之间的分数")
        if gate.quorum is None:
            yield Problem(
                "no_quorum", where, "没有写多少人到会才算数（quorum）", "写上到会的人数或比例"
            )
    elif gate.rule not in known:
        yield unknown("unknown_rule", where, "表决规则", gate.rule, known)


def _rate(pb: Playbook, gate: Gate, where: str) -> Iterator[Problem]:
    if gate.threshold is None:
        yield Problem("rate_without_threshold", where, "没有写几分算过（threshold）", '例如 "7/2"')
    elif not 1 <= gate.threshold <= 5:
        what = f"{gate.threshold} 不在一到五分之间"
        yield Problem("threshold_range", where, what, '从 "1/1" 到 "5/1"')
    if gate.enough is not None and not 0 < gate.enough <= 1:
        yield Problem("share_range", where, f"“enough”不能是 {gate.enough}", "写 0 到 1 之间的分数")
    if any(pb.role(role).special == "assignee" for role in gate.by):
        yield Problem("own_rating", where, "让承办人评价自己办的事", "由提出人和相关的人来评")


def _joint(pb: Playbook, stage: Stage, where: str) -> Iterator[Problem]:
    gate = stage.gate
    if not gate.verify_by:
        yield Problem(
            "joint_without_verify", where, "没有写由谁核查（verify_by）", "写一个不经手的角色"
        )
    elif set(gate.verify_by) <= set(stage.do):
        what = "核查的人就是办事的人"
        yield Problem("own_verify", where, what, "核查要由别的角色来做")
    if not any(pb.role(role).special in ("", "assignee") for role in gate.by):
        yield Problem("no_dispatcher", where, "没有工作人员能派单", "在 by 里写一个岗位")


def _quorum(quorum: Quorum, where: str) -> Iterator[Problem]:
    if quorum.min_count is None and quorum.min_share is None and not quorum.include:
        yield Problem("quorum_empty", where, "什么也没有要求", "写 min_count、min_share 或 include")
    needed = max(quorum.min_count or 0, sum(quorum.include.values()))
    if quorum.seats is not None and needed > quorum.seats:
        what = f"要 {needed} 人到会，可是一共只有 {quorum.seats} 个席位"
        yield Problem("quorum_too_large", where, what, f"不多于 {quorum.seats}")
    share = quorum.min_share
    if share is not None and (share > 1 or (share == 1 and quorum.op == ">")):
        what = f"到会比例不可能{'超过' if quorum.op == '>' else '达到'} {share}"
        yield Problem("quorum_too_large", where, what, "写 0 到 1 之间的分数")


def _publications(pb: Playbook) -> Iterator[Problem]:
    for stage in pb.stages:
        if stage.publish is not None:
            yield from _publication(stage.publish, _at("stages", stage.id, "publish"))
        if stage.refusal is not None:
            yield from _publication(stage.refusal, _at("stages", stage.id, "refusal"))
            if stage.gate.kind not in ("accept", "approve"):
                what = f"“{stage.gate.kind}”这种关口不会不予受理"
                yield Problem("never_refused", _at("stages", stage.id, "refusal"), what, "去掉它")


def _publication(publish: Publish, where: str) -> Iterator[Problem]:
    known = PARTS + PERSONAL
    for word in publish.what:
        if word not in known:
            yield unknown("unknown_part", where, "可公开内容", word, known)
    if not publish.what:
        yield Problem("nothing_published", where, "没有写公开什么（what）", "至少写一样", known)
    if publish.days < MIN_DAYS:
        what = f"只公开 {publish.days} 天"
        yield Problem("publish_short", where, what, f"法律规定至少 {MIN_DAYS} 天")
    told = [word for word in publish.what if word in PERSONAL]
    if told and not publish.mask and publish.to != "raiser":
        what = f"不遮盖就公开了{'、'.join(told)}，会让人认出是谁"
        yield Problem("publish_wide", where, what, "写 mask = true，或者去掉这些内容")
    if "raiser" in publish.what and publish.to != "raiser":
        what = "公开了是谁提的"
        yield Problem("publish_wide", where, what, '提出人的身份只给他本人看（to = "raiser"）')


def _topics(pb: Playbook) -> Iterator[Problem]:
    if pb.climb is None:
        return
    if pb.climb.topics and "topic" not in pb.climb.by:
        yield Problem(
            "topics_unused", _at("climb"), "写了 topics，by 里却没有 topic", "两样都写或都不写"
        )
    if "topic" in pb.climb.by and not pb.climb.topics:
        yield Problem(
            "topics_missing", _at("climb"), "by 里有 topic，却没有写 topics", "两样都写或都不写"
        )


def _limits(pb: Playbook) -> Iterator[Problem]:
    limits, where = pb.limits, _at("limits")
    if limits.reopen_days and not limits.reopen_to:
        what = "可以重新打开，却没有写从哪一步重来（reopen_to）"
        yield Problem("reopen_nowhere", where, what, "写一个步骤，或把 reopen_days 写成 0")
    for measure in pb.measures:
        if measure.kind in ("answered_share", "satisfaction") and not measure.stage:
            where = _at("measures", measure.id)
            yield Problem(
                "measure_without_stage", where, "没有写看哪一步（stage）", "写一个评价的步骤"
            )


def _numbers(pb: Playbook) -> Iterator[Problem]:
    """Every number says where it comes from."""
    counted: list[tuple[str, bool, str | None]] = []
    for level in pb.levels:
        counted.append((_at("levels", level.id), level.target_share is not None, level.basis))
    for stage in pb.stages:
        where, gate = _at("stages", stage.id), stage.gate
        rated = any((gate.threshold, gate.min_raters, gate.enough, gate.ask_after, gate.not_before))
        house = gate.rule.basis if isinstance(gate.rule, HouseRule) else gate.basis
        counted.append((f"{where} → gate", rated or bool(gate.rule), gate.basis or house))
        if gate.quorum:
            counted.append((f"{where} → gate → quorum", True, gate.quorum.basis))
        if stage.deadline:
            counted.append((f"{where} → deadline", True, stage.deadline.basis))
        if stage.publish:
            counted.append((f"{where} → publish", True, stage.publish.basis))
        if stage.refusal:
            counted.append((f"{where} → refusal", True, stage.refusal.basis))
    if pb.climb:
        counted.append((_at("climb"), True, pb.climb.basis))
    counted.append((_at("limits"), bool(pb.limits.model_fields_set), pb.limits.basis))
    for measure in pb.measures:
        counted.append((_at("measures", measure.id), measure.target is not None, measure.basis))
    for where, has_number, basis in counted:
        if has_number and basis is None:
            expected = "basis = source（原文）、law（法律）或 default（我们的建议）"
            yield Problem("no_basis", where, "没有写数字从哪里来（basis）", expected)
