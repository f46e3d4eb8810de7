"""A name that a filter is given, where a text was meant: `amount(sv)` → `amount('sv')`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import nodes

from etl.plugin import BadArgument, BadValue
from etl.template.spans import span_of


def with_quotes(
    tree: nodes.Template, text: str, name: str, filters: Mapping[str, Callable[..., Any]]
) -> str | None:
    """The filter as it is written, with the name in quotes; None where the filter does not take that text."""
    for node in tree.find_all(nodes.Filter):
        given = [*node.args, *(pair.value for pair in node.kwargs)]
        meant = next((one for one in given if isinstance(one, nodes.Name) and one.name == name), None)
        if meant is None or not _takes(filters[node.name], node, meant):
            continue
        (begin, end), (start, close) = span_of(node), span_of(meant)
        return f"{text[begin:start]}'{name}'{text[close:end]}"
    return None


def _takes(filter_: Callable[..., Any], node: nodes.Filter, meant: nodes.Name) -> bool:
    """Does the filter take the text? That is known where all else that it is given stands in the mapping."""

    def said(one: nodes.Expr) -> Any:
        return meant.name if one is meant else one.as_const()

    if hasattr(filter_, "jinja_pass_arg") or hasattr(filter_, "__wrapped__"):
        return False
    try:
        filter_(None, *map(said, node.args), **{str(pair.key): said(pair.value) for pair in node.kwargs})
    except (nodes.Impossible, BadArgument, TypeError):
        return False
    except BadValue:
        return True
    return True
