"""Suggestions while somebody types or sorts: open matters like this one, and what kind it is."""

import tempfile
import time
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongzhi.core import db
from gongzhi.core.errors import NotFound
from gongzhi.matters import permissions, words
from gongzhi.matters.models import SuggestionModel
from gongzhi.matters.queries import lists
from gongzhi.matters.suggest import duplicates, rules, taxonomy
from gongzhi.people.permissions import Viewer

if TYPE_CHECKING:
    from gongzhi.matters.suggest.classifier import Model

LEAST_CHARACTERS = 8
LOOK_BACK = timedelta(days=90)
CANDIDATES = 500
LEARN_FROM = 500  # engine.md 4.2: below that, keyword rules are better
LOOK_EVERY = 60.0


def similar(
    words_: str, place_id: int, viewer: Viewer, at: datetime, *, limit: int = 3, but: int = 0
) -> list[dict[str, Any]]:
    """Open matters of the same village in the last 90 days that may be the same one, best first.

    Only such as he may see, with masked titles. Nothing below 8 characters. Rows carry followers,
    `alike` 0 to 1 and `why`. At most two statements.
    """
    if len(words_.strip()) < LEAST_CHARACTERS:
        return []
    found = db.dicts(
        f"select {lists.ROW}, m.entered_by_id, v.path as village_path,"
        " false as follows, false as assigned,"
        " (select count(*) from matters_follower f where f.matter_id = m.id) as followers"
        " from matters_matter m,"
        " lateral (select a.path from places_place x join places_place a on a.id ="
        "   any(string_to_array(trim(both '/' from x.path), '/')::bigint[])"
        "   where x.id = %(place)s::bigint and a.kind in ('village', 'town')"
        "   order by length(a.path) desc limit 1) v"
        " where m.place_path ~>=~ v.path and m.place_path ~<~ (rtrim(v.path, '/') || '0')"
        " and m.outcome = '' and not m.sensitive and m.created_at > %(since)s::timestamptz"
        " and m.id <> %(but)s::bigint order by m.id desc limit %(most)s::int",
        {"place": place_id, "since": at - LOOK_BACK, "but": but, "most": CANDIDATES},
    )
    by_id = {row["id"]: row for row in found if permissions.sight(viewer, row)}
    titles = [(key, row["title"]) for key, row in by_id.items()]
    likely = duplicates.similar(words_, titles, limit)
    rows = lists.worded(viewer, [by_id[one.key] for one in likely])
    return [
        row | {"alike": one.alike, "why": list(one.why)}
        for row, one in zip(rows, likely, strict=True)
    ]


def category_suggestions(text: str) -> dict[str, Any]:
    """{"suggestions": [{"code", "name", "confidence", "why"}], "divert", "by"}: never imposed.

    `by` says whether keyword rules or what was learnt here made them; `divert` is advice when the
    words point to a petition, a lawsuit or another track.
    """
    model = _model()
    found = model.suggest(text) if model is not None else rules.suggest(text)
    other = rules.divert(text)
    return {
        "suggestions": [
            {
                "code": one.label, "name": words.category(one.label),
                "confidence": one.confidence, "why": list(one.why),
            }
            for one in found
        ],
        "divert": None
        if other is None
        else {"code": other[0].code, "advice": _advice(other[0]), "why": list(other[1])},
        "by": "rules" if model is None else "learnt",
    }  # fmt: skip


def _advice(diversion: taxonomy.Diversion) -> str:
    return diversion.advice_en if words.language() == "en" else diversion.advice_zh


_looked: dict[str, Any] = {"at": float("-inf"), "id": None}


def _model() -> "Model | None":
    """The newest model, looked up at most once a minute."""
    now = time.monotonic()
    if now - _looked["at"] > LOOK_EVERY:
        newest = SuggestionModel.objects.order_by("-id").values_list("id", flat=True).first()
        _looked.update(at=now, id=newest)
    return None if _looked["id"] is None else _load(_looked["id"])


@lru_cache(maxsize=2)
def _load(model_id: int) -> "Model":
    from gongzhi.matters.suggest.classifier import Model  # a second of imports, only when used

    content = SuggestionModel.objects.values_list("content", flat=True).get(pk=model_id)
    with tempfile.NamedTemporaryFile(suffix=".npz") as file:
        file.write(bytes(content))
        file.flush()
        return Model.load(Path(file.name))


def picture(viewer: Viewer, sha256: str, *, thumb: bool = False) -> tuple[str, bytes]:
    """(mime, bytes) of a photo or voice note, for who may see its matter; NotFound otherwise."""
    column = "coalesce(t.thumb, t.content)" if thumb else "t.content"
    found = db.dicts(
        f"select t.mime, {column} as content, t.matter_id, t.by_id, m.raised_by_id,"
        " m.entered_by_id, m.place_path, m.held_path, '' as village_path, m.sensitive,"
        " exists (select 1 from matters_follower f where f.matter_id = m.id"
        "   and f.person_id = %(who)s::bigint) as follows,"
        " exists (select 1 from matters_assignment a where a.matter_id = m.id"
        "   and (a.person_id = %(who)s::bigint or a.organisation_id = any(%(units)s::bigint[])))"
        "   as assigned from matters_attachment t"
        " left join matters_matter m on m.id = t.matter_id where t.sha256 = %(sha)s limit 20",
        {"sha": sha256, "who": viewer.person_id, "units": sorted(viewer.organisations)},
    )
    seen = (permissions.Sight.OWN, permissions.Sight.STAFF)
    for row in found:
        waiting = row["matter_id"] is None and row["by_id"] == viewer.person_id
        filed = row["matter_id"] is not None
        if waiting or (filed and permissions.sight(viewer, row).sight in seen):
            return row["mime"], bytes(row["content"])
    raise NotFound("没有找到这张照片，或者您不能看到它。")
