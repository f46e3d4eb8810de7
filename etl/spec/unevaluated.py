"""Sections of a mapping that are plain data → the templates that stand in them, where none is worked out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from etl.problems import Problem
from etl.spec.model import TEMPLATED
from etl.yaml_tree import Mapping, Node, Scalar, Sequence

_MARK = re.compile(r"\{\{|\{%")
_WORDS = frozenset(("description", "requires", "help", "ignore"))
"""Keys below which people write to people: they may speak of a template."""
_INSTEAD = {
    "source": "a path may be a pattern:  orders/*.csv ; inputs on the command line take its place",
    "sink": "write it plainly; another for one run is given on the command line:  --sink-option",
    "parameters": "a default is a plain text; a value that is worked out belongs in  let:",
    "lookups": "a cell is a plain text; what depends on the record belongs in  let:  or  fields:",
}


def has_template(text: str) -> bool:
    """Are there braces in it that would begin a template?"""
    return _MARK.search(text) is not None


def unevaluated(tree: Mapping) -> list[Problem]:
    """E109 for each template in a section where it would stay the text that is written."""
    problems = []
    for section, node in tree.items.items():
        for one in () if section in TEMPLATED else _templates_in(node, section):
            said = f'"{one.text}" is no template here: the braces would stay as they are'
            places = f"templates stand in {', '.join(sorted(TEMPLATED))}"
            place = one.place(len(one.text))
            problems.append(Problem("E109", said, mapping=place, help=_INSTEAD.get(section, places)))
    return problems


def _templates_in(node: Node, key: str) -> Iterator[Scalar]:
    if key in _WORDS:
        return
    if isinstance(node, Scalar):
        if has_template(node.text):
            yield node
    elif isinstance(node, Sequence):
        for child in node.items:
            yield from _templates_in(child, "")
    elif isinstance(node, Mapping):
        for name, child in node.items.items():
            yield from _templates_in(child, name)
