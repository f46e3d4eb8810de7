"""Programs and files that some tests need and a machine may lack: named once, and their tests skipped with a word.

    ETL_TEST_POSTGRES_URL   a PostgreSQL server where databases may be created
    ETL_WITNESS_PYTHON      a Python that has almapiwrapper, a client of Alma written by others
    ETL_YAML_SERVER         the JavaScript file of yaml-language-server, which editors use
"""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

# Read here, before conftest.py cleans the environment of each test.
POSTGRES = os.environ.get("ETL_TEST_POSTGRES_URL")
ALMAPIWRAPPER = os.environ.get("ETL_WITNESS_PYTHON")
YAML_SERVER = os.environ.get("ETL_YAML_SERVER")
REAL = Path(__file__).parents[2] / "shared"
"""Files of others, beside the project: docs/real-files.md tells where they came from."""
PROGRAMS = ("curl", "openssl", "yaz-marcdump")


def missing() -> list[str]:
    """What is not here, each with what would help."""
    return [
        *([] if POSTGRES else ["PostgreSQL (ETL_TEST_POSTGRES_URL)"]),
        *([] if ALMAPIWRAPPER else ["almapiwrapper (ETL_WITNESS_PYTHON)"]),
        *([] if YAML_SERVER else ["yaml-language-server (ETL_YAML_SERVER)"]),
        *([] if REAL.is_dir() else ["files of others in ../shared"]),
        *([] if find_spec("keyring") else ["keyring"]),
        *(program for program in PROGRAMS if shutil.which(program) is None),
        *([] if Path("/dev/full").exists() else ["/dev/full"]),
    ]


def missing_line() -> str:
    """One line for the start of a run."""
    return f"missing here, so their tests are skipped: {'; '.join(missing()) or 'nothing'}"


if __name__ == "__main__":
    print(missing_line())
