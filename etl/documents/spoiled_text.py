"""A document → findings on texts that are not what was meant: a program's word for nothing ("None", "nan",
"null"), letters that were lost, a spreadsheet's apostrophe.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from etl.documents.damaged_text import damage
from etl.documents.empties import Path
from etl.documents.outline import Node, outline
from etl.documents.parts import Part
from etl.documents.values import shown
from etl.plugin import Finding

_APOSTROPHES: Final = ("'", "\u2019", "\u00b4", "`")
_NOTHING: Final = frozenset({"none", "nan", "null"})


def spoiled_texts(document: Part) -> Iterator[Finding]:
    """One per such text: a note, but where it names something somebody has to look at it. A receiving note
    reading "None" is in a published sample.
    """
    return iter(_found(document, ()))


def _spoiled(text: str, path: Path, names: bool) -> Iterator[Finding]:
    if len(text) <= 4 and text.lower() in _NOTHING:
        told = f"the text {shown(text)} looks like a missing value that became text"
        help_ = "leave the field empty where the source has nothing"
        yield Finding("note", "E560", told, path, help=help_)
    if told := damage(text):
        help_ = "see what the vendor meant, and have the file sent anew: it was damaged before it came"
        yield Finding("held" if names else "note", "E424", told, path, help=help_)
    if names and text.startswith(_APOSTROPHES):
        told = f"{shown(text)} begins with the apostrophe by which spreadsheets mark a text"
        help_ = f'leave it out in the mapping:  {{{{ ….removeprefix("{text[0]}") }}}}'
        yield Finding("held", "E425", told, path, help=help_)


def _names(node: Node) -> bool:
    return node.leaf is not None and (node.leaf.names or node.leaf.kind == "code")


def _found(part: Part, path: Path) -> list[Finding]:
    found: list[Finding] = []
    values = part.__dict__
    for node in outline(type(part)):
        value = values[node.attribute]
        if value is None:
            continue
        if isinstance(value, tuple):
            for position, item in enumerate(value):
                found += _at(item, (*path, node.name, position), node)
        else:
            found += _at(value, (*path, node.name), node)
    return found


def _at(value: Any, path: Path, node: Node) -> Iterable[Finding]:
    if isinstance(value, str):
        return _spoiled(value, path, _names(node))
    return _found(value, path) if isinstance(value, Part) else []
