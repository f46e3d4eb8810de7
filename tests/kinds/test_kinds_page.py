"""The sweep of docs/kinds.md (which tests/test_docs.py holds to the program) tries what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
import sweep
from readers import READERS

PAGE = Path(__file__).parents[2] / "docs" / "kinds.md"


def test_every_reader_and_every_kind_is_on_the_page() -> None:
    rows = {line.split(" | ")[0].removeprefix("| ") for line in PAGE.read_text("utf-8").splitlines()}
    assert {kind.name for kind in sweep.KINDS} <= rows
    assert all(f" {reader.name} |" in PAGE.read_text("utf-8") for reader in READERS)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_the_file_as_it_should_be_makes_documents(reader: sweep.Reader) -> None:
    before = sweep.run_of(reader, reader.make({}))
    assert before.payloads
    assert sweep.outcome(before, before) == "as before"
    cut = sweep.run_of(reader, reader.make({})[:-40])
    assert sweep.outcome(before, cut) not in ("read", "as before", "note"), "a cut file is told"
