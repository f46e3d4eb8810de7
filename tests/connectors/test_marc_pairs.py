"""`961@$d` with `rows: 960`: which field belongs to which row."""

from __future__ import annotations

import pytest
from marc_samples import data_field, record_of
from pydantic import ValidationError
from reading import read

from connectors.marc_file import MarcConnector, MarcOptions

MARC = MarcConnector()
COLUMNS = {"copies": "960$o", "note": "961@$d", "notes": "961@$d[]", "either": "961@$d|960$o"}


def rows_of(order: str) -> tuple[list[list[object]], list[tuple[int, str]]]:
    """`order`: o is a 960 and n a 961, numbered as they come."""
    counts = {"o": 0, "n": 0}
    fields = []
    for kind in order:
        counts[kind] += 1
        text = f"{kind}{counts[kind]}"
        fields.append(
            data_field("960", "  ", ("o", text)) if kind == "o" else data_field("961", "  ", ("d", text))
        )
    reading = read(MARC, record_of(1, *fields).as_marc(), columns=COLUMNS, rows="960")
    return [[row["copies"], *row["notes"]] for row in reading.rows], reading.codes  # type: ignore[misc]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("o", [["o1"]]),
        ("on", [["o1", "n1"]]),
        ("nno", [["o1", "n1", "n2"]]),
        ("oo", [["o1"], ["o2"]]),
        ("oonn", [["o1", "n1"], ["o2", "n2"]]),
        ("nnoo", [["o1", "n1"], ["o2", "n2"]]),
        ("onon", [["o1", "n1"], ["o2", "n2"]]),
        ("nono", [["o1", "n1"], ["o2", "n2"]]),
        ("ono", [["o1", "n1"], ["o2"]]),
        ("oono", [["o1"], ["o2", "n1"], ["o3"]]),
        ("onnoo", [["o1", "n1", "n2"], ["o2"], ["o3"]]),
    ],
)
def test_what_belongs_together(order: str, expected: list[list[str]]) -> None:
    assert rows_of(order) == (expected, [])


@pytest.mark.parametrize("order", ["oon", "noo", "oonnn", "nono" + "n", "nnono"])
def test_what_cannot_be_told_is_rejected(order: str) -> None:
    assert rows_of(order) == ([], [(1, "E381")])


def test_a_missing_partner_leaves_the_column_empty() -> None:
    record = record_of(1, data_field("960", "  ", ("o", "2")))
    reading = read(MARC, record.as_marc(), columns=COLUMNS, rows="960")
    assert reading.rows == [{"copies": "2", "note": None, "notes": [], "either": "2"}]


def test_a_record_without_rows_keeps_its_other_fields() -> None:
    record = record_of(1, data_field("961", "  ", ("d", "x")))
    reading = read(MARC, record.as_marc(), columns=COLUMNS, rows="960", no_rows="one")
    assert reading.rows == [{"copies": None, "note": "x", "notes": ["x"], "either": "x"}]


@pytest.mark.parametrize(
    ("path", "rows", "said"),
    [
        ("961@$d", None, "rows"),
        ("960@$o", "960", "without @"),
        ("008@/1", "960", "@ goes with"),
        ("96.@$d", "960", "@ goes with"),
        ("961@", "960", "name a subfield"),
    ],
)
def test_what_makes_no_sense(path: str, rows: str | None, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        MarcOptions(columns={"x": path}, rows=rows)
