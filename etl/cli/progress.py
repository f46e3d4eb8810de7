"""Records done → a bar on the terminal, for runs somebody watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from etl.cli.output import Output

_EVERY = 0.2  # seconds between updates
_WIDTH = 30


@contextmanager
def progress_bar() -> Iterator[Callable[[float | None], None]]:
    """A bar on standard error, only if that is a terminal; it appears after the first second."""
    if not sys.stderr.isatty():
        yield lambda _share: None
        return
    started = shown = time.monotonic()
    done, known = 0, None

    def advance(share: float | None) -> None:
        nonlocal done, known, shown
        done += 1
        known = share if share is not None else known
        now = time.monotonic()
        if now - started > 1 and now - shown > _EVERY:
            shown = now
            Output("text").over(bar(done, now - started, known))

    try:
        yield advance
    finally:
        if shown != started:
            Output("text").over(" " * 79)
            Output("text").over("")


def bar(records: int, seconds: float, share: float | None) -> str:
    """`[#####.....]  50 %  1,000 records, 500 a second`; without a known share no bar.

    >>> bar(1000, 2, 0.5)
    '[###############...............]  50 %  1,000 records, 500 a second '
    """
    counted = f"{records:,} records, {records / seconds:,.0f} a second "
    if share is None:
        return counted
    filled = int(_WIDTH * share)
    return f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {share:4.0%}  ".replace("%", " %") + counted
