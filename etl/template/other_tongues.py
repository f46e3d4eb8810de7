"""A node of a template that reads, but means something in another language only → what to write here."""

from __future__ import annotations

from collections.abc import Callable, Container

from jinja2 import nodes

from etl.problems import MappingPlace, Problem
from etl.template.builtins import INSTEAD
from etl.template.lexer import offset_of

_FILTERS = {**INSTEAD, "number": "decimal", "len": "length", "count": "length", "strip": "trim",
            "concat": "join", "coalesce": "default", "nvl": "default", "isbn": "isbn13", "tolower": "lower",
            "toupper": "upper", "str": "string"}  # fmt: skip
"""What functions are called elsewhere → our filter."""


def from_another_language(
    node: nodes.Node,
    filters: Container[str],
    tests: Container[str],
    locate: Callable[[int, int], MappingPlace],
) -> Problem | None:
    """E213: a filter written as a function, a test written as a member (`int(copies)`, `x.is_none`)."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        name = node.node.name
        meant = _FILTERS.get(name, name)
        if meant not in filters:
            return None
        what = f"{_words(node.args[0])} | {meant}" if node.args else f"… | {meant}"
        said = f'"{name}" is not called as a function: a filter stands behind what it changes'
        place = locate(offset_of(node.node.lineno), len(name))
        return Problem(
            "E213", said, mapping=place, help=f"write  {what}{'(…)' if len(node.args) > 1 else ''}"
        )
    attribute = node.attr if isinstance(node, nodes.Getattr) else ""
    test = attribute.removeprefix("is_")
    test = {"null": "none", "empty": "none"}.get(test, test)
    if attribute.startswith("is_") and test in tests:
        assert isinstance(node, nodes.Getattr)  # noqa: S101 - only they have an attribute
        said = f'"{attribute}" is no member of a value: it asks a question'
        place = locate(offset_of(node.lineno), len(attribute) + 1)
        return Problem("E213", said, mapping=place, help=f"write  {_words(node.node)} is {test}")
    return None


def _words(node: nodes.Node) -> str:
    """A name, a member of one or a constant as written; anything else is not repeated."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_words(node.node)}.{node.attr}"
    return repr(node.value) if isinstance(node, nodes.Const) else "…"
