"""The demo runs from a fresh clone, and says where things are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ETL = Path(sys.executable).parent / "etl"


def demo(out: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ETL": str(ETL), "DEMO_OUT": str(out), "NO_COLOR": "1"}
    return subprocess.run(
        ["sh", "examples/demo.sh"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_demo(tmp_path: Path) -> None:
    out = tmp_path / "demo-out"
    done = demo(out)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for name, payloads in (("generic-csv", 7), ("generic-marc", 5)):
        assert len(list((out / name).glob("*.json"))) == payloads
        report = json.loads((out / f"report-{name}" / "report.json").read_text(encoding="utf-8"))
        assert report["adds_up"]
        assert report["documents"]["written"] == payloads
    for told in (
        "exit code 1: some records",
        'error[E412] not an amount: "på begäran"',
        "what to try next",
    ):
        assert told in done.stdout
    again = demo(out)
    assert again.returncode == 0
    assert "files: 7 files unchanged" in again.stdout, "a second run changes no byte"
    assert "files: 5 files unchanged" in again.stdout


def test_demo_fails_when_etl_does(tmp_path: Path) -> None:
    environment = {**os.environ, "ETL": "no-such-command", "DEMO_OUT": str(tmp_path / "out")}
    done = subprocess.run(
        ["sh", "examples/demo.sh"], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 127
