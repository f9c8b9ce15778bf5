"""Opinion groups from agree / disagree / pass, on NumPy alone. Plain functions, no database.

votes = collect(voters, statements, values, times)
opinion = analyse(votes, out={"12"})
"""

from gongzhi.deliberation.rounds.opinion.analysis import Opinion, analyse
from gongzhi.deliberation.rounds.opinion.groups import Calm
from gongzhi.deliberation.rounds.opinion.votes import Votes, collect

__all__ = ["Calm", "Opinion", "Votes", "analyse", "collect"]
