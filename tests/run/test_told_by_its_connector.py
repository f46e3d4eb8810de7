"""What a connector has wait stays waiting wherever its rows go; what nothing reads is told once."""

from __future__ import annotations

import json

import pytest

from etl.identity import HOLDS
from etl.plugin import Problem, RecordOrigin, Severity, Unread
from etl.problems import DataPlace
from etl.run.arriving import RecordOrigins, read_values
from etl.run.outcomes import SourceRow, kept_hold
from etl.run.unread import UnreadValues, is_ignored
from etl.spec.load import Spec, load
from etl.testing.sources import bytes_source

MAPPING = """version: 1
name: t
target: po_line
source: {connector: marc, path: in.mrc%s}
key: order
fields: {owner: MAIN}
"""


def spec(ignore: dict[str, str]) -> Spec:
    said = f", ignore: {json.dumps(ignore)}" if ignore else ""
    return load("t.yaml", lambda _name: (MAPPING % said).encode())


def origin_of(row: SourceRow) -> RecordOrigin:
    origins = RecordOrigins()
    origins.see(bytes_source(b"x", row.file))
    return origins.of([row])


def test_a_hold_is_kept_with_the_values_that_the_ledger_has() -> None:
    problem = Problem("E327", "two", Severity.HOLD, data=DataPlace("in.mrc", 3, field="copies"), help="say")
    row = SourceRow({"order": "1", HOLDS: [kept_hold(problem)]}, "in.mrc", 3, None, 70)
    (values,) = read_values(origin_of(row).values)
    again = SourceRow(values, "in.mrc", 3, None, 70)
    assert again.holds() == row.holds()
    (held,) = again.holds()
    assert (held.code, held.message, held.severity, held.help) == ("E327", "two", Severity.HOLD, "say")
    assert held.data == DataPlace("in.mrc", 3, offset=70, field="copies")


@pytest.mark.parametrize(
    ("entry", "names"),
    [
        ("960$z", {"960$z"}),
        ("960", {"960$z", "960$x"}),
        ("9..$x", {"960$x", "949$x"}),
        ("9*", {"960$z", "960$x", "949$x", "9600"}),
        ("rabattkod", {"Rabattkod"}),
        ("pris", set()),
        ("pris*", {"Pris/st"}),
        ("LocalData[3]", {"LocalData[3]"}),
        ("?00", set()),
    ],
)
def test_what_an_entry_of_ignore_speaks_of(entry: str, names: set[str]) -> None:
    every = ("960$z", "960$x", "949$x", "9600", "Rabattkod", "Pris/st", "LocalData[3]")
    said = spec({entry: "why"})
    assert {name for name in every if is_ignored(name, said)} == names


def test_one_note_for_all_files_with_the_place_of_the_first() -> None:
    unread = UnreadValues()
    unread.add("a.mrc", {"960$z": Unread(2, 4, "SEK"), "975$a": Unread(1, 1, "x")})
    unread.add("b.mrc", {"960$z": Unread(3, 1, "EUR")})
    told: list[Problem] = []
    unread.tell(spec({"975": "ours"}), told.append)
    (note,) = told
    assert (note.code, note.severity) == ("E329", Severity.NOTE)
    assert '960$z (5: "SEK")' in note.message
    assert "975" not in note.message
    assert note.data == DataPlace("a.mrc", 4, field="960$z")
    told.clear()
    unread.tell(spec({"9..": "ours"}), told.append)
    assert told == []


def test_a_file_of_very_many_columns_makes_one_line() -> None:
    unread = UnreadValues()
    unread.add("a.csv", {f"c{number}": Unread(1, 1, "x" * 1000) for number in range(5000)})
    told: list[Problem] = []
    unread.tell(spec({}), told.append)
    assert len(told) == 1
    assert "and 4,940 more" in told[0].message
    assert len(told[0].message) < 4000


@pytest.mark.parametrize("harmless", [1, 2, 10])
def test_each_says_its_value_and_where_it_is_if_elsewhere(harmless: int) -> None:
    unread = UnreadValues()
    unread.add("a.mrc", {f"00{n}": Unread(2, 1, "5015") for n in range(harmless)})
    unread.add("a.mrc", {"960$b": Unread(1, 2, "3150001")})
    unread.add("b.mrc", {"960$x": Unread(1, 1, "rush")})
    told: list[Problem] = []
    unread.tell(spec({}), told.append)
    (note,) = told
    assert all(f'00{n} (2: "5015")' in note.message for n in range(harmless))
    assert '960$b (1: "3150001", record 2)' in note.message
    assert '960$x (1: "rush", record 1 of b.mrc)' in note.message
