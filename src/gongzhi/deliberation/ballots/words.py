"""What a vote came to, in sentences. zh-Hans; doors translate what they show themselves."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

VERDICTS = {"pass": "通过", "fail": "没有通过", "no_decision": "人数不够，没有作出决定"}
_DIGITS = "零一二三四五六七八九十"
_HAVE = {"members": "到会", "present": "到会", "households": "到会的户", "heads": "参加表决的业主",
         "area": "参加表决的面积", "participating": "参加投票"}  # fmt: skip


def share(written: str, op: str) -> str:
    """ "过半数", "三分之二以上": whether the share itself is enough is in the word."""
    part = Fraction(written)
    if (part, op) == (Fraction(1, 2), ">"):
        return "过半数"
    spoken = f"{_spoken(part.denominator)}分之{_spoken(part.numerator)}"
    return f"超过{spoken}" if op == ">" else f"{spoken}以上"


def _spoken(number: int) -> str:
    return _DIGITS[number] if number <= 10 else str(number)


def quorum_line(line: Mapping[str, Any]) -> str:
    """ "到会21人，应有20人（三分之二以上）": one line of the quorum."""
    if Fraction(line["share"]) == 0:
        return f"到会{line['have']}人，至少要{line['needed']}人"
    unit = "户" if line["base"] == "households" else "人"
    if line["base"] == "area":
        return (
            f"参加表决的面积{area(line['have'])}，总面积{area(line['of'])}，"
            f"要{share(line['share'], line['op'])}"
        )
    return (
        f"{_HAVE.get(line['base'], '到会')}{line['have']}{unit}，共{line['of']}{unit}，"
        f"要{share(line['share'], line['op'])}，就是{line['needed']}{unit}"
    )


def majority_line(line: Mapping[str, Any]) -> str:
    """ "赞成11人，要到会20人的过半数，就是11人": one line of the majority."""
    whole = {"present": "到会人员", "members": "全体成员", "heads": "全体业主",
             "participating": "参加表决的人"}  # fmt: skip
    if line["base"] in ("area", "participating_area"):
        of = "总面积" if line["base"] == "area" else "参加表决的面积"
        return (
            f"赞成的面积{area(line['have'])}，要{of}{area(line['of'])}的"
            f"{share(line['share'], line['op'])}"
        )
    return (
        f"赞成{line['have']}人，要{whole[line['base']]}{line['of']}人的"
        f"{share(line['share'], line['op'])}，就是{line['needed']}人"
    )


def area(hundredths: int) -> str:
    """Area kept in 0.01 m², as people write it."""
    return f"{hundredths // 100:,}.{hundredths % 100:02d}平方米"


def sentence(head: Mapping[str, Any]) -> str:
    """The result in words: how many, of whom, by which rule, and what it means."""
    result, rule = head["result"], head["rule"]
    options = {option["id"]: option["words"] for option in head["options"]}
    votes = "，".join(f"{options[o]}{got['votes']}票" for o, got in result["votes"].items())
    won = "、".join(options[one] for one in result["won"])
    if head["method"] == "for_against" or result["verdict"] != "pass":
        verdict = VERDICTS[result["verdict"]]
    else:
        verdict = f"选定：{won}"
    missed = [quorum_line(line) for line in result["quorum"] if not line["reached"]]
    why = f"（{'；'.join(missed)}）" if result["verdict"] == "no_decision" else ""
    force = "" if head["binding"] else "这是商量的意见，不代替法定会议的决定。"
    law = f"按{rule['law']}计票。" if rule["law"] else ""
    return f"{verdict}{why}。{votes}，共{head['roll']['participating']}人投票。{law}{force}"
