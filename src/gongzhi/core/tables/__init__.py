"""Tables people bring and take: Excel and CSV in, Excel and CSV out.

Formulas are never evaluated and never written; numbers of 18 digits survive as text.
"""

from gongzhi.core.tables.annotate import annotate
from gongzhi.core.tables.cells import Cell, as_text, parse_date
from gongzhi.core.tables.header import find_header
from gongzhi.core.tables.read import Records, Row, Table, read
from gongzhi.core.tables.write import csv_bytes, template, write_xlsx

__all__ = [
    "Cell",
    "Records",
    "Row",
    "Table",
    "annotate",
    "as_text",
    "csv_bytes",
    "find_header",
    "parse_date",
    "read",
    "template",
    "write_xlsx",
]
