"""Standard input, output and error as the shell left them → three streams that are there, and fail honestly.

A stream that the caller has closed (`>&-`) is no stream in Python, and its number goes to the next file that
is opened: whatever is printed then lands in the ledger. So the three numbers are taken before anything else
is.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TextIO

_CLOSED = {0: os.O_RDONLY, 1: os.O_RDONLY, 2: os.O_WRONLY}
"""How the null device stands in. Input is at its end; output refuses to be written to, so that results are
never lost in silence; talk goes nowhere, for nobody listens.
"""


def open_standard_streams() -> None:
    """From here on the three standard streams exist."""
    missing = [number for number, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)) if stream is None]
    for number in missing:
        _stand_in(number)


def _stand_in(number: int) -> None:
    handle = os.open(os.devnull, _CLOSED[number])
    if handle != number:
        os.dup2(handle, number)
        os.close(handle)
    raw = io.FileIO(number, "r" if number == 0 else "w", closefd=False)
    stream: TextIO = (
        io.TextIOWrapper(io.BufferedReader(raw), encoding="utf-8")
        if number == 0
        else io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", write_through=number == 2)
    )
    setattr(sys, ("stdin", "stdout", "stderr")[number], stream)


def silenced(error: OSError) -> bool:
    """Is it standard output that took no more? Then what is still buffered for it is thrown away, or the
    interpreter would complain once more at its end.
    """
    if error.filename is not None or sys.stdout is None:
        return False
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, sys.stdout.fileno())
            os.close(null)
            sys.stdout.flush()
        return True
    return isinstance(error, BrokenPipeError)
