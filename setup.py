"""What pyproject.toml cannot say: mappings/ goes into a wheel as etl/mappings, each file as it is."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithMappings(build_py):
    """An editable installation needs no copy: there the folder stands beside the package."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            inside = Path(self.build_lib) / "etl" / "mappings"
            shutil.rmtree(inside, ignore_errors=True)  # what an earlier build left there
            shutil.copytree("mappings", inside, ignore=shutil.ignore_patterns("etl-report", "out"))


setup(cmdclass={"build_py": BuildWithMappings})
