"""Playbooks from folders. A broken folder disables only itself."""

import os
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gongzhi.playbooks import check
from gongzhi.playbooks.problems import Broken, Problem, from_validation
from gongzhi.playbooks.schema import Playbook, Words

ENV = "GONGZHI_PLAYBOOKS"
LANGUAGES = ("zh-Hans", "en")


def shipped() -> Path:
    """The folder of playbooks that come with the software."""
    inside = Path(__file__).parent / "shipped"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "playbooks"


def folders() -> list[Path]:
    """Every playbook folder: the shipped ones, then those of GONGZHI_PLAYBOOKS.

    The variable names folders of playbooks (or single playbooks), parted as PATH is.
    """
    named = [Path(part) for part in os.environ.get(ENV, "").split(os.pathsep) if part]
    return [folder for root in [shipped(), *named] for folder in _inside(root)]


def _inside(root: Path) -> list[Path]:
    if (root / "playbook.toml").is_file():
        return [root]
    if not root.is_dir():
        return []
    return sorted(file.parent for file in root.glob("*/playbook.toml"))


def load(folder: Path) -> Playbook:
    """The playbook in that folder; `Broken` with every slip found."""
    playbook = read(folder)
    problems = check.check(playbook)
    if problems:
        raise Broken(problems)
    return playbook


def read(folder: Path) -> Playbook:
    """The playbook in that folder as far as its keys and types go; `Broken` otherwise."""
    data, problems = _toml(folder / "playbook.toml")
    strings: dict[str, Any] = {}
    for language in LANGUAGES:
        file = folder / "strings" / f"{language}.toml"
        strings[language], more = _toml(file)
        problems += more or _slips(f"strings/{file.name}", strings[language], Words)
    if not problems:
        problems += _slips("playbook.toml", data, Playbook)
    if problems:
        raise Broken(tuple(problems))
    return Playbook.from_data({**data, "strings": strings})


def _slips(file: str, data: Any, model: type[Playbook] | type[Words]) -> list[Problem]:
    try:
        model.model_validate(data)
    except ValidationError as error:
        return list(from_validation(file, error, data, model))
    return []


def _toml(file: Path) -> tuple[dict[str, Any], list[Problem]]:
    name = file.name if file.parent.name != "strings" else f"strings/{file.name}"
    try:
        return tomllib.loads(file.read_text("utf-8")), []
    except FileNotFoundError:
        return {}, [Problem("no_file", name, "没有这个文件", "补上这个文件")]
    except UnicodeDecodeError:
        return {}, [Problem("not_utf8", name, "文字编码不对", "用 UTF-8 编码保存")]
    except tomllib.TOMLDecodeError as error:
        what = f"写法不对：{error}"
        return {}, [Problem("not_toml", name, what, "检查引号、括号和等号")]


def load_all(
    paths: Iterable[Path] | None = None,
) -> tuple[dict[str, Playbook], dict[str, list[Problem]]]:
    """The good playbooks by id, and the slips of the others by folder.

    Two folders with the same id: the first is kept, the second is broken.
    """
    good: dict[str, Playbook] = {}
    broken: dict[str, list[Problem]] = {}
    for folder in folders() if paths is None else paths:
        try:
            playbook = load(folder)
        except Broken as error:
            broken[str(folder)] = list(error.problems)
            continue
        if playbook.id in good:
            what = f"编号“{playbook.id}”已经有别的规则在用"
            broken[str(folder)] = [Problem("same_id", "playbook.toml · id", what, "换一个编号")]
        else:
            good[playbook.id] = playbook
    return good, broken
