"""Addresses of API v1."""

from django.urls import include, path

from gongzhi.api import refusals
from gongzhi.api.v1 import boards, callers, docs, gate, matters, moves, places, playbooks

api = docs.Described(
    title="共治 API",
    version="1.0.0",
    urls_namespace="api-1",
    description="事项、地方、公示和办事规程。令牌放在 Authorization: Bearer 后面；"
    '拒绝都是同一个形状：{"error": {code, message, todo, field}}。',
    docs=docs.Plain(),
)
for router in (
    matters.router, moves.router, boards.router, places.router, playbooks.router, callers.router,
):  # fmt: skip
    api.add_router("", router)
refusals.attach(api)

_patterns, _app, _namespace = api.urls
urlpatterns = [path("", include((gate.guarded(_patterns), _app), namespace=_namespace))]
