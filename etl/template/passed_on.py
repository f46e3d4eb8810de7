"""A template → the texts that it says itself, the names whose values it hands on, and which member of them.

What a condition reads, or a table is looked up by, is not handed on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jinja2 import nodes


class PassedOn(NamedTuple):
    """`texts`: constants; `names`: of columns, of `let`, and `parameters`; `members`: what is asked of the
    names and of rows of tables.
    """

    texts: frozenset[str]
    names: frozenset[str]
    members: frozenset[str]


def passed_on(tree: nodes.Template) -> PassedOn:
    """Of a template as it was written."""
    found: dict[str, set[str]] = {"texts": set(), "names": set(), "members": set()}
    for kind, text in _walk(tree):
        found[kind].add(text)
    return PassedOn(**{kind: frozenset(texts) for kind, texts in found.items()})


def _walk(node: nodes.Node) -> Iterator[tuple[str, str]]:
    if isinstance(node, nodes.Const):
        yield "texts", str(node.value)
    elif isinstance(node, nodes.TemplateData):
        yield "texts", node.data.strip()
    elif isinstance(node, nodes.Name):
        yield "names", node.name
    elif isinstance(node, nodes.Getattr):
        yield "members", node.attr
        yield from _walk(node.node)
    elif isinstance(node, nodes.Getitem):
        yield from (("members", text) for _, text in _walk(node.arg))
        yield from _walk(node.node)
    elif isinstance(node, nodes.CondExpr):
        yield from _walk(node.expr1)
        if node.expr2 is not None:
            yield from _walk(node.expr2)
    elif isinstance(node, nodes.Filter) and node.name == "lookup":
        yield from (("members", text) for arg in node.args for _, text in _walk(arg))
    else:
        for child in node.iter_child_nodes():
            yield from _walk(child)
