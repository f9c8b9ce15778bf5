"""What the pages of meetings share: words, choices, one form's values, the refusal beside it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput, NotAllowed, Refused
from gongzhi.deliberation.ballots.models import Motion
from gongzhi.deliberation.bodies.models import Body, SeatClass
from gongzhi.deliberation.meetings import actions
from gongzhi.matters.actions import Assignee
from gongzhi.people.permissions import Viewer
from gongzhi.places.models import Kind, Place
from gongzhi.web import listen
from gongzhi.web.asked import Asked
from gongzhi.web.sheet import Sheet
from gongzhi.web.staff import frame, reads

P = ParamSpec("P")
View = Callable[Concatenate[Asked, P], HttpResponse]

# Words of states and kinds, in the order people meet them.
STATES = {
    "draft": "筹备中", "noticed": "已通知", "open": "正在开会", "closed": "已散会",
    "cancelled": "已取消",
}  # fmt: skip
TONES = {"draft": "", "noticed": "info", "open": "ok", "closed": "", "cancelled": "bad"}
MODES = {"onsite": "现场", "online": "线上", "hybrid": "现场和线上"}
OUTCOMES = {
    "matter": "交给人办", "resolution": "已表决", "opinion": "形成意见",
    "no_decision": "没有作出决定",
}  # fmt: skip
QUESTIONS = {"open": "等答复", "answered": "当场答复了", "carried": "会后办理"}
PLEDGES = {"open": "还没到期", "extended": "延期了", "kept": "已兑现", "broken": "没有兑现"}
SORTED = {"assign": "交办", "joint": "会办"}
STANDS = {"for": "赞成", "against": "反对", "other": "其他意见"}
CAME_AS = {
    "": "居民", "town_leader": "镇领导", "town_staff": "镇干部", "party": "党员",
    "representative": "代表", "unit": "单位",
}  # fmt: skip
BASES = {
    "members": "成员到会", "households": "户到会", "heads": "参加的业主人数", "area": "参加的面积",
    "present": "到会", "participating": "参加", "participating_area": "参加的面积",
}  # fmt: skip
DAYS = (15, 30, 90)


def base(kind: str) -> str:
    """What a quorum line counts, as people say it; a kind of its own is read as members."""
    return _(BASES.get(kind, "成员到会"))


def words() -> dict[str, Any]:
    """The tables of words for templates."""
    return {
        "STATES": STATES, "TONES": TONES, "MODES": MODES, "OUTCOMES": OUTCOMES,
        "QUESTIONS": QUESTIONS, "PLEDGES": PLEDGES, "SORTED": SORTED, "STANDS": STANDS,
        "CLASSES": dict(SeatClass.choices), "ELECTORATES": dict(Body.Electorate.choices),
        "CAME_AS": CAME_AS, "DAYS": DAYS, "base": base, "area": area,
    }  # fmt: skip


def area(number: int) -> str:
    """0.01 m² as people read it: 123456 → "1,234.56"."""
    return f"{number // 100:,}.{number % 100:02}"


def live(request: Asked, session_id: int) -> str:
    """Where the page of a session hears of its changes."""
    return listen.address(request, f"session:{session_id}")


def signed(request: Asked) -> int:
    """Who acts; NotAllowed for somebody not signed in."""
    if request.viewer.person_id is None:
        raise NotAllowed("请先登录。")
    return request.viewer.person_id


def moment(sheet: Sheet, name: str) -> datetime:
    """A day and hour as typed in a datetime field, in Shanghai's time."""
    try:
        typed = datetime.fromisoformat(sheet[name])
    except ValueError as wrong:
        raise BadInput(name, "请填日期和时间，例如 2026-12-05 14:30。") from wrong
    return typed.replace(tzinfo=SHANGHAI) if typed.tzinfo is None else typed


def day(sheet: Sheet, name: str) -> date:
    """A day as typed."""
    try:
        return date.fromisoformat(sheet[name])
    except ValueError as wrong:
        raise BadInput(name, "请填日期，例如 2026-12-05。") from wrong


def whole(sheet: Sheet, name: str, default: int | None = None) -> int:
    """A whole number as typed; BadInput when it is none."""
    found = sheet.whole(name)
    if found is None:
        if default is not None and not sheet[name]:
            return default
        raise BadInput(name, "请填数字。")
    return found


def assignee(value: str) -> Assignee | None:
    """What a choice of `reads.handlers` stands for: "p12" a person, "o7" a unit."""
    kind, number = value[:1], value[1:]
    if not number.isascii() or not number.isdecimal() or len(number) > 15:
        return None
    return Assignee(person_id=int(number)) if kind == "p" else Assignee(organisation_id=int(number))


def offers(place_path: str, at: datetime) -> list[dict[str, str]]:
    """To whom something may be given around a place."""
    return reads.handlers([int(part) for part in place_path.split("/") if part], at)


def staff_only(view: View[P]) -> View[P]:
    """`frame.staff_only` for views that know the request as ours."""
    checked: Any = frame.staff_only(cast(Any, view))
    return cast(View[P], checked)


def post_only(view: View[P]) -> View[P]:
    """`frame.post_only` likewise."""
    checked: Any = frame.post_only(cast(Any, view))
    return cast(View[P], checked)


def villages(row: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Where a matter of a town's session may lie; none to choose below a town."""
    if row["level"] != "town":
        return []
    below = Place.objects.filter(path__startswith=row["place_path"], kind=Kind.VILLAGE)
    return list(below.filter(valid_to=None).order_by("path").values_list("id", "name")[:300])


def motions(session_id: int) -> dict[int, dict[str, Any]]:
    """The newest vote on each item of a session: {"id", "state"} by item."""
    rows = Motion.objects.filter(session_id=session_id, item_id__isnull=False)
    found = rows.exclude(state="void").order_by("id").values("id", "item_id", "state")
    return {int(row["item_id"] or 0): dict(row) for row in found}


def done(
    request: HttpRequest, told: str, name: str, anchor: str = "", **where: Any
) -> HttpResponse:
    """After a write: say what happened, on the page it belongs to."""
    if told:
        messages.success(request, told)
    answer: HttpResponse = redirect(name, **where)
    if anchor:
        answer["Location"] += f"#{anchor}"
    return answer


def once(
    request: Asked, session_id: int, verb: str, sheet: Sheet, call: Callable[[], object]
) -> None:
    """The call, unless this very form was sent before: pressed twice is pressed once."""
    asked = {name: value for name, value in sheet.values.items() if name not in ("key", "seen")}
    actions.once(session_id=session_id, verb=verb, by=signed(request), key=sheet["key"],
                 asked=asked, do=call)  # fmt: skip


def attempt(sheet: Sheet, call: Callable[[], object]) -> bool:
    """The one domain call; a refusal stays on the form with all that was typed."""
    try:
        call()
    except Refused as refusal:
        if refusal.status == 404:
            raise
        sheet.wrong(refusal)
        return False
    return True


def staff_home(viewer: Viewer) -> str:
    """The path of the widest place he works for."""
    return min((post.place_path for post in viewer.posts), key=len, default="/")


def progress(row: Mapping[str, Any]) -> dict[str, str]:
    """Where one line of the rectification list stands, in words and tone."""
    if row["done"]:
        return {"text": _("已整改"), "tone": "ok"}
    if row["outcome"]:
        return {"text": _("已了结（没有办成）"), "tone": "warn"}
    if row["late"]:
        return {"text": _("超期，还在办"), "tone": "bad"}
    return {"text": _("正在办"), "tone": "info"}
