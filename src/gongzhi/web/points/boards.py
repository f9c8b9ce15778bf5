"""The seven boards of 芝嘉花园: totals of a community for its people, never a person."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy

from gongzhi.channels import figures as channels
from gongzhi.core import db
from gongzhi.core.clock import SHANGHAI
from gongzhi.ledger.points import quarterly, queries
from gongzhi.ledger.points.models import Area
from gongzhi.places import queries as places
from gongzhi.web.points.quarters import named
from gongzhi.web.staff import frame

BOARDS = (
    ("home", gettext_lazy("首页")), ("looks", gettext_lazy("市容")),
    ("safety", gettext_lazy("安全")), ("calm", gettext_lazy("稳定")),
    ("party", gettext_lazy("党建")), ("points", gettext_lazy("积分自治")),
    ("ground", gettext_lazy("阵地建设")),
)  # fmt: skip
CATEGORIES = {
    "looks": ("environment", "facilities", "traffic"),
    "safety": ("safety",),
    "calm": ("neighbours", "noise", "property"),
}
_MATTERS = """
select split_part(m.category, '.', 1) as category, count(*) as raised,
  count(*) filter (where m.outcome = 'done') as done,
  count(*) filter (where m.outcome = '') as open
from matters_matter m join places_place w on w.id = m.place_id
where w.path like %s || '%%' and m.created_at >= %s::timestamptz and not m.sensitive group by 1
"""
_GROUND = """
select (select count(*) from programmes_station s join places_place w on w.id = s.place_id
    where w.path like %(path)s || '%%' and s.closed_on is null) as stations,
  (select count(*) from bodies_body b join places_place w on w.id = b.place_id
    where w.path like %(path)s || '%%') as bodies,
  (select count(*) from meetings_session s where s.place_path like %(path)s || '%%'
    and s.starts_at >= %(since)s and s.state not in ('draft', 'cancelled')) as sessions,
  (select count(*) from publications_publication p where p.place_path like %(path)s || '%%'
    and p.from_at >= %(since)s) as published,
  (select count(*) from channels_channel c where c.place_path like %(path)s || '%%'
    and c.closed_at is null) as channels,
  (select count(*) from points_team t join places_place w on w.id = t.place_id
    where w.path like %(path)s || '%%') as teams
"""


@login_required
def page(request: HttpRequest, code: str) -> HttpResponse:
    """The boards of a community, this year; one page, seven parts."""
    now = timezone.now()
    place = places.by_code(code)
    queries.must_see(frame.viewer(request), place.path)
    start = datetime(now.astimezone(SHANGHAI).year, 1, 1, tzinfo=SHANGHAI)
    matters = {r["category"]: r for r in db.dicts(_MATTERS, (place.path, start))}
    totals = queries.totals(place.path, start)
    totals["by_area"].sort(key=lambda row: Area.values.index(row["area"]))
    for row in totals["by_area"]:
        row["name"] = Area(row["area"]).label
    context = {
        "title": place.name, "place": place, "boards": BOARDS, "year": start.year, "now": now,
        "whole": _sum(matters, tuple(matters)), "totals": totals,
        **{name: _sum(matters, kinds) for name, kinds in CATEGORIES.items()},
        "ground": db.dicts(_GROUND, {"path": place.path, "since": start})[0],
        "talk": channels.month(place.path, start, now), "notices": queries.notices(place.pk),
        "quarters": [q | {"name": named(q["first_on"])} for q in quarterly.published(place.pk)],
        "areas": dict(Area.choices),
    }  # fmt: skip
    return render(request, "points/boards.html", context)


def _sum(rows: dict[str, dict[str, Any]], kinds: tuple[str, ...]) -> dict[str, int]:
    """Matters of these kinds: raised, done, open."""
    return {
        name: sum(rows[kind][name] for kind in kinds if kind in rows)
        for name in ("raised", "done", "open")
    }
