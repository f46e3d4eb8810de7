"""OASIS's JSON → batches of order lines: each document is an order line, or an answer of the order API.

An answer alone is an order number and a status: its title comes from the overlay, if at all. The parameters
of the request may stand beside it, at the same level or in an object of their own ({"request": {…}}). The
API key among them is masked wherever it would be written down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from connectors.formats.json_documents import JsonDocument, read_json
from connectors.formats.json_values import JsonValue, json_text
from connectors.formats.text_encoding import TextEncoding
from connectors.formats.trouble import Trouble
from connectors.layouts import Layout, fields_taken, parse_line, said_twice
from connectors.layouts.json_lists import single_texts
from connectors.oasis.completion import Completion
from connectors.oasis.options import OasisOptions
from connectors.order_batches import OrderBatches
from etl.plugin import Batch, DataPlace, Problem, Severity, Source

ACCEPTED = "100"
_KEY_NAME = re.compile(r"(?:.*\.)?api_?key", re.IGNORECASE)
_KEY = r'("api_?key"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|[^\s",}\]]+)|(\bapi_?key=)[^&\s"]*'
_IN_TEXT = re.compile(_KEY, re.IGNORECASE)
_IN_BYTES = re.compile(_KEY.encode("ascii"), re.IGNORECASE)


def read_json_orders(
    source: Source,
    layout: Layout,
    encoding: TextEncoding,
    options: OasisOptions,
    wanted: frozenset[str] | None,
    notes: Sequence[Problem],
    completion: Completion,
) -> Iterator[Batch]:
    """One record for each document, as a line or as a Rejected."""
    batches = OrderBatches(source.name, layout, wanted, options.placements, notes)
    for number, document in enumerate(read_json(source, encoding, options.max_document_bytes), 1):
        place = DataPlace(source.name, number, document.line, document.offset)
        lines, problems = _lines_of(document, layout, place)
        if not any(problem.severity is Severity.ERROR for problem in problems):
            for line in lines:
                problems += completion.complete(line, place)
        batches.add(place, masked(document.raw), lines, problems)
        if batches.full:
            yield batches.flush()
    for problem in completion.problems():
        batches.note(problem)
    yield batches.flush(last=True)


def fields_of(value: dict[str, JsonValue]) -> dict[str, str | None]:
    """The document's members as texts; those of an object in it come up, unless the name is taken."""
    fields: dict[str, str | None] = {}
    inner: dict[str, JsonValue] = {}
    for name, one in value.items():
        if isinstance(one, dict):
            for key, sub in one.items():
                inner[f"{name}.{key}" if key in value or key in inner else key] = sub
        else:
            fields[name] = json_text(one)
    fields |= {name: json_text(one) for name, one in inner.items()}
    return {name: _blotted(name, text) for name, text in fields.items()}


def masked(raw: bytes) -> bytes:
    """The bytes with the value of an API key blotted out: reports are read by people who may not have it.

    >>> masked(b'{"apiKey": "s3cret", "url": "https://example.org/order?apiKey=s3cret&ISBN=1"}')
    b'{"apiKey": "***", "url": "https://example.org/order?apiKey=***&ISBN=1"}'
    """
    return _IN_BYTES.sub(lambda found: found[1] + b'"***"' if found[1] else found[2] + b"***", raw)


def _blotted(name: str, text: str | None) -> str | None:
    if text is None or _KEY_NAME.fullmatch(name):
        return text and "***"
    return _IN_TEXT.sub(lambda found: found[1] + '"***"' if found[1] else found[2] + "***", text)


def _lines_of(
    document: JsonDocument, layout: Layout, place: DataPlace
) -> tuple[list[dict[str, object]], list[Problem]]:
    if document.trouble is not None:
        return [], [document.trouble.at(place)]
    if not isinstance(document.value, dict):
        told = "this is no order line: not an object with keys"
        return [], [Trouble("E373", told, "an order line is written {…}").at(place)]
    problems = [trouble.at(place) for _, trouble in document.troubles]
    fields = fields_of(document.value)
    if layout.name == "oasis_answer" and (refused := _refused(fields)) is not None:
        return [], [*problems, refused.at(place)]
    listed, several = single_texts(_lists_of(document.value), fields_taken(layout, fields).values())
    problems += [trouble.noted(place) for trouble in several]
    inner = [name for name, one in document.value.items() if isinstance(one, dict)]
    twice = said_twice(layout, fields, inner, place)
    fields |= {name: _blotted(name, text) for name, text in listed.items() if name in fields}
    line, unread = parse_line(layout, fields, place, None, twice.compared)
    return [line], [*problems, *unread, *twice.problems]


def _lists_of(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The members that are lists, also those of an object in it."""
    inner = [pair for one in value.values() if isinstance(one, dict) for pair in one.items()]
    return {name: one for name, one in [*inner, *value.items()] if isinstance(one, list)}


def _refused(fields: dict[str, str | None]) -> Trouble | None:
    code, message = fields.get("Code"), fields.get("Message")
    if code == ACCEPTED:
        return None
    said = f"Code {code}" if code else "no Code"
    more = f', "{message}"' if message else ""
    help_ = "nothing was ordered; 100 means accepted, 200 was seen for an ISBN that OASIS does not know"
    return Trouble("E394", f"OASIS did not accept the order: {said}{more}", help_, "Code")
