"""Wait for what a process is about to do: as long as it lives, however busy the machine is."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable

_LOOK = 0.02


def until(done: Callable[[], object], process: subprocess.Popen[str] | None = None) -> None:
    """Look until `done` is true. Fails when the process that was to bring it about has ended without it.

    There is no deadline: what never comes is shown by pytest, which names the line after ten minutes.
    """
    while not done():
        if process is not None and process.poll() is not None and not done():
            raise AssertionError(f"it ended with {process.returncode} before that: {process.communicate()}")
        threading.Event().wait(_LOOK)
