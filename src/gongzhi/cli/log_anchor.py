"""`gongzhi log anchor`, `gongzhi log anchored`: heads of the log on an EVM chain.

The first writes (needs the database and the settings GONGZHI_CHAIN_...); the second only looks, for
anybody who holds a record (`/log/anchor`) or a head and has the address of a node.
"""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from gongzhi.cli import say
from gongzhi.cli.folder import Folder
from gongzhi.log import chain, checkpoints
from gongzhi.log.notes import BadNote


def anchor(argv: list[str]) -> int:
    """Write the newest head, or look what became of the last one. 0 also while it waits."""
    argparse.ArgumentParser(
        prog="gongzhi log anchor", description="Write the newest head on the chain that is set up."
    ).parse_args(argv)
    try:
        setting = chain.setting()
    except chain.ChainTrouble as trouble:
        raise say.Trouble(trouble.zh, trouble.en) from None
    if setting is None:
        raise say.Trouble("没有设置要写到哪条链：请设置 GONGZHI_CHAIN_URL。",
                          "no chain is set up: set GONGZHI_CHAIN_URL")  # fmt: skip
    from gongzhi.cli import attach

    with attach.database(Folder(Path(os.environ["GONGZHI_DATA"])), "log"):
        import django

        django.setup()
        return _anchor(setting)


def _anchor(setting: chain.Setting) -> int:
    from gongzhi.log import anchors

    try:
        state = anchors.anchor(setting, at=datetime.now(UTC))
    except chain.ChainTrouble as trouble:
        raise say.Trouble(trouble.zh, trouble.en) from None
    zh, en = _words(state.said, setting.depth - state.above)
    told = {"n": state.size, "tx": state.tx, "block": state.block}
    say.say(zh.format(**told), en.format(**told))
    return 0


def _words(said: str, more: int) -> tuple[str, str]:
    """What to say of a state; `more` blocks are still to come."""
    return {
        "empty": ("存证还没有开始。", "the log is empty"),
        "early": ("别处正在写，请稍后再看。", "another process is at it; look again"),
        "waiting": ("到第{n}条为止，已交出，还没有入块：{tx}",
                    "{n} entries, sent, in no block yet: {tx}"),
        "written": (f"到第{{n}}条为止，已入第{{block}}块，上面还要有{more}块：{{tx}}",
                    f"{{n}} entries, in block {{block}}, {more} more to lie on top: {{tx}}"),
        "deep": ("到第{n}条为止，写在第{block}块：{tx}", "{n} entries, in block {block}: {tx}"),
        "already": ("到第{n}条为止，早已写在第{block}块：{tx}",
                    "{n} entries, written before, in block {block}: {tx}"),
        "overtaken": ("到第{n}条为止的没有写成：同一账户的别的交易占了序号，下一次再写：{tx}",
                      "{n} entries: another transaction of the account took the place of this one,"
                      " the next head will be written: {tx}"),
    }[said]  # fmt: skip


def anchored(argv: list[str]) -> int:
    """Whether the chain holds this head: 0 it does, 1 it does not."""
    parser = argparse.ArgumentParser(prog="gongzhi log anchored")
    parser.add_argument("file", type=Path, help="the record from /log/anchor, or a head")
    parser.add_argument("--url", default=os.environ.get("GONGZHI_CHAIN_URL", ""))
    parser.add_argument("--chain-id", type=int, help="when the file is a head alone")
    parser.add_argument("--transaction", help="when the file is a head alone")
    args = parser.parse_args(argv)
    from gongzhi.log import anchors

    try:
        told, head_text = anchors.parse(args.file.read_text("utf-8"))
        head, _ = checkpoints.parse(head_text)
        number = args.chain_id or int(told.get("chain", ""))
        tx = bytes.fromhex((args.transaction or told.get("transaction", "")).removeprefix("0x"))
        if len(tx) != 32 or not args.url:
            raise ValueError("--url, --transaction")
    except (OSError, BadNote, ValueError) as error:
        raise say.Trouble(f"查不了：{error}", f"cannot be looked up: {error}") from None
    try:
        place = anchors.on_chain(chain.Chain(args.url, number), tx, head)
    except chain.ChainTrouble as trouble:
        raise say.Trouble(trouble.zh, trouble.en) from None
    if place is None:
        say.say("链上没有这个存证点：交易不在块里，或写的是别的。",
                "not on the chain: the transaction is in no block, or says another")  # fmt: skip
        return 1
    when = datetime.fromtimestamp(place.at, UTC).isoformat()
    say.say(f"在链上：{head.size}条，第{place.block}块，{when}，上面又有{place.above}块。",
            f"on the chain: {head.size} entries, block {place.block}, {when},"
            f" {place.above} blocks on top")  # fmt: skip
    return 0
