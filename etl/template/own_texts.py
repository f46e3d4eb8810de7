"""A template → the texts that its author wrote, and those of them that something is compared with."""

from __future__ import annotations

from typing import NamedTuple

from jinja2 import nodes


class OwnTexts(NamedTuple):
    """`written`: all, also patterns and what is replaced; `compared`: operands of `in`, `==` and the like."""

    written: frozenset[str]
    compared: frozenset[str]


def own_texts(tree: nodes.Template) -> OwnTexts:
    """Of a template as it was written."""
    compared = (one for node in tree.find_all(nodes.Compare) for one in _texts(node))
    return OwnTexts(frozenset(_texts(tree)), frozenset(compared))


def _texts(node: nodes.Node) -> list[str]:
    return [one.value for one in node.find_all(nodes.Const) if isinstance(one.value, str)]
