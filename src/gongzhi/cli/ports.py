"""Is a port free, and if not, who has it."""

import socket
from pathlib import Path

from gongzhi.cli import say
from gongzhi.cli.folder import Folder


def choose(host: str, port: int, folder: Folder) -> int:
    """The port for the live stream: the next free one above. Trouble when `port` is taken."""
    if not 0 < port < 65_535:
        raise say.Trouble(f"端口 {port} 不在 1–65534 之间。", f"Port {port} is not in 1-65534.")
    why = refusal(host, port)
    if why:
        another = next((p for p in range(port + 10, port + 500) if not refusal(host, p)), port + 10)
        raise say.Trouble(
            f"端口 {port} 不能用（{why[0]}）；换一个：./gongzhi up --port {another}",
            f"Port {port} cannot be used ({why[1]}); use another: ./gongzhi up --port {another}",
        )
    for live in range(port + 1, min(port + 50, 65_536)):
        if not refusal(host, live):
            return live
    raise say.Trouble(f"{port} 以上没有空闲端口。", f"No port is free above {port}.")


def refusal(host: str, port: int) -> tuple[str, str] | None:
    """Why we cannot listen there, in both languages; None when we can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
            trial.listen(1)
        except OSError as error:
            who = holder(port)
            if who:
                return f"已被 {who} 占用", f"taken by {who}"
            return error.strerror or str(error), error.strerror or str(error)
    return None


def near(host: str) -> str:
    """The address by which this machine reaches a server listening on `host`."""
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def holder(port: int) -> str:
    """Name and process id of whoever listens there; empty when it cannot be seen."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    for entry in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(entry.readlink()) in sockets:
                name = (entry.parents[1] / "comm").read_text().strip()
                return f"{name} ({entry.parts[2]})"
        except OSError:
            continue
    return ""


def _listening(port: int) -> list[str]:
    found = []
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        lines = table.read_text().splitlines()[1:] if table.exists() else []
        for line in lines:
            part = line.split()
            if part[3] == "0A" and int(part[1].rsplit(":", 1)[1], 16) == port:
                found.append(part[9])
    return found
