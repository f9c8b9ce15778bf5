"""Those concerned speak: they join, and they judge the result when the system asks them."""

from datetime import datetime
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.matters.actions import moving
from gongzhi.matters.queries import sighted
from gongzhi.people import queries as people
from gongzhi.people.roles import ROLES, Permission
from gongzhi.playbooks.moves import Ratings, Verb


def join(*, matter_id: int, by: int, at: datetime) -> bool:
    """邻居也报过: follow an open matter instead of raising it again. False if he already does.

    NotFound for who may not see it: joining opens nothing that was closed.
    """
    with db.atomic():
        matter = sighted.seen_by_id(people.viewer(by, at), matter_id)
        if matter["outcome"]:
            raise Refused("这件事已经了结。", code="ended", todo="如果问题还在，请另报一件事。")
        if matter["sensitive"]:
            raise NotFound()
        if matter["raised_by_id"] == by:
            return False
        made = db.rows(
            "with made as (insert into matters_follower (matter_id, person_id, why, at)"
            " values (%s::bigint, %s::bigint, 'joined', %s::timestamptz) on conflict do nothing"
            " returning matter_id), out as (insert into core_outbox (kind, subject_id)"
            " select 'matter.joined', matter_id from made) select 1 from made",
            (matter_id, by, at),
        )
        return bool(made)


_ANSWER = """
update matters_callback c set answered_at = %(at)s::timestamptz, solved = %(solved)s::bool,
  score = %(score)s::smallint, words = %(words)s,
  asked_at = coalesce(c.asked_at, %(at)s::timestamptz)
from matters_matter m
where m.id = %(matter)s::bigint and c.matter_id = m.id and c.round = m.round
  and c.person_id = %(who)s::bigint and m.outcome = ''
returning c.id
"""
_COUNT = """
select count(*), count(*) filter (where c.solved is false),
  coalesce((select json_object_agg(s.score, s.n) from (select score, count(*) as n
    from matters_callback x where x.matter_id = m.id and x.round = m.round and x.score is not null
    group by score) s), '{}'),
  count(*) filter (where c.answered_at is not null and c.score is null)
from matters_callback c join matters_matter m on m.id = c.matter_id
where m.id = %s::bigint and c.round = m.round group by m.id, m.round
"""


def answer_call_back(
    *,
    matter_id: int,
    by: int,
    at: datetime,
    solved: bool,
    score: int | None = None,
    words: str = "",
    for_person: int | None = None,
    key: str | None = None,
) -> moving.Moved:
    """One of those asked says whether it is solved; 1 to 5 and why, if he likes.

    He may change it until the answers decide the stage; Refused when it is not the time to answer.
    `for_person`: entered by family with a proxy, or by staff from paper or the telephone; never by
    a handler of the matter.
    """
    who = by if for_person is None else for_person
    if score is not None and not 1 <= score <= 5:
        raise BadInput("score", "请打一到五分。")
    said = text.clean(words, 500, field="words")
    with db.atomic():
        # Answers given at the same time are counted one after the other.
        db.run("select 1 from matters_matter where id = %s::bigint for no key update", (matter_id,))
        if who != by:
            _check_entered_by(matter_id, by, who, at)
        params = {
            "at": at, "solved": solved, "score": score, "words": said,
            "matter": matter_id, "who": who,
        }  # fmt: skip
        if not db.rows(_ANSWER, params):
            raise Refused("现在不是评价的时候，或者没有请您评价这件事。", code="not_asked")
        wish = moving.Wish(
            Verb.RATE, ratings=ratings(matter_id), data=None if who == by else {"entered_by": by}
        )
        return moving.play_wish(matter_id, wish, by=who, at=at, key=key)


def ratings(matter_id: int) -> Ratings:
    """All answers of this round so far, counted; silence is in `asked` and nowhere else."""
    rows = db.rows(_COUNT, (matter_id,))
    if not rows:
        return Ratings(asked=0)
    asked, not_solved, scores, unscored = rows[0]
    counted: dict[str, Any] = db.load(scores)
    return Ratings(
        asked=asked, scores={int(score): n for score, n in counted.items()},
        not_solved=not_solved, unscored=unscored,
    )  # fmt: skip


def _check_entered_by(matter_id: int, by: int, who: int, at: datetime) -> None:
    """A handler never enters answers about his own work; family may with a proxy."""
    handled, staff, proxy = db.rows(
        "select exists (select 1 from matters_assignment a where a.matter_id = m.id"
        "   and (a.person_id = %(by)s::bigint or a.done_by_id = %(by)s::bigint"
        "     or a.organisation_id in (select u.organisation_id from people_appointment u"
        "       where u.person_id = %(by)s::bigint))),"
        " exists (select 1 from people_appointment p join places_place w on w.id = p.place_id"
        "   where p.person_id = %(by)s::bigint and m.place_path like w.path || '%%'"
        "   and p.role = any(%(roles)s::text[]) and p.from_on <= %(on)s::date"
        "   and (p.to_on is null or p.to_on >= %(on)s::date)),"
        " exists (select 1 from people_proxy x where x.person_id = %(by)s::bigint"
        "   and x.acts_for_id = %(who)s::bigint and x.withdrawn_at is null"
        "   and x.agreed_at is not null and x.until_on >= %(on)s::date)"
        " from matters_matter m where m.id = %(id)s::bigint",
        {
            "by": by, "who": who, "id": matter_id, "roles": _ENTERERS,
            "on": at.astimezone(SHANGHAI).date(),
        },
    )[0]  # fmt: skip
    if handled:
        raise NotAllowed("这件事是您经手办的，不能由您登记评价。", todo="请由没有经手的同事登记。")
    if not staff and not proxy:
        raise NotAllowed("您不能替别人评价。")


# Staff who write down what residents say, and those whose work it is to ask whether it was done.
_ENTERERS = [
    code
    for code, role in ROLES.items()
    if role.staff and role.matter & {Permission.CREATE, Permission.VERIFY}
]
