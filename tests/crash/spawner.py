"""Lines of JSON → processes that run `etl`, so that hundreds can be killed without loading the libraries hundreds of times.

    {"do": "start", "argv": […], "folder": …, "out": …, "loaded": true, "memory": 0, "ahead": 0}  → {"pid": 4711}
    {"do": "poll", "pid": 4711}                                          → {"code": null}
    {"do": "kill", "pid": 4711}                                          → {"code": -9}

Each is a process of its own that only SIGKILL, an end or a bug stops. `loaded` ones are forked from this process, which
has imported everything and begun nothing; the others are fresh interpreters. In loaded ones the pauses after HTTP 429
begin at 10 ms instead of a second, and clocks may be `ahead`, seconds, or behind; nothing else differs.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import resource
import signal
import sys
import time
from datetime import datetime, tzinfo
from functools import partial
from typing import Any

import connectors
import etl.cli.run
import etl.ledger.clock
import etl.ledger.process
import etl.sinks.alma
from etl.alma.patience import Patience
from etl.cli.main import main

_UNUSED = ("etl.testing", "etl.simulator", "etl.__main__", "etl.cli.")


def start(argv: list[str], folder: str, out: str, loaded: bool, memory: int, ahead: float) -> int:
    """A process running `etl argv` with its streams in the file `out`; its id. `memory`: bytes it may have, 0 any;
    `ahead`: how wrong the clock of a loaded one is, in seconds.
    """
    pid = os.fork()
    if pid:
        return pid
    os.chdir(folder)
    os.umask(0o022)  # the usual one: what is private must be so by our own doing
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    stream = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(stream, 1)
    os.dup2(stream, 2)
    if not loaded:
        os.execv(sys.executable, [sys.executable, "-m", "etl", *argv])  # noqa: S606 - ourselves
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode) for number, mode in enumerate("rww"))
    vars(etl.sinks.alma)["Patience"] = partial(Patience, first=0.01)
    _set_clock(ahead)
    code: Any = 70
    try:
        main(argv)
    except SystemExit as ended:
        code = ended.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(code))


def _set_clock(ahead: float) -> None:
    """The wall clock of this process, wherever delivery reads it; how time passes stays as it is."""
    right = time.time

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(time.time(), tz)

    time.time = lambda: right() + ahead
    for module in (etl.ledger.clock, etl.ledger.process):
        vars(module)["datetime"] = Wrong


def ended(pid: int, options: int) -> int | None:
    """Its exit code, minus the signal that ended it, or None while it runs."""
    found, status = os.waitpid(pid, options)
    return os.waitstatus_to_exitcode(status) if found else None


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    if asked["do"] == "start":
        told = [asked[name] for name in ("argv", "folder", "out", "loaded", "memory", "ahead")]
        return {"pid": start(*told)}
    if asked["do"] == "kill":
        os.kill(asked["pid"], signal.SIGKILL)
        return {"code": ended(asked["pid"], 0)}
    return {"code": ended(asked["pid"], os.WNOHANG)}


def load() -> None:
    """Import what a run would import, and start nothing: no thread may exist when a process is forked."""
    for package in (etl, connectors):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.startswith(_UNUSED):
                importlib.import_module(found.name)
    for name in ("sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql.psycopg"):
        importlib.import_module(name)


if __name__ == "__main__":
    load()
    for row in sys.stdin:
        print(json.dumps(answer(json.loads(row))), flush=True)
