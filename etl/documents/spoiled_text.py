"""A document → findings on texts that are a program's word for nothing ("None", "nan", "null")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from etl.documents.empties import Path
from etl.documents.outline import outline
from etl.documents.parts import Part
from etl.documents.values import shown
from etl.plugin import Finding

_NOTHING: Final = frozenset({"none", "nan", "null"})


def spoiled_texts(document: Part) -> Iterator[Finding]:
    """One note per such text. A receiving note reading "None" is in a published sample."""
    for path, text in _found(document, ()):
        yield Finding(
            "note",
            "E560",
            f"the text {shown(text)} looks like a missing value that became text",
            path,
            help="leave the field empty where the source has nothing",
        )


def _found(part: Part, path: Path) -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    values = part.__dict__
    for node in outline(type(part)):
        value = values[node.attribute]
        if value is None:
            continue
        if isinstance(value, tuple):
            for position, item in enumerate(value):
                found += _at(item, (*path, node.name, position))
        else:
            found += _at(value, (*path, node.name))
    return found


def _at(value: Any, path: Path) -> list[tuple[Path, str]]:
    if isinstance(value, str):
        return [(path, value)] if len(value) <= 4 and value.lower() in _NOTHING else []
    return _found(value, path) if isinstance(value, Part) else []
