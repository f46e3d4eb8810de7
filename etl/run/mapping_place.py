"""Where a mapping stands → the place by which the ledger tells it from others of its name.

The same for whoever runs it: by whatever name its folder is reached, from whatever working directory, and
whatever tables and bases it reads.
"""

from __future__ import annotations

import os
from pathlib import Path

_ROOTS = (".git", "pyproject.toml")


def mapping_place(mapping: str, ledger: Path | None) -> str:
    """The mapping's file as seen from the folder of the ledger, so that both can be moved together; where the
    ledger is no file (None), from the root of its project, so that a checkout may lie anywhere; without one,
    its absolute path. With `/`; a link is followed to a folder and to a ledger, not to a mapping: what a
    mapping reads lies beside its link.
    """
    given = Path(mapping)
    folder = Path(os.path.realpath(given.parent))
    file = folder / given.name
    root = _project(folder) if ledger is None else Path(os.path.realpath(ledger)).parent
    try:
        return (file if root is None else Path(os.path.relpath(file, root))).as_posix()
    except ValueError:  # on another drive
        return file.as_posix()


def _project(folder: Path) -> Path | None:
    """The nearest folder that says that a project begins there."""
    every = (folder, *folder.parents)
    return next((one for one in every if any((one / name).exists() for name in _ROOTS)), None)
