"""The one thing pyproject.toml cannot say: the playbooks at the root go into the package.

They lie at the root because people read and copy them; `playbooks.load.shipped` finds both.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithPlaybooks(build_py):
    """Copies `playbooks/` to `gongzhi/playbooks/shipped`."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            shipped = Path(self.build_lib, "gongzhi", "playbooks", "shipped")
            shutil.rmtree(shipped, ignore_errors=True)
            shutil.copytree("playbooks", shipped)


setup(cmdclass={"build_py": WithPlaybooks})
