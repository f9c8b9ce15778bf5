"""Whose signatures count, in words; a key that was lost counts no more."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from gongzhi.core.errors import BadInput, KeyReused, NotAllowed, Refused
from gongzhi.log import actions, keys, queries
from gongzhi.log.policy import Policy
from gongzhi.web.asked import Asked
from gongzhi.web.log.files import AUDITORS, auditor


@require_GET
@never_cache
def page(request: Asked) -> HttpResponse:
    """The rule in words, every witness with the fingerprint of his key, and the file itself."""
    return _page(request)


def _page(request: Asked, wrong: Refused | None = None) -> HttpResponse:
    """With what was typed and why it was refused, if it was."""
    found, rule = queries.watched(timezone.now()), queries.policy()
    for row in found["witnesses"]:
        row["mark"] = mark(row["vkey"])
        row["may_end"] = _may_end(request, row["name"])
    context = {
        "witnesses": found["witnesses"], "rule": in_words(rule),
        "alone": rule.quorum == "none" or found["only_here"],
        "text": queries.policy_text(), "own": [mark(str(k.verifier)) for k in keys.signers()],
        "may_witness": bool(AUDITORS & {post.role for post in request.viewer.posts}),
        "wrong": wrong, "typed": request.POST,
    }  # fmt: skip
    return render(request, "log/witnesses.html", context, status=wrong.status if wrong else 200)


def mark(vkey: str) -> str:
    """The fingerprint of a key as people compare it on paper: "3fa9 12c4"."""
    given = vkey.split("+")[1]
    return f"{given[:4]} {given[4:]}"


def in_words(rule: Policy) -> list[str]:
    """The policy, a sentence for the quorum and one for every group in it."""
    if rule.quorum == "none":
        return [_("现在没有外面的见证人，只有本系统自己的签名。")]
    if rule.quorum in rule.witnesses:
        return [_("%(name)s签了名，才算数。") % {"name": rule.quorum}]
    least, members = rule.groups[rule.quorum]
    said = _("%(all)d个见证人里，至少%(least)d个核对过、签了名，才算数：%(names)s。")
    lines = [said % {"all": len(members), "least": least, "names": "、".join(members)}]
    for name in members:
        if name in rule.groups:
            k, parts = rule.groups[name]
            again = _("其中“%(name)s”：%(all)d个里至少%(least)d个：%(names)s。")
            lines.append(
                again % {"name": name, "all": len(parts), "least": k, "names": "、".join(parts)}
            )
    return lines


def _may_end(request: Asked, name: str) -> bool:
    """The one who registered the key, and the audit administrator."""
    viewer: Any = request.viewer
    if viewer.person_id is None:
        return False
    if any(post.role == "audit_admin" for post in viewer.posts):
        return True
    return bool(queries.registrar(name) == viewer.person_id)


@require_POST
@login_required
def add(request: Asked) -> HttpResponse:
    """Register the key of a witness on a computer (`gongzhi log witness`)."""
    auditor(request)
    try:
        actions.register_key(
            vkey=request.POST.get("vkey", "")[:400], title=request.POST.get("title", ""),
            by=request.viewer.person_id, at=timezone.now(),
        )  # fmt: skip
    except (BadInput, KeyReused) as refused:
        return _page(request, refused)
    messages.success(request, _("登记好了。下一次它就能签名。"))
    return HttpResponseRedirect(reverse("log_witnesses"))


@require_POST
@login_required
def end(request: Asked) -> HttpResponse:
    """A key counts no more: the telephone is lost, the committee has changed."""
    auditor(request)
    name = request.POST.get("name", "")[:100]
    if not _may_end(request, name):
        raise NotAllowed("由登记它的人或审计管理员来停。")
    actions.end_witness(name=name, at=timezone.now())
    messages.success(request, _("从现在起它的签名不算数了；以前签过的还在。"))
    return HttpResponseRedirect(reverse("log_witnesses"))
