"""Comments and their moderation; what was learned; honours without cash."""

from datetime import datetime, timedelta

from gongzhi.core import db, text
from gongzhi.core.errors import BadInput, NotAllowed, NotFound, Refused, TooMany
from gongzhi.deliberation.proposals import rules, store
from gongzhi.deliberation.proposals.actions.common import may_edit
from gongzhi.deliberation.proposals.models import Comment, Honour, Project, Supervisor
from gongzhi.people import notes
from gongzhi.people import queries as people
from gongzhi.people.permissions import Viewer
from gongzhi.people.roles import Permission

_LOOK = """
select p.phase, p.place_path, p.town_path, p.title, p.proposer_id,
  (select count(*) from proposals_comment c where c.by_id = %(by)s::bigint
    and c.at > %(since)s::timestamptz) as said
from proposals_proposal p where p.id = %(id)s::bigint
"""


def comment(
    *,
    proposal_id: int,
    viewer: Viewer,
    at: datetime,
    words: str,
    stand: str = "",
    key: str | None = None,
) -> int:
    """Say a word: ordinary "", "for", "against" or "neutral". The comment's id.

    Residents of the town and staff there. At most four statements; the same key says it once.
    """
    words = text.clean(words, 500, field="words")
    if len(words) < 2:
        raise BadInput("words", "还没有写要说的话。")
    if stand not in dict(Comment.STANDS):
        raise BadInput("stand", "请选赞成、反对、中立，或者只说一句。")
    if viewer.person_id is None:
        raise NotAllowed("请先登录。")
    by = viewer.person_id
    with db.atomic():
        found = db.dicts(_LOOK, {"by": by, "id": proposal_id, "since": at - timedelta(hours=1)})
        if not found or found[0]["phase"] in ("draft", "withdrawn"):
            raise NotFound("没有找到这件提案。")
        office = _office(viewer, found[0]["place_path"])
        if not office and not viewer.lives_in(found[0]["town_path"]):
            raise NotAllowed("只有本镇（街道）的居民可以留言。")
        if found[0]["said"] >= rules.limit("comments_an_hour"):
            raise TooMany("您这一小时说得很多了，请过一会儿再说。")
        if not store.first_time(f"comment:{proposal_id}", by, key, proposal_id, words, stand):
            return 0
        made = db.rows(
            "with made as (insert into proposals_comment (proposal_id, by_id, stand, office, text,"
            " at, hidden_why) values (%s::bigint, %s::bigint, %s, %s, %s, %s::timestamptz, '')"
            " returning id, proposal_id), out as (insert into core_outbox (kind, subject_id)"
            " select 'proposal.commented', proposal_id from made) select id from made",
            (proposal_id, by, stand, office, words, at),
        )
    return int(made[0][0])


def _office(viewer: Viewer, path: str) -> str:
    """The role in which staff of the place speak; "" for a neighbour."""
    roles = [post.role for post in viewer.posts_with(Permission.CREATE, "matter")
             if post.covers(path)]  # fmt: skip
    return next((role for role in roles if role != "volunteer"), "") if viewer.is_staff else ""


def may_moderate(viewer: Viewer, path: str) -> bool:
    """Whether he keeps order there: the desk, or the supervision committee."""
    wanted = (Permission.TRIAGE, Permission.DECIDE, Permission.VERIFY)
    return viewer.is_staff and any(
        post.covers(path) for one in wanted for post in viewer.posts_with(one, "matter")
    )


def hide(*, proposal_id: int, comment_id: int, by: int, at: datetime, why: str) -> None:
    """Take a comment off the page; its author is told why, and that it was recorded."""
    why = text.clean(why, 200, field="why")
    if len(why) < 4:
        raise BadInput("why", "请写明为什么隐藏；理由会告诉留言的人。")
    with db.atomic():
        row = (
            Comment.objects.filter(pk=comment_id, proposal=proposal_id)
            .select_related("proposal")
            .select_for_update(of=("self",))
            .first()
        )
        if row is None:
            raise NotFound("没有这条留言。")
        if not may_moderate(people.viewer(by, at), row.proposal.place_path):
            raise NotAllowed("留言由本社区（村）的工作人员或监督委员会管理。")
        if row.by_id == by:
            raise Refused("不能隐藏自己的留言。")
        if row.hidden_at is not None:
            return
        Comment.objects.filter(pk=comment_id).update(hidden_at=at, hidden_by=by, hidden_why=why)
        store.event(row.proposal_id, "comment_hidden", by=by, at=at, comment=comment_id, why=why)
        notes.write(
            key=f"comment:{comment_id}:hidden", person_id=row.by_id, at=at,
            words=f"您在提案“{row.proposal.title}”下的留言不再显示。理由：{why}",
        )  # fmt: skip


def learn(*, proposal_id: int, by: int, at: datetime, words: str) -> None:
    """我们学到了什么: by the proposer, a supervisor or who ran the project; read by everybody."""
    words = text.clean(words, 500, field="words")
    if len(words) < 4:
        raise BadInput("words", "请写一两句：哪里做得好，下次怎么做得更好。")
    with db.atomic():
        it = store.load(proposal_id)
        watches = Supervisor.objects.filter(project__proposal=proposal_id, person=by).exists()
        if not (it.row["proposer_id"] == by or watches or may_edit(it, by, at)):
            raise NotAllowed("由提案人、监督员和项目负责人来写。")
        if not Project.objects.filter(proposal=proposal_id, finished_at__isnull=False).exists():
            raise Refused("项目完工以后再写。")
        store.event(proposal_id, "learned", by=by, at=at, words=words)


def honour(*, proposal_id: int, by: int, at: datetime, kind: str, why: str) -> bool:
    """Honour a proposal that was carried out, in words; never with money, never a person."""
    why = text.clean(why, 200, field="why")
    if kind not in rules.entries("honours"):
        raise BadInput("kind", "请选一种褒奖。")
    if len(why) < 4:
        raise BadInput("why", "请写明为什么褒奖。")
    with db.atomic():
        it = store.load(proposal_id)
        viewer = people.viewer(by, at)
        posts = viewer.posts_with(Permission.DECIDE, "matter")
        if not any(post.covers(it.row["place_path"]) for post in posts):
            raise NotAllowed("褒奖由本级负责决定的人来定。")
        if it.row["household_id"] == viewer.household_id:
            raise NotAllowed("不能褒奖自己家的提案。")
        if it.state(at) not in ("done", "rated"):
            raise Refused("办好以后再褒奖。")
        _made, new = Honour.objects.get_or_create(
            proposal_id=proposal_id, kind=kind, defaults={"why": why, "by_id": by, "at": at}
        )
        if new:
            store.event(proposal_id, "honoured", by=by, at=at, honour=kind)
    return new
