"""A `lookup` whose table or column is worked out → refused: the mapping says what they are called."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping

from jinja2 import nodes

from etl.problems import MappingPlace, Problem
from etl.slips.quoted import template_text
from etl.template.plain_words import bracketed, shown
from etl.template.spans import span_of

Locate = Callable[[int, int], MappingPlace]
Tables = Mapping[str, Collection[str]]
"""Name → the columns that templates may read."""


def not_named(node: nodes.Filter, text: str, tables: Tables, locate: Locate) -> list[Problem]:
    """E215: a table or a column of `lookup` (also under `map`) that is no text in quotes."""
    args, name = list(node.args), node.name
    if name == "map" and args and isinstance(args[0], nodes.Const):
        name, args = str(args[0].value), args[1:]
    if name != "lookup":
        return []
    told: dict[str, nodes.Expr] = {str(pair.key): pair.value for pair in node.kwargs}
    told |= dict(zip(("table", "column"), args, strict=False))
    asked = told.get("table")
    known: Collection[str] = tables
    for what in ("table", "column"):
        given = told.get(what)
        if given is not None and not isinstance(given, nodes.Const):
            start, end = span_of(given)
            said = f"the {what} of a lookup is a name in quotes, and {shown(text[start:end])} is worked out"
            help_ = _help(node, given, known, text)
            return [Problem("E215", said, mapping=locate(start, end - start), help=help_)]
        known = tables.get(str(asked.value), ()) if isinstance(asked, nodes.Const) else ()
    return []


def _help(node: nodes.Filter, given: nodes.Expr, known: Collection[str], text: str) -> str:
    start, end = span_of(given)
    value = node.node
    if isinstance(value, nodes.Const) and value.value in known and len(node.args) == 1:
        whole = f"{bracketed(text[start:end])} | lookup({template_text(value.value)})"
        return f"the two stand the wrong way round: write  {whole}"
    try:
        written = str(given.as_const())
    except nodes.Impossible:
        written = text[start:end]
    near = written if written in known else next(iter(difflib.get_close_matches(written, known, 1)), None)
    name = near or (next(iter(known)) if len(known) == 1 else None)
    if name is None:
        names = f"name one of these in quotes: {', '.join(known)}; choose between several with $if or $first"
        return names if known else "declare it under  lookups:  and name it in quotes"
    begin, close = span_of(node)
    return f"write  {text[begin:start]}{template_text(name)}{text[end:close]}"
