"""Proposals in words: states, the five words, kinds of money. Source language zh-Hans."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from gongzhi.deliberation.proposals import rules

STATES = {
    "draft": noop("草稿"),
    "seconding": noop("正在征集附议"),
    "waiting": noop("附议够了，等受理"),
    "deliberating": noop("已受理，正在议"),
    "deciding": noop("议好了，正在定"),
    "decided": noop("定下来了，等开工"),
    "project": noop("正在做"),
    "done": noop("做好了，请大家评"),
    "rated": noop("评完了"),
    "shelved": noop("先放一放"),
    "returned": noop("已退回"),
    "merged": noop("已并到另一件"),
    "withdrawn": noop("提案人撤回了"),
}
TONES = {
    "seconding": "info", "waiting": "warn", "done": "info", "rated": "ok", "returned": "bad",
}  # fmt: skip
FIVE = {
    "propose": noop("提"),
    "deliberate": noop("议"),
    "decide": noop("定"),
    "do": noop("做"),
    "appraise": noop("评"),
}
STANDS = {
    "": noop("说一句"),
    "for": noop("赞成"),
    "against": noop("反对"),
    "neutral": noop("中立"),
}
SOURCES = {
    "fund": noop("社区资金"),
    "levy": noop("居民自筹"),
    "department": noop("部门资金"),
    "donation": noop("捐助"),
}
ASKED = {
    "proposer": noop("提案人"),
    "seconder": noop("附议户"),
    "affected": noop("抽到的受影响户"),
    "supervisor": noop("居民监督员"),
}
EVENTS = {
    "drafted": noop("写了草稿"),
    "opened": noop("开始征集附议"),
    "rewritten": noop("提案人改了内容"),
    "withdrawn": noop("提案人撤回"),
    "filed": noop("附议够数，立案等受理"),
    "accepted": noop("受理"),
    "returned": noop("退回"),
    "merged": noop("并到另一件提案"),
    "took_in": noop("并进来一件提案"),
    "appealed": noop("提案人请上一级再看"),
    "appeal_answered": noop("上一级答复"),
    "decided": noop("定下结果"),
    "planned": noop("立项"),
    "task_added": noop("加了一项任务"),
    "task_done": noop("完成一项任务"),
    "money_added": noop("落实一笔钱"),
    "supervisor_added": noop("来了一位居民监督员"),
    "started": noop("开工"),
    "spent": noop("支出一笔"),
    "reversed": noop("冲销一笔"),
    "finished": noop("报完工"),
    "comment_hidden": noop("隐藏一条留言"),
    "learned": noop("写下学到了什么"),
    "honoured": noop("褒奖"),
}


def language() -> str:
    """The language of the page."""
    return "en" if (get_language() or "").startswith("en") else "zh-Hans"


def state(code: str) -> str:
    """Where it stands, as a neighbour reads it."""
    return _(STATES[code])


def entry(kind: str, code: str) -> str:
    """The name of a topic, reach, test, method or honour; "" for one no longer there."""
    found = rules.entries(kind).get(code)
    return found.name(language()) if found else ""


def platform(reach: str) -> str:
    """Which platform talks about it."""
    return rules.entries("reaches")[reach].platform(language())


def five(state_: str) -> list[dict[str, str]]:
    """The five words with what each is: done, now, next or ended."""
    return [
        {"id": word, "name": _(FIVE[word]), "state": told}
        for word, told in zip(rules.WORDS, rules.five_words(state_), strict=True)
    ]


def choices(kind: str) -> list[tuple[str, str]]:
    """Ids and names of the small form's data, for a form."""
    return [(one.id, one.name(language())) for one in rules.entries(kind).values()]


def methods() -> list[tuple[str, str]]:
    """How hands were counted, for the desk's form; a counted vote writes its own method."""
    return [(code, name) for code, name in choices("methods") if code != rules.VOTE]
