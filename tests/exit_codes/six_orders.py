"""A folder with a mapping and an input of six orders, and `etl run` on it, in this process or in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from etl.cli.main import run_cli

MAPPING = """\
version: 1
name: t
target: po_line
source: {connector: csv, path: in.csv}
key: [id]
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  vendor: V
  vendor_account: V1
  resource_metadata: {title: "{{ titel }}"}
"""
ROWS = 6
ORDERS = "id;titel\n" + "".join(f"{number};En bok {number}\n" for number in range(1, ROWS + 1))
NAMES = [f"{number}.json" for number in range(1, ROWS + 1)]
FILES = ("--sink", "files", "--sink-option", "directory=out")


@dataclass(frozen=True)
class Desk:
    """One working folder, which is the current one."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def run(self, *words: str) -> tuple[int, str]:
        """Exit code, and all that was said."""
        self.capture.readouterr()
        code = run_cli(["run", "m.yaml", *(words or FILES)])
        return code, "".join(self.capture.readouterr())

    def process(self, *words: str, before: str = "", **how: Any) -> subprocess.CompletedProcess[str]:
        """The same in a process of its own; `before` is Python that runs before it."""
        code = f"import os, sys\n{before}\nfrom etl.cli.main import main\nmain()\n"
        return subprocess.run(
            [sys.executable, "-c", code, "run", "m.yaml", *(words or FILES)],
            cwd=self.folder,
            env={**os.environ, "NO_COLOR": "1"},
            text=True,
            check=False,
            **{"capture_output": True, **how},
        )

    def report(self, place: str = "etl-report/t") -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / place / "report.json").read_text(encoding="utf-8"))
        return found

    def written(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "out").glob("*"))

    def expect_all_well(self) -> None:
        """A second run, undisturbed, delivers what is left and nothing else; nothing is left lying about."""
        code, said = self.run()
        assert code == 0, said
        assert self.written() == NAMES
        report = self.report()
        assert report["records"] == {"written": ROWS}
        assert report["finished"] is True
        hidden = [path.name for path in (self.folder / "etl-report/t").glob(".unfinished*")]
        assert hidden == []
