"""What can be done with a round. Every action is one transaction with its outbox row."""

from gongzhi.deliberation.rounds.actions.closing import close_round
from gongzhi.deliberation.rounds.actions.opening import open_round
from gongzhi.deliberation.rounds.actions.statements import decide, say, seed
from gongzhi.deliberation.rounds.actions.voting import vote

__all__ = ["close_round", "decide", "open_round", "say", "seed", "vote"]
