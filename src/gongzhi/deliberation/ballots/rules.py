"""What a vote is, and what comes of one. Pure: no database, no clock."""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from gongzhi.core.errors import BadInput, Refused
from gongzhi.playbooks import rules as law
from gongzhi.playbooks.rules import Counts, Part, Rule, Verdict

ABSTAIN = "abstain"
FOR_AGAINST = (
    {"id": "for", "words": "赞成"},
    {"id": "against", "words": "反对"},
    {"id": ABSTAIN, "words": "弃权"},
)
MOST_OPTIONS = 30
# Letters and digits nobody mistakes for one another when reading them out.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _GROUP = 4, 4

_COMMITTEE = re.compile(r"(?:村民?委员?会|居民?委员?会|村委|居委|村主任|两委)")
_ELECTION = re.compile(r"(?:选举|换届|竞选|候选人)")
_RECALL = re.compile(r"罢免")


def receipt_code() -> str:
    """A new receipt: 16 signs in groups of four, about 78 bits. The voter keeps it, nobody else."""
    return "-".join(
        "".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS)
    )


def plain_code(code: str) -> str:
    """A receipt as typed, without dashes, spaces and small letters; BadInput if it is none."""
    plain = re.sub(r"[\s\-–—]", "", code).upper()
    if len(plain) != _GROUPS * _GROUP or not set(plain) <= set(_LETTERS):
        raise BadInput(
            "receipt", "回执码不对：一共16个字母和数字。", todo="请照回执上写的再填一次。"
        )
    return plain


def kept_off_line(subject: str, words: str) -> str | None:
    """The election or recall of a committee that this is, by what it is filed as or by its words.

    Elections of owners' committees are none: 民法典 278 leaves them to a common decision.
    """
    if subject in law.offline():
        return subject
    if not _COMMITTEE.search(words):
        return None
    if _RECALL.search(words):
        return "committee_recall"
    if _ELECTION.search(words):
        urban = re.search(r"(?:居民?委员?会|居委|社区)", words)
        return "residents_committee_election" if urban else "village_committee_election"
    return None


def refuse_off_line(subject: str, words: str) -> None:
    """Refused with the article when that may not be voted on here."""
    found = kept_off_line(subject, words)
    if found is None:
        return
    article = law.offline()[found].articles[0]
    raise Refused(
        f"{law.offline()[found].names['zh-Hans']}要到现场用纸质票，不能在这里投票。",
        code="off_line_only",
        todo=f"《{article.law}》{article.number}：{article.text}",
        data={"law": article.law, "article": article.number},
    )


def refuse_withheld(rule: Rule, subject: str) -> None:
    """Refused with the article when the law withholds the subject from that meeting."""
    if subject and subject in rule.cannot_decide:
        article = rule.articles[0]
        raise Refused(
            "这件事成员代表大会不能定，要由成员大会决定。", code="withheld",
            todo=f"《{article.law}》{article.number}：{article.text}",
        )  # fmt: skip


def rule_of(rule_id: str, edition: str, house: Mapping[str, Any]) -> Rule:
    """The rule a motion is judged by; BadInput when there is none of that name."""
    if rule_id == "house":
        try:
            return law.house(house)
        except (ValueError, TypeError, AttributeError, ZeroDivisionError) as wrong:
            raise BadInput(
                "rule", "本会自定的规则写得不对。", todo="比例请写成 2/3 这样。"
            ) from wrong
    try:
        return law.presets(edition)[rule_id]
    except KeyError as wrong:
        raise BadInput("rule", "没有这条表决规则。", todo="请从列出的规则里选。") from wrong


def options_of(method: str, lines: Iterable[str]) -> list[dict[str, str]]:
    """The options of a vote: three fixed ones, or the lines with 弃权 at the end."""
    if method == "for_against":
        return [dict(option) for option in FOR_AGAINST]
    words = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    words = [word for word in words if word != FOR_AGAINST[2]["words"]]
    if not 2 <= len(words) <= MOST_OPTIONS:
        raise BadInput("options", f"请写2到{MOST_OPTIONS}个选项，一行一个。")
    if any(len(word) > 60 for word in words):
        raise BadInput("options", "每个选项最多60个字。")
    made = [{"id": f"o{n}", "words": word} for n, word in enumerate(words, 1)]
    return [*made, dict(FOR_AGAINST[2])]


def choice_of(
    method: str, options: Sequence[Mapping[str, str]], most: int, picked: Any
) -> list[str]:
    """What was ticked, sorted as the options are; BadInput when the method does not allow it."""
    known = [option["id"] for option in options]
    chosen = [one for one in known if one in set(picked)]
    if len(chosen) != len(set(picked)) or not chosen:
        raise BadInput("choice", "请选一项再投。" if not chosen else "没有这个选项。")
    if ABSTAIN in chosen and len(chosen) > 1:
        raise BadInput("choice", "选了弃权，就不能再选别的。")
    limit = {"for_against": 1, "single": 1, "multiple": most}.get(method, len(known))
    if len(chosen) > limit:
        raise BadInput("choice", f"最多选{limit}项，您选了{len(chosen)}项。")
    return chosen


def decided(
    rule: Rule, method: str, options: Sequence[Mapping[str, str]], votes: Mapping[str, Any],
    counts: Counts,
) -> tuple[Verdict, list[str], Counts]:  # fmt: skip
    """The verdict, the options that won, and the counts it was judged by.

    Where several things are chosen from, each option is measured by the rule on its own; of one
    choice only the single strongest can win. A missed quorum decides nothing.
    """
    if method == "for_against":
        full = replace(
            counts, for_=votes["for"]["votes"], against=votes["against"]["votes"],
            abstain=votes[ABSTAIN]["votes"], for_area=votes["for"]["area"],
            against_area=votes["against"]["area"], abstain_area=votes[ABSTAIN]["area"],
        )  # fmt: skip
        verdict = law.judge(rule, full)
        return verdict, ["for"] if verdict == "pass" else [], full
    stand = [option["id"] for option in options if option["id"] != ABSTAIN]
    best = max(stand, key=lambda one: int(votes[one]["votes"]))
    full = _with(counts, votes[best])
    if not law.quorum_reached(rule, counts):
        return "no_decision", [], full
    won = [one for one in stand if law.judge(rule, _with(counts, votes[one])) == "pass"]
    if method == "single":
        top = [one for one in stand if votes[one]["votes"] == votes[best]["votes"]]
        won = [one for one in won if top == [one]]
    return ("pass" if won else "fail"), won, full


def _with(counts: Counts, got: Mapping[str, int]) -> Counts:
    return replace(counts, for_=got["votes"], for_area=got["area"])


def written(rule: Rule) -> dict[str, Any]:
    """The rule as data, for the board and the recount."""
    return {
        "id": rule.id,
        "edition": rule.edition,
        "law": rule.law,
        "binding": rule.binding,
        "quorum_any_of": [_part(part) for part in rule.quorum_any_of],
        "quorum_all_of": [_part(part) for part in rule.quorum_all_of],
        "pass_all_of": [_part(part) for part in rule.passing],
    }


def _part(part: Part) -> dict[str, Any]:
    return {"share": str(part.share), "op": part.op, "of": part.of, "least": part.least}


def roll_of(counts: Counts) -> dict[str, int]:
    """The part of the counts that comes from the roll and not from ballots."""
    from_ballots = {"for_", "against", "abstain", "for_area", "against_area", "abstain_area"}
    return {key: value for key, value in asdict(counts).items() if key not in from_ballots}


def lines(found: Iterable[law.Line]) -> list[dict[str, Any]]:
    """Quorum or majority lines as data."""
    return [line._asdict() | {"share": str(line.share)} for line in found]
