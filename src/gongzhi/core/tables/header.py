"""Finding the header of a table that people filled in, whatever they wrote above it."""

from collections.abc import Collection, Mapping, Sequence

from gongzhi.core import text
from gongzhi.core.errors import BadInput
from gongzhi.core.tables.cells import Cell

_LOOKED_AT = 10  # a title and some remarks may stand above the header


def find_header(
    rows: Sequence[Sequence[Cell]], columns: Collection[str], needed: Sequence[str],
    other_names: Mapping[str, str],
) -> tuple[int, dict[str, int]]:  # fmt: skip
    """Which row is the header, and where each of `columns` stands.

    `other_names` maps what people write instead. BadInput names those of `needed` that are missing
    in the row that comes nearest.
    """
    best: dict[str, int] = {}
    for index, row in enumerate(rows[:_LOOKED_AT]):
        found: dict[str, int] = {}
        for column, cell in enumerate(row):
            words = text.clean(str(cell or ""), 100_000, one_line=True).strip("*＊ ")
            known = other_names.get(words, words)
            if known in columns:
                found.setdefault(known, column)
        if all(name in found for name in needed):
            return index, found
        best = max(best, found, key=len)
    missing = "、".join(name for name in needed if name not in best)
    raise BadInput("file", f"表头里没有这几列：{missing}。", todo="请用下载的模板，不要改动表头。")
