"""A ledger's file → is it known by one name only?

SQLite keeps the log of what is being written, and the locks on it, beside the file, under its name. Under a
second name of the same file it finds neither: it reads what was before, and writes over what others write.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

ONE_NAME = (
    "nothing was sent: what is written by one name is not seen by the other. Mount the folder it lies in, "
    "not the file. Of hard links keep one, while no process uses them: that with a -wal file, if there is one"
)
"""What to do about a second one."""
_ESCAPED = re.compile(rb"\\([0-7]{3})")
"""A blank, a tab, the end of a line or a backslash in the name of a mount."""


def real_file(path: Path) -> Path:
    """The file itself, where links lead to it; else as it was named, for messages."""
    real = Path(os.path.realpath(path))
    return path if real == path.absolute() else real


def second_name(path: Path) -> str | None:
    """What says that it has another name too; None: nothing does."""
    with suppress(OSError):
        if not path.is_file():
            return None
        if (names := path.stat().st_nlink) > 1:
            return f"the file has {names} names (hard links)"
        if Path(os.path.realpath(path)) in mounted(Path("/proc/self/mountinfo").read_bytes()):
            return "the file is mounted by itself (a bind mount)"
    return None


def mounted(told: bytes) -> set[Path]:
    """Where something is mounted, by the lines of Linux's mountinfo."""
    fields = (line.split(b" ") for line in told.split(b"\n"))
    places = (line[4] for line in fields if len(line) > 4)
    return {Path(os.fsdecode(_ESCAPED.sub(_unescaped, place))) for place in places}


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8) & 0xFF])
