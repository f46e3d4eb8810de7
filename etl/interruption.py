"""SIGINT (Ctrl-C), SIGTERM and SIGHUP → a flag that is looked at, and an end that is orderly.

Python raises KeyboardInterrupt wherever it happens to be. Inside the destructor of a C library it is printed
and forgotten, and between an order that was sent and the line that says so it would tear the two apart. So a
signal always sets a flag, which loops look at; the exception is raised only where nothing can be torn. A
module that is being imported can be: what has half of it fails in ways of its own, so the exception waits.
"""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = [
    signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in signal.Signals.__members__
]
"""SIGHUP comes when a terminal or a connection goes away; Windows has none."""
_MOMENT = 0.02  # seconds until it is tried again


def heeded() -> list[signal.Signals]:
    """The signals that end a run. What is ignored already, as `nohup` has it, stays ignored."""
    return [number for number in _SIGNALS if signal.getsignal(number) not in (signal.SIG_IGN, None)]


class Interruption:
    """Whether the process was asked to stop. `told` ends every pause that waits for it."""

    def __init__(self) -> None:
        self.told = threading.Event()
        self._asked = False
        self._listening = self._deferring = 0

    @property
    def asked(self) -> bool:
        return self._asked

    def look(self) -> None:
        """For loops with nothing half done. Raises KeyboardInterrupt if a signal came, whoever swallowed it.
        """
        if self._asked:
            raise KeyboardInterrupt

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Signals set the flag, and raise KeyboardInterrupt unless `deferred`. In other threads than the main
        one this does nothing: signals are the main thread's.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        if self._listening:
            yield  # inside another's listening
            return
        self._forget()  # `told` is set by a thread, which may have come late
        before = {number: signal.signal(number, self._came) for number in heeded()}
        self._listening += 1
        try:
            yield
        finally:
            self._listening -= 1
            for number, handler in before.items():
                signal.signal(number, handler)
            self._forget()  # it was for what ran within: whoever runs next was not told

    def _forget(self) -> None:
        self._asked = False
        self.told.clear()

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Within, a signal only sets the flag: what is under way is finished and written down."""
        with self.listening():
            self._deferring += 1
            try:
                yield
            finally:
                self._deferring -= 1

    @contextmanager
    def breaking(self) -> Iterator[None]:
        """Within, a signal ends the call that blocks (a pipe nobody reads) also where signals are deferred.
        """
        deferring, self._deferring = self._deferring, 0
        try:
            self.look()  # one that came just before would not come again
            yield
        finally:
            self._deferring = deferring

    def _came(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
        waits = not self._deferring and _importing(frame)
        # In a thread of its own: the main one may hold the very lock that the event needs.
        _thread.start_new_thread(self._tell, (number if waits else None,))
        if not self._deferring and not waits:
            raise KeyboardInterrupt

    def _tell(self, again: int | None) -> None:
        self.told.set()
        if again is not None:
            threading.Event().wait(_MOMENT)
            main = threading.main_thread().ident
            if self._asked and main is not None:  # and is still listened to
                signal.pthread_kill(main, again)  # not `interrupt_main`: that wakes no call that blocks


def _importing(frame: FrameType | None) -> bool:
    while frame is not None and frame.f_code.co_filename != "<frozen importlib._bootstrap>":
        frame = frame.f_back
    return frame is not None


interruption = Interruption()
"""The process's own: signals come to a process, not to a run."""
