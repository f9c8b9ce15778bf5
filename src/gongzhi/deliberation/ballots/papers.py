"""How the two readings of the paper ballots stand, and turning agreed ones into ballots."""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from gongzhi.core import db
from gongzhi.core.errors import Refused

INVALID = "invalid"


def readings(motion: Mapping[str, Any]) -> dict[str, Any]:
    """{"given", "read", "agreed", "once", "different"}: numbers, and the lists of what to look at.

    For an open vote `once` and `different` name persons; for a secret one they are sets of totals.
    """
    return _totals(motion) if motion["secret"] else _named(motion)


def _named(motion: Mapping[str, Any]) -> dict[str, Any]:
    rows = db.dicts(
        """select e.person_id, p.name, count(t.id) as readers, count(distinct t.choice) as ways,
          (array_agg(t.choice))[1] as choice, e.id as elector, e.area,
          json_agg(json_build_array(w.name, t.choice) order by t.id) as said
        from ballots_elector e join people_person p on p.id = e.person_id
          join ballots_paperentry t on t.elector_id = e.id
          join people_person w on w.id = t.by_id
        where e.motion_id = %s::bigint group by e.id, p.name order by p.name, e.id""",
        (motion["id"],),
    )
    for row in rows:
        row["choice"], row["said"] = db.load(row["choice"]), db.load(row["said"])
    return {
        "given": _given(motion["id"]), "read": len(rows),
        "agreed": [r for r in rows if r["readers"] > 1 and r["ways"] == 1],
        "once": [r for r in rows if r["readers"] == 1],
        "different": [r for r in rows if r["ways"] > 1],
    }  # fmt: skip


def _totals(motion: Mapping[str, Any]) -> dict[str, Any]:
    rows = db.dicts(
        """select t.totals, p.name from ballots_paperentry t join people_person p on p.id = t.by_id
        where t.motion_id = %s::bigint and t.elector_id is null order by t.id""",
        (motion["id"],),
    )
    found = [{"name": row["name"], "totals": db.load(row["totals"])} for row in rows]
    plain = [{k: n for k, n in row["totals"].items() if n} for row in found]
    same = len(plain) > 1 and all(one == plain[0] for one in plain)
    given = _given(motion["id"])
    return {
        "given": given, "read": sum(plain[0].values()) if plain else 0,
        "agreed": plain[0] if same else None,
        "once": found if len(plain) == 1 or (given and not plain) else [],
        "different": found if len(plain) > 1 and not same else [],
    }  # fmt: skip


def _given(motion_id: int) -> int:
    return int(db.rows(
        "select count(*) from ballots_elector where motion_id = %s::bigint and voted = 'paper'",
        (motion_id,),
    )[0][0])  # fmt: skip


def waits(motion: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether papers keep the count waiting: read only once, or read differently."""
    unread = motion["secret"] and found["given"] and found["agreed"] is None
    return bool(found["different"] or found["once"] or unread)


def settle(motion: Mapping[str, Any]) -> None:
    """Make ballots of the papers two people read alike; Refused names what they did not."""
    found = readings(motion)
    if found["different"]:
        raise Refused(
            "两个人录的纸质票不一样，核对清楚才能计票。", code="papers_differ",
            todo="请拿出原票，在“录纸质票”里把录错的改过来。",
        )  # fmt: skip
    if waits(motion, found):
        raise Refused(
            "纸质票要两个人各录一遍，现在还差一遍。", code="papers_read_once",
            todo="请另一个人在“录纸质票”里再录一遍。",
        )  # fmt: skip
    rows = _of_totals(found["agreed"] or {}) if motion["secret"] else _of_named(found["agreed"])
    db.run(
        """insert into ballots_ballot (id, motion_id, secret, elector_id, choice, weight, receipt,
          paper, version)
        select gen_random_uuid(), %s::bigint, %s::bool, b.elector, b.choice, b.area, b.receipt,
          case when %s::bool then null else true end, 1
        from jsonb_to_recordset(%s::jsonb) b(elector bigint, choice jsonb, area bigint,
          receipt text)""",
        (motion["id"], motion["secret"], motion["secret"], db.dump(rows)),
    )


def _of_named(agreed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"elector": r["elector"], "choice": r["choice"], "area": r["area"],
         "receipt": token_hex(32)}
        for r in agreed if r["choice"]
    ]  # fmt: skip


def _of_totals(totals: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {"elector": None, "choice": sign.split("+"), "area": 0, "receipt": token_hex(32)}
        for sign, papers in totals.items() if sign != INVALID
        for _ in range(papers)
    ]  # fmt: skip
