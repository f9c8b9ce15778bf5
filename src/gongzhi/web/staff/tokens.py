"""Keys of programs: made once, shown once, ended at once."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.core.errors import NotAllowed
from gongzhi.people import accounts
from gongzhi.people.permissions import Viewer
from gongzhi.people.roles import SCOPES
from gongzhi.web.staff import frame, reads

ISSUER = "security_admin"


class TokenForm(frame.Form):
    """A name to recognise it by, and what it may do."""

    name = forms.CharField(
        label=gettext_lazy("给哪个系统用"),
        help_text=gettext_lazy("例如：12345热线对接。"),
        max_length=60,
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("允许它做什么"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
    )


@frame.staff_only
def tokens(request: HttpRequest) -> HttpResponse:
    """All keys of this person's programs; make another."""
    viewer = _issuer(request)
    form, secret = TokenForm(request.POST or None), ""
    if request.method == "POST":
        made = form.attempt(lambda typed: _make(viewer, typed))
        if made is not None:
            form, secret = TokenForm(), made
    page = {
        "title": _("接口令牌"),
        "form": form,
        "secret": secret,
        "tokens": reads.tokens(),
        "scopes": SCOPES,
        "at": frame.now(),
    }
    return frame.page(request, "tokens.html", page, form.status)


@frame.staff_only
@frame.post_only
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a key."""
    viewer = _issuer(request)
    assert viewer.person_id is not None
    accounts.revoke_token(token_id=token_id, by=viewer.person_id, at=frame.now())
    return frame.done(request, _("令牌已经停用，用它的系统再也进不来。"), "tokens")


def _make(viewer: Viewer, typed: dict[str, Any]) -> str:
    assert viewer.person_id is not None
    _id, secret = accounts.make_token(
        person_id=viewer.person_id, name=typed["name"], scopes=tuple(typed["scopes"]),
        by=viewer.person_id, at=frame.now(),
    )  # fmt: skip
    return secret


def _issuer(request: HttpRequest) -> Viewer:
    viewer = frame.viewer(request)
    if not any(post.role == ISSUER for post in viewer.posts):
        raise NotAllowed("接口令牌由安全管理员发放。", todo="请联系安全管理员。")
    return viewer
