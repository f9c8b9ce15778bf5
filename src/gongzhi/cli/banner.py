"""What `gongzhi up` says when everything answers."""

import ipaddress

from gongzhi.cli import say
from gongzhi.cli.folder import Folder


def show(folder: Folder, address: str, host: str, demo: str) -> None:
    """The address, the demonstration accounts, how to stop, and one warning where it is due."""
    say.say(f"\n共治已就绪：{address}", f"\nGongzhi is ready: {address}")
    accounts = folder.read_note("accounts.json").get("accounts", []) if demo != "none" else []
    if accounts:
        say.say("示范账户（登录页上一点即入）：", "Demonstration accounts, one tap to sign in:")
    for account in accounts:
        print("  " + line(account), flush=True)
    if demo != "none" and not loopback(host):
        say.say(
            "注意：这台机器的网络对外开放，任何人都能用示范账户登录；不要放真实资料。",
            "Take care: whoever reaches this machine can sign in with these; keep no real data.",
        )
    say.say(f"数据在 {folder.path}；按 Ctrl-C 停止。\n", f"Data: {folder.path}. Ctrl-C stops it.\n")


def line(account: dict[str, str]) -> str:
    """One account on one line."""
    shown = ("username", "password", "role_name", "name", "place")
    return "  ".join(str(account.get(key, "")) for key in shown)


def loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
