"""What may be written in a budget, and when which step is open. Pure."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from gongzhi.core.errors import BadInput
from gongzhi.deliberation.budgets.allocation import money

STAGES = ("ideas", "costing", "vote", "allocated", "doing", "done")
ADULT = 18  # years; who may vote (Villagers Committee Law 2025 art. 14)
CONFIRMATIONS = 2  # supervisors who must have seen a receipt
_MOST_FEN = 10**13


def fen(text: str, field: str) -> int:
    """An amount typed in yuan, as fen; BadInput on `field`."""
    try:
        exact = money.read(text.replace("元", "").replace("￥", "").replace("¥", "")) * money.FEN
    except ValueError:
        raise BadInput(field, "请填金额，例如 12000 或 12000.50。") from None
    if exact.denominator != 1:
        raise BadInput(field, "金额最多到分。")
    if not 0 < exact <= _MOST_FEN:
        raise BadInput(field, "金额要大于零，也不能大得离谱。")
    return int(exact)


@dataclass(frozen=True, slots=True)
class Times:
    """The days of a budget; BadInput says which one is out of order."""

    ideas_until: datetime
    vote_from: datetime
    vote_until: datetime

    def check(self, at: datetime) -> None:
        """In order, and not over before they begin."""
        if self.ideas_until <= at:
            raise BadInput("ideas_until", "征集点子的截止时间要在以后。")
        if self.vote_from <= self.ideas_until:
            raise BadInput("vote_from", "投票要在征集点子结束以后开始，中间留出核算的时间。")
        if self.vote_until <= self.vote_from:
            raise BadInput("vote_until", "投票结束要晚于投票开始。")


def share_words(paid: dict[str, object] | None) -> tuple[int, int, int]:
    """Of a project bought with shares: how many paid, at most how many fen each, how many less."""
    if not paid:
        return 0, 0, 0
    less = paid["less"]
    fewer = int(str(less["voters"])) if isinstance(less, dict) else 0
    return int(str(paid["voters"])) + fewer, int(str(paid["each_fen_at_most"])), fewer


def part(one: int, whole: int) -> Fraction:
    """A part of a whole, 0 of nothing."""
    return Fraction(one, whole) if whole else Fraction(0)
