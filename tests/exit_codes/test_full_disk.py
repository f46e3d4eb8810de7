"""A disk that takes no more → the report that could not be written, told with its place; never a bug of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from six_orders import MAPPING as PLAIN

pytestmark = pytest.mark.slow

resource = pytest.importorskip("resource")
MAPPING = f"{PLAIN}sink: {{type: files, directory: out}}\n"
ROWS = 400
GOOD = "".join(f"{number};En bok\n" for number in range(ROWS))
LIMITED = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0})); from etl.cli.main import main; main()"


def run(folder: Path, largest: int, rows: str, more: str = "") -> tuple[int, str]:
    """A run that may write no file beyond `largest` bytes."""
    (folder / "m.yaml").write_text(MAPPING + more, encoding="utf-8")
    (folder / "in.csv").write_text("id;titel\n" + rows, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED.format(largest), "run", "m.yaml"],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("largest", "rows", "more"),
    [
        (60_000, GOOD, ""),  # the documents that wait
        (9_000, GOOD, 'group_by: ["{{ id }}"]\n'),  # the rows that wait for their group
        (9_000, GOOD, "checks:\n  - {if: \"{{ titel == 'En bok' }}\", reject: no}\n"),  # the problems
        (9_000, GOOD, "when: \"{{ titel == 'Annan bok' }}\"\n"),  # the records passed over
        (9_000, "1;a\n" * 20 + "1;a;b\n" * 3000, ""),  # records that cannot be read
        (100, "1;En bok\n", "when: \"{{ titel == 'Annan bok' }}\"\n"),  # report.json itself
        (120, "1;En bok\n", "checks:\n  - {if: \"{{ titel == 'En bok' }}\", hold: no}\n"),  # a held document
    ],
    ids=["documents", "groups", "problems", "skipped", "unreadable", "report", "held"],
)
def test_a_full_disk_is_told_with_its_place(tmp_path: Path, largest: int, rows: str, more: str) -> None:
    code, said = run(tmp_path, largest, rows, more)
    assert code == 2, said
    assert "error[E604] cannot write the report: File too large" in said
    assert "etl-report/t" in said
    assert list((tmp_path / "out").glob("*")) == []
    assert list((tmp_path / "etl-report").iterdir()) == []


def test_with_room_enough_all_is_well(tmp_path: Path) -> None:
    code, said = run(tmp_path, 1_000_000, GOOD)
    assert code == 0, said
