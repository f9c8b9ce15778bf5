"""Words of votes in the reader's language: the quorum and the majority as exact sentences."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gongzhi.playbooks.rules import Rule

VERDICTS = {"pass": "通过", "fail": "没有通过", "no_decision": "没有作出决定"}
TONES = {"pass": "ok", "fail": "bad", "no_decision": "warn"}
STATES = {"draft": "准备中", "open": "正在投票", "closed": "已计票", "void": "已作废"}
WAYS = {"phone": "手机", "paper": "纸质票", "hands": "现场举手"}
METHODS = {
    "for_against": "赞成、反对或弃权",
    "single": "选一项",
    "multiple": "最多选几项",
    "approval": "赞成哪些就选哪些",
}
TOPIC_STATES = {
    "proposed": "等审核", "accepted": "列入议题", "refused": "没有列入", "appealed": "等复核",
}  # fmt: skip
_DIGITS = "零一二三四五六七八九十"


def rule_name(rule: Rule) -> str:
    """The rule's name in the reader's language."""
    names = rule.names or {}
    english = (get_language() or "").startswith("en")
    return names.get("en" if english else "zh-Hans", "")


def share(written: str | Fraction, op: str) -> str:
    """ "过半数", "三分之二以上" or "more than 1/2": whether the share itself is enough."""
    part = Fraction(written)
    if (part, op) == (Fraction(1, 2), ">"):
        return _("过半数（超过一半）")
    said = f"{part.numerator}/{part.denominator}"
    if not (get_language() or "").startswith("en"):
        said = f"{_digit(part.denominator)}分之{_digit(part.numerator)}"
    return (_("超过%(share)s") if op == ">" else _("%(share)s以上（含）")) % {"share": said}


def _digit(number: int) -> str:
    return _DIGITS[number] if number <= 10 else str(number)


def area(hundredths: int) -> str:
    """Area kept in 0.01 m²."""
    return _("%(area)s 平方米") % {"area": f"{hundredths / 100:,.2f}"}


def quorum_line(line: Mapping[str, Any]) -> str:
    """Who is there, of how many, and what is needed."""
    have, of, needed = line["have"], line["of"], line["needed"]
    if not Fraction(line["share"]):
        return _("到会%(have)d人，至少要%(needed)d人") % {"have": have, "needed": needed}
    said = share(line["share"], line["op"])
    if line["base"] == "area":
        return _("参加表决的面积%(have)s，总面积%(of)s，要%(share)s") % {
            "have": area(have), "of": area(of), "share": said,
        }  # fmt: skip
    words = {
        "households": _("到会%(have)d户，一共%(of)d户，要%(share)s，就是%(needed)d户"),
        "heads": _("参加表决的业主%(have)d人，一共%(of)d人，要%(share)s，就是%(needed)d人"),
    }.get(line["base"], _("到会%(have)d人，一共%(of)d人，要%(share)s，就是%(needed)d人"))
    return words % {"have": have, "of": of, "share": said, "needed": needed}


def majority_line(line: Mapping[str, Any]) -> str:
    """Who agreed, of how many, and what is needed."""
    said = share(line["share"], line["op"])
    if line["base"] in ("area", "participating_area"):
        words = (
            _("赞成的面积%(have)s，总面积%(of)s，要%(share)s") if line["base"] == "area"
            else _("赞成的面积%(have)s，参加表决的面积%(of)s，要%(share)s")
        )  # fmt: skip
        return words % {"have": area(line["have"]), "of": area(line["of"]), "share": said}
    words = {
        "present": _("赞成%(have)d人，到会%(of)d人，要%(share)s，就是%(needed)d人"),
        "participating": _("赞成%(have)d人，参加表决%(of)d人，要%(share)s，就是%(needed)d人"),
    }.get(line["base"], _("赞成%(have)d人，全体%(of)d人，要%(share)s，就是%(needed)d人"))
    return words % {
        "have": line["have"], "of": line["of"], "share": said, "needed": line["needed"],
    }  # fmt: skip


def option(words: str) -> str:
    """An option's words: the three fixed ones are in the catalogue, others as people wrote them."""
    fixed = {"赞成": _("赞成"), "反对": _("反对"), "弃权": _("弃权")}
    return fixed.get(words, words)


def options(motion: Mapping[str, Any]) -> dict[str, str]:
    """Words by option id."""
    return {one["id"]: option(one["words"]) for one in motion["options"]}
