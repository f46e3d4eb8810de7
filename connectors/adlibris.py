"""Orders of Adlibris (JSON) → neutral order lines.

What the documents hold, and which of it is assumed, stands in layouts/adlibris_*.toml and in the README.md of
mappings/adlibris.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from connectors.adlibris_lines import lines_of
from connectors.formats.json_documents import find_json, read_json
from connectors.formats.text_encoding import TextEncoding, guessed
from connectors.layouts import Layout, LayoutOptions, chosen_note, load_layouts, named_layout, recognise
from connectors.order_batches import OrderBatches
from connectors.order_line import IDENTITY, order_columns
from etl.plugin import Batch, Columns, Connector, Source

_LAYOUTS = load_layouts("adlibris")
_FALLBACK = "windows-1252"


class AdlibrisOptions(LayoutOptions):
    """A document, a list of documents, or a document per line."""

    max_document_bytes: int = Field(
        16 << 20,
        ge=1024,
        description="A longer order, catalogue records included, is rejected; bounds the memory used.",
    )


class AdlibrisConnector(Connector):
    """JSON as posted to the library system, or as an order confirmation."""

    name = "adlibris"
    summary = "Adlibris orders (JSON) as neutral order lines"
    Options = AdlibrisOptions
    identity = IDENTITY

    def columns(self, options: AdlibrisOptions, source: Source | None) -> Columns:
        """The neutral order line. Raises Refusal when the source is no JSON or in no layout of Adlibris."""
        if source is not None:
            _find_layout(source, options)
        return order_columns()

    def read(
        self, source: Source, options: AdlibrisOptions, wanted: frozenset[str] | None
    ) -> Iterator[Batch]:
        """One record for each order line; one Rejected for a document that cannot be taken apart.

        Raises Refusal: E300–E303 unusable as text, E370 no JSON, E356 no known layout, E308 no such column.
        """
        encoding, layout, why = _find_layout(source, options)
        notes = (
            [chosen_note(source.name, layout, why)] if layout is not None and options.layout == "auto" else []
        )
        if encoding.guessed:
            notes.append(guessed(source, encoding))
        # A file without one readable order still gives its Rejecteds: no layout is asked for anything then.
        reader = layout or next(iter(_LAYOUTS.values()))
        batches = OrderBatches(source.name, layout, wanted, options.placements, notes)
        with_marc = wanted is None or "marc_xml" in wanted
        number = 0
        for document in read_json(source, encoding, options.max_document_bytes):
            for one in lines_of(document, reader, source.name, number + 1, with_marc):
                number += 1
                batches.add(one.place, one.raw, one.lines, one.problems)
                if batches.full:
                    yield batches.flush()
        yield batches.flush(last=True)

    def inspect(self, source: Source, options: AdlibrisOptions) -> dict[str, str]:
        """Layout and encoding, each with the reason."""
        encoding, layout, why = _find_layout(source, options)
        said = f"{layout.name}: {layout.title} ({why})" if layout is not None else why
        return {"layout": said, "encoding": f"{encoding.codec} ({encoding.why})"}


def _find_layout(source: Source, options: AdlibrisOptions) -> tuple[TextEncoding, Layout | None, str]:
    """By the keys of the first document that is an object; None when there is none."""
    encoding = find_json(source, options.encoding, _FALLBACK)
    if options.layout != "auto":
        named = named_layout(source.name, _LAYOUTS, options.layout)
        return encoding, options.adapted(named), "set by the option layout"
    for document in read_json(source, encoding, options.max_document_bytes):
        if document.trouble is None and isinstance(document.value, dict):
            layout, why = recognise(source.name, _LAYOUTS, list(document.value))
            return encoding, options.adapted(layout), why
    return encoding, None, "there is no readable order in the file"
