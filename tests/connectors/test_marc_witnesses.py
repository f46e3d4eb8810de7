"""Never worse than pymarc or yaz-marcdump: as many records and fields as either reads, on every real file."""

from __future__ import annotations

import json
import logging
import re
import shutil
import subprocess
import warnings
from pathlib import Path

import pytest
from marc_samples import SHARED
from pymarc import MARCReader
from reading import read

from connectors.marc_file import MarcConnector

PATTERNS = ("marc-basic/*.dat", "marc-basic/*.m*rc*", "marc-basic/*.usmarc", "marc-malformed-easy/*.dat",
            "marc-malformed-easy/*.usmarc", "marc-malformed-easy/*.mrc", "orders-marc/*.mrc",
            "marc-natlibfi/iso2709/from*")  # fmt: skip
FILES = sorted(path for pattern in PATTERNS for path in SHARED.glob(pattern) if b"\x1e" in path.read_bytes())
IDS = [path.relative_to(SHARED).as_posix() for path in FILES]


def ours(path: Path) -> tuple[int, int]:
    """Records, and fields in them."""
    rows = read(MarcConnector(), path, columns={"r": "record"}).rows
    return len(rows), sum(len(json.loads(str(row["r"]))["fields"]) for row in rows)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_not_worse_than_pymarc(path: Path) -> None:
    logging.disable()
    with warnings.catch_warnings(), path.open("rb") as stream:
        warnings.simplefilter("ignore")
        records = [record for record in MARCReader(stream, permissive=True) if record]
        theirs = len(records), sum(len(record.fields) for record in records)
    logging.disable(logging.NOTSET)
    assert ours(path) >= theirs
    assert ours(path)[1] >= theirs[1]


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_not_worse_than_yaz(path: Path) -> None:
    program = shutil.which("yaz-marcdump")
    if program is None:
        pytest.skip("needs yaz-marcdump (Debian package yaz)")
    done = subprocess.run([program, "-o", "line", str(path)], capture_output=True, check=False)
    lines = done.stdout.decode("utf-8", "replace").split("\n")
    records = sum(1 for line in lines if re.match(r"\d{5}.{19}$", line))
    fields = sum(1 for line in lines if re.match(r"[0-9A-Za-z]{3} ", line))
    found = ours(path)
    assert found[0] >= records
    assert found[1] >= fields
