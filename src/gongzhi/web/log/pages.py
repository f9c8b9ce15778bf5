"""Three pages: how the log stands, check a receipt, be a witness."""

import base64
import binascii

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.core.errors import BadInput
from gongzhi.log import actions, keys, notes, queries
from gongzhi.web.asked import Asked
from gongzhi.web.log.files import AUDITORS, auditor


@require_GET
@never_cache
def page(request: Asked) -> HttpResponse:
    """How long the log is, who watches it, whether anything is late."""
    found = queries.watched(timezone.now())
    may = bool(AUDITORS & {post.role for post in request.viewer.posts})
    root = notes.b64(found["head"].root) if found["head"] else ""
    return render(request, "log/log.html", {"log": found, "may_witness": may, "root": root})


@require_GET
def verify(request: Asked) -> HttpResponse:
    """Check a receipt on one's own telephone; works without a network once it was open."""
    return render(
        request, "log/verify.html", {"policy": queries.policy_text(), "words": _verify_words()}
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
    return render(request, "log/witness.html", {"vkey": vkey, "words": _witness_words()})


def _verify_words() -> dict[str, str]:
    """What the page says; kinds of entries and their fields in words a villager reads."""
    return {
        "ok": _("核对无误"),
        "bad": _("这张回执不成立"),
        "place": _("第{n}条，记在“{origin}”的存证里，当时共{size}条。"),
        "witnessed": _("有{n}方见证：{names}。"),
        "alone": _("还没有外人见证，只有本系统自己的签名。"),
        "at": _("记入时间：{at}"),
        "opened": _("回执持有人证明：这一条里的“{field}”就是 {value}。"),
        "more": _("这一条的全部内容"),
        "broken": _("程序没有运行起来，请换一个浏览器，或用电脑上的核对程序。"),
        "not a receipt of this kind of log": _("这不是存证回执，或者没有复制完整。"),
        "not canonical base64": _("回执里有字符变了，可能没有复制完整。"),
        "the entry is not in the log of this checkpoint": _(
            "这一条不在这份存证里：内容或位置被改过。"
        ),
        "not signed by a log of the policy": _("签名不是本存证的。"),
        "the log's signature does not hold": _("存证的签名对不上：内容被改过。"),
        "not enough witnesses have signed": _("见证人不够数。"),
        "ledger.transfer": _("一笔积分或资金往来"),
        "ledger.account": _("开立账户"),
        "rule.version": _("积分细则的一个版本"),
        "ballot.board": _("一次投票的票榜"),
        "publication.version": _("公开栏上的一件"),
        "matter.closed": _("一件事办结"),
    }


def _witness_words() -> dict[str, str]:
    return {
        "made": _("见证钥匙已经在这台手机里，别人拿不走。"),
        "no_key": _(
            "浏览器太旧，做不了见证钥匙。请换新版浏览器，或在电脑上用 gongzhi log witness。"
        ),
        "signed": _("已核对并见证：到第{size}条为止，前面的一条没动过。"),
        "first": _("已见证第一次：从现在的{size}条记起。"),
        "same": _("没有新的内容，上次见证的仍然一致。"),
        "fork": _(
            "不要见证！现在的存证和您上次见证的对不上：前面的内容被改过，或者给您看的是另一份。"
        ),
        "fork_todo": _(
            "请马上告诉乡镇（街道）纪检和其他见证人。两份存证点已留在这台手机里，可以下载作证据。"
        ),
        "unsigned": _("取来的存证点签名不对，没有见证。"),
        "offline": _("连不上，请稍后再试。上次见证的还在手机里。"),
        "last": _("上次见证：{size}条，{at}"),
        "title": _("请写明您代表谁。"),
        "refused": _("系统没有收下："),
    }
