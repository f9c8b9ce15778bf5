"""A page as PDF, from its own HTML; where that cannot be made here, the page to print."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _


def answer(
    request: HttpRequest, template: str, context: dict[str, Any], filename: str
) -> HttpResponse:
    """The document, or the same page with a sentence what is missing on this machine."""
    try:
        import weasyprint  # its system libraries may be missing: doctor names them
    except OSError:
        note = _("这台服务器还不能生成 PDF，请用浏览器的“打印”，选“另存为 PDF”。")
        return render(request, template, context | {"note": note})
    html = render_to_string(template, context, request=request)
    made = weasyprint.HTML(string=html, url_fetcher=_nothing).write_pdf()
    header = content_disposition_header(as_attachment=False, filename=filename)
    return HttpResponse(
        made, content_type="application/pdf", headers={"Content-Disposition": header or "inline"}
    )


def _nothing(url: str, *_args: object, **_more: object) -> dict[str, Any]:
    """The page brings all it needs; nothing is fetched for it."""
    raise ValueError(url)
