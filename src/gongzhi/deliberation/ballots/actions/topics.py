"""Topics: proposed by residents, reviewed with a published reason, one appeal; and what came of it.

Case 3 stage 2 (who decides what is talked about, rules.md R10) and stage 8 (used or not, and why).
"""

from datetime import datetime
from typing import Any

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused, Stale
from gongzhi.core.models import Outbox
from gongzhi.deliberation.ballots import permissions
from gongzhi.deliberation.ballots.actions.motions import locked
from gongzhi.deliberation.ballots.models import Topic, Use
from gongzhi.people import queries as people
from gongzhi.places.models import Place
from gongzhi.publications import actions as publications
from gongzhi.publications.models import MIN_DAYS, Publication


def propose_topic(
    *, place_id: int, title: str, text_: str, by: int, at: datetime, body_id: int | None = None,
    key: str | None = None,
) -> int:  # fmt: skip
    """Somebody who belongs to the place proposes what should be talked about; the topic's id."""
    said = text.clean(title, 80, field="title", one_line=True)
    body = text.clean(text_, 2000, field="text")
    if len(said) < 4:
        raise BadInput("title", "请用一句话写清楚要议什么。")
    place = Place.objects.filter(pk=place_id, valid_to=None).first()
    if place is None:
        raise NotFound("没有找到这个地方。")
    viewer = people.viewer(by, at)
    if not viewer.roles_at(place.path):
        raise NotAllowed("只有住在这里或在这里工作的人能提议题。")
    with db.atomic():
        if key and (known := Topic.objects.filter(key=_key(by, key)).first()):
            return known.pk
        made = Topic.objects.create(
            place=place, place_path=place.path, body_id=body_id, title=said, text=body,
            proposed_by_id=by, at=at, key=_key(by, key) if key else None,
        )  # fmt: skip
        Outbox.objects.create(kind="topic.proposed", subject_id=made.pk, at=at)
    return made.pk


def _key(by: int, key: str) -> str:
    return f"{by}:{key}"[:80]


def review_topic(*, topic_id: int, accept: bool, reason: str, by: int, at: datetime) -> None:
    """Take it up or not, with a reason that is published; never by the one who proposed it."""
    why = text.clean(reason, 1000, field="reason")
    if len(why) < 4:
        raise BadInput("reason", "请写明理由，会公开。")
    with db.atomic():
        topic = _locked(topic_id)
        permissions.reviewer(by, topic.place_path, at)
        if topic.proposed_by_id == by:
            raise NotAllowed("自己提的议题要由别人审核。")
        if topic.state != "proposed":
            raise Stale("这个议题刚才已经有人审核过。")
        topic.state = Topic.State.ACCEPTED if accept else Topic.State.REFUSED
        topic.reason, topic.reviewed_by_id, topic.reviewed_at = why, by, at
        topic.save()
        _publish(topic, by, at)
        Outbox.objects.create(kind="topic.reviewed", subject_id=topic_id, at=at)


def appeal_topic(*, topic_id: int, words: str, by: int, at: datetime) -> None:
    """The proposer asks for a second look at a refusal; once."""
    said = text.clean(words, 1000, field="appeal")
    if len(said) < 4:
        raise BadInput("appeal", "请写明为什么应当列入。")
    with db.atomic():
        topic = _locked(topic_id)
        if topic.proposed_by_id != by:
            raise NotAllowed("只有提议题的人能申请复核。")
        if topic.state != "refused" or topic.appeal:
            raise Refused("现在不能申请复核：只有没列入的议题能申请，一个议题一次。")
        topic.state, topic.appeal, topic.appealed_at = Topic.State.APPEALED, said, at
        topic.save()
        Outbox.objects.create(kind="topic.appealed", subject_id=topic_id, at=at)


def answer_appeal(*, topic_id: int, accept: bool, answer: str, by: int, at: datetime) -> None:
    """Somebody else than the first reviewer decides the appeal, with words that are published."""
    said = text.clean(answer, 1000, field="answer")
    if len(said) < 4:
        raise BadInput("answer", "请写明复核的理由，会公开。")
    with db.atomic():
        topic = _locked(topic_id)
        permissions.reviewer(by, topic.place_path, at)
        if by in (topic.reviewed_by_id, topic.proposed_by_id):
            raise NotAllowed("复核要由另一个人来做。")
        if topic.state != "appealed":
            raise Stale("这个复核刚才已经有人答复过。")
        topic.state = Topic.State.ACCEPTED if accept else Topic.State.REFUSED
        topic.answer, topic.answered_by_id, topic.answered_at = said, by, at
        topic.save()
        _publish(topic, by, at)
        Outbox.objects.create(kind="topic.answered", subject_id=topic_id, at=at)


def _locked(topic_id: int) -> Topic:
    found = Topic.objects.select_for_update(of=("self",)).filter(pk=topic_id).first()
    if found is None:
        raise NotFound("没有这个议题。")
    return found


def _publish(topic: Topic, by: int, at: datetime) -> None:
    decided = "列入议题" if topic.state == "accepted" else "没有列入"
    lines = [f"{decided}。理由：{topic.reason}"]
    if topic.answer:
        lines += [f"提出人申请复核：{topic.appeal}", f"复核答复：{topic.answer}"]
    elif topic.state == "refused":
        lines.append("提出人可以申请复核一次，由另一个人来看。")
    publications.publish(
        place_id=topic.place_id, subject="topic", subject_id=topic.pk,
        title=f"议题审核：{topic.title}", by=by, at=at, days=MIN_DAYS,
        audience=Publication.Audience.COMMUNITY,
        body={"body": f"{topic.text}\n\n" + "\n".join(lines), "where": topic.place.name,
              "raised_by": "", "playbook": "", "steps": []},
    )  # fmt: skip


def say_use(*, motion_id: int, used: bool, reason: str, by: int, at: datetime) -> None:
    """Say whether a forum's opinion was used, and why; once, on the board."""
    why = text.clean(reason, 1000, field="reason")
    if len(why) < 4:
        raise BadInput("reason", "请写明理由，会公开。")
    with db.atomic():
        motion: dict[str, Any] = locked(motion_id)
        permissions.reviewer(by, motion["place_path"], at)
        if motion["state"] != "closed" or motion["binding"]:
            raise Refused("只有议事会商量出的意见，才要说明采纳不采纳。")
        if Use.objects.filter(motion=motion_id).exists():
            raise Stale("已经说明过了。")
        Use.objects.create(motion_id=motion_id, used=used, reason=why, by_id=by, at=at)
        publications.publish(
            place_id=motion["place_id"], subject="motion_use", subject_id=motion_id,
            title=f"意见采纳情况：{motion['title']}", by=by, at=at, days=MIN_DAYS,
            audience=Publication.Audience.PUBLIC,
            body={"body": f"{'已采纳' if used else '没有采纳'}。理由：{why}",
                  "where": motion["place_name"], "raised_by": "", "playbook": "", "steps": []},
        )  # fmt: skip
        Outbox.objects.create(
            kind="motion.used" if used else "motion.not_used", subject_id=motion_id, at=at
        )
