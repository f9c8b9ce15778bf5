"""Reading the arguments of a GeoReport call. An empty one is the same as none: the standard."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gongzhi.core.clock import SHANGHAI
from gongzhi.core.errors import BadInput

SPAN = timedelta(days=90)
MOST = 1000
_ZONE_LOST = re.compile(r" (\d\d:?\d\d)$")  # "+08:00" after a form was decoded
_NUMBER = re.compile(r"[0-9A-Za-z-]{1,20}")


@dataclass(frozen=True, slots=True)
class Query:
    """What GET requests asks for."""

    numbers: tuple[str, ...]
    named: bool  # numbers were given, perhaps none of them possible
    service_codes: tuple[str, ...]
    status: str  # "open", "closed", or "" for both
    start: datetime
    end: datetime
    offset: int
    size: int


def query(given: Mapping[str, str], at: datetime) -> Query:
    """The query in `given`; BadInput names the argument that cannot be read."""
    start, end = span(
        moment("start_date", given.get("start_date", "")),
        moment("end_date", given.get("end_date", "")),
        at,
    )
    size = whole("page_size", given.get("page_size", ""), MOST, most=MOST)
    page = whole("page", given.get("page", ""), 1, most=1_000_000)
    wanted = parts(given.get("service_request_id", ""))
    return Query(
        numbers=tuple(number for number in wanted if _NUMBER.fullmatch(number)),
        named=bool(wanted),
        service_codes=parts(given.get("service_code", "")),
        status=status(given.get("status", "")),
        start=start,
        end=end,
        offset=(page - 1) * size,
        size=size,
    )


def span(start: datetime | None, end: datetime | None, at: datetime) -> tuple[datetime, datetime]:
    """Both ends; one alone reaches 90 days, none is the last 90 days, more is refused."""
    if start is None:
        end = end or at
        return end - SPAN, end
    end = end or min(start + SPAN, max(at, start))
    if end < start:
        raise BadInput("end_date", "end_date 早于 start_date。")
    if end - start > SPAN:
        raise BadInput("start_date", "start_date 到 end_date 不能超过90天。", todo="请分几次查询。")
    return start, end


def moment(name: str, given: str) -> datetime | None:
    """A W3C date or date and time; without a zone it is Chinese time."""
    given = _ZONE_LOST.sub(r"+\1", given.strip())
    if not given:
        return None
    try:
        read = datetime.fromisoformat(given)
        read = read if read.tzinfo else datetime.combine(read.date(), read.time(), SHANGHAI)
        if not 1970 <= read.year <= 2999:
            raise OverflowError
    except (ValueError, OverflowError):
        raise BadInput(name, f"{name} 应当像 2010-01-01T00:00:00Z。") from None
    return read


def status(given: str) -> str:
    """One of the two, or "" for both."""
    wanted = set(parts(given))
    if not wanted <= {"open", "closed"}:
        raise BadInput("status", "status 只能是 open 或 closed。")
    return wanted.pop() if len(wanted) == 1 else ""


def parts(given: str) -> tuple[str, ...]:
    """A comma separated list, each once, at most as many as one answer holds."""
    return tuple(dict.fromkeys(part.strip() for part in given.split(",") if part.strip()))[:MOST]


def whole(name: str, given: str, default: int, *, most: int) -> int:
    """A whole number from 1 to `most`."""
    given = given.strip()
    if not given:
        return default
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= most and len(given) < 9):
        raise BadInput(name, f"{name} 应当是 1 到 {most} 的整数。")
    return int(given)


def degrees(name: str, given: str, most: float) -> float | None:
    """A coordinate in WGS-84 degrees."""
    given = given.strip()
    if not given:
        return None
    try:
        read = float(given) if len(given) < 40 and given.isascii() else most + 1
    except ValueError:
        read = most + 1
    if not -most <= read <= most:
        raise BadInput(name, f"{name} 应当是 WGS-84 的度数。")
    return read
