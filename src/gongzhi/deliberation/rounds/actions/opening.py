"""A question is put to a place."""

from datetime import datetime

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput
from gongzhi.deliberation.rounds import permissions, rules
from gongzhi.deliberation.rounds.actions.base import happened, once
from gongzhi.deliberation.rounds.actions.statements import lines, put_in
from gongzhi.deliberation.rounds.models import Round
from gongzhi.people.permissions import Viewer
from gongzhi.places import queries as places


def open_round(
    *,
    place_id: int,
    question: str,
    intro: str = "",
    seeds: str = "",
    electorate: str = "residents",
    closes_at: datetime,
    viewer: Viewer,
    at: datetime,
    opens_at: datetime | None = None,
    session_id: int | None = None,
    key: str | None = None,
) -> int:
    """Open a round; its id. `seeds`: one statement a line, so that the first comer finds some.

    Raises NotAllowed for those who may not host there, BadInput for what cannot be read.
    """
    place = places.by_id(place_id)
    permissions.need_hosts(viewer, place.path)
    assert viewer.person_id is not None
    by = viewer.person_id
    words = text.clean(question, 80, field="question", one_line=True)
    if len(words) < 4:
        raise BadInput("question", "请写明想问大家什么。", todo="例如：小区的车怎么停？")
    if electorate not in Round.Electorate.values:
        raise BadInput("electorate", "请选谁来参加。")
    begins = opens_at or at
    if closes_at <= max(begins, at):
        raise BadInput("closes_at", "结束的时间已经过了，请选以后的时间。")
    if closes_at - begins > rules.LONGEST:
        raise BadInput("closes_at", f"最长{rules.LONGEST.days}天。时间太长，大家就忘了。")
    first = lines(seeds, "seeds")
    about = text.clean(intro, 400, field="intro")

    def make() -> int:
        made = Round.objects.create(
            place_id=place.pk, place_path=place.path, question=words, intro=about,
            electorate=electorate, opens_at=begins, closes_at=closes_at, by_id=by,
            session_id=session_id,
        )  # fmt: skip
        put_in(made, first, viewer, at)
        happened("opened", made.pk, at, place=place.pk)
        return made.pk

    with db.atomic():
        said = (place_id, words, about, seeds, electorate, closes_at, opens_at)
        return once(key, by, said, make)
