"""A page about the API made from its own description: no script, nothing from elsewhere."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from markupsafe import Markup
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase
from ninja.openapi.schema import OpenAPISchema

_PAGE = Markup("""<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>
<style>body{{font:16px/1.6 sans-serif;max-width:60rem;margin:1rem auto;padding:0 1rem}}
code{{background:#eee;padding:0 .3em}}section{{border-top:1px solid #bbb}}</style>
<h1>{title}</h1><p>{words}</p>
<p><a href="openapi.json">OpenAPI 3.1 (openapi.json)</a></p>{operations}</html>""")
_OPERATION = Markup(
    "<section><h2><code>{method} {path}</code></h2><p>{words}</p>{inputs}</section>"
)
_INPUTS = Markup("<ul>{items}</ul>")
_INPUT = Markup("<li><code>{name}</code> {where} {words}</li>")


class Described(NinjaAPI):
    """Describes itself once: that takes a quarter of a second, and anybody may ask."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._described: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The description, whose addresses begin with the prefix; the same object each time."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._described:
            self._described[prefix] = super().get_openapi_schema(path_prefix=prefix)
        return self._described[prefix]


class Plain(DocsBase):
    """Every operation with its parameters, in plain HTML."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        schema = api.get_openapi_schema(path_params=kwargs)
        operations = Markup("").join(
            _operation(method.upper(), path, operation)
            for path, methods in schema["paths"].items()
            for method, operation in methods.items()
        )
        return HttpResponse(
            _PAGE.format(title=api.title, words=api.description, operations=operations)
        )


def _operation(method: str, path: str, operation: dict[str, Any]) -> Markup:
    words = operation.get("description") or operation.get("summary", "")
    items = Markup("").join(
        _INPUT.format(name=p["name"], where=p["in"], words=p.get("description", ""))
        for p in operation.get("parameters", [])
    )
    inputs = _INPUTS.format(items=items) if items else Markup("")
    return _OPERATION.format(method=method, path=path, words=words, inputs=inputs)
