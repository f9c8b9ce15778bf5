"""Three pages: how the log stands, check a receipt, be a witness."""

import base64
import binascii

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core.errors import BadInput
from gongzhi.log import actions, anchors, keys, notes, queries
from gongzhi.web.asked import Asked
from gongzhi.web.log import words
from gongzhi.web.log.files import AUDITORS, auditor


@require_GET
@never_cache
def page(request: Asked) -> HttpResponse:
    """How long the log is, who watches it, whether anything is late."""
    found = queries.watched(timezone.now())
    may = bool(AUDITORS & {post.role for post in request.viewer.posts})
    root = notes.b64(found["head"].root) if found["head"] else ""
    context = {"log": found, "may_witness": may, "root": root, "anchor": anchors.newest()}
    return render(request, "log/log.html", context)


@require_GET
def verify(request: Asked) -> HttpResponse:
    """Check a receipt on one's own telephone; works without a network once it was open."""
    return render(
        request, "log/verify.html", {"policy": queries.policy_text(), "words": words.verify()}
    )


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
def witness(request: Asked) -> HttpResponse:
    """The page of a supervision committee's telephone; POST registers the key it made."""
    auditor(request)
    if request.method == "POST":
        try:
            public = base64.b64decode(request.POST.get("public", ""), validate=True)
        except (binascii.Error, ValueError):
            raise BadInput("key", "这把见证钥匙读不出来。") from None
        key = actions.register(
            name=f"witness/{base64.b16encode(public[:6]).decode().lower()}",
            title=request.POST.get("title", ""), public=public, by=request.viewer.person_id,
            at=timezone.now(),
        )  # fmt: skip
        return JsonResponse({"vkey": str(key), "name": key.name})
    vkey = str(keys.signer().verifier)
    context = {"vkey": vkey, "words": words.witness(), "audit": words.audit()}
    return render(request, "log/witness.html", context)
