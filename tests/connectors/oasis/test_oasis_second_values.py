"""What an order of OASIS says twice in MARC is not taken once in silence."""

from __future__ import annotations

import pytest
from oasis_files import BRIEF, Fields, marc, without

from connectors.oasis import OasisConnector
from etl.plugin import Problem, Severity
from etl.testing.sources import bytes_source

OASIS = OasisConnector()
ORDER = dict(BRIEF)["960"]


def told(record: Fields, **options: object) -> list[Problem]:
    source = bytes_source(marc(record))
    batches = list(OASIS.read(source, OASIS.Options.model_validate(options), None))
    return [note for batch in batches for note in batch.notes if note.code != "E358"]


def held(record: Fields, **options: object) -> list[tuple[str, str]]:
    every = [note for note in told(record, **options) if note.severity is Severity.HOLD]
    return [(note.code, note.data.field or "" if note.data else "") for note in every]


@pytest.mark.parametrize(
    ("code", "other", "column"),
    [
        ("o", "5", "quantity"),
        ("u", "Law", "fund"),
        ("s", "9.99", "unit_price"),
        ("t", "BRANCH", "location"),
        ("k", "SIDE", "library"),
        ("e", "REF", "loan_period"),
        ("q", "12-03-24", "order_date"),
        ("h", "Cover it", "note_vendor"),
    ],
)
@pytest.mark.parametrize("blocks", ["placements", "lines"])
def test_a_subfield_that_stands_twice_in_an_order_block(
    code: str, other: str, column: str, blocks: str
) -> None:
    record = [*without(BRIEF, "960"), ("960", f"{ORDER}${code}{other}")]
    assert held(record, blocks=blocks) == [("E327", column)]
    assert held([*without(BRIEF, "960"), ("960", f"{ORDER}{ORDER[2:]}")], blocks=blocks) == []


def test_two_order_numbers() -> None:
    assert held([("001", "20417799"), *BRIEF]) == [("E327", "order_id")]


def test_what_the_layout_takes_the_first_of_is_not_told() -> None:
    record = [*BRIEF, ("260", "  $aLund :$bFyrskeppet,$c2009"), ("700", "1 $aEk, Kajsa"), ("100", "1 $aEk")]
    assert told(record) == []
    assert [note.code for note in told([*BRIEF, ("245", "10$aAnother title")])] == ["E328"]


def test_a_column_that_the_mapping_names_is_told_with_what_to_write() -> None:
    record = [*BRIEF, ("949", "  $aX"), ("949", "  $aY")]
    (note,) = told(record, columns={"requester": "949$a"})
    assert (note.code, note.severity) == ("E327", Severity.HOLD)
    assert "requester: 949$a[0]" in (note.help or "")
    assert told(record, columns={"requester": "949$a[0]"}) == []


@pytest.mark.parametrize("blocks", ["placements", "lines"])
@pytest.mark.parametrize("times", [2, 3])
def test_identical_order_blocks_are_told(blocks: str, times: int) -> None:
    record = [*without(BRIEF, "960", "961"), *[("960", ORDER)] * times]
    notes = told(record, blocks=blocks)
    assert [(note.code, note.severity) for note in notes] == [("E446", Severity.WARNING)]


@pytest.mark.parametrize("blocks", ["placements", "lines"])
def test_order_blocks_that_differ_are_no_twins(blocks: str) -> None:
    other = ORDER.replace("$o", "$o1")
    assert other != ORDER
    assert told([*without(BRIEF, "960", "961"), ("960", ORDER), ("960", other)], blocks=blocks) == []
