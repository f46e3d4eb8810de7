"""A template → the lookups and defaults in it that would be made for some records and not for others, unseen.

Which choices are asked, and which of them gave the value, is counted and shown where `$if` and `$first` say
it. Inside an expression nobody sees it: a missing row is told for one record and passed over for the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jinja2 import nodes

from etl.problems import MappingPlace, Problem
from etl.template.lexer import offset_of
from etl.template.spans import span_of

_WORDS = ((nodes.CondExpr, "an inline if"), (nodes.And, "and"), (nodes.Or, "or"))


def conditional_reads(
    tree: nodes.Template, locate: Callable[[int, int], MappingPlace], text: str
) -> list[Problem]:
    """Lookups inside an inline if, `and` and `or`; `.get` with a value to fall back on (E249)."""
    found: dict[int, Problem] = {}
    for kind, word in _WORDS:
        for node in tree.find_all(kind):
            for lookup in _lookups(node):
                place = locate(text.find("lookup", offset_of(lookup.lineno)), len("lookup"))
                help_ = "$if and $first say it; or give the lookup a name of its own in let"
                problem = Problem("E249", f"a lookup inside {word}", mapping=place, help=help_)
                found.setdefault(id(lookup), problem)
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Getattr) and call.node.attr == "get" and len(call.args) > 1:
            start, end = span_of(call.args[1])
            help_ = "write  .get('…')  alone, and $first for what to take instead"
            found[id(call)] = Problem(
                "E249", "a default that nobody counts", mapping=locate(start, end - start), help=help_
            )
    return list(found.values())


def _lookups(node: nodes.Node) -> Iterator[nodes.Filter]:
    for one in node.find_all(nodes.Filter):
        applied = one.args[0] if one.name == "map" and one.args else None
        if one.name == "lookup" or (isinstance(applied, nodes.Const) and applied.value == "lookup"):
            yield one
