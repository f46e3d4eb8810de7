"""The sweep of docs/kinds.md (which tests/test_docs.py holds to the program) tries what it says."""

from __future__ import annotations

from collections import Counter
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
    nothing = sweep.Kind("nothing")
    assert sweep.outcome(nothing, before, before) == "as before"
    cut = sweep.outcome(nothing, before, sweep.run_of(reader, reader.make({})[:-40]))
    assert cut.split()[0] in ("warning", "hold", "reject", "refuse"), "a cut file is told"


def ran(*payloads: bytes, told: tuple[tuple[str, str], ...] = (), counted: tuple[str, ...] = ()) -> sweep.Ran:
    return sweep.Ran(payloads, Counter(told), Counter(counted))


PRICE = sweep.Kind("price with a third decimal", "price", "12{.}345")
TITLE = sweep.Kind("title with a reference", "title", "n&#x00E4;tter")


@pytest.mark.parametrize(
    ("kind", "after", "said"),
    [
        (PRICE, ran(b'{"price": {"sum": "12.345"}}'), "read"),
        (PRICE, ran(b'{"price": {"sum": 12.3450}}'), "read"),
        (PRICE, ran(b'{"price": {"sum": "12.35"}}'), "altered"),
        (TITLE, ran(b'{"title": "n&#x00E4;tter, Sju"}'), "read"),
        (TITLE, ran('{"title": "nätter"}'.encode()), "altered"),
        (sweep.Kind("two prices", besides="second price"), ran(b'{"price": "9"}'), "used"),
        (PRICE, ran(b"{}"), "as before"),
        (PRICE, ran(b"{}", told=(("note", "E329"),)), "note E329"),
        (PRICE, ran(b"{}", told=(("note", "E329"), ("warning", "E424"))), "warning E424"),
        (PRICE, ran(b"{}", told=(("hold", "E467"), ("warning", "E424"))), "hold E467"),
        (PRICE, ran(b"{}", counted=("owner: MAIN",)), "counted"),
        (PRICE, ran(told=(("note", "E329"),), counted=(sweep.SKIPPED,)), "skipped"),
    ],
)
def test_the_cell_says_the_weightiest(kind: sweep.Kind, after: sweep.Ran, said: str) -> None:
    assert sweep.outcome(kind, ran(b"{}"), after) == said


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_what_is_tried_is_in_the_file(reader: sweep.Reader) -> None:
    """Nothing is tried that the encoding of the file had to replace."""
    for kind in sweep.KINDS:
        if kind.slot in reader.slots and (data := sweep.changed_by(kind, reader)) is not None:
            assert data != reader.make({}), kind.name
            if "?" not in kind.text and reader.name not in ("xlsx", "edifact"):  # packed, and a sign of its own
                assert data.count(b"?") <= reader.make({}).count(b"?") + kind.text.count("'"), kind.name
