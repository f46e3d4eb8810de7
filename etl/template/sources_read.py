"""A part of a template → the names it reads, and which member of each: where a value comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jinja2 import nodes


class Called(NamedTuple):
    """The member whose name is the value of this name: in `row[branch]` the one that `branch` says."""

    by: str


Member = str | Called | None
SourcesRead = frozenset[tuple[str, Member]]
"""Names, each with the member that is asked of it first: `row['pris']` reads (`row`, `pris`), `pris` reads
(`pris`, None), `rows | map(attribute='pris')` reads (`rows`, `pris`), `row.get('pris')` (`row`, `pris`).
`row[branch]` reads (`row`, Called).
"""


def sources_of(node: nodes.Node) -> SourcesRead:
    """What a part of a template reads, before it is rewritten or after."""
    return frozenset(_walk(node, None))


def made_in(tree: nodes.Template) -> Iterator[tuple[str, SourcesRead]]:
    """The names that statements of a template make (`{% for %}`, `{% set %}`), and what each is made of."""
    made = [(loop.target, loop.iter) for loop in tree.find_all(nodes.For)]
    made += [(assigned.target, assigned.node) for assigned in tree.find_all(nodes.Assign)]
    for target, value in made:
        if isinstance(target, nodes.Name):
            yield target.name, sources_of(value)


def _walk(node: nodes.Node, member: Member) -> Iterator[tuple[str, Member]]:
    if isinstance(node, nodes.Name):
        yield node.name, member
        return
    below: nodes.Node | None = None
    if isinstance(node, nodes.Getattr):
        below, member = node.node, node.attr
    elif isinstance(node, nodes.Getitem):
        below = node.node
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            member = node.arg.value
        elif isinstance(node.arg, nodes.Name):
            member = Called(node.arg.name)
    elif isinstance(node, nodes.Filter):
        below, member = node.node, _attribute(node) or member
    elif isinstance(node, nodes.Call) and (asked := _asked(node)) is not None:
        below, member = asked
    if below is not None:
        yield from _walk(below, member)
    for child in node.iter_child_nodes():
        if child is not below:
            yield from _walk(child, None)


def _asked(node: nodes.Call) -> tuple[nodes.Node, str] | None:
    """The group, and the member of it that `.get('x')` asks for."""
    of, asked = node.node, node.args[0] if node.args else None
    if isinstance(of, nodes.Getattr) and of.attr == "get" and isinstance(asked, nodes.Const):
        return of.node, str(asked.value)
    return None


def _attribute(node: nodes.Filter) -> str | None:
    """The member that `map(attribute='x')` and its like ask of each."""
    for pair in node.kwargs:
        if pair.key == "attribute" and isinstance(pair.value, nodes.Const):
            return str(pair.value.value).partition(".")[0]
    return None
