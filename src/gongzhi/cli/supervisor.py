"""`gongzhi up`: database, web, live and worker as children of one process.

It starts them in order, starts again what ends, and stops them in the opposite order. It loads
no Django itself, so it stays small and has nothing in it that could break.
"""

import argparse
import os
import signal
import sys
import time
import urllib.request
from collections.abc import Callable
from types import FrameType

from gongzhi.cli import banner, folder, ports, prepare, process, say
from gongzhi.cli.postgres import Postgres

_CALM = 30.0  # seconds a child must run before its earlier ends are forgotten
_LONGEST_WAIT = 30.0
_START_LIMIT = 90.0
_TRIES = 3


class Stop(BaseException):
    """Somebody asked us to stop."""


class Kept:
    """A child and how patiently it is started again."""

    def __init__(self, child: process.Child, start: Callable[[], object] | None = None) -> None:
        self.child = child
        self.start = start or child.start
        self.ends = 0
        self.due: float | None = None

    def look(self, now: float) -> str:
        """Start it again when it ended and it is time. Returns how it ended, once per end."""
        if not self.child.ended():
            return ""
        if self.due is None:
            self.child.clear()
            calm = now - self.child.started_at > _CALM
            self.ends = 1 if calm else self.ends + 1
            self.due = now + (0 if self.ends == 1 else min(_LONGEST_WAIT, 0.25 * 2**self.ends))
            return self.child.why()
        if now >= self.due:
            self.due = None
            self.start()
        return ""


class Supervisor:
    """One installation, running."""

    def __init__(self, place: folder.Folder, options: argparse.Namespace) -> None:
        self.folder = place
        self.options = options
        self.server: Postgres | None = None
        self.kept: list[Kept] = []
        self.url = ""
        self.live_port = 0
        self.demo = "none"
        self.stopping = False

    def run(self) -> int:
        """Until somebody asks to stop. The exit code: 0 after a clean stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            self.live_port = ports.choose(self.options.host, self.options.port, self.folder)
            self.start_database()
            self.start_children("web", "live")
            self.wait_ready()
            self.start_children("worker")  # after them: its start would only slow theirs down
            self.tell()
            while True:
                self.look_after()
                time.sleep(0.25)
        except Stop:
            say.say("正在停止……", "Stopping ...")
            return 0
        finally:
            self.stop()

    def start_database(self) -> None:
        """The user's own server or ours; its tables; on the first start the demonstration."""
        own = os.environ.get("DATABASE_URL", "")
        if own:
            prepare.check_server(own)
            self.url = own
        else:
            self.server = Postgres(self.folder)
            self.url = self.server.url
            self.kept.append(Kept(self.server.start(), self.server.start_again))
        self.note()
        stamp = prepare.read_stamp(self.url)
        if not stamp:
            say.say("正在建立数据库……", "Making the database ...")
        if str(stamp.get("demo", "")).startswith("loading"):
            self._begin_again()
            stamp = {}
        env = self.environment()
        prepare.bring_up_to_date(self.url, env, self.folder.log_path("migrate"))
        prepare.collect_static(self.folder, env)
        self.demo = str(stamp.get("demo") or self.options.demo)
        if "demo" not in stamp:
            self._first_data(env)

    def _first_data(self, env: prepare.Env) -> None:
        if self.demo == "none":
            prepare.write_stamp(self.url, demo="none")
        else:
            prepare.load_demo(self.demo, self.url, self.environment())

    def _begin_again(self) -> None:
        """A demonstration cut short half-way: our own database is made anew, never yours."""
        if self.server is None:
            raise say.Trouble(
                "上次装入示范数据时中断了；请清空这个数据库，再启动一次。",
                "Loading the demonstration was cut short; empty this database and start again.",
            )
        say.say("上次装入中断，重新开始。", "Loading was cut short last time; starting over.")
        self.server.make_anew()

    def environment(self) -> prepare.Env:
        """The environment of the children."""
        return prepare.environment(
            self.folder,
            self.url,
            GONGZHI_DEMO=str(int(self.demo != "none")),
            GONGZHI_LIVE_URL=os.environ.get("GONGZHI_LIVE_URL", f":{self.live_port}/live/"),
        )

    def start_children(self, *names: str) -> None:
        """Start some of the others."""
        env = self.environment()
        commands = self.commands()
        for name in names:
            child = process.Child(
                name,
                [sys.executable, "-m", *commands[name]],
                env=env,
                log=self.folder.log_path(name),
                # Without us the database goes too, and it would wait for that.
                orphan_signal=signal.SIGKILL if name == "worker" else 0,
            )
            child.start()
            self.kept.append(Kept(child))
        self.note()

    def commands(self) -> dict[str, list[str]]:
        """What is started, after `python -m`."""
        host, port = self.options.host, self.options.port
        serve = ["granian", "--host", host, "--no-ws", "--workers-kill-timeout", "5"]
        serve += ["--respawn-failed-workers", "--log-level", "warning"]
        # Few threads: Python runs one at a time, and each holds a database connection.
        web = ["--interface", "wsgi", "--port", str(port), "--workers", str(self.options.workers)]
        # One thread computes while the other waits for the database; more only fight for the GIL.
        web += ["--blocking-threads", "2", "--backpressure", "64", "--runtime-mode", "st"]
        live = ["--interface", "asgi", "--port", str(self.live_port)]
        # Every open page is one answer that does not end: a hall of phones is not to wait outside.
        live += ["--backlog", "4096", "--backpressure", "16384"]
        return {
            "web": [*serve, *web, "gongzhi.config.wsgi:application"],
            "live": [*serve, *live, "gongzhi.web.live:application"],
            "worker": ["gongzhi.cli", "worker"],
        }

    def wait_ready(self) -> None:
        """Until the pages and the live stream answer. Trouble when a child cannot start."""
        give_up = time.monotonic() + _START_LIMIT
        waiting = [f"{self.address}healthz", f"{self._base(self.live_port)}healthz"]
        while waiting:
            if answers(waiting[0]):
                waiting.pop(0)
                continue
            self.look_after(quiet=True)
            doors = [k.child for k in self.kept if k.child.name in {"web", "live"}]
            failing = [child for child in doors if child.gave_up()]
            if failing or time.monotonic() > give_up:
                child = (failing or doors)[0]
                raise say.Trouble(
                    f"{child.name} 没有启动：{child.last_words()}（详见 {child.log}）",
                    f"{child.name} does not start: {child.last_words()} (see {child.log})",
                )
            time.sleep(0.05)

    def look_after(self, quiet: bool = False) -> None:
        """Start again whatever ended."""
        for kept in self.kept:
            why = kept.look(time.monotonic())
            # A child that cannot run is told of three times, then now and then.
            if why and not quiet and (kept.ends <= _TRIES or kept.ends % 20 == 0):
                name, log = kept.child.name, kept.child.log
                say.say(
                    f"{name} 停了（{why}），正在重新启动；详见 {log}",
                    f"{name} ended ({why}) and is being started again; see {log}",
                )
            pids = {k.child.name: k.child.pid for k in self.kept}
            if pids != self.folder.record().get("children"):
                self.note()

    @property
    def address(self) -> str:
        """Where a person on this machine finds it."""
        return self._base(self.options.port)

    def _base(self, port: int) -> str:
        return f"http://{ports.near(self.options.host)}:{port}/"

    def note(self) -> None:
        """Write down who we are, for `doctor` and the other commands."""
        self.folder.write_record(
            verb="up",
            pid=os.getpid(),
            address=self.address,
            live=self._base(self.live_port),
            database=self.url,
            demo=self.demo,
            children={kept.child.name: kept.child.pid for kept in self.kept},
        )

    def tell(self) -> None:
        """The address and whom to be."""
        banner.show(self.folder, self.address, self.options.host, self.demo)

    def stop(self) -> None:
        """All the others at once, then the database."""
        self.stopping = True
        rest = [kept.child for kept in self.kept if kept.child.name != "postgres"]
        for child in rest:
            child.ask()
        for child in rest:
            child.stop()
        if self.server is not None:
            self.server.stop()
        self.folder.release()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self.stopping:
            self.stopping = True
            raise Stop


def answers(address: str) -> bool:
    """Whether it answers 200 now."""
    # No proxy: the address is on this machine whatever the environment says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def read_options(argv: list[str]) -> argparse.Namespace:
    """The options of `up`."""
    parser = argparse.ArgumentParser(prog="gongzhi up")
    parser.add_argument("--port", type=int, default=int(os.environ.get("GONGZHI_PORT", "8000")))
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0: every network")
    parser.add_argument("--demo", choices=["none", "small", "full"], default="small")
    parser.add_argument("--workers", type=int, default=2, help="web processes")
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    """Start, or say in one sentence where it already runs."""
    options = read_options(argv)
    place = folder.Folder(os.environ["GONGZHI_DATA"])
    try:
        place.hold("up")
    except folder.Busy as busy:
        print(busy)
        return 0 if busy.record.get("verb") == "up" else 1
    return Supervisor(place, options).run()
