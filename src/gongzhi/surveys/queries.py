"""What may be read of questionnaires: forms, rounds, sheets counted, results once counted.

Single answers leave the database only through `raw`, which writes who read them and why.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused
from gongzhi.people import roles
from gongzhi.people.permissions import Viewer
from gongzhi.surveys import permissions, rules
from gongzhi.surveys.models import Instrument, Question, Rated, Reading, Round

SIZE = 20


class Sealed(Refused):
    """还没有计票，答卷封存着，谁也看不到。"""

    code = "sealed"
    status = 403


@dataclass(frozen=True, slots=True)
class Counts:
    """Sheets of a round. On a roll, everybody on it was handed one, on line or on paper."""

    printed: int
    handed: int
    returned: int
    valid: int
    void: int
    waiting: int  # came back and not yet typed alike by two people
    phone: int  # of the valid ones

    @property
    def paper(self) -> int:
        """Of the valid ones, on paper."""
        return self.valid - self.phone


_COUNTS = """
select count(s.id) as printed,
  count(s.id) filter (where s.state <> 'printed') as out,
  count(s.id) filter (where s.state in ('returned', 'valid', 'void')) as back,
  count(s.id) filter (where s.state = 'valid') as valid,
  count(s.id) filter (where s.state = 'void') as void,
  count(s.id) filter (where s.state = 'returned') as waiting,
  count(s.id) filter (where s.channel = 'phone') as phone,
  (select count(*) from surveys_roll l where l.round_id = r.id) as roll,
  (select count(*) from surveys_roll l where l.round_id = r.id and l.how = 'phone') as marked,
  r.audience
from surveys_round r left join surveys_sheet s on s.round_id = r.id
where r.id = %s::bigint group by r.id, r.audience
"""


def counts(round_id: int) -> Counts:
    """Handed out, returned, valid; never what was answered. One statement; NotFound."""
    found = db.dicts(_COUNTS, (round_id,))
    if not found:
        raise NotFound("没有这一次问卷。")
    n = found[0]
    handed = n["roll"] if n["audience"] == "roll" else n["out"]
    return Counts(
        printed=n["printed"], handed=handed, returned=n["back"] + n["marked"],
        valid=n["valid"] + n["marked"], void=n["void"], waiting=n["waiting"],
        phone=n["phone"] + n["marked"],
    )  # fmt: skip


def form(instrument_id: int) -> dict[str, Any]:
    """A questionnaire with its questions in order and its versions; NotFound."""
    row = Instrument.objects.select_related("place").filter(pk=instrument_id).first()
    if row is None:
        raise NotFound("没有这份问卷。")
    first = row.first_id or row.pk
    versions = Instrument.objects.filter(pk=first) | Instrument.objects.filter(first=first)
    return {
        "id": row.pk, "title": row.title, "intro": row.intro, "kind": row.kind,
        "place_id": row.place_id, "place": row.place.name, "place_path": row.place.path,
        "code": row.place.code, "version": row.version, "frozen_at": row.frozen_at,
        "questions": questions(row.pk),
        "versions": list(versions.order_by("-version").values("id", "version", "frozen_at")),
    }  # fmt: skip


def questions(instrument_id: int) -> list[dict[str, Any]]:
    """The questions of a version, in order."""
    rows = Question.objects.filter(instrument=instrument_id).order_by("position")
    names = ("id", "position", "kind", "words", "options", "needed", "groups")
    return [dict(row) for row in rows.values(*names)]


def rated(round_id: int) -> list[dict[str, Any]]:
    """Who is rated: id, name and post in words."""
    rows = Rated.objects.filter(round=round_id).order_by("id").values("id", "name", "post")
    return [dict(r) | {"post": roles.name_of(r["post"]) if r["post"] else ""} for r in rows]


_INSTRUMENTS = """
select i.id, i.title, i.kind, i.version, i.frozen_at, w.name as place,
  (select count(*) from surveys_question q where q.instrument_id = i.id) as questions,
  (select count(*) from surveys_round r where r.instrument_id = i.id) as rounds
from surveys_instrument i join places_place w on w.id = i.place_id
where exists (select 1 from unnest(%(posts)s::text[]) post where w.path like post || '%%')
  and not exists (select 1 from surveys_instrument n where n.version > i.version
    and coalesce(n.first_id, n.id) = coalesce(i.first_id, i.id))
order by i.id desc limit %(size)s::int offset %(skip)s::int
"""
_ROUNDS = """
select r.id, r.title, r.state, r.audience, r.closes_at, r.counted_at, r.opened_at, i.kind,
  w.name as place
from surveys_round r join places_place w on w.id = r.place_id
  join surveys_instrument i on i.id = r.instrument_id
where exists (select 1 from unnest(%(posts)s::text[]) post where r.place_path like post || '%%')
  and not survey_rates(r.id, %(me)s::bigint)
order by (r.state = 'counted'), r.id desc limit %(size)s::int offset %(skip)s::int
"""


def desk(viewer: Viewer, page: int = 1) -> dict[str, Any]:
    """What the desk lists: questionnaires and rounds of his places; not those that rate him."""
    params = {
        "posts": [p.place_path for p in viewer.posts], "me": viewer.person_id,
        "size": SIZE + 1, "skip": (page - 1) * SIZE,
    }  # fmt: skip
    forms, rounds = db.dicts(_INSTRUMENTS, params), db.dicts(_ROUNDS, params)
    return {
        "forms": forms[:SIZE],
        "rounds": rounds[:SIZE],
        "more": max(len(forms), len(rounds)) > SIZE,
    }


_MINE = """
select r.id, r.title, r.state, r.closes_at, l.how, l."on", w.name as place, i.kind,
  (select count(*) from surveys_question q where q.instrument_id = r.instrument_id) as questions
from surveys_roll l join surveys_round r on r.id = l.round_id
  join surveys_instrument i on i.id = r.instrument_id join places_place w on w.id = r.place_id
where l.person_id = %(me)s::bigint and r.state = 'open' and r.closes_at >= %(at)s::timestamptz
order by (l.how <> ''), r.closes_at limit 50
"""
# What is wanted of one person now: kind, id, title, until; %(me)s, %(at)s.
WANTED = """
select 'survey' as kind, r.id, r.title, r.closes_at as until
from surveys_roll l join surveys_round r on r.id = l.round_id
where l.person_id = %(me)s::bigint and l.how = '' and r.state = 'open'
  and r.closes_at >= %(at)s::timestamptz"""
_RESULTS = """
select r.id, r.title, r.counted_at, w.name as place, i.kind
from surveys_round r join places_place w on w.id = r.place_id
  join surveys_instrument i on i.id = r.instrument_id
where r.state = 'counted' and r.place_path like any(%(paths)s::text[])
order by r.counted_at desc limit %(size)s::int offset %(skip)s::int
"""


def mine(viewer: Viewer, at: datetime) -> list[dict[str, Any]]:
    """Rounds he is asked in, the unanswered first."""
    return db.dicts(_MINE, {"me": viewer.person_id, "at": at}) if viewer.person_id else []


def results(place_path: str, page: int = 1) -> dict[str, Any]:
    """Counted rounds of a place and of what lies in it, newest first."""
    rows = db.dicts(
        _RESULTS, {"paths": [place_path + "%"], "size": SIZE + 1, "skip": (page - 1) * SIZE}
    )
    return {"rows": rows[:SIZE], "more": len(rows) > SIZE}


def mark(round_id: int, person_id: int | None) -> dict[str, Any] | None:
    """His own line of the roll: how and on which day; None if he is not on it."""
    found = db.dicts(
        'select how, "on" from surveys_roll where round_id = %s::bigint and person_id = %s::bigint',
        (round_id, person_id),
    )
    return found[0] if found else None


def still_asked(round_id: int) -> list[int]:
    """Persons on the roll who have not answered, so that they can be told."""
    rows = db.rows(
        "select person_id from surveys_roll where round_id = %s::bigint and how = '' order by id",
        (round_id,),
    )
    return [person for (person,) in rows]


def head(round_id: int) -> dict[str, Any]:
    """What everybody may know of a round: title, place, state, until when; NotFound."""
    row = Round.objects.select_related("place", "instrument", "chair").filter(pk=round_id).first()
    if row is None:
        raise NotFound("没有找到这份问卷。")
    return {
        "id": row.pk, "title": row.title, "intro": row.instrument.intro, "state": row.state,
        "kind": row.instrument.kind, "place": row.place.name, "place_id": row.place_id,
        "place_path": row.place_path, "audience": row.audience, "closes_at": row.closes_at,
        "opened_at": row.opened_at, "counted_at": row.counted_at, "chair": row.chair.name,
        "ends": {row.chair_id, row.opened_by_id},
        "instrument": row.instrument_id, "code": row.place.code,
        "fail_over": (row.fail_num, row.fail_den),
    }  # fmt: skip


def for_desk(round_id: int, viewer: Viewer) -> dict[str, Any]:
    """The head for those who work there; NotFound for strangers, NotAllowed for those rated."""
    found = head(round_id)
    permissions.need_works(viewer, found["place_path"])
    permissions.keep_out(round_id, viewer)
    return found


def sheet_by_code(code: str) -> dict[str, Any]:
    """The sheet somebody holds: its round and state; NotFound."""
    found = db.dicts(
        "select s.number, s.state, s.round_id from surveys_sheet s join surveys_round r"
        " on r.id = s.round_id where s.code = %s and r.audience = 'sheets'",
        (code.upper(),),
    )
    if not found:
        raise NotFound("没有这个编号的问卷。", todo="请照纸上的字再输一遍。")
    return found[0]


def sheets(round_id: int, first: int, last: int) -> list[dict[str, Any]]:
    """Sheets to print: number, code and check, by number."""
    rows = db.dicts(
        "select number, code from surveys_sheet where round_id = %s::bigint"
        " and number between %s::int and %s::int order by number limit 500",
        (round_id, first, last),
    )
    return [row | {"check": rules.check_of(row["code"])} for row in rows]


def to_type(round_id: int, viewer: Viewer) -> list[dict[str, Any]]:
    """Sheets that came back and are not yet typed alike: by how many, and whether by him."""
    return db.dicts(
        "select s.number, count(distinct e.by_id) as typed,"
        " coalesce(bool_or(e.by_id = %s::bigint), false) as mine"
        " from surveys_sheet s left join surveys_entry e on e.sheet_id = s.id"
        " where s.round_id = %s::bigint and s.state = 'returned'"
        " group by s.number order by s.number limit 200",
        (viewer.person_id, round_id),
    )


# Results

_TALLY = """
with given as (
  select a.question_id, a.rated_id, a.picks, a.words,
    (select (g.picks->>0)::int from surveys_answer g
      where g.response_id = a.response_id and g.question_id = %(group)s::bigint) as grp
  from surveys_answer a join surveys_response r on r.id = a.response_id
  where r.round_id = %(round)s::bigint)
select question_id, rated_id, grp, -1 as pick, count(*) as n from given group by 1, 2, 3
union all
select question_id, rated_id, grp, p::int, count(*)
from given, jsonb_array_elements_text(picks) p group by 1, 2, 3, 4
"""


def result(round_id: int, viewer: Viewer) -> dict[str, Any]:
    """Counts, shares and intervals, computed from the answers; small groups hidden.

    {"head", "counts", "questions": [rules.Shown]}. Sealed for everybody until the count; then the
    totals are public (of an appraisal: to the place), also to those rated. Six statements.
    """
    found = head(round_id)
    if found["state"] != Round.State.COUNTED:
        raise Sealed(todo="截止并计票以后，这里会有汇总结果。")
    if found["kind"] == "appraisal" and not permissions.reads(viewer, found["place_path"]):
        raise NotFound("评议结果只对本村（社区）公布。", todo="请用本村（社区）居民的账号登录。")
    return totals(round_id)


def totals(round_id: int) -> dict[str, Any]:
    """The same for the board, which itself shows it to the place only."""
    found = head(round_id)
    if found["state"] != Round.State.COUNTED:
        raise Sealed
    return {
        "head": found, "counts": counts(round_id),
        "questions": _shown(round_id, found["instrument"]),
    }  # fmt: skip


def _shown(round_id: int, instrument_id: int) -> list[rules.Shown]:
    asked = questions(instrument_id)
    by_id = {q["id"]: q for q in asked}
    group = next((q for q in asked if q["groups"]), None)
    names = {r["id"]: f"{r['name']} {r['post']}".strip() for r in rated(round_id)}
    tally: dict[tuple[int, int | None], rules.Count] = {}
    params = {"round": round_id, "group": group["id"] if group else None}
    for question, one, grp, pick, n in db.rows(_TALLY, params):
        count = tally.setdefault((question, one), rules.Count())
        if pick < 0:
            count.answered[grp] = n
        else:
            count.chosen.setdefault(grp, {})[pick] = n
    found = []
    for field in rules.asked(asked, list(names)):
        q = by_id[field.question]
        split = group["options"] if group and not q["groups"] and q["kind"] != "words" else ()
        count = tally.get((field.question, field.rated), rules.Count())
        about = names.get(field.rated or 0, "")
        found.append(
            rules.grouping(field, q["words"], count)
            if q["groups"]
            else rules.shown(field, q["words"], about, count, split)
        )
    return found


def raw(
    *, round_id: int, viewer: Viewer, purpose: str, at: datetime
) -> list[tuple[str, list[str]]]:
    """The words people wrote, by question, in an order by chance; the look is written down.

    Only the supervision committee of the place, only after the count, never a person rated (the
    database refuses the line that goes with it), and nothing when fewer than five answered.
    """
    found = head(round_id)
    permissions.keep_out(round_id, viewer)
    if not permissions.supervises(viewer, found["place_id"]):
        raise NotAllowed("大家写的话只有本地监督委员会成员能看。")
    if found["state"] != Round.State.COUNTED:
        raise Sealed
    why = text.clean(purpose, 200, field="purpose", one_line=True)
    if len(why) < 2:
        raise BadInput("purpose", "请写明为什么要看。", todo="例如：整理意见，报两委研究。")
    if counts(round_id).valid < rules.LEAST:
        raise Refused(f"答的人不到{rules.LEAST}个，不显示。")
    with db.atomic():
        Reading.objects.create(round_id=round_id, by_id=permissions.me(viewer), purpose=why, at=at)
        rows = db.rows(
            "select q.words, array_agg(a.words order by md5(a.id::text)) from surveys_answer a"
            " join surveys_response r on r.id = a.response_id"
            " join surveys_question q on q.id = a.question_id"
            " where r.round_id = %s::bigint and a.words <> '' group by q.id order by q.position",
            (round_id,),
        )
    return [(words, list(said)) for words, said in rows]


def verdicts(round_id: int) -> list[dict[str, Any]]:
    """An appraisal's outcome for each one rated, with the one before and what the law says.

    `office_ends` is stated with its article; people act on it, nothing here does.
    """
    rows = db.dicts(
        """select v.person_id, r.name, r.post, v.competent, v.basic, v.incompetent, v.failed,
          (select array_agg(o.failed order by o.at desc) from surveys_verdict o
            where o.person_id = v.person_id and o.place_id = v.place_id and o.at <= v.at) as line
        from surveys_verdict v join surveys_rated r on r.id = v.rated_id
        where r.round_id = %s::bigint order by r.id""",
        (round_id,),
    )
    return [
        row
        | {
            "post": roles.name_of(row["post"]),
            "valid": row["competent"] + row["basic"] + row["incompetent"],
            "office_ends": rules.office_ends(row["line"]),
        }
        for row in rows
    ]


def table(shown: Iterable[rules.Shown]) -> list[list[str | int | float]]:
    """The result as rows of a file: question, about whom, group, option, chosen, of, share, low,
    high (per cent)."""
    rows: list[list[str | int | float]] = []
    for one in shown:
        if one.hidden:
            rows.append([one.words, one.about, "", "少于5人，不显示", "", "", "", "", ""])
        for group, shares in [("", one.shares), *((_join(p.names), p.shares) for p in one.parts)]:
            for s in shares:
                low, high = s.interval
                rows.append([
                    one.words, one.about, group, s.words, s.k, s.n, _percent(float(s.share)),
                    _percent(low), _percent(high),
                ])  # fmt: skip
    return rows


def _join(names: tuple[str, ...]) -> str:
    return "、".join(names)


def _percent(share: float) -> float:
    return round(share * 100, 1)
