"""What an order says once for all its lines, and what a line says for itself: a default, or two things."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.adlibris import AdlibrisConnector
from connectors.forlagett import ForlagettConnector
from connectors.layouts import load_layouts
from connectors.layouts.leftovers import HELD
from connectors.layouts.said_twice import ORDER, with_order
from connectors.oasis import OasisConnector
from etl.plugin import Batch, Connector, Problem, Severity
from etl.testing.sources import bytes_source

Fields = Mapping[str, Any]


def as_json(lines: str) -> Callable[[Fields, Fields], bytes]:
    return lambda head, line: json.dumps({**head, lines: [line]}).encode()


def as_form(head: Fields, line: Fields) -> bytes:
    return urlencode({**head, **{f"{name}_1": text for name, text in line.items()}}).encode()


def as_answer(head: Fields, line: Fields) -> bytes:
    """The request is what an answer says in another place; its own fields win."""
    return json.dumps({**line, "request": head}).encode()


VENDORS: dict[str, tuple[Connector, Callable[[Fields, Fields], bytes], Fields, Fields, str]] = {
    "adlibris_order": (
        AdlibrisConnector(),
        as_json("rader"),
        {"leverantor": "AdLibris", "kundnummer": "712345", "ordernummer": "1", "orderdatum": "2024-03-11"},
        {"radnummer": "1", "artikelnummer": "9789199999012", "titel": "Sju", "antal": "2", "pris": "98.00"},
        ORDER,
    ),
    "adlibris_vendor_order": (
        AdlibrisConnector(),
        as_json("Items"),
        {"Vendor": "AdLibris", "CustomerNumber": "712345", "OrderNumber": "1"},
        {"ISBN": "9789199999012", "Title": "Sju", "Quantity": "2", "Price": "98.00", "Currency": "SEK"},
        ORDER,
    ),
    "forlagett_order": (
        ForlagettConnector(),
        as_form,
        {"lev": "Forlagett", "konto": "4711", "order": "1", "datum": "20240311"},
        {"isbn": "9789199999012", "titel": "Sju", "antal": "2", "pris": "98,00", "avd": "Barn"},
        ORDER,
    ),
    "oasis_order": (
        OasisConnector(),
        as_answer,
        {},
        {
            "order_number": "1", "customer_account": "K", "checkout_type": "firm", "order_date": "2024-03-11",
            "isbn": "9789199999012", "title": "Sju", "format": "P", "quantity": "2", "list_price": "98.00",
        },
        "request",
    ),
}  # fmt: skip
SPELT = {
    "quantity": ("2", "02", "3"),
    "unit_price": ("98.00", "98", "99.00"),
    "vat_percent": ("6", "6.0", "25"),
    "discount_percent": ("27.5", "27,5", "30"),
    "price_includes_vat": ("J", "ja", "N"),
    "is_electronic": ("P", "P", "E"),
    "isbn": ("9789199999012", "9789199999012", "9789199999029"),
    "article_no": ("9789199999012", "9789199999012", "9789199999029"),
    "order_date": ("2024-03-11", "2024-03-11", "2024-03-12"),
    "delivery_date": ("2024-04-11", "2024-04-11", "2024-04-12"),
    "currency": ("SEK", "sek", "EUR"),
}
"""Of a column: what the line says, the same spelt otherwise, something else."""


def read(vendor: str, head: Fields, line: Fields) -> list[Batch]:
    connector, write, heads, lines, _ = VENDORS[vendor]
    data = write({**heads, **head}, {**lines, **line})
    return list(connector.read(bytes_source(data), connector.Options.model_validate({"layout": vendor}), None))


def told(batches: list[Batch]) -> list[Problem]:
    assert [one for batch in batches for one in batch.rejected] == []
    return [one for batch in batches for one in batch.notes if one.severity is Severity.HOLD]


def unread(batches: list[Batch]) -> set[str]:
    return {name for batch in batches for name in batch.unread}


def _spelt(vendor: str, column: str) -> tuple[str, str, str]:
    mine, same, other = SPELT.get(column, ("Barn", "BARN ", "Vuxen"))
    form = load_layouts(vendor.partition("_")[0])[vendor].format_of(column)
    if form.kind == "date" and vendor == "forlagett_order":
        return mine.replace("-", ""), mine, other
    return mine, same, other


CASES = [
    (vendor, column)
    for vendor, (*_, head, _, _) in VENDORS.items()
    for column, one in load_layouts(vendor.partition("_")[0])[vendor].columns.items()
    if one.aliases and one.aliases[0] not in head and column not in ("line_no", "form", "order_type", "order_id")
]


@pytest.mark.parametrize(("vendor", "column"), CASES, ids=[f"{vendor}-{column}" for vendor, column in CASES])
def test_an_order_and_its_line_say_one_thing_or_the_line_waits(vendor: str, column: str) -> None:
    field = load_layouts(vendor.partition("_")[0])[vendor].columns[column].aliases[0]
    place = VENDORS[vendor][-1]
    mine, same, other = _spelt(vendor, column)
    agreed = read(vendor, {field: same}, {field: mine})
    assert [one for one in told(agreed) if one.code == "E440"] == []
    assert f"{place}.{field}" not in unread(agreed)
    apart = read(vendor, {field: other}, {field: mine})
    holds = [one for one in told(apart) if one.data and one.data.field == f"{place}.{field}"]
    columns = load_layouts(vendor.partition("_")[0])[vendor].columns.items()
    reading = {name for name, one in columns if field in one.aliases}
    if reading & HELD:
        assert [one.code for one in holds] == ["E440"]
        assert f'"{other}"' in holds[0].message
        assert f"{place}.{field}" not in unread(apart), "told once"
    else:
        assert holds == []
        assert f"{place}.{field}" in unread(apart)


@pytest.mark.parametrize(
    ("vendor", "name", "field", "first", "second"),
    [
        ("forlagett_order", "Valuta", "valuta", "EUR", "SEK"),
        ("adlibris_vendor_order", "currency", "Currency", "EUR", "SEK"),
    ],
)
def test_another_spelling_of_the_name_is_the_same_name(
    vendor: str, name: str, field: str, first: str, second: str
) -> None:
    batches = read(vendor, {name: first}, {field: second})
    assert [row["currency"] for batch in batches for row in batch.frame.to_dicts()] == [second]
    assert [one.code for one in told(batches)] == ["E440"]


@pytest.mark.parametrize("empty", ["", " "])
@pytest.mark.parametrize(("vendor", "field"), [("forlagett_order", "valuta"), ("adlibris_order", "valuta")])
def test_an_empty_value_of_a_line_says_nothing(vendor: str, field: str, empty: str) -> None:
    batches = read(vendor, {field: "EUR"}, {field: empty})
    assert [row["currency"] for batch in batches for row in batch.frame.to_dicts()] == ["EUR"]
    assert told(batches) == []
    assert unread(batches) & {field, f"order.{field}"} == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [("fordelning", [{"avdelning": "Barn", "antal": 2}]), ("ItemBarcode", "3"), ("MARCRecord", "<x/>")],
)
@pytest.mark.parametrize("vendor", ["adlibris_order", "adlibris_vendor_order"])
def test_what_only_a_line_is_known_to_say(vendor: str, name: str, value: object) -> None:
    [one] = told(read(vendor, {name: value}, {}))
    assert (one.code, one.data and one.data.field) == ("E428", f"order.{name}")
    assert told(read(vendor, {name: []}, {})) == []


TEXTS = st.dictionaries(st.sampled_from(["a", "A", "b", "c"]), st.sampled_from([None, "", " ", "1", "2"]))


@given(TEXTS, TEXTS)
def test_no_value_of_either_is_lost(order: dict[str, str | None], line: dict[str, str | None]) -> None:
    fields = with_order(order, line)
    there = set(fields.values())
    assert {text for text in (*order.values(), *line.values()) if text and text.strip()} <= there
    for name, text in line.items():
        if text and text.strip():
            assert fields[name] == text
    assert len({name.casefold() for name in fields}) >= len({name.casefold() for name in (*order, *line)})
