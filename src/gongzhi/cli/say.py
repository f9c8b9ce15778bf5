"""Words for the terminal, in the language of the terminal. No Django here: it may not be there."""

import os
import sys

_VARIABLES = ("GONGZHI_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


class Trouble(Exception):
    """What stops a command: one sentence for the person at the terminal."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(words(zh, en))


def words(zh: str, en: str) -> str:
    """The sentence in Chinese when the terminal is Chinese, else in English."""
    chosen = next((value for name in _VARIABLES if (value := os.environ.get(name))), "")
    return zh if chosen.lower().startswith("zh") else en


def say(zh: str, en: str) -> None:
    """One line to whoever started the command; never an error when nobody listens any more."""
    try:
        print(words(zh, en), flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - lives as long as the process
