"""Tables people take away, as Excel or CSV; the Excel file says who took it, when and of what."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from gongzhi.core import tables
from gongzhi.core.errors import BadInput
from gongzhi.core.tables import Cell
from gongzhi.web.staff import frame

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def answer(
    request: HttpRequest, name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]], *,
    who: str, at: datetime,
) -> HttpResponse:  # fmt: skip
    """The table as a file, `?form=csv` or Excel; BadInput for a form there is not."""
    form = request.GET.get("form", "xlsx")
    if form == "csv":
        body = b"".join(tables.csv_bytes(head, rows))
        reply = HttpResponse(body, content_type="text/csv; charset=utf-8")
    elif form == "xlsx":
        out = io.BytesIO()
        tables.write_xlsx(out, head, rows, sheet="账目", who=who, when=at, filter=name)
        reply = HttpResponse(out.getvalue(), content_type=EXCEL)
    else:
        raise BadInput("form", "没有这种格式，请选 Excel 或 CSV。")
    reply.headers["Content-Disposition"] = frame.attachment(f"{name}.{form}")
    return reply


def excel(body: bytes, name: str) -> HttpResponse:
    """An Excel file that is ready."""
    reply = HttpResponse(body, content_type=EXCEL)
    reply.headers["Content-Disposition"] = frame.attachment(name)
    return reply
