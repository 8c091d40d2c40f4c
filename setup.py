"""Puts the repository's own pipeline into the wheel, for `ganaug new`; everything else is in pyproject.toml."""

import runpy
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

FILES = runpy.run_path("src/ganaug/commands/project_files.py")


class BuildWithProject(build_py):
    """Builds the package, then copies what makes a project to `ganaug/project/` in it."""

    def run(self) -> None:
        """Copy nothing for an editable install, which finds the files where they are."""
        super().run()
        if self.editable_mode:
            return
        for pattern in (*FILES["FILES"], FILES["EXAMPLES"]):
            for file in Path().glob(pattern):
                target = Path(self.build_lib, "ganaug/project", file)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)


setup(cmdclass={"build_py": BuildWithProject})
