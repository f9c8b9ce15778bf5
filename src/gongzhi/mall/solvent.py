"""No point is made that the fund could not pay for: asked before any budget of points is filled."""

from datetime import datetime

from gongzhi.core.errors import Refused
from gongzhi.mall import exchange, queries


def check(place_id: int, points: int, at: datetime) -> None:
    """Refused where outstanding points × rate + these would exceed what is left of the fund.

    Source: rules.md §8 R8 (no token money: every point is covered before it is given out).
    """
    state = queries.solvency(place_id, at)
    if state is not None and not state.covers(points):
        short = state.needed_fen + points * state.rate_fen - state.left_fen
        raise Refused(
            f"出资单位承诺的钱不够：还差{exchange.yuan(short)}元，积分暂时不能再发。",
            code="not_solvent", todo="请出资单位先追加承诺，或者少发一些。",
        )  # fmt: skip
