"""docs/real-files.md says what the connectors make of the real files today, and nothing is unaccounted for."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "real-files.md"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("real_files", ROOT / "benchmarks" / "real_files.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["real_files"] = module
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date() -> None:
    real_files = script()
    if not real_files.SHARED.is_dir():
        pytest.skip("needs the shared sample data")
    assert PAGE.read_text("utf-8") == real_files.page(), "run  python benchmarks/real_files.py --update"


# The file ends in the middle of a record, and has an empty one: the connector sees more than there are ends.
MORE = {"marc-malformed-easy/badldr.usmarc"}


def test_every_record_that_grep_finds_is_accounted_for() -> None:
    rows = re.findall(
        r"^\| `(.+?)` \| [\d,]+ \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|", PAGE.read_text("utf-8"), re.M
    )
    assert len(rows) > 60
    for file, plain, records, read, rejected in rows:
        assert int(read) + int(rejected) == int(records), file
        assert int(records) == int(plain) or (file in MORE and int(records) > int(plain)), file
