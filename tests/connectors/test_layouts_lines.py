"""Fields and a layout → a line: aliases, overrides, placements, contradictions."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from connectors.layouts import (
    ColumnLayout,
    Layout,
    LayoutOptions,
    check_fields,
    load_layouts,
    parse_line,
    recognise,
)
from etl.plugin import DataPlace, Refusal

PLACE = DataPlace("orders.csv", 7, 8, 900)
BOKUS = load_layouts("bokus")["bokus_order"]
FIELDS = {
    "Kundnr": "0501287",
    "Ordernr": "B-1",
    "Rad": "1",
    "Artikelnr": "9789199999036",
    "Titel": "Blåbär",
    "Antal": "3",
}


def codes(fields: dict[str, str], layout: Layout = BOKUS, **more: object) -> list[tuple[str, str | None]]:
    _, problems = parse_line(layout, fields, PLACE, more)
    assert all(
        (one.data.record, one.data.line, one.data.offset) == (7, 8, 900) for one in problems if one.data
    )
    return [(one.code, one.data.field if one.data else None) for one in problems]


def test_every_shipped_layout_is_sound() -> None:
    for vendor in ("adlibris", "bokus", "btj", "forlagett"):
        layouts = load_layouts(vendor)
        assert layouts
        for name, layout in layouts.items():
            assert name.startswith(vendor)
            for column in layout.columns:
                layout.format_of(column)


def test_leading_zeros_and_all_fields_are_kept() -> None:
    line, problems = parse_line(BOKUS, {**FIELDS, "Lagerplats": "X1"}, PLACE)
    assert problems == ()
    assert line["account"] == "0501287"
    assert line["raw"] == {**FIELDS, "Lagerplats": "X1"}
    assert line["source"] == "bokus_order"


@pytest.mark.parametrize("spelling", ["TITEL", "titel ", "Titel:", "Tïtel"])
def test_field_names_are_compared_folded(spelling: str) -> None:
    fields = {name: text for name, text in FIELDS.items() if name != "Titel"} | {spelling: "Blåbär"}
    assert parse_line(BOKUS, fields, PLACE)[0]["title"] == "Blåbär"


def test_the_first_alias_with_a_value_wins() -> None:
    assert parse_line(BOKUS, {**FIELDS, "Mediatyp": "Bok", "Bandtyp": ""}, PLACE)[0]["form"] == "Bok"
    assert parse_line(BOKUS, {**FIELDS, "Mediatyp": "Bok", "Bandtyp": "Häftad"}, PLACE)[0]["form"] == "Häftad"


@pytest.mark.parametrize(
    ("number", "isbn", "ean"),
    [
        ("9789199999036", "9789199999036", None),
        ("91-999990-1-3", "91-999990-1-3", None),
        ("7340000000017", None, "7340000000017"),
        ("9790000000001", None, "9790000000001"),
        ("B-117", None, None),
    ],
)
def test_an_article_number_is_an_isbn_an_ean_or_neither(
    number: str, isbn: str | None, ean: str | None
) -> None:
    line, _ = parse_line(BOKUS, {**FIELDS, "Artikelnr": number}, PLACE)
    assert (line["article_no"], line.get("isbn"), line.get("ean")) == (number, isbn, ean)


def test_all_faults_of_a_line_are_told_with_their_fields() -> None:
    bad = {**FIELDS, "Antal": "två", "Pris exkl moms": "12,3x", "Orderdatum": "2024-02-31", "Kundnr": " "}
    assert codes(bad) == [
        ("E355", "Kundnr"),
        ("E353", "Orderdatum"),
        ("E351", "Antal"),
        ("E351", "Pris exkl moms"),
    ]


@pytest.mark.parametrize(
    ("price", "currency", "told"),
    [
        ("19,90 EUR", "EUR", []),
        ("19,90 kr", "SEK", []),
        ("19,90 kr", "EUR", [("E351", "Pris exkl moms")]),
        ("19,90 EUR", "SEK", [("E351", "Pris exkl moms")]),
    ],
)
def test_a_currency_beside_the_price_may_not_contradict(
    price: str, currency: str, told: list[object]
) -> None:
    assert codes({**FIELDS, "Pris exkl moms": price, "Valuta": currency}) == told


def test_a_currency_beside_the_price_fills_a_missing_one() -> None:
    layout = BOKUS.adapted({}, {}, {"currency": "SEK"})
    for one in (BOKUS, layout):
        line, _ = parse_line(one, {**FIELDS, "Pris exkl moms": "EUR 19,90"}, PLACE)
        assert (line["currency"], line["_defaulted"]) == ("EUR", ())
    assert parse_line(layout, {**FIELDS}, PLACE)[0]["_defaulted"] == ("currency",)


def test_a_computed_price_is_not_rounded_in_silence() -> None:
    assert codes(FIELDS, unit_price=Decimal("142.4528301")) == [("E351", "unit_price")]
    assert codes(FIELDS, unit_price=Decimal("142.452830")) == []


# ------------------------------------------------------------------------------------- placements


def test_a_line_without_placements_gets_one_of_its_own() -> None:
    line, _ = parse_line(BOKUS, {**FIELDS, "Avdelning": "Barn", "Placering": "Hylla"}, PLACE)
    (spot,) = line["placements"]  # type: ignore[misc]
    assert (spot["department"], spot["location"], spot["quantity"]) == ("Barn", "Hylla", 3)


def test_placements_have_to_add_up() -> None:
    spots = [{"department": "Barn", "quantity": 2}, {"department": "Vuxen", "quantity": 1}]
    assert codes(FIELDS, placements=spots) == []
    assert codes(FIELDS, placements=spots[:1]) == [("E357", None)]
    assert codes(FIELDS, placements=[*spots, {"quantity": None}]) == [("E357", None)]


def test_a_line_without_quantity_has_that_of_its_placements() -> None:
    layout = BOKUS.model_copy(
        update={"columns": {**BOKUS.columns, "quantity": ColumnLayout(aliases=("Antal",))}}
    )
    line, problems = parse_line(
        layout, {**FIELDS, "Antal": ""}, PLACE, {"placements": [{"quantity": 2}, {"quantity": 2}]}
    )
    assert (problems, line["quantity"]) == ((), 4)


# -------------------------------------------------------------------------------- what a mapping says


def test_a_mapping_overrides_names_formats_and_defaults() -> None:
    options = LayoutOptions(
        columns={
            "account": "Kund-ID",
            "unit_price": ["Nettopris", "Pris"],
            "price_includes_vat": "Inkl moms",
        },
        formats={"unit_price": "money dot"},
        defaults={"currency": "SEK", "vat_percent": "6"},
    )
    fields = {**FIELDS, "Kund-ID": "0042", "Pris": "1,089.00", "Inkl moms": "Ja"}
    line, problems = parse_line(options.adapted(BOKUS), fields, PLACE)
    assert problems == ()
    assert (line["account"], line["unit_price"], line["currency"]) == ("0042", Decimal("1089.00"), "SEK")
    assert line["price_includes_vat"] is True
    assert line["vat_percent"] == Decimal(6)
    assert line["_defaulted"] == ("vat_percent", "currency")


def test_a_default_may_be_a_flag() -> None:
    layout = LayoutOptions.model_validate({"defaults": {"price_includes_vat": True}}).adapted(BOKUS)
    assert parse_line(layout, FIELDS, PLACE)[0]["price_includes_vat"] is True


@pytest.mark.parametrize(
    "options",
    [
        {"columns": {"pris": "Pris"}},
        {"formats": {"unit_price": "integer"}},
        {"formats": {"order_date": "date MM/DD"}},
        {"defaults": {"raw": "x"}},
        {"encoding": "klingon"},
        {"placements": "rows"},
    ],
)
def test_wrong_options_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        LayoutOptions.model_validate(options)


# --------------------------------------------------------------------------------------- recognition

LAYOUTS = {
    name: Layout(
        name=name, title=name, signature=fields, columns={"account": ColumnLayout(aliases=("Kundnr", "Kund"))}
    )
    for name, fields in {
        "small": ("Kundnr", "Antal"),
        "large": ("Kundnr", "Antal", "Rad"),
        "other": ("Konto",),
    }.items()
}


def test_the_longest_fitting_signature_wins() -> None:
    assert recognise("f", LAYOUTS, ["KUNDNR", "antal"])[0].name == "small"
    assert recognise("f", LAYOUTS, ["Kund", "Antal", "Rad"])[0].name == "large"
    assert recognise("f", LAYOUTS, ["x"], "other")[0].name == "other"


def test_a_field_renamed_by_the_mapping_is_still_recognised() -> None:
    assert recognise("f", LAYOUTS, ["Kund-ID", "Antal"], own={"account": "Kund-ID"})[0].name == "small"


@pytest.mark.parametrize(
    ("names", "asked"), [(["Antal"], "auto"), (["Kundnr", "Antal", "Rad", "Konto"], "larger")]
)
def test_what_is_not_recognised_is_refused_with_what_was_looked_for(names: list[str], asked: str) -> None:
    with pytest.raises(Refusal) as refused:
        recognise("f", LAYOUTS, names, asked)
    (problem,) = refused.value.problems
    assert problem.code == "E356"
    assert "small lacks Kundnr" in str(problem.help) or "Known: small, large, other" in str(problem.help)


def test_two_layouts_alike_are_refused() -> None:
    twins = {name: LAYOUTS["small"].model_copy(update={"name": name}) for name in ("a", "b")}
    with pytest.raises(Refusal) as refused:
        recognise("f", twins, ["Kundnr", "Antal"])
    assert refused.value.problems[0].code == "E356"


def test_a_file_that_lacks_a_required_field_or_has_it_twice_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        check_fields("f", BOKUS, ["Kundnr", "Ordernr", "Rad", "Titel", "TITEL"])
    assert sorted(problem.code for problem in refused.value.problems) == ["E307", "E356"]
