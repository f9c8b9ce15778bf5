"""The verbs of `gongzhi`. Each is a module with `main(argv) -> int`, imported when asked for."""

import importlib
import os
import sys
from pathlib import Path
from typing import NamedTuple

from gongzhi.cli import say
from gongzhi.cli.folder import Folder


class Verb(NamedTuple):
    """Where a verb lives, what it needs, what it is for."""

    module: str
    database: bool
    zh: str
    en: str


VERBS = {
    "up": Verb("supervisor", False, "启动全部服务", "start everything"),
    "test": Verb("testing", False, "运行全部检查和测试", "run every check and test"),
    "doctor": Verb("doctor", False, "检查哪里不对、该怎么办", "say what is wrong, what to do"),
    "demo": Verb("demo", True, "装入示范县", "load the demonstration county"),
    "import": Verb("importing", True, "导入名册", "import a roster"),
    "export": Verb("exporting", True, "导出数据", "export data"),
    "opinion": Verb(
        "opinion", False, "计算意见分组和共同看法", "groups and common ground of votes"
    ),
    "playbook": Verb("playbook", False, "新建、检查、讲解治理方案", "make and check playbooks"),
    "classifier": Verb("classifier", True, "训练、评估分类建议", "train and evaluate suggestions"),
    "budget": Verb("budget", False, "按选票分配社区资金", "divide a budget by ballots"),
    "log": Verb("log", False, "核对、见证存证", "check and witness the log"),
    "ledger": Verb("ledger", True, "查账、对账、导出账目", "the books: check and export them"),
    "verify": Verb("verify", True, "核对记录是否完整", "check that the records are whole"),
    "backup": Verb("backup", False, "备份到一个文件", "back up into one file"),
    "restore": Verb("backup", False, "从备份文件恢复", "restore from a backup file"),
    "pictures": Verb("pictures", False, "给主要页面拍照", "take pictures of the main pages"),
    "words": Verb("words", False, "整理英文词条", "bring the English catalogue up to date"),
    "bench": Verb("bench", False, "测速", "measure speed"),
    "manage": Verb("manage", True, "Django 管理命令", "Django's own commands"),
}
_INSIDE = {"worker": Verb("worker", False, "", "")}  # started by the supervisor


def main(argv: list[str] | None = None) -> int:
    """Run one verb. Returns the exit code; Trouble becomes one sentence."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        data, words = take_data(words)
        name = words.pop(0) if words else "help"
        verb = {**VERBS, **_INSIDE}.get(name)
        if verb is None or not _there(verb):
            return usage(name)
        return run(name, verb, Folder(data), words)
    except say.Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def run(name: str, verb: Verb, folder: Folder, words: list[str]) -> int:
    """Import the verb and call it, with a database and Django ready when it needs them."""
    os.environ["GONGZHI_DATA"] = str(folder.path)
    if not verb.database:
        return _call(verb, [name, *words] if verb.module == "backup" else words)
    from gongzhi.cli import attach

    with attach.database(folder, name) as url:
        import django

        django.setup()
        code = _call(verb, words)
        if name == "demo" and code == 0:
            _now_a_demonstration(folder, url)
        return code


def _now_a_demonstration(folder: Folder, url: str) -> None:
    """The next `up` opens the one-tap sign-in and shows the accounts."""
    from gongzhi.cli import prepare, seed

    prepare.write_stamp(url, demo="loaded")
    seed.remember(folder)


def _call(verb: Verb, words: list[str]) -> int:
    module = importlib.import_module(f"gongzhi.cli.{verb.module}")
    return int(module.main(words) or 0)


def take_data(words: list[str]) -> tuple[Path, list[str]]:
    """`--data DIR` anywhere on the line; else GONGZHI_DATA; else `.gongzhi` beside the program."""
    rest, data = [], os.environ.get("GONGZHI_DATA")
    source = iter(words)
    for word in source:
        if word == "--data":
            data = next(source, None)
            if data is None:
                raise say.Trouble("--data 后面要写文件夹。", "--data needs a folder after it.")
        elif word.startswith("--data="):
            data = word.removeprefix("--data=")
        else:
            rest.append(word)
    return Path(data or Path(os.environ.get("GONGZHI_HOME", ".")) / ".gongzhi"), rest


def usage(name: str) -> int:
    """List the verbs; exit code 2 when the one asked for does not exist."""
    asked = name in {"help", "-h", "--help"}
    if not asked:
        say.say(f"没有“{name}”这个命令。有这些：", f'There is no command "{name}". There are:')
    for known, verb in VERBS.items():
        if _there(verb):
            say.say(f"  gongzhi {known:<11}{verb.zh}", f"  gongzhi {known:<11}{verb.en}")
    return 0 if asked else 2


def _there(verb: Verb) -> bool:
    return (Path(__file__).parent / f"{verb.module}.py").exists()
