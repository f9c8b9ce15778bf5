"""Playbooks for programs: as data, as a picture other tools read, as a schema."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from ninja import Router
from pydantic import Field

from gongzhi.api.keys import Bearer
from gongzhi.api.schemas import REFUSALS, ErrorOut, PlaybookOut, PlaybookRow
from gongzhi.api.v1.answers import answers_as, json
from gongzhi.core.errors import NotFound
from gongzhi.playbooks import bpmn, load
from gongzhi.playbooks.schema import Playbook

router = Router(tags=["playbooks"], auth=Bearer(public=True))
PlaybookId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_kept: dict[str, Playbook] = {}


def installed() -> dict[str, Playbook]:
    """The good playbooks of this installation, read once a process."""
    if not _kept:
        _kept.update(load.load_all()[0])
    return _kept


def one_of(playbook_id: str) -> Playbook:
    """The installed playbook; NotFound."""
    if playbook_id not in installed():
        raise NotFound("没有这个办事规程。")
    return installed()[playbook_id]


@router.get("/playbooks", response={200: list[PlaybookRow], REFUSALS: ErrorOut}, summary="规程列表")
def listed(request: HttpRequest) -> HttpResponse:
    """The installed playbooks."""
    return json([_row(playbook) for playbook in installed().values()])


@router.get("/playbooks/schema.json", response={200: dict[str, Any]}, summary="规程的 JSON Schema")
def schema(request: HttpRequest) -> HttpResponse:
    """What a playbook file may hold."""
    return json(Playbook.model_json_schema())


@router.get(
    "/playbooks/{playbook_id}.bpmn",
    response={200: str, REFUSALS: ErrorOut},
    openapi_extra=answers_as("application/xml"),
    summary="规程的 BPMN",
)
def as_bpmn(request: HttpRequest, playbook_id: PlaybookId) -> HttpResponse:
    """A playbook as BPMN 2.0 with its diagram."""
    language = "en" if (translation.get_language() or "").startswith("en") else "zh-Hans"
    made = bpmn.export(one_of(playbook_id), language)
    response = HttpResponse(made, content_type="application/xml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{playbook_id}.bpmn"'
    return response


@router.get(
    "/playbooks/{playbook_id}", response={200: PlaybookOut, REFUSALS: ErrorOut}, summary="一个规程"
)
def one(request: HttpRequest, playbook_id: PlaybookId) -> HttpResponse:
    """A playbook with its stages and its whole source."""
    playbook = one_of(playbook_id)
    return json(
        _row(playbook) | {"source": playbook.model_dump(mode="json", exclude_defaults=True)}
    )


def _row(playbook: Playbook) -> dict[str, Any]:
    words = playbook.words()
    return {
        "id": playbook.id,
        "version": playbook.version,
        "digest": playbook.digest,
        "case": playbook.case,
        "name": words.name,
        "levels": [level.id for level in playbook.levels],
        "stages": [stage.id for stage in playbook.stages],
    }
