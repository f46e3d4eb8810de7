"""What every vendor connector yields → the neutral order line: one table of columns, types and meanings.

One shared mapping (mappings/_shared) serves all vendors because they all yield these columns and no others. A
vendor connector is then a format, a layout (data, see `connectors.layouts`) and this:

    from connectors.layouts import LayoutOptions, load_layouts, parse_line
    from connectors.order_batches import OrderBatches
    from connectors.order_line import order_columns

    LAYOUTS = load_layouts("bokus")                  # every connectors/layouts/bokus*.toml
    class BokusOptions(LayoutOptions): ...           # layout, columns, formats, defaults, encoding, …

    layout = options.adapted(LAYOUTS["bokus_order"]) # with what the mapping overrides for this customer
    batches = OrderBatches(source.name, layout, wanted, options.placements)
    for cells, place, raw in …:                      # place: DataPlace(file, record, line, offset)
        row, problems = parse_line(layout, {"Kundnr": "5501287", "Pris exkl moms": "142,45", …}, place)
        batches.add(place, raw, [row], problems)     # an error among them: one Rejected; else rows and notes
        if batches.full:
            yield batches.flush()
    yield batches.flush(last=True)                   # at least one batch; the last tells defaults

`parse_line` takes the vendor's own field names and texts, finds columns by the layout's aliases, parses, and
puts all fields under `raw`. Values that a connector knows otherwise (from a file name, a header record) are
given as `more={"order_id": …}`, neutral and already typed; lists of placements too, as `more={"placements":
[{"department": "Barn", "quantity": 2}, …]}`: they are completed, checked against the quantity, and a line
without any gets one from its own library, department and location. A present value that cannot be parsed
(money, date, quantity, percent, flag, ISBN rounded by Excel) is a problem with the record's line and the
vendor's column; a missing one is null. One order line is one record: number them through the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.formats.typed_rows import Frame, typed_frame
from etl.plugin import ColumnKind, Columns

IDENTITY: Mapping[str, tuple[str, ...]] = {
    "vendor": ("supplier",),
    "order": ("order_id",),
    "line": ("line_no", "sub_line"),
    "titles": ("isbn", "ean", "issn", "title_number", "title_id"),
    "barcodes": ("placements.barcode",),
}
"""Which columns say what an order line is known by: `identity` of every connector that yields them."""


@dataclass(frozen=True, slots=True)
class Column:
    """`kind` is text, integer, decimal, date, boolean, texts, map, or the members of a list of objects."""

    name: str
    kind: ColumnKind
    doc: str


def _columns(*rows: tuple[str, ColumnKind, str]) -> tuple[Column, ...]:
    return tuple(Column(*row) for row in rows)


PLACEMENT = _columns(
    ("sub_line", "text", "the vendor's number of this part of the line"),
    ("library", "text", "library, branch or sigel, in the vendor's words"),
    ("department", "text", "department (avdelning)"),
    ("location", "text", "shelf or collection (placering); a glued code stays glued"),
    ("shelfmark", "text", "call number, if this copy has one of its own"),
    ("loan_period", "text", "loan period or copy category, in the vendor's words"),
    ("quantity", "integer", "copies that go here"),
    ("fund", "text", "fund, budget or account to charge, in the vendor's words"),
    ("fund_amount", "decimal", "what the vendor says this fund pays, in the line's currency"),
    ("barcode", "text", "barcode of the copy, if the vendor puts it on"),
    ("note", "text", "remark on this copy"),
)

COLUMNS = _columns(
    ("source", "text", "name of the layout the line was read with"),
    ("supplier", "text", "the supplier as spelled in the file or set by the layout; look it up without case"),
    ("service", "text", "the vendor's service behind the order (BTJ: MD, DH, PR)"),
    (
        "account",
        "text",
        "customer number at the vendor, as delivered: leading zeros are kept, lost ones not guessed",
    ),
    ("order_id", "text", "the vendor's order number"),
    ("order_date", "date", "day of the order, as written (no change of time zone)"),
    ("line_no", "text", "the vendor's number of the line within the order"),
    ("sub_line", "text", "number of the placement, when the option placements makes a row of each"),
    ("reference", "text", "the buyer's own mark or order number, if the vendor repeats it"),
    ("reference_line", "text", "the buyer's own number of the line, if the vendor repeats it"),
    ("article_no", "text", "the vendor's article number as delivered; often the ISBN or EAN"),
    ("isbn", "text", "ISBN as delivered, with hyphens and qualifier; the filter isbn13 checks it"),
    ("ean", "text", "EAN of what has no ISBN (film, music, games)"),
    ("issn", "text", "ISSN as delivered"),
    ("title_number", "text", "the vendor's title number (titelnummer), not necessarily a record number"),
    (
        "external_no",
        "text",
        "number of the catalogue record, without prefix; whose it is says record_supplier",
    ),
    ("record_supplier", "text", "who makes the catalogue record: BURK or LIBRIS; another word as delivered"),
    ("system_numbers", "texts", "record numbers that carry their prefix, as in 035: (OCoLC)183148220"),
    ("catalogue_record", "boolean", "whether a catalogue record was ordered along (BTJ: BP)"),
    ("title", "text", "title, with subtitle where the vendor gives one"),
    ("author", "text", "first author or editor"),
    ("publisher", "text", "publisher"),
    ("place", "text", "place of publication"),
    ("year", "text", "year of publication, or the vendor's publication date"),
    ("edition", "text", "edition"),
    ("series", "text", "series, with number"),
    ("language", "text", "language, in the vendor's code or words"),
    ("form", "text", "binding, ONIX form or media word: inbunden, BB, Bok; look it up"),
    ("classification", "text", "classification or call number (signum): SAB or Dewey"),
    ("quantity", "integer", "copies ordered, all placements together"),
    ("unit_price", "decimal", "price of one copy, in the currency; see price_basis and price_includes_vat"),
    ("price_basis", "text", "list (a discount comes off it) or net (it is off already); null: not said"),
    ("currency", "text", "ISO 4217 code"),
    ("price_includes_vat", "boolean", "whether unit_price includes VAT; null: not said"),
    ("vat_percent", "decimal", "VAT in percent: 6 is 6 %"),
    ("discount_percent", "decimal", "discount in percent; null: not said, which is not 0"),
    ("fund", "text", "fund, in the vendor's words, if one pays for all copies"),
    ("fund_amount", "decimal", "what the vendor says the fund pays for the line"),
    ("library", "text", "library, branch or sigel, in the vendor's words, if the line has one"),
    ("department", "text", "department, if the line has one"),
    ("location", "text", "shelf or collection, if the line has one"),
    ("loan_period", "text", "loan period or copy category, in the vendor's words"),
    (
        "placements",
        tuple((column.name, str(column.kind)) for column in PLACEMENT),
        "where the copies go: one or more, their quantities adding up to quantity; made from the line's own "
        "library, department and location when the vendor lists none",
    ),
    ("delivery_date", "date", "day of delivery the vendor promises"),
    ("note_vendor", "text", "note to or from the vendor: shelf ready, plastas"),
    ("note_internal", "text", "note of the library's own staff"),
    ("requester", "text", "who asked for it: a user's identifier"),
    ("rush", "boolean", "whether the vendor is to hurry; null: not said"),
    ("reporting_code", "text", "code for the library's own statistics, if the vendor repeats it"),
    ("order_type", "text", "kind of order, in the vendor's words: firm, approval, standing, dda"),
    ("is_electronic", "boolean", "whether it is electronic; null: not said"),
    ("title_id", "text", "Ebook Central title number (OASIS e-books)"),
    ("access_model", "text", "licence of an e-book: 1-User"),
    ("url", "text", "address of the title at the vendor"),
    ("marc_xml", "text", "catalogue record that came along, as MARCXML"),
    ("raw", "map", "the vendor's own fields as delivered, name → text: raw['Moms %']"),
)

KINDS: Mapping[str, ColumnKind] = {column.name: column.kind for column in COLUMNS}


def order_columns() -> Columns:
    """Closed: all vendor connectors yield these, in this order."""
    return Columns({column.name: column.doc for column in COLUMNS}, closed=True, kinds=KINDS)


def order_line_frame(rows: Sequence[Mapping[str, object]], wanted: frozenset[str] | None = None) -> Frame:
    """Rows (parsed values by neutral name, and `_record`, `_line`, `_offset`) → a frame of what is wanted."""
    return typed_frame(rows, {name: kind for name, kind in KINDS.items() if wanted is None or name in wanted})
