"""Times, deadlines and masked names in words people use."""

from datetime import date, datetime, timedelta
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gongzhi.core.clock import SHANGHAI

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def when(at: datetime, now: datetime) -> str:
    """A moment as people say it: "今天 18:00", "11月28日 周六 14:30"."""
    local, today = at.astimezone(SHANGHAI), now.astimezone(SHANGHAI).date()
    clock = f"{local:%H:%M}"
    days = (local.date() - today).days
    if days in (-1, 0, 1):
        named = {-1: _("昨天"), 0: _("今天"), 1: _("明天")}[days]
        return f"{named} {clock}"
    date = _("%(month)d月%(day)d日") % {"month": local.month, "day": local.day}
    year = "" if local.year == now.astimezone(SHANGHAI).year else _("%d年") % local.year
    return f"{year}{date} {_(WEEKDAYS[local.weekday()])} {clock}"


def day(at: date) -> str:
    """A date in full."""
    return _("%(year)d年%(month)d月%(day)d日") % {
        "year": at.year,
        "month": at.month,
        "day": at.day,
    }


def written(at: datetime) -> str:
    """A moment for paper that is kept: "2026年10月28日 周三 14:30", never "today"."""
    local = at.astimezone(SHANGHAI)
    return f"{day(local)} {_(WEEKDAYS[local.weekday()])} {local:%H:%M}"


def left(due: datetime | None, now: datetime) -> dict[str, str]:
    """A deadline as text and tone: {"text": "剩 5小时", "tone": "warn"}; never colour alone."""
    if due is None:
        return {"text": _("没有期限"), "tone": ""}
    span = due - now
    if span < timedelta(0):
        return {"text": _("超期 %s") % _length(-span), "tone": "bad"}
    if due.astimezone(SHANGHAI).date() == now.astimezone(SHANGHAI).date():
        return {"text": _("今天到期 剩 %s") % _length(span), "tone": "warn"}
    return {"text": _("剩 %s") % _length(span), "tone": "info"}


def _length(span: timedelta) -> str:
    if span >= timedelta(days=1):
        return ngettext("%d天", "%d天", span.days) % span.days
    if span >= timedelta(hours=1):
        hours = span.seconds // 3600
        return ngettext("%d小时", "%d小时", hours) % hours
    minutes = max(1, span.seconds // 60)
    return ngettext("%d分钟", "%d分钟", minutes) % minutes


def span(length: timedelta | None) -> str:
    """How long something took: "3天", "5小时", "20分钟"."""
    return "" if length is None else _length(length)


def majority(op: str, of: str, share: Fraction) -> str:
    """What carries a vote, as a sentence; ">" and ">=" are never confused."""
    said = {
        (">", "present"): _("赞成超过到会人数的 %s 为通过"),
        (">=", "present"): _("赞成达到到会人数的 %s 为通过"),
    }.get((op, of)) or (
        _("赞成超过全体的 %s 为通过") if op == ">" else _("赞成达到全体的 %s 为通过")
    )
    return said % share


def quorum(op: str, share: Fraction) -> str:
    """How many must have come for a vote to count, as a sentence."""
    return (_("到会超过 %s 才算数") if op == ">" else _("到会达到 %s 才算数")) % share


def yuan(fen: int) -> str:
    """Money kept in fen, as yuan with two digits: 120050 → 1,200.50 元, -780 → −7.80 元."""
    whole, rest = divmod(abs(int(fen)), 100)
    return _("%(whole)s.%(rest)02d 元") % {
        "whole": f"{'−' if fen < 0 else ''}{whole:,}", "rest": rest,
    }  # fmt: skip


def percent(share: float | Fraction | None) -> str:
    """A share between 0 and 1 in whole per cent; a dash where there is none."""
    return "—" if share is None else f"{round(float(share) * 100)}%"


def mask_name(name: str) -> str:
    """张三 → 张*; 欧阳娜娜 → 欧**娜 would still tell, so only the first character stays."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""


def mask_phone(phone: str | None) -> str:
    """13812345678 → 138****5678."""
    return f"{phone[:3]}****{phone[-4:]}" if phone and len(phone) >= 8 else "****" if phone else ""
