"""Running a session from one screen: opening, parts with a clock, outcomes, closing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from gongzhi.core import db, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, Refused
from gongzhi.deliberation.bodies import queries as bodies
from gongzhi.deliberation.bodies import rules as body_rules
from gongzhi.deliberation.meetings import queries, rules, store
from gongzhi.deliberation.meetings.actions.calling import session_of
from gongzhi.deliberation.meetings.actions.recording import write_minutes
from gongzhi.deliberation.meetings.models import MUST_LEAVE, AgendaItem, Session

_OUTCOMES = frozenset({"matter", "resolution", "opinion", "no_decision"})


def open_session(*, session_id: int, by: int | None, at: datetime, seen: int | None = None) -> int:
    """Freeze the roll and begin; the new `seq`.

    Refused, naming who is missing, when a required seat class is not there (case 3: 1+4+1), and
    when a representatives' meeting is not composed as its law says. A quorum not reached does not
    keep people from talking; it keeps motions from deciding.
    """
    with transaction.atomic():
        row = store.run(session_id, by=by, at=at, states=("noticed",), seen=seen)
        missing = queries.standing(row)["missing"]
        if missing:
            raise Refused(
                f"还不能开会：{rules.seat_words(missing)}还没有人到会。",
                code="composition", todo="到齐了再开，或者改期。", data={"missing": missing},
            )  # fmt: skip
        _composed(row)
        _freeze(row)
        Session.objects.filter(pk=session_id).update(state="open", opened_at=at)
        return store.step(session_id, "opened", by=by, at=at)


def _composed(row: dict[str, Any]) -> None:
    """The law's composition of a representatives' meeting; counts only, nobody is named."""
    found = queries.gaps(row)
    if not found:
        return
    gap = found[0]
    article = rules.article_on_composition(
        body_rules.rule_of(row["rule"], row["edition"], row["house"])
    )
    told: dict[str, Any] = {
        "code": "composition", "data": {"gaps": [one.kind for one in found]},
        "todo": f"《{article.law}》{article.number}：{article.text}" if article else "",
    }  # fmt: skip
    if gap.kind == "representatives":
        raise Refused(
            f"还不能开会：组成人员{gap.of}人里，代表只有{gap.have}人，至少要{gap.needed}人（五分之四以上）。",
            **told,
        )
    if gap.kind == "women":
        raise Refused(
            f"还不能开会：组成人员{gap.of}人里，妇女代表最多{gap.have}人，至少要{gap.needed}人（三分之一以上）。",
            **told,
        )
    if gap.kind == "number":
        raise Refused(f"还不能开会：成员代表只有{gap.have}人，要多于二十人。", **told)
    raise Refused("还不能开会：代表里还没有妇女代表。", **told)


def _freeze(row: dict[str, Any]) -> None:
    day = row["starts_at"].astimezone(SHANGHAI).date()
    db.run(
        f"""with m as ({bodies.members_sql(row["electorate"])})
        insert into meetings_roll (session_id, person_id, household_id, organisation_id,
          seat_class, area)
        select %(session)s::bigint, person_id, household_id, organisation_id, seat_class,
          coalesce(area, 0) from m""",
        {"session": row["id"], "body": row["body_id"], "path": row["place_path"], "on": day},
    )


def start_part(*, item_id: int, by: int | None, at: datetime, seen: int | None = None) -> int:
    """Go on to a part: the running one ends, this one's clock begins. The new `seq`.

    What the last session left is read before anything else begins.
    """
    with transaction.atomic():
        session_id = session_of(item_id)
        row = store.run(session_id, by=by, at=at, states=("open",), seen=seen)
        first = AgendaItem.objects.filter(
            session=session_id, kind=AgendaItem.Kind.READBACK, started_at=None
        ).exclude(pk=item_id).first()  # fmt: skip
        if first is not None:
            raise Refused("要先念上次的清单和承诺办得怎么样，再往下进行。", code="read_back_first")
        if row["item_id"] == item_id:
            return int(row["seq"])
        _end(row["item_id"], at)
        AgendaItem.objects.filter(pk=item_id, started_at=None).update(started_at=at)
        AgendaItem.objects.filter(pk=item_id).update(ended_at=None)
        Session.objects.filter(pk=session_id).update(item=item_id)
        return store.step(session_id, "part", by=by, at=at, data={"item": item_id})


def end_part(*, session_id: int, by: int | None, at: datetime, seen: int | None = None) -> int:
    """Stop the running part without beginning another: a break. The new `seq`."""
    with transaction.atomic():
        row = store.run(session_id, by=by, at=at, states=("open",), seen=seen)
        if row["item_id"] is None:
            return int(row["seq"])
        _end(row["item_id"], at)
        Session.objects.filter(pk=session_id).update(item=None)
        return store.step(session_id, "part_ended", by=by, at=at, data={"item": row["item_id"]})


def _end(item_id: int | None, at: datetime) -> None:
    if item_id is not None:
        AgendaItem.objects.filter(pk=item_id, ended_at=None).update(ended_at=at)


def write_record(*, item_id: int, words: str, by: int | None, at: datetime) -> None:
    """What was said on an item, for the minutes; dissent belongs here too."""
    said = text.clean(words, 8000, field="record")
    with transaction.atomic():
        session_id = session_of(item_id)
        store.run(session_id, by=by, at=at, states=("open",))
        AgendaItem.objects.filter(pk=item_id).update(record=said)
        store.step(session_id, "record", by=by, at=at, data={"item": item_id})


def record_outcome(
    *,
    item_id: int,
    outcome: str,
    by: int | None,
    at: datetime,
    data: Mapping[str, object] | None = None,
    matter_id: int | None = None,
    checked: bool = False,
) -> None:
    """What an item led to: "resolution", "opinion", "matter" or "no_decision".

    Doors offer only "opinion" and "no_decision" (with words in `data["words"]`): a resolution
    comes from `ballots` at the closing of its motion (also by the clock, `by` None: then the
    caller has `checked` who may), a matter from `hand_over`.
    """
    if outcome not in _OUTCOMES:
        raise BadInput("outcome", "请选择这一项的结果。")
    with transaction.atomic():
        session_id = session_of(item_id)
        store.run(session_id, by=by, at=at, states=("open",), checked=checked)
        item = AgendaItem.objects.values("kind", "outcome", "matter_id").get(pk=item_id)
        if item["kind"] not in MUST_LEAVE:
            raise Refused("这是一个环节，不用写结果。")
        if item["outcome"] in ("resolution", "matter"):
            raise Refused("这一项已经有了结果，不能改写。")
        said = dict(data or {})
        if outcome in ("opinion", "no_decision") and len(str(said.get("words", ""))) < 2:
            raise BadInput("words", "请写一句：大家的意见是什么，或为什么没有决定。")
        AgendaItem.objects.filter(pk=item_id).update(
            outcome=outcome, data=said, outcome_at=at, outcome_by=by,
            matter=matter_id or item["matter_id"],
        )  # fmt: skip
        store.step(session_id, "outcome", by=by, at=at, data={"item": item_id, "outcome": outcome})


def close_session(*, session_id: int, by: int | None, at: datetime, seen: int | None = None) -> int:
    """End it. Every item must have left with an outcome; open questions go to be sorted.

    Refused names the items that have none. The minutes' first version is written with it.
    """
    with transaction.atomic():
        row = store.run(session_id, by=by, at=at, states=("open",), seen=seen)
        left = AgendaItem.objects.filter(session=session_id, kind__in=MUST_LEAVE, outcome="")
        titles = [f"“{item.title}”" for item in left]
        if titles:
            raise Refused(
                f"还不能散会：{'、'.join(titles)}还没有结果。",
                code="items_left",
                todo="每一项要么交给人办、要么表决、要么写明没有决定。",
                data={"items": [item.pk for item in left]},
            )
        _end(row["item_id"], at)
        db.run(
            "update meetings_question set state = 'carried'"
            " where session_id = %s::bigint and state = 'open'", (session_id,),
        )  # fmt: skip
        Session.objects.filter(pk=session_id).update(state="closed", closed_at=at, item=None)
        store.step(session_id, "closed", by=by, at=at)
        write_minutes(session_id=session_id, by=by, at=at)
        return int(row["seq"]) + 2
