"""A questionnaire as a form: names of its fields, what was typed, what is wrong with it."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from gongzhi.core.errors import Refused
from gongzhi.core.spoken import spoken
from gongzhi.surveys import queries, rules
from gongzhi.web.sheet import Sheet

ENDS = {"0": "很不好", "4": "很好"}


def rows(instrument_id: int, rated: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every question in order with its fields: for an appraisal one for each one rated."""
    found = []
    for q in queries.questions(instrument_id):
        about = rated if q["kind"] == "appraise" else [{"id": None, "name": "", "post": ""}]
        fields = [
            {
                "name": _name(f"{q['id']}:{one['id']}" if one["id"] else f"{q['id']}"),
                "about": f"{one['name']} {one['post']}".strip(),
            }
            for one in about
        ]
        found.append(q | {"fields": fields})
    return found


def typed(post: QueryDict) -> dict[str, list[str]]:
    """What was answered, by the field names of the area."""
    return {
        name[1:].replace("_", ":"): [str(part) for part in post.getlist(name)]
        for name in post
        if name[:1] == "q" and name[1:2].isdigit()
    }


def kept(post: QueryDict) -> dict[str, list[str]]:
    """The same by the names of the form, to be shown again."""
    return {name: post.getlist(name) for name in post if name[:1] == "q"}


def wrong(sheet: Sheet, refusal: Refused) -> None:
    """Every field that is wrong gets its sentence."""
    if isinstance(refusal, rules.Incomplete):
        sheet.status = refusal.status
        for field, words in refusal.fields.items():
            sheet.errors[_name(field)] = spoken(words)
    else:
        sheet.wrong(refusal)


def named(fields: tuple[str, ...], form: list[dict[str, Any]]) -> list[str]:
    """The questions that two typings of a sheet answer differently, in words."""
    names = {_name(field) for field in fields}
    return [
        _("第%(n)d题 %(words)s") % {"n": q["position"], "words": q["words"]}
        + (f"（{f['about']}）" if f["about"] else "")
        for q in form
        for f in q["fields"]
        if f["name"] in names
    ]


def _name(field: str) -> str:
    return "q" + field.replace(":", "_")
