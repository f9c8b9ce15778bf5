"""Matters in words: statuses, verbs, outcomes, sources. Source language zh-Hans."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from gongzhi.matters.models import Source
from gongzhi.matters.suggest import taxonomy
from gongzhi.playbooks import statutory
from gongzhi.playbooks.schema import Playbook, Words

OUTCOMES = {
    "done": noop("已办结"),
    "refused": noop("未受理"),
    "recalled": noop("已撤回"),
    "diverted": noop("已引导到别的渠道"),
    "merged": noop("已并入另一件事"),
}
VERBS = {
    "raise": noop("提出"),
    "accept": noop("受理"),
    "refuse": noop("不予受理"),
    "sign": noop("签字"),
    "attach": noop("附材料"),
    "hear": noop("议事"),
    "resolve": noop("表决"),
    "dispatch": noop("交办"),
    "report_done": noop("报办结"),
    "verify": noop("核查通过"),
    "send_back": noop("退回重办"),
    "rate": noop("评价"),
    "publish": noop("公开"),
    "escalate": noop("提请上级"),
    "send_down": noop("交下级办"),
    "transfer": noop("转办"),
    "return": noop("退单"),
    "accept_return": noop("同意退单"),
    "reject_return": noop("不同意退单"),
    "extend": noop("延期"),
    "pause": noop("暂停计时"),
    "resume": noop("恢复计时"),
    "park": noop("挂账"),
    "unpark": noop("销挂"),
    "recall": noop("撤回"),
    "reopen": noop("重新打开"),
    "divert": noop("引导到别的渠道"),
    "merge": noop("并案"),
    "mark": noop("标为会议决定的事项"),
    "comment": noop("留言"),
    "tick": noop("到时查看"),
}
RESULTS = {
    "up": noop("升到上一级"),
    "down": noop("交到下一级"),
    "no_decision": noop("到会人数不够，不作决定"),
    "fail": noop("没有通过"),
    "refuse": noop("不采纳，写明了理由"),
    "warn": noop("期限提醒"),
    "review": noop("挂账到期复查"),
}


VERDICTS = {
    "pass": noop("通过"),
    "fail": noop("没有通过"),
    "no_decision": noop("到会人数不够，不作决定"),
}


def language() -> str:
    """The playbook's language for the page being made."""
    return "en" if (get_language() or "").startswith("en") else "zh-Hans"


def of(playbook: Playbook) -> Words:
    """The playbook's words in the language of the page."""
    return playbook.words(language())


def category(code: str, spoken: str = "") -> str:
    """The name of a category in `spoken`, or the page's language; "" for none."""
    found = taxonomy.categories().get(code)
    return found.name(spoken or language()) if found else ""


def source(code: str) -> str:
    """How it came in."""
    return _(Source(code).label) if code in Source.values else code


def verb(code: str) -> str:
    """A move in a word."""
    return _(VERBS.get(code, code))


def result(code: str) -> str:
    """What came of it, "" when there is nothing to add."""
    return _(RESULTS[code]) if code in RESULTS else ""


def law(row: Mapping[str, object]) -> str:
    """What the law gives to an assembly, and whether it has decided; "" for any other matter."""
    item = statutory.items().get(str(row["statutory"]))
    if item is None:
        return ""
    told = {"item": item.name(language()), "law": item.citation, "session": row["resolution"]}
    if row["resolution"]:
        return _("属于“%(item)s”，依%(law)s由会议决定；%(session)s次会议已经通过。") % told
    who = _("或者").join(item.deciders(language()))
    told["who"] = who
    return _("属于“%(item)s”，依%(law)s要先由%(who)s决定，现在还不能办。") % told


def decided(data: Mapping[str, Any]) -> str:
    """What an event says of the law's list: the mark, or the resolution of a ballot."""
    if "statutory" in data:
        item = statutory.items().get(data["statutory"])
        return f"{item.name(language())} {item.citation}" if item else _("去掉了标记")
    if "resolution" not in data:
        return ""
    told = data["resolution"]
    verdict = _(VERDICTS.get(told["verdict"], told["verdict"]))
    kind = _("有约束力的决议") if told["binding"] else _("议事意见，不是决定")
    return f"{told['body_name']} {told['session_number']} {verdict} {kind}".strip()


def status(named: Words, row: dict[str, object]) -> str:
    """What the raiser reads: 已收到 → 正在议 → 定了 → 正在办 → 办好了，请您评 → 已公开."""
    outcome = str(row["outcome"])
    if outcome == "done":
        return named.done
    if outcome:
        return _(OUTCOMES[outcome])
    if row["parked_until"]:
        return _("已挂账，到期复查")
    return named.stages[str(row["stage"])].status
