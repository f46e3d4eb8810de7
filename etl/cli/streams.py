"""Standard input, output and error as the shell left them → three streams that are there, and fail honestly.

A stream that the caller has closed (`>&-`) is no stream in Python, and its number goes to the next file that
is opened: whatever is printed then lands in the ledger. So the three numbers are taken before anything else
is. What is written goes through one class, which notices itself when the system takes no more; and what the
encoding of a terminal cannot show is shown as an escape.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, TextIO

_CLOSED = {0: os.O_RDONLY, 1: os.O_RDONLY, 2: os.O_WRONLY}
"""How the null device stands in. Input is at its end; output refuses to be written to, so that results are
never lost in silence; talk goes nowhere, for nobody listens.
"""


class StandardStream(io.RawIOBase):
    """Where a standard stream ends. `gone` is why it takes no more, from the first write that failed on; the
    rest is thrown away, for it would fail again wherever somebody flushes, last at the interpreter's end.

    `leave`: its reader may go when it has seen enough (`| head`), and nothing is gone then.
    """

    def __init__(self, under: BinaryIO | io.RawIOBase, *, result: bool, leave: bool) -> None:
        self.gone: OSError | None = None
        self._left = False
        self._under, self._result, self._leave = under, result, leave

    def write(self, data: Any, /) -> int | None:
        """Raises OSError once, if results are lost by it; talk that nobody hears is no failure."""
        if self.gone is None and not self._left:
            try:
                return self._under.write(data)
            except OSError as error:
                if self._leave and isinstance(error, BrokenPipeError):
                    self._left = True
                    return memoryview(data).nbytes
                self.gone = error
                if self._result:
                    raise
            except KeyboardInterrupt:  # it was blocked, and would be again
                self.gone = InterruptedError(errno.EINTR, os.strerror(errno.EINTR))
                raise
        return memoryview(data).nbytes

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._under.fileno()

    def isatty(self) -> bool:
        return self._under.isatty()


@contextmanager
def standard_streams(*, leave: bool = False) -> Iterator[None]:
    """Within, the three standard streams exist, and those that are written to are a `StandardStream`.

    `leave`: what comes out is only to be looked at.
    """
    missing = [number for number, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)) if stream is None]
    for number in missing:
        _stand_in(number)
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (
        _noticing(sys.stdout, result=True, leave=leave),
        _noticing(sys.stderr, result=False),
    )
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):  # it has been noticed
                stream.flush()
        sys.stdout, sys.stderr = before


def gone() -> OSError | None:
    """Why standard output takes no more of what was written to it."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return raw.gone if isinstance(raw, StandardStream) else None


def code_said(code: int, *, delivered: bool = False) -> int:
    """The exit code `code`; or, where all seemed well and standard output did not take the words, 6 if
    something was delivered, else 2.
    """
    return code if code > 1 or gone() is None else 6 if delivered else 2


def _stand_in(number: int) -> None:
    handle = os.open(os.devnull, _CLOSED[number])
    if handle != number:
        os.dup2(handle, number)
        os.close(handle)
    raw = io.FileIO(number, "r" if number == 0 else "w", closefd=False)
    buffered = io.BufferedReader(raw) if number == 0 else io.BufferedWriter(raw)
    setattr(sys, ("stdin", "stdout", "stderr")[number], io.TextIOWrapper(buffered, encoding="utf-8"))


def _noticing(stream: TextIO, *, result: bool, leave: bool = False) -> TextIO:
    """The same stream without its own buffer. One that has no bytes under it is the embedding program's."""
    bytes_of = getattr(stream, "buffer", None)
    if bytes_of is None:
        return stream
    with suppress(OSError):  # what others have left in it
        stream.flush()
    raw = StandardStream(getattr(bytes_of, "raw", bytes_of), result=result, leave=leave)
    return io.TextIOWrapper(io.BufferedWriter(raw), stream.encoding, "backslashreplace", line_buffering=True)
