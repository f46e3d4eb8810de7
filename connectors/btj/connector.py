"""A file of BTJ → batches of neutral order lines, in whichever of three layouts it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from connectors.btj.notice import read_notice
from connectors.btj.options import BtjOptions
from connectors.btj.records import read_records
from connectors.delimited_orders import find_delimited, read_delimited
from connectors.formats.editx import ROOT, read_header
from connectors.formats.iso2709_chunks import looks_like_iso2709
from connectors.formats.marc_detection import find_serialisation
from connectors.formats.opening import read_head
from connectors.formats.other_papers import other_paper
from connectors.formats.xml_elements import read_root
from connectors.layouts import Layout, chosen_note, load_layouts, named_layout
from connectors.order_line import IDENTITY, order_columns
from etl.plugin import Batch, Columns, Connector, DataPlace, Problem, Refusal, Source

_LAYOUTS = load_layouts("btj")
NOTICE, FLAT, RECORDS = "btj_editx", "btj_orderbekraftelse", "btj_marc"
_XML = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*<")
_MARC_ROOTS = frozenset({"collection", "record"})


class BtjConnector(Connector):
    """EDItX LibraryShipNotice, semicolons in Windows-1252 or UTF-8, or MARC 21 in ISO 2709 or MARCXML."""

    name = "btj"
    summary = "BTJ ship notices (EDItX), order confirmations and MARC records as neutral order lines"
    Options = BtjOptions
    identity = IDENTITY

    def columns(self, options: BtjOptions, source: Source | None) -> Columns:
        """The neutral order line. Raises Refusal when the source is in no layout of BTJ (E356)."""
        if source is not None:
            layout, _ = _find(source, options)
            if layout.name == NOTICE:
                read_header(source)
            elif layout.name == RECORDS:
                find_serialisation(source, "auto")
        return order_columns()

    def read(self, source: Source, options: BtjOptions, wanted: frozenset[str] | None) -> Iterator[Batch]:
        """One record for each ItemDetail, row or MARC record; or a row for each placement of it."""
        layout, why = _find(source, options)
        notes = [chosen_note(source.name, layout, why)] if options.layout == "auto" else []
        if layout.name == NOTICE:
            yield from read_notice(source, layout, options, wanted, notes)
        elif layout.name == RECORDS:
            yield from read_records(source, layout, options, wanted, notes)
        else:
            for batch in read_delimited(source, options, {FLAT: _LAYOUTS[FLAT]}, wanted):
                yield replace(batch, notes=(*notes, *batch.notes))
                notes = []

    def inspect(self, source: Source, options: BtjOptions) -> dict[str, str]:
        """The layout and why; of a notice its Header, of a flat file its encoding and fields."""
        layout, why = _find(source, options)
        if layout.name == FLAT:
            return find_delimited(source, options, {FLAT: _LAYOUTS[FLAT]}).inspected()
        found = {"layout": f"{layout.name}: {layout.title} ({why})"}
        if layout.name == NOTICE:
            return {**found, **read_header(source)}
        form, because = find_serialisation(source, "auto")
        return {**found, "format": f"{form} ({because})"}


def _find(source: Source, options: BtjOptions) -> tuple[Layout, str]:
    """(layout as the mapping wants it, why). Raises Refusal: E300–E302, E356 no layout of BTJ, E349, E367."""
    head = read_head(source)
    if options.layout != "auto":
        named = named_layout(source.name, _LAYOUTS, options.layout)
        return options.adapted(named), "set by the option layout"
    if _XML.match(head):
        name, why = _by_root(source)
    elif looks_like_iso2709(head):
        name, why = RECORDS, "it is MARC in ISO 2709"
    else:
        found = find_delimited(source, options, {FLAT: _LAYOUTS[FLAT]})
        return found.layout, found.why
    return options.adapted(_LAYOUTS[name]), why


def _by_root(source: Source) -> tuple[str, str]:
    root = read_root(source)
    if root == ROOT:
        return NOTICE, f"its root element is {ROOT}"
    if root in _MARC_ROOTS:
        return RECORDS, "it is MARCXML"
    if (other := other_paper(source.name, [root])) is not None:
        raise Refusal(other)
    told = f'no known layout: the XML is "{root[:60]}"'
    help_ = f"looked for: {ROOT} (EDItX), collection or record (MARCXML)"
    raise Refusal(Problem("E356", told, data=DataPlace(source.name), help=help_))
