"""Files people take away: tables for clerks, messages as they went out."""

import io
from collections.abc import Collection, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from gongzhi.core.tables import write_xlsx
from gongzhi.core.tables.cells import Cell
from gongzhi.web.staff import frame

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def spreadsheet(
    who: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]], note: str, name: str,
    text: Collection[str] = (),
) -> HttpResponse:  # fmt: skip
    """An Excel file with who took it and when; `text` columns keep long numbers whole."""
    out = io.BytesIO()
    write_xlsx(
        out, heads, rows, sheet=name.rpartition(".")[0][:31].translate(_BARRED), note=note, who=who,
        when=timezone.localtime(), text_columns=text,
    )  # fmt: skip
    answer = HttpResponse(out.getvalue(), content_type=XLSX)
    answer["Content-Disposition"] = frame.attachment(name)
    return answer


_BARRED = str.maketrans("[]:*?/\\'", "        ")  # a sheet's name may not hold these


def sent(row: dict[str, Any]) -> HttpResponse:
    """A message as it went out or came in, to be saved."""
    kind = "text/csv" if row["name"].endswith(".csv") else "text/plain"
    answer = HttpResponse("\ufeff" + row["body"], content_type=f"{kind}; charset=utf-8")
    answer["Content-Disposition"] = frame.attachment(row["name"])
    return answer
