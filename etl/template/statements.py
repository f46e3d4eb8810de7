"""Statements → which names have which type within them and afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from jinja2 import nodes

from etl.template.reading import Reading
from etl.template.types import TEXT, UNKNOWN, Type, join


def _if(reading: Reading, node: nodes.If) -> Type:
    """What a branch sets has afterwards the type that all branches give it."""
    branches = []
    for one in (node, *node.elif_):
        reading.logic(one.test)
        branches.append((reading.inner({}), one.body))
    branches.append((reading.inner({}), node.else_))
    for branch, body in branches:
        for part in body:
            branch.of(part)
    for name in {name for branch, _ in branches for name in branch.names}:
        found = [branch.names.get(name, UNKNOWN) for branch, _ in branches]
        reading.names[name] = found[0] if all(one == found[0] for one in found) else join(found)
    return TEXT


def _for(reading: Reading, node: nodes.For) -> Type:
    member = reading.members_of(node.iter, "for")
    names = {one.name: UNKNOWN for one in node.target.find_all(nodes.Name)} | {"loop": UNKNOWN}
    if isinstance(node.target, nodes.Name):
        names[node.target.name] = member
    inner = reading.inner(names)
    if node.test is not None:
        inner.logic(node.test)
    for part in node.body:
        inner.of(part)
    outer = reading.inner({})
    for part in node.else_:
        outer.of(part)
    return TEXT


def _assign(reading: Reading, node: nodes.Assign) -> Type:
    value = reading.of(node.node)
    for one in node.target.find_all(nodes.Name):
        reading.names[one.name] = UNKNOWN
    if isinstance(node.target, nodes.Name):
        reading.names[node.target.name] = value
    return TEXT


def _with(reading: Reading, node: nodes.With) -> Type:
    values = [reading.of(one) for one in node.values]
    inner = reading.inner(
        {
            target.name: value
            for target, value in zip(node.targets, values, strict=True)
            if isinstance(target, nodes.Name)
        }
    )
    for part in node.body:
        inner.of(part)
    return TEXT


STATEMENTS: Final[Mapping[type[nodes.Node], Callable[[Reading, Any], Type]]] = {
    nodes.If: _if,
    nodes.For: _for,
    nodes.Assign: _assign,
    nodes.With: _with,
}
