"""What hangs on the board after a count: totals in sentences, small groups hidden. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from gongzhi.surveys.queries import Counts
from gongzhi.surveys.rules import Part, Share, Shown


def body(
    counts: Counts, questions: Iterable[Shown], verdicts: Iterable[Mapping[str, Any]], article: str
) -> dict[str, Any]:
    """The sections of the board's page: sheets, conclusions of an appraisal, every question."""
    sheets = [
        f"发出{counts.handed}份，收回{counts.returned}份，有效{counts.valid}份，废卷{counts.void}份",
        f"有效的里面，手机{counts.phone}份，纸质{counts.paper}份",
    ]
    sections = [{"name": "份数", "lines": sheets}]
    concluded = [line for one in verdicts for line in _verdict(one, article)]
    if concluded:
        sections.append({"name": "评议结论", "lines": concluded})
    for one in questions:
        name = f"{one.words}：{one.about}" if one.about else one.words
        sections.append({"name": name, "lines": _lines(one)})
    return {"sections": sections}


def _verdict(one: Mapping[str, Any], article: str) -> list[str]:
    said = "评议不称职" if one["failed"] else "评议通过"
    lines = [
        f"{one['name']}（{one['post']}）：{said}。称职{one['competent']}票，基本称职{one['basic']}票，"
        f"不称职{one['incompetent']}票。"
    ]
    if one["office_ends"]:
        lines.append(f"{one['name']}连续两次不称职。{article}")
    return lines


def _lines(one: Shown) -> list[str]:
    if one.hidden:
        return ["有的组不到5个人，不显示" if one.n else "答的人不到5个，不显示"]
    if one.kind == "words":
        return [f"{one.n}个人写了话，由监督委员会整理，不逐条公布"]
    lines = [f"{one.n}个人答了"] + [_share(s) for s in one.shares]
    return lines + [line for part in one.parts for line in _part(part)]


def _part(part: Part) -> list[str]:
    return [f"{'、'.join(part.names)}（{part.n}人）：{'；'.join(_share(s) for s in part.shares)}"]


def _share(s: Share) -> str:
    low, high = s.interval
    return f"{s.words} {s.k}人，{_percent(float(s.share))}（{_percent(low)}到{_percent(high)}）"


def _percent(share: float) -> str:
    return f"{share * 100:.1f}%"
