"""`etl` processes that can be started, watched and killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
_HANGS = 600


class Victim:
    """One process. `code` is its exit code once it has ended, -9 if it was killed."""

    def __init__(self, ground: Ground, pid: int) -> None:
        self._ground, self.pid, self.code = ground, pid, None

    code: int | None

    @property
    def running(self) -> bool:
        if self.code is None:
            self.code = self._ground.ask(do="poll", pid=self.pid)["code"]
        return self.code is None

    def kill(self) -> None:
        """SIGKILL, unless it has ended."""
        if self.running:
            self.code = self._ground.ask(do="kill", pid=self.pid)["code"]

    def wait(self) -> int:
        """Its exit code. Raises TimeoutError, and kills it, when it hangs, however busy the machine is."""
        deadline = time.monotonic() + _HANGS
        while self.running:
            if time.monotonic() > deadline:
                self.kill()
                raise TimeoutError(f"a run did not end within {_HANGS} s")
            time.sleep(0.005)
        return self.code if self.code is not None else 70


class Ground:
    """Starts them, through `spawner.py`. Safe to use from several threads."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process, self._lock = process, threading.Lock()

    def start(
        self,
        argv: list[str],
        folder: Path,
        out: Path,
        *,
        loaded: bool = True,
        memory: int = 0,
        ahead: float = 0,
    ) -> Victim:
        """`etl argv` in the folder, its output appended to `out`. `loaded`: forked, not from scratch; `memory`: bytes;
        `ahead`: seconds, of a loaded one's clock.
        """
        how = {"loaded": loaded, "memory": memory, "ahead": ahead}
        told = self.ask(do="start", argv=argv, folder=str(folder), out=str(out), **how)
        return Victim(self, told["pid"])

    def ask(self, **question: Any) -> dict[str, Any]:
        """One question, one answer. Raises RuntimeError when the spawner is gone."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        with self._lock:
            stdin.write(json.dumps(question) + "\n")
            stdin.flush()
            row = stdout.readline()
        if not row:
            raise RuntimeError("the spawner has ended")
        found: dict[str, Any] = json.loads(row)
        return found


@contextmanager
def ground(environment: Mapping[str, str]) -> Iterator[Ground]:
    """A spawner whose processes have these variables beside PATH and the like; none of ETL_…."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ETL_")}
    with subprocess.Popen(
        [sys.executable, str(HERE / "spawner.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**inherited, "PYTHONPATH": str(HERE.parents[1]), **environment},
    ) as process:
        try:
            yield Ground(process)
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.wait(30)
