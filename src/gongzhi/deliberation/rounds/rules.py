"""The rules of a round, in plain Python: what a statement may be, and why one is not let in."""

import re
from datetime import timedelta

from gongzhi.core.errors import BadInput, Refused

MOST_OWN = 5  # statements of one person in one round
MOST_STATEMENTS = 1000
LONGEST = timedelta(days=60)
FEWEST = 5  # people below whom nothing is said apart, and no row of the matrix is published
DAYS_ON_BOARD = 30
ENOUGH_VOTES = 7  # after which a person is counted into a group

# Why a statement may be left out: the public policy. Disagreeing with the house is not on it.
POLICY: dict[str, str] = {
    "twice": "和已有的观点意思一样",
    "many": "一条里说了几件事，别人没法只同意一半",
    "question": "是提问或举报，不是观点",
    "off": "和这次的题目没有关系",
    "person": "点了私人的名，或写了电话、门牌",
    "insult": "骂人、咒人",
    "law": "内容违法",
}
_INNER_END = re.compile(r"[。！？!?；;\n].*\w", re.DOTALL)


class NotOpen(Refused):
    """这一轮现在不能表态。"""

    code = "not_open"


def one_sentence(words: str) -> str:
    """The sentence itself; BadInput when it is too short or is more than one."""
    if len(words) < 4:
        raise BadInput("text", "请用一句话写出您的看法。", todo="例如：电动车棚应当先修。")
    if _INNER_END.search(words):
        raise BadInput(
            "text", "一条观点只写一句话，别人才好表态。", todo="有几个看法，请分几条来提。"
        )
    return words


def vote(word: str) -> int:
    """1, 0 or -1 of what a button sends; BadInput for anything else."""
    if word not in ("1", "0", "-1"):
        raise BadInput("value", "请选同意、不同意或者不确定。")
    return int(word)
