"""What programs read of the log, and what witnesses hand in. Plain text and bytes."""

import tempfile
import zipfile
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from gongzhi.core.errors import BadInput, NotAllowed, NotFound
from gongzhi.log import actions, anchors, mirror, notes, queries, verifier
from gongzhi.log.witness import SIZE_TYPE
from gongzhi.web.asked import Asked

TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
FOR_EVER = "public, max-age=31536000, immutable"
# Entries that name nobody and no amount of anybody; receipts of others come from their own pages.
OPEN_KINDS = frozenset({"ballot.board", "publication.version", "rule.version", "matter.closed"})
AUDITORS = frozenset({"supervisor", "audit_admin"})
MOST = 65_536


@require_GET
@never_cache
def checkpoint(request: Asked) -> HttpResponse:
    """The head for the public."""
    return HttpResponse(queries.checkpoint(), content_type=TEXT)


@require_GET
@never_cache
def newest(request: Asked) -> HttpResponse:
    """The newest head with the log's own signatures only: what a witness is to sign."""
    return HttpResponse(queries.bare(queries.size() or 0), content_type=TEXT)


@require_GET
@never_cache
def policy(request: Asked) -> HttpResponse:
    """Whose signatures count (C2SP tlog-policy)."""
    return HttpResponse(queries.policy_text(), content_type=TEXT)


@require_GET
@never_cache
def anchor(request: Asked) -> HttpResponse:
    """The last head that lies on a chain, with its transaction: all a stranger needs to look."""
    found = anchors.newest()
    if found is None:
        raise NotFound("还没有存证点写到链上。")
    return HttpResponse(anchors.record(found), content_type=TEXT)


@require_GET
def proof(request: Asked, old: int, new: int) -> HttpResponse:
    """The consistency proof between two sizes, a hash a line."""
    lines = "".join(notes.b64(part) + "\n" for part in queries.consistency(old, new))
    return HttpResponse(lines, content_type=TEXT)


@require_GET
def receipt(request: Asked, kind: str, subject: str) -> HttpResponse:
    """The receipt of an entry that is everybody's affair."""
    if kind not in OPEN_KINDS:
        raise NotFound()
    answer = HttpResponse(queries.receipt(kind, subject), content_type=TEXT)
    answer["Content-Disposition"] = 'attachment; filename="receipt.tlog-proof"'
    return answer


@require_GET
def tile(request: Asked, level: int, name: str) -> HttpResponse:
    """Hashes only: they say nothing of anybody, and never change."""
    answer = HttpResponse(queries.tile(level, name), content_type=BYTES)
    answer["Cache-Control"] = FOR_EVER
    return answer


@require_GET
@login_required
@never_cache
def entries(request: Asked, name: str) -> HttpResponse:
    """The entries themselves: for those who audit. In a village amount and hour tell the person."""
    auditor(request)
    return HttpResponse(queries.bundle(name), content_type=BYTES)


@require_GET
@login_required
@never_cache
def everything(request: Asked) -> FileResponse:
    """The whole log as a folder, with the program that audits it."""
    auditor(request)
    packed = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, content in mirror.files():
            folder.writestr(f"gongzhi-log/{name}", content)
    packed.seek(0)
    return FileResponse(packed, as_attachment=True, filename="gongzhi-log.zip")


def auditor(request: Asked) -> None:
    """NotAllowed for anybody but the supervision committees and the audit administrator."""
    if not AUDITORS & {post.role for post in request.viewer.posts}:
        raise NotAllowed("存证的内容只给村（居）务监督委员会和审计管理员看；校验值人人可看。")


@csrf_exempt  # the checkpoint in it is signed by the log it is of
@require_POST
def add_checkpoint(request: Asked) -> HttpResponse:
    """This installation as a witness of another log (C2SP tlog-witness)."""
    answer = actions.add_checkpoint(body=_body(request), at=timezone.now())
    kind = SIZE_TYPE if answer.status == 409 else TEXT
    return HttpResponse(answer.body, status=answer.status, content_type=kind)


@csrf_exempt  # the line in it is signed by a witness we know
@require_POST
def cosign(request: Asked) -> HttpResponse:
    """A witness hands in its line: the size on the first line, the signature on the second."""
    size, _, line = _body(request).partition("\n")
    if not size.isdecimal() or len(size) > 18:
        raise BadInput("size", "第一行应当是存证点的条数。")
    actions.cosigned(size=int(size), line=line, at=timezone.now())
    return HttpResponse("ok\n", content_type=TEXT)


def _body(request: Asked) -> str:
    raw = request.read(MOST + 1)
    if len(raw) > MOST:
        raise BadInput("body", "内容太长了。")
    return raw.decode(errors="replace")


@require_GET
def script(request: Asked) -> HttpResponse:
    """The verifier for a computer: one Python file."""
    path = Path(verifier.__file__).with_name("gongzhi_verify.py")
    answer = HttpResponse(path.read_bytes(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="gongzhi_verify.py"'
    return answer


@require_GET
def worker(request: Asked) -> HttpResponse:
    """The service worker of the verification page; its scope is `/log/`, so it is served here."""
    path = settings.ROOT / "web" / "static" / "log-worker.js"
    return HttpResponse(path.read_bytes(), content_type="text/javascript; charset=utf-8")
