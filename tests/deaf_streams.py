"""Standard streams that take nothing, and a command line that is run with them in this process."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from etl.cli.main import run_cli

WAYS = ("closed", "full", "its reader has gone")


@contextmanager
def takes_nothing(way: str) -> Iterator[io.TextIOWrapper]:
    """A stream as the interpreter would make it of what the caller left there."""
    if way == "closed":  # what stands in for it refuses to be written to
        handle = os.open(os.devnull, os.O_RDONLY)
    elif way == "full":
        if not Path("/dev/full").exists():
            pytest.skip("there is no /dev/full on this system")
        handle = os.open("/dev/full", os.O_WRONLY)
    else:
        inside, handle = os.pipe()
        os.close(inside)
    stream = io.TextIOWrapper(io.BufferedWriter(io.FileIO(handle, "w", closefd=False)), encoding="utf-8")
    try:
        yield stream
        stream.flush()  # as the interpreter does at its end: nothing may be left
    finally:
        os.close(handle)


def spoken(encoding: str = "utf-8") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict", newline="\n")


def heard(stream: io.TextIOWrapper) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode(stream.encoding)  # type: ignore[attr-defined]


def run(words: list[str], out: io.TextIOWrapper, err: io.TextIOWrapper) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        return run_cli([word for word in words if word])
