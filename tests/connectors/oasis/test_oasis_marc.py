"""Order-level MARC of OASIS → order lines: the block, its repetitions, and the pitfalls of the field."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from oasis_files import BRIEF, marc, marcxml, read, refusal, without
from pydantic import ValidationError

from connectors.oasis import OasisConnector
from etl.plugin import Severity

DATA = Path(__file__).parents[4] / "shared/data/orders-marc"
LAW = ("960", "  $kLAW$o1$s8.99$tLAW-STACKS$uLAW")


def changed(tag: str, text: str) -> list[tuple[str, str]]:
    return [(tag, text) if field[0] == tag else field for field in BRIEF]


def places(row: dict[str, Any], *names: str) -> list[tuple[object, ...]]:
    return [tuple(one[name] for name in names) for one in row["placements"]]


@pytest.mark.parametrize("data", [marc(BRIEF), marcxml(BRIEF)], ids=["iso2709", "marcxml"])
def test_the_documented_block(data: bytes) -> None:
    row = read(data).row
    expected = {
        "source": "oasis_marc", "supplier": "OASIS", "order_id": "20417733", "order_date": date(2024, 3, 11),
        "isbn": "9789199999012", "title": "A lantern for the archipelago", "author": "Öberg, Åsa",
        "publisher": "Northern Light Press", "place": "Oxford", "year": "2008", "language": "eng", "quantity": 2,
        "unit_price": Decimal("8.99"), "currency": None, "fund": "Books/Special Needs", "library": "MAIN",
        "location": "MAIN-STACKS", "loan_period": "STAND", "note_vendor": "Shelf ready",
        "note_internal": "For Dr Lindqvist", "system_numbers": ["(OCoLC)183148220"], "is_electronic": None,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    assert row["raw"]["020.qualifier"] == "pbk."
    assert row["raw"]["960$u"] == "Books/Special Needs", "a fund may be a long text: a table maps it"


@pytest.mark.parametrize(
    ("field", "code", "told"),
    [
        ("  $o2$q2024-03-11$s8.99", "E353", "DD-MM-YY"),
        ("  $o2$q30-02-24$s8.99", "E353", "no such day"),
        ("  $o2$q11-03-24$s8,99", "E351", "decimal dot"),
        ("  $otwo$q11-03-24$s8.99", "E351", "whole number"),
    ],
)
def test_a_value_that_cannot_be_read_rejects_its_record_and_names_the_subfield(
    field: str, code: str, told: str
) -> None:
    (problem,) = read(marc(changed("960", field))).why
    assert problem.code == code
    assert told in problem.message
    assert problem.data is not None
    assert (problem.data.field or "").startswith("960$")


@pytest.mark.parametrize(("year", "meant"), [("24", 2024), ("68", 2068), ("99", 1999)])
def test_the_year_of_two_digits_is_read_as_everywhere(year: str, meant: int) -> None:
    assert read(marc(changed("960", f"  $o1$q31-12-{year}"))).row["order_date"] == date(meant, 12, 31)


def test_other_date_forms_are_an_option() -> None:
    read_ = read(marc(changed("960", "  $o1$q20240311")), formats={"order_date": "date DD-MM-YY, YYYYMMDD"})
    assert read_.row["order_date"] == date(2024, 3, 11)


def test_without_a_quantity_one_copy_is_ordered_and_that_is_told() -> None:
    found = read(marc(changed("960", "  $kMAIN$s8.99")))
    assert found.row["quantity"] == 1
    assert found.codes() == ["E359"]


def test_blocks_are_placements_of_one_line() -> None:
    row = read(marc([*BRIEF, LAW, ("961", "  $dFor the law library")])).row
    assert row["quantity"] == 3
    assert places(row, "sub_line", "library", "location", "quantity", "fund", "note") == [
        ("1", "MAIN", "MAIN-STACKS", 2, "Books/Special Needs", "For Dr Lindqvist"),
        ("2", "LAW", "LAW-STACKS", 1, "LAW", "For the law library"),
    ]
    assert row["note_internal"] is None, "each note stays with its block"
    assert row["raw"]["960[2]$t"] == "LAW-STACKS"


def test_a_block_has_what_only_another_says() -> None:
    row = read(marc([*BRIEF, ("960", "  $kLAW$o1$tLAW-STACKS$uLAW")])).row
    assert row["unit_price"] == Decimal("8.99")
    assert places(row, "loan_period") == [("STAND",), (None,)], "but no place from another place"


def test_blocks_that_contradict_each_other_are_rejected() -> None:
    (problem,) = read(marc([*BRIEF, ("960", "  $kLAW$o1$s9.99")])).why
    assert problem.code == "E357"
    assert '"8.99" and "9.99"' in problem.message
    assert "blocks: lines" in (problem.help or "")


def test_or_each_block_is_a_line() -> None:
    found = read(marc([*BRIEF, ("960", "  $kLAW$o1$s9.99"), ("961", "  $dLaw")]), blocks="lines")
    assert [(row["line_no"], row["unit_price"], row["note_internal"]) for row in found.rows] == [
        ("1", Decimal("8.99"), "For Dr Lindqvist"),
        ("2", Decimal("9.99"), "Law"),
    ]


def test_notes_that_fit_no_block_are_kept_and_told() -> None:
    notes = [*without(BRIEF, "961"), LAW, ("961", "  $dA"), ("961", "  $dB"), ("961", "  $dC")]
    found = read(marc(notes))
    assert found.row["note_internal"] == "A; B; C" or places(found.row, "note") == [(None,), ("A; B; C",)]
    apart = [("961", "  $dA"), *without(BRIEF, "961"), LAW, ("961", "  $dB"), ("961", "  $dC")]
    found = read(marc(apart))
    assert found.row["note_internal"] == "A; B; C"
    assert found.codes() == ["E381"]
    assert [problem.code for problem in read(marc(apart), blocks="lines").why] == ["E381"]


def test_a_problem_in_a_later_block_says_in_which() -> None:
    (problem,) = read(marc([*BRIEF, ("960", "  $kLAW$omany")])).why
    assert problem.data is not None
    assert problem.data.field == "960[2]$o"


def test_a_record_without_a_block_is_no_order() -> None:
    bare = marc(without(BRIEF, "960", "961"))
    assert [problem.code for problem in read(bare).why] == ["E347"]
    assert read(bare, no_order_field="one").row["quantity"] == 1


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        ([("035", "  $a(UkPrOASIS)20417733")], "(UkPrOASIS)20417733"),
        ([("035", "  $a(OCoLC)183148220"), ("035", "  $aOAS9")], "OAS9"),
    ],
)
def test_the_control_number_is_001_or_else_035_but_never_worldcats(
    fields: list[tuple[str, str]], number: str
) -> None:
    assert read(marc([*fields, *without(BRIEF, "001", "035")])).row["order_id"] == number
    (problem,) = read(marc(without(BRIEF, "001"))).why
    assert (problem.code, problem.data and problem.data.field) == ("E355", "001")


@pytest.mark.parametrize(
    ("fields", "isbn", "electronic"),
    [
        ([("020", "  $a9789199999029 (ebk)")], "9789199999029", True),
        ([("020", "  $a9789199999029$q(electronic bk.)")], "9789199999029", True),
        ([("007", "cr |||"), ("020", "  $a9789199999012 (hardback)"), ("020", "  $a9789199999029 (ePDF)")], "9789199999029", True),
        ([("007", "ta"), ("020", "  $a9789199999029 (ebk)"), ("020", "  $a9789199999012 (pbk.)")], "9789199999012", False),
        ([("020", "  $z9789199999029 (ebk)"), ("020", "  $a9199999013")], "9199999013", None),
        ([("020", "  $a9789199999012"), ("856", "40$uhttps://example.org/4963417")], "9789199999012", True),
        ([("020", "  $a9789199999012"), ("856", "42$uhttps://example.org/contents")], "9789199999012", None),
        ([("776", "  $z9789199999029")], None, None),
    ],
)  # fmt: skip
def test_print_and_electronic_are_told_apart(
    fields: list[tuple[str, str]], isbn: str | None, electronic: bool | None
) -> None:
    row = read(marc([*without(BRIEF, "020"), *fields])).row
    assert (row["isbn"], row["is_electronic"]) == (isbn, electronic)


def test_marc_8_and_unflagged_utf_8_are_read_and_told() -> None:
    assert read(marc(BRIEF, flag=" ")).codes() == ["E361"]
    latin = read(marc(BRIEF, flag=" ", codec="latin-1"), marc_encoding="latin-1")
    assert latin.row["author"] == "Öberg, Åsa"


def test_the_map_is_configurable_as_in_a_real_file_of_coutts() -> None:
    """Cornell's firm orders: no 001, fund 980 $h, requester 980 $s, price 981 $i, place 952 $b."""
    file = DATA / "CouttsUKFO.1.mrc"
    if not file.is_file():
        pytest.skip("shared/data/orders-marc is not here")
    columns = {
        "order_id": "035$a", "quantity": "980$g", "fund": "980$h", "requester": "980$s", "unit_price": "981@$i",
        "location": "952$b", "note_internal": [],
    }  # fmt: skip
    columns = {name: path for name, path in columns.items() if path}
    found = read(file, order_field="980", columns=columns)
    assert found.rejected == []
    assert [
        (row["order_id"], row["isbn"], row["unit_price"], row["fund"], row["location"]) for row in found.rows
    ] == [
        ("(CaONFJC)64379269", "9780345803115", Decimal("16.00"), "p1550", "vet"),
        ("(CaONFJC)72544890", "9781617812682", Decimal("19.95"), "p1550", "vet"),
    ]
    assert [row["quantity"] for row in found.rows] == [1, 1]


def test_a_path_that_is_none_is_refused_and_not_taken_for_another_layouts_name() -> None:
    problem = refusal(marc(BRIEF), columns={"quantity": "960o"})
    assert problem.code == "E356"
    assert '"960o"' in problem.message
    with pytest.raises(ValidationError, match="no MARC path"):
        OasisConnector.Options.model_validate({"layout": "oasis_marc", "columns": {"quantity": "960o"}})


def test_damage_to_one_record_costs_that_record_only() -> None:
    first, second = marc(BRIEF), marc(changed("001", "20417734"))
    found = read(first[:60] + b"\xff\xfe" + first[60:] + second)
    assert [row["order_id"] for row in found.rows] == ["20417734"]
    assert [one.record for one in found.rejected] == [1]


def test_warnings_do_not_reject() -> None:
    found = read(marc(BRIEF)[:-1])
    assert found.row["order_id"] == "20417733"
    assert {note.severity for note in found.notes} == {Severity.WARNING}
