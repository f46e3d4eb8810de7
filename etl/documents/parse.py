"""Payload bytes, JSON or XML → a document, or everything that is wrong with them.

Takes what Alma writes and its documentation shows as well as our own payloads: `link` and `desc`
(ignored by Alma on input), numbers and booleans given as text, empty strings, the empty fund entry of
responses without funds. What Alma's JSON reader refuses is a fault: a code without its object, as mappings
write it, and what is empty in another shape. So are other fields that Alma fills, but in a body that it has
`returned`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from etl.documents.build import build
from etl.documents.empties import Path, prune
from etl.documents.money import sent_amount
from etl.documents.outline import Node, names
from etl.documents.parse_json import read_json
from etl.documents.parse_xml import read_xml
from etl.documents.parts import Part
from etl.documents.values import shown
from etl.plugin import Fault

Document = TypeVar("Document", bound=Part)

_BEFORE_MARKUP = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"  # byte order marks, blanks, the zeros of UTF-16


def parse(
    model: type[Document], root: str, payload: bytes, *, returned: bool = False
) -> Document | list[Fault]:
    """Read `payload` as a document of `model`; `root` is the name of the XML root element. What Alma fills is
    left out of a body that it has `returned`.
    """
    is_xml = payload.lstrip(_BEFORE_MARKUP).startswith(b"<")
    values = read_xml(payload, model, root) if is_xml else read_json(payload)
    if isinstance(values, list):
        return values
    known = names(model)
    unread = [] if is_xml else list(_unreadable(values, known, ()))
    if returned:
        values = _without_filled(values, known)
    document = build(model, _without_decoration(values))
    if not unread:
        return document
    return [*unread, *(document if isinstance(document, list) else ())]


def _unreadable(value: Any, known: Mapping[str, Node], path: Path) -> Iterator[Fault]:
    """What Alma would not read, and validation does not see: codes without `{"value": …}` around them, and
    what is empty in another shape, which is left out before.
    """
    for name, given in value.items() if isinstance(value, Mapping) else ():
        node, here = known.get(name), (*path, name)
        if node is None or given is None or (node.leaf and node.leaf.output_only):
            continue
        shape = _shape(node)
        yield from _misplaced(name, given, shape, here)
        if shape != "list":
            yield from _unreadable(given, node.by_name, here)
            continue
        for at, one in enumerate(given if isinstance(given, list) else ()):
            if not node.members:
                yield from _misplaced(name, one, "plain", (*here, at))
            yield from _unreadable(one, node.by_name, (*here, at))


def _misplaced(name: str, given: Any, shape: str, path: Path) -> Iterator[Fault]:
    if isinstance(given, _SHAPES[shape][0]):
        return
    if shape == "code" and not isinstance(given, Mapping | list) and given != "":
        said = f"{shown(name)} is a code, and Alma takes it in an object of its own only"
        yield Fault(path, "E570", said, f'write  "{name}": {{"value": {shown(given)}}}')
    elif not prune({name: given}).values:
        said = f"{shown(name)} is empty, and not of its shape: {_SHAPES[shape][1]} belongs there"
        yield Fault(path, "E503", said, "leave it out")


_SHAPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "list": ((list,), "a list"),
    "object": ((dict,), "an object"),
    "code": ((dict,), 'an object with a "value"'),
    "plain": ((str, int, Decimal), "plain text"),
}


def _shape(node: Node) -> str:
    if node.form == "list":
        return "list"
    if node.leaf is None:
        return "object"
    return "code" if node.leaf.wrapped else "plain"


def _without_filled(value: Any, known: Mapping[str, Node]) -> Any:
    """Without the members that are Alma's to fill, at any depth."""
    if isinstance(value, list):
        return [_without_filled(one, known) for one in value]
    if not isinstance(value, Mapping):
        return value
    kept = {}
    for name, given in value.items():
        node = known.get(name)
        if node is None or not (node.leaf and node.leaf.output_only):
            kept[name] = _without_filled(given, node.by_name) if node and node.members else given
    return kept


def _without_decoration(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without `link` and `desc` at any depth, and without `portfolios` that holds none."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if name in ("link", "desc"):
            continue
        if name == "portfolios" and isinstance(value, Mapping) and not value.get("portfolio"):
            continue  # {"portfolio": [], "total_record_count": 0} in every response
        kept[name] = _plain(value)
    return kept


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _without_decoration(sent_amount(value))
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
