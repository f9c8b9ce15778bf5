"""Reading budgets. Who voted for what is read by nobody but the voice, before and after."""

from collections import Counter
from datetime import datetime
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.errors import NotFound
from gongzhi.deliberation.budgets import permissions, rules
from gongzhi.deliberation.budgets.allocation import election as elections
from gongzhi.deliberation.budgets.allocation import money, pb
from gongzhi.deliberation.budgets.allocation.election import Election, Project
from gongzhi.people.permissions import Viewer

SIZE, MAX_PAGE = 20, 500
SORTS = {
    "new": "i.number desc",
    "old": "i.number",
    "cheap": "i.cost_fen nulls last, i.number",
    "dear": "i.cost_fen desc nulls last, i.number",
}
RESULT = frozenset({"allocated", "doing", "done"})

# What is wanted of one person now: kind, id, title, until; %(me)s, %(home)s, %(at)s, %(places)s.
WANTED = """
select 'budget' as kind, b.id, b.title, b.vote_until as until
from budgets_budget b join budgets_elector e on e.budget_id = b.id
  and (e.household_id = %(home)s::bigint or e.person_id = %(me)s::bigint)
where b.stage = 'vote' and b.vote_from <= %(at)s::timestamptz
  and b.vote_until > %(at)s::timestamptz
  and exists (select 1 from unnest(%(places)s::text[]) own where own like b.place_path || '%%')
  and not exists (select 1 from budgets_vote v where v.elector_id = e.id)"""


def budgets(viewer: Viewer, *, page: int = 1, size: int = SIZE) -> dict[str, Any]:
    """A page of the budgets he may see, running ones first: {"rows", "page", "more"}."""
    rows = db.dicts(
        """select b.id, b.title, b.amount_fen, b.stage, b.per, b.ideas_until, b.vote_from,
          b.vote_until, w.name as place, (select count(*) from budgets_idea i
            where i.budget_id = b.id and i.state <> 'withdrawn') as ideas
        from budgets_budget b join places_place w on w.id = b.place_id
        where exists (select 1 from unnest(%(places)s::text[]) own
            where own like b.place_path || '%%')
          or exists (select 1 from unnest(%(posts)s::text[]) post
            where b.place_path like post || '%%' or post like b.place_path || '%%')
        order by b.stage = 'done', b.id desc limit %(size)s::int offset %(skip)s::int""",
        {
            "places": list(viewer.places), "posts": [p.place_path for p in viewer.posts],
            "size": size + 1, "skip": (min(max(page, 1), MAX_PAGE) - 1) * size,
        },
    )  # fmt: skip
    return {"rows": rows[:size], "page": max(page, 1), "more": len(rows) > size}


def budget(viewer: Viewer, budget_id: int, at: datetime) -> dict[str, Any]:
    """A budget, what he may do with it and his own vote; NotFound where he may not see it."""
    found = db.dicts(
        """select b.*, w.name as place, v.projects as own, v.at as voted_at, e.id as elector,
          coalesce((select name from people_person where id = v.by_id), '') as voted_by,
          a.result, a.electors, a.at as allocated_at,
          coalesce((select json_object_agg(state, n) from (select state, count(*) as n
            from budgets_idea where budget_id = b.id group by state) s), '{}') as states
        from budgets_budget b join places_place w on w.id = b.place_id
        left join lateral (select e.id from budgets_elector e where e.budget_id = b.id
          and (e.person_id = %(me)s::bigint or e.household_id = %(home)s::bigint) limit 1) e on true
        left join budgets_vote v on v.elector_id = e.id
        left join budgets_allocation a on a.budget_id = b.id
        where b.id = %(id)s::bigint""",
        {"id": budget_id, "me": viewer.person_id, "home": viewer.household_id},
    )
    if not found or not permissions.may_see(viewer, found[0]["place_path"]):
        raise NotFound("没有这笔社区资金，或者它只对本村（社区）公开。")
    row = found[0]
    row["result"], row["states"] = db.load(row["result"]), db.load(row["states"])
    row["may_run"] = permissions.may_run(viewer, row["place_path"])
    row["may_cost"] = permissions.may_cost(viewer, row["place_path"])
    row["takes_ideas"] = row["stage"] == "ideas" and at < row["ideas_until"]
    row["voting"] = row["stage"] == "vote" and row["vote_from"] <= at < row["vote_until"]
    row["votes_counted"] = row["stage"] in RESULT
    row["may_submit"] = row["takes_ideas"] and viewer.lives_in(row["place_path"])
    return row


def ideas(
    budget_id: int, *, words: str = "", sort: str = "new", state: str = "", page: int = 1,
    size: int = SIZE,
) -> dict[str, Any]:  # fmt: skip
    """A page of the ideas of a budget (the caller has asked for the budget first)."""
    rows = db.dicts(
        f"""select i.id, i.number, i.title, i.text, i."where", i.state, i.cost_fen, i.low_fen,
          i.high_fen, i.reason, i.funded, i.finished_at, i.at, i.by_id
        from budgets_idea i where i.budget_id = %(id)s::bigint and i.state <> 'withdrawn'
          and (%(state)s = '' or i.state = %(state)s)
          and i.title || ' ' || i.text || ' ' || i."where" ilike %(words)s
        order by {SORTS.get(sort, SORTS["new"])} limit %(size)s::int offset %(skip)s::int""",
        {
            "id": budget_id, "state": state, "words": f"%{_plain(words)}%", "size": size + 1,
            "skip": (min(max(page, 1), MAX_PAGE) - 1) * size,
        },
    )  # fmt: skip
    return {"rows": rows[:size], "page": max(page, 1), "more": len(rows) > size}


def _plain(words: str) -> str:
    said = text.clean(words[:120], 120, one_line=True)
    return said.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def projects(budget_id: int, *, order: int = 0, size: int = 500) -> list[dict[str, Any]]:
    """What can be voted on; `order` (the elector) turns the list: no project is always first."""
    rows: list[dict[str, Any]] = ideas(budget_id, sort="old", state="costed", size=size)["rows"]
    start = order % len(rows) if rows else 0
    return rows[start:] + rows[:start]


def idea(viewer: Viewer, idea_id: int, at: datetime) -> dict[str, Any]:
    """One idea or project with its budget; NotFound where he may not see the budget."""
    found = db.dicts(
        """select i.*, b.title as budget, b.stage, b.place_path, b.amount_fen, b.ideas_until,
          w.name as place, coalesce((select name from people_person where id = i.judged_by_id), '')
            as judged_by, (select p.id from publications_publication p
            where p.subject = 'budget_account' and p.subject_id = i.id
              and p.replaced_at is null) as publication
        from budgets_idea i join budgets_budget b on b.id = i.budget_id
        join places_place w on w.id = b.place_id where i.id = %s::bigint""",
        (idea_id,),
    )
    if not found or not permissions.may_see(viewer, found[0]["place_path"]):
        raise NotFound("没有这个点子，或者它只对本村（社区）公开。")
    row = found[0]
    row["own"] = row["by_id"] is not None and row["by_id"] == viewer.person_id
    row["may_withdraw"] = (
        row["own"] and row["state"] == "open" and row["stage"] in {"ideas", "costing"}
    )
    row["may_run"] = permissions.may_run(viewer, row["place_path"])
    row["may_cost"] = permissions.may_cost(viewer, row["place_path"]) and not row["own"]
    return row


def account(idea_id: int, viewer: Viewer | None = None) -> dict[str, Any]:
    """The lines of a project's account, its supervisors, and whether the viewer is one of them."""
    me = viewer.person_id if viewer else None
    entries = db.dicts(
        """select e.id, e.seq, e.kind, e.amount_fen, e.balance_fen, e."to", e.words, e.decision,
          e.at, e.by_id, r.sha256 as receipt, count(c.id) filter (where c."right") as confirmed,
          count(c.id) filter (where not c."right") as doubted,
          coalesce(string_agg(c.words, '；') filter (where not c."right"), '') as doubts,
          bool_or(c.by_id = %(me)s::bigint) is true as mine
        from budgets_entry e left join budgets_receipt r on r.id = e.receipt_id
        left join budgets_confirmation c on c.entry_id = e.id
        where e.project_id = %(id)s::bigint group by e.id, r.id order by e.seq limit 500""",
        {"id": idea_id, "me": me},
    )
    people = db.dicts(
        "select s.person_id, p.name from budgets_supervisor s join people_person p"
        " on p.id = s.person_id where s.project_id = %s::bigint order by s.id",
        (idea_id,),
    )
    spent = sum(e["amount_fen"] for e in entries if e["kind"] == "pay")
    back = sum(e["amount_fen"] for e in entries if e["kind"] == "refund")
    return {
        "entries": entries,
        "supervisors": people,
        "supervises": me is not None and any(p["person_id"] == me for p in people),
        "balance": entries[-1]["balance_fen"] if entries else 0,
        "given": sum(e["amount_fen"] for e in entries if e["kind"] in {"allot", "raise"}),
        "spent": spent - back,
    }


def balance(idea_id: int) -> int:
    """What is left on a project's account, in fen."""
    found = db.rows(
        "select balance_fen from budgets_entry where project_id = %s::bigint"
        " order by seq desc limit 1",
        (idea_id,),
    )
    return int(found[0][0]) if found else 0


def receipt(viewer: Viewer, sha256: str, *, thumb: bool) -> bytes:
    """The picture of a receipt, to whoever may see the account; NotFound."""
    found = db.rows(
        f"""select b.place_path, r.{"thumb" if thumb else "content"} from budgets_receipt r
        join budgets_entry e on e.receipt_id = r.id join budgets_idea i on i.id = e.project_id
        join budgets_budget b on b.id = i.budget_id where r.sha256 = %s limit 1""",
        (sha256,),
    )
    if not found or not permissions.may_see(viewer, found[0][0]):
        raise NotFound("没有这张单据。")
    return bytes(found[0][1])


# The ballots, after the vote


def election(budget_id: int) -> tuple[Election, dict[str, int]]:
    """The ballots of a closed vote, and the id of each project by its number as text.

    Projects nobody approves of are left out. Numbers have zeros before them, so that of equal ones
    the idea that came first is the first.
    """
    amount = db.rows("select amount_fen from budgets_budget where id = %s::bigint", (budget_id,))[
        0
    ][0]
    votes = db.rows("select projects from budgets_vote where budget_id = %s::bigint", (budget_id,))
    liked = Counter(one for (chosen,) in votes for one in chosen)
    rows = [row for row in projects(budget_id) if liked[row["id"]]]
    number = {row["id"]: f"{row['number']:04d}" for row in rows}
    listed = [Project(number[row["id"]], row["cost_fen"], row["title"]) for row in rows]
    ballots = ([number[one] for one in chosen] for (chosen,) in votes)
    return elections.of(amount, listed, ballots), {n: one for one, n in number.items()}


def as_pb(row: dict[str, Any], election: Election) -> str:
    """The .pb text of a closed vote. Ballots are sorted by content: no order, no time, no name."""
    counts = election.supporters()
    listed = [
        Project(p.id, p.cost, p.name, {"votes": str(n)})
        for p, n in zip(election.projects, counts, strict=True)
    ]
    said = [
        ",".join(election.projects[place].id for place in ballot)
        for ballot, times in zip(election.ballots, election.times, strict=True)
        for _ in range(times)
    ]
    votes = [{"voter_id": n, "vote": vote} for n, vote in enumerate(sorted(said), 1)]
    meta = {
        "description": row["title"], "country": "China", "num_projects": len(listed),
        "num_votes": len(votes), "budget": money.write(election.budget), "vote_type": "approval",
        "rule": row["rule"], "currency": "CNY",
        "date_begin": f"{row['vote_from']:%d.%m.%Y}", "date_end": f"{row['vote_until']:%d.%m.%Y}",
    }  # fmt: skip
    return pb.write(meta, listed, votes)


def exported(viewer: Viewer, budget_id: int, at: datetime) -> str:
    """The .pb file: of the projects with their costs before the close, with the ballots after."""
    row = budget(viewer, budget_id, at)
    if row["stage"] in RESULT:
        kept = db.rows(
            "select ballots from budgets_allocation where budget_id = %s::bigint", (budget_id,)
        )
        return str(kept[0][0])
    listed = [Project(f"{p['number']:04d}", p["cost_fen"], p["title"]) for p in projects(budget_id)]
    meta = {
        "description": row["title"], "num_projects": len(listed), "num_votes": 0,
        "budget": money.write(row["amount_fen"]), "vote_type": "approval", "rule": row["rule"],
    }  # fmt: skip
    return pb.write(meta, listed, [])


# What hangs on the board


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}元"


def board_body(row: dict[str, Any], result: dict[str, Any], electors: int) -> dict[str, Any]:
    """The result in sentences: what is done, who supported it, what each paid of his share."""
    unit = "户" if row["per"] == "household" else "人"
    done = [p for p in result["projects"] if p["order"] is not None]
    rest = [p for p in result["projects"] if p["order"] is None]
    return {
        "body": f"资金总额{_yuan(row['amount_fen'])}。名单上{electors}{unit}，"
        f"{result['voters']}{unit}投了票。选中{len(done)}个项目，用{_yuan(result['spent_fen'])}，"
        f"余{_yuan(result['left_fen'])}。",
        "where": row.get("place", ""),
        "sections": [
            {"name": "做哪些", "lines": [_won(p, unit) for p in done] or ["没有项目选中。"]},
            {"name": "这次没选上", "lines": [_lost(p, unit) for p in rest] or ["都选上了。"]},
        ],
    }


def _won(project: dict[str, Any], unit: str) -> str:
    voters, each, less = rules.share_words(project["paid"])
    said = f"{project['name']}：{_yuan(project['cost_fen'])}，{project['supporters']}{unit}支持"
    if voters:
        said += f"，从每{unit}的份额里最多出{_yuan(each)}"
        said += f"，其中{less}{unit}出尽了余下的份额" if less else ""
    return said + "。"


def _lost(project: dict[str, Any], unit: str) -> str:
    said = f"{project['name']}：{_yuan(project['cost_fen'])}，{project['supporters']}{unit}支持"
    return said + "。"


def account_body(row: dict[str, Any]) -> dict[str, Any]:
    """The account of a project for the board, line by line."""
    kept = account(row["id"])
    kinds = {
        "allot": "拨入",
        "pay": "支出",
        "refund": "退回",
        "raise": "追加",
        "return": "交回结余",
    }
    lines = []
    for e in kept["entries"]:
        said = f"{e['seq']}. {kinds[e['kind']]}{_yuan(e['amount_fen'])}"
        said += "".join(f"，{part}" for part in (e["to"], e["words"], e["decision"]) if part)
        said += f"，余{_yuan(e['balance_fen'])}"
        if e["kind"] == "pay":
            said += f"；有单据，{e['confirmed']}位监督员确认"
            said += f"，{e['doubted']}位有疑问：{e['doubts']}" if e["doubted"] else ""
        lines.append(said + "。")
    closed = "已结清。" if row["finished_at"] else ""
    return {
        "body": f"{row['budget']}的项目“{row['title']}”。拨入{_yuan(kept['given'])}，"
        f"已用{_yuan(kept['spent'])}，余{_yuan(kept['balance'])}。{closed}",
        "where": row["place"],
        "sections": [{"name": "每一笔", "lines": lines}],
    }
