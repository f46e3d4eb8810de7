"""A template's syntax tree → what it reads: `places[0].library`, `spot.copies`, `price`.

Written down before the tree is rewritten. By them a value is followed to where it came from.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

from jinja2 import nodes

from etl.template.sources_read import Called

EVERY = "*"
"""In a path: each member of a list."""
_ONE = ("first", "last", "random", "min", "max")
_SOME = ("list", "select", "reject", "selectattr", "rejectattr", "sort", "unique", "reverse")
_MEMBERS = ("items", "values", "get")
"""Methods of groups that give what is in them."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A name, and the way from it to what is read: members of groups, places in lists, `EVERY`, and what
    another name calls.
    """

    name: str
    path: tuple[str | int | Called, ...] = ()

    def then(self, *more: str | int | Called) -> Reference:
        return replace(self, path=(*self.path, *more))


@dataclass(frozen=True, slots=True)
class Reads:
    """What a template reads. `alone`: one reference and nothing else, so its value has the same parts."""

    references: tuple[Reference, ...]
    alone: bool


def reads_of(tree: nodes.Template, names: Container[str]) -> Reads:
    """What the template reads of these names, each once, in the order of the text."""
    read = (one for child in tree.body for one in _in(child))
    found = tuple(dict.fromkeys(one for one in read if one.name in names))
    output = tree.body[0].nodes if len(tree.body) == 1 and isinstance(tree.body[0], nodes.Output) else []
    plain = len(output) == 1 and isinstance(output[0], nodes.Name | nodes.Getattr | nodes.Getitem)
    return Reads(found, plain and len(found) == 1 and EVERY not in found[0].path)


def _in(node: nodes.Node) -> Iterator[Reference]:
    whole = _place(node)
    if whole is not None:
        yield whole
        yield from _beside(node)
        return
    if isinstance(node, nodes.Call):  # a method reads what it belongs to; `range` is a word of the language
        base = node.node.node if isinstance(node.node, nodes.Getattr) else None
        for part in (*([base] if base else []), *node.args, *node.kwargs):
            yield from _in(part)
        return
    for child in node.iter_child_nodes():
        yield from _in(child)


def _place(node: nodes.Node) -> Reference | None:
    """What the expression itself stands for, if it is a part of what has a name."""
    if isinstance(node, nodes.Name):
        return Reference(node.name) if node.ctx == "load" else None
    if isinstance(node, nodes.Getattr):
        base = _place(node.node)
        return base.then(node.attr) if base else None
    if isinstance(node, nodes.Getitem):
        return _member(_place(node.node), node)
    if isinstance(node, nodes.Call):
        got = isinstance(node.node, nodes.Getattr) and node.node.attr in _MEMBERS
        base = _place(node.node.node) if got else None  # type: ignore[attr-defined]
        arg = node.args[0] if node.args else None
        return base.then(arg.value) if base and isinstance(arg, nodes.Const) else base
    return _filtered(node) if isinstance(node, nodes.Filter) and node.node is not None else None


def _member(base: Reference | None, node: nodes.Getitem) -> Reference | None:
    if base is None or isinstance(node.arg, nodes.Slice):
        return base
    arg = node.arg
    if not isinstance(node.node, nodes.Filter):  # else its members are no longer where they were
        if isinstance(arg, nodes.Const):
            return base.then(arg.value)
        if isinstance(arg, nodes.Neg) and isinstance(arg.node, nodes.Const):
            return base.then(-arg.node.value)
        if isinstance(arg, nodes.Name):
            return base.then(Called(arg.name))
    return base if EVERY in base.path[-2:] else base.then(EVERY)


def _filtered(node: nodes.Filter) -> Reference | None:
    base = _place(node.node) if node.node else None
    if base is None or node.name in _SOME:
        return base
    if node.name in _ONE:
        return base if EVERY in base.path else base.then(EVERY)
    named = [pair.value for pair in node.kwargs if pair.key == "attribute"]
    if node.name == "map" and named and isinstance(named[0], nodes.Const) and isinstance(named[0].value, str):
        parts = [int(part) if part.isdigit() else part for part in named[0].value.split(".")]
        return base.then(EVERY, *parts)
    return None


def _beside(node: nodes.Node) -> Iterator[Reference]:
    """What is read to find the part: arguments of filters, computed places in lists."""
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        yield from _beside(node.node)
        if isinstance(node, nodes.Getitem):
            yield from _in(node.arg)
    elif isinstance(node, nodes.Call):
        yield from _beside(node.node)
        for part in node.args:
            yield from _in(part)
    elif isinstance(node, nodes.Filter):
        if node.node is not None:
            yield from _beside(node.node)
        for argument in (*node.args, *node.kwargs):
            yield from _in(argument)
