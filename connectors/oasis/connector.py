"""A file of OASIS → batches of neutral order lines, in whichever of three layouts it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.delimited_orders import find_delimited, read_delimited
from connectors.formats.iso2709_chunks import looks_like_iso2709
from connectors.formats.json_documents import find_json, read_json
from connectors.formats.opening import read_head
from connectors.formats.text_encoding import TextEncoding, guessed
from connectors.layouts import Layout, chosen_note, load_layouts, named_layout, recognise
from connectors.oasis.completion import Completion
from connectors.oasis.entries import MarcEntries
from connectors.oasis.json_orders import fields_of, read_json_orders
from connectors.oasis.marc_orders import read_marc_orders
from connectors.oasis.options import OasisOptions
from connectors.oasis.overlay_file import read_overlay
from connectors.order_batches import OrderBatches
from connectors.order_line import IDENTITY, order_columns
from etl.plugin import Batch, Columns, Connector, Problem, Source

_LAYOUTS = load_layouts("oasis")
MARC, ORDER, ANSWER = "oasis_marc", "oasis_order", "oasis_answer"
_XML = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*<")
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?[\s\0]*[\[{]")
_FALLBACK = "windows-1252"


@dataclass(frozen=True, slots=True)
class _Found:
    """`json` is the encoding when the file is JSON; `layout` None when no document in it can be read."""

    layout: Layout | None
    why: str
    json: TextEncoding | None = None


class OasisConnector(Connector):
    """Order-level MARC (ISO 2709, MARCXML), order lines (JSON, CSV), answers of the order API (JSON)."""

    name = "oasis"
    summary = "ProQuest OASIS orders (order-level MARC, JSON, CSV, API answers) as neutral order lines"
    Options = OasisOptions
    identity = IDENTITY

    def columns(self, options: OasisOptions, source: Source | None) -> Columns:
        """The neutral order line. Raises Refusal when the source is in no layout of OASIS (E356)."""
        if source is not None:
            _find(source, options)
        return order_columns()

    def read(self, source: Source, options: OasisOptions, wanted: frozenset[str] | None) -> Iterator[Batch]:
        """One record for each MARC record, JSON document or row.

        Raises Refusal: E300–E303 unusable file, E340–E342 no MARC, E370 no JSON, E356 no known layout, E390
        an overlay that is missing although it may not.
        """
        found = _find(source, options)
        layout = found.layout or options.adapted(_LAYOUTS[ORDER])
        notes: list[Problem] = []
        if options.layout == "auto" and found.layout is not None:
            notes.append(chosen_note(source.name, layout, found.why))
        if found.json is not None and found.json.guessed:
            notes.append(guessed(source, found.json))
        completion = _completion(source.name, options, wanted)
        if layout.name == MARC:
            yield from read_marc_orders(source, layout, options, wanted, notes, completion)
        elif found.json is not None:
            yield from read_json_orders(source, layout, found.json, options, wanted, notes, completion)
        else:
            yield OrderBatches(source.name, layout, wanted, options.placements, notes).flush()
            yield from read_delimited(source, options, {ORDER: _LAYOUTS[ORDER]}, wanted, completion.complete)
            last = OrderBatches(source.name, layout, wanted, options.placements, completion.problems())
            yield last.flush()

    def inspect(self, source: Source, options: OasisOptions) -> dict[str, str]:
        """The layout and why; of JSON and CSV the encoding, of MARC its form."""
        found = _find(source, options)
        if found.layout is None:
            return {"layout": found.why}
        said = {"layout": f"{found.layout.name}: {found.layout.title} ({found.why})"}
        if found.layout.name == MARC:
            return {**said, "format": MarcEntries(source, options.marc_encoding).why}
        if found.json is not None:
            return {**said, "encoding": f"{found.json.codec} ({found.json.why})"}
        return find_delimited(source, options, {ORDER: _LAYOUTS[ORDER]}).inspected()


def _completion(file: str, options: OasisOptions, wanted: frozenset[str] | None) -> Completion:
    if options.overlay is None:
        return Completion(None)
    layout = options.adapted(_LAYOUTS[MARC])
    with_marc = wanted is None or "marc_xml" in wanted
    return Completion(read_overlay(file, options.overlay, layout, with_marc=with_marc))


def _find(source: Source, options: OasisOptions) -> _Found:
    """Raises Refusal: E300–E302, E356 no layout of OASIS, and what the format's reader says."""
    head = read_head(source)
    is_marc = _XML.match(head) is not None or looks_like_iso2709(head)
    asked = None if options.layout == "auto" else named_layout(source.name, _LAYOUTS, options.layout)
    if (asked is None and is_marc) or (asked is not None and asked.name == MARC):
        MarcEntries(source, options.marc_encoding)  # refuses what is XML, but not MARC
        why = "it is MARCXML" if _XML.match(head) else "it is MARC in ISO 2709"
        return _Found(options.adapted(asked or _LAYOUTS[MARC]), "set by the option layout" if asked else why)
    if _JSON.match(head) or (asked is not None and asked.name == ANSWER):
        return _find_json(source, options, asked)
    found = find_delimited(source, options, {ORDER: _LAYOUTS[ORDER]})
    return _Found(found.layout, found.why)


def _find_json(source: Source, options: OasisOptions, asked: Layout | None) -> _Found:
    """By the keys of the first document that is an object."""
    encoding = find_json(source, options.encoding, _FALLBACK)
    if asked is not None:
        return _Found(options.adapted(asked), "set by the option layout", encoding)
    layouts = {name: _LAYOUTS[name] for name in (ORDER, ANSWER)}
    for document in read_json(source, encoding, options.max_document_bytes):
        if document.trouble is None and isinstance(document.value, dict):
            names = list(fields_of(document.value))
            layout, why = recognise(source.name, layouts, names, own=options.columns)
            return _Found(options.adapted(layout), why, encoding)
    return _Found(None, "there is no readable order in the file", encoding)
