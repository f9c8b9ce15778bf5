"""What a program sees of a matter: chosen fields under stable names, whatever our queries carry."""

from collections.abc import Mapping
from typing import Any

ROW = (
    "number", "title", "category", "category_name", "stage", "stage_name", "level", "level_name",
    "status", "step", "outcome", "place", "held_by", "source", "urgent", "sensitive", "created_at",
    "updated_at", "due_at", "closed_at", "paused_at", "parked_until",
)  # fmt: skip
DETAIL = (
    *ROW, "body", "where", "lon", "lat", "anonymous", "place_code", "playbook", "playbook_version",
    "stage_what", "pause_reason", "advice", "climbs", "descents", "returns", "extensions",
    "reopened", "unsolved", "silent", "followers", "follows", "stages", "into_number",
    "parent_number", "part_numbers", "raiser", "settled_level",
)  # fmt: skip
EVENT = (
    "seq", "verb", "verb_name", "result", "at", "by", "role_name", "stage", "stage_name",
    "level_name", "reason", "note", "private",
)  # fmt: skip
PART = ("lead", "round", "person", "organisation", "due_at", "done_at", "ended_at", "note")
CALL_BACK = ("ask_at", "asked_at", "answered_at", "solved", "score", "words")


def row(found: Mapping[str, Any]) -> dict[str, Any]:
    """A matter in a list."""
    return {name: found[name] for name in ROW} | {"seq": found["last_seq"]}


def detail(found: Mapping[str, Any]) -> dict[str, Any]:
    """A matter with its timeline, and the moves the caller may make now."""
    number = found["number"]
    shown = {name: found[name] for name in DETAIL}
    shown["seq"] = found["last_seq"]
    shown["sight"] = found["sight"].value
    shown["moves"] = found["allowed"]
    shown["timeline"] = [{name: event[name] for name in EVENT} for event in found["events"]]
    shown["assignments"] = [{name: part[name] for name in PART} for part in found["assignments"]]
    shown["attachments"] = [
        {"kind": a["kind"], "mime": a["mime"], "seq": a["seq"], "width": a["width"],
         "height": a["height"], "href": f"/api/v1/matters/{number}/attachments/{a['sha256']}"}
        for a in found["attachments"]
    ]  # fmt: skip
    asked = found["call_back"]
    shown["call_back"] = asked and {name: asked[name] for name in CALL_BACK}
    return shown


def similar(found: Mapping[str, Any]) -> dict[str, Any]:
    """A matter that may be the same one."""
    names = ("number", "title", "place", "stage_name", "status", "followers", "alike", "why")
    return {name: found[name] for name in names}
