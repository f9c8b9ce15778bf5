"""`python -m gongzhi.cli.seed KIND`: the first start's demonstration, in a process of its own."""

import os
import sys

from gongzhi.cli import say
from gongzhi.cli.folder import Folder

_WIDTH = 30


def bar(done: int, total: int, words: str) -> None:
    """One line that fills: rewritten on a terminal, silent in a file until it is full."""
    share = min(1.0, done / total) if total else 1.0
    if sys.stdout.isatty():
        full = round(share * _WIDTH)
        print(
            f"\r{'█' * full}{'·' * (_WIDTH - full)} {share:4.0%} {words}\x1b[K", end="", flush=True
        )
    if share >= 1.0:
        print(f"\r{words}\x1b[K" if sys.stdout.isatty() else words, flush=True)


def main(kind: str) -> int:
    """Load it and note the accounts for the banner of later starts."""
    import django

    django.setup()
    from gongzhi.cli import demo

    say.say("正在装入示范县……", "Loading the demonstration county ...")
    demo.load(kind, bar)
    remember(Folder(os.environ["GONGZHI_DATA"]))
    return 0


def remember(place: Folder) -> None:
    """Note the accounts, so that later starts show them without loading Django."""
    from gongzhi.cli import demo

    place.write_note("accounts.json", {"accounts": demo.accounts()})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
