"""A node of a template that reads, but means something in another language only → what to write here."""

from __future__ import annotations

from collections.abc import Callable, Container

from jinja2 import nodes

from etl.problems import MappingPlace, Problem
from etl.template.builtins import INSTEAD
from etl.template.lexer import offset_of
from etl.template.plain_words import bracketed

CONSTANTS = {**dict.fromkeys(("null", "nil", "none", "undefined"), "none"), "true": "true", "false": "false"}
"""How the values of the language are called elsewhere, in small letters → ours."""
FILTERS = {**INSTEAD, "number": "decimal", "len": "length", "count": "length", "strip": "trim",
            "concat": "join", "coalesce": "default", "nvl": "default", "isbn": "isbn13", "tolower": "lower",
            "toupper": "upper", "str": "string", "num": "decimal", "money": "amount",
           "tonumber": "decimal", "to_number": "decimal"}  # fmt: skip
"""What filters and functions are called elsewhere → our filter."""


def from_another_language(
    node: nodes.Node,
    filters: Container[str],
    tests: Container[str],
    locate: Callable[[int, int], MappingPlace],
) -> Problem | None:
    """E213: a filter written as a function, a test written as a member (`int(copies)`, `x.is_none`)."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
        name = node.node.name
        meant = FILTERS.get(name.casefold(), name).partition("(")[0]
        if meant not in filters:
            return None
        said = f'"{name}" is not called as a function: a filter stands behind what it changes'
        place = locate(offset_of(node.node.lineno), len(name))
        return Problem("E213", said, mapping=place, help=f"write  {_as_filter(node, meant)}")
    attribute = node.attr if isinstance(node, nodes.Getattr) else ""
    test = attribute.removeprefix("is_")
    test = {"null": "none", "empty": "none"}.get(test, test)
    if attribute.startswith("is_") and test in tests:
        assert isinstance(node, nodes.Getattr)  # noqa: S101 - only they have an attribute
        said = f'"{attribute}" is no member of a value: it asks a question'
        place = locate(offset_of(node.lineno), len(attribute) + 1)
        return Problem("E213", said, mapping=place, help=f"write  {_words(node.node)} is {test}")
    return None


_OF_SEVERAL = ("max", "min", "sum")
"""Functions elsewhere that take their values one by one."""


def _as_filter(call: nodes.Call, name: str) -> str:
    """A call as a filter, with what it is given: `lookup('t', x)` is `x | lookup('t')`."""
    args = [_words(one) for one in call.args]
    if name in _OF_SEVERAL and len(args) > 1:
        return f"[{', '.join(args)}] | {name}"
    if name == "lookup" and len(args) > 1 and isinstance(call.args[0], nodes.Const):
        args[:2] = args[1], args[0]
    first, *rest = args or ["…"]
    rest += [f"{one.key}={_words(one.value)}" for one in call.kwargs if isinstance(one, nodes.Keyword)]
    given = f"({', '.join(rest)})" if rest else ""
    return f"{bracketed(first)} | {name}{given}"


_TESTS = {
    **dict.fromkeys(("empty", "blank", "null", "nil", "missing"), "not {0} ,  or of a number  {0} is none"),
    **dict.fromkeys(("filled", "given", "present", "set"), "{0}  alone ,  or of a number  {0} is not none"),
    **dict.fromkeys(("contains", "containing"), "{1} in {0}"),
    **dict.fromkeys(("startswith", "starting_with"), "{0}.startswith({1})"),
    **dict.fromkeys(("endswith", "ending_with"), "{0}.endswith({1})"),
    **dict.fromkeys(("numeric", "digit", "digits"), "{0}.isdigit()"),
    **dict.fromkeys(("like", "matching", "matches"), "({0} | match({1}, optional=true)) is not none"),
}
"""What is asked of a value elsewhere → what asks it here; {0} is the value, {1} what stands behind."""


def test_of_ours(node: nodes.Test) -> str | None:
    """What to write for a test of another language, if it is one."""
    other = _words(node.args[0]) if node.args else "…"
    meant = _TESTS.get(node.name.casefold())
    return None if meant is None else f"write  {meant.format(_words(node.node), other)}"


def _words(node: nodes.Node) -> str:
    """A name, a member of one, a list of them or a constant as written; anything else is not repeated."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_words(node.node)}.{node.attr}"
    if isinstance(node, nodes.List | nodes.Tuple):
        return f"[{', '.join(map(_words, node.items))}]"
    return repr(node.value) if isinstance(node, nodes.Const) else "…"
