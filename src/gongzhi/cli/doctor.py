"""`gongzhi doctor`: what is wrong here, and what to do about it.

One line per check. Exit code 1 when something is wrong; a warning alone is no error.
"""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.request import ProxyHandler, build_opener

import psycopg

from gongzhi.cli import binaries, ports, prepare, testing
from gongzhi.cli.folder import Folder
from gongzhi.cli.say import words

_SPACE_MB = 1024


class Finding(NamedTuple):
    """What was looked at, how it is, and what to do when it is not good."""

    what: str
    good: bool
    how: str
    todo: str = ""
    grave: bool = True


def main(argv: list[str]) -> int:
    """Look at everything and say it. Looks only: nothing is started, changed or made."""
    place = Folder(os.environ["GONGZHI_DATA"])
    found = [finding for look in LOOKS for finding in guarded(look, place)]
    for finding in found:
        print(line(finding), flush=True)
    wrong = [finding for finding in found if not finding.good and finding.grave]
    print(
        words(f"有 {len(wrong)} 处要处理。", f"{len(wrong)} to put right.")
        if wrong
        else words("一切正常。", "All is well.")
    )
    return 1 if wrong else 0


def line(finding: Finding) -> str:
    """One finding on one line."""
    mark = "OK  " if finding.good else (words("问题", "BAD ") if finding.grave else "!   ")
    advice = f" → {finding.todo}" if finding.todo and not finding.good else ""
    return f"{mark} {finding.what}: {finding.how}{advice}"


def guarded(look: Callable[[Folder], Iterator[Finding]], place: Folder) -> Iterator[Finding]:
    """A check that breaks is a finding too; the others still run."""
    try:
        yield from look(place)
    except Exception as error:  # a doctor that dies of the illness helps nobody
        yield Finding(look.__name__, False, f"{type(error).__name__}: {error}")


def python(place: Folder) -> Iterator[Finding]:
    """The interpreter and the packages."""
    yield Finding("Python", sys.version_info >= (3, 11), platform.python_version())
    stamp = Path(sys.prefix) / "gongzhi-lock.json"
    if os.environ.get("GONGZHI_HOME"):  # the script synced just now, or we would not be here
        yield Finding(words("软件包", "packages"), True, words("与锁定一致", "as locked"))
    elif not stamp.exists():
        yield Finding(
            words("软件包", "packages"),
            False,
            words("不是由 ./gongzhi 安装的", "not installed by ./gongzhi"),
            words("无法核对版本", "their versions cannot be compared"),
            grave=False,
        )


def folder(place: Folder) -> Iterator[Finding]:
    """Where the data lies and whether there is room."""
    nearest = place.path
    while not nearest.exists():
        nearest = nearest.parent
    yield Finding(
        words("数据文件夹", "data folder"),
        os.access(nearest, os.W_OK),
        str(place.path),
        words("用 --data 指定一个可写的文件夹", "name a writable one with --data"),
    )
    free = shutil.disk_usage(nearest).free // 2**20
    yield Finding(
        words("磁盘空间", "disk space"),
        free >= _SPACE_MB,
        words(f"剩 {free} MB", f"{free} MB free"),
        words("请腾出至少 1 GB", "free at least 1 GB"),
    )


def running(place: Folder) -> Iterator[Finding]:
    """Whether it runs and its processes answer."""
    what = words("服务", "service")
    record = place.record() if place.held() else {}
    if record.get("verb") != "up":
        state = words("没有运行", "not running")
        yield Finding(what, True, state)
        why = ports.refusal("127.0.0.1", int(os.environ.get("GONGZHI_PORT", "8000")))
        yield Finding(
            words("端口", "port"),
            why is None,
            words("空闲", "free") if why is None else words(*why),
            words("启动时用 --port 换一个", "start with another --port"),
            grave=False,
        )
        return
    for name in ("address", "live"):
        address = str(record[name])
        yield Finding(
            words("网页", "pages") if name == "address" else words("实时更新", "live stream"),
            answers(address + "healthz"),
            address,
            words(f"看日志 {place.log}", f"look into {place.log}"),
        )


def answers(address: str) -> bool:
    """Whether it answers 200 now, whatever proxy the environment names."""
    try:
        with build_opener(ProxyHandler({})).open(address, timeout=10) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def database(place: Folder) -> Iterator[Finding]:
    """Reachable, new enough, writable, checksummed, up to date."""
    what = words("数据库", "database")
    record = place.record() if place.held() else {}
    url = os.environ.get("DATABASE_URL") or str(record.get("database", ""))
    if not url:
        where = binaries.find()
        state = words(f"没有运行；程序在 {where}", f"not running; programs in {where}")
        yield Finding(what, binaries.version(where) >= binaries.OLDEST, state)
        return
    try:
        with psycopg.connect(url, connect_timeout=5) as link:
            yield from inside(what, link)
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        todo = words("检查 DATABASE_URL 和数据库服务", "check DATABASE_URL and the server")
        yield Finding(what, False, reason, todo)
        return
    current = prepare.read_stamp(url).get("migrations") == prepare.migrations_digest()
    yield Finding(
        words("表结构", "tables"),
        current,
        words("最新", "up to date") if current else words("不是最新", "not up to date"),
        words("重新启动 gongzhi up", "start gongzhi up again"),
    )


def inside(what: str, link: psycopg.Connection[tuple[object, ...]]) -> Iterator[Finding]:
    """What the server says of itself."""
    version = link.info.server_version // 10_000
    too_old = words("请升级到 15 或更新", "upgrade it to 15 or newer")
    yield Finding(what, version >= binaries.OLDEST, f"PostgreSQL {version}", too_old)
    asked = "select current_setting('transaction_read_only'), current_setting('data_checksums')"
    read_only, checksums = link.execute(asked).fetchone() or ("on", "off")
    yield Finding(
        words("可写", "writable"),
        read_only == "off",
        words("是", "yes") if read_only == "off" else words("只读", "read-only"),
        words("连到主库", "connect to the primary"),
    )
    yield Finding(
        words("校验和", "checksums"),
        checksums == "on",
        str(checksums),
        words("停库后运行 pg_checksums --enable", "stop it and run pg_checksums --enable"),
        grave=False,
    )


def pages(place: Folder) -> Iterator[Finding]:
    """What PDF and the browser tests need from the system."""
    try:
        import weasyprint

        usable, how = True, f"WeasyPrint {weasyprint.__version__}"
    except OSError as error:
        usable, how = False, str(error).splitlines()[0]
    yield Finding("PDF", usable, how, "apt install libpango-1.0-0 libpangoft2-1.0-0", grave=False)
    fonts = cjk_fonts()
    none = words("没有", "none")
    todo = "apt install fonts-noto-cjk"
    yield Finding(words("中文字体", "CJK font"), bool(fonts), fonts or none, todo, grave=False)
    path = testing.browser()
    what, todo = words("浏览器（仅测试用）", "browser (tests only)"), "apt install chromium"
    yield Finding(what, bool(path), path or none, todo, grave=False)


def cjk_fonts() -> str:
    """The file name of a Chinese font on this machine, or empty."""
    places = ["/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts"]
    places += ["/System/Library/Fonts", "/Library/Fonts"]
    signs = ("cjk", "hans", "wqy", "pingfang", "simsun", "simhei", "droidsansfallback", "han")
    for root in map(Path, map(os.path.expanduser, places)):
        for path in root.glob("**/*.[to]t[cf]"):
            if any(sign in path.name.lower() for sign in signs):
                return path.name
    return ""


def clock(place: Folder) -> Iterator[Finding]:
    """The time, the time zone data and the holidays of this and the next year."""
    from gongzhi.core.clock import SHANGHAI
    from gongzhi.core.holidays import known_years

    now = datetime.now(UTC)
    yield Finding(
        words("时间", "time"),
        now.year >= 2025,
        now.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M %Z"),
        words("请校准机器的时钟", "set the clock of this machine"),
    )
    last = max(known_years())
    # The State Council announces a year in November of the one before.
    needed = now.year + (now.month == 12)
    yield Finding(
        words("节假日表", "holidays"),
        last >= needed,
        words(f"到 {last} 年", f"until {last}"),
        words("升级，或在工作日历里填写", "upgrade, or enter them in the calendar"),
        grave=False,
    )


def playbooks(place: Folder) -> Iterator[Finding]:
    """Every playbook there is can be read and keeps its own rules."""
    from gongzhi.playbooks import load

    good, broken = load.load_all()
    where = ", ".join(Path(name).name for name in sorted(broken))
    yield Finding(
        words("治理方案", "playbooks"),
        bool(good) and not broken,
        words(f"有误：{where}", f"broken: {where}") if broken else ", ".join(sorted(good)) or "-",
        words("运行 gongzhi playbook check", "run gongzhi playbook check"),
    )


LOOKS = (python, folder, running, database, pages, clock, playbooks)
