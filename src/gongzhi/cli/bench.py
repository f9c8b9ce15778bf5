"""`gongzhi bench NAME`: runs `bench/NAME.py`, which prints ratios, not bare seconds."""

import os
import runpy
import sys
from pathlib import Path

from gongzhi.cli import say


def main(argv: list[str]) -> int:
    """Run one program of the `bench` folder, or list them."""
    house = Path(os.environ.get("GONGZHI_HOME", ".")) / "bench"
    # The others are what the programs share.
    names = sorted(p.stem for p in house.glob("[a-z]*.py") if "__main__" in p.read_text("utf-8"))
    if not names:
        raise say.Trouble(
            "测速程序不在安装包里，请在源代码文件夹中运行 ./gongzhi bench。",
            "The benches are not installed; run ./gongzhi bench in a checkout.",
        )
    if not argv or argv[0] not in names:
        there = "、".join(names)
        say.say(f"用法：gongzhi bench 名称；有：{there}", f"gongzhi bench NAME, one of: {there}")
        return 0 if not argv else 2
    path = house / f"{argv[0]}.py"
    sys.argv = [str(path), *argv[1:]]
    sys.path.insert(0, str(house.parent))
    runpy.run_path(str(path), run_name="__main__")
    return 0
