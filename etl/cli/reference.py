"""What a mapping can name (a connector, a filter, a table of codes …) → an article about it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from etl.cli.article import Article, Grid, Verbatim
from etl.cli.reference_options import options_of
from etl.documents.code_tables import TABLES, table
from etl.documents.likely_codes import meaning
from etl.documents.order_type import order_type
from etl.plugin import ColumnKind, Connector, Shape, Sink, Target
from etl.template.filters.described import described, signature

_KINDS = {
    "text": "text", "integer": "whole number", "decimal": "decimal", "date": "date", "boolean": "yes or no",
    "cell": "text, never null", "texts": "list of texts", "map": "map of text to text",
}  # fmt: skip
_HEADS = {"also": "also called", "minor_units": "decimals", "no_charge": "no charge", "grade": "how sure"}
_LEFT_OUT = ("code", "label", "meaning")


def about(kind: str, name: str, thing: Any) -> Article:
    """`thing` is what the registry has under the name; for `codes` it is nothing."""
    match kind:
        case "connectors":
            return _connector(name, thing)
        case "targets":
            return _target(name, thing)
        case "sinks":
            return _sink(name, thing)
        case "filters":
            prose, examples = described(thing)
            return Article(name, [f"`{signature(name, thing)}`", *prose, Verbatim(examples)])
    return _codes(name)


def _connector(name: str, made: type[Connector]) -> Article:
    said = [made.summary + ".", *filter(None, [inspect.cleandoc(made.guide)])]
    return Article(name, [*said, *options_of(made.Options), *_columns_of(made)])


def _columns_of(made: type[Connector]) -> Iterator[str | Grid]:
    columns = made.columns_by_default()
    if columns is None:
        yield "Columns: they depend on its options."
        return
    rows = [
        row
        for column, doc in columns.names.items()
        for row in _column_rows(column, columns.kinds.get(column, columns.others), doc)
    ]
    if rows:
        yield Grid("Columns", ("column", "type", "meaning"), rows)
    if not rows or not columns.closed:
        kind = kind_words(columns.others)
        yield f"Columns: those that the file or the options name; their values are {kind}."


def _column_rows(column: str, kind: ColumnKind | None, doc: str) -> Iterator[tuple[str, str, str]]:
    """A column, and the members of the groups that are in it."""
    yield column, kind_words(kind), doc
    if not isinstance(kind, str | None):
        yield from ((f"{column}[].{name}", kind_words(one), f"in each of {column}") for name, one in kind)


def kind_words(kind: ColumnKind | None) -> str:
    """The kind of a column in words.

    >>> kind_words("integer"), kind_words((("quantity", "integer"),))
    ('whole number', 'list of groups')
    """
    if kind is None:
        return "not declared"
    return _KINDS.get(kind, kind) if isinstance(kind, str) else "list of groups"


def _sink(name: str, made: type[Sink]) -> Article:
    return Article(name, [made.summary + ".", *options_of(made.Options)])


def _target(name: str, made: type[Target]) -> Article:
    rows = [
        (path, shape.kind, "needed" if shape.required else "", shape.doc)
        for path, shape in _fields("", made.shape)
    ]
    return Article(name, [made.summary + ".", Grid("Fields", ("field", "type", "", "meaning"), rows)])


def _fields(path: str, shape: Shape) -> Iterator[tuple[str, Shape]]:
    """Dotted path → field, those that a mapping may write."""
    for name, member in shape.members.items():
        if member.output_only:
            continue
        own = f"{path}{name}" + "[]" * (member.item is not None)
        yield own, member
        yield from _fields(f"{own}.", member.item or member)


def _codes(name: str) -> Article:
    rows = table(name)
    others = [
        head
        for head in next(iter(rows.values()), {})
        if head not in _LEFT_OUT and any((row.get(head) or "").strip() for row in rows.values())
    ]
    typed = name == "purchase_type"
    means = any(meaning(name, code) for code in rows)
    head = [
        "code",
        *["meaning"] * means,
        *["medium", "term"] * typed,
        *(_HEADS.get(one, one) for one in others),
    ]
    grid = [
        (
            code,
            *[meaning(name, code)] * means,
            *([order_type(code).medium, order_type(code).term] if typed else []),
            *((row.get(one) or "").replace(" ", ", " if one == "also" else " ") for one in others),
        )
        for code, row in rows.items()
    ]
    return Article(name, [TABLES[name], Grid("Codes", tuple(head), grid)])
