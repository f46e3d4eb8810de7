"""Records done → a line on the terminal, for runs somebody watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_EVERY = 0.2  # seconds between updates


@contextmanager
def progress_bar() -> Iterator[Callable[[int], None]]:
    """A counter on standard error, only if that is a terminal; it appears after the first second."""
    if not sys.stderr.isatty():
        yield lambda _records: None
        return
    started = shown = time.monotonic()
    done = 0

    def advance(records: int) -> None:
        nonlocal done, shown
        done += records
        now = time.monotonic()
        if now - started > 1 and now - shown > _EVERY:
            shown = now
            rate = done / (now - started)
            click.echo(f"\r  {done:,} records read, {rate:,.0f} a second ", nl=False, err=True)

    try:
        yield advance
    finally:
        if shown != started:
            click.echo("\r" + " " * 60 + "\r", nl=False, err=True)
