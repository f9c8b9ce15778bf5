"""The acceptance test: taken on, given back with reasons, merged; and the appeal above."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, Refused, Stale
from gongzhi.deliberation.proposals import rules, store
from gongzhi.deliberation.proposals.actions import seconding, writing
from gongzhi.deliberation.proposals.models import Appeal, Phase, Review
from gongzhi.matters import actions as matters
from gongzhi.matters.actions import following
from gongzhi.people import notes
from gongzhi.people import queries as people
from gongzhi.people.permissions import Post, Viewer
from gongzhi.people.roles import Permission
from gongzhi.places import queries as places
from gongzhi.publications import actions as board
from gongzhi.publications.models import MIN_DAYS

DESK = (Permission.TRIAGE, Permission.DECIDE)
UNSAID = "unsaid"  # refused on the page of the matter, where the tests are not asked one by one


def accept(
    *,
    proposal_id: int,
    by: int,
    at: datetime,
    answers: Mapping[str, bool],
    note: str = "",
    key: str | None = None,
    seen: int | None = None,
) -> None:
    """Take it on: every test of the small form was answered yes. The playbook says who may."""
    failed = rules.failed_tests(answers)
    if failed:
        raise BadInput(
            "answers", "五问没有都答“是”，不能受理。", todo="请退回并写明理由，或逐条再看一遍。"
        )
    with db.atomic():
        if not store.first_time(f"accept:{proposal_id}", by, key, proposal_id, dict(answers)):
            return
        it = _waiting(proposal_id)
        matters.move(
            matter_id=it.row["matter_id"], verb="accept", by=by, at=at, seen=seen, note=note
        )
        _reviewed(it, by=by, at=at, failed=[], reasons=text.clean(note, 500, field="note"))
        taken_on(proposal_id, it.row["matter_id"], by=by, at=at)


def taken_on(proposal_id: int, matter_id: int, *, by: int | None, at: datetime) -> None:
    """It is accepted: seconders stay as they are, and follow the matter from now on."""
    store.change(proposal_id, at, accepted_at=at)
    who = db.rows(
        "select person_id from proposals_seconder where proposal_id = %s::bigint"
        " and withdrawn_at is null",
        (proposal_id,),
    )
    following.follow_together(matter_id=matter_id, people=[p for (p,) in who], at=at)
    store.event(proposal_id, "accepted", by=by, at=at)


def give_back(
    *,
    proposal_id: int,
    by: int,
    at: datetime,
    failed: tuple[str, ...],
    reasons: str,
    key: str | None = None,
    seen: int | None = None,
) -> None:
    """Return it: which tests it does not pass, and why. The reasons are published without name."""
    reasons = text.clean(reasons, 200, field="reasons")
    if not failed or not set(failed) <= set(rules.entries("tests")):
        raise BadInput("failed", "请勾出没有通过的是哪几问。")
    if len(reasons) < 6:
        raise BadInput("reasons", "请写明理由，让人看得懂为什么退回。")
    with db.atomic():
        if not store.first_time(f"return:{proposal_id}", by, key, proposal_id, failed, reasons):
            return
        it = _waiting(proposal_id)
        matters.move(
            matter_id=it.row["matter_id"], verb="refuse", by=by, at=at, seen=seen, reason=reasons
        )
        given_back(it, by=by, at=at, failed=list(failed), reasons=reasons)


def given_back(it: store.Loaded, *, by: int, at: datetime, failed: list[str], reasons: str) -> None:
    """Keep the test, put the reasons on the board, tell the proposer he may appeal."""
    item = _publish_reasons(it, by=by, at=at, failed=failed, reasons=reasons)
    _reviewed(it, by=by, at=at, failed=failed, reasons=reasons, publication=item)
    store.change(it.id, at, phase=Phase.RETURNED.value)
    store.event(it.id, "returned", by=by, at=at, failed=failed)
    notes.write(
        key=f"proposal:{it.id}:returned:{it.row['matter_id']}", person_id=it.row["proposer_id"],
        words=f"您的提案“{it.row['title']}”退回了。理由：{reasons[:120]}。"
        f"不服可在{rules.limit('appeal_days')}天内请上一级再看。", at=at,
    )  # fmt: skip


def _waiting(proposal_id: int) -> store.Loaded:
    it = store.load(proposal_id)
    if it.row["phase"] != Phase.RUNNING or it.row["outcome"] or it.gate not in (
        "accept", "approve",
    ):  # fmt: skip
        raise Stale("这件提案已经不在等受理了。", todo="请看最新情况。")
    return it


def _reviewed(
    it: store.Loaded,
    *,
    by: int,
    at: datetime,
    failed: list[str],
    reasons: str,
    publication: int | None = None,
) -> None:
    post = _desk(people.viewer(by, at), it.row["place_path"])
    Review.objects.create(
        proposal_id=it.id, matter_id=it.row["matter_id"], by_id=by, at=at,
        due_at=it.row["due_at"], accepted=not failed, failed=failed, reasons=reasons,
        desk_path=post.place_path if post else it.row["held_path"], publication_id=publication,
    )  # fmt: skip


def _desk(viewer: Viewer, path: str) -> Post | None:
    """The narrowest post from which he sorts or decides there."""
    posts = [p for wanted in DESK for p in viewer.posts_with(wanted, "matter") if p.covers(path)]
    return max(posts, key=lambda post: len(post.place_path), default=None)


def _publish_reasons(
    it: store.Loaded, *, by: int, at: datetime, failed: list[str], reasons: str
) -> int | None:
    """On the board of its community for at least fifteen days, without a name (R10; law)."""
    row = it.row
    assert it.playbook is not None
    where = db.rows(
        "select a.id, a.name from places_place a where a.kind in ('village', 'town', 'county')"
        " and a.id = any(string_to_array(trim(both '/' from %s), '/')::bigint[])"
        " order by length(a.path) desc limit 1",
        (row["place_path"],),
    )[0]
    tests = rules.entries("tests")
    said = "；".join(tests[test].zh for test in failed if test in tests)
    words = it.playbook.words()
    line = {"at": at.isoformat(), "verb": "refuse", "result": "",
            "note": (f"没有通过：{said}。" if said else "") + f"理由：{reasons}"}  # fmt: skip
    return board.publish(
        place_id=where[0], subject="proposal", subject_id=it.id, title=row["title"],
        body={
            "where": where[1], "raised_by": "一位居民", "playbook": words.name,
            "body": f"{row['wrong']}\n建议：{row['propose']}",
            "steps": [{"stage": row["stage"], "name": words.stages[row["stage"]].name,
                       "lines": [line]}],
        },
        audience="public", days=MIN_DAYS, by=by, at=at, names=(row["proposer"],),
    )  # fmt: skip


def merge(
    *,
    proposal_id: int,
    into: str,
    by: int,
    at: datetime,
    reason: str,
    key: str | None = None,
) -> int:
    """Join it to another open proposal (by number): its seconders are carried over once.

    Who seconded both counts once; a household does not come to second its own. How many were
    carried over.
    """
    reason = text.clean(reason, 200, field="reason")
    if len(reason) < 2:
        raise BadInput("reason", "请写明为什么合并。")
    with db.atomic():
        if not store.first_time(f"merge:{proposal_id}", by, key, proposal_id, into, reason):
            return 0
        it, other = _both(proposal_id, into, by, at)
        if it.row["matter_id"] is not None:
            matters.move(
                matter_id=it.row["matter_id"], verb="merge", by=by, at=at, reason=reason,
                into=other.row["matter_number"],
            )  # fmt: skip
        carried = _carry(it, other, at)
        store.change(it.id, at, phase=Phase.MERGED.value, merged_into_id=other.id)
        store.event(it.id, "merged", by=by, at=at, into=other.row["number"], why=reason)
        store.event(other.id, "took_in", by=by, at=at, number=it.row["number"], carried=carried)
        full = other.row["seconded"] + carried >= other.row["needed"]
        if other.row["phase"] == Phase.SECONDING and full:
            seconding.file(other.id, at=at)
        notes.write(
            key=f"proposal:{it.id}:merged", person_id=it.row["proposer_id"], at=at,
            words=f"您的提案“{it.row['title']}”并到了“{other.row['title']}”"
            f"（{other.row['number']}），附议都带过去了。理由：{reason[:100]}",
        )  # fmt: skip
    return carried


def _both(proposal_id: int, into: str, by: int, at: datetime) -> tuple[store.Loaded, store.Loaded]:
    """Both proposals, locked in the order of their ids so that two merges cannot wait for ever."""
    found = db.rows(
        "select id from proposals_proposal where number = %s", (text.number(into)[:20],)
    )
    if not found or found[0][0] == proposal_id:
        raise BadInput("into", "没有找到要并入的那件提案。", todo="请核对编号。")
    loaded = {i: store.load(i) for i in sorted((proposal_id, int(found[0][0])))}
    it, other = loaded[proposal_id], loaded[int(found[0][0])]
    viewer = people.viewer(by, at)
    if not (_desk(viewer, it.row["place_path"]) and _desk(viewer, other.row["place_path"])):
        raise NotAllowed("合并由管得到这两件提案的工作人员来做。")
    for one, field in ((it, ""), (other, "into")):
        if one.state(at) not in ("seconding", "waiting", "deliberating", "deciding", "decided"):
            raise BadInput(field, "已经了结或还没有公开的提案不能合并。", todo="请看最新情况。")
    if it.row["matter_id"] and not other.row["matter_id"]:
        raise BadInput(
            "into", "那件提案还在征集附议，这件已经立案。", todo="请反过来：把那件并到这件。"
        )
    return it, other


def _carry(it: store.Loaded, other: store.Loaded, at: datetime) -> int:
    """Seconders of the one, and its proposer, now stand behind the other; each household once."""
    carried = db.rows(
        "insert into proposals_seconder (proposal_id, household_id, person_id, at,"
        " carried_from_id) select %(to)s::bigint, household, person, %(at)s::timestamptz,"
        " %(from)s::bigint from (select household_id as household, person_id as person"
        "   from proposals_seconder where proposal_id = %(from)s::bigint and withdrawn_at is null"
        "  union all select household_id, proposer_id from proposals_proposal"
        "   where id = %(from)s::bigint) s"
        " where household <> %(own)s::bigint on conflict do nothing returning person_id",
        {"to": other.id, "from": it.id, "at": at, "own": other.row["household_id"]},
    )
    if other.row["accepted_at"] is not None:
        who = [person for (person,) in carried]
        following.follow_together(matter_id=other.row["matter_id"], people=who, at=at)
    return len(carried)


def appeal(*, proposal_id: int, by: int, at: datetime, words: str) -> int:
    """The proposer asks the level above to look again; once, while the reasons are published."""
    words = text.clean(words, 500, field="words")
    if len(words) < 4:
        raise BadInput("words", "请写明您为什么不同意退回。")
    with db.atomic():
        it = writing.own(proposal_id, by)
        review = Review.objects.filter(proposal=proposal_id).order_by("-id").first()
        if review is None or review.accepted or it.state(at) != "returned":
            raise Refused("这件提案没有被退回，不用复议。")
        if at > review.at + timedelta(days=rules.limit("appeal_days")):
            raise Refused("请上级再看的时间已经过了。", code="too_late", todo="可以改好后重新提。")
        made, new = Appeal.objects.get_or_create(
            review=review,
            defaults={"by_id": by, "against_id": review.by_id, "words": words, "at": at},
        )
        if new:
            store.event(proposal_id, "appealed", by=by, at=at)
    return made.pk


def answer_appeal(
    *,
    proposal_id: int,
    by: int,
    at: datetime,
    upheld: bool,
    answer: str,
    key: str | None = None,
) -> None:
    """The level above answers in writing. Upheld, it takes the proposal on at its own level."""
    answer = text.clean(answer, 500, field="answer")
    if len(answer) < 4:
        raise BadInput("answer", "请写明答复和理由。")
    with db.atomic():
        if not store.first_time(f"appeal:{proposal_id}", by, key, proposal_id, upheld, answer):
            return
        it = store.load(proposal_id)
        found = Appeal.objects.filter(review__proposal=proposal_id).select_related("review")
        asked = found.order_by("-id").first()
        if asked is None:
            raise Refused("没有人请您复议这件提案。")
        if asked.answered_at is not None:
            raise Stale("这件复议已经答复过。")
        post = _above(people.viewer(by, at), it, asked)
        Appeal.objects.filter(pk=asked.pk).update(
            answered_by=by, answered_at=at, upheld=upheld, answer=answer
        )
        store.event(proposal_id, "appeal_answered", by=by, at=at, upheld=upheld, answer=answer)
        if upheld:
            _take_on_above(it, post, by=by, at=at, answer=answer)
        notes.write(
            key=f"appeal:{asked.pk}", person_id=it.row["proposer_id"], at=at,
            words=f"您请上级再看的提案“{it.row['title']}”："
            f"{'意见成立，已受理' if upheld else '维持退回'}。{answer[:150]}",
        )  # fmt: skip


def may_answer(viewer: Viewer, review_path: str, place_path: str) -> Post | None:
    """The nearest post above the one that decided; rules.md R10: refusals can be appealed."""
    posts = [p for wanted in DESK for p in viewer.posts_with(wanted, "matter")]
    above = [
        p
        for p in posts
        if p.covers(place_path)
        and review_path.startswith(p.place_path)
        and p.place_path != review_path
    ]
    return max(above, key=lambda post: len(post.place_path), default=None)


def _above(viewer: Viewer, it: store.Loaded, asked: Appeal) -> Post:
    post = may_answer(viewer, asked.review.desk_path, it.row["place_path"])
    if post is None or viewer.person_id == asked.against_id:
        raise NotAllowed("复议由上一级来看，不能由退回的人自己答复。")
    if viewer.household_id == it.row["household_id"]:
        raise NotAllowed("这是您家里提的案，请由别的同事答复。")
    return post


def _take_on_above(
    it: store.Loaded, post: Post, *, by: int, at: datetime, answer: str
) -> None:  # fmt: skip
    """A new matter on the level that upheld the appeal; the refused one stays as it was."""
    _, playbook = places.adopted(it.row["place_id"], at.astimezone(SHANGHAI).date())
    here = [level.id for level in playbook.levels if level.unit == post.place_kind]
    level = here[0] if here else rules.level_for(playbook, it.row["reach"])
    matter_id = seconding.raise_for(it, level, at=at)
    matters.move(matter_id=matter_id, verb="accept", by=by, at=at, note=answer)
    store.change(it.id, at, phase=Phase.RUNNING.value, matter_id=matter_id)
    again = store.load(it.id)
    Review.objects.create(
        proposal_id=it.id, matter_id=matter_id, by_id=by, at=at, due_at=None, accepted=True,
        desk_path=post.place_path, reasons=answer,
    )  # fmt: skip
    taken_on(again.id, matter_id, by=by, at=at)


def follow_matter(row: dict[str, Any], at: datetime) -> None:
    """What the desk did with the matter itself reaches the proposal: reactions call this.

    `row` is an outbox row of "matter.accept" or "matter.refuse". Done once: a review is there
    when it was done on the proposal's own page.
    """
    with db.atomic():
        found = db.rows(
            "select p.id from proposals_proposal p where p.matter_id = %s::bigint"
            " and not exists (select 1 from proposals_review r where r.matter_id = p.matter_id)",
            (row["subject_id"],),
        )
        if not found:
            return
        it = store.load(found[0][0])
        verb = str(row["kind"]).partition(".")[2]
        last = db.rows(
            "select by_id, at, reason from matters_event where matter_id = %s::bigint"
            " and verb = %s order by seq limit 1",
            (row["subject_id"], verb),
        )
        if not last or it.row["accepted_at"] is not None:
            return
        by, when, reason = last[0]
        if verb == "accept":
            _reviewed(it, by=by, at=when, failed=[], reasons="")
            taken_on(it.id, it.row["matter_id"], by=by, at=when)
        else:
            given_back(it, by=by, at=when, failed=[UNSAID], reasons=reason)
