"""Who calls: a program with a token, or a person at a page with a session. Scopes are checked here.

What the caller may then do with which thing is decided by the areas, not here.
"""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from gongzhi.api.refusals import NoKey
from gongzhi.core.errors import NotAllowed
from gongzhi.people import queries
from gongzhi.people.permissions import NOBODY, Viewer
from gongzhi.people.roles import SCOPES

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Bearer(AuthBase):
    """`Authorization: Bearer <token>`; or the session of a signed-in person with the form token.

    `scope` is what a token must carry; with `public`, nobody at all may call too. A `bare` viewer
    has no posts and places, for calls whose action looks them up where it needs them.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, scope: str = "", *, public: bool = False, bare: bool = False) -> None:
        super().__init__()
        if scope and scope not in SCOPES:
            raise ValueError(scope)
        self.scope, self.public, self.bare = scope, public, bare

    def __call__(self, request: HttpRequest) -> Viewer:
        viewer = caller(request, bare=self.bare)
        if viewer.person_id is None and not self.public:
            raise NoKey(todo="请向安全管理员要一个接口令牌，放在 Authorization: Bearer 后面。")
        if self.scope and not viewer.allows(self.scope):
            raise NotAllowed("这个接口令牌没有这项权限。", code="scope", data={"scope": self.scope})
        return viewer


def who(request: HttpRequest) -> Viewer:
    """The viewer `Bearer` let in."""
    viewer = request.auth  # type: ignore[attr-defined]
    assert isinstance(viewer, Viewer)
    return viewer


def caller(request: HttpRequest, *, bare: bool = False) -> Viewer:
    """The viewer behind a request; NOBODY without token and session. Raises on a dead token."""
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if header:
        kind, _space, token = header.partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise NoKey("请求头 Authorization 应当是 Bearer 加接口令牌。")
        return by_token(token.strip(), bare=bare)
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return NOBODY
    if request.method not in SAFE and check_csrf(request):
        raise NotAllowed("这张表打开太久，已经过期。", code="expired_form", todo="请刷新后再试。")
    return queries.viewer(user.person_id, timezone.now())


def by_token(token: str, *, bare: bool = False) -> Viewer:
    """The viewer behind a token as it is at this moment: never from memory, so revoking is at once.

    One statement. Raises NotAllowed with code "bad_token".
    """
    read = queries.bearer if bare else queries.viewer_by_token
    return read(token, timezone.now())
