"""Figures of cases 1 and 12, computed from the records, beside what their sources give.

Totals of a town only: no person, no order of communities (rules.md R1).
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import NotFound
from gongzhi.mall import queries as mall


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: numbers by name, what the source gives ("" where it is silent), and agreement.

    `agrees` is None where the source names nothing that could be counted here.
    """

    key: str
    numbers: dict[str, int]
    given: str = ""
    given_en: str = ""
    by: str = ""
    agrees: bool | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """The figures of one case where it is practised."""

    playbook: str
    number: int
    code: str
    place: str
    figures: tuple[Figure, ...]


@cache
def _sources() -> dict[str, dict[str, Any]]:
    return tomllib.loads((Path(__file__).parent / "sources.toml").read_text("utf-8"))


def known(playbook: str) -> bool:
    """Whether this module has figures for that way of governing."""
    return playbook in _COUNTED


def of(playbook: str, at: datetime) -> Case:
    """The figures of the place that governs by that playbook; NotFound where none does."""
    found = db.dicts(
        "select w.code, w.name, w.path from places_adoption a join places_place w"
        " on w.id = a.place_id where a.playbook = %s and a.to_on is null and w.valid_to is null"
        " order by length(w.path), a.id limit 1", (playbook,),
    )  # fmt: skip
    if not found or not known(playbook):
        raise NotFound("这里没有按这个办法治理的地方，没有数字可算。")
    place, source = found[0], _sources()[playbook]
    counted = {key: numbers for count in _COUNTED[playbook] for key, numbers in
               count(place["path"], at).items()}  # fmt: skip
    figures = tuple(_figure(key, numbers, source.get(key, {})) for key, numbers in counted.items())
    return Case(playbook, source["case"], place["code"], place["name"], figures)


def _figure(key: str, numbers: dict[str, int], source: dict[str, Any]) -> Figure:
    return Figure(
        key, numbers, source.get("given", ""), source.get("en", ""), source.get("by", ""),
        _agrees(key, numbers, source.get("number")),
    )  # fmt: skip


def _agrees(key: str, numbers: dict[str, int], given: int | None) -> bool | None:
    """Against the source's number; else whether what must be equal is equal."""
    if given is not None:
        return numbers["n"] == given
    test = _EQUAL.get(key)
    return None if test is None else test(numbers)


_EQUAL: dict[str, Callable[[dict[str, int]], bool]] = {
    "coverage": lambda n: n["with"] == n["n"],
    "subjects": lambda n: all(n[who] for who in ("person", "team", "organisation")),
    "cover": lambda n: n["needed_fen"] <= n["left_fen"],
    "clearing": lambda n: n["paid_fen"] == n["redeemed_fen"],
    "finance": lambda n: n["financed"] > 0 and n["repaid"] == n["due"],
    "log": lambda n: n["entries"] == n["transfers"],
}


Counted = dict[str, dict[str, int]]


def _row(sql: str, path: str) -> dict[str, int]:
    """One statement, numbers by the names of its columns; `%(path)s` is the town."""
    return {name: int(value) for name, value in db.dicts(sql, {"path": path})[0].items()}


def _places(path: str, at: datetime) -> Counted:
    return {
        "coverage": _row(
            """select count(*) as n, count(*) filter (where exists (select 1 from channels_channel c
              where c.place_id = w.id and c.kind = 'community' and c.closed_at is null)) as with
            from places_place w where w.kind = 'village' and w.valid_to is null
              and w.path like %(path)s || '%%'""", path),
        "pilots": _row(
            "select count(*) as n from points_rulebook where state = 'published'"
            " and place_path like %(path)s || '%%'", path),
    }  # fmt: skip


def _earned(path: str, at: datetime) -> Counted:
    """1.0 as it came in from paper, 2.0 as it was entered since."""
    paper = _row(
        """select count(*) as lines, coalesce(sum(t.amount), 0) as points,
          count(distinct a.place_id) as places from ledger_transfer t
        join ledger_account a on a.id = t.debit_id join places_place w on w.id = a.place_id
        where t.code = 'opening' and t.unit = 'points' and w.path like %(path)s || '%%'
          and not exists (select 1 from ledger_transfer r where r.reverses_id = t.id)""", path,
    )  # fmt: skip
    deeds = _row(
        """select count(*) as deeds, coalesce(sum(c.points), 0) as points,
          count(distinct i.area) as areas, count(distinct i.kind) as kinds,
          count(*) filter (where i.kind = 'regular') as regular,
          count(*) filter (where i.kind = 'temporary') as temporary,
          count(*) filter (where h.subject = 'person') as person,
          count(*) filter (where h.subject = 'household') as household,
          count(*) filter (where h.subject = 'team') as team,
          count(*) filter (where h.subject = 'organisation') as organisation
        from points_claim c join points_ruleitem i on i.id = c.item_id
        join points_holder h on h.id = c.holder_id
        where c.state = 'entered' and h.place_path like %(path)s || '%%'""", path,
    )  # fmt: skip
    who = ("person", "household", "team", "organisation")
    return {
        "paper": paper,
        "earned": {"deeds": deeds["deeds"], "points": deeds["points"]},
        "kinds": {"n": deeds["kinds"], **{k: deeds[k] for k in ("regular", "temporary")}},
        "areas": {"n": deeds["areas"]},
        "subjects": {k: deeds[k] for k in who},
    }


def _spent(path: str, at: datetime) -> Counted:
    return {
        "spent": _row(
            """select count(*) as orders, coalesce(sum(o.points), 0) as points from mall_order o
            join mall_mall m on m.id = o.mall_id where o.state = 'done'
              and m.place_path like %(path)s || '%%'""", path),
        "hours": _row(
            """select count(*) as times, coalesce(sum(minutes), 0) as minutes from points_service
            where confirmed_at is not null and ended_at is null
              and place_path like %(path)s || '%%'""", path),
    }  # fmt: skip


def _talk(path: str, at: datetime) -> Counted:
    return {
        "posts": _row(
            """select count(*) as posts, count(*) filter (where p.due_at is not null) as asked,
              count(*) filter (where p.answered_at <= p.due_at) as in_time
            from channels_post p join channels_channel c on c.id = p.channel_id
            where c.place_path like %(path)s || '%%'""", path),
        "matters": _row(
            """select count(*) as matters, count(*) filter (where m.outcome = 'done') as done,
              count(*) filter (where exists (select 1 from channels_post s where s.matter_id = m.id
                and s.kind = 'summary')) as told
            from matters_matter m where exists (select 1 from channels_post p
              join channels_channel c on c.id = p.channel_id where p.matter_id = m.id
              and p.kind <> 'summary' and c.place_path like %(path)s || '%%')""", path),
    }  # fmt: skip


def _town(path: str, at: datetime) -> Counted:
    """Villages and communities by the third part of the division code: 200 and up are villages."""
    row = _row(
        """select count(*) filter (where substr(code, 10, 1) = '2') as villages,
          count(*) filter (where substr(code, 10, 1) <> '2') as communities,
          (select count(*) from people_person p join people_household h on h.id = p.household_id
            join places_place x on x.id = coalesce(h.grid_id, h.place_id)
            where x.path like %(path)s || '%%') as residents
        from places_place where kind = 'village' and valid_to is null
          and path like %(path)s || '%%'""", path,
    )  # fmt: skip
    return {
        "villages": {"n": row["villages"]}, "communities": {"n": row["communities"]},
        "residents": {"here": row["residents"]},
    }  # fmt: skip


def _offset(path: str, at: datetime) -> Counted:
    """What points paid of purchases, and whether the promised fund covers all that are out."""
    return {
        "merchants": _row(
            """select count(*) as n, count(*) filter (where o.kind in ('department', 'government',
              'committee')) as public from mall_merchant s join mall_mall m on m.id = s.mall_id
            join people_organisation o on o.id = m.operator_id
            where s.state = 'active' and m.place_path like %(path)s || '%%'""", path),
        "offset": _row(
            """select count(*) as sales, coalesce(sum(o.points), 0) as points,
              coalesce(sum(o.points * o.rate_fen), 0) as fen,
              coalesce(sum(o.price_fen), 0) as price_fen from mall_order o
            join mall_mall m on m.id = o.mall_id where o.state = 'done' and o.price_fen > 0
              and m.place_path like %(path)s || '%%'""", path),
        "cover": _cover(path, at),
    }  # fmt: skip


def _cover(path: str, at: datetime) -> dict[str, int]:
    """The solvency test of the town's malls together: what is out × rate, owed, and left."""
    found = db.rows(
        "select id from mall_mall where place_path like %s || '%%' order by id", (path,)
    )
    states = [mall.solvency_of(row[0], at) for row in found]
    return {
        "points": sum(state.points for state in states),
        "needed_fen": sum(state.needed_fen for state in states),
        "left_fen": sum(state.left_fen for state in states),
    }


def _cleared(path: str, at: datetime) -> Counted:
    """Asked of the bank, paid by its receipts, redeemed in the books: to the fen."""
    here = "m.place_path like %(path)s || '%%'"
    return {
        "clearing": _row(
            f"""select (select count(*) from mall_batch b join mall_mall m on m.id = b.mall_id
                where {here}) as days,
              (select coalesce(sum(l.amount_fen), 0) from mall_batchline l
                join mall_batch b on b.id = l.batch_id join mall_mall m on m.id = b.mall_id
                where {here} and l.state in ('sent', 'paid')) as asked_fen,
              (select coalesce(sum(l.amount_fen), 0) from mall_batchline l
                join mall_batch b on b.id = l.batch_id join mall_mall m on m.id = b.mall_id
                where {here} and l.state = 'paid') as paid_fen,
              (select coalesce(sum(r.face_fen), 0) from mall_receivable r
                join mall_statement t on t.id = r.statement_id
                join mall_merchant s on s.id = t.merchant_id join mall_mall m on m.id = s.mall_id
                where {here} and r.state = 'redeemed') as redeemed_fen""", path),
        "finance": _row(
            f"""select count(*) as financed,
              count(*) filter (where g.state = 'repaid') as repaid,
              count(*) filter (where r.state = 'redeemed') as due,
              coalesce(sum(g.face_fen), 0) as face_fen, coalesce(sum(g.price_fen), 0) as price_fen
            from mall_financing g join mall_receivable r on r.id = g.receivable_id
            join mall_statement t on t.id = r.statement_id
            join mall_merchant s on s.id = t.merchant_id join mall_mall m on m.id = s.mall_id
            where {here} and g.state in ('live', 'repaid')""", path),
    }  # fmt: skip


def _log(path: str, at: datetime) -> Counted:
    """The whole log: it has no towns. Entries of the ledger there, and transfers in the books."""
    return {"log": _row(
        """select (select coalesce(max(size), 0) from log_checkpoint) as size,
          (select count(*) from log_leaf where kind = 'ledger.transfer') as entries,
          (select count(*) from ledger_transfer t where not exists (select 1 from log_pending p
            where p.kind = 'ledger.transfer' and p.subject = 'transfer:' || t.id)) as transfers,
          (select count(*) from log_witness where ended_at is null) as witnesses,
          (select count(*) from log_watched w where w.origin = (select split_part(note, chr(10), 1)
            from log_checkpoint order by size desc limit 1)) as here""", path,
    )}  # fmt: skip


def _issued(path: str, at: datetime) -> Counted:
    return {"issued": _earned(path, at)["earned"]}


_COUNTED: dict[str, tuple[Callable[[str, datetime], Counted], ...]] = {
    "maqun": (_places, _talk, _earned, _spent),
    "xinqiao": (_town, _issued, _offset, _cleared, _log),
}
