"""One proposal with all that belongs to it, as much of it as the viewer may see."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.errors import NotFound
from gongzhi.deliberation.proposals import rules, words
from gongzhi.deliberation.proposals.actions.talking import may_moderate
from gongzhi.deliberation.proposals.actions.testing import may_answer
from gongzhi.deliberation.proposals.queries import lists
from gongzhi.matters import facts, permissions, positions, store
from gongzhi.matters import words as matter_words
from gongzhi.people.permissions import Viewer
from gongzhi.people.roles import Permission, name_of
from gongzhi.places import queries as places
from gongzhi.playbooks import play
from gongzhi.playbooks.schema import Words
from gongzhi.publications import rules as masking

LEAST_ANSWERS = 5  # cases.md 2.15: groups under five are not shown
PAGE = 20

_PROJECT = """
select json_build_object('id', j.id, 'plan', j.plan, 'budget_line', j.budget_line,
  'lead', l.name, 'lead_id', j.lead_id, 'lead_unit', o.name, 'lead_unit_id', j.lead_unit_id,
  'started_at', j.started_at, 'finished_at', j.finished_at,
  'tasks', (select coalesce(json_agg(json_build_object('id', t.id, 'what', t.what,
      'who', tw.name, 'who_id', t.who_id, 'who_words', t.who_words, 'due_on', t.due_on,
      'done_at', t.done_at, 'note', t.note) order by t.id), '[]')
    from proposals_task t left join people_person tw on tw.id = t.who_id
    where t.project_id = j.id),
  'lines', (select coalesce(json_agg(json_build_object('id', n.id, 'source', n.source,
      'name', n.name, 'planned_fen', n.planned_fen,
      'agreed_fen', (select coalesce(sum(v.amount_fen), 0) from proposals_levy v
        where v.line_id = n.id and v.withdrawn_at is null),
      'agreed', (select count(*) from proposals_levy v
        where v.line_id = n.id and v.withdrawn_at is null),
      'mine', (select v.amount_fen from proposals_levy v where v.line_id = n.id
        and v.withdrawn_at is null and v.household_id = %(household)s::bigint),
      'spent_fen', (select coalesce(sum(s.amount_fen), 0) from proposals_spending s
        where s.line_id = n.id)) order by n.id), '[]')
    from proposals_moneyline n where n.project_id = j.id),
  'spendings', (select coalesce(json_agg(json_build_object('id', s.id, 'what', s.what,
      'amount_fen', s.amount_fen, 'spent_on', s.spent_on, 'receipt', s.receipt,
      'source', n.source, 'reverses', s.reverses_id,
      'reversed', exists (select 1 from proposals_spending b where b.reverses_id = s.id))
      order by s.id), '[]') from proposals_spending s
      join proposals_moneyline n on n.id = s.line_id where n.project_id = j.id),
  'supervisors', (select coalesce(json_agg(json_build_object('name', u.name, 'id', u.id)
      order by s.id), '[]') from proposals_supervisor s join people_person u
      on u.id = s.person_id where s.project_id = j.id))
from proposals_project j left join people_person l on l.id = j.lead_id
left join people_organisation o on o.id = j.lead_unit_id where j.proposal_id = p.id
"""
_DETAIL = f"""
with {lists.KINDS}
select {lists.ROW}, p.wrong, p.propose, p.own_part, p.spot, p.reach as first_reach, p.proposer_id,
  p.household_id, p.filed_at, p.place_id, p.town_path, p.reach_path, p.matter_id, m.last_seq,
  m.stage, m.step, m.outcome, m.parked_until, m.pause_reason, k.kind as gate,
  d.name as reach_place, v.phone as village_phone,
  (select json_build_object('number', o.number, 'title', o.title) from proposals_proposal o
    where o.id = p.merged_into_id) as into_,
  (select coalesce(json_agg(o.number order by o.id), '[]') from proposals_proposal o
    where o.merged_into_id = p.id) as took_in,
  (select coalesce(json_agg(f.key order by f.id), '[]') from proposals_proposalphoto f
    where f.proposal_id = p.id) as photos,
  exists (select 1 from proposals_seconder s where s.proposal_id = p.id
    and s.household_id = %(household)s::bigint and s.withdrawn_at is null) as my_second,
  (select coalesce(json_object_agg(c.stand, c.n), '{{}}') from (select stand, count(*) as n
    from proposals_comment c where c.proposal_id = p.id and c.hidden_at is null
    group by stand) c) as stands,
  (select json_build_object('at', v.at, 'accepted', v.accepted, 'failed', v.failed,
      'reasons', v.reasons, 'desk_path', v.desk_path, 'due_at', v.due_at,
      'publication', v.publication_id, 'appeal', (select json_build_object('words', a.words,
        'at', a.at, 'answer', a.answer, 'upheld', a.upheld, 'answered_at', a.answered_at,
        'against', a.against_id) from proposals_appeal a
        join proposals_review b on b.id = a.review_id where b.proposal_id = p.id
        order by a.id desc limit 1))
    from proposals_review v where v.proposal_id = p.id order by v.id desc limit 1) as review,
  (select coalesce(json_agg(json_build_object('level', c.level, 'place', q.name, 'method',
      c.method, 'verdict', c.verdict, 'binding', c.binding, 'words', c.words, 'at', c.at,
      'session', c.session_id, 'motion', c.motion_id, 'seq', c.matter_seq) order by c.id), '[]')
    from proposals_decision c join places_place q on q.id = c.place_id
    where c.proposal_id = p.id) as decisions,
  (select coalesce(json_agg(json_build_object('kind', o.kind, 'why', o.why, 'at', o.at)
      order by o.id), '[]') from proposals_honour o where o.proposal_id = p.id) as honours,
  (select coalesce(json_agg(json_build_object('as', a.as_what, 'asked', a.n,
      'answered', a.answered, 'total', a.total, 'solved', a.solved)), '[]') from (
    select a.as_what, count(*) as n, count(c.answered_at) as answered, sum(c.score) as total,
      count(*) filter (where c.solved) as solved
    from proposals_asked a left join matters_callback c on c.matter_id = p.matter_id
      and c.person_id = a.person_id and c.round = m.round
    where a.proposal_id = p.id group by a.as_what) a) as asked,
  ({_PROJECT}) as project
from proposals_proposal p join people_person x on x.id = p.proposer_id {lists.JOINS}
left join places_place d on d.path = p.reach_path
left join lateral (select a.phone from places_place a where a.kind = 'village'
  and a.id = any(string_to_array(trim(both '/' from p.place_path), '/')::bigint[])) v on true
where p.number = %(number)s and {lists.SEEN}
"""
_JSON = (
    "into_", "took_in", "photos", "stands", "review", "decisions", "honours", "asked", "project",
)  # fmt: skip


def id_of(number: str) -> int:
    """The id behind a number, for an action that looks itself who may; NotFound."""
    found = db.rows(
        "select id from proposals_proposal where number = %s::text", (text.number(number)[:20],)
    )
    if not found:
        raise NotFound("没有找到这件提案，或者您还不能看到它。", todo="请核对编号。")
    return int(found[0][0])


def get(viewer: Viewer, number: str, at: datetime) -> dict[str, Any]:
    """A proposal by its number; NotFound both when there is none and when he may not read it.

    Two statements, for staff one more. Names of residents are covered for everybody.
    """
    params = lists.who(viewer) | {"number": text.number(number)[:20], "at": at}
    found = db.dicts(_DETAIL, params)
    if not found:
        raise NotFound("没有找到这件提案，或者您还不能看到它。", todo="请核对编号。")
    row = found[0]
    for name in _JSON:
        row[name] = db.load(row[name])
    name = row["proposer"]
    for field in ("wrong", "propose", "own_part", "spot"):
        row[field] = masking.mask(row[field], (name,))
    lists.worded([row])
    row["own"] = viewer.person_id is not None and row["proposer_id"] == viewer.person_id
    row["own_household"] = (
        viewer.household_id is not None and row["household_id"] == viewer.household_id
    )
    row["can_second"] = _can_second(viewer, row)
    row["moderates"] = may_moderate(viewer, row["place_path"])
    row["answers_appeal"] = _answers_appeal(viewer, row)
    row["edits"] = _edits(viewer, row)
    row["talks"] = _talks(viewer, row)
    row["score"] = score(row["asked"])
    _times(row)
    row["events"] = timeline(row)
    row["levels"] = time_at_levels(row, at)
    row["allowed"] = _allowed(viewer, row, at)
    return row


def _can_second(viewer: Viewer, row: Mapping[str, Any]) -> bool:
    """Whether the button is shown: the household may still stand behind it."""
    return (
        row["state"] in ("seconding", "waiting")
        and viewer.household_id is not None
        and not row["own_household"]
        and any(path.startswith(row["reach_path"]) for path in viewer.places)
    )


def _answers_appeal(viewer: Viewer, row: Mapping[str, Any]) -> bool:
    review = row["review"] or {}
    asked = review.get("appeal")
    if not asked or asked["answered_at"] or asked["against"] == viewer.person_id:
        return False
    return may_answer(viewer, review["desk_path"], row["place_path"]) is not None


def _edits(viewer: Viewer, row: Mapping[str, Any]) -> bool:
    posts = permissions.posts_with(viewer, Permission.TRIAGE, Permission.DECIDE)
    lead = bool(row["project"]) and row["project"]["lead_id"] == viewer.person_id
    signed = viewer.person_id is not None
    return signed and (lead or any(post.covers(row["place_path"]) for post in posts))


def _talks(viewer: Viewer, row: Mapping[str, Any]) -> bool:
    if viewer.person_id is None or row["state"] in rules.HIDDEN:
        return False
    return viewer.lives_in(row["town_path"]) or any(
        post.covers(row["place_path"]) for post in viewer.posts_with(Permission.CREATE, "matter")
    )


def _allowed(viewer: Viewer, row: Mapping[str, Any], at: datetime) -> set[str]:
    """The moves of its matter that the playbook would let this viewer make now."""
    if row["matter_id"] is None or viewer.person_id is None or not viewer.posts:
        return set()
    matter = store.peek(row["matter_id"], by=viewer.person_id, at=at)
    playbook = places.playbook(row["version_id"])
    calendar = places.calendar(row["place_id"])
    around = facts.gather(playbook, matter, by=viewer.person_id, calendar=calendar)
    position = positions.from_row(matter.row)
    return {verb.value for verb in play.available(playbook, position, around)}


def score(asked: list[dict[str, Any]]) -> dict[str, Any]:
    """What those asked said: per group asked and answered; a mean only from five answers on."""
    groups = []
    for one in asked:
        groups.append(
            {
                "name": words.ASKED[one["as"]], "asked": one["asked"],
                "answered": one["answered"], "mean": _mean(one["total"], one["answered"]),
            }
        )  # fmt: skip
    order = list(words.ASKED.values())
    groups.sort(key=lambda group: order.index(group["name"]))
    answered = sum(one["answered"] for one in asked)
    return {
        "groups": groups,
        "asked": sum(one["asked"] for one in asked),
        "answered": answered,
        "solved": sum(one["solved"] for one in asked) if answered >= LEAST_ANSWERS else None,
        "mean": _mean(sum(one["total"] or 0 for one in asked), answered),
    }


def _mean(total: int | None, answered: int) -> str:
    """Of scores 1 to 5, to one digit, "" under five answers (never a number about one person)."""
    if answered < LEAST_ANSWERS or not total:
        return ""
    tenths = (total * 20 + answered) // (2 * answered)
    return f"{tenths // 10}.{tenths % 10}"


_LINE = """
select 'm' as source, e.seq, e.verb as kind, e.result, e.at, e.role, e.reason, e.position, e.data,
  null::text as words from matters_event e
where e.matter_id = %(matter)s::bigint and not e.private
union all select 'p', e.seq, e.kind, '', e.at, '', '', null, e.data, null
from proposals_proposalevent e where e.proposal_id = %(id)s::bigint
order by at, source desc, seq
"""
# Said already by the matter's own event, or nobody's business.
_SILENT = {"rate", "comment"}  # sealed, or on the comments' own page
_TWICE = {"accepted", "finished", "started", "decided", "drafted", "comment_hidden"}
# What an event of the matter may tell everybody.
_SHOWN = ("tally", "attendance", "cost_fen")


def timeline(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What happened, oldest first, from both records; without names. One statement."""
    found = db.dicts(_LINE, {"matter": row["matter_id"], "id": row["id"]})
    named = None
    if row["version_id"]:
        named = places.playbook(row["version_id"]).words(words.language())
    lines: list[dict[str, Any]] = []
    for event in found:
        event["data"] = db.load(event["data"]) or {}
        if event["source"] == "p" and event["kind"] not in _TWICE:
            lines.append(_own_line(event))
        elif event["source"] == "m" and named is not None and event["kind"] not in _SILENT:
            lines.append(_matter_line(event, named))
    return lines


def _own_line(event: Mapping[str, Any]) -> dict[str, Any]:
    data = event["data"]
    return {
        "at": event["at"], "source": "p", "kind": event["kind"], "level": "", "level_name": "",
        "name": words.EVENTS.get(event["kind"], event["kind"]), "data": data,
        "note": data.get("words") or data.get("answer") or "",
    }  # fmt: skip


def _matter_line(event: Mapping[str, Any], named: Words) -> dict[str, Any]:
    position, data = db.load(event["position"]), event["data"]
    level, stage = position["level"], position["stage"]
    return {
        "at": event["at"], "source": "m", "kind": event["kind"], "result": event["result"],
        "level": level, "level_name": named.levels.get(level, level),
        "name": matter_words.VERBS.get(event["kind"], event["kind"]),
        "result_name": matter_words.RESULTS.get(event["result"], ""),
        "role": named.roles.get(event["role"], ""),
        "stage_name": named.stages[stage].name if stage in named.stages else stage,
        "reason": masking.mask(event["reason"], ()),
        "note": masking.mask(data.get("note", ""), ()),
        "data": {key: data[key] for key in _SHOWN if key in data},
    }  # fmt: skip


def time_at_levels(row: Mapping[str, Any], at: datetime) -> list[dict[str, Any]]:
    """How long it stood on each platform, in the order it came there: name and `took`.

    From the events of the matter: from one change of level to the next, up to its end or now.
    """
    steps = [e for e in row["events"] if e["source"] == "m"]
    spans: list[dict[str, Any]] = []
    for event in steps:
        if not spans or spans[-1]["level"] != event["level"]:
            spans.append({"level": event["level"], "name": event["level_name"],
                          "from": event["at"]})  # fmt: skip
    end = steps[-1]["at"] if steps and row["outcome"] else at
    for index, span in enumerate(spans):
        until = spans[index + 1]["from"] if index + 1 < len(spans) else end
        span["took"] = max(until - span["from"], timedelta(0))
    return spans


_COMMENTS = """
select c.id, c.stand, c.office, c.at, c.hidden_at, c.hidden_why, c.by_id,
  case when c.hidden_at is null then c.text else '' end as text
from proposals_comment c where c.proposal_id = %(id)s::bigint
  and (%(stand)s = 'all' or c.stand = %(stand)s)
order by c.id desc limit %(size)s::int offset %(skip)s::int
"""


def comments(
    viewer: Viewer, proposal_id: int, *, page: int = 1, stand: str = "all", size: int = PAGE
) -> dict[str, Any]:
    """A page of comments, newest first: {"rows", "page", "more"}. No names; staff by their role.

    The caller has checked that the viewer may read the proposal. One statement.
    """
    page = min(max(page, 1), lists.MAX_PAGE)
    rows = db.dicts(
        _COMMENTS,
        {"id": proposal_id, "stand": stand.replace("\0", ""), "size": size + 1,
         "skip": (page - 1) * size},
    )  # fmt: skip
    for row in rows:
        row["mine"] = viewer.person_id is not None and row.pop("by_id") == viewer.person_id
        row["speaker"] = name_of(row["office"]) if row["office"] else "居民"
        row["stand_name"] = words.STANDS[row["stand"]] if row["stand"] else ""
        row["text"] = masking.mask(row["text"], ())
    return {"rows": rows[:size], "page": page, "more": len(rows) > size}


def picture(viewer: Viewer, number: str, key: str, at: datetime, *, thumb: bool) -> bytes:
    """A picture of a proposal, to whom may read it: signed in and of the town, staff, its author.

    NotFound for anybody else: a picture can show more than words that were covered.
    """
    column = "thumb" if thumb else "jpeg"
    params = lists.who(viewer) | {"number": text.number(number)[:20], "key": key[:80], "at": at}
    found = db.rows(
        f"select f.{column} from proposals_proposalphoto f join proposals_proposal p"
        " on p.id = f.proposal_id where p.number = %(number)s and f.key = %(key)s"
        " and %(who)s::bigint is not null and (p.proposer_id = %(who)s::bigint"
        " or (p.phase not in ('draft', 'withdrawn') and (exists (select 1"
        "   from unnest(%(places)s::text[]) own where own like p.town_path || '%%')"
        "  or exists (select 1 from unnest(%(posts)s::text[]) post"
        "   where p.place_path like post || '%%'))))",
        params,
    )
    if not found:
        raise NotFound("没有找到这张照片。")
    return bytes(found[0][0])


def _times(row: dict[str, Any]) -> None:
    """Times inside JSON as times again."""
    for one in [row["review"], *(row["decisions"]), *(row["honours"])]:
        if one:
            one["at"] = datetime.fromisoformat(one["at"])
    asked = (row["review"] or {}).get("appeal")
    if asked:
        asked["at"] = datetime.fromisoformat(asked["at"])
        asked["answered_at"] = asked["answered_at"] and datetime.fromisoformat(asked["answered_at"])
    project = row["project"]
    if not project:
        return
    for name in ("started_at", "finished_at"):
        project[name] = project[name] and datetime.fromisoformat(project[name])
    for task in project["tasks"]:
        task["due_on"] = task["due_on"] and date.fromisoformat(task["due_on"])
        task["done_at"] = task["done_at"] and datetime.fromisoformat(task["done_at"])
    for spent in project["spendings"]:
        spent["spent_on"] = date.fromisoformat(spent["spent_on"])
    for person in project["supervisors"]:
        person["name"] = masking.mask(person["name"], (person["name"],))
    project["money"] = rules.money(project["lines"])
