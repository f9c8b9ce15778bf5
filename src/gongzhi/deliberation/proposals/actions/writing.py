"""The small form: written, kept as a draft, opened to seconders, taken back."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from gongzhi.core import db, photos, text
from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, KeyReused, NotAllowed, Refused
from gongzhi.deliberation.proposals import rules, store
from gongzhi.deliberation.proposals.models import Phase, ProposalPhoto
from gongzhi.matters import actions as matters
from gongzhi.matters import store as matter_store
from gongzhi.people import queries as people
from gongzhi.people.roles import ROLES, Permission
from gongzhi.places import queries as places

MAX_HOUSEHOLDS = 100_000
MAX_PHOTOS = 3
KINDS = ("village", "grid", "compound", "building")  # a matter can be raised there


@dataclass(frozen=True, slots=True)
class SmallForm:
    """What the form asks; for a draft everything but the title may be missing."""

    title: str
    wrong: str = ""
    propose: str = ""
    own_part: str = ""
    topic: str = ""
    spot: str = ""  # where, in words
    households: int | None = None
    place_id: int = 0
    reach: str = "courtyard"
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """The proposal; `repeated` when the same request had come before."""

    id: int
    number: str
    repeated: bool = False


def propose(
    *,
    by: int,
    at: datetime,
    key: str | None,
    form: SmallForm,
    draft: bool = False,
    for_person: int | None = None,
    how: str = "",
) -> Written:
    """Write a proposal and open it to seconders, or keep it as a `draft`.

    `for_person`: staff write it down from paper or by telephone and say `how` he agreed. BadInput
    names the field; a place without a playbook is refused here, not when neighbours second it.
    """
    form = checked(form, draft=draft)
    whose = by if for_person is None else for_person
    place = _place(form, whose)
    places.adopted(place["id"], at.astimezone(SHANGHAI).date())
    with db.atomic():
        if whose != by:
            _check_for_another(by, place["path"], how, at)
        made = _insert(form, place, whose, at=at, key=("propose", by, key), draft=draft)
        if not made.repeated:
            _file_photos(made.id, form.photos, by)
            said = {"how": how, "entered_by": by} if whose != by else {}
            store.event(made.id, "drafted" if draft else "opened", by=whose, at=at, **said)
    return made


def rewrite(*, proposal_id: int, by: int, at: datetime, form: SmallForm, open_: bool) -> Written:
    """Change a draft, or what no neighbour has seconded yet; `open_` opens it to seconders."""
    form = checked(form, draft=not open_)
    with db.atomic():
        it = own(proposal_id, by)
        draft = it.row["phase"] == Phase.DRAFT
        if not draft and (it.row["phase"] != Phase.SECONDING or it.row["seconded"]):
            raise Refused("已经有邻居附议，不能再改。", todo="要补充，请在下面留言。")
        place = _place(form, by)
        values = _values(form, place) | ({} if not open_ else _opening(form.reach, at))
        store.change(proposal_id, at, **values)
        _file_photos(proposal_id, form.photos, by)
        kind = "opened" if open_ and draft else "rewritten"
        store.event(proposal_id, kind, by=by, at=at)
    return Written(proposal_id, it.row["number"])


def take_back(*, proposal_id: int, by: int, at: datetime) -> None:
    """The proposer takes it back; once it is filed, the playbook says whether he still may."""
    with db.atomic():
        it = own(proposal_id, by)
        if it.row["phase"] == Phase.WITHDRAWN:
            return
        if it.row["phase"] == Phase.RUNNING:
            matters.move(matter_id=it.row["matter_id"], verb="recall", by=by, at=at)
        elif it.row["phase"] in (Phase.DRAFT, Phase.SECONDING):
            store.change(proposal_id, at, phase=Phase.WITHDRAWN)
        else:
            raise Refused("这件提案已经了结，不用撤回。")
        store.event(proposal_id, "withdrawn", by=by, at=at)


def upload(*, by: int, at: datetime, key: str, data: bytes, name: str) -> str:
    """Keep one picture of a proposal to be; its key. EXIF, place and device are gone."""
    waiting = ProposalPhoto.objects.filter(proposal=None, by_id=by).count()
    if waiting >= 20:
        raise BadInput("photos", "上传的照片太多了，请先提交这件提案。", code="too_many")
    photo = photos.accept(data, name)
    ProposalPhoto.objects.get_or_create(
        key=key,
        defaults={
            "by_id": by, "jpeg": photo.jpeg, "thumb": photo.thumb, "width": photo.width,
            "height": photo.height, "at": at,
        },
    )  # fmt: skip
    return key


def own(proposal_id: int, by: int) -> store.Loaded:
    """The proposer's own proposal, locked; NotAllowed for anybody else."""
    it = store.load(proposal_id)
    if it.row["proposer_id"] != by:
        raise NotAllowed("只有提案人自己可以这样做。")
    return it


def checked(form: SmallForm, *, draft: bool) -> SmallForm:
    """The form with its texts clean; BadInput names the field that is wrong."""
    form = replace(
        form,
        title=text.clean(form.title, 60, field="title", one_line=True),
        wrong=text.clean(form.wrong, 300, field="wrong"),
        propose=text.clean(form.propose, 600, field="propose"),
        own_part=text.clean(form.own_part, 300, field="own_part"),
        spot=text.clean(form.spot, 200, field="spot", one_line=True),
    )
    if len(form.title) < 4:
        raise BadInput("title", "请写一个标题，让邻居一眼看懂。", todo="例如：3 号楼加装扶手。")
    if form.reach not in rules.entries("reaches"):
        raise BadInput("reach", "请选这件事涉及多大范围。")
    if len(form.photos) > MAX_PHOTOS:
        raise BadInput("photos", "照片最多三张。")
    if form.households is not None and not 1 <= form.households <= MAX_HOUSEHOLDS:
        raise BadInput("households", "户数要填一个正数。", todo="大概估一下就行。")
    if form.topic and form.topic not in rules.entries("topics"):
        raise BadInput("topic", "没有这个类别。", todo="请从四类里选一个。")
    if not draft:
        _check_whole(form)
    return form


def _check_whole(form: SmallForm) -> None:
    if len(form.wrong) < 4:
        raise BadInput("wrong", "请写现在有什么问题。", todo="一两句话就行。")
    if len(form.propose) < 4:
        raise BadInput("propose", "请写您建议怎么做。")
    if not form.topic:
        raise BadInput("topic", "请选一个类别。")
    if form.households is None:
        raise BadInput("households", "请估一下涉及多少户。", todo="大概的数就行。")


_PLACE = """
select x.id, x.path, x.kind, p.household_id,
  (select t.path from places_place t where t.kind in ('town', 'county')
    and t.id = any(string_to_array(trim(both '/' from x.path), '/')::bigint[])
    order by length(t.path) desc limit 1) as town_path,
  (select json_object_agg(a.kind, a.path) from places_place a
    where a.id = any(string_to_array(trim(both '/' from x.path), '/')::bigint[])) as above
from places_place x, people_person p
where x.id = %s::bigint and x.valid_to is null and p.id = %s::bigint
"""


def _place(form: SmallForm, whose: int) -> dict[str, Any]:
    """Where it is, how far it reaches, and the household that proposes it."""
    found = db.dicts(_PLACE, (form.place_id, whose))
    if not found:
        raise BadInput("place", "还没有选在哪里。", todo="请选一个地方。")
    place = found[0]
    if place["kind"] not in KINDS:
        raise BadInput("place", "地点太大了。", todo="请选到社区（村）、小区或楼栋。")
    if place["household_id"] is None:
        raise NotAllowed(
            "提案按户附议，您还没有登记住处。", todo="请到社区登记住处，或先“报一件事”。"
        )
    above = db.load(place["above"])
    kinds = rules.reach_kinds(form.reach)
    place["reach_path"] = next((above[k] for k in kinds if k in above), place["path"])
    return place


def _check_for_another(by: int, path: str, how: str, at: datetime) -> None:
    """Staff who take in what residents say, and who say how he agreed."""
    viewer = people.viewer(by, at)
    posts = viewer.posts_with(Permission.CREATE, "matter")
    if not any(ROLES[post.role].staff and post.covers(path) for post in posts):
        raise NotAllowed("只有本社区（村）的工作人员能代人登记。")
    if len(how.strip()) < 2:
        raise BadInput("how", "请写明本人怎样同意的。", todo="例如：本人交来的纸质表。")


def _values(form: SmallForm, place: dict[str, Any]) -> dict[str, Any]:
    """Columns of the form and of where it is."""
    said = asdict(form)
    del said["photos"]
    return said | {
        "place_id": place["id"], "place_path": place["path"], "town_path": place["town_path"],
        "reach_path": place["reach_path"],
        "search": text.to_tsvector_literal(f"{form.title}\n{form.wrong}\n{form.propose}"),
    }  # fmt: skip


def _opening(reach: str, at: datetime) -> dict[str, Any]:
    """Columns of a proposal that is opened to seconders now."""
    return {
        "phase": Phase.SECONDING.value, "needed": rules.seconders_needed(reach), "opened_at": at,
        "closes_at": at + timedelta(days=rules.limit("seconding_days")),
    }  # fmt: skip


_INSERT = """
with new as (select nextval('proposals_proposal_id_seq') as id), kept as (
  insert into core_once (key, request_hash, answer)
  select %(key)s::text, %(hash)s::text, id from new where %(key)s::text is not null
  on conflict do nothing returning key
)
insert into proposals_proposal (id, number, title, wrong, propose, own_part, topic, spot,
  households, place_id, place_path, town_path, reach, reach_path, proposer_id, household_id, phase,
  needed, seconded, talked, created_at, updated_at, opened_at, closes_at, search)
select new.id, 'TA' || to_char(%(at)s::timestamptz at time zone 'Asia/Shanghai', 'YY')
    || lpad(nextval('proposals_number')::text, 6, '0'), %(title)s, %(wrong)s, %(propose)s,
  %(own_part)s, %(topic)s, %(spot)s, %(households)s::int, %(place_id)s::bigint, %(place_path)s,
  %(town_path)s, %(reach)s, %(reach_path)s, %(proposer)s::bigint, %(household)s::bigint,
  %(phase)s, %(needed)s::smallint, 0, 0, %(at)s, %(at)s, %(opened_at)s::timestamptz,
  %(closes_at)s::timestamptz, %(search)s::tsvector
from new where %(key)s::text is null or exists (select 1 from kept)
returning id, number
"""


def _insert(
    form: SmallForm,
    place: dict[str, Any],
    whose: int,
    *,
    at: datetime,
    key: tuple[str, int, str | None],
    draft: bool,
) -> Written:
    kept, hash_ = matter_store.request_key(*key), matter_store.fingerprint(form, whose, draft)
    opening = _opening(form.reach, at)
    if draft:
        opening |= {"phase": Phase.DRAFT.value, "opened_at": None, "closes_at": None}
    values = _values(form, place) | opening
    made = db.rows(
        _INSERT,
        values | {
            "at": at, "proposer": whose, "household": place["household_id"], "key": kept,
            "hash": hash_,
        },
    )  # fmt: skip
    if made:
        return Written(*made[0])
    before = db.rows(
        "select p.id, p.number, o.request_hash from core_once o"
        " join proposals_proposal p on p.id = o.answer where o.key = %s",
        (kept,),
    )
    if not before or before[0][2] != hash_:
        raise KeyReused()
    return Written(before[0][0], before[0][1], repeated=True)


def _file_photos(proposal_id: int, keys: tuple[str, ...], by: int) -> None:
    """Give pictures their proposal; BadInput for one that is not there or not his."""
    if not keys:
        return
    filed = db.run(
        "update proposals_proposalphoto set proposal_id = %s::bigint where key = any(%s::text[])"
        " and by_id = %s::bigint and (proposal_id is null or proposal_id = %s::bigint)",
        (proposal_id, list(keys), by, proposal_id),
    )
    if filed != len(set(keys)):
        raise BadInput("photos", "有照片没有传上来，文字已经保留。", todo="请重新选那张照片。")
