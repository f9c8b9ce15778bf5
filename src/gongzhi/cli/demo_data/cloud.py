"""A 云协商 of Anguo: statements, votes of neighbours who see it two ways, and what came of it."""

from datetime import datetime, timedelta

from gongzhi.cli.demo_data.towns import Town
from gongzhi.deliberation.rounds import actions as rounds
from gongzhi.deliberation.rounds.models import Statement
from gongzhi.people import queries as people
from gongzhi.playbooks.moves import Attendance

SAID = (
    (
        "白天改成单行，走路的人安全些。", "单行以后送货要绕远，生意受影响。",
        "早上六点到九点单行就够了。", "先画好停车线，再谈单行。", "应该装减速带。",
        "路口要有人管，不然改了也白改。",
    ),
    (
        "孩子放学有地方看书。", "村里看书的人不多，先修路要紧。", "周末开门就行。",
        "书可以大家捐，不用多花钱。", "要有人管钥匙。", "老人看报的桌椅要留一半。",
    ),
)  # fmt: skip
# How the two sides see each statement; the last two everybody agrees on.
SIDES = ((1, -1, 1, 0, 1, 1), (-1, 1, 1, 1, 1, 1))


def consult(
    town: Town, code: str, question: str, said: tuple[str, ...], homes: list[int], opens: datetime,
    closes: datetime,
) -> Attendance:  # fmt: skip
    """Opened by the host, voted on by every household, closed; who took part, as it was counted."""
    host = people.viewer(town.post("workshop_host", code), opens)
    held = rounds.open_round(
        place_id=town.villages[code], question=f"{question}，您怎么看？", viewer=host, at=opens,
        seeds="\n".join(said), closes_at=closes,
    )  # fmt: skip
    statements = list(
        Statement.objects.filter(round=held).order_by("number").values_list("id", flat=True)
    )
    for n, home in enumerate(homes):
        at = opens + timedelta(hours=3 + 2 * n)
        viewer = people.viewer(home, at)
        for statement, value in zip(statements, SIDES[n % 2], strict=True):
            rounds.vote(round_id=held, statement_id=statement, value=value, viewer=viewer, at=at)
    rounds.close_round(round_id=held, viewer=host, at=closes - timedelta(minutes=5))
    return Attendance(seats=len(homes), present=len(homes))
