"""The neutral order line: its types, its page, and the batches that carry it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from connectors.layouts import load_layouts
from connectors.order_batches import OrderBatches
from connectors.order_line import COLUMNS, KINDS, PLACEMENT, order_columns, order_line_frame
from etl.plugin import DataPlace, Problem, Refusal, Severity

REFERENCE = """
source supplier account order_id order_date line_no sub_line article_no isbn ean issn title_number external_no
record_supplier title author publisher place year edition series language form classification quantity unit_price
currency price_includes_vat vat_percent discount_percent fund fund_amount library department location loan_period
delivery_date note_vendor note_internal requester order_type is_electronic title_id access_model marc_xml raw
""".split()  # noqa: SIM905 - as the reference prints it
PLACE = DataPlace("orders.csv", 1, 2, 30)


def line(**values: object) -> dict[str, object]:
    return {"placements": [{"quantity": 1}], **values}


def test_every_column_of_the_reference_is_there() -> None:
    assert set(REFERENCE) <= set(KINDS)
    assert order_columns().closed
    assert list(order_columns().names) == [column.name for column in COLUMNS]


def test_types_are_fixed_whatever_the_values() -> None:
    empty = order_line_frame([])
    filled = order_line_frame([{"_record": 1, "raw": {"Moms %": "6"}, "unit_price": Decimal("142.45")}])
    assert empty.schema == filled.schema
    assert filled.schema["unit_price"] == pl.Decimal(38, 6)
    assert filled.schema["order_date"] == pl.Date
    assert filled.schema["quantity"] == pl.Int64
    assert filled.schema["raw"] == pl.Map(pl.String, pl.String)
    assert isinstance(filled.schema["placements"], pl.List)


def test_values_come_back_as_they_went_in() -> None:
    row = {
        "_record": 1,
        "raw": {"Moms %": "6", "Tom": None},
        "unit_price": Decimal("134.386792"),
        "order_date": date(2024, 3, 11),
        "placements": [
            {column.name: None for column in PLACEMENT} | {"quantity": 2, "fund_amount": Decimal("9.5")}
        ],
        "system_numbers": ["(OCoLC)183148220"],
        "is_electronic": False,
    }
    back = order_line_frame([row]).row(0, named=True)
    assert {name: back[name] for name in row} == row
    assert back["raw"]["Moms %"] == "6"


def test_null_empty_and_filled_stand_beside_each_other() -> None:
    spot = dict.fromkeys([column.name for column in PLACEMENT])
    maps: list[object] = [None, {}, {"b": "1", "a": None}, {"x": "2"}]
    spots: list[object] = [[], None, [{**spot, "quantity": 2}, spot], [{**spot, "note": "å"}]]
    rows = [
        {"_record": n, "raw": raw, "placements": places, "system_numbers": [] if n else None}
        for n, (raw, places) in enumerate(zip(maps, spots, strict=True))
    ]
    frame = order_line_frame(rows)
    assert frame["raw"].to_list() == maps
    assert frame["placements"].to_list() == spots
    assert frame["system_numbers"].to_list() == [None, [], [], []]
    assert frame.schema == order_line_frame([]).schema


@pytest.mark.parametrize(
    "bad",
    [
        {"quantity": "2"},
        {"quantity": True},
        {"unit_price": 1.5},
        {"unit_price": "3"},
        {"unit_price": Decimal("1.1234567")},
        {"unit_price": Decimal("NaN")},
        {"title": 7},
        {"is_electronic": "J"},
        {"placements": [{"quantity": "2"}]},
        {"placements": [{"fund_amount": Decimal("1.1234567")}]},
    ],
)
def test_a_value_of_another_type_is_not_bent_into_shape(bad: dict[str, object]) -> None:
    """Polars would: it rounds such a Decimal, and makes null of a text in its place."""
    with pytest.raises(TypeError, match=next(iter(bad))):
        order_line_frame([{"_record": 1, **bad}])


def test_only_wanted_columns_are_made() -> None:
    assert order_line_frame([], frozenset({"title", "isbn"})).columns == [
        "isbn",
        "title",
        "_record",
        "_line",
        "_offset",
    ]


def test_an_unknown_wanted_column_is_refused_with_the_way_to_raw() -> None:
    with pytest.raises(Refusal) as refused:
        OrderBatches("orders.csv", None, frozenset({"Moms"}))
    assert [problem.code for problem in refused.value.problems] == ["E308"]
    assert "raw['Moms']" in str(refused.value.problems[0].help)


def test_a_record_with_an_error_gives_no_row() -> None:
    batches = OrderBatches("orders.csv", None, None)
    batches.add(PLACE, b"raw", [line(title="x")], [Problem("E351", "bad")])
    batches.add(
        DataPlace("orders.csv", 2), b"two", [line(title="y")], [Problem("E360", "odd", Severity.WARNING)]
    )
    batch = batches.flush(last=True)
    assert [(item.record, item.raw) for item in batch.rejected] == [(1, b"raw")]
    assert batch.frame["title"].to_list() == ["y"]
    assert [note.code for note in batch.notes] == ["E360"]


def test_bytes_that_have_to_be_read_again_are_kept_for_whatever_rejects_a_record() -> None:
    """Also for what is only noticed once the line is to be spread over its placements."""
    batches = OrderBatches("orders.csv", None, None, "lines")
    spot = dict.fromkeys([c.name for c in PLACEMENT]) | {"quantity": 1}
    read_again: list[int] = []

    def add(number: int, placements: int, note: str) -> None:
        def raw() -> bytes:
            read_again.append(number)
            return b"bytes of %d" % number

        one = line(placements=[spot] * placements, raw={"note": note})
        batches.add(DataPlace("orders.csv", number), raw, [one])

    add(1, 2, "short")
    add(2, 1000, "x" * 100_000)
    [lost] = batches.flush(last=True).rejected
    assert (lost.record, lost.raw, [one.code for one in lost.problems]) == (2, b"bytes of 2", ["E333"])
    assert read_again == [2]


def test_a_row_for_each_placement_if_wanted() -> None:
    batches = OrderBatches("orders.csv", None, None, "lines")
    spots = [
        dict.fromkeys([c.name for c in PLACEMENT]) | {"quantity": n, "department": d}
        for n, d in ((2, "Barn"), (1, "Vuxen"))
    ]
    batches.add(PLACE, b"", [{"quantity": 3, "placements": spots, "classification": "Hc"}])
    frame = batches.flush(last=True).frame
    assert frame.select("_record", "sub_line", "quantity", "department", "classification").rows() == [
        (1, "1", 2, "Barn", "Hc"),
        (1, "2", 1, "Vuxen", "Hc"),
    ]
    assert [len(spots) for spots in frame["placements"]] == [1, 1]


def test_defaults_are_counted_in_the_last_batch() -> None:
    layout = load_layouts("bokus")["bokus_order"].adapted({}, {}, {"currency": "SEK"})
    batches = OrderBatches("orders.csv", layout, None)
    for record in (1, 2):
        batches.add(DataPlace("orders.csv", record), b"", [line(_defaulted=("currency",))])
    assert batches.flush().notes == ()
    assert [note.message for note in batches.flush(last=True).notes] == [
        '2 order lines without "currency" got the default "SEK"'
    ]
