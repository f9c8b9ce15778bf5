"""A round: opened with its roll or its sheets, closed, counted. Until then it is sealed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.db.models import Count

from gongzhi.core import db, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.people import queries as people
from gongzhi.people.models import Organisation, Person
from gongzhi.people.permissions import Viewer
from gongzhi.places import queries as places
from gongzhi.places.models import Place
from gongzhi.surveys import permissions, rules
from gongzhi.surveys.actions.base import NotNow, broken, happened, locked, once
from gongzhi.surveys.actions.sheets import print_more
from gongzhi.surveys.models import Instrument, Rated, Roll, Round

LONGEST = timedelta(days=92)

# Adults who live there or belong to it; those rated are left out.
_ELECTORATE = """
insert into surveys_roll (round_id, person_id, how)
select %(round)s::bigint, p.id, '' from people_person p
where (p.born_on is null or p.born_on <= %(on)s::date - interval '18 years')
  and (exists (select 1 from people_household h join places_place w on w.id = h.place_id
         where h.id = p.household_id and w.path like %(path)s::text || '%%')
    or exists (select 1 from people_membership m join places_place w on w.id = m.place_id
         where m.person_id = p.id and w.path like %(path)s::text || '%%'
           and m.kind in ('resident', 'villager') and (m.to_on is null or m.to_on >= %(on)s)))
  and not survey_rates(%(round)s::bigint, p.id)
"""
# The box is shaken: all answers are written anew at once, in an order by chance, with new ids, so
# that nothing is left of the order or the moment in which they came.
_SHAKE = """
with old as (select id, gen_random_uuid() as fresh, channel from surveys_response
              where round_id = %(round)s::bigint),
  answers as (select a.*, old.fresh from surveys_answer a join old on old.id = a.response_id),
  made as (insert into surveys_response (id, round_id, channel)
    select fresh, %(round)s::bigint, channel from old order by random() returning id)
insert into surveys_answer (id, response_id, question_id, rated_id, picks, words)
select gen_random_uuid(), fresh, question_id, rated_id, picks, words from answers
 where (select count(*) from made) >= 0 order by random()
"""
_VERDICTS = """
insert into surveys_verdict (rated_id, person_id, place_id, competent, basic, incompetent,
  fail_num, fail_den, failed, at)
select r.id, r.person_id, %(place)s::bigint, t.yes, t.so, t.no, %(num)s::int, %(den)s::int,
  t.no * %(den)s::int > (t.yes + t.so + t.no) * %(num)s::int, %(at)s::timestamptz
from surveys_rated r cross join lateral (
  select count(*) filter (where a.picks = '[0]') as yes, count(*) filter (where a.picks = '[1]')
    as so, count(*) filter (where a.picks = '[2]') as no
  from surveys_answer a join surveys_question q on q.id = a.question_id
  where a.rated_id = r.id and q.kind = 'appraise') t
where r.round_id = %(round)s::bigint and t.yes + t.so + t.no >= %(least)s::int
"""


def open_round(
    *,
    instrument_id: int,
    viewer: Viewer,
    at: datetime,
    closes_at: datetime,
    audience: str,
    title: str = "",
    place_id: int | None = None,
    persons: Sequence[int] | None = None,
    sheets: int = 0,
    rated: Sequence[int] = (),
    rated_units: Sequence[int] = (),
    chair: int | None = None,
    fail_over: str = "",
    key: str | None = None,
) -> int:
    """Open a round; its id. The questionnaire is frozen, the roll and those rated are fixed.

    `persons` is the roll (None: all adults of the place), `sheets` how many numbered sheets to
    make. An appraisal is opened and chaired by the supervision committee of the place, and rates
    members of its two committees (2025 laws, art. 38 and 37). Those rated have no part.
    """
    me = permissions.me(viewer)
    with db.atomic():
        found = Instrument.objects.select_for_update(of=("self",)).select_related("place")
        form = found.filter(pk=instrument_id).first()
        if form is None:
            raise NotFound("没有这份问卷。")
        place = places.by_id(place_id) if place_id else form.place
        permissions.need_builds(viewer, place.path)
        _check(form, closes_at, at, audience, sheets)
        num, den = rules.fail_over(fail_over or rules.appraisal()["fail_over"][0])
        chair_id = chair or me
        if form.kind == Instrument.Kind.APPRAISAL:
            _check_appraisal(viewer, place, chair_id, rated, at)
        words = text.clean(title, 80, field="title", one_line=True) or form.title

        def make() -> int:
            made = Round.objects.create(
                instrument=form, place=place, place_path=place.path, title=words,
                audience=audience, chair_id=chair_id, opened_by_id=me,
                opened_at=at, closes_at=closes_at, fail_num=num, fail_den=den,
            )  # fmt: skip
            _rate(made, place, rated, rated_units, at)
            _fill(made, place, persons, sheets, at)
            _freeze(form, at)
            _start(made)
            happened("opened", made, at, audience=audience)
            return made.pk

        said = (instrument_id, place.pk, audience, sheets, tuple(rated), tuple(rated_units))
        return once(key, me, said, make)


def close_round(*, round_id: int, viewer: Viewer | None, at: datetime) -> bool:
    """End the answering; False when it had ended. `viewer` None: the clock, once it is time."""
    with db.atomic():
        row = locked(round_id)
        if viewer is not None:
            _may_count(row, viewer)
        elif row.closes_at > at:
            raise NotNow("还没到截止时间。")
        if row.state != Round.State.OPEN:
            return False
        row.state, row.closed_at = Round.State.CLOSED, at
        row.save(update_fields=["state", "closed_at"])
        happened("closed", row, at)
    return True


def count_round(*, round_id: int, viewer: Viewer, at: datetime) -> bool:
    """Open the box: shake it, count it, once; False when it was counted before.

    Every sheet that came back must be typed by two people and agree. Verdicts of an appraisal
    are written as counted.
    """
    with db.atomic():
        row = locked(round_id)
        _may_count(row, viewer)
        if row.state == Round.State.COUNTED:
            return False
        if row.state != Round.State.CLOSED:
            raise NotNow("还在答，不能计票。", todo="请先截止，再计票。")
        waiting = row.sheets.filter(state="returned").aggregate(n=Count("id"))["n"]
        if waiting:
            raise NotNow(
                f"还有{waiting}张收回的问卷没有录完。",
                todo="每张都要由两个人各录一遍，录得一样才算。",
            )
        _shake(row)
        row.state, row.counted_at, row.counted_by_id = Round.State.COUNTED, at, viewer.person_id
        try:
            row.save(update_fields=["state", "counted_at", "counted_by"])
        except IntegrityError as wrong:
            if broken(wrong) == "round_adds_up":
                raise Refused("收到的份数和登记的份数对不上，不能计票。") from wrong
            raise
        if row.instrument.kind == Instrument.Kind.APPRAISAL:
            db.run(_VERDICTS, {
                "round": row.pk, "place": row.place_id, "num": row.fail_num, "den": row.fail_den,
                "at": at, "least": rules.LEAST,
            })  # fmt: skip
        happened("counted", row, at, appraisal=row.instrument.kind == "appraisal")
    return True


def _check(form: Instrument, closes_at: datetime, at: datetime, audience: str, sheets: int) -> None:
    if not form.questions.exists():
        raise Refused("这份问卷还没有题。", todo="请先加题，再发出去。")
    if audience not in Round.Audience.values:
        raise BadInput("audience", "请选由谁来答。")
    if not at < closes_at <= at + LONGEST:
        raise BadInput("closes_at", "截止时间要在现在之后，最长三个月。")
    if not 0 <= sheets <= rules.MOST_SHEETS or (audience == "sheets" and sheets < rules.LEAST):
        raise BadInput("sheets", f"请填要印几张：{rules.LEAST}到{rules.MOST_SHEETS}张。")


def _check_appraisal(
    viewer: Viewer, place: Place, chair: int, rated: Sequence[int], at: datetime
) -> None:
    on = at.astimezone(SHANGHAI).date()
    if not permissions.supervises(viewer, place.pk) or not permissions.held(
        chair, place.pk, permissions.SUPERVISOR, on
    ):
        raise NotAllowed(
            "民主评议由监督委员会主持，别人不能发起。",
            code="not_chair",
            todo=rules.article(place.code),
        )
    posts = people.posts_at(place.pk, on, "committee", "party_secretary")
    if not rated or not set(rated) <= {post["person_id"] for post in posts}:
        raise BadInput("rated", "请从本村（社区）两委成员里选要评议的人。")


def _rate(
    row: Round, place: Place, rated: Sequence[int], units: Sequence[int], at: datetime
) -> None:
    posts = {
        p["person_id"]: p["role"] for p in people.posts_at(place.pk, at.astimezone(SHANGHAI).date())
    }
    named = dict(Person.objects.filter(pk__in=rated).values_list("pk", "name"))
    called = dict(Organisation.objects.filter(pk__in=units).values_list("pk", "name"))
    if len(named) != len(set(rated)) or len(called) != len(set(units)):
        raise BadInput("rated", "被评的人或单位里有没登记的。")
    Rated.objects.bulk_create(
        [Rated(round=row, person_id=i, name=named[i], post=posts.get(i, ""))
         for i in dict.fromkeys(rated)]
        + [Rated(round=row, organisation_id=i, name=called[i]) for i in dict.fromkeys(units)]
    )  # fmt: skip


def _fill(
    row: Round, place: Place, persons: Sequence[int] | None, sheets: int, at: datetime
) -> None:
    if row.audience == Round.Audience.ROLL:
        if persons is None:
            on = at.astimezone(SHANGHAI).date()
            n = db.run(_ELECTORATE, {"round": row.pk, "on": on, "path": place.path})
        else:
            n = _named(row, persons)
        if not n:
            raise BadInput(
                "audience", "名单上一个人也没有。", todo="请先导入名册，或改用编号问卷。"
            )
    print_more(row, sheets)


def _named(row: Round, persons: Sequence[int]) -> int:
    try:
        rolled = Roll.objects.bulk_create(
            [Roll(round=row, person_id=p) for p in dict.fromkeys(persons)]
        )
    except IntegrityError as wrong:
        if broken(wrong) == "rated_keep_out":
            raise BadInput("persons", "被评的人不能在答卷名单上。") from wrong
        raise
    return len(rolled)


def _freeze(form: Instrument, at: datetime) -> None:
    if form.frozen_at is None:
        form.frozen_at = at
        form.save(update_fields=["frozen_at"])


def _start(row: Round) -> None:
    row.state = Round.State.OPEN
    try:
        row.save(update_fields=["state"])
    except IntegrityError as wrong:
        if broken(wrong) == "rated_keep_out":
            raise NotAllowed(
                "被评的人不能发起或主持这一次。", code="rated", todo="请由监督委员会成员发起。"
            ) from wrong
        raise


def _shake(row: Round) -> None:
    """In one statement the new, in the next the old goes."""
    old: list[Any] = [r[0] for r in db.rows(
        "select id from surveys_response where round_id = %s::bigint", (row.pk,)
    )]  # fmt: skip
    db.run(_SHAKE, {"round": row.pk})
    db.run("delete from surveys_answer where response_id = any(%s::uuid[])", (old,))
    db.run("delete from surveys_response where id = any(%s::uuid[])", (old,))


def _may_count(row: Round, viewer: Viewer) -> None:
    """The chair, or the supervision committee; never who is rated."""
    permissions.keep_out(row.pk, viewer)
    if viewer.person_id in (row.chair_id, row.opened_by_id) or permissions.supervises(
        viewer, row.place_id
    ):
        return
    permissions.need_works(viewer, row.place_path)
    raise NotAllowed("截止和计票由主持人或监督委员会成员来办。")
